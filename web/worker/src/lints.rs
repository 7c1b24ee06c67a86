//! Findings about a policy, without those that its comments take away.

use audit_analysis::proofs;
use audit_policy::ignores::Ignores;
use audit_policy::{Diagnostic, KubernetesVersion, LineIndex, Loaded, lint};

use crate::codes;

/// Returns all findings about a policy, those of loading included, and tells for each rule whether it can never match.
pub(crate) fn lint_all(
    loaded: &Loaded,
    version: KubernetesVersion,
) -> (Vec<Diagnostic>, Vec<bool>) {
    let mut findings = loaded.findings.clone();
    findings.extend(lint(loaded, version));
    let proofs = proofs(loaded);
    let proved = proofs.findings_without(&findings);
    findings.extend(proved);
    let mut ignores = Ignores::read(&loaded.text);
    let lines = LineIndex::new(&loaded.text);
    (findings, _) = ignores.apply(findings, &lines);
    findings.extend(ignores.findings(&codes::names()));
    (findings, proofs.unreachable)
}
