//! From the text of a filter to its terms, and to what is wrong with it.

use std::fmt;

use crate::field::{Field, meant};
use crate::number::split_operator;
use crate::pattern::Pattern;
use crate::problem::{MAX_PROBLEMS, Problem, excerpt};
use crate::scan::{RawTerm, RawValue, scan};
use crate::value::{Test, Value};

/// A filter: terms in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The terms.
    pub terms: Vec<Term>,
}

impl Filter {
    /// Returns the conditions that must all hold: terms of one field that are alternatives are joined; comparisons, words and excluding terms
    /// stay on their own.
    ///
    /// ```
    /// let filter = audit_filter::parse("verb:get -verb:list verb:watch code:>=400 code:<500").filter;
    /// let values: Vec<usize> = filter.conditions().iter().map(|term| term.values.len()).collect();
    /// assert_eq!(values, [2, 1, 1, 1]);
    /// ```
    pub fn conditions(self) -> Vec<Term> {
        let mut conditions: Vec<Term> = Vec::new();
        let is_alternative = |term: &Term| {
            term.field.is_some()
                && !term.is_negated
                && !term.values.iter().any(Value::is_comparison)
        };
        for term in self.terms {
            let known = conditions
                .iter_mut()
                .find(|known| known.field == term.field && is_alternative(known));
            match known.filter(|_| is_alternative(&term)) {
                Some(known) => known.values.extend(term.values),
                None => conditions.push(term),
            }
        }
        conditions
    }
}

/// A term: one of its values must match, or none if it is negated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// It excludes the events that match.
    pub is_negated: bool,
    /// The field; `None` for a word, whose only value is a text.
    pub field: Option<Field>,
    /// The values; at least one.
    pub values: Vec<Value>,
}

/// A filter and what was not understood of its text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// The rest of the filter.
    pub filter: Filter,
    /// Problems, in the order of the text.
    pub problems: Vec<Problem>,
}

/// Parses a filter. A value that is still to be typed at the end of the text is not a problem.
pub fn parse(text: &str) -> Parsed {
    let mut parser = Parser {
        text,
        parsed: Parsed::default(),
    };
    for raw in scan(text) {
        match raw.field {
            Some(field) => parser.field(field, &raw),
            None => parser.word(&raw),
        }
    }
    parser.parsed.problems.truncate(MAX_PROBLEMS);
    parser.parsed
}

struct Parser<'t> {
    text: &'t str,
    parsed: Parsed,
}

impl Parser<'_> {
    fn problem(&mut self, range: std::ops::Range<usize>, message: String, help: String) {
        self.parsed.problems.push(Problem {
            range,
            message,
            help,
        });
    }

    fn field(&mut self, field: Field, raw: &RawTerm) {
        let mut values = Vec::new();
        for value in &raw.values {
            self.quotes(value);
            match Value::parse(field, value) {
                Ok(value) => values.push(value),
                Err(wrong) => {
                    let message = format!("{}, left out", wrong.message);
                    self.problem(value.range.clone(), message, wrong.help);
                }
            }
        }
        let is_typed_on =
            raw.range.end == self.text.trim_end().len() && raw.range.end == self.text.len();
        if raw.values.is_empty() && !is_typed_on {
            let name = field.name();
            let message = format!("no value after `{name}:`, left out");
            let help = format!(
                "write the value behind the colon, without a space; `{name}:\"\"` is an empty value"
            );
            self.problem(raw.range.clone(), message, help);
        }
        if !values.is_empty() {
            self.parsed.filter.terms.push(Term {
                is_negated: raw.is_negated,
                field: Some(field),
                values,
            });
        }
    }

    /// Reports a quote that takes in words behind it because it is not closed.
    fn quotes(&mut self, value: &RawValue) {
        if value.is_open
            && value
                .characters
                .iter()
                .any(|(character, _)| character.is_whitespace())
        {
            let message = "the quote is not closed, so all of the rest is part of it".to_owned();
            self.problem(
                value.range.clone(),
                message,
                "close it with `\"`".to_owned(),
            );
        }
    }

    fn word(&mut self, raw: &RawTerm) {
        let Some(value) = raw.values.first() else {
            if raw.is_negated && raw.range.end < self.text.len() {
                let help = "write `-` directly before a word or a term: `-verb:get`".to_owned();
                self.problem(
                    raw.range.clone(),
                    "nothing after `-`, left out".to_owned(),
                    help,
                );
            }
            return;
        };
        let text = value.text();
        if text.is_empty() {
            return;
        }
        self.quotes(value);
        if !value.has_quotes {
            if let Some(help) = operator(&text) {
                let message = format!("`{text}` is not an operator, left out");
                self.problem(raw.range.clone(), message, help.to_owned());
                return;
            }
            if let Some((message, help)) = suspicious(&text, raw.is_negated) {
                self.problem(raw.range.clone(), message, help);
            }
        }
        let pattern = Pattern::from_characters(&value.characters);
        self.parsed.filter.terms.push(Term {
            is_negated: raw.is_negated,
            field: None,
            values: vec![Value {
                text: printed_word(&pattern),
                test: Test::Text(pattern),
            }],
        });
    }
}

