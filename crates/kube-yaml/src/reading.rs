//! Result of parsing, shared by YAML and JSON.

use audit_types::Span;

use crate::tree::Tree;

/// A syntax error: the server's message and its position.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyntaxError {
    /// Message, as it follows `failed decoding: ` in the server's error.
    pub text: String,
    /// Position of the error.
    pub span: Span,
}

/// A duplicate key, which the server reports in strict mode.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DuplicateKey {
    /// Message of the server: `line 5: key "level" already set in map`.
    pub text: String,
    /// The key as Go prints it: `"level"`.
    pub key: String,
    /// Span of the second key.
    pub span: Span,
}

/// Returns the span of the last visible character before an offset; empty if there is none.
pub(crate) fn last_seen(text: &str, end: usize) -> Span {
    let before = text.get(..end).unwrap_or(text).trim_end();
    let last = before.chars().next_back().map_or(0, char::len_utf8);
    Span::new(before.len() - last, before.len())
}

/// Result of parsing: the tree, up to the first error.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Values that were parsed.
    pub tree: Tree,
    /// Duplicate keys in YAML, in the server's order; in JSON they are in the tree.
    pub duplicates: Vec<DuplicateKey>,
    /// The first error. `None` if the document is valid.
    pub error: Option<SyntaxError>,
    /// Start of the content after the first YAML document. `None` if there is none.
    pub end: Option<usize>,
}
