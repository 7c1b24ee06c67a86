//! A policy that is a mapping of the document: its text as a document of its own.

use audit_policy::document::{Document, Kind, Node};
use audit_types::{Level, Span};

use super::kind;
use super::source_map::{Segment, SourceMap, WriteBack};
use crate::input_format::InputFormat;

/// Maximum number of rules that are inspected.
const MAX_INSPECTED: usize = 50;

/// The text of a mapping, and its map to the document.
pub(super) struct Extract {
    pub(super) text: String,
    pub(super) map: SourceMap,
}

/// Returns whether a mapping inside a document is an audit policy: its version is that of one, or its field is named so, or its rules have levels of the audit API.
pub(super) fn is_policy(node: Node<'_>, field: &str, format: InputFormat) -> bool {
    if !kind::is_policy(node) {
        return false;
    }
    let has_version = node
        .get("apiVersion")
        .and_then(Node::text)
        .is_some_and(|version| version.starts_with("audit.k8s.io/"));
    let is_level = |rule: Node<'_>| {
        let level = rule.get("level").and_then(Node::text).unwrap_or_default();
        Level::from_name(level).is_some()
    };
    let has_levels = node
        .get("rules")
        .is_some_and(|rules| rules.items().take(MAX_INSPECTED).any(is_level));
    let is_named = field.to_ascii_lowercase().contains("audit");
    has_version
        || has_levels
        || is_named
        || matches!(format, InputFormat::Rke1 | InputFormat::Talos)
}

/// Returns the bytes from the first key to the end of the last value. An alias has those of its anchor.
fn extent(node: Node<'_>) -> Option<Span> {
    let start = node.fields().map(|field| field.key.start).min()?;
    let end = node.fields().map(|field| field.value.span().end).max()?;
    Some(Span::new(start, end))
}

/// Returns the text of a mapping as a document of its own. If its lines refer to anchors elsewhere, it is written again.
pub(super) fn extract(node: Node<'_>, source: &str) -> Option<Extract> {
    let lines = lines(node, source)?;
    if Document::read(&lines.text).is_ok() {
        return Some(lines);
    }
    let mut rendered = Rendered::default();
    rendered.value(node, 0);
    rendered.text.push('\n');
    Some(Extract {
        text: rendered.text,
        map: SourceMap::new(rendered.segments, node.span(), WriteBack::Never),
    })
}

/// Maximum depth and size of a mapping that is written again; aliases can make it much larger than its source.
const MAX_RENDERED: (usize, usize) = (64, 1 << 20);

/// A value in flow style, with the places of its parts.
#[derive(Default)]
struct Rendered {
    text: String,
    segments: Vec<Segment>,
}

impl Rendered {
    fn push(&mut self, text: &str, outer: Span) {
        let start = self.text.len();
        self.text.push_str(text);
        self.segments.push(Segment {
            inner: Span::new(start, self.text.len()),
            outer,
            is_verbatim: false,
        });
    }

    fn value(&mut self, node: Node<'_>, depth: usize) {
        let (max_depth, max_size) = MAX_RENDERED;
        if depth > max_depth || self.text.len() > max_size {
            return self.push("null", node.span());
        }
        match node.kind() {
            Kind::Object => {
                self.push("{", node.span());
                for (index, field) in node.fields().enumerate() {
                    if index > 0 {
                        self.text.push_str(", ");
                    }
                    self.push(&audit_text::quote::json(field.name), field.key);
                    self.text.push_str(": ");
                    self.value(field.value, depth + 1);
                }
                self.text.push('}');
            }
            Kind::List => {
                self.push("[", node.span());
                for (index, item) in node.items().enumerate() {
                    if index > 0 {
                        self.text.push_str(", ");
                    }
                    self.value(item, depth + 1);
                }
                self.text.push(']');
            }
            Kind::Text => {
                let text = node.text().unwrap_or_default();
                self.push(&audit_text::quote::json(text), node.span());
            }
            _ if node.is_alias() || node.spelled().is_empty() => self.push("null", node.span()),
            _ => self.push(node.spelled(), node.span()),
        }
    }
}