/// Returns a word as it is printed: with quotes if it would otherwise be a term, or excluded.
fn printed_word(pattern: &Pattern) -> String {
    pattern.printed(|part| {
        let is_special = part.contains([':', '=', '<', '>', '&', '|', '≤', '≥']);
        is_special || part.starts_with('-')
    })
}

/// Returns help for the operators of other query languages.
fn operator(word: &str) -> Option<&'static str> {
    match word {
        "AND" | "&&" => Some("all terms must apply already"),
        "OR" | "||" => Some("write alternatives after a comma: `verb:get,list`"),
        "NOT" | "!" => Some("write `-` before what to exclude: `-verb:get`"),
        _ => None,
    }
}

/// Returns message and help for a word that looks like a term.
fn suspicious(word: &str, is_negated: bool) -> Option<(String, String)> {
    let end = word.find(|character: char| {
        !(character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-'))
    })?;
    let (name, rest) = word.split_at_checked(end)?;
    let sign = if is_negated { "-" } else { "" };
    if let Some(value) = rest.strip_prefix(':') {
        return unknown_field(name, value, sign);
    }
    let field = Field::from_name(name)?;
    let (operator, value) = match rest.strip_prefix("!=") {
        Some(value) => ("!=", value),
        None => split_operator(rest),
    };
    let (sign, operator) = match operator {
        "" => return None,
        "=" => (sign, ""),
        "!=" => ("-", ""),
        other => (sign, other),
    };
    let message = format!("`{}` has no colon, searched for as text", excerpt(word));
    let help = format!(
        "write `{sign}{}:{operator}{}`",
        field.name(),
        excerpt(value)
    );
    Some((message, help))
}

/// Returns message and help for an unknown name before a colon. Names of users and groups have colons too, and so have addresses and URLs.
fn unknown_field(name: &str, value: &str, sign: &str) -> Option<(String, String)> {
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
    let field = meant(name);
    let is_other_text = name.eq_ignore_ascii_case("system") || value.starts_with([':', '/']);
    if is_other_text || !(is_name || field.is_some()) {
        return None;
    }
    let message = format!("unknown field `{}`, searched for as text", excerpt(name));
    let value = excerpt(value);
    let help = match field {
        Some(field) => format!("did you mean `{sign}{}:{value}`?", field.name()),
        None => format!(
            "if it is meant as text, put it in quotes: `{sign}\"{}:{value}\"`",
            excerpt(name)
        ),
    };
    Some((message, help))
}

impl fmt::Display for Filter {
    /// Writes the terms as they can be parsed again.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            if index > 0 {
                out.write_str(" ")?;
            }
            term.fmt(out)?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negated {
            out.write_str("-")?;
        }
        if let Some(field) = self.field {
            write!(out, "{}:", field.name())?;
        }
        for (index, value) in self.values.iter().enumerate() {
            if index > 0 {
                out.write_str(",")?;
            }
            out.write_str(value.text())?;
        }
        Ok(())
    }
}
