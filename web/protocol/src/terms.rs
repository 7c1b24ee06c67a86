//! The filter's text: bare words, and terms of the form `field:value`. The page puts terms in and takes them out, the worker obeys them.

use std::ops::Range;

use crate::Column;

/// The names that a term may begin with; others make a bare word.
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

/// The help on filters: an example of each kind of term, and what it selects.
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
        "responses with this status, 4xx for all that begin with 4; status: is the same",
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

/// How the terms of a filter go together, in sentences.
pub const COMBINATION: &str = "Terms of the same field are alternatives: `verb:create verb:delete` selects creates and deletes. Terms of different \
     fields, and words without a field, must all apply. Quotes keep spaces together: `user:\"a b\"`; `user:\"\"` selects events without a user. \
     Upper and lower case are the same.";

/// A word or a term of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Lowercase; empty for a bare word.
    pub field: String,
    /// Lowercase, without the quotes.
    pub value: String,
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
}

/// The terms of a text, in order. Double quotes hold spaces together; between them a backslash makes a quote or a backslash literal.
pub fn terms(text: &str) -> Vec<Term> {
    let mut found = Vec::new();
    let mut open = Open::default();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                open.begin(at);
                open.is_quoted = !open.is_quoted;
                open.was_quoted = true;
            }
            '\\' if open.is_quoted => {
                let escaped = characters.next_if(|(_, next)| matches!(next, '"' | '\\'));
                open.value.push(escaped.map_or(character, |(_, next)| next));
            }
            ':' if !open.is_quoted && open.field.is_empty() && is_field(&open.value) => {
                open.field = std::mem::take(&mut open.value).to_lowercase();
            }
            space if space.is_whitespace() && !open.is_quoted => found.extend(open.end(at)),
            other => {
                open.begin(at);
                open.value.push(other);
            }
        }
    }
    if open.is_quoted {
        // A quote that is still being typed.
        open.value.truncate(open.value.trim_end().len());
        open.was_quoted = false;
    }
    found.extend(open.end(text.len()));
    found
}

/// The term under way.
#[derive(Default)]
struct Open {
    start: Option<usize>,
    field: String,
    value: String,
    is_quoted: bool,
    was_quoted: bool,
}

impl Open {
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

/// The term that selects the events with a value; empty for columns that no term asks about.
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

/// Whether a text has a term.
pub fn has_term(text: &str, term: &str) -> bool {
    !places(text, term).is_empty()
}

/// Adds a term to a text, once.
pub fn add_term(text: &mut String, term: &str) {
    if has_term(text, term) {
        return;
    }
    if !text.is_empty() && !text.ends_with(' ') {
        text.push(' ');
    }
    text.push_str(term);
}

/// Takes a term out of a text, with the space that set it apart.
pub fn remove_term(text: &mut String, term: &str) {
    for range in places(text, term).into_iter().rev() {
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

/// Where a term stands in a text, however it is written there.
fn places(text: &str, term: &str) -> Vec<Range<usize>> {
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
    fn texts_are_split_into_terms() {
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
    fn the_help_is_about_every_field() {
        let said: Vec<String> = HELP
            .iter()
            .map(|(example, meaning)| [*example, " ", *meaning].concat())
            .collect();
        for field in FIELDS {
            let named = |text: &String| {
                text.split([' ', ';'])
                    .any(|word| word.starts_with(&[field, ":"].concat()))
            };
            assert!(said.iter().any(named), "{field}");
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
    fn every_value_has_a_term_that_is_read_back() {
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
    fn a_term_goes_in_once_and_comes_out_whole() {
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