/// Returns the lines of a mapping without its indentation, with comments above its first key.
fn lines(node: Node<'_>, source: &str) -> Option<Extract> {
    let spelled = node.spelled();
    if spelled.starts_with('{') {
        let span = node.span();
        let segment = Segment::verbatim(0, span.start, spelled.len());
        return Some(Extract {
            text: format!("{spelled}\n"),
            map: SourceMap::new(vec![segment], span, WriteBack::Flow),
        });
    }
    let Span { start, end } = extent(node)?;
    let before = source.get(..start)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let column = start - line;
    let is_first_of_line = source.get(line..start)?.trim().is_empty();
    let mut at = if is_first_of_line {
        comments_above(source, line, column)
    } else {
        start
    };
    let mut text = String::new();
    let mut segments = Vec::new();
    while at < end {
        let line = source.get(at..)?.split_inclusive('\n').next()?;
        let spaces = line.len() - line.trim_start_matches(' ').len();
        let margin = if at == start { 0 } else { spaces.min(column) };
        let content = line.get(margin..)?.trim_end_matches('\n');
        let content = content.strip_suffix('\r').unwrap_or(content);
        segments.push(Segment::verbatim(text.len(), at + margin, content.len()));
        text.push_str(content);
        let rest = line.len() - margin - content.len();
        if rest > 0 {
            segments.push(Segment {
                inner: Span::new(text.len(), text.len() + 1),
                outer: Span::new(at + margin + content.len(), at + line.len()),
                is_verbatim: rest == 1,
            });
        }
        text.push('\n');
        at += line.len();
    }
    Some(Extract {
        text,
        map: SourceMap::new(segments, Span::new(start, end), WriteBack::Lines),
    })
}

/// Returns the start of the comments directly above a line that are indented as far.
fn comments_above(source: &str, line: usize, column: usize) -> usize {
    let mut first = line;
    while first > 0 {
        let above = source.get(..first - 1).unwrap_or_default();
        let start = above.rfind('\n').map_or(0, |at| at + 1);
        let text = above.get(start..).unwrap_or_default();
        let spaces = text.len() - text.trim_start_matches(' ').len();
        if spaces != column || !text.trim_start().starts_with('#') {
            break;
        }
        first = start;
    }
    first
}

/// Adds version and kind if the program does. Returns the number of bytes by which the mapping moves.
pub(super) fn completed(node: Node<'_>, text: String, is_completed: bool) -> (usize, String) {
    let fields = [("apiVersion", "audit.k8s.io/v1"), ("kind", "Policy")];
    let missing: Vec<String> = fields
        .into_iter()
        .filter(|(name, _)| is_completed && node.field(name).is_none())
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    if let Some(rest) = text.strip_prefix('{') {
        // A text that starts with a brace would have to be JSON.
        let fields: String = missing.iter().map(|field| format!("{field}, ")).collect();
        let before = format!("---\n{{{fields}");
        return (before.len() - 1, format!("{before}{rest}"));
    }
    let before: String = missing.iter().map(|field| format!("{field}\n")).collect();
    (before.len(), format!("{before}{text}"))
}

/// Fields that kubespray's template adds before the rules.
const BEFORE_RULES: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

/// Indentation of kubespray's template, `indent(2, true)`.
const RULES_INDENT: &str = "  ";

/// Returns the policy of rules that are a text of their own, and its map to the text. The template indents the rules. A list of lines is the same without
/// that, and its fixes can be written back; a list in brackets is only a value below its key if it is indented.
pub(super) fn rules(text: &str) -> (String, SourceMap) {
    let whole = Span::new(0, text.len());
    let is_content = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let first = text.lines().map(str::trim_start).find(is_content);
    if !first.is_some_and(|line| line.starts_with(['[', '{', '"', '\''])) {
        let map = SourceMap::part(whole).after_prefix(BEFORE_RULES.len());
        return (format!("{BEFORE_RULES}{text}"), map);
    }
    let mut out = BEFORE_RULES.to_owned();
    let mut segments = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim_end().is_empty() {
            out.push_str(RULES_INDENT);
        }
        segments.push(Segment::verbatim(out.len(), at, line.len()));
        out.push_str(line);
        at += line.len();
    }
    (out, SourceMap::new(segments, whole, WriteBack::Flow))
}
