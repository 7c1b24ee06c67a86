//! A policy with its findings.

use audit_policy::{Diagnostic, KubernetesVersion, Loaded, Severity, lint, load};

/// A loaded policy with all of its findings.
pub(super) struct CheckedPolicy {
    pub(super) loaded: Loaded,
    /// Findings of loading and of the lints, in the order of the text.
    pub(super) findings: Vec<Diagnostic>,
}

impl CheckedPolicy {
    /// Loads and lints a policy.
    pub(super) fn new(source: &[u8], version: KubernetesVersion) -> Self {
        let loaded = load(source, version);
        let mut findings = loaded.findings.clone();
        findings.extend(lint(&loaded, version));
        findings.sort_by_key(|finding| {
            let start = finding.span().unwrap_or_default().start;
            (start, finding.code.clone())
        });
        Self { loaded, findings }
    }

    /// Returns whether the server accepts the policy.
    pub(super) fn is_accepted(&self) -> bool {
        self.loaded.policy.is_some()
    }

    /// Returns whether the server logs a warning or a finding is at least a warning.
    pub(super) fn has_warnings(&self) -> bool {
        self.loaded.warning.is_some()
            || self
                .findings
                .iter()
                .any(|finding| finding.severity >= Severity::Warning)
    }
}
