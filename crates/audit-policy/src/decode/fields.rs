//! What Go's decoder decodes into. JSON may name a field twice; the second value then lands on what the first left, so the memory
//! has to behave as Go's does.

use std::collections::BTreeMap;

/// The memory of one value. What was never written is empty. Policies have many of these, so what few have is behind a pointer.
#[derive(Debug, Default)]
pub(crate) struct DecodedFields {
    pub(crate) literal: Option<Literal>,
    list: Option<Box<List>>,
    #[expect(
        clippy::box_collection,
        reason = "a pointer is a third of the size, and maps are rare"
    )]
    map: Option<Box<BTreeMap<String, String>>>,
    /// By their place in the type; few, in the order in which they were met.
    fields: Vec<(usize, Self)>,
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
    items: Vec<DecodedFields>,
    length: usize,
}

impl DecodedFields {
    /// Forgets a list, a map, or what a pointer points to.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The memory of the list's item at that place, old content included.
    #[expect(clippy::indexing_slicing, reason = "the item is made if need be")]
    pub(crate) fn item(&mut self, index: usize) -> &mut Self {
        let items = &mut self.list.get_or_insert_default().items;
        if items.len() <= index {
            items.resize_with(index + 1, Self::default);
        }
        &mut items[index]
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
            .flat_map(|list| list.items.iter().take(list.length))
    }

    /// The map here, made if need be.
    pub(crate) fn map_mut(&mut self) -> &mut BTreeMap<String, String> {
        self.map.get_or_insert_default()
    }

    /// The map here.
    pub(crate) fn map(&self) -> Option<&BTreeMap<String, String>> {
        self.map.as_deref()
    }

    /// The memory of a field, by its place in the type.
    #[expect(
        clippy::indexing_slicing,
        reason = "the place is one that was found or made"
    )]
    pub(crate) fn field_mut(&mut self, index: usize) -> &mut Self {
        let known = self.fields.iter().position(|(known, _)| *known == index);
        let at = known.unwrap_or_else(|| {
            self.fields.reserve_exact(1);
            self.fields.push((index, Self::default()));
            self.fields.len() - 1
        });
        &mut self.fields[at].1
    }

    /// What a field holds.
    pub(crate) fn field(&self, index: usize) -> Option<&Self> {
        let mut fields = self.fields.iter();
        fields
            .find(|(known, _)| *known == index)
            .map(|(_, field)| field)
    }

    /// The text here; empty where there is none.
    pub(crate) fn text(&self) -> String {
        match &self.literal {
            Some(Literal::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }
}
