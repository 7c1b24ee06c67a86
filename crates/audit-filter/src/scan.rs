//! Splits a filter into terms and values, with their places, before anything is known about their meaning.

use std::ops::Range;

use crate::field::Field;

/// A term as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RawTerm {
    /// Byte range in the text, with the sign.
    pub(crate) range: Range<usize>,
    /// It begins with `-`.
    pub(crate) is_negated: bool,
    /// The field before the colon; `None` for words.
    pub(crate) field: Option<Field>,
    /// The values: one for a word; none if they are still to be typed.
    pub(crate) values: Vec<RawValue>,
}

/// A value as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RawValue {
    /// Byte range in the text, with quotes.
    pub(crate) range: Range<usize>,
    /// Characters without quotes and escapes, each with `true` if it was quoted.
    pub(crate) characters: Vec<(char, bool)>,
    /// It has quotes.
    pub(crate) has_quotes: bool,
    /// Its last quote is not closed.
    pub(crate) is_open: bool,
}

impl RawValue {
    /// Returns the text without quotes.
    pub(crate) fn text(&self) -> String {
        self.characters
            .iter()
            .map(|(character, _)| *character)
            .collect()
    }

    fn is_blank(&self) -> bool {
        self.characters.is_empty() && !self.has_quotes
    }
}

/// Splits a text into terms. Double quotes keep spaces, commas and asterisks together; within them a backslash escapes a quote or a
/// backslash. A quote that is not closed extends to the end.
pub(crate) fn scan(text: &str) -> Vec<RawTerm> {
    let mut terms = Vec::new();
    let mut scanner = Scanner::default();
    let mut is_quoted = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let end = at + character.len_utf8();
        match character {
            '"' => {
                is_quoted = !is_quoted;
                scanner.quote(at, end);
            }
            '\\' if is_quoted => {
                let escaped = characters.next_if(|(_, next)| matches!(next, '"' | '\\'));
                let end = escaped.map_or(end, |(at, next)| at + next.len_utf8());
                scanner.push(at, end, escaped.map_or(character, |(_, next)| next), true);
            }
            _ if is_quoted => scanner.push(at, end, character, true),
            space if space.is_whitespace() => terms.extend(scanner.end(at)),
            '-' if scanner.is_at_start() => scanner.negate(at, end),
            ':' if scanner.is_before_colon() => scanner.colon(at, end),
            ',' if scanner.term.field.is_some() => scanner.comma(at, end),
            other => scanner.push(at, end, other, false),
        }
    }
    if is_quoted {
        scanner.trim();
    }
    terms.extend(scanner.end(text.len()));
    terms
}

#[derive(Default)]
struct Scanner {
    term: RawTerm,
    value: RawValue,
    has_begun: bool,
}

impl Scanner {
    fn begin(&mut self, at: usize) {
        if !self.has_begun {
            self.has_begun = true;
            self.term.range.start = at;
            self.value.range = at..at;
        }
    }

    const fn is_at_start(&self) -> bool {
        !self.has_begun
    }

    fn push(&mut self, at: usize, end: usize, character: char, is_quoted: bool) {
        self.begin(at);
        self.value.range.end = end;
        self.value.characters.push((character, is_quoted));
    }

    fn quote(&mut self, at: usize, end: usize) {
        self.begin(at);
        self.value.range.end = end;
        self.value.has_quotes = true;
    }

    fn negate(&mut self, at: usize, end: usize) {
        self.begin(at);
        self.term.is_negated = true;
        self.value.range = end..end;
    }

    /// Returns `true` if the text before a colon is the name of a field.
    fn is_before_colon(&self) -> bool {
        self.term.field.is_none()
            && !self.value.has_quotes
            && Field::from_name(&self.value.text()).is_some()
    }

    fn colon(&mut self, at: usize, end: usize) {
        self.begin(at);
        self.term.field = Field::from_name(&self.value.text());
        self.value = RawValue {
            range: end..end,
            ..RawValue::default()
        };
    }

    fn comma(&mut self, _at: usize, end: usize) {
        self.end_value();
        self.value.range = end..end;
    }

    fn end_value(&mut self) {
        let value = std::mem::take(&mut self.value);
        if !value.is_blank() {
            self.term.values.push(value);
        }
    }

    /// Removes the spaces behind a quote that is still being typed.
    fn trim(&mut self) {
        self.value.is_open = true;
        while let Some((last, true)) = self.value.characters.last() {
            if !last.is_whitespace() {
                break;
            }
            self.value.characters.pop();
        }
        self.value.has_quotes = !self.value.characters.is_empty();
    }

    fn end(&mut self, at: usize) -> Option<RawTerm> {
        self.end_value();
        let mut term = std::mem::take(&mut self.term);
        if !std::mem::take(&mut self.has_begun) {
            return None;
        }
        term.range.end = at;
        Some(term)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        let describe = |term: RawTerm| {
            let sign = if term.is_negated { "-" } else { "" };
            let field = term.field.map_or("", Field::name);
            let values: Vec<String> = term.values.iter().map(RawValue::text).collect();
            format!("{sign}{field}={}", values.join("|"))
        };
        scan(text).into_iter().map(describe).collect()
    }

    #[test]
    fn text_is_split_into_terms_and_values() {
        for (text, terms) in [
            ("user:Alice  pods", &["user=Alice", "=pods"][..]),
            ("system:node:n1", &["=system:node:n1"]),
            ("user:system:node:n1", &["user=system:node:n1"]),
            ("USER:a,b", &["user=a|b"]),
            ("user:\"a b\" ns:\"\"", &["user=a b", "namespace="]),
            ("user:\"a, b\",c", &["user=a, b|c"]),
            (r#"user:"a \"b\" \\c \d" x"#, &[r#"user=a "b" \c \d"#, "=x"]),
            (r"user:AD\bob", &[r"user=AD\bob"]),
            ("\"a b", &["=a b"]),
            ("\"user:a\"", &["=user:a"]),
            (
                "-verb:get -pods a-b -\"x y\"",
                &["-verb=get", "-=pods", "=a-b", "-=x y"],
            ),
            ("a,b", &["=a,b"]),
            ("user:", &["user="]),
            ("user:a,,b,", &["user=a|b"]),
            ("time:10:00..11:00", &["time=10:00..11:00"]),
            ("-", &["-="]),
            ("  ", &[]),
            ("\"", &["="]),
        ] {
            assert_eq!(split(text), terms, "{text}");
        }
    }

    #[test]
    fn places_are_those_in_the_text() {
        let text = "é -user:\"a b\",c\u{3000}x";
        let terms = scan(text);
        let at = |range: &Range<usize>| &text[range.clone()];
        let places: Vec<&str> = terms.iter().map(|term| at(&term.range)).collect();
        assert_eq!(places, ["é", "-user:\"a b\",c", "x"]);
        let values: Vec<&str> = terms[1]
            .values
            .iter()
            .map(|value| at(&value.range))
            .collect();
        assert_eq!(values, ["\"a b\"", "c"]);
    }
}
