//! From bytes to an untyped tree with a span for every key and value, read as kube-apiserver reads YAML and JSON. Knows nothing of
//! policies.

pub(crate) mod go;
pub(crate) mod go_time;
pub(crate) mod json;
pub(crate) mod protobuf;
pub(crate) mod text;
pub(crate) mod tree;
pub(crate) mod yaml;

use crate::span::Span;

/// Why a text cannot be read: the server's words, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// What follows `failed decoding: `.
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// A key that was given before; what the server says of it in strict mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DuplicateKey {
    /// `line 5: key "level" already set in map`
    pub(crate) text: String,
    /// The key as printed by Go: `"level"`.
    pub(crate) key: String,
    /// The key that repeats an earlier one.
    pub(crate) span: Span,
}

/// The last character up to a place that can be seen; nothing at the start of the text where there is none.
pub(crate) fn last_seen(text: &str, end: usize) -> Span {
    let before = text.get(..end).unwrap_or(text).trim_end();
    let last = before.chars().next_back().map_or(0, char::len_utf8);
    Span::new(before.len() - last, before.len())
}

/// What reading gives: all of the tree that could be read, and what stopped it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    pub(crate) tree: tree::Tree,
    /// Repeated keys of YAML, in the server's order; JSON keeps them in the tree.
    pub(crate) duplicates: Vec<DuplicateKey>,
    pub(crate) error: Option<SyntaxError>,
    /// Where the next thing starts after the first document of YAML, if something does.
    pub(crate) end: Option<usize>,
}
