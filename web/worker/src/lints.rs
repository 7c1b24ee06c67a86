//! Lints of a policy.

use audit_analysis::proved_findings;
use audit_policy::{Diagnostic, KubernetesVersion, Loaded, Policy, lint, unreachable_rules};

/// Lints a policy, and tells for each rule whether an earlier one matches all that it matches.
pub(crate) fn lint_all(
    loaded: &Loaded,
    version: KubernetesVersion,
) -> (Vec<Diagnostic>, Vec<bool>) {
    let mut findings = lint(loaded, version);
    findings.extend(proved_findings(loaded, version));
    (
        findings,
        loaded.policy.as_ref().map_or_else(Vec::new, unreachable),
    )
}

/// Tells for each rule whether an earlier one matches all that it matches.
pub(crate) fn unreachable(policy: &Policy) -> Vec<bool> {
    let rules = unreachable_rules(policy).into_iter();
    rules.map(|earlier| earlier.is_some()).collect()
}
