//! Changes of a filter's text: values of facets are added to it and removed from it. What the user wrote otherwise stays as it is.

use std::ops::Range;

use crate::field::Field;
use crate::scan::{RawTerm, RawValue, scan};
use crate::value::{Test, Value};

/// Returns the term that selects the events with a value.
pub fn term(field: Field, value: &str) -> String {
    let text = Value::exact(field, value).map_or_else(|| "\"\"".to_owned(), |value| value.text);
    [field.name(), ":", &text].concat()
}

/// Returns `true` if a text selects a value of a field, alone or among others.
pub fn has_value(text: &str, field: Field, value: &str) -> bool {
    let Some(wanted) = Value::exact(field, value) else {
        return false;
    };
    of_field(text, field).iter().any(|term| {
        term.values
            .iter()
            .any(|value| is_same(field, value, &wanted.test))
    })
}

/// Returns the values of a field that a text selects, as they are printed.
pub fn selected(text: &str, field: Field) -> Vec<Value> {
    let terms = of_field(text, field).into_iter();
    terms
        .flat_map(|term| term.values)
        .filter_map(|value| Value::parse(field, &value).ok())
        .collect()
}

/// Adds a value of a field to the others, or removes it.
pub fn toggle_value(text: &mut String, field: Field, value: &str) {
    let Some(wanted) = Value::exact(field, value) else {
        return;
    };
    if has_value(text, field, value) {
        remove_value(text, field, &wanted.test);
        return;
    }
    let has_room = |term: &RawTerm| {
        let values = term.values.iter().map(|value| Value::parse(field, value));
        !term.values.is_empty() && values.flatten().all(|value| !value.is_comparison())
    };
    let Some(term) = of_field(text, field).into_iter().find(has_room) else {
        append(text, &[field.name(), ":", &wanted.text].concat());
        return;
    };
    let end = term.range.end;
    let has_comma = text.get(..end).is_some_and(|before| before.ends_with(','));
    let comma = if has_comma { "" } else { "," };
    replace(text, end..end, &[comma, &wanted.text].concat());
}

/// Removes the terms that select values of a field; those that exclude values stay.
pub fn clear_field(text: &mut String, field: Field) {
    for term in of_field(text, field).into_iter().rev() {
        remove_term(text, term.range);
    }
}

/// Adds a term to a text, unless it is there already.
pub fn add_term(text: &mut String, term: &str) {
    let is_there = |wanted: &RawTerm| scan(text).iter().any(|known| is_same_term(known, wanted));
    if !scan(term).iter().all(is_there) {
        append(text, term);
    }
}

/// Adds a term to a text instead of others that select values of its field.
pub fn narrow(text: &mut String, term: &str) {
    for raw in scan(term) {
        if let Some(field) = raw.field.filter(|_| !raw.is_negated) {
            clear_field(text, field);
        }
    }
    append(text, term);
}

/// Returns the terms that select values of a field.
fn of_field(text: &str, field: Field) -> Vec<RawTerm> {
    let terms = scan(text).into_iter();
    let selects = |term: &RawTerm| term.field == Some(field) && !term.is_negated;
    terms.filter(selects).collect()
}

fn is_same(field: Field, value: &RawValue, wanted: &Test) -> bool {
    Value::parse(field, value).is_ok_and(|value| value.test == *wanted)
}

fn is_same_term(one: &RawTerm, other: &RawTerm) -> bool {
    let texts = |term: &RawTerm| -> Vec<String> {
        term.values
            .iter()
            .map(|value| value.text().to_lowercase())
            .collect()
    };
    (one.field, one.is_negated) == (other.field, other.is_negated) && texts(one) == texts(other)
}

fn remove_value(text: &mut String, field: Field, wanted: &Test) {
    for term in of_field(text, field).into_iter().rev() {
        let others: Vec<&str> = term
            .values
            .iter()
            .filter(|value| !is_same(field, value, wanted))
            .filter_map(|value| text.get(value.range.clone()))
            .collect();
        if others.len() == term.values.len() {
            continue;
        }
        let (Some(first), Some(last)) = (term.values.first(), term.values.last()) else {
            continue;
        };
        let others = others.join(",");
        if others.is_empty() {
            remove_term(text, term.range);
        } else {
            replace(text, first.range.start..last.range.end, &others);
        }
    }
}

