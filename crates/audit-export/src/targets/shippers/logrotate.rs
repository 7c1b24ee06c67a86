//! logrotate, for a log that the server itself does not rotate. Sources: the manual page `logrotate(8)`; for how the server holds its file,
//! `ensureLogFile` in its options (the file is created before) and lumberjack's `openExistingOrNew` (an existing file is opened for appending).
//!
//! The server opens its file once and is never told to open it again. A renamed file it would go on writing for good, so the file is copied and
//! then emptied under it, which is right only for a file opened for appending.

use super::{log_path, without_file};
use crate::document::Document;
use crate::guide::{self, one_line};
use crate::target::Target;
use apiserver_config::Settings;
use audit_text::quote;

/// The size at which the file is rotated, since the settings have none.
const SIZE_MB: i64 = 100;

/// Why there is nothing to do.
const NOT_WANTED: &str =
    "The server rotates its log itself: two that rotate one file take it from each other.";

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(
        Target::Logrotate,
        "kube-apiserver-audit.logrotate",
        text(settings),
    );
    if is_wanted(settings) {
        wanted(settings, &mut document);
    } else {
        not_wanted(settings, &mut document);
    }
    document
}

/// Whether there is a file that nothing rotates.
pub(crate) fn is_wanted(settings: &Settings) -> bool {
    let log = &settings.log;
    log.is_enabled() && !log.is_stdout() && log.rotates_at_mb(settings.version).is_none()
}

fn wanted(settings: &Settings, document: &mut Document) {
    let path = one_line(&log_path(settings));
    document.note = format!(
        "For every control-plane node: with `--audit-log-maxsize=0` the server rotates nothing, so logrotate copies `{path}` and then empties it. Events written \
         between the copy and the emptying are lost: where none may be, let the server rotate."
    );
    document.steps = vec![
        "Save this as `/etc/logrotate.d/kube-apiserver-audit`, owned by root, mode 0644; `logrotate -d` with its path only says what it would do.".to_owned(),
        "Have it run each hour, not each day: `systemctl edit logrotate.timer` with `OnCalendar=hourly`, or a line in `/etc/cron.hourly`. Between two runs the file grows \
         past its size."
            .to_owned(),
        "A `create` in place of `copytruncate` would rename the file, and the server, which opens it once, would write on into the renamed one until it is restarted.".to_owned(),
        "A shipper that has not read to the end when the file is emptied misses the rest, and the copies have names that no shipper here reads.".to_owned(),
    ];
    document.verify = guide::verify(settings);
    document.verify.push(format!(
        "After `sudo logrotate -f /etc/logrotate.d/kube-apiserver-audit` the file is small, begins with an event and not with zero bytes, and grows: `sudo head -c 100 {}`.",
        quote::shell(&path)
    ));
    document.undo = vec![
        "Remove `/etc/logrotate.d/kube-apiserver-audit`, and give the server `--audit-log-maxsize`, or the log fills the disk.".to_owned(),
    ];
}

fn not_wanted(settings: &Settings, document: &mut Document) {
    let why = without_file(settings).map_or_else(
        || NOT_WANTED.to_owned(),
        |_| "The server writes no file of its own.".to_owned(),
    );
    document.note = format!(
        "{why} This file does nothing on any node, and none is wanted: every control-plane node is well without it."
    );
    let stop = if settings.version.at_least(36) {
        "To have logrotate do it all the same, set `--audit-log-maxsize=0` and export again. Events are lost then that the server's own rotation keeps."
    } else {
        "Before 1.36 the server's own rotation cannot be turned off: `--audit-log-maxsize=0` means 100 MB there. It counts what it has written, not what the file holds, \
         so it also rotates a file that logrotate empties."
    };
    document.steps = vec![
        "Leave it away. How much is kept is said by `--audit-log-maxsize`, `--audit-log-maxbackup` and `--audit-log-maxage`.".to_owned(),
        stop.to_owned(),
    ];
    if let Some(instead) = without_file(settings) {
        document.steps = vec![instead];
    }
    document.verify = vec![
        "`grep -rl kubernetes/audit /etc/logrotate.conf /etc/logrotate.d` names no other file that rotates the log.".to_owned(),
    ];
    document.undo = vec!["There is nothing to undo.".to_owned()];
}

fn text(settings: &Settings) -> String {
    if !is_wanted(settings) {
        return format!(
            "# {}\n# So there is nothing to rotate here.\n",
            if without_file(settings).is_some() {
                "The server writes no file of its own."
            } else {
                NOT_WANTED
            }
        );
    }
    let log = &settings.log;
    // The server's 0 keeps all; logrotate's 0 keeps none.
    let count = if log.max_backups < 1 {
        -1
    } else {
        log.max_backups
    };
    let age = if log.max_age_days < 1 {
        String::new()
    } else {
        format!("    maxage {}\n", log.max_age_days)
    };
    let packed = if log.compress {
        "    compress\n    delaycompress\n"
    } else {
        "    nocompress\n"
    };
    format!(
        "{} {{\n    size {SIZE_MB}M\n    rotate {count}\n{age}{packed}    copytruncate\n    nodateext\n    missingok\n    notifempty\n}}\n",
        quoted(&log_path(settings))
    )
}

/// The path in double quotes. What logrotate's reader or its patterns would take for something else is any one character there.
fn quoted(path: &str) -> String {
    let safe = |c: char| c.is_alphanumeric() || "/_.-+=@%:, ".contains(c);
    let name: String = path
        .chars()
        .map(|c| if safe(c) { c } else { '?' })
        .collect();
    format!("\"{name}\"")
}
