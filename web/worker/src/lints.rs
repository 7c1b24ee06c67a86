//! Findings about a policy, without those that its comments take away.

use audit_policy::{Diagnostic, KubernetesVersion, Loaded};

use crate::codes;

/// Returns all findings about a policy, those of loading included, and tells for each rule whether it can never match.
pub(crate) fn lint_all(
    loaded: &Loaded,
    version: KubernetesVersion,
) -> (Vec<Diagnostic>, Vec<bool>) {
    let checked = audit_analysis::check(loaded, version, &codes::names());
    (checked.findings, checked.unreachable)
}
