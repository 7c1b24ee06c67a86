//! Values that are stored once and have ids from 0.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};
use serde::{Deserialize, Serialize};

/// Maximum number of values; those beyond it share the last id. No memory is large enough for them.
const MAX_VALUES: usize = u32::MAX as usize - 1;

/// Distinct values of a small type.
#[derive(Debug, Clone)]
pub(super) struct ValueInterner<T> {
    values: Vec<T>,
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<T> Default for ValueInterner<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            places: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl<T: Copy + Eq + Hash> ValueInterner<T> {
    /// Returns the id of a value, and adds it if it is new.
    pub(super) fn add(&mut self, value: T) -> u32 {
        let Self {
            values,
            places,
            hasher,
        } = self;
        let at = |place: &u32| values.get(*place as usize);
        let hash = hasher.hash_one(value);
        if let Some(known) = places.find(hash, |place| at(place) == Some(&value)) {
            return *known;
        }
        let place = u32::try_from(values.len().min(MAX_VALUES)).unwrap_or(u32::MAX);
        places.insert_unique(hash, place, |place| {
            at(place).map_or(0, |value| hasher.hash_one(value))
        });
        values.push(value);
        place
    }

    pub(super) fn get(&self, place: u32) -> Option<T> {
        self.values.get(place as usize).copied()
    }

    pub(super) fn values(&self) -> &[T] {
        &self.values
    }

    /// Returns the values from an id on.
    pub(super) fn from(&self, first: usize) -> &[T] {
        self.values.get(first..).unwrap_or_default()
    }

    pub(super) const fn len(&self) -> usize {
        self.values.len()
    }
}

/// Distinct texts, concatenated in one string.
#[derive(Debug, Clone, Default)]
pub(super) struct TextInterner {
    text: String,
    ends: Vec<usize>,
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl TextInterner {
    /// Returns the id of a text, and adds it if it is new.
    pub(super) fn add(&mut self, value: &str) -> u32 {
        let Self {
            text,
            ends,
            places,
            hasher,
        } = self;
        let hash = hasher.hash_one(value);
        if let Some(known) = places.find(hash, |place| part(text, ends, *place) == value) {
            return *known;
        }
        text.push_str(value);
        let place = u32::try_from(ends.len().min(MAX_VALUES)).unwrap_or(u32::MAX);
        ends.push(text.len());
        places.insert_unique(hash, place, |place| {
            hasher.hash_one(part(text, ends, *place))
        });
        place
    }

    /// Returns a text by its id; empty if there is none.
    pub(super) fn get(&self, place: u32) -> &str {
        part(&self.text, &self.ends, place)
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Iterates over the texts from an id on.
    pub(super) fn from(&self, first: usize) -> impl Iterator<Item = &str> {
        (first..self.ends.len()).map(|place| {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            part(&self.text, &self.ends, place)
        })
    }
}

fn part<'t>(text: &'t str, ends: &[usize], place: u32) -> &'t str {
    let place = place as usize;
    let start = place
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or(0);
    ends.get(place)
        .and_then(|end| text.get(start..*end))
        .unwrap_or_default()
}

/// Texts in transfer from one store to another, concatenated in one string.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct TextList {
    text: String,
    ends: Vec<usize>,
}

impl TextList {
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut list = Self::default();
        for text in texts {
            list.text.push_str(text);
            list.ends.push(list.text.len());
        }
        list
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|place| {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            part(&self.text, &self.ends, place)
        })
    }
}

/// Distinct lists of ids, concatenated in one list.
#[derive(Debug, Clone, Default)]
pub(super) struct ListInterner {
    items: Vec<u32>,
    ends: Vec<usize>,
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl ListInterner {
    /// Returns the id of a list, and adds it if it is new.
    pub(super) fn add(&mut self, list: impl Iterator<Item = u32>) -> u32 {
        let Self {
            items,
            ends,
            places,
            hasher,
        } = self;
        // The candidate is appended first, and removed if the list is known.
        let start = items.len();
        items.extend(list);
        let added = items.get(start..).unwrap_or_default();
        let hash = hasher.hash_one(added);
        if let Some(known) = places.find(hash, |place| items_of(items, ends, *place) == added) {
            items.truncate(start);
            return *known;
        }
        let place = u32::try_from(ends.len().min(MAX_VALUES)).unwrap_or(u32::MAX);
        ends.push(items.len());
        places.insert_unique(hash, place, |place| {
            hasher.hash_one(items_of(items, ends, *place))
        });
        place
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns a list by its id; empty if there is none.
    pub(super) fn get(&self, place: u32) -> &[u32] {
        items_of(&self.items, &self.ends, place)
    }
}

fn items_of<'i>(items: &'i [u32], ends: &[usize], place: u32) -> &'i [u32] {
    let place = place as usize;
    let start = place
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or(0);
    ends.get(place)
        .and_then(|end| items.get(start..*end))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_stored_once() {
        let mut texts = TextInterner::default();
        for (text, place) in [("get", 0), ("", 1), ("list", 2), ("", 1), ("get", 0)] {
            assert_eq!(texts.add(text), place);
        }
        assert_eq!(texts.from(1).collect::<Vec<_>>(), ["", "list"]);
        assert_eq!((texts.get(2), texts.get(3)), ("list", ""));
    }

    #[test]
    fn lists_are_stored_once() {
        let mut lists = ListInterner::default();
        let rows: [(&[u32], u32); 5] =
            [(&[1, 2], 0), (&[], 1), (&[2, 1], 2), (&[1, 2], 0), (&[], 1)];
        for (list, place) in rows {
            assert_eq!(lists.add(list.iter().copied()), place);
            assert_eq!(lists.get(place), list);
        }
        assert!(lists.get(9).is_empty());
    }
}
