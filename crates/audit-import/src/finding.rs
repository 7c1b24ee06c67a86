//! Findings about a pasted text.

use audit_policy::Severity;

/// A finding about a pasted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFinding {
    /// Stable code, such as `AE016`; each has a page in `findings/` of this crate or of `apiserver-config`.
    pub code: &'static str,
    /// Severity; with an error, the server does not start.
    pub severity: Severity,
    /// Line, from 1.
    pub line: usize,
    /// The problem in one sentence; for an invalid value, the server's own message.
    pub message: String,
    /// The remedy, or the consequence.
    pub help: String,
}

/// Creates a finding.
pub(crate) fn finding(
    code: &'static str,
    severity: Severity,
    line: usize,
    message: impl Into<String>,
    help: impl Into<String>,
) -> ImportFinding {
    ImportFinding {
        code,
        severity,
        line,
        message: message.into(),
        help: help.into(),
    }
}
