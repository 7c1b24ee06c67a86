//! The filter's text: bare words, and terms of the form `field:value`. The page adds and removes terms, the worker applies them.

use std::ops::Range;

use crate::view::Column;

/// Names that a term may begin with; a word with any other name before a colon is a bare word.
const FIELDS: [&str; 15] = [
    "user",
    "group",
    "verb",
    "ns",
    "namespace",
    "resource",
    "apigroup",
    "name",
    "stage",
    "code",
    "status",
    "rule",
    "level",
    "outcome",
    "source",
];

/// Help on filters: an example of each kind of term, and the events it selects.
pub const HELP: [(&str, &str); 14] = [
    ("user:alice", "events of this user"),
    ("group:system:masters", "events of users in this group"),
    ("verb:create", "events with this verb"),
    (
        "ns:kube-system",
        "events in this namespace; namespace: is the same",
    ),
    (
        "resource:pods",
        "this resource, as in a rule: pods/* is every subresource of pods, */scale is scale of any resource",
    ),
    ("apigroup:apps", "resources of this API group"),
    ("name:coredns", "objects with this name"),
    ("stage:complete", "stages whose name contains this"),
    (
        "code:403",
        "responses with this status; 4xx for all that start with 4; also as status:",
    ),
    (
        "source:10.0.0.7",
        "requests from this address; 10.0.* is all that begin with 10.0.",
    ),
    (
        "rule:3",
        "events that the third rule matches; none if no rule does, unknown if that cannot be determined",
    ),
    (
        "level:M",
        "events at this level: N, M, R or RR, or its name; unknown if it cannot be determined",
    ),
    (
        "outcome:written",
        "or dropped, dropped-level, dropped-stage, unknowable",
    ),
    (
        "pods web",
        "words without a field: each occurs in the user, a group, the verb, the namespace, the resource, its API group, its name or the path",
    ),
];

/// Explanation of how the terms of a filter combine.
pub const COMBINATION: &str = "Terms of the same field are alternatives: `verb:create verb:delete` selects creates and deletes. Terms of different \
     fields, and words without a field, must all apply. Quotes keep spaces together: `user:\"a b\"`; `user:\"\"` selects events without a user. \
     Upper and lower case are the same.";

/// A word or a term of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Name of the field in lowercase; empty for a bare word.
    pub field: String,
    /// Value in lowercase, without the quotes.
    pub value: String,
    /// Byte range in the text.
    pub range: Range<usize>,
}

/// Parses a text into terms, in order. Double quotes keep spaces together; within them a backslash escapes a quote or a backslash.
pub fn terms(text: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut term = PartialTerm::default();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                term.begin(at);
                term.is_quoted = !term.is_quoted;
                term.was_quoted = true;
            }
            '\\' if term.is_quoted => {
                let escaped = characters.next_if(|(_, next)| matches!(next, '"' | '\\'));
                term.value.push(escaped.map_or(character, |(_, next)| next));
            }
            ':' if !term.is_quoted && term.field.is_empty() && is_field(&term.value) => {
                term.field = std::mem::take(&mut term.value).to_lowercase();
            }
            space if space.is_whitespace() && !term.is_quoted => terms.extend(term.end(at)),
            other => {
                term.begin(at);
                term.value.push(other);
            }
        }
    }
    if term.is_quoted {
        // A quote that is still being typed.
        term.value.truncate(term.value.trim_end().len());
        term.was_quoted = false;
    }
    terms.extend(term.end(text.len()));
    terms
}

/// A term being parsed.
#[derive(Default)]
struct PartialTerm {
    start: Option<usize>,
    field: String,
    value: String,
    is_quoted: bool,
    was_quoted: bool,
}

impl PartialTerm {
    fn begin(&mut self, at: usize) {
        self.start.get_or_insert(at);
    }

    fn end(&mut self, at: usize) -> Option<Term> {
        let Self {
            start,
            field,
            value,
            was_quoted,
            ..
        } = std::mem::take(self);
        let start = start?;
        (!value.is_empty() || was_quoted).then(|| Term {
            field,
            value: value.to_lowercase(),
            range: start..at,
        })
    }
}

fn is_field(word: &str) -> bool {
    FIELDS.iter().any(|field| field.eq_ignore_ascii_case(word))
}

