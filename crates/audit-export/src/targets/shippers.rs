//! Parts that all log shippers share: the file to read, the maximum length of a line, and instructions about rotation.
//!
//! Sources: the log backend of kube-apiserver (`getWriter` and `ensureLogFile` in its options) and lumberjack's `lumberjack.go`. The server
//! rotates by renaming: `audit.log` becomes `audit-<time>.log` in the same directory, is compressed afterwards if that is configured, and readers are not
//! notified. Lumberjack rejects a line that is longer than the size at which it rotates.

pub(crate) mod fluent_bit;
pub(crate) mod fluentd;
pub(crate) mod logrotate;
pub(crate) mod rsyslog;
pub(crate) mod vector;

use apiserver_config::{Format, LogBackend, Settings};
use audit_text::quote;

use crate::guide::{self, one_line};

/// Placeholder for the receiver's host name.
const RECEIVER: &str = "LOG-RECEIVER";
/// Placeholder for the receiver's token.
const TOKEN: &str = "THE-TOKEN";

/// Maximum length of a line in MiB if the settings do not limit it: the default size at which the server rotates.
const MAX_LINE_MB: i64 = 100;

/// Step about placeholders and encryption.
const REPLACE: &str = "Replace the placeholders in capitals: `LOG-RECEIVER` with the receiver's host name, `THE-TOKEN` with its token. Events contain names, addresses \
                       and, from level Request on, bodies: use TLS.";

/// Step about dropping managed fields in the policy instead.
const OMIT_IN_POLICY: &str = "Instead of dropping managedFields here, set `omitManagedFields: true` in the policy (since 1.23): it keeps them out of the log, including those of list \
                             items.";

/// Step about permissions.
const PERMISSIONS: &str = "Only root can read the log and its directory: run the shipper as root, or give it the capability CAP_DAC_READ_SEARCH. In a pod, \
                      mount the directory, not the file: a mounted file does not follow rotation.";

/// Returns the path of the log, or the default path if the settings have none.
pub(crate) fn log_path(settings: &Settings) -> String {
    if settings.log.is_enabled() && !settings.log.is_stdout() {
        settings.log.path.clone()
    } else {
        LogBackend::default().path
    }
}

/// Returns the step to take if no log file is written. `None` if there is one.
fn without_file(settings: &Settings) -> Option<String> {
    let why = if settings.log.is_stdout() {
        "The settings write events to the server's standard output"
    } else if !settings.log.is_enabled() {
        "The settings write no log"
    } else {
        return None;
    };
    Some(format!(
        "{why}, so this configuration reads the default path, which does not exist. Set `--audit-log-path` to a file, or collect the container's log, \
         `/var/log/containers/kube-apiserver-*.log`: in it, the runtime wraps each line and splits it into chunks of 16 KiB, and there are other messages \
         in between."
    ))
}

/// Returns whether lines are JSON events.
fn is_json(settings: &Settings) -> bool {
    settings.log.format == Format::Json
}

/// Returns the step about the legacy format. `None` for JSON.
fn legacy(settings: &Settings) -> Option<String> {
    (!is_json(settings)).then(|| {
        "The legacy format is not JSON: lines are shipped unchanged. They contain no bodies, so there are no managedFields to drop.".to_owned()
    })
}

/// Returns the maximum length of a line in bytes, including its line end.
fn longest_line(settings: &Settings) -> i64 {
    let log = &settings.log;
    let rotates = log.rotates_at_mb(settings.version).unwrap_or(MAX_LINE_MB);
    let whole = rotates.clamp(1, MAX_LINE_MB * 10).saturating_mul(1_048_576);
    if log.truncate.enabled {
        log.truncate.max_event_size.clamp(4_096, whole.max(4_096))
    } else {
        whole
    }
}

/// Returns the parts of a rotated file's name before and after the time.
fn rotated(path: &str) -> (&str, &str) {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    match path.rfind('.') {
        Some(dot) if dot >= name => path.split_at(dot),
        _ => (path, ""),
    }
}

/// Glob pattern for the time in the name of a rotated file.
const TIME: &str = "-????-??-??T*";

/// Escapes a text for a glob pattern, with backslashes.
fn pattern(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if "*?[]{}\\".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// Returns a string in double quotes on one line, with a backslash before the given characters.
fn quoted(text: &str, escaped: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => {
                if escaped.contains(character) {
                    out.push('\\');
                }
                out.push(character);
            }
        }
    }
    out.push('"');
    out
}

/// Returns the steps of a shipper: general ones first, then its own.
fn steps(settings: &Settings, own: &[String]) -> Vec<String> {
    let mut steps: Vec<String> = without_file(settings).into_iter().collect();
    steps.extend(legacy(settings));
    steps.push(REPLACE.to_owned());
    steps.push(PERMISSIONS.to_owned());
    steps.extend_from_slice(own);
    if is_json(settings) {
        steps.push(OMIT_IN_POLICY.to_owned());
    }
    steps
}

/// Returns the steps that verify that lines arrive, and that none is lost in a rotation.
fn verify(settings: &Settings) -> Vec<String> {
    let mut verify = guide::metrics();
    verify.push(
        "`kubectl create configmap shipped --dry-run=server --from-literal=a=b` creates an event, whose `auditID` appears at the receiver.".to_owned(),
    );
    verify.push(format!(
        "After a rotation, the receiver has as many events of a time span as the files: `sudo cat {} | wc -l` counts those of the current file.",
        quote::shell(&one_line(&log_path(settings)))
    ));
    verify
}
