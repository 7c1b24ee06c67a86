//! The page's policy: the newest text, and the last accepted one.

use audit_policy::{Diagnostic, Edit, LineIndex, utf16_offsets};
use audit_policy::{KubernetesVersion, Loaded, Matcher, Policy, Span};
use audit_types::sort::SortShort;
use playground_protocol::{
    DocumentView, Generation, LineFinding, PolicyReport, RuleView, ToWorker,
};

use crate::deferred;
use crate::outer_document::OuterDocument;

/// State of the page's policy.
#[derive(Default)]
pub(crate) struct PolicyState {
    /// Generation of the newest text.
    pub(crate) newest: Generation,
    /// Newest policy: the text of the editor, or the part of it that is the policy.
    pub(crate) text: String,
    /// Last accepted policy.
    pub(crate) accepted: Option<Accepted>,
    /// Message with the newest text if that was read without the lints, because they were not there.
    not_linted: Option<ToWorker>,
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
    /// Document that contains the policy. `None` if the text of the editor is the policy.
    document: Option<OuterDocument>,
    rules: Vec<RuleView>,
    /// Lines of the rules in the text of the editor, counted from 1.
    pub(crate) lines: Vec<usize>,
}

impl Accepted {
    /// Returns the text of the editor.
    pub(crate) fn editor_text(&self) -> &str {
        self.document
            .as_ref()
            .map_or(&self.text, |document| &document.text)
    }

    /// Converts an edit of the policy to one of the editor's text. `None` if it cannot be written there with certainty.
    pub(crate) fn editor_edit(&self, edit: &Edit) -> Option<Edit> {
        match &self.document {
            Some(document) => document.edit(edit),
            None => Some(edit.clone()),
        }
    }
}

/// Maximum size in bytes of a text that is read twice: at once, and again with the lints when they are there. A longer one waits for them.
pub(crate) const MAX_READ_TWICE: usize = 100_000;

/// A text of the editor as it was read.
struct ReadText {
    /// The policy: the text itself or a part of it.
    text: String,
    loaded: Loaded,
    is_accepted: bool,
    is_linted: bool,
    /// Findings, with the spans of the editor's text.
    findings: Vec<Diagnostic>,
    /// For each rule, whether an earlier one matches all that it matches.
    unreachable: Vec<bool>,
    view: Option<DocumentView>,
    document: Option<OuterDocument>,
}

impl ReadText {
    /// Reads a text without the worker's second module. `None` if it is not a short policy that the server accepts: whether it is another
    /// document, and which, only the second module can tell.
    fn plain(text: &str, version: KubernetesVersion) -> Option<Self> {
        if text.len() > MAX_READ_TWICE || audit_import::has_template_marks(text) {
            return None;
        }
        let loaded = audit_policy::load(text.as_bytes(), version);
        loaded.policy.as_ref()?;
        Some(Self::of_policy(text, loaded, None))
    }

    /// Reads a text as a policy, or as a document that contains one.
    fn new(text: &str, version: KubernetesVersion, part: usize) -> Self {
        let loaded = audit_policy::load(text.as_bytes(), version);
        let is_accepted = loaded.policy.is_some();
        let may_be_other = !is_accepted || audit_import::has_template_marks(text);
        if may_be_other
            && let Some(read) = deferred::read_document(text, is_accepted, version, part)
        {
            return Self {
                unreachable: read.unreachable,
                text: read.document.policy_text().unwrap_or(text).to_owned(),
                loaded: read.loaded,
                is_accepted: read.is_accepted,
                is_linted: true,
                findings: read.findings,
                view: Some(read.view),
                document: Some(read.document),
            };
        }
        let lints = deferred::lint(&loaded, version);
        Self::of_policy(text, loaded, Some(lints))
    }

    /// Returns a text that is the policy itself, with all findings if the lints are there, and those of loading otherwise.
    fn of_policy(text: &str, loaded: Loaded, lints: Option<(Vec<Diagnostic>, Vec<bool>)>) -> Self {
        let is_linted = lints.is_some();
        let (findings, unreachable) =
            lints.unwrap_or_else(|| (loaded.findings.clone(), Vec::new()));
        Self {
            unreachable,
            text: text.to_owned(),
            is_accepted: loaded.policy.is_some(),
            is_linted,
            findings,
            loaded,
            view: None,
            document: None,
        }
    }

    /// Returns the spans of the rules in the editor's text.
    fn rule_spans(&self) -> Vec<Span> {
        let spans = self.loaded.rule_spans();
        match &self.document {
            Some(document) => spans.into_iter().map(|span| document.span(span)).collect(),
            None => spans,
        }
    }
}

impl PolicyState {
    /// Returns `true` if the newest text is rejected, so that an older policy is used.
    pub(crate) fn is_stale(&self) -> bool {
        self.accepted
            .as_ref()
            .is_some_and(|accepted| accepted.generation != self.newest)
    }

