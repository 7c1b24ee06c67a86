//! What every shipper of the log shares: the file it reads, how long a line may be, and what to say of rotation.
//!
//! Sources: the log backend of kube-apiserver (`getWriter` and `ensureLogFile` in its options) and lumberjack's `lumberjack.go`. The server
//! rotates by renaming: `audit.log` becomes `audit-<time>.log` in the same directory, is packed afterwards if that is asked for, and no
//! reader is told. Lumberjack refuses a line that is longer than the size at which it rotates.

pub(crate) mod fluent_bit;
pub(crate) mod fluentd;
pub(crate) mod logrotate;
pub(crate) mod rsyslog;
pub(crate) mod vector;

use crate::guide::{self, one_line};
use apiserver_config::{Format, LogBackend, Settings};
use audit_text::quote;

/// What to replace with the receiver's name.
const RECEIVER: &str = "LOG-RECEIVER";
/// What to replace with what the receiver asks for.
const TOKEN: &str = "THE-TOKEN";

/// The longest line that is read where nothing in the settings bounds it, in megabytes: the size at which the server rotates by default.
const LONGEST_MB: i64 = 100;

/// How the events leave, and what is left to do there.
const REPLACE: &str = "Replace the words in capitals: `LOG-RECEIVER` with the receiver's name, `THE-TOKEN` with what it asks for. Events hold names, addresses \
                       and, from level Request on, bodies: keep TLS on.";

/// The switch at the source.
const AT_THE_SOURCE: &str = "Better than dropping managedFields here: `omitManagedFields: true` in the policy keeps them out of the log (since 1.23), from every list \
                             item too.";

/// Who may read the log.
const RIGHTS: &str = "The log is readable by root only, and so is its directory: run the shipper as root, or give it the capability CAP_DAC_READ_SEARCH. In a pod, \
                      mount the directory, not the file: a mounted file stays the old one when the server rotates.";

/// The file to read: the log's, or the usual one where the settings have none.
pub(crate) fn log_path(settings: &Settings) -> String {
    if settings.log.is_enabled() && !settings.log.is_stdout() {
        settings.log.path.clone()
    } else {
        LogBackend::default().path
    }
}

/// What to do where there is no file to read.
fn without_file(settings: &Settings) -> Option<String> {
    let why = if settings.log.is_stdout() {
        "The settings send events to the server's standard output"
    } else if !settings.log.is_enabled() {
        "The settings write no log"
    } else {
        return None;
    };
    Some(format!(
        "{why}, so this reads the usual path, where nothing is. Give `--audit-log-path` a file, or collect the container's log, \
         `/var/log/containers/kube-apiserver-*.log`, where that is: there the runtime wraps each line, cuts it in pieces of 16 KiB, and other messages \
         stand between."
    ))
}

/// Whether a line is a JSON event.
fn is_json(settings: &Settings) -> bool {
    settings.log.format == Format::Json
}

/// What the legacy format means for a reader.
fn legacy(settings: &Settings) -> Option<String> {
    (!is_json(settings)).then(|| {
        "The legacy format is no JSON: lines are shipped as they are, and there are no bodies from which to drop managedFields.".to_owned()
    })
}

/// Bytes of the longest line that the log can hold, its end included.
fn longest_line(settings: &Settings) -> i64 {
    let log = &settings.log;
    let rotates = log.rotates_at_mb(settings.version).unwrap_or(LONGEST_MB);
    let whole = rotates.clamp(1, LONGEST_MB * 10).saturating_mul(1_048_576);
    if log.truncate.enabled {
        log.truncate.max_event_size.clamp(4_096, whole.max(4_096))
    } else {
        whole
    }
}

/// What the names of rotated files are made of: all before the time, and all behind it.
fn rotated(path: &str) -> (&str, &str) {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    match path.rfind('.') {
        Some(dot) if dot >= name => path.split_at(dot),
        _ => (path, ""),
    }
}

/// The time in the name of a rotated file, as a pattern.
const TIME: &str = "-????-??-??T*";

/// Text within a pattern that fits it alone, for readers that know the backslash.
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

/// A string in double quotes on one line, with a backslash before what has a meaning in it.
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

/// Steps of every shipper: what its settings mean here first, then where to put the files, then its own.
fn steps(settings: &Settings, own: &[String]) -> Vec<String> {
    let mut steps: Vec<String> = without_file(settings).into_iter().collect();
    steps.extend(legacy(settings));
    steps.push(REPLACE.to_owned());
    steps.push(RIGHTS.to_owned());
    steps.extend_from_slice(own);
    if is_json(settings) {
        steps.push(AT_THE_SOURCE.to_owned());
    }
    steps
}

/// How to see that lines arrive, and that none is lost where the file changes.
fn verify(settings: &Settings) -> Vec<String> {
    let mut verify = guide::metrics();
    verify.push(
        "`kubectl create configmap shipped --dry-run=server --from-literal=a=b` makes an event: its `auditID` is found at the receiver.".to_owned(),
    );
    verify.push(format!(
        "Across a rotation, the receiver has as many events of a time span as the files: `sudo cat {} | wc -l` counts those of the current one.",
        quote::shell(&one_line(&log_path(settings)))
    ));
    verify
}
