//! What Go's decoder decodes into. JSON may name a field twice; the second value then lands on what the first left, so the memory
//! has to behave as Go's does.

use std::collections::BTreeMap;

/// The memory of one value. What was never written is empty.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) literal: Option<Literal>,
    list: Option<List>,
    map: Option<BTreeMap<String, String>>,
    fields: BTreeMap<usize, Self>,
}

/// A value without parts.
#[derive(Debug)]
pub(crate) enum Literal {
    Bool(bool),
    Int(i64),
    Text(String),
    /// JSON as it is written.
    Json(String),
    /// A zero time behind a pointer, which prints as null.
    ZeroTime,
}

/// A Go slice: items past its length keep what they held, and come back when the slice grows again.
#[derive(Debug, Default)]
struct List {
    items: BTreeMap<usize, Memory>,
    length: usize,
}

impl Memory {
    /// Forgets a list, a map, or what a pointer points to.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The memory of the list's item at that place, old content included.
    pub(crate) fn item(&mut self, index: usize) -> &mut Self {
        let list = self.list.get_or_insert_default();
        list.items.entry(index).or_default()
    }

    /// Sets the list's length; an empty list forgets its items.
    pub(crate) fn set_length(&mut self, length: usize) {
        let list = self.list.get_or_insert_default();
        if length == 0 {
            list.items.clear();
        }
        list.length = length;
    }

    /// The list's items.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Self> {
        self.list
            .iter()
            .flat_map(|list| list.items.range(..list.length).map(|(_, item)| item))
    }

    /// The map here, made if need be.
    pub(crate) fn map_mut(&mut self) -> &mut BTreeMap<String, String> {
        self.map.get_or_insert_default()
    }

    /// The map here.
    pub(crate) fn map(&self) -> Option<&BTreeMap<String, String>> {
        self.map.as_ref()
    }

    /// The memory of a field, by its place in the type.
    pub(crate) fn field_mut(&mut self, index: usize) -> &mut Self {
        self.fields.entry(index).or_default()
    }

    /// What a field holds.
    pub(crate) fn field(&self, index: usize) -> Option<&Self> {
        self.fields.get(&index)
    }

    /// The text here; empty where there is none.
    pub(crate) fn text(&self) -> String {
        match &self.literal {
            Some(Literal::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }
}
