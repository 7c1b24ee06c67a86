//! The server's own checks of its flags, with its texts.

use audit_policy::Severity;

use super::{SettingFinding, say};
use crate::settings::{Batch, Mode, Settings, Truncate};

/// The server's own checks at start-up; it makes them only of a backend that is on.
pub(super) fn server(settings: &Settings, findings: &mut Vec<SettingFinding>) {
    let log = &settings.log;
    if !log.is_enabled() {
        return;
    }
    let mut refuse = |flag, message: String| {
        let help = "kube-apiserver does not start with this value";
        findings.push(say("AE001", Severity::Error, flag, message, help));
    };
    if log.mode == Mode::Batch
        && let Some((flag, message)) = batch("log", &log.batch)
    {
        refuse(flag, message);
    }
    if let Some((flag, message)) = truncate("log", &log.truncate) {
        refuse(flag, message);
    }
    for (flag, value) in [
        ("audit-log-maxage", log.max_age_days),
        ("audit-log-maxbackup", log.max_backups),
        ("audit-log-maxsize", log.max_size_mb),
    ] {
        if value < 0 {
            refuse(flag, format!("--{flag} {value} can't be a negative number"));
        }
    }
}

/// The first fault of the queue's settings; the server names no second one.
fn batch(backend: &str, batch: &Batch) -> Option<(&'static str, String)> {
    let throttled = batch.throttle_enable;
    let table = [
        (
            batch.buffer_size < 1,
            "audit-log-batch-buffer-size",
            "buffer size",
            batch.buffer_size.to_string(),
        ),
        (
            batch.max_size < 1,
            "audit-log-batch-max-size",
            "max batch size",
            batch.max_size.to_string(),
        ),
        (
            throttled && batch.throttle_qps <= 0.0,
            "audit-log-batch-throttle-qps",
            "throttle QPS",
            batch.throttle_qps.to_string(),
        ),
        (
            throttled && batch.throttle_burst < 1,
            "audit-log-batch-throttle-burst",
            "throttle burst",
            batch.throttle_burst.to_string(),
        ),
    ];
    table
        .into_iter()
        .find(|row| row.0)
        .map(|(_, flag, what, value)| {
            (
                flag,
                format!("invalid audit batch {backend} {what} {value}, must be a positive number"),
            )
        })
}

/// The first fault of the sizes; the server checks them even where truncation is off.
fn truncate(backend: &str, sizes: &Truncate) -> Option<(&'static str, String)> {
    let (event, batch) = (sizes.max_event_size, sizes.max_batch_size);
    if event < 1 {
        return Some((
            "audit-log-truncate-max-event-size",
            format!(
                "invalid audit truncate {backend} max event size {event}, must be a positive number"
            ),
        ));
    }
    (batch < event).then(|| {
        (
            "audit-log-truncate-max-batch-size",
            format!("invalid audit truncate {backend} max batch size {batch}, must be greater than max event size ({event})"),
        )
    })
}
