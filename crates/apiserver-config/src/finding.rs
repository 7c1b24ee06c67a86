//! Findings about settings.

use audit_policy::Severity;

/// A finding about a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingFinding {
    /// Stable code, such as `AE001`; each has a page in `findings/`.
    pub code: &'static str,
    /// Severity; with an error, the server does not start.
    pub severity: Severity,
    /// Name of the flag, without dashes.
    pub flag: &'static str,
    /// The problem in one sentence; for `AE001` the server's own message.
    pub message: String,
    /// The remedy, or the consequence.
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
