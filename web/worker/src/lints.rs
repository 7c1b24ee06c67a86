//! Lints of a policy.

use audit_analysis::proofs;
use audit_policy::{Diagnostic, KubernetesVersion, Loaded, lint};

/// Lints a policy, and tells for each rule whether it can never match.
pub(crate) fn lint_all(
    loaded: &Loaded,
    version: KubernetesVersion,
) -> (Vec<Diagnostic>, Vec<bool>) {
    let mut findings = lint(loaded, version);
    let proofs = proofs(loaded);
    let proved = proofs.findings_without(&findings);
    findings.extend(proved);
    (findings, proofs.unreachable)
}
