//! All findings about a policy: those of loading, of the lints and of the proofs, without those that its comments take away.

use audit_policy::ignores::{Ignored, Ignores};
use audit_policy::{
    Code, Diagnostic, KubernetesVersion, LineIndex, Loaded, PolicyCode, Severity, lint,
};
use audit_types::{Document, Span};

use crate::findings::proofs;

/// A policy's findings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// The findings, in the order of the text.
    pub findings: Vec<Diagnostic>,
    /// Findings that comments take away.
    pub ignored: Vec<Ignored>,
    /// For each rule of an accepted policy, `true` if it can never match.
    pub unreachable: Vec<bool>,
}

/// Checks a loaded policy. `codes` are the names of all codes that a comment may ignore.
///
/// ```
/// use audit_analysis::check;
/// use audit_policy::{KubernetesVersion, load};
///
/// let loaded = load(b"
/// apiVersion: audit.k8s.io/v1
/// kind: Policy
/// rules:
/// - level: Metadata
/// - level: None # audit-policy: ignore[AP020] kept until the next review
/// ", KubernetesVersion::NEWEST);
/// let checked = check(&loaded, KubernetesVersion::NEWEST, &["AP020"]);
/// assert_eq!(checked.unreachable, [false, true]);
/// assert_eq!(checked.ignored[0].finding.code, "AP020");
/// assert!(checked.findings.iter().all(|finding| finding.code != "AP020"));
/// ```
pub fn check(loaded: &Loaded, version: KubernetesVersion, codes: &[&str]) -> Checked {
    let proofs = proofs(loaded);
    let mut findings = loaded.findings.clone();
    findings.extend(lint(loaded, version));
    findings.extend(proofs.findings_without(&findings));
    if loaded.policy.is_none() && is_empty(&loaded.text) {
        findings = vec![empty()];
    }
    let mut ignores = Ignores::of(loaded);
    let (mut findings, ignored) = ignores.apply(findings, &LineIndex::new(&loaded.text));
    findings.extend(ignores.findings(codes));
    findings.sort_by_cached_key(|finding| {
        let start = finding.span().unwrap_or_default().start;
        (start, finding.code.clone())
    });
    Checked {
        findings,
        ignored,
        unreachable: proofs.unreachable,
    }
}

/// Returns whether a text has no content: only comments, document markers and white space.
fn is_empty(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(|line| line.trim_start_matches('\u{feff}').trim());
    lines.all(|line| line.is_empty() || line.starts_with('#') || matches!(line, "---" | "..."))
}

/// Returns the finding about an empty text.
fn empty() -> Diagnostic {
    let message = "the file is empty: kube-apiserver rejects it";
    let help = "write a policy, such as `apiVersion: audit.k8s.io/v1`, `kind: Policy` and `rules:` with `- level: Metadata`";
    Diagnostic::new(PolicyCode::NoRules.id(), Severity::Error, message)
        .with_help(help)
        .labeled(Document::Policy, Span::new(0, 0))
}
