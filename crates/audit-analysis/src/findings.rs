//! Findings that need a proof: rules that several earlier rules cover together, and values that never matter.

use audit_policy::{
    Code, Diagnostic, Loaded, Policy, PolicyCode, RuleIndex, Severity, unreachable_rules,
};
use audit_types::Document;
use audit_types::excerpt::excerpt;
use audit_types::{Path, Span};

use crate::engine::{Compiled, Engine, Options};
use crate::reach::{UnusedValue, covers, unused_in};
use crate::search::{Budget, TooLarge};
use crate::words::rule_names;

/// Limit on the effort, in comparisons: findings are made with every edit, and so take a tenth of a second at most.
const EFFORT: u64 = 4_000_000;

/// Maximum number of findings with the same code.
const MAX_FINDINGS: usize = 50;

/// Results of the proofs about the rules of a policy that are made with every edit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Proofs {
    /// `AP020` for rules that several earlier rules cover together ([`audit_policy::lint`] has those that one covers), and `AP045` for values that
    /// never matter. None if a proof takes too long.
    pub findings: Vec<Diagnostic>,
    /// For each rule of an accepted policy, true if it can never match. Only rules that a single one covers if a proof takes too long.
    pub unreachable: Vec<bool>,
}

impl Proofs {
    /// Returns the findings that others do not report already. A value that another finding is about, such as an unknown resource, never matters because of
    /// what that one says, which is reported once.
    pub fn findings_without(&self, others: &[Diagnostic]) -> Vec<Diagnostic> {
        let (unused, _) = PolicyCode::UnusedValue.head();
        let is_reported = |finding: &Diagnostic| {
            let same = |other: &Diagnostic| !other.path.0.is_empty() && other.path == finding.path;
            finding.code == unused && others.iter().any(same)
        };
        let findings = self.findings.iter();
        findings
            .filter(|finding| !is_reported(finding))
            .cloned()
            .collect()
    }
}

/// Proves which rules of an accepted policy can never match, and which of their values never matter.
///
/// ```
/// use audit_analysis::proofs;
/// use audit_policy::{KubernetesVersion, load};
///
/// let loaded = load(b"
/// apiVersion: audit.k8s.io/v1
/// kind: Policy
/// rules:
/// - {level: None, verbs: [get, list]}
/// - {level: Metadata, verbs: [watch]}
/// - {level: Request, verbs: [get, watch], users: [alice]}
/// ", KubernetesVersion::NEWEST);
/// let proofs = proofs(&loaded);
/// assert_eq!(proofs.unreachable, [false, false, true]);
/// assert_eq!(proofs.findings[0].code, "AP020");
/// assert_eq!(
///     proofs.findings[0].message,
///     "rule 3 can never match: rule 1 and rule 2 together match all its requests first"
/// );
/// ```
pub fn proofs(loaded: &Loaded) -> Proofs {
    let Some(policy) = &loaded.policy else {
        return Proofs::default();
    };
    prove(loaded, policy).unwrap_or_else(|TooLarge| Proofs {
        findings: Vec::new(),
        unreachable: covered_by_one(policy),
    })
}

fn covered_by_one(policy: &Policy) -> Vec<bool> {
    let rules = unreachable_rules(policy).into_iter();
    rules.map(|earlier| earlier.is_some()).collect()
}

fn prove(loaded: &Loaded, policy: &Policy) -> Result<Proofs, TooLarge> {
    let engine = Engine::new(&[policy], &[], Options::default())?.with_budget(Budget::new(EFFORT));
    let compiled = Compiled::new(&engine.space, policy);
    let covers = covers(&engine, &compiled)?;
    let mut findings = Vec::new();
    if covers.iter().any(Option::is_some) {
        let by_one = covered_by_one(policy);
        let is_new = |rule: usize| !by_one.get(rule).copied().unwrap_or_default();
        let several = covers
            .iter()
            .enumerate()
            .filter_map(|(rule, by)| Some((rule, by.as_ref()?)));
        findings.extend(
            several
                .filter(|(rule, by)| by.len() > 1 && is_new(*rule))
                .take(MAX_FINDINGS)
                .map(|(rule, by)| unreachable(loaded, &compiled, rule, by)),
        );
    }
    let unused = unused_in(&engine, &compiled, policy, &covers)?;
    findings.extend(
        unused
            .into_iter()
            .take(MAX_FINDINGS)
            .map(|value| unused_value(loaded, value)),
    );
    Ok(Proofs {
        findings,
        unreachable: covers.iter().map(Option::is_some).collect(),
    })
}

