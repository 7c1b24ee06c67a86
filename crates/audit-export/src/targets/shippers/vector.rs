//! Vector. Sources: its reference, "File" (source), "Remap" (transform), "HTTP" (sink), "Buffering" and the VRL reference; for the meaning of the
//! file source's options, `src/sources/file.rs`.
//!
//! The paths match rotated files too, and files are identified by a checksum of their first line, which contains an audit ID and a time: a renamed
//! file is not read again, and a new file with the inode of an old one is a new file.

use std::fmt::Write;

use apiserver_config::Settings;
use audit_text::quote::yaml;

use super::{RECEIVER, TIME, TOKEN, is_json, log_path, longest_line, rotated};
use crate::document::Document;
use crate::target::Target;

/// Program of the transform.
const PROGRAM: &str = include_str!("managed-fields.vrl");

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Vector, "vector-audit.yaml", text(settings));
    document.note = "Vector (0.35 or newer) on every control-plane node reads the log, drops managedFields and sends events as lines of JSON over HTTPS. It identifies \
                     a file by its first line, so a renamed file is read to its end, even after a restart, and never twice."
        .to_owned();
    document.steps = super::steps(
        settings,
        &[
            "Save this as `/etc/vector/vector-audit.yaml`, create the directory `/var/lib/vector`, and start `vector --config /etc/vector/vector-audit.yaml`; \
             `vector validate --no-environment` only checks it. The first start also reads rotated files that are not compressed."
                .to_owned(),
            format!(
                "Lines of up to {} bytes are read; a longer one is dropped, with a warning in Vector's own log and in its metric `component_discarded_events_total`. \
                 A line that the program cannot parse is sent unchanged, under `message`. While the receiver is unavailable, events wait on the disk and then in the log.",
                longest_line(settings)
            ),
        ],
    );
    if is_json(settings) {
        document.steps.push(
            "Each event gets a `timestamp`, the time of its stage, which other sinks of Vector use; its own two times are kept.".to_owned(),
        );
    }
    document.verify = super::verify(settings);
    document.verify.push(
        "`component_discarded_events_total` of the source stays 0, and no event arrives with a key `message` (a line that is not JSON).".to_owned(),
    );
    document.undo = vec![
        "Stop Vector and delete its files, including `/var/lib/vector`: without the checkpoints, it reads the log from the beginning at its next start.".to_owned(),
    ];
    document
}

fn text(settings: &Settings) -> String {
    let path = log_path(settings);
    let (head, tail) = rotated(&path);
    let mut out = format!(
        "data_dir: /var/lib/vector\nsources:\n  kube_audit:\n    type: file\n    include:\n      - {}\n      - {}\n    exclude:\n      - {}\n    \
         read_from: beginning\n    oldest_first: true\n    fingerprint:\n      strategy: checksum\n    max_line_bytes: {}\n    max_read_bytes: 1048576\n    \
         rotate_wait_secs: 600\n",
        quoted(&pattern(&path)),
        quoted(&format!("{}{TIME}{}", pattern(head), pattern(tail))),
        quoted(&format!("{}{TIME}.gz", pattern(head))),
        longest_line(settings),
    );
    let mut inputs = "[kube_audit]";
    if is_json(settings) {
        inputs = "[kube_audit_event, kube_audit_event.dropped]";
        out.push_str(
            "transforms:\n  kube_audit_event:\n    type: remap\n    inputs: [kube_audit]\n    drop_on_error: true\n    reroute_dropped: true\n    source: |\n",
        );
        for line in PROGRAM.lines() {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "      {line}");
        }
    }
    let codec = if is_json(settings) { "json" } else { "text" };
    let _ = write!(
        out,
        "sinks:\n  receiver:\n    type: http\n    inputs: {inputs}\n    uri: https://{RECEIVER}/audit\n    method: post\n    auth:\n      strategy: bearer\n      \
         token: {TOKEN}\n    encoding:\n      codec: {codec}\n    framing:\n      method: newline_delimited\n    acknowledgements:\n      enabled: true\n    \
         buffer:\n      type: disk\n      max_size: 1073741824\n      when_full: block\n"
    );
    out
}

/// Escapes a text for a glob pattern, with brackets.
fn pattern(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if "*?[".contains(character) {
            out.extend(['[', character, ']']);
        } else {
            out.push(character);
        }
    }
    out
}

/// Returns a YAML scalar in which `$` does not start a variable.
fn quoted(text: &str) -> String {
    yaml(&text.replace('$', "$$"))
}
