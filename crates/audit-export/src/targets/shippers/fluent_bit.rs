//! Fluent Bit. Sources: its manual, "Tail", "Lua", "Parser" (filter), "HTTP" (output), "Buffering and storage" and the YAML pages "Service" and
//! "Parsers"; for rotation `plugins/in_tail/tail_db.c` and `tail_file.c`, for what a Lua table loses `src/flb_lua.c`.
//!
//! The path is one file. A pattern that also matches rotated files would read them twice: the database removes a file that was rotated
//! and is no longer watched.

use apiserver_config::Settings;
use audit_text::quote::yaml;

use super::{RECEIVER, TOKEN, is_json, log_path, longest_line, pattern};
use crate::document::{Document, File};
use crate::target::Target;

/// The script of the filter.
const SCRIPT: &str = include_str!("managed-fields.lua");
const SCRIPT_PATH: &str = "/etc/fluent-bit/kube-audit.lua";

/// Parses the line into a record; a line that is not JSON stays under `log`.
const EVENT: &str = r#"    - name: parser
      match: kube.audit
      key_name: log
      parser: kube-audit
"#;

const PARSER: &str = r#"parsers:
  - name: kube-audit
    format: json
    time_key: stageTimestamp
    time_format: "%Y-%m-%dT%H:%M:%S.%L%z"
    time_keep: on
"#;

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::FluentBit, "fluent-bit-audit.yaml", text(settings));
    document.note = "Fluent Bit (3.2 or newer) on every control-plane node reads the log, drops managedFields and sends events as lines of JSON over HTTPS. It \
                     stores its position in a database by inode, and reads a renamed file for ten more minutes. Files that are renamed while Fluent Bit \
                     is stopped, and lines still unread after that time, are lost."
        .to_owned();
    document.steps = steps(settings);
    document.verify = super::verify(settings);
    document.verify.push(
        "Fluent Bit's own log contains no `requires a larger buffer size` (a line was skipped) and no `purged` with pending bytes (a renamed file was not read to its end)."
            .to_owned(),
    );
    document.undo = vec![
        "Stop Fluent Bit and delete its files, including `/var/lib/fluent-bit`: without the database, it reads the log from the beginning at its next start.".to_owned(),
    ];
    if is_json(settings) {
        document.files.push(File {
            path: SCRIPT_PATH.to_owned(),
            text: SCRIPT.to_owned(),
            mode: "0644",
        });
    }
    document
}

fn steps(settings: &Settings) -> Vec<String> {
    let mut own = Vec::new();
    if is_json(settings) {
        own.push(format!("Save the script as `{SCRIPT_PATH}`. It edits the line as text before the JSON is parsed: a Lua table would turn empty lists into maps and drop nulls."));
    }
    own.push("Save this as `/etc/fluent-bit/fluent-bit-audit.yaml`, create the directory `/var/lib/fluent-bit`, and start `fluent-bit -c /etc/fluent-bit/fluent-bit-audit.yaml`; \
              `--dry-run` only checks it."
        .to_owned());
    own.push(format!(
        "Lines of up to {} bytes are read; a longer one is skipped and reported in Fluent Bit's own log. Failed deliveries are retried without limit, from the disk.",
        longest_line(settings)
    ));
    super::steps(settings, &own)
}

fn text(settings: &Settings) -> String {
    let json = is_json(settings);
    let parser = if json { PARSER } else { "" };
    let filters = if json {
        format!(
            "  filters:\n    - name: lua\n      match: kube.audit\n      script: {SCRIPT_PATH}\n      call: drop_managed_fields\n{EVENT}"
        )
    } else {
        String::new()
    };
    format!(
        "service:\n  flush: 1\n  log_level: info\n  storage.path: /var/lib/fluent-bit/storage\n{parser}pipeline:\n  inputs:\n    - name: tail\n      \
         tag: kube.audit\n      path: {path}\n      db: /var/lib/fluent-bit/kube-audit.db\n      read_from_head: true\n      rotate_wait: 600\n      \
         refresh_interval: 5\n      buffer_chunk_size: 1000000\n      buffer_max_size: {longest}\n      skip_long_lines: on\n      storage.type: filesystem\n\
         {filters}  outputs:\n    - name: http\n      match: kube.audit\n      host: {RECEIVER}\n      port: 443\n      uri: /audit\n      \
         format: json_lines\n      json_date_key: \"false\"\n      header:\n        - Authorization Bearer {TOKEN}\n      tls: on\n      tls.verify: on\n      \
         retry_limit: no_limits\n",
        path = yaml(&pattern(&log_path(settings))),
        longest = longest_line(settings),
    )
}
