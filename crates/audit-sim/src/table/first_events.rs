//! Which events of each request a log holds, so that those it lacks are derived once and in the right place.
//!
//! The answer does not depend on the order in which the events were read: readers that each have a part of a log agree with one that
//! has the whole.

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use std::hash::BuildHasher;

/// For each request its first row, by the number that tells requests apart.
#[derive(Debug, Clone, Default)]
pub(super) struct FirstEvents {
    /// Tables that each hold a part, so that one that grows needs little room beside it.
    shards: [HashTable<FirstEvent>; SHARDS],
    hasher: DefaultHashBuilder,
}

const SHARDS: usize = 16;

/// The shard of a hash, by bits that a table does not look at.
const fn shard_of(hash: u64) -> usize {
    (hash >> 50) as usize % SHARDS
}

/// A request's number and first row. The number is in two halves, which saves a quarter of the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FirstEvent {
    key: [u32; 2],
    row: u32,
}

const fn halves(key: u64) -> [u32; 2] {
    [key as u32, (key >> 32) as u32]
}

impl FirstEvents {
    /// The first row of a request: this one, if there was none before it.
    pub(super) fn first_or(&mut self, key: u64, row: u32) -> u32 {
        let Self { shards, hasher } = self;
        let key = halves(key);
        let hash = hasher.hash_one(key);
        // Invariant: there is a shard for every remainder.
        let Some(rows) = shards.get_mut(shard_of(hash)) else {
            return row;
        };
        let entry = rows.entry(
            hash,
            |first| first.key == key,
            |first| hasher.hash_one(first.key),
        );
        entry.or_insert(FirstEvent { key, row }).get().row
    }

    /// Forgets everything, and keeps the room.
    pub(super) fn clear(&mut self) {
        self.shards.iter_mut().for_each(HashTable::clear);
    }

    /// Makes room for so many requests more; false where there is no memory for it.
    pub(super) fn reserve(&mut self, more: usize) -> bool {
        let Self { shards, hasher } = self;
        // They fill evenly, give or take.
        let share = more / SHARDS + more / (2 * SHARDS) + 16;
        shards.iter_mut().all(|rows| {
            rows.try_reserve(share, |first| hasher.hash_one(first.key))
                .is_ok()
        })
    }

    /// Every request with its first row, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u32)> {
        self.shards.iter().flatten().map(|first| {
            let [low, high] = first.key;
            (u64::from(low) | u64::from(high) << 32, first.row)
        })
    }
}

/// What the log holds of a request that streams its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stream {
    /// The row of the first ResponseComplete event.
    pub(super) complete: Option<u32>,
    /// Whether it holds the ResponseStarted event.
    pub(super) has_started: bool,
}

/// By request.
pub(super) type Streams = HashMap<u64, Stream>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_of_a_request_stays_the_first() {
        let mut firsts = FirstEvents::default();
        assert_eq!(firsts.first_or(1 << 40, 7), 7);
        assert_eq!(firsts.first_or(1 << 40, 9), 7);
        assert_eq!(firsts.first_or(1, 9), 9);
        let mut all: Vec<_> = firsts.iter().collect();
        all.sort_unstable();
        assert_eq!(all, [(1, 9), (1 << 40, 7)]);
    }
}
