//! The document that diagnostics of loading refer to, and how they are built.

use audit_types::{
    Code as _, Diagnostic, Document, Edit, Fix, KubernetesVersion, Path, Severity, Span, Step,
};
use kube_yaml::tree::Tree;

use crate::codes::PolicyCode;

/// The document that diagnostics refer to.
#[derive(Debug, Clone, Copy)]
pub(super) struct DiagnosticContext<'a> {
    pub(super) source: &'a str,
    pub(super) is_json: bool,
    pub(super) tree: &'a Tree,
    pub(super) version: KubernetesVersion,
}

impl DiagnosticContext<'_> {
    /// Returns the first line of the document, or the first visible line if it is empty.
    pub(super) fn top(self) -> Span {
        let whole = self.tree.root.map_or(Span::default(), |root| root.span);
        let first = first_line(whole, self.source);
        if first.start < first.end {
            return first;
        }
        let start = self.source.len() - self.source.trim_start_matches(is_unseen).len();
        first_line(Span::new(start, self.source.len()), self.source)
    }
}

fn is_unseen(letter: char) -> bool {
    letter.is_whitespace() || letter == '\u{feff}'
}

/// Returns the first line of a span; lines end as in YAML.
pub(super) fn first_line(span: Span, source: &str) -> Span {
    let text = source.get(span.start..span.end).unwrap_or_default();
    let mut lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    let line = lines.next().unwrap_or_default();
    Span::new(span.start, span.start + line.trim_end().len())
}

/// Creates a finding about the document.
pub(super) fn finding(
    code: PolicyCode,
    severity: Severity,
    message: String,
    span: Span,
) -> Diagnostic {
    Diagnostic::new(code.id(), severity, message).labeled(Document::Policy, span)
}

/// Creates a fix with one edit.
pub(super) fn replace(title: impl Into<String>, span: Span, text: impl Into<String>) -> Fix {
    let text = text.into();
    Fix::new(title, vec![Edit { span, text }])
}

/// States how the version treats a field that it does not know.
pub(super) fn dropped(version: KubernetesVersion) -> String {
    if version.at_least(26) {
        format!("kube-apiserver {version} ignores this field and logs a warning")
    } else {
        format!("kube-apiserver {version} silently ignores this field")
    }
}

/// Names the value at a path in a message. Rules are counted from 1, as in the editor.
pub(super) fn value_name(path: &Path) -> String {
    match path.0.as_slice() {
        [Step::Field(rules), Step::Index(rule)] if rules == "rules" => format!("rule {}", rule + 1),
        [Step::Field(rules), Step::Index(rule), rest @ ..] if rules == "rules" => {
            format!("`{}` of rule {}", Path(rest.to_vec()), rule + 1)
        }
        _ => format!("`{path}`"),
    }
}

/// Returns true if the span is a plain word without characters that are special in YAML.
pub(super) fn is_plain(span: Span, source: &str) -> bool {
    let text = source.get(span.start..span.end).unwrap_or_default();
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '+' | '/'))
}
