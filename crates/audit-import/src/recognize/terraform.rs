//! Terraform: policies in here-documents, in strings and in `jsonencode(…)`, as far as they are literal.
//!
//! An object of Terraform is converted to a mapping of YAML of the same length, so that its spans are those of the configuration. A reference to a literal
//! of `locals` is replaced by it; other expressions are unknown values.

mod scan;
mod source;
mod yaml;

use audit_policy::document::Document;
use audit_types::Span;

use scan::Literals;
pub(crate) use source::{PolicySource, source_of_policy, talos_policy};
use yaml::{as_yaml, end_of_string};

/// Kinds of blocks at the top of a configuration.
const BLOCKS: [&str; 8] = [
    "resource",
    "module",
    "data",
    "variable",
    "locals",
    "provider",
    "terraform",
    "output",
];

/// Functions whose argument is an object that becomes a text.
const ENCODERS: [&str; 2] = ["jsonencode(", "yamlencode("];

/// Maximum length of the values of `locals` that are added to objects.
const MAX_ADDED: usize = 1 << 20;

/// Maximum number of times that a text is read for calls that are not closed.
const MAX_UNCLOSED: usize = 4;

/// Maximum number of objects and strings that are read.
const MAX_VALUES: usize = 200;

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    /// Name of the attribute.
    pub(crate) name: String,
    /// Place of the value.
    pub(crate) span: Span,
    /// The object as YAML, of the same length as its parts. `None` for a string.
    pub(crate) object: Option<String>,
    /// Parts of the text that the object consists of, with their positions in it: the values of `locals` are elsewhere.
    pub(crate) parts: Vec<(usize, Span)>,
    /// Places of expressions in the object.
    pub(crate) unknown: Vec<Span>,
}

/// Returns whether a text is a Terraform configuration: a line starts a block.
pub(crate) fn is_configuration(text: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        let mut labels = words.skip_while(|word| word.starts_with('"') && word.ends_with('"'));
        BLOCKS.contains(&first)
            && line.starts_with(first)
            && labels.next().is_some_and(|word| word.starts_with('{'))
    })
}

/// Returns the objects that are or contain audit policies or settings: arguments of encoders, and those with the `apiVersion` of a policy, such as in
/// `locals`.
pub(crate) fn objects(text: &str) -> Vec<Value> {
    let literals = Literals::of(text);
    let mut values: Vec<Value> = Vec::new();
    let mut budget = MAX_ADDED;
    // Each call without an end is read up to that of the text.
    let mut unclosed = text.len().saturating_mul(MAX_UNCLOSED);
    for encoder in ENCODERS {
        for (at, _) in text.match_indices(encoder).take(MAX_VALUES) {
            let start = at + encoder.len();
            let rest = text.get(start..).unwrap_or_default();
            let Some(argument) = closing(rest).and_then(|length| rest.get(..length)) else {
                match unclosed.checked_sub(rest.len()) {
                    Some(left) => unclosed = left,
                    None => break,
                }
                continue;
            };
            let local = argument.trim().strip_prefix("local.");
            let (name, span) = match local.and_then(|name| literals.locals.get_key_value(name)) {
                Some((name, span)) => ((*name).to_owned(), *span),
                None => (
                    attribute(text, at),
                    Span::new(start, start + argument.len()),
                ),
            };
            let source = text.get(span.start..span.end).unwrap_or_default();
            let is_known = values.iter().any(|value| value.span == span);
            let is_policy = source.contains("level") && source.contains("rules");
            if (is_policy || source.contains("audit")) && !is_known {
                values.push(object(text, (name, span), &literals, &mut budget));
            }
        }
    }
    for span in literals.policies.iter().take(MAX_VALUES) {
        let is_inside =
            |value: &&Value| value.span.start <= span.start && span.end <= value.span.end;
        let is_read = |value: &Value| {
            let object = value.object.as_deref();
            object.is_some_and(|object| Document::read(object).is_ok())
        };
        if !values.iter().filter(is_inside).any(is_read) {
            let name = attribute(text, span.start);
            values.push(object(text, (name, *span), &literals, &mut budget));
        }
    }
    values.sort_unstable_by_key(|value| value.span.start);
    values
}

/// Converts an object, with the values of `locals` in it.
fn object(
    text: &str,
    (name, span): (String, Span),
    literals: &Literals<'_>,
    budget: &mut usize,
) -> Value {
    let source = text.get(span.start..span.end).unwrap_or_default();
    let (_, references) = as_yaml(source);
    let mut joined = String::new();
    let mut parts = Vec::new();
    let mut add = |part: Span| {
        parts.push((joined.len(), part));
        joined.push_str(text.get(part.start..part.end).unwrap_or_default());
    };
    let mut at = span.start;
    for reference in references {
        let place = Span::new(span.start + reference.start, span.start + reference.end);
        let name = text.get(place.start..place.end);
        let local = name.and_then(|name| literals.locals.get(name.strip_prefix("local.")?));
        let Some(local) = local else { continue };
        if let Some(left) = budget.checked_sub(local.end - local.start) {
            *budget = left;
            add(Span::new(at, place.start));
            add(*local);
            at = place.end;
        }
    }
    add(Span::new(at, span.end));
    let (object, unknown) = as_yaml(&joined);
    Value {
        name,
        span,
        object: Some(object),
        parts,
        unknown,
    }
}

/// Returns the strings that contain a policy.
pub(super) fn strings(text: &str) -> Vec<Value> {
    let mut values = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.contains("audit.k8s.io/")
            && let Some(quote) = line.find('"')
            && line.get(..quote).is_some_and(|before| before.contains('='))
            && let Some(end) = line.get(quote + 1..).and_then(end_of_string)
            && values.len() < MAX_VALUES
        {
            values.push(Value {
                name: attribute(text, start + quote),
                span: Span::new(start + quote, start + quote + end + 2),
                object: None,
                parts: Vec::new(),
                unknown: Vec::new(),
            });
        }
        start += line.len();
    }
    values
}

/// Returns the name of the attribute whose value starts before a position.
fn attribute(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let name = line.split('=').next().unwrap_or_default();
    let name = name.trim().trim_matches('"');
    if name == "default"
        && let Some(start) = before.rfind(VARIABLE)
        && let Some(variable) = before.get(start + VARIABLE.len()..)
    {
        return format!("var.{}", variable.split('"').next().unwrap_or_default());
    }
    name.to_owned()
}

/// Returns the name of the attribute whose value is the here-document with a body at a position. Empty for an item of a list.
pub(super) fn attribute_of_body(text: &str, start: usize) -> String {
    let name = attribute(text, start.saturating_sub(1));
    if name.contains('<') {
        return String::new();
    }
    name
}

/// Start of a block whose `default` is the value of a variable.
const VARIABLE: &str = "variable \"";

/// Returns the position of the parenthesis that closes the one before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    let mut at = 0;
    while let Some(character) = text.get(at..)?.chars().next() {
        match character {
            '"' => at += 1 + end_of_string(text.get(at + 1..)?)?,
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
        at += character.len_utf8();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_has_blocks() {
        for (text, is_one) in [
            ("resource \"a\" \"b\" {\n}\n", true),
            ("# c\nlocals {\n", true),
            ("data:\n  a: {\n", false),
            ("resource: {\n", false),
            ("  resource \"a\" {", false),
        ] {
            assert_eq!(is_configuration(text), is_one, "{text}");
        }
    }
}
