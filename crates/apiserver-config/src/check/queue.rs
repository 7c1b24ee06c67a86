//! Settings of the queue that do not do what they seem to.

use audit_policy::Severity;

use super::{SettingFinding, say};
use crate::settings::{Batch, Mode, Settings};

/// Throttling that cannot start, queues that are not there, and strictness that the other backend does not share.
pub(super) fn queue(settings: &Settings, findings: &mut Vec<SettingFinding>) {
    let (log, webhook) = (&settings.log, &settings.webhook);
    if log.is_enabled() {
        let throttle = "audit-log-batch-throttle-enable";
        one(
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
        one(
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
    findings.push(say(
        "AE013",
        Severity::Warning,
        flag,
        format!("the {strict} backend is `blocking-strict` and the {queued} backend is `batch`: the {queued} still loses events without failing a request"),
        format!("each backend has its own mode; only what the {strict} backend cannot write fails the request, and only at RequestReceived"),
    ));
}

fn one(
    backend: &str,
    mode_flag: &'static str,
    throttle_flag: &'static str,
    (mode, batch): (Mode, &Batch),
    default: &Batch,
    findings: &mut Vec<SettingFinding>,
) {
    // In batch mode the server itself refuses what is wrong.
    if mode == Mode::Batch {
        return;
    }
    if batch.throttle_enable && (batch.throttle_qps <= 0.0 || batch.throttle_burst < 1) {
        findings.push(say(
            "AE012",
            Severity::Warning,
            throttle_flag,
            format!("throttling of the {backend} backend is on without QPS and burst"),
            "in batch mode the server does not start with that; give both, or leave throttling off",
        ));
    } else if batch != default {
        findings.push(say(
            "AE013",
            Severity::Info,
            mode_flag,
            format!("the queue's settings of the {backend} backend do nothing: its mode is `{}`", mode.name()),
            "they count in `batch` mode only, in which a full queue drops events; no mode has both a queue and failing requests",
        ));
    }
}
