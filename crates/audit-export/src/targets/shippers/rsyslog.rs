//! rsyslog. Sources: its documentation, "imfile", "mmjsonparse", "omfwd", "Global configuration objects", "Queues in rsyslog" and "RainerScript
//! control structures" (`foreach`, `unset`); tested with rsyslog 8.2302.
//!
//! It is a separate instance next to the system's: the maximum size of a message and the case of names are settings of a whole instance. Its queue is
//! larger than the 1024 lines that imfile submits at once: they would never fit into a smaller one, and nothing more would arrive.

use apiserver_config::Settings;

use super::{RECEIVER, is_json, log_path, longest_line, pattern, quoted};
use crate::document::{Document, File};
use crate::target::Target;

const CONFIG_PATH: &str = "/etc/rsyslog-kube-audit.conf";
const STATE: &str = "/var/lib/rsyslog-kube-audit";

/// Parses only lines that contain managedFields. A line with an escaped NUL stays unchanged: rsyslog would truncate the string that contains it.
const TRIM: &str = r#"  if $rawmsg contains '"managedFields"' and not ($rawmsg contains '\\u0000') then {
    action(type="mmjsonparse" cookie="")
    if $parsesuccess == "OK" then {
      unset $!requestObject!metadata!managedFields;
      unset $!responseObject!metadata!managedFields;
      set $.line = exec_template("event");
    }
  }
"#;

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Rsyslog, "rsyslog-kube-audit.conf", text(settings));
    document.note = "rsyslog on every control-plane node reads the log, drops managedFields of the object itself and sends one line of JSON per event over TCP. It follows \
                     a rename and reads the old file to its end; a file that is renamed while rsyslog is stopped is not read. managedFields of list items are kept: \
                     rsyslog's language cannot change list items."
        .to_owned();
    document.files = vec![File {
        path: "/etc/systemd/system/rsyslog-kube-audit.service".to_owned(),
        text: format!(
            "[Unit]\nDescription=Ships the audit log of kube-apiserver\nAfter=network-online.target\nWants=network-online.target\n\n[Service]\n\
             ExecStart=/usr/sbin/rsyslogd -n -f {CONFIG_PATH} -i NONE\nStateDirectory=rsyslog-kube-audit\nRestart=on-failure\n\n[Install]\n\
             WantedBy=multi-user.target\n"
        ),
        mode: "0644",
    }];
    document.steps = steps(settings);
    document.verify = super::verify(settings);
    document.verify.push(
        "`journalctl -u rsyslog-kube-audit` contains no repeated `cannot connect` and no `message too long`.".to_owned(),
    );
    document.undo = vec![format!(
        "`systemctl disable --now rsyslog-kube-audit`, then delete the two files and `{STATE}`: without the state files, rsyslog reads the log from the beginning at its next start."
    )];
    document
}

fn steps(settings: &Settings) -> Vec<String> {
    let mut own = vec![
        format!(
            "Save this as `{CONFIG_PATH}`, and the unit at its path. `rsyslogd -N1 -f {CONFIG_PATH}` only checks it; \
             `systemctl enable --now rsyslog-kube-audit` starts it. If AppArmor or SELinux confines rsyslog, allow these paths and the log's directory."
        ),
        "Plain TCP is not encrypted and can lose data in transit when the connection breaks: `StreamDriver=\"ossl\" StreamDriverMode=\"1\"` enables TLS, and \
         `omrelp` instead of `omfwd` acknowledges each message. Both are separate packages."
            .to_owned(),
        format!(
            "Lines of up to {} bytes are read whole; a longer one arrives in several parts. After a crash, the last 100 lines may be sent twice: identify events by `auditID` and `stage`.",
            longest_line(settings)
        ),
        "While the receiver is unavailable, lines wait in the queue, on the disk and in the log. Stopping rsyslog then loses the one or two lines that it is trying to send."
            .to_owned(),
    ];
    if is_json(settings) {
        own.push(
            "A line without managedFields, with an escaped NUL, or with JSON nested deeper than 32 levels is sent unchanged."
                .to_owned(),
        );
    }
    super::steps(settings, &own)
        .into_iter()
        .map(|step| step.replace(", `THE-TOKEN` with its token", ""))
        .collect()
}

fn text(settings: &Settings) -> String {
    let json = is_json(settings);
    let (module, template, trim) = if json {
        (
            "module(load=\"mmjsonparse\")\n",
            "template(name=\"event\" type=\"list\") { property(name=\"$!all-json-plain\") }\n",
            TRIM,
        )
    } else {
        ("", "", "")
    };
    let truncated = if super::logrotate::is_needed(settings) {
        "  reopenOnTruncate=\"on\"\n"
    } else {
        ""
    };
    format!(
        "global(\n  workDirectory=\"{STATE}\"\n  maxMessageSize=\"{longest}\"\n  variables.caseSensitive=\"on\"\n)\nmodule(load=\"imfile\")\n{module}\
         main_queue(queue.type=\"LinkedList\" queue.size=\"5000\" queue.filename=\"kube-audit\" queue.saveOnShutdown=\"on\")\n\
         {template}template(name=\"line\" type=\"list\") {{ property(name=\"$.line\") }}\n\nruleset(name=\"kube-audit\") {{\n  set $.line = $rawmsg;\n\
         {trim}  action(type=\"omfwd\" target=\"{RECEIVER}\" port=\"6514\" protocol=\"tcp\" template=\"line\" action.resumeRetryCount=\"-1\" action.resumeInterval=\"5\")\n}}\n\n\
         input(\n  type=\"imfile\"\n  file={file}\n  tag=\"kube-audit\"\n  ruleset=\"kube-audit\"\n  addMetadata=\"off\"\n  persistStateInterval=\"100\"\n{truncated})\n",
        longest = longest_line(settings),
        file = quoted(&pattern(&log_path(settings)), "\"\\"),
    )
}
