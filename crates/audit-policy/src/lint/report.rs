//! Collects the findings of lints, with their spans, fixes and limits.

use std::collections::HashMap;

use crate::codes::PolicyCode;
use crate::load::{Doubts, Loaded, Located};
use audit_types::Span;
pub(super) use audit_types::excerpt::quote;
use audit_types::sort::SortShort;
use audit_types::{Code as _, Diagnostic, Document, Edit, Fix, Path, RuleIndex, Severity};

/// Maximum number of findings per code; the last one states the number of others.
const MAX_PER_CODE: usize = 100;

/// Collects findings.
pub(super) struct LintDiagnostics<'a> {
    loaded: &'a Loaded,
    doubts: &'a Doubts,
    findings: Vec<Diagnostic>,
    counts: HashMap<PolicyCode, usize>,
}

/// A finding without its span.
#[derive(Clone)]
pub(super) struct DiagnosticBuilder {
    /// The code.
    pub code: PolicyCode,
    /// Severity.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// Help: the remedy.
    pub help: String,
}

impl<'a> LintDiagnostics<'a> {
    pub fn new(loaded: &'a Loaded, doubts: &'a Doubts) -> Self {
        Self {
            loaded,
            doubts,
            findings: Vec::new(),
            counts: HashMap::new(),
        }
    }

    /// Adds a finding about the value at the path.
    pub fn add(&mut self, path: Path, diagnostic: DiagnosticBuilder, fix: Option<Fix>) {
        if self.has_room(&path, diagnostic.code) {
            let span = self.span_of(&path);
            self.push(path, span, diagnostic, fix);
        }
    }

    /// Adds a finding about a whole rule, at its first line. The caller makes sure that it depends on no value that was rejected.
    pub fn add_for_rule(&mut self, rule: usize, diagnostic: DiagnosticBuilder) {
        if self.has_room_for_rule(rule, diagnostic.code) {
            let span = self.first_line_of_rule(rule);
            self.push(Path::rule(rule), span, diagnostic, None);
        }
    }

    /// Adds a finding about a whole rule that another rule explains, with the first lines of both.
    pub fn add_for_rules(
        &mut self,
        rule: usize,
        other: usize,
        text: &str,
        diagnostic: DiagnosticBuilder,
    ) {
        if self.has_room_for_rule(rule, diagnostic.code) {
            let span = self.first_line_of_rule(rule);
            let related = self.first_line_of_rule(other);
            self.push(Path::rule(rule), span, diagnostic, None);
            if let Some(finding) = self.findings.pop() {
                let finding = finding.related(Document::Policy, related, text);
                self.findings.push(finding);
            }
        }
    }

    fn first_line_of_rule(&self, rule: usize) -> Span {
        let whole = self.span_of(&Path::rule(rule));
        let text = self.loaded.text.get(whole.start..whole.end);
        let line = text.and_then(|text| text.split(['\n', '\r']).next());
        let length = line.map_or(0, |line| line.trim_end().len());
        Span::new(whole.start, whole.start + length)
    }

    /// Adds a finding about a field, at its key.
    pub fn add_for_key(&mut self, path: Path, diagnostic: DiagnosticBuilder, fix: Option<Fix>) {
        if self.has_room(&path, diagnostic.code) {
            let key = self.loaded.locate(&path).and_then(|located| located.key);
            let span = key.unwrap_or_else(|| self.span_of(&path));
            self.push(path, span, diagnostic, fix);
        }
    }

    /// Returns true if no more findings of the code are listed, and then counts one. Lets callers skip expensive messages.
    pub fn is_full(&mut self, code: PolicyCode) -> bool {
        let count = self.counts.entry(code).or_default();
        let is_full = *count >= MAX_PER_CODE;
        *count += usize::from(is_full);
        is_full
    }

    /// Counts a finding and returns true if it is listed. A finding about a value that the server rejects is not.
    fn has_room(&mut self, path: &Path, code: PolicyCode) -> bool {
        // Callers know what a finding about all rules, or about the policy, depends on.
        let is_of_policy = path.0.len() <= 1;
        let is_known = if is_of_policy {
            !self.doubts.is_rejected(path)
        } else {
            !self.doubts.concerns(path)
        };
        is_known && self.count(code)
    }

    /// Like [`has_room`](Self::has_room), for a rule that may contain rejected values.
    fn has_room_for_rule(&mut self, rule: usize, code: PolicyCode) -> bool {
        !self.doubts.is_rejected(&Path::rule(rule)) && self.count(code)
    }

    fn count(&mut self, code: PolicyCode) -> bool {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        *count <= MAX_PER_CODE
    }