/// Returns the term that selects the events with a value; empty for columns without a term.
pub fn term(column: Column, value: &str) -> String {
    let field = match column {
        Column::Verb => "verb",
        Column::Resource => "resource",
        Column::User => "user",
        Column::Group => "group",
        Column::Namespace => "ns",
        Column::Stage => "stage",
        Column::Code => "code",
        Column::Source => "source",
        Column::Rule => "rule",
        Column::Level => "level",
        Column::Outcome => "outcome",
        Column::Time | Column::Recorded | Column::Written => return String::new(),
    };
    let is_plain = !value.is_empty()
        && !value.contains(|character: char| character.is_whitespace() || character == '"');
    if is_plain {
        return [field, ":", value].concat();
    }
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    [field, ":\"", &value, "\""].concat()
}

/// Returns `true` if a text has a term.
pub fn has_term(text: &str, term: &str) -> bool {
    !ranges(text, term).is_empty()
}

/// Adds a term to a text, unless it is there already.
pub fn add_term(text: &mut String, term: &str) {
    if has_term(text, term) {
        return;
    }
    if !text.is_empty() && !text.ends_with(' ') {
        text.push(' ');
    }
    text.push_str(term);
}

/// Removes a term from a text, with the space that separates it.
pub fn remove_term(text: &mut String, term: &str) {
    for range in ranges(text, term).into_iter().rev() {
        let before = text.get(..range.start).unwrap_or_default().trim_end();
        let after = text.get(range.end..).unwrap_or_default().trim_start();
        let space = if before.is_empty() || after.is_empty() {
            ""
        } else {
            " "
        };
        *text = [before, space, after].concat();
    }
}

/// Returns the ranges of a term in a text, in any spelling.
fn ranges(text: &str, term: &str) -> Vec<Range<usize>> {
    let Some(wanted) = terms(term).into_iter().next() else {
        return Vec::new();
    };
    let is_it = |found: &Term| found.field == wanted.field && found.value == wanted.value;
    let found = terms(text).into_iter().filter(is_it);
    found.map(|found| found.range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        let terms = terms(text).into_iter();
        terms
            .map(|Term { field, value, .. }| format!("{field}={value}"))
            .collect()
    }

    #[test]
    fn text_is_split_into_terms() {
        assert_eq!(split("user:Alice  pods"), ["user=alice", "=pods"]);
        assert_eq!(split("system:node:n1"), ["=system:node:n1"]);
        assert_eq!(split("user:system:node:n1"), ["user=system:node:n1"]);
        assert_eq!(split("user:\"a b\" ns:\"\""), ["user=a b", "ns="]);
        assert_eq!(
            split(r#"user:"a \"b\" \\c \d" x"#),
            [r#"user=a "b" \c \d"#, "=x"]
        );
        assert_eq!(split(r"user:AD\bob"), [r"user=ad\bob"]);
        assert_eq!(split("\"a b"), ["=a b"]);
        assert!(split("  ").is_empty() && split("user:").is_empty() && split("\"").is_empty());
    }

    #[test]
    fn help_covers_every_field() {
        let entries: Vec<String> = HELP
            .iter()
            .map(|(example, meaning)| [*example, " ", *meaning].concat())
            .collect();
        for field in FIELDS {
            let names_field = |text: &String| {
                text.split([' ', ';'])
                    .any(|word| word.starts_with(&[field, ":"].concat()))
            };
            assert!(entries.iter().any(names_field), "{field}");
        }
        for (example, _) in HELP {
            let fields = terms(example).into_iter().map(|term| term.field);
            let expected: &[&str] = match example.split_once(':') {
                Some((field, _)) => &[field],
                None => &["", ""],
            };
            assert_eq!(fields.collect::<Vec<_>>(), expected, "{example}");
        }
    }

    #[test]
    fn terms_round_trip_for_any_value() {
        for value in [
            "alice",
            "",
            "a b",
            r#"x"y"#,
            r"AD\bob",
            r"AD\bob smith",
            r#"\""#,
            "é:ü",
        ] {
            let term = term(Column::User, value);
            assert_eq!(
                split(&term),
                [format!("user={value}").to_lowercase()],
                "{term}"
            );
        }
    }

    #[test]
    fn a_term_is_added_once_and_removed_completely() {
        let mut text = "pods".to_owned();
        add_term(&mut text, "user:\"a b\"");
        add_term(&mut text, "USER:\"A b\"");
        add_term(&mut text, "code:403");
        assert_eq!(text, "pods user:\"a b\" code:403");
        assert!(has_term(&text, "code:403") && !has_term(&text, "code:40"));
        remove_term(&mut text, "user:\"a b\"");
        assert_eq!(text, "pods code:403");
        remove_term(&mut text, "code:403");
        assert_eq!(text, "pods");
        remove_term(&mut text, "pods");
        assert_eq!(text, "");
    }
}