fn unused_value(loaded: &Loaded, unused: UnusedValue) -> Diagnostic {
    let what = match &unused.value {
        Some(value) => format!("`{}`", excerpt(value)),
        None => "an entry of `resources`".to_owned(),
    };
    let message = format!(
        "{what} in {} never matters: whatever it matches, earlier rules or other values of the rule match as well",
        unused.rule
    );
    let finding = Diagnostic::of(PolicyCode::UnusedValue, message)
        .with_help("remove it; no request is treated differently");
    placed(loaded, finding, unused.path)
}

fn unreachable(loaded: &Loaded, compiled: &Compiled, rule: usize, by: &[RuleIndex]) -> Diagnostic {
    let own = compiled.verdict(rule);
    let index = RuleIndex::new(rule);
    let names = rule_names(by);
    let has_same_effect = by
        .iter()
        .all(|other| own.has_effect_of(compiled.verdict(other.get())));
    let (severity, message, help) = if has_same_effect {
        let message = format!(
            "{index} is redundant: {names} together match all its requests first, with the same effect"
        );
        (Severity::Info, message, format!("remove {index}"))
    } else {
        let message =
            format!("{index} can never match: {names} together match all its requests first");
        let help = format!("move {index} above them, or remove it");
        (Severity::Warning, message, help)
    };
    let (id, _) = PolicyCode::UnreachableRule.head();
    let mut finding = Diagnostic::new(id, severity, message).with_help(help);
    for other in by {
        if let Some(span) = rule_span(loaded, *other) {
            finding = finding.related(Document::Policy, span, "matches some of them first");
        }
    }
    placed(loaded, finding, Path::rule(index))
}

/// Returns the span of a rule's level, which stands for the rule.
fn rule_span(loaded: &Loaded, rule: RuleIndex) -> Option<Span> {
    let path = Path::rule(rule);
    let level = loaded.locate(&path.field("level"));
    level
        .or_else(|| loaded.locate(&path))
        .map(|located| located.value)
}

fn placed(loaded: &Loaded, finding: Diagnostic, path: Path) -> Diagnostic {
    let span = match path.0.as_slice() {
        [_, audit_types::Step::Index(rule)] => rule_span(loaded, RuleIndex::new(*rule)),
        _ => loaded.locate(&path).map(|located| located.value),
    };
    let finding = finding.at(path);
    match span {
        Some(span) => finding.labeled(Document::Policy, span),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use audit_policy::{KubernetesVersion, lint, load};

    use super::*;

    #[test]
    fn a_value_with_a_finding_of_its_own_has_no_other() {
        let version = KubernetesVersion::NEWEST;
        // `pods/Exec` is unknown, and `pods/log` is covered by the next value.
        let text = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources: [{group: '', resources: [pods/Exec, pods/log, 'pods/*']}]
- level: Request
";
        let loaded = load(text.as_bytes(), version);
        let lints = lint(&loaded, version);
        let proofs = proofs(&loaded);
        let paths = |findings: &[Diagnostic]| {
            let unused = findings.iter().filter(|finding| finding.code == "AP045");
            let paths = unused.map(|finding| finding.path.to_string());
            let mut paths: Vec<String> = paths.collect();
            paths.sort_unstable();
            paths
        };
        let items = "rules[0].resources[0].resources";
        let all = paths(&proofs.findings);
        assert_eq!(all, [format!("{items}[0]"), format!("{items}[1]")]);
        assert_eq!(
            paths(&proofs.findings_without(&lints)),
            [format!("{items}[1]")]
        );
    }
}
