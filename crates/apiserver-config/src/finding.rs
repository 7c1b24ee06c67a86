//! Findings about flags.

use audit_types::{Code, Diagnostic, Path, Severity, Step};

use crate::codes::SettingCode;

pub(crate) const POLICY: &str = "audit-policy-file";
pub(crate) const LOG: &str = "audit-log-path";
pub(crate) const WEBHOOK: &str = "audit-webhook-config-file";

/// Creates a finding about a flag, by its name without dashes.
pub fn flag_finding(
    code: SettingCode,
    severity: Severity,
    flag: &str,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Diagnostic {
    Diagnostic::new(code.id(), severity, message)
        .with_help(help)
        .at(Path::root().field(flag))
}

/// Returns the name of the flag that a finding is about, without dashes. Empty if it is not about a flag.
pub fn flag_of(finding: &Diagnostic) -> &str {
    match finding.path.0.first() {
        Some(Step::Field(name)) => name,
        _ => "",
    }
}
