//! Findings about settings.

use audit_policy::Severity;

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

pub(crate) const POLICY: &str = "audit-policy-file";
pub(crate) const LOG: &str = "audit-log-path";
pub(crate) const WEBHOOK: &str = "audit-webhook-config-file";

/// Creates a finding about a flag.
pub(crate) fn finding(
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
