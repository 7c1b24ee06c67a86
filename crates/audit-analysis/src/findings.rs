//! Findings that need a proof: rules that several earlier rules cover together, and values that never matter.

use audit_policy::{
    Code, Diagnostic, KubernetesVersion, Loaded, Policy, PolicyCode, RuleIndex, Severity,
    unreachable_rules,
};
use audit_types::Document;
use audit_types::excerpt::excerpt;
use audit_types::{Path, Span};

use crate::diff::differ;
use crate::engine::{Compiled, Engine, Options};
use crate::reach::{Reach, reach_in, unused_in};
use crate::search::{Budget, TooLarge};

/// Limit on the effort, in comparisons: findings are made with every edit, and so take a tenth of a second at most.
const EFFORT: u64 = 4_000_000;

/// Maximum number of findings with the same code.
const MAX_FINDINGS: usize = 50;

/// Returns findings about an accepted policy that take a proof: `AP020` for rules that several earlier rules cover together ([`audit_policy::lint`] has
/// those that one covers), and `AP045` for values that never matter. Without findings if a proof takes too long.
///
/// ```
/// use audit_analysis::proved_findings;
/// use audit_policy::{KubernetesVersion, load};
///
/// let version = KubernetesVersion::NEWEST;
/// let loaded = load(b"
/// apiVersion: audit.k8s.io/v1
/// kind: Policy
/// rules:
/// - {level: None, verbs: [get, list]}
/// - {level: Metadata, verbs: [watch]}
/// - {level: Request, verbs: [get, watch], users: [alice]}
/// ", version);
/// let findings = proved_findings(&loaded, version);
/// assert_eq!(findings[0].code, "AP020");
/// assert_eq!(findings[0].message, "rule 3 can never match: rule 1 and rule 2 together match all its requests first");
/// ```
pub fn proved_findings(loaded: &Loaded, version: KubernetesVersion) -> Vec<Diagnostic> {
    let Some(policy) = &loaded.policy else {
        return Vec::new();
    };
    findings(loaded, policy, version).unwrap_or_default()
}

fn findings(
    loaded: &Loaded,
    policy: &Policy,
    version: KubernetesVersion,
) -> Result<Vec<Diagnostic>, TooLarge> {
    let options = Options::default().with_version(version);
    let engine = Engine::new(&[policy], &[], options)?.with_budget(Budget::new(EFFORT));
    let compiled = Compiled::new(&engine.space, policy);
    let reach = reach_in(&engine, &compiled)?;
    let by_one = unreachable_rules(policy);
    let mut findings = Vec::new();
    for (rule, reach) in reach.iter().enumerate() {
        let is_known = by_one.get(rule).is_some_and(Option::is_some);
        if let Reach::Covered(by) = reach
            && by.len() > 1
            && !is_known
            && findings.len() < MAX_FINDINGS
        {
            findings.push(unreachable(loaded, &compiled, rule, by));
        }
    }
    for unused in unused_in(&engine, &compiled, policy, &reach)?
        .into_iter()
        .take(MAX_FINDINGS)
    {
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
        findings.push(placed(loaded, finding, unused.path));
    }
    Ok(findings)
}

fn unreachable(loaded: &Loaded, compiled: &Compiled, rule: usize, by: &[RuleIndex]) -> Diagnostic {
    let own = compiled.verdict(rule);
    let index = RuleIndex::new(rule);
    let names = names(by);
    let has_same_effect = by
        .iter()
        .all(|other| !differ(compiled.verdict(other.get()), own));
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

/// Lists rules: `rule 1, rule 2 and rule 4`.
fn names(rules: &[RuleIndex]) -> String {
    let names: Vec<String> = rules.iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => names.join(", "),
    }
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