    fn push(&mut self, path: Path, span: Span, diagnostic: DiagnosticBuilder, fix: Option<Fix>) {
        self.findings.push(
            Diagnostic::new(
                diagnostic.code.id(),
                diagnostic.severity,
                diagnostic.message,
            )
            .with_help(diagnostic.help)
            .at(path)
            .labeled(Document::Policy, span)
            .with_fix(fix),
        );
    }

    /// Returns the span of a value, or of the nearest enclosing value that is in the source.
    fn span_of(&self, path: &Path) -> Span {
        let mut path = path.clone();
        loop {
            if let Some(located) = self.loaded.locate(&path) {
                return located.value;
            }
            if path.0.pop().is_none() {
                return Span::default();
            }
        }
    }

    /// Returns the spans of a value in the source.
    pub fn locate(&self, path: &Path) -> Option<Located> {
        self.loaded.locate(path)
    }

    /// Returns the source.
    pub fn source(&self) -> &str {
        &self.loaded.text
    }

    /// Returns true if the value is not in the source.
    pub fn is_missing(&self, path: &Path) -> bool {
        self.loaded.locate(path).is_none()
    }

    /// Returns the findings in order of position.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        for (code, count) in &self.counts {
            let more = count.saturating_sub(MAX_PER_CODE);
            let last = self
                .findings
                .iter_mut()
                .rfind(|finding| finding.code == code.id());
            if let (1.., Some(last)) = (more, last) {
                last.help = format!(
                    "{}; {more} more findings of this kind are not listed",
                    last.help
                );
            }
        }
        self.findings
            .sort_short_by(|a, b| position(a).cmp(&position(b)));
        self.findings
    }

    /// Fix that replaces a string by another of plain letters. `None` unless the source spells the string literally.
    pub fn replace_text(&self, path: &Path, old: &str, new: &str, title: String) -> Option<Fix> {
        let span = self.loaded.locate(path)?.value;
        let spelled = self.loaded.text.get(span.start..span.end)?;
        let quote = spelled
            .chars()
            .next()
            .filter(|quote| matches!(quote, '"' | '\''));
        let text = match quote {
            Some(quote) if spelled.strip_prefix(quote)?.strip_suffix(quote)? == old => {
                format!("{quote}{new}{quote}")
            }
            None if spelled == old && !old.is_empty() => {
                if new.is_empty() || new.contains('*') {
                    format!("\"{new}\"")
                } else {
                    new.to_owned()
                }
            }
            _ => return None,
        };
        Some(Fix::new(title, vec![Edit { span, text }]))
    }

    /// Fix that empties a list. `None` if a comment or an anchor would be lost.
    pub fn empty_list(&self, path: &Path, title: String) -> Option<Fix> {
        let located = self.loaded.locate(path)?;
        let span = Span::new(located.key?.end, located.value.end);
        let old = self.loaded.text.get(span.start..span.end)?;
        if !old.trim_start().starts_with(':') || old.contains(['#', '&', '\\']) {
            return None;
        }
        let text = ": []".to_owned();
        Some(Fix::new(title, vec![Edit { span, text }]))
    }

    /// Fix that inserts a field before another field of the same mapping, in the layout of the source.
    pub fn insert_before(&self, path: &Path, yaml: &str, json: &str, title: String) -> Option<Fix> {
        let at = self.loaded.locate(path)?.key?.start;
        let text = &self.loaded.text;
        let before = text.get(..at)?;
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let inserted = if line.chars().all(|c| matches!(c, ' ' | '-')) {
            format!("{yaml}\n{}", " ".repeat(line.len()))
        } else if before.trim_end().ends_with(['{', ',']) {
            let field = if text.get(at..)?.starts_with('"') {
                json
            } else {
                yaml
            };
            format!("{field}, ")
        } else {
            return None;
        };
        let edit = Edit {
            span: Span::new(at, at),
            text: inserted,
        };
        Some(Fix::new(title, vec![edit]))
    }
}

/// Key for sorting findings by position.
fn position(finding: &Diagnostic) -> (usize, &str) {
    let span = finding.span().unwrap_or_default();
    (span.start, &finding.code)
}

/// Joins words: "a", "a and b", "a, b and c".
pub(super) fn join_and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Names a rule in a message, counted from 1 as in the editor.
pub(super) fn rule_name(rule: usize) -> String {
    RuleIndex::new(rule).to_string()
}

/// Returns a group in backticks; the core group as `""` (core).
pub(super) fn quote_group(group: &str) -> String {
    if group.is_empty() {
        "`\"\"` (core)".to_owned()
    } else {
        quote(group)
    }
}
