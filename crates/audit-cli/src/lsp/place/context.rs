//! Knowledge about a position.

use audit_policy::help::{Scope, Shape, fields};

/// Part of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::lsp) enum Part {
    Key,
    Value,
    /// A comment, or a part that no policy has.
    #[default]
    None,
}

/// A list that a new `- ` would begin or continue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::lsp) enum List {
    /// Of rules or of entries of `resources`.
    Mappings(Scope),
    /// Of the texts of a field.
    Texts(String),
}

/// Context of a position.
#[derive(Debug, Clone, Default)]
pub(in crate::lsp) struct Place {
    /// The mapping that contains the position. `None` if no policy has it.
    pub(in crate::lsp) scope: Option<Scope>,
    pub(in crate::lsp) part: Part,
    /// The field whose value is here; empty for a key.
    pub(in crate::lsp) field: String,
    /// The value is an item of a list that is open.
    pub(in crate::lsp) is_item: bool,
    pub(in crate::lsp) list: Option<List>,
    /// Inside `[` or `{`.
    pub(in crate::lsp) is_flow: bool,
    /// The whole text is JSON.
    pub(in crate::lsp) is_json: bool,
    /// The quote that is open.
    pub(in crate::lsp) quote: Option<char>,
    /// The part of the word that is before the position, without its quote.
    pub(in crate::lsp) word: String,
    /// Byte at which the word starts, after its quote.
    pub(in crate::lsp) from: usize,
    /// The mapping's fields with their values where those are scalars, else empty.
    pub(in crate::lsp) fields: Vec<(String, String)>,
    /// The list's items before this one.
    pub(in crate::lsp) items: Vec<String>,
    /// Column of the mapping's keys, in bytes.
    pub(in crate::lsp) indent: usize,
    /// Columns by which lists are further right than their key: 0 or 2.
    pub(in crate::lsp) step: usize,
}

impl Place {
    /// Returns the value of another field of the mapping. `None` if there is no such field.
    pub(in crate::lsp) fn value_of(&self, field: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(name, _)| name == field);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns whether the mapping has a field.
    pub(in crate::lsp) fn has(&self, field: &str) -> bool {
        self.value_of(field).is_some()
    }
}

/// Returns the mapping that a path of fields leads to.
pub(super) fn scope_of(path: &[String]) -> Option<Scope> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match *path {
        [] => Some(Scope::Policy),
        ["rules"] => Some(Scope::Rule),
        ["rules", "resources"] => Some(Scope::Resources),
        _ => None,
    }
}

/// Returns whether a field contains a list of texts.
pub(in crate::lsp) fn is_list(scope: Option<Scope>, field: &str) -> bool {
    let known = scope.map_or(&[][..], fields).iter();
    let mut known = known.filter(|known| known.shape == Shape::Strings);
    known.any(|known| known.name == field)
}

/// Returns the list that the last field of a path contains.
pub(super) fn list_of(path: &[String]) -> Option<List> {
    let (field, outer) = path.split_last()?;
    match scope_of(path) {
        Some(scope) => Some(List::Mappings(scope)),
        None => is_list(scope_of(outer), field).then(|| List::Texts(field.clone())),
    }
}
