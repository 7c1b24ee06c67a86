//! logrotate, for a log that the server itself does not rotate. Sources: the manual page `logrotate(8)`; for how the server opens its file,
//! `ensureLogFile` in its options (the file is created before) and lumberjack's `openExistingOrNew` (an existing file is opened for appending).
//!
//! The server opens its file once and has no way to reopen it. It would keep writing to a renamed file, so the file is copied and
//! then truncated, which only works for a file opened in append mode.

use apiserver_config::Settings;
use audit_text::quote;

use super::{log_path, without_file};
use crate::document::Document;
use crate::guide::{self, one_line};
use crate::target::Target;

/// Size in MiB at which the file is rotated, since the settings have none.
const SIZE_MB: i64 = 100;

/// Reason why logrotate is not needed.
const NOT_NEEDED: &str =
    "The server rotates its log itself, and two programs must not rotate the same file.";

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(
        Target::Logrotate,
        "kube-apiserver-audit.logrotate",
        text(settings),
    );
    if is_needed(settings) {
        describe(settings, &mut document);
    } else {
        describe_not_needed(settings, &mut document);
    }
    document
}

/// Returns whether there is a log file that the server does not rotate.
pub(crate) fn is_needed(settings: &Settings) -> bool {
    let log = &settings.log;
    log.is_enabled() && !log.is_stdout() && log.rotates_at_mb(settings.version).is_none()
}

fn describe(settings: &Settings, document: &mut Document) {
    let path = one_line(&log_path(settings));
    document.note = format!(
        "For every control-plane node: with `--audit-log-maxsize=0` the server does not rotate the log, so logrotate copies `{path}` and then truncates it. Events written \
         between copy and truncation are lost; if that is not acceptable, let the server rotate."
    );
    document.steps = vec![
        "Save this as `/etc/logrotate.d/kube-apiserver-audit`, owned by root, mode 0644; `logrotate -d` with its path is a dry run.".to_owned(),
        "Run it hourly instead of daily: `systemctl edit logrotate.timer` with `OnCalendar=hourly`, or a line in `/etc/cron.hourly`. Between two runs, the file can grow \
         beyond its size."
            .to_owned(),
        "Do not use `create` instead of `copytruncate`: it renames the file, and the server, which opens it only once, keeps writing to the renamed one until it is restarted.".to_owned(),
        "A shipper that has not read to the end when the file is truncated loses the rest; the shippers here do not read the copies.".to_owned(),
    ];
    document.verify = guide::verify(settings);
    document.verify.push(format!(
        "After `sudo logrotate -f /etc/logrotate.d/kube-apiserver-audit` the file is small, starts with an event (not with zero bytes), and grows: `sudo head -c 100 {}`.",
        quote::shell(&path)
    ));
    document.undo = vec![
        "Delete `/etc/logrotate.d/kube-apiserver-audit`, and set `--audit-log-maxsize`, or the log fills the disk.".to_owned(),
    ];
}

fn describe_not_needed(settings: &Settings, document: &mut Document) {
    let why = without_file(settings).map_or_else(
        || NOT_NEEDED.to_owned(),
        |_| "The server writes no log file.".to_owned(),
    );
    document.note =
        format!("{why} This file does nothing: every control-plane node works without it.");
    let stop = if settings.version.at_least(36) {
        "To use logrotate anyway, set `--audit-log-maxsize=0` and export again. It loses events that the server's own rotation keeps."
    } else {
        "Before 1.36 the server's own rotation cannot be turned off: `--audit-log-maxsize=0` means 100 MB. It counts the bytes that it has written, not the size of the file, \
         so it also rotates a file that logrotate truncates."
    };
    document.steps = vec![
        "Do not install it. `--audit-log-maxsize`, `--audit-log-maxbackup` and `--audit-log-maxage` define how much is kept.".to_owned(),
        stop.to_owned(),
    ];
    if let Some(instead) = without_file(settings) {
        document.steps = vec![instead];
    }
    document.verify = vec![
        "`grep -rl kubernetes/audit /etc/logrotate.conf /etc/logrotate.d` lists no other file that rotates the log.".to_owned(),
    ];
    document.undo = vec!["There is nothing to undo.".to_owned()];
}

fn text(settings: &Settings) -> String {
    if !is_needed(settings) {
        return format!(
            "# {}\n# So there is nothing to rotate.\n",
            if without_file(settings).is_some() {
                "The server writes no log file."
            } else {
                NOT_NEEDED
            }
        );
    }
    let log = &settings.log;
    // 0 keeps all files in the server's settings, and none in logrotate's.
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

/// Returns the path in double quotes. Characters with a meaning to logrotate are replaced by `?`, which matches any character.
fn quoted(path: &str) -> String {
    let safe = |c: char| c.is_alphanumeric() || "/_.-+=@%:, ".contains(c);
    let name: String = path
        .chars()
        .map(|c| if safe(c) { c } else { '?' })
        .collect();
    format!("\"{name}\"")
}