    /// Returns the message with the newest text if that was read without the lints, to handle it again.
    pub(crate) fn take_not_linted(&mut self) -> Option<ToWorker> {
        self.not_linted.take()
    }

    /// Loads a new text without the worker's second module, so without the lints. `part` selects one of several policies of a document.
    /// `None` if the text needs that module: nothing has changed then.
    pub(crate) fn set_plain(
        &mut self,
        generation: Generation,
        text: String,
        version: KubernetesVersion,
        part: usize,
    ) -> Option<PolicyReport> {
        let read = ReadText::plain(&text, version)?;
        let report = self.set_read(generation, &text, version, read);
        self.not_linted = Some(ToWorker::Policy {
            generation,
            text,
            version,
            part,
        });
        Some(report)
    }

    /// Loads a new text. `part` selects one of several policies of a document.
    pub(crate) fn set(
        &mut self,
        generation: Generation,
        text: &str,
        version: KubernetesVersion,
        part: usize,
    ) -> PolicyReport {
        self.not_linted = None;
        let read = ReadText::new(text, version, part);
        self.set_read(generation, text, version, read)
    }

    fn set_read(
        &mut self,
        generation: Generation,
        text: &str,
        version: KubernetesVersion,
        mut read: ReadText,
    ) -> PolicyReport {
        self.newest = generation;
        sort(&mut read.findings);
        let spans = read.rule_spans();
        // The server's decoder skips a byte order mark, which is not in the text that spans are of.
        let shown = if read.document.is_some() {
            text
        } else {
            read.loaded.text.as_str()
        };
        let positions = EditorPositions::new(shown, &spans, &mut read.findings);
        let findings = std::mem::take(&mut read.findings).into_iter();
        let mut report = PolicyReport {
            generation,
            accepted: read.is_accepted,
            error: read.loaded.error.take(),
            warning: read.loaded.warning.take(),
            findings: findings
                .map(|finding| line_finding(finding, &positions))
                .collect(),
            is_linted: read.is_linted,
            rules: Vec::new(),
            document: read.view.take(),
        };
        if let Some(policy) = read.loaded.policy.take().filter(|_| read.is_accepted) {
            self.accepted = Some(Accepted {
                generation,
                version,
                matcher: Matcher::new(&policy),
                rules: rule_views(&policy, &read.unreachable, &spans, &positions),
                lines: spans
                    .iter()
                    .map(|span| positions.line(span.start))
                    .collect(),
                text: read.text.clone(),
                document: read.document,
                policy,
            });
        }
        self.text = read.text;
        report.rules = self
            .accepted
            .as_ref()
            .map(|accepted| accepted.rules.clone())
            .unwrap_or_default();
        report
    }
}

/// Sorts findings: errors first, then warnings, then information.
fn sort(findings: &mut [Diagnostic]) {
    findings.sort_short_by_key(|finding| {
        (
            std::cmp::Reverse(finding.severity),
            finding.span().unwrap_or_default().start,
            finding.code.clone(),
        )
    });
}

fn rule_views(
    policy: &Policy,
    unreachable: &[bool],
    spans: &[Span],
    positions: &EditorPositions,
) -> Vec<RuleView> {
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
                unreachable: unreachable.get(index).copied().unwrap_or_default(),
            }
        })
        .collect()
}

/// Converts the spans of a finding to the editor's units.
fn line_finding(mut finding: Diagnostic, positions: &EditorPositions) -> LineFinding {
    let line = positions.line(finding.span().unwrap_or_default().start);
    for span in spans_of(&mut finding) {
        *span = Span::new(positions.utf16(span.start), positions.utf16(span.end));
    }
    LineFinding { line, finding }
}

/// Returns all spans of a finding.
fn spans_of(finding: &mut Diagnostic) -> impl Iterator<Item = &mut Span> {
    let labels = finding.primary.iter_mut().chain(&mut finding.secondary);
    let edits = finding.fix.iter_mut().flat_map(|fix| &mut fix.edits);
    labels
        .map(|label| &mut label.span)
        .chain(edits.map(|edit| &mut edit.span))
}

/// Positions of byte offsets in UTF-16 units and lines, as the editor counts them, computed in one pass over the text.
struct EditorPositions {
    offsets: Vec<usize>,
    units: Vec<usize>,
    lines: Vec<usize>,
}

impl EditorPositions {
    fn new(text: &str, rules: &[Span], findings: &mut [Diagnostic]) -> Self {
        let spans = findings.iter_mut().flat_map(spans_of).map(|span| *span);
        // A finding without a place is shown at the beginning.
        let mut offsets: Vec<usize> = spans
            .chain(rules.iter().copied())
            .chain([Span::default()])
            .flat_map(|Span { start, end }| [start, end])
            .collect();
        offsets.sort_unstable();
        offsets.dedup();
        let index = LineIndex::new(text);
        Self {
            units: utf16_offsets(text, offsets.iter().copied()),
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
