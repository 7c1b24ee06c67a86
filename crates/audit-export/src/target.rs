//! Findings that matter for a target.

use apiserver_config::SettingCode;
use audit_types::{Code, Diagnostic};

pub use audit_types::Target;

/// Returns whether a finding about settings matters for a target. If the platform sets the flags, only a rejected policy does.
pub fn concerns(target: Target, finding: &Diagnostic) -> bool {
    !target.is_managed() || finding.code == SettingCode::RejectedPolicy.id()
}
