//! Result of reading a text, shared by the readers of YAML and JSON.

use audit_types::Span;

use crate::tree::Tree;

/// Why a text cannot be read: the server's words, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What follows `failed decoding: `.
    pub text: String,
    /// Where the text stops being readable.
    pub span: Span,
}

/// A key that was given before; what the server says of it in strict mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKey {
    /// `line 5: key "level" already set in map`
    pub text: String,
    /// The key as printed by Go: `"level"`.
    pub key: String,
    /// The key that repeats an earlier one.
    pub span: Span,
}

/// The last character up to a place that can be seen; nothing at the start of the text where there is none.
pub fn last_seen(text: &str, end: usize) -> Span {
    let before = text.get(..end).unwrap_or(text).trim_end();
    let last = before.chars().next_back().map_or(0, char::len_utf8);
    Span::new(before.len() - last, before.len())
}

/// What reading gives: all of the tree that could be read, and what stopped it.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The values that were read.
    pub tree: Tree,
    /// Repeated keys of YAML, in the server's order; JSON keeps them in the tree.
    pub duplicates: Vec<DuplicateKey>,
    /// What stopped the reader. `None` if everything was read.
    pub error: Option<SyntaxError>,
    /// Where the next thing starts after the first document of YAML, if something does.
    pub end: Option<usize>,
}
