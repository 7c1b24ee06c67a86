//! What the server would refuse of these settings, and what would take it down or lose the log all the same.

mod mounts;
mod paths;
mod queue;
mod server;

use audit_policy::{KubernetesVersion, Severity, load};

use crate::settings::{Format, LogBackend, Mode, Settings, WebhookBackend};
use paths::{collisions, fleeting, mount, path};
use queue::queue;
use server::server;

pub use mounts::{FileRole, MountFault, MountedPath, check_mount, check_mounts};

/// A diagnostic about a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingFinding {
    /// The stable code; each has a page in `findings/`. `AE001` the server refuses it; `AE002` the policy is rejected; `AE003` a path that cannot be used; `AE004` policy
    /// and log collide; `AE005` the log's mount hides what the container needs; `AE006` a path in which the kubelet looks for pods;
    /// `AE007` characters that look like others; `AE008` nothing is recorded; `AE009` the log grows without bound; `AE010` how
    /// events get lost, or requests with them; `AE011` a file outside the container's mounts; `AE012` throttling without QPS and burst;
    /// `AE013` a mode that does not do what is hoped of it; `AE014` a mounted file that may not exist; `AE015` what a target or a version
    /// does not know.
    pub code: &'static str,
    /// How much it matters: errors keep the server from starting.
    pub severity: Severity,
    /// The flag that it is about, without dashes.
    pub flag: &'static str,
    /// One sentence; for `AE001` the server's own text, to the letter.
    pub message: String,
    /// What to do, or what follows.
    pub help: String,
}

const POLICY: &str = "audit-policy-file";
const LOG: &str = "audit-log-path";
const WEBHOOK: &str = "audit-webhook-config-file";

/// Everything worth saying of the settings: what the server refuses first and in its own order, then paths, then retention.
pub fn check(settings: &Settings) -> Vec<SettingFinding> {
    let mut findings = Vec::new();
    server(settings, &mut findings);
    policy(settings, &mut findings);
    if !settings.policy_path.is_empty() {
        path(POLICY, &settings.policy_path, &mut findings);
        fleeting(POLICY, &settings.policy_path, &mut findings);
    }
    if settings.webhook.is_enabled() {
        path(WEBHOOK, &settings.webhook.config_path, &mut findings);
        fleeting(WEBHOOK, &settings.webhook.config_path, &mut findings);
    }
    let log_is_file = settings.log.is_enabled() && !settings.log.is_stdout();
    if log_is_file {
        path(LOG, &settings.log.path, &mut findings);
    }
    collisions(settings, &mut findings);
    if log_is_file {
        mount(settings, &mut findings);
        retention(settings, &mut findings);
    }
    if settings.log.is_enabled() {
        losses(&settings.log, &mut findings);
    }
    if settings.webhook.is_enabled() {
        webhook_losses(&settings.webhook, &mut findings);
    }
    queue(settings, &mut findings);
    findings
}

fn say(
    code: &'static str,
    severity: Severity,
    flag: &'static str,
    message: impl Into<String>,
    help: impl Into<String>,
) -> SettingFinding {
    SettingFinding {
        code,
        severity,
        flag,
        message: message.into(),
        help: help.into(),
    }
}

/// Whether anything is recorded, and whether the server takes the policy.
fn policy(settings: &Settings, findings: &mut Vec<SettingFinding>) {
    if settings.policy_path.is_empty() {
        findings.push(say(
            "AE008",
            Severity::Warning,
            POLICY,
            "there is no path for the policy file",
            "without a policy the server records nothing",
        ));
    }
    if !settings.log.is_enabled() && !settings.webhook.is_enabled() {
        findings.push(say(
            "AE008",
            Severity::Warning,
            LOG,
            "there is no path for the log",
            "without a backend the server records nothing; `-` is standard output",
        ));
    }
    if let Some(error) = load(settings.policy.as_bytes(), settings.version).error {
        findings.push(rejected_policy(&error, settings.version));
    }
}

/// Code of [`rejected_policy`].
pub const REJECTED_POLICY: &str = "AE002";

/// The finding that the server rejects the policy, with the server's own reason. [`check`] has it for the text of a policy; whoever reads a
/// policy from bytes that are not text has the reason from loading those.
pub fn rejected_policy(error: &str, version: KubernetesVersion) -> SettingFinding {
    say(
        REJECTED_POLICY,
        Severity::Error,
        POLICY,
        format!("kube-apiserver {version} rejects the policy: {error}"),
        "kube-apiserver will not start with this policy; fix it before deploying",
    )
}

