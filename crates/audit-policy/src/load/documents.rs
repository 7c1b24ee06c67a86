//! Documents after the first, which the server ignores.

use super::context::{finding, first_line};
use crate::codes::PolicyCode;
use crate::decode::kind;
use audit_types::KubernetesVersion;
use audit_types::Span;
use audit_types::{Code, Diagnostic, Edit, Fix, Severity};
use kube_yaml::tree::{Tree, Value};
use kube_yaml::{Reading, text, yaml};

/// Maximum number of documents after the first that are checked.
const MAX_DOCUMENTS: usize = 20;

/// A document that the server ignores because it is not the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IgnoredDocument {
    /// The whole document, from the start of its first line to the next document or the end of the text.
    pub span: Span,
    /// Its first line, usually `---`.
    pub marker: Span,
    /// True if it looks like an audit policy.
    pub is_policy: bool,
    /// True if it has a list of rules that is not empty.
    pub has_rules: bool,
    /// True if it has no version and kind of its own.
    is_bare: bool,
    /// True if it has no field that the first document has.
    is_disjoint: bool,
}

/// Returns the documents after the first that are not empty.
pub(super) fn ignored(source: &str, reading: &Reading, is_json: bool) -> Vec<IgnoredDocument> {
    // A JSON text is one value; what follows is an error, which the parts may still explain.
    let end = reading.end.filter(|_| !is_json);
    let first = &reading.tree;
    parts(source, end)
        .into_iter()
        .filter(|span| !is_blank(source.get(span.start..span.end).unwrap_or_default()))
        .take(MAX_DOCUMENTS)
        .filter_map(|span| {
            let part = source.get(span.start..span.end)?;
            let reading = yaml::read(&text::read(part.as_bytes()), KubernetesVersion::NEWEST);
            let root = reading.tree.root.map(|root| reading.tree.get(root));
            let is_empty = reading.error.is_none() && root.is_none_or(|root| *root == Value::Null);
            (!is_empty).then(|| IgnoredDocument {
                span,
                marker: first_line(span, source),
                is_policy: looks_like_policy(&reading.tree),
                has_rules: has_rules(&reading.tree),
                is_bare: is_bare(&reading.tree),
                is_disjoint: is_disjoint(&reading.tree, first),
            })
        })
        .collect()
}

/// Returns the spans after the first document. A line that starts with `---` or `...` always ends a document; the first document may
/// start with `---`. `end` is the end of the first document as parsed; a `---` need not follow it.
fn parts(source: &str, end: Option<usize>) -> Vec<Span> {
    let mut starts = Vec::new();
    let mut at = 0;
    let mut is_started = false;
    for line in source.split_inclusive(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        let content = if at == 0 {
            line.trim_start_matches('\u{feff}')
        } else {
            line
        };
        let is_start = is_marker(content, "---");
        if is_start && !is_started {
            is_started = true;
        } else if is_start || is_marker(content, "...") {
            is_started = true;
            starts.push(at);
        } else {
            is_started |= !is_blank(content);
        }
        at += line.len();
    }
    // Content right after the end of a bracket, without a marker.
    let first = starts.first().copied().unwrap_or(source.len());
    if let Some(end) = end.filter(|end| *end < first) {
        starts.insert(0, end);
    }
    let ends = starts.iter().skip(1).copied().chain([source.len()]);
    let ends: Vec<usize> = ends.collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|(start, end)| Span::new(start, end))
        .collect()
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Returns true if there are only markers, comments and directives.
fn is_blank(text: &str) -> bool {
    text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
        .all(|line| {
            let after = ["---", "..."]
                .into_iter()
                .find(|marker| is_marker(line, marker))
                .and_then(|marker| line.strip_prefix(marker));
            let content = after.unwrap_or(line).trim();
            content.is_empty()
                || content.starts_with('#')
                || after.is_none() && line.starts_with('%')
        })
}

