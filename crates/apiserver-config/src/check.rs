//! Validates settings: values that the server rejects, and accepted ones that stop it or lose events.

mod mounts;
mod paths;
mod placeholders;
mod queue;
mod server;
mod stdout;

use crate::codes::SettingCode;
use audit_policy::{KubernetesVersion, load};
use audit_types::{Diagnostic, ServerPlace, Severity};

use crate::finding::{LOG, POLICY, WEBHOOK, flag_finding};
use crate::placeholders::placeholder;
use crate::settings::{Format, LogBackend, Mode, Settings, WebhookBackend};
use paths::{check_collisions, check_log_mount, check_path, check_volatile};
use placeholders::check_placeholders;
use queue::check_queues;
use server::check_as_server;
use stdout::check_stdout;

pub use mounts::{FileRole, MountFault, MountedPath, check_mount, check_mounts};
pub use placeholders::unknown_value;

/// Checks the settings: first what the server rejects, in its own order, then paths, retention and lost events.
pub fn check(settings: &Settings) -> Vec<Diagnostic> {
    check_in(settings, ServerPlace::Pod)
}

/// As [`check`], for a server that runs at a place.
pub fn check_in(settings: &Settings, place: ServerPlace) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    check_as_server(settings, &mut findings);
    check_placeholders(settings, &mut findings);
    check_policy(settings, &mut findings);
    if !settings.policy_path.is_empty() && placeholder(&settings.policy_path).is_none() {
        check_path(POLICY, &settings.policy_path, place, &mut findings);
        check_volatile(POLICY, &settings.policy_path, &mut findings);
    }
    if settings.webhook.is_enabled() && placeholder(&settings.webhook.config_path).is_none() {
        check_path(WEBHOOK, &settings.webhook.config_path, place, &mut findings);
        check_volatile(WEBHOOK, &settings.webhook.config_path, &mut findings);
    }
    let log_is_file = settings.log.is_file();
    let log_is_known = placeholder(&settings.log.path).is_none();
    if log_is_file && log_is_known {
        check_path(LOG, &settings.log.path, place, &mut findings);
    }
    check_collisions(settings, &mut findings);
    // Only a pod mounts the log's directory.
    if log_is_file && log_is_known && place == ServerPlace::Pod {
        check_log_mount(settings, &mut findings);
    }
    if log_is_file {
        check_retention(settings, &mut findings);
    }
    check_stdout(settings, place, &mut findings);
    if settings.log.is_enabled() {
        check_log_losses(&settings.log, &mut findings);
    }
    if settings.webhook.is_enabled() {
        check_webhook_losses(&settings.webhook, &mut findings);
    }
    check_queues(settings, &mut findings);
    findings
}

/// Reports that nothing is recorded, or that the server rejects the policy.
fn check_policy(settings: &Settings, findings: &mut Vec<Diagnostic>) {
    if settings.policy_path.is_empty() {
        findings.push(flag_finding(
            SettingCode::NothingRecorded,
            Severity::Warning,
            POLICY,
            "no path is given for the policy file",
            "without a policy, kube-apiserver records nothing",
        ));
    }
    if !settings.log.is_enabled() && !settings.webhook.is_enabled() {
        findings.push(flag_finding(
            SettingCode::NothingRecorded,
            Severity::Warning,
            LOG,
            "no path is given for the log",
            "without a backend, kube-apiserver records nothing; `-` is standard output",
        ));
    }
    if let Some(error) = load(settings.policy.as_bytes(), settings.version).error {
        findings.push(rejected_policy(&error, settings.version));
    }
}

/// Returns the finding that the server rejects the policy, with its error. [`check`] reports it for the text of a policy; a caller that has
/// bytes that are not text gets the error from loading those.
pub fn rejected_policy(error: &str, version: KubernetesVersion) -> Diagnostic {
    flag_finding(
        SettingCode::RejectedPolicy,
        Severity::Error,
        POLICY,
        format!("kube-apiserver {version} rejects the policy: {error}"),
        "kube-apiserver will not start with this policy; fix it before deploying",
    )
}

