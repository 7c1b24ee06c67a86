//! The part of a filter that is being typed at the caret.

use std::ops::Range;

use crate::field::Field;
use crate::scan::scan;

/// The part of a filter that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Byte range that a completion replaces.
    pub range: Range<usize>,
    /// The text before the caret, without quotes.
    pub typed: String,
    /// Kind of part.
    pub of: Completing,
}

/// Kind of what is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completing {
    /// The name of a field, or a word.
    Field,
    /// A value of a field.
    Value(Field),
}

/// Returns what is being typed at a caret, a byte offset; `None` within the quotes of a word.
pub fn completion_at(text: &str, caret: usize) -> Option<Completion> {
    let before = text.get(..caret)?;
    let rest = text.get(caret..)?;
    let length = rest.find(|character: char| character.is_whitespace() || character == ',');
    let end = caret + length.unwrap_or(rest.len());
    let nothing = Completion {
        range: caret..end,
        typed: String::new(),
        of: Completing::Field,
    };
    let ends_here = |term: &crate::scan::RawTerm| term.range.end == caret;
    let Some(term) = scan(before).pop().filter(ends_here) else {
        return Some(nothing);
    };
    let value = term.values.last();
    let Some(field) = term.field else {
        // A sign before the name of a field stays.
        let typed = value.map(|value| (value.has_quotes, value.text(), value.range.start));
        return match typed {
            None => Some(nothing),
            Some((true, ..)) => None,
            Some((false, typed, start)) => Some(Completion {
                range: start..end,
                typed,
                of: Completing::Field,
            }),
        };
    };
    let of = Completing::Value(field);
    // Behind a comma a new value begins.
    match value.filter(|value| value.range.end == caret) {
        None => Some(Completion { of, ..nothing }),
        Some(value) => Some(Completion {
            range: value.range.start..end,
            typed: value.text(),
            of,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_values_are_completed_at_the_caret() {
        use Completing::{Field as Name, Value};
        // The caret is at `|`.
        for (text, replaced, typed, of) in [
            ("|", "", "", Name),
            ("us|", "us", "us", Name),
            ("-us|", "us", "us", Name),
            ("-|", "", "", Name),
            ("pods us| x", "us", "us", Name),
            ("us|er x", "user", "us", Name),
            ("user:|", "", "", Value(Field::User)),
            ("-user:al|", "al", "al", Value(Field::User)),
            ("user:al|ice x", "alice", "al", Value(Field::User)),
            ("user:bob,|", "", "", Value(Field::User)),
            ("user:bob,al|,x", "al", "al", Value(Field::User)),
            ("ns:\"a b|", "\"a b", "a b", Value(Field::Namespace)),
            ("ns:\"a,|", "\"a,", "a,", Value(Field::Namespace)),
            ("pods |", "", "", Name),
        ] {
            let caret = text.find('|').unwrap();
            let text = text.replace('|', "");
            let completion = completion_at(&text, caret).unwrap();
            let found = (
                &text[completion.range.clone()],
                completion.typed.as_str(),
                completion.of,
            );
            assert_eq!(found, (replaced, typed, of), "{text}");
        }
        assert_eq!(completion_at("\"us", 3), None);
        assert_eq!(completion_at("é", 1), None);
        assert_eq!(completion_at("a", 9), None);
    }
}