/// Returns true if a document declares that it is an audit policy, or has rules and does not declare anything else.
pub(super) fn looks_like_policy(tree: &Tree) -> bool {
    let text = |name| {
        let entry = tree.root.and_then(|root| tree.field(root, name))?;
        match tree.get(entry.node) {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        }
    };
    let has_rules = tree.root.is_some_and(|root| {
        let rules = tree.field(root, "rules");
        rules.is_some_and(|rules| matches!(tree.get(rules.node), Value::List(_)))
    });
    match (text("apiVersion"), text("kind")) {
        (Some(version), Some("Policy")) => version
            .strip_prefix(kind::GROUP)
            .is_some_and(|rest| rest.starts_with('/')),
        (None, Some("Policy")) | (None, None) => has_rules,
        _ => false,
    }
}

/// Returns true if a document has a list of rules that is not empty.
pub(super) fn has_rules(tree: &Tree) -> bool {
    let rules = tree.root.and_then(|root| tree.field(root, "rules"));
    matches!(rules.map(|rules| tree.get(rules.node)), Some(Value::List(items)) if !items.is_empty())
}

/// Returns true if a document has no version and kind.
fn is_bare(tree: &Tree) -> bool {
    let has = |name| {
        tree.root
            .is_some_and(|root| tree.field(root, name).is_some())
    };
    !has("apiVersion") && !has("kind")
}

/// Returns true if a document has no field that another one has. Both are mappings.
fn is_disjoint(tree: &Tree, first: &Tree) -> bool {
    let (Some(root), Some(first_root)) = (tree.root, first.root) else {
        return false;
    };
    let (Value::Object(entries), Value::Object(_)) = (tree.get(root), first.get(first_root)) else {
        return false;
    };
    entries
        .iter()
        .all(|entry| first.field(first_root, &entry.key).is_none())
}

/// Returns the documents that the first one was probably meant to be or to contain.
fn wanted<'d>(
    tree: &Tree,
    further: &'d [IgnoredDocument],
) -> impl Iterator<Item = &'d IgnoredDocument> {
    let is_policy = looks_like_policy(tree);
    let has_rules = has_rules(tree);
    further.iter().filter(move |document| {
        document.is_policy && (!is_policy || (document.has_rules && !has_rules))
    })
}

/// Leaves out what follows from the rules being in a later document: that the first one lacks rules, or, if it is not meant as a policy, that it is not
/// one and has other fields.
pub(super) fn remove_consequences(
    findings: &mut Vec<Diagnostic>,
    tree: &Tree,
    further: &[IgnoredDocument],
) {
    if has_rules(tree) || wanted(tree, further).next().is_none() {
        return;
    }
    let is_policy = looks_like_policy(tree);
    findings.retain(|finding| {
        if is_policy {
            finding.code != PolicyCode::NoRules.id()
        } else {
            finding.code == PolicyCode::Unparsable.id()
        }
    });
}

/// AP007: a finding for each further document.
pub(super) fn findings(source: &str, tree: &Tree, further: &[IgnoredDocument]) -> Vec<Diagnostic> {
    let first_is_policy = looks_like_policy(tree);
    let policies = wanted(tree, further).count();
    let others = further.iter().filter(|document| document.is_policy);
    let total = others.count() + usize::from(first_is_policy);
    let mut number = usize::from(first_is_policy);
    let found = further.iter().map(|document| {
        let is_wanted = wanted(tree, std::slice::from_ref(document))
            .next()
            .is_some();
        number += usize::from(document.is_policy);
        let (severity, message) = message(document, is_wanted, first_is_policy, (number, total));
        let mut finding = finding(
            PolicyCode::ExtraDocument,
            severity,
            message,
            document.marker,
        );
        // Rules without a version cannot be moved to the front, only to the version.
        let is_rest = is_wanted && first_is_policy && document.is_bare;
        finding.help = if is_rest && document.is_disjoint {
            "remove this line, so that both documents are one"
        } else if is_wanted && !is_rest {
            "move it to the front, or keep only this document"
        } else if document.is_policy {
            "move its rules to the first policy, or move it to a separate file"
        } else {
            "remove it, or move it to a separate file"
        }
        .to_owned();
        if is_wanted && policies == 1 {
            finding.fix = if is_rest {
                joined(source, document)
            } else {
                to_front(source, document.span)
            };
        }
        finding
    });
    found.collect()
}

