//! rsyslog. Sources: its documentation, "imfile", "mmjsonparse", "omfwd", "Global configuration objects", "Queues in rsyslog" and "RainerScript
//! control structures" (`foreach`, `unset`); what it does was tried with rsyslog 8.2302.
//!
//! It is an instance of its own beside the system's: the size of a message and the case of names are settings of a whole instance. Its queue holds
//! more than the 1024 lines that imfile hands over at once: into a smaller one they never fit, and nothing more arrives.

use super::{RECEIVER, is_json, log_path, longest_line, pattern, quoted};
use crate::document::{Document, File};
use crate::target::Target;
use apiserver_config::Settings;

const CONFIG_PATH: &str = "/etc/rsyslog-kube-audit.conf";
const STATE: &str = "/var/lib/rsyslog-kube-audit";

/// Reads as JSON only what holds managedFields. A line with an escaped NUL is left alone: rsyslog would cut the text that holds it.
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
    document.note = "rsyslog on every control-plane node reads the log, drops managedFields of the object itself and sends a line of JSON an event over TCP. It follows \
                     a rename and reads the old file to its end; what was renamed while rsyslog was stopped is not read. managedFields of list items stay: \
                     rsyslog's language cannot change an item of a list."
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
        "`journalctl -u rsyslog-kube-audit` has no `cannot connect` that stays and no `message too long`.".to_owned(),
    );
    document.undo = vec![format!(
        "`systemctl disable --now rsyslog-kube-audit`, then remove the two files and `{STATE}`: with the state files gone, a new start reads the log from its beginning."
    )];
    document
}

fn steps(settings: &Settings) -> Vec<String> {
    let mut own = vec![
        format!(
            "Save this as `{CONFIG_PATH}` and the unit as its path says. `rsyslogd -N1 -f {CONFIG_PATH}` only checks it; \
             `systemctl enable --now rsyslog-kube-audit` starts it. Where AppArmor or SELinux confines rsyslog, allow it these paths and the log's directory."
        ),
        "Plain TCP can lose what was on its way when the connection breaks, and is not encrypted: `StreamDriver=\"ossl\" StreamDriverMode=\"1\"` is TLS, and \
         `omrelp` in place of `omfwd` confirms each message. Both are packages of their own."
            .to_owned(),
        format!(
            "Lines of up to {} bytes are read whole; a longer one arrives in pieces. A crash may send the last 100 lines twice: an event is known by its `auditID` and `stage`.",
            longest_line(settings)
        ),
        "While the receiver is away, lines wait in the queue, on the disk and in the log. To stop rsyslog then loses the one or two lines that it is trying to send."
            .to_owned(),
    ];
    if is_json(settings) {
        own.push(
            "A line in which rsyslog finds no managedFields, an escaped NUL, or JSON nested deeper than 32 levels, is sent byte for byte as the server wrote it."
                .to_owned(),
        );
    }
    super::steps(settings, &own)
        .into_iter()
        .map(|step| step.replace(", `THE-TOKEN` with what it asks for", ""))
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
    let truncated = if super::logrotate::is_wanted(settings) {
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
