//! Checks queue settings that have no effect, or not the one they seem to have.

use crate::codes::SettingCode;
use audit_types::{Diagnostic, Severity};

use crate::finding::flag_finding;
use crate::settings::{Batch, Mode, Settings};

/// Reports throttling without a rate, settings of queues that are not used, and backends of which only one is strict.
pub(super) fn check_queues(settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let (log, webhook) = (&settings.log, &settings.webhook);
    if log.is_enabled() {
        let throttle = "audit-log-batch-throttle-enable";
        check_queue(
            "log",
            "audit-log-mode",
            throttle,
            (log.mode, &log.batch),
            &Batch::log_default(),
            findings,
        );
    }
    if webhook.is_enabled() {
        let throttle = "audit-webhook-batch-throttle-enable";
        let queue = (webhook.mode, &webhook.batch);
        check_queue(
            "webhook",
            "audit-webhook-mode",
            throttle,
            queue,
            &Batch::webhook_default(),
            findings,
        );
    }
    if !(log.is_enabled() && webhook.is_enabled()) {
        return;
    }
    let (strict, queued, flag) = match (log.mode, webhook.mode) {
        (Mode::BlockingStrict, Mode::Batch) => ("log", "webhook", "audit-webhook-mode"),
        (Mode::Batch, Mode::BlockingStrict) => ("webhook", "log", "audit-log-mode"),
        _ => return,
    };
    findings.push(flag_finding(
        SettingCode::IneffectiveSetting,
        Severity::Warning,
        flag,
        format!("the {strict} backend is `blocking-strict` but the {queued} backend is `batch`, which still loses events without failing a request"),
        format!("each backend has its own mode; a request only fails if the {strict} backend cannot write its event at RequestReceived"),
    ));
}

fn check_queue(
    backend: &str,
    mode_flag: &'static str,
    throttle_flag: &'static str,
    (mode, batch): (Mode, &Batch),
    default: &Batch,
    findings: &mut Vec<Diagnostic>,
) {
    // In batch mode the server itself rejects invalid values.
    if mode == Mode::Batch {
        return;
    }
    if batch.throttle_enable && (batch.throttle_qps <= 0.0 || batch.throttle_burst < 1) {
        findings.push(flag_finding(
            SettingCode::UnsetThrottle,
            Severity::Warning,
            throttle_flag,
            format!("throttling of the {backend} backend is on, but without QPS and burst"),
            "in batch mode the server does not start with these settings: set both, or turn throttling off",
        ));
    } else if batch != default {
        findings.push(flag_finding(
            SettingCode::IneffectiveSetting,
            Severity::Info,
            mode_flag,
            format!("the queue settings of the {backend} backend have no effect in mode `{}`", mode.name()),
            "they only apply in `batch` mode, in which a full queue drops events; only `blocking-strict` makes requests fail, and it has no queue",
        ));
    }
}
