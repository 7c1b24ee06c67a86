//! Variables that a script sets to a text.

use std::cell::Cell;
use std::collections::HashMap;

use audit_types::Span;

use super::pieces::{PrintedWord, length_of, text_of};
use super::reader::{ENDS, MAX_UNCLOSED, Reader};
use crate::assignment::{self, Assignment, name_length};

/// Maximum number of variables that are read.
const MAX_VARIABLES: usize = 1_000;

/// Maximum number of bytes that are written instead of variables, and of a variable in a path.
const MAX_WRITTEN_BYTES: usize = 1 << 22;
const MAX_PATH_BYTES: usize = 1 << 10;

/// Variables with the text that they are set to. `None` for one that is set more than once, or appended to.
#[derive(Debug, Default)]
pub(super) struct Variables {
    values: HashMap<String, Option<PrintedWord>>,
    /// Number of bytes that were written instead of variables.
    written: Cell<usize>,
}

impl Variables {
    /// Reads the assignments on lines of their own, outside of the spans, which are in ascending order.
    pub(super) fn read(script: &str, outside_of: &[Span]) -> Self {
        let mut found = HashMap::new();
        if !script.contains('$') {
            return Self::default();
        }
        let (mut at, mut end, mut unclosed) = (0, 0, 0);
        for line in script.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let body = outside_of.partition_point(|span| span.end <= start);
            let is_inside = outside_of.get(body).is_some_and(|body| body.start <= start);
            let is_read = |_: &Assignment<'_>| start >= end && !is_inside;
            let Some(Assignment {
                name,
                value,
                is_appended,
            }) = assignment::of_command(line).filter(is_read)
            else {
                continue;
            };
            let mut reader = Reader {
                script,
                at: start + value,
            };
            let Some(word) = reader.word() else {
                unclosed += 1;
                if unclosed > MAX_UNCLOSED {
                    break;
                }
                continue;
            };
            end = reader.at;
            // Otherwise, it is set for one command only.
            let rest = reader.rest().trim_start_matches([' ', '\t', '\r']);
            if rest.is_empty() || rest.starts_with(ENDS) || rest.starts_with('#') {
                let is_known = is_appended || found.contains_key(name);
                found.insert(name.to_owned(), Some(word).filter(|_| !is_known));
            }
            if found.len() >= MAX_VARIABLES {
                break;
            }
        }
        Self {
            values: found,
            written: Cell::new(0),
        }
    }

    fn get(&self, name: &str) -> Option<&PrintedWord> {
        self.values.get(name)?.as_ref()
    }

    /// Replaces the parts of a word that are a variable and nothing else.
    pub(super) fn resolve(&self, (pieces, _): &mut PrintedWord) {
        if !pieces.iter().any(|piece| piece.is_expanded) {
            return;
        }
        let mut out = Vec::new();
        for piece in pieces.drain(..) {
            let name = piece.text.strip_prefix('$').filter(|_| piece.is_expanded);
            let name = name.map(|name| bare(name).unwrap_or(name));
            let value = name.and_then(|name| self.get(name));
            match value.filter(|_| self.written.get() <= MAX_WRITTEN_BYTES) {
                Some((value, _)) => {
                    self.written.set(self.written.get() + length_of(value));
                    out.extend(value.iter().cloned());
                }
                None => out.push(piece),
            }
        }
        *pieces = out;
    }

    /// Returns a path with the values of its variables, or as it is spelled if one is unknown.
    pub(super) fn path(&self, spelled: String) -> String {
        let mut out = String::new();
        let mut rest = spelled.as_str();
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let (name, after) = match bare(after) {
                Some(name) => (name, after.get(name.len() + 2..).unwrap_or_default()),
                None => after.split_at(name_length(after)),
            };
            let value = self.get(name);
            let value = value.filter(|(value, _)| length_of(value) <= MAX_PATH_BYTES);
            match value.map(text_of) {
                Some(value) if !value.contains('$') => out.push_str(&value),
                _ => return spelled,
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// Returns the name in braces that a text starts with.
fn bare(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    (name_length(name) == name.len()).then_some(name)
}