/// Whether anything bounds what the log takes on the disk.
fn retention(settings: &Settings, findings: &mut Vec<SettingFinding>) {
    let log = &settings.log;
    let version = settings.version;
    if log.max_size_mb == 0 && version.at_least(36) {
        findings.push(say(
            "AE009",
            Severity::Warning,
            "audit-log-maxsize",
            "the log is never rotated, and grows until the disk is full",
            "give a size in megabytes; since 1.36 a size of 0 turns rotation off, and age and number of files then count for nothing",
        ));
    } else if log.max_age_days == 0 && log.max_backups == 0 {
        let default = if version.at_least(36) {
            "since 1.36 the defaults are 366 days and 100 files"
        } else {
            "before 1.36 that is the default"
        };
        findings.push(say(
            "AE009",
            Severity::Warning,
            "audit-log-maxbackup",
            "every rotated file is kept for ever, until the disk is full",
            format!("limit the number of files or their age; {default}"),
        ));
    } else if log.max_backups == 0 {
        findings.push(say(
            "AE009",
            Severity::Info,
            "audit-log-maxbackup",
            format!("nothing bounds what {} days of log take on the disk", log.max_age_days),
            "limit the number of files as well: a burst of requests can fill the disk long before the age counts",
        ));
    }
}

/// Settings that lose events, or requests for the sake of events.
fn losses(log: &LogBackend, findings: &mut Vec<SettingFinding>) {
    if log.format == Format::Legacy {
        findings.push(say(
            "AE010",
            Severity::Warning,
            "audit-log-format",
            "the legacy format never shows bodies, whatever the policy's level",
            "take `json` unless a reader of the old format still needs it",
        ));
    }
    match log.mode {
        Mode::Blocking => {}
        Mode::Batch => findings.push(say(
            "AE010",
            Severity::Info,
            "audit-log-mode",
            format!("a queue of {} events stands before the log; when it is full, new events are dropped", log.batch.buffer_size),
            "watch the metric `apiserver_audit_error_total`; in `blocking` mode requests wait instead",
        )),
        Mode::BlockingStrict => findings.push(say(
            "AE010",
            Severity::Info,
            "audit-log-mode",
            "when the log cannot be written, as on a full disk, every audited request fails with status 500",
            "that is what the mode is for; `blocking` lets the request pass and counts the error",
        )),
    }
    if log.truncate.enabled {
        findings.push(say(
            "AE010",
            Severity::Info,
            "audit-log-truncate-enabled",
            format!(
                "events over {} bytes lose their bodies, and are dropped if that is not enough",
                log.truncate.max_event_size
            ),
            "dropped events count in the metric `apiserver_audit_error_total` only",
        ));
    }
}

/// What a webhook costs when it is slow or away.
fn webhook_losses(webhook: &WebhookBackend, findings: &mut Vec<SettingFinding>) {
    const MODE: &str = "audit-webhook-mode";
    match webhook.mode {
        Mode::Batch => findings.push(say(
            "AE010",
            Severity::Info,
            MODE,
            format!("a queue of {} events stands before the webhook; when it is full, new events are dropped", webhook.batch.buffer_size),
            "a list that fails five times is dropped as well: watch the metric `apiserver_audit_error_total`",
        )),
        Mode::Blocking => findings.push(say(
            "AE010",
            Severity::Warning,
            MODE,
            "every audited request waits for the webhook's answer, and through all retries while it is away",
            "take `batch` unless the webhook is as available as the server itself",
        )),
        Mode::BlockingStrict => findings.push(say(
            "AE010",
            Severity::Warning,
            MODE,
            "while the webhook is away, every audited request waits through all retries and then fails with status 500",
            "that is what the mode is for; with it the webhook must be as available as the server itself",
        )),
    }
    if webhook.truncate.enabled {
        findings.push(say(
            "AE010",
            Severity::Info,
            "audit-webhook-truncate-enabled",
            format!(
                "events over {} bytes lose their bodies, and are dropped if that is not enough",
                webhook.truncate.max_event_size
            ),
            "dropped events count in the metric `apiserver_audit_error_total` only",
        ));
    }
}
