//! Finds the literals of a configuration: the values of `locals`, and objects that are audit policies.

use std::collections::HashMap;

use audit_types::Span;

use super::yaml::{comment, end_of_string, string};
use crate::recognize::here_documents;

/// Literals of a configuration.
#[derive(Debug, Default)]
pub(crate) struct Literals<'t> {
    /// Places of the objects, lists and strings of `locals`, by name.
    pub(crate) locals: HashMap<&'t str, Span>,
    /// Places of objects with the `apiVersion` of an audit policy.
    pub(super) policies: Vec<Span>,
}

/// An open bracket.
struct Open<'t> {
    at: usize,
    bracket: u8,
    /// Name of the attribute whose value starts here.
    name: Option<&'t str>,
    is_locals: bool,
    is_policy: bool,
}

/// Reads a configuration in one pass.
struct Scanner<'t> {
    text: &'t str,
    open: Vec<Open<'t>>,
    /// The last name or string.
    word: &'t str,
    /// Name of the attribute whose value comes next.
    name: Option<&'t str>,
    found: Literals<'t>,
}

/// Group of audit policies.
const GROUP: &str = "audit.k8s.io/";

impl<'t> Literals<'t> {
    /// Finds the literals of a configuration.
    pub(crate) fn of(text: &'t str) -> Self {
        let mut scanner = Scanner {
            text,
            open: Vec::new(),
            word: "",
            name: None,
            found: Self::default(),
        };
        let mut bodies = here_documents(text)
            .into_iter()
            .map(|body| body.span)
            .peekable();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            while let Some(body) = bodies.next_if(|body| body.start <= at) {
                at = at.max(body.end);
            }
            let rest = text.get(at..).unwrap_or(rest);
            at += scanner.token(at, rest).max(1);
        }
        scanner.found
    }

    /// Returns the text of a value of `locals`.
    pub(crate) fn local(&self, text: &'t str, name: &str) -> Option<&'t str> {
        let span = self.locals.get(name)?;
        text.get(span.start..span.end)
    }
}

impl<'t> Scanner<'t> {
    /// Reads the token at a position. Returns its length.
    fn token(&mut self, at: usize, rest: &'t str) -> usize {
        if let Some(length) = comment(rest) {
            return length;
        }
        let Some(character) = rest.chars().next() else {
            return 1;
        };
        match character {
            '"' => {
                let end = rest.get(1..).and_then(end_of_string);
                let Some(end) = end else {
                    return string(rest);
                };
                self.string(Span::new(at, at + end + 2));
                return end + 2;
            }
            '=' | ':' => {
                self.name = Some(self.word);
                return 1;
            }
            '{' | '[' | '(' => self.opens(at, character),
            '}' | ']' | ')' => self.closes(at + 1, character),
            '\n' => self.name = None,
            c if c.is_alphabetic() || c == '_' => {
                let is_word = |c: char| c.is_alphanumeric() || "_-.".contains(c);
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                self.word = rest.get(..length).unwrap_or_default();
                self.name = None;
                return length;
            }
            _ => {}
        }
        character.len_utf8()
    }

    fn string(&mut self, span: Span) {
        let value = self.text.get(span.start + 1..span.end - 1);
        let value = value.unwrap_or_default();
        let is_local = matches!(self.open.as_slice(), [open] if open.is_locals);
        if let Some(name) = self.name.take() {
            if name == "apiVersion"
                && value.starts_with(GROUP)
                && let Some(open) = self.open.last_mut()
            {
                open.is_policy = true;
            }
            if is_local {
                self.found.locals.entry(name).or_insert(span);
            }
        }
        self.word = value;
    }

    fn opens(&mut self, at: usize, character: char) {
        let is_block = character == '{' && self.open.is_empty() && self.name.is_none();
        self.open.push(Open {
            at,
            bracket: u8::try_from(character).unwrap_or_default(),
            name: self.name.take(),
            is_locals: is_block && self.word == "locals",
            is_policy: false,
        });
    }

    fn closes(&mut self, end: usize, character: char) {
        self.name = None;
        let bracket = match character {
            '}' => b'{',
            ']' => b'[',
            _ => b'(',
        };
        let Some(open) = self.open.pop_if(|open| open.bracket == bracket) else {
            return;
        };
        let span = Span::new(open.at, end);
        if open.is_policy {
            self.found.policies.push(span);
        }
        let is_local = matches!(self.open.as_slice(), [outer] if outer.is_locals);
        if let Some(name) = open.name.filter(|_| is_local && bracket != b'(') {
            self.found.locals.entry(name).or_insert(span);
        }
    }
}