/// Returns severity and message of a further document. A policy among several has a number, and their number.
fn message(
    document: &IgnoredDocument,
    is_wanted: bool,
    first_is_policy: bool,
    (number, total): (usize, usize),
) -> (Severity, String) {
    let later = "not in the first document: kube-apiserver reads only that one";
    let ignored = "is ignored: kube-apiserver reads only the first document";
    match (document.is_policy, first_is_policy) {
        (true, true) if is_wanted => (Severity::Error, format!("the rules are {later}")),
        (true, false) if total == 1 => (Severity::Error, format!("the policy is {later}")),
        (true, false) => (
            Severity::Error,
            format!("policy {number} of {total} is {later}"),
        ),
        (true, true) => (
            Severity::Warning,
            format!("policy {number} of {total} {ignored}"),
        ),
        (false, _) => (Severity::Warning, format!("this document {ignored}")),
    }
}

/// Removes the marker between the first document and the rest of its fields. `None` if something else is between them, or on the marker's line.
fn joined(source: &str, document: &IgnoredDocument) -> Option<Fix> {
    let is_next = parts(source, None).first().copied() == Some(document.span);
    let marker = document.marker;
    let line = source.get(marker.start..marker.end)?;
    let rest = source.get(marker.end..document.span.end)?;
    let line_end = ["\r\n", "\n", "\r"]
        .into_iter()
        .find(|line_end| rest.starts_with(line_end))?;
    (is_next && document.is_disjoint && line == "---").then(|| {
        let edit = Edit {
            span: Span::new(marker.start, marker.end + line_end.len()),
            text: String::new(),
        };
        Fix::new("join the documents", vec![edit])
    })
}

/// Moves a document to the front without deleting anything.
fn to_front(source: &str, span: Span) -> Option<Fix> {
    let document = source.get(span.start..span.end)?;
    let starts_with_marker = is_marker(document.lines().next()?, "---");
    if !starts_with_marker {
        return None;
    }
    let start = if source.starts_with('\u{feff}') { 3 } else { 0 };
    let line_end = if document.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut moved = document.to_owned();
    if !moved.ends_with(['\n', '\r']) {
        moved.push_str(line_end);
    }
    let before = source.get(start..span.start)?;
    if !is_marker(before.lines().next().unwrap_or_default(), "---") {
        moved.push_str("---");
        moved.push_str(line_end);
    }
    let inserted = Edit {
        span: Span::new(start, start),
        text: moved,
    };
    let removed = Edit {
        span,
        text: String::new(),
    };
    Some(Fix::new(
        "move the policy to the front",
        vec![inserted, removed],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_end_at_markers() {
        for (text, end, wanted) in [
            ("a: 1\n", None, &[][..]),
            ("---\na: 1\n", None, &[]),
            ("\u{feff}--- # x\na: 1\n", None, &[]),
            ("# c\n%YAML 1.1\n---\na: 1\n", None, &[]),
            ("a: 1\n---\nb: 2", None, &["---\nb: 2"]),
            ("---\n---\nb: 2", None, &["---\nb: 2"]),
            (
                "a: 1\n...\nb: 2\n--- c\n",
                None,
                &["...\nb: 2\n", "--- c\n"],
            ),
            ("a: 1\n---x: 2\n", None, &[]),
            ("a: |\n  ---\n", None, &[]),
            ("{a: 1}\nb: 2\n---\nc", Some(7), &["b: 2\n", "---\nc"]),
        ] {
            let found = parts(text, end);
            let found: Vec<&str> = found
                .iter()
                .map(|span| &text[span.start..span.end])
                .collect();
            assert_eq!(found, wanted, "{text:?}");
        }
    }
}
