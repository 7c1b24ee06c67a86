//! The events of each request that a log contains, so that those it lacks are derived once, at the right position.
//!
//! The result does not depend on the order in which the events were read: several readers of parts of a log give the same result as one.

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use std::hash::BuildHasher;

/// The first row of each request, by the hash of the request.
#[derive(Debug, Clone, Default)]
pub(super) struct FirstEvents {
    /// Tables of a part each, so that one that grows needs little memory besides.
    shards: [HashTable<FirstEvent>; SHARDS],
    hasher: DefaultHashBuilder,
}

const SHARDS: usize = 16;

/// Returns the shard of a hash, from bits that the hash table of a shard does not use.
const fn shard_of(hash: u64) -> usize {
    (hash >> 50) as usize % SHARDS
}

/// Hash and first row of a request. The hash is split into halves, which saves a quarter of the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FirstEvent {
    key: [u32; 2],
    row: u32,
}

const fn halves(key: u64) -> [u32; 2] {
    [key as u32, (key >> 32) as u32]
}

impl FirstEvents {
    /// Returns the first row of a request: this one, if there was none before.
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

    /// Removes all entries, and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.shards.iter_mut().for_each(HashTable::clear);
    }

    /// Reserves memory for a number of further requests; returns `false` if there is not enough.
    pub(super) fn reserve(&mut self, more: usize) -> bool {
        let Self { shards, hasher } = self;
        // The shards fill about evenly.
        let share = more / SHARDS + more / (2 * SHARDS) + 16;
        shards.iter_mut().all(|rows| {
            rows.try_reserve(share, |first| hasher.hash_one(first.key))
                .is_ok()
        })
    }

    /// Iterates over all requests with their first rows, in arbitrary order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u32)> {
        self.shards.iter().flatten().map(|first| {
            let [low, high] = first.key;
            (u64::from(low) | u64::from(high) << 32, first.row)
        })
    }
}

/// Events that the log contains of a request with a streamed response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stream {
    /// Row of the first ResponseComplete event.
    pub(super) complete: Option<u32>,
    /// The log contains the ResponseStarted event.
    pub(super) has_started: bool,
}

/// Streams by the hash of the request.
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