/// Removes a term with the space that separates it.
fn remove_term(text: &mut String, range: Range<usize>) {
    let before = text.get(..range.start).unwrap_or_default().trim_end();
    let after = text.get(range.end..).unwrap_or_default().trim_start();
    let space = if before.is_empty() || after.is_empty() {
        ""
    } else {
        " "
    };
    *text = [before, space, after].concat();
}

fn append(text: &mut String, term: &str) {
    if !text.is_empty() && !text.ends_with(char::is_whitespace) {
        text.push(' ');
    }
    text.push_str(term);
}

fn replace(text: &mut String, range: Range<usize>, with: &str) {
    // Invariant: ranges of terms and values are on boundaries of characters.
    if text.is_char_boundary(range.start) && text.is_char_boundary(range.end) {
        text.replace_range(range, with);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn values_are_toggled_within_their_term() {
        let mut text = "pods -user:eve".to_owned();
        for (field, value, expected) in [
            (Field::User, "alice", "pods -user:eve user:alice"),
            (Field::User, "a b", "pods -user:eve user:alice,\"a b\""),
            (
                Field::Code,
                "403",
                "pods -user:eve user:alice,\"a b\" code:403",
            ),
            (
                Field::Code,
                "",
                "pods -user:eve user:alice,\"a b\" code:403,\"\"",
            ),
            (
                Field::User,
                "ALICE",
                "pods -user:eve user:\"a b\" code:403,\"\"",
            ),
            (Field::User, "a b", "pods -user:eve code:403,\"\""),
            (Field::Code, "403", "pods -user:eve code:\"\""),
            (Field::Code, "", "pods -user:eve"),
            (
                Field::Ip,
                "10.0.0.1, 10.0.0.2",
                "pods -user:eve ip:\"10.0.0.1, 10.0.0.2\"",
            ),
        ] {
            toggle_value(&mut text, field, value);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn typed_terms_keep_their_spelling() {
        for (before, field, value, after) in [
            ("Verb:Get  pods", Field::Verb, "list", "Verb:Get,list  pods"),
            ("level:m", Field::Level, "Metadata", ""),
            ("level:m", Field::Level, "None", "level:m,None"),
            ("code:>=400", Field::Code, "200", "code:>=400 code:200"),
            ("code:4xx", Field::Code, "200", "code:4xx,200"),
            ("verb:get,", Field::Verb, "list", "verb:get,list"),
            ("verb:get verb:list", Field::Verb, "list", "verb:get"),
            ("verb:get,list,get x", Field::Verb, "get", "verb:list x"),
            ("source:10.0.0.1", Field::Ip, "10.0.0.1", ""),
            ("user:é,b x", Field::User, "É", "user:b x"),
        ] {
            let mut text = before.to_owned();
            toggle_value(&mut text, field, value);
            assert_eq!(text, after, "{before}");
        }
    }

    #[test]
    fn a_field_is_cleared_but_not_its_exclusions() {
        let mut text = "verb:get pods -verb:list verb:a,b".to_owned();
        clear_field(&mut text, Field::Verb);
        assert_eq!(text, "pods -verb:list");
        let mut text = "user:a,b user:c x".to_owned();
        narrow(&mut text, "user:b");
        assert_eq!(text, "x user:b");
        add_term(&mut text, "USER:B");
        assert_eq!(text, "x user:b");
    }

    #[test]
    fn the_term_of_any_value_selects_it() {
        for value in [
            "alice",
            "",
            "a b",
            r#"x"y"#,
            r"AD\bob",
            r"AD\bob smith",
            r#"\""#,
            "é:ü",
            "a,b",
            "*",
            "a*",
            "!x",
            "-x",
        ] {
            for field in [Field::User, Field::Namespace, Field::Ip, Field::UserAgent] {
                let term = term(field, value);
                let parsed = parse(&term);
                assert!(
                    parsed.problems.is_empty() && parsed.filter.terms.len() == 1,
                    "{term}"
                );
                assert!(has_value(&term, field, value), "{term}");
                assert_eq!(selected(&term, field).len(), 1);
            }
        }
        for (field, value) in [
            (Field::Level, "unknown"),
            (Field::Rule, "none"),
            (Field::Rule, "3"),
            (Field::Outcome, "dropped-level"),
            (Field::Stage, "Panic"),
            (Field::Stage, ""),
        ] {
            let term = term(field, value);
            assert!(
                parse(&term).problems.is_empty() && has_value(&term, field, value),
                "{term}"
            );
        }
    }
}
