//! The policy of the page: the newest text, and the last one that was accepted.

use audit_policy::{Diagnostic, LineIndex, utf16_offsets};
use audit_policy::{KubernetesVersion, Loaded, Matcher, Policy, Severity, Span};
use audit_policy::{lint, unreachable_rules};
use playground_protocol::{EditView, FindingView, FixView, Generation, PolicyReport, RuleView};

use crate::tags::level_tag;

/// What the page's policy says and does.
#[derive(Default)]
pub(crate) struct PolicyState {
    /// The newest text's number.
    pub(crate) newest: Generation,
    /// The newest text.
    pub(crate) text: String,
    /// The last text that was accepted.
    pub(crate) accepted: Option<Accepted>,
}

/// A policy in force.
pub(crate) struct Accepted {
    /// The text's number.
    pub(crate) generation: Generation,
    /// The version it was loaded for.
    pub(crate) version: KubernetesVersion,
    /// The policy.
    pub(crate) policy: Policy,
    /// Its text.
    pub(crate) text: String,
    /// Compiled.
    pub(crate) matcher: Matcher,
    rules: Vec<RuleView>,
}

impl PolicyState {
    /// Whether the newest text is rejected and an older one stands in for it.
    pub(crate) fn is_stale(&self) -> bool {
        self.accepted
            .as_ref()
            .is_some_and(|accepted| accepted.generation != self.newest)
    }

    /// Takes a new text and says what loading it says.
    pub(crate) fn set(
        &mut self,
        generation: Generation,
        text: String,
        version: KubernetesVersion,
    ) -> PolicyReport {
        self.newest = generation;
        let mut loaded = audit_policy::load(text.as_bytes(), version);
        let findings = all_findings(&loaded, version);
        let places = Utf16::of(&loaded, &findings);
        let report = PolicyReport {
            generation,
            accepted: loaded.policy.is_some(),
            error: loaded.error.take(),
            warning: loaded.warning.take(),
            findings: findings
                .iter()
                .map(|finding| finding_view(finding, &places))
                .collect(),
            rules: Vec::new(),
        };
        if let Some(policy) = loaded.policy.take() {
            self.accepted = Some(Accepted {
                generation,
                version,
                matcher: Matcher::new(&policy),
                rules: rule_views(&policy, &loaded, &places),
                text: text.clone(),
                policy,
            });
        }
        self.text = text;
        PolicyReport {
            rules: self
                .accepted
                .as_ref()
                .map(|accepted| accepted.rules.clone())
                .unwrap_or_default(),
            ..report
        }
    }
}

fn all_findings(loaded: &Loaded, version: KubernetesVersion) -> Vec<Diagnostic> {
    let mut findings = loaded.findings.clone();
    findings.extend(lint(loaded, version));
    // What keeps the server from starting comes before what is doubtful, and that before what is worth knowing.
    findings.sort_by_key(|finding| {
        (
            std::cmp::Reverse(finding.severity),
            finding.span().unwrap_or_default().start,
            finding.code.clone(),
        )
    });
    findings
}

fn rule_views(policy: &Policy, loaded: &Loaded, places: &Utf16) -> Vec<RuleView> {
    let spans = loaded.rule_spans();
    let shadowed = unreachable_rules(policy);
    policy
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| {
            let span = spans.get(index).copied().unwrap_or_default();
            RuleView {
                level: level_tag(rule.level),
                from: places.at(span.start),
                to: places.at(span.end),
                unreachable: shadowed.get(index).copied().flatten().is_some(),
            }
        })
        .collect()
}

fn finding_view(finding: &Diagnostic, places: &Utf16) -> FindingView {
    FindingView {
        code: finding.code.to_string(),
        severity: match finding.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
        .to_owned(),
        message: finding.message.clone(),
        help: finding.help.clone(),
        line: places.line(finding.span().unwrap_or_default().start),
        from: places.at(finding.span().unwrap_or_default().start),
        to: places.at(finding.span().unwrap_or_default().end),
        fix: finding.fix.as_ref().map(|fix| FixView {
            title: fix.title.clone(),
            edits: fix
                .edits
                .iter()
                .map(|edit| EditView {
                    from: places.at(edit.span.start),
                    to: places.at(edit.span.end),
                    text: edit.text.clone(),
                })
                .collect(),
        }),
    }
}

/// Byte offsets of interest in UTF-16 units and lines, as the editor counts: one pass over the text for all of them.
struct Utf16 {
    offsets: Vec<usize>,
    units: Vec<usize>,
    lines: Vec<usize>,
}

impl Utf16 {
    fn of(loaded: &Loaded, findings: &[Diagnostic]) -> Self {
        let fixes = findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref())
            .flat_map(|fix| fix.edits.iter().map(|edit| edit.span));
        let spans = findings
            .iter()
            .map(|finding| finding.span().unwrap_or_default());
        let mut offsets: Vec<usize> = spans
            .chain(fixes)
            .chain(loaded.rule_spans())
            .flat_map(|Span { start, end }| [start, end])
            .collect();
        offsets.sort_unstable();
        offsets.dedup();
        let index = LineIndex::new(&loaded.text);
        Self {
            units: utf16_offsets(&loaded.text, offsets.iter().copied()),
            lines: offsets
                .iter()
                .map(|offset| index.position(*offset).line)
                .collect(),
            offsets,
        }
    }

    fn look_up(&self, list: &[usize], offset: usize) -> usize {
        self.offsets
            .binary_search(&offset)
            .ok()
            .and_then(|at| list.get(at))
            .copied()
            .unwrap_or(0)
    }

    fn at(&self, offset: usize) -> usize {
        self.look_up(&self.units, offset)
    }

    fn line(&self, offset: usize) -> usize {
        self.look_up(&self.lines, offset).max(1)
    }
}
