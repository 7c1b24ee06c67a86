//! The memory that Go's decoder writes to. JSON may contain a field twice; the second value is then decoded over the first, so this
//! type behaves like Go's structs and slices.

use std::collections::BTreeMap;

/// A decoded value and its fields, by their index in the schema. Rare parts are boxed, since policies have many values.
#[derive(Debug, Default)]
pub(crate) struct DecodedFields {
    pub(crate) literal: Option<Literal>,
    list: Option<Box<List>>,
    #[expect(
        clippy::box_collection,
        reason = "a pointer is a third of the size, and maps are rare"
    )]
    map: Option<Box<BTreeMap<String, String>>>,
    /// Fields by index, in the order in which they were decoded.
    fields: Vec<(usize, Self)>,
}

/// A scalar value.
#[derive(Debug)]
pub(crate) enum Literal {
    Bool(bool),
    Int(i64),
    Text(String),
    /// JSON as written.
    Json(String),
    /// A pointer to a zero time, which prints as null.
    ZeroTime,
}

/// A Go slice: items beyond its length keep their values and reappear when the slice grows again.
#[derive(Debug, Default)]
struct List {
    items: Vec<DecodedFields>,
    length: usize,
}

impl DecodedFields {
    /// Resets to nil.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns the list item at an index, with its old value.
    #[expect(clippy::indexing_slicing, reason = "the item was created above")]
    pub(crate) fn item(&mut self, index: usize) -> &mut Self {
        let items = &mut self.list.get_or_insert_default().items;
        if items.len() <= index {
            items.resize_with(index + 1, Self::default);
        }
        &mut items[index]
    }

    /// Sets the length of the list; length 0 drops the items.
    pub(crate) fn set_length(&mut self, length: usize) {
        let list = self.list.get_or_insert_default();
        if length == 0 {
            list.items.clear();
        }
        list.length = length;
    }

    /// Returns the items of the list.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Self> {
        self.list
            .iter()
            .flat_map(|list| list.items.iter().take(list.length))
    }

    /// Returns the map, creating it if necessary.
    pub(crate) fn map_mut(&mut self) -> &mut BTreeMap<String, String> {
        self.map.get_or_insert_default()
    }

    /// Returns the map.
    pub(crate) fn map(&self) -> Option<&BTreeMap<String, String>> {
        self.map.as_deref()
    }

    /// Returns the field with an index, creating it if necessary.
    #[expect(
        clippy::indexing_slicing,
        reason = "the index was found or created above"
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

    /// Returns the field with an index. `None` if it was not decoded.
    pub(crate) fn field(&self, index: usize) -> Option<&Self> {
        let mut fields = self.fields.iter();
        fields
            .find(|(known, _)| *known == index)
            .map(|(_, field)| field)
    }

    /// Returns the string, or an empty string.
    pub(crate) fn text(&self) -> String {
        match &self.literal {
            Some(Literal::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }
}
