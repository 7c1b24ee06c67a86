//! The page's policy: the newest text, and the last accepted one.

use audit_policy::{Diagnostic, LineIndex, utf16_offsets};
use audit_policy::{KubernetesVersion, Loaded, Matcher, Policy, Span};
use audit_policy::{lint, unreachable_rules};
use playground_protocol::{EditView, FindingView, FixView, Generation, PolicyReport, RuleView};

/// State of the page's policy.
#[derive(Default)]
pub(crate) struct PolicyState {
    /// Generation of the newest text.
    pub(crate) newest: Generation,
    /// Newest text.
    pub(crate) text: String,
    /// Last accepted policy.
    pub(crate) accepted: Option<Accepted>,
}

/// An accepted policy.
pub(crate) struct Accepted {
    /// Generation of its text.
    pub(crate) generation: Generation,
    /// Version it was loaded for.
    pub(crate) version: KubernetesVersion,
    /// The policy.
    pub(crate) policy: Policy,
    /// Its text.
    pub(crate) text: String,
    /// Compiled form.
    pub(crate) matcher: Matcher,
    rules: Vec<RuleView>,
}

impl PolicyState {
    /// Returns `true` if the newest text is rejected, so that an older policy is used.
    pub(crate) fn is_stale(&self) -> bool {
        self.accepted
            .as_ref()
            .is_some_and(|accepted| accepted.generation != self.newest)
    }

    /// Loads a new text.
    pub(crate) fn set(
        &mut self,
        generation: Generation,
        text: String,
        version: KubernetesVersion,
    ) -> PolicyReport {
        self.newest = generation;
        let mut loaded = audit_policy::load(text.as_bytes(), version);
        let findings = all_findings(&loaded, version);
        let positions = EditorPositions::new(&loaded, &findings);
        let report = PolicyReport {
            generation,
            accepted: loaded.policy.is_some(),
            error: loaded.error.take(),
            warning: loaded.warning.take(),
            findings: findings
                .iter()
                .map(|finding| finding_view(finding, &positions))
                .collect(),
            rules: Vec::new(),
        };
        if let Some(policy) = loaded.policy.take() {
            self.accepted = Some(Accepted {
                generation,
                version,
                matcher: Matcher::new(&policy),
                rules: rule_views(&policy, &loaded, &positions),
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
    // Errors first, then warnings, then information.
    findings.sort_by_key(|finding| {
        (
            std::cmp::Reverse(finding.severity),
            finding.span().unwrap_or_default().start,
            finding.code.clone(),
        )
    });
    findings
}

fn rule_views(policy: &Policy, loaded: &Loaded, positions: &EditorPositions) -> Vec<RuleView> {
    let spans = loaded.rule_spans();
    let shadowed = unreachable_rules(policy);
    policy
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| {
            let span = spans.get(index).copied().unwrap_or_default();
            RuleView {
                level: rule.level,
                from: positions.utf16(span.start),
                to: positions.utf16(span.end),
                unreachable: shadowed.get(index).copied().flatten().is_some(),
            }
        })
        .collect()
}

fn finding_view(finding: &Diagnostic, positions: &EditorPositions) -> FindingView {
    let span = finding.span().unwrap_or_default();
    FindingView {
        code: finding.code.to_string(),
        severity: finding.severity,
        message: finding.message.clone(),
        help: finding.help.clone(),
        line: positions.line(span.start),
        from: positions.utf16(span.start),
        to: positions.utf16(span.end),
        fix: finding.fix.as_ref().map(|fix| FixView {
            title: fix.title.clone(),
            edits: fix
                .edits
                .iter()
                .map(|edit| EditView {
                    from: positions.utf16(edit.span.start),
                    to: positions.utf16(edit.span.end),
                    text: edit.text.clone(),
                })
                .collect(),
        }),
    }
}

/// Positions of byte offsets in UTF-16 units and lines, as the editor counts them, computed in one pass over the text.
struct EditorPositions {
    offsets: Vec<usize>,
    units: Vec<usize>,
    lines: Vec<usize>,
}

impl EditorPositions {
    fn new(loaded: &Loaded, findings: &[Diagnostic]) -> Self {
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

    fn utf16(&self, offset: usize) -> usize {
        self.look_up(&self.units, offset)
    }

    fn line(&self, offset: usize) -> usize {
        self.look_up(&self.lines, offset).max(1)
    }
}