/// Reports a log whose size on disk is not limited.
fn check_retention(settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let log = &settings.log;
    let version = settings.version;
    if log.max_size_mb == 0 && version.at_least(36) {
        findings.push(flag_finding(
            SettingCode::UnlimitedLog,
            Severity::Warning,
            "audit-log-maxsize",
            "the log is never rotated and grows until the disk is full",
            "set a size in megabytes; since 1.36 a size of 0 turns rotation off, and the age and count limits are then ignored",
        ));
    } else if log.max_age_days == 0 && log.max_backups == 0 {
        let default = if version.at_least(36) {
            "since 1.36 the defaults are 366 days and 100 files"
        } else {
            "this is the default before 1.36"
        };
        findings.push(flag_finding(
            SettingCode::UnlimitedLog,
            Severity::Warning,
            "audit-log-maxbackup",
            "every rotated file is kept until the disk is full",
            format!("limit the number or age of files; {default}"),
        ));
    } else if log.max_backups == 0 {
        findings.push(flag_finding(
            SettingCode::UnlimitedLog,
            Severity::Info,
            "audit-log-maxbackup",
            format!("the disk space of {} days of log is not limited", log.max_age_days),
            "limit the number of files too: a burst of requests can fill the disk long before files are old enough to be deleted",
        ));
    }
}

/// Reports settings that lose events, or fail requests to keep events.
fn check_log_losses(log: &LogBackend, findings: &mut Vec<Diagnostic>) {
    if log.format == Format::Legacy {
        findings.push(flag_finding(
            SettingCode::LostEvents,
            Severity::Warning,
            "audit-log-format",
            "the legacy format never contains bodies, whatever the policy's level",
            "use `json` unless something still reads the old format",
        ));
    }
    match log.mode {
        Mode::Blocking => {}
        Mode::Batch => findings.push(flag_finding(
            SettingCode::LostEvents,
            Severity::Info,
            "audit-log-mode",
            format!("events wait in a queue of {} before the log; when it is full, new events are dropped", log.batch.buffer_size),
            "monitor the metric `apiserver_audit_error_total`; in `blocking` mode requests wait instead",
        )),
        Mode::BlockingStrict => findings.push(flag_finding(
            SettingCode::LostEvents,
            Severity::Info,
            "audit-log-mode",
            "if the log cannot be written, for example because the disk is full, each request whose `RequestReceived` event is logged fails with status 500",
            "this is the purpose of the mode, without effect if the policy omits the stage `RequestReceived`; `blocking` lets the request succeed and counts the error",
        )),
    }
    if log.truncate.enabled {
        findings.push(flag_finding(
            SettingCode::LostEvents,
            Severity::Info,
            "audit-log-truncate-enabled",
            format!(
                "events over {} bytes lose their bodies, and are dropped if they are still too large",
                log.truncate.max_event_size
            ),
            "dropped events are counted in the metric `apiserver_audit_error_total` and written to kube-apiserver's own log",
        ));
    }
}

/// Reports what a slow or unavailable webhook does.
fn check_webhook_losses(webhook: &WebhookBackend, findings: &mut Vec<Diagnostic>) {
    const MODE: &str = "audit-webhook-mode";
    match webhook.mode {
        Mode::Batch => findings.push(flag_finding(
            SettingCode::LostEvents,
            Severity::Info,
            MODE,
            format!("events wait in a queue of {} before the webhook; when it is full, new events are dropped", webhook.batch.buffer_size),
            "a batch that fails five times is also dropped: monitor the metric `apiserver_audit_error_total`",
        )),
        Mode::Blocking => findings.push(flag_finding(
            SettingCode::LostEvents,
            Severity::Warning,
            MODE,
            "every audited request waits for the webhook's response, and through all retries while it is unavailable",
            "use `batch` unless the webhook is as available as kube-apiserver",
        )),
        Mode::BlockingStrict => findings.push(flag_finding(
            SettingCode::LostEvents,
            Severity::Warning,
            MODE,
            "while the webhook is unavailable, each request whose `RequestReceived` event is sent waits through all retries and then fails with status 500",
            "this is the purpose of the mode; the webhook must be as available as kube-apiserver",
        )),
    }
    if webhook.truncate.enabled {
        findings.push(flag_finding(
            SettingCode::LostEvents,
            Severity::Info,
            "audit-webhook-truncate-enabled",
            format!(
                "events over {} bytes lose their bodies, and are dropped if they are still too large",
                webhook.truncate.max_event_size
            ),
            "dropped events are counted in the metric `apiserver_audit_error_total` and written to kube-apiserver's own log",
        ));
    }
}
