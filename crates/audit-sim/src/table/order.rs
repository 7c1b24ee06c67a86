//! The events of several files as one log, in the order of time.

use audit_types::EventId;
use hashbrown::HashMap;

use super::event_table::{CHUNK, EventTable};
use super::first_events::{FirstEvents, Streams};
use super::row::Row;

impl EventTable {
    /// Reserves memory for a number of further events; returns `false` if there is not enough.
    pub fn reserve(&mut self, more: usize) -> bool {
        let chunks = more / CHUNK + 1;
        let has_room = self.chunks.try_reserve(chunks).is_ok() && self.firsts.reserve(more);
        // Rows are allocated in chunks, one at a time; this allocation only checks that there is memory, and is freed at once.
        let mut rows = Vec::<Row>::new();
        has_room && rows.try_reserve_exact(chunks * CHUNK).is_ok()
    }

    /// Marks the log as complete, and frees the memory for further events.
    pub fn finish(&mut self) {
        self.firsts = FirstEvents::default();
        self.streams = Streams::default();
        if let Some(last) = self.chunks.last_mut() {
            last.shrink_to_fit();
        }
    }

    /// Sorts the rows by the time at which the requests were received. Rows of equal time keep their order, and rows without a time stay
    /// behind the one before. Call it after the last event: ids change.
    pub fn sort_by_time(&mut self) {
        let mut latest = i64::MIN;
        let mut is_sorted = true;
        let rows = self.chunks.iter().flatten();
        let mut keys: Vec<(i64, u32)> = rows
            .zip(0..)
            .map(|(row, number)| {
                let time = row.time().unwrap_or(latest);
                is_sorted &= time >= latest;
                latest = time;
                (time, number)
            })
            .collect();
        if is_sorted {
            return;
        }
        // The index makes the keys distinct, so there is only one order.
        keys.sort_unstable();
        let mut sources: Vec<u32> = keys.iter().map(|(_, number)| *number).collect();
        drop(keys);
        self.overflow = moved(&self.overflow, &sources);
        self.ranks = moved(&self.ranks, &sources);
        self.permute(&mut sources);
    }

    /// Returns the ids of the recorded events in the order in which the files have them.
    pub fn order_in_files(&self) -> Vec<EventId> {
        let count = u32::try_from(self.recorded()).unwrap_or(u32::MAX);
        let mut indices: Vec<u32> = (0..count).collect();
        indices.sort_unstable_by_key(|index| {
            let place = self
                .stored(*index)
                .map(|row| (row.file(), row.place().offset));
            (place, self.ranks.get(index).copied())
        });
        indices
            .into_iter()
            .map(|index| Self::recorded_id(index as usize))
            .collect()
    }

    /// Permutes the rows along the cycles of the permutation, without a second copy of the rows.
    fn permute(&mut self, sources: &mut [u32]) {
        for start in 0..sources.len() {
            let Some(first) = self.at(start).copied() else {
                continue;
            };
            let mut place = start;
            while let Some(source) = sources.get_mut(place) {
                // A place that names itself is done.
                let from =
                    std::mem::replace(source, u32::try_from(place).unwrap_or(u32::MAX)) as usize;
                if from == place {
                    break;
                }
                let row = if from == start {
                    first
                } else {
                    self.at(from).copied().unwrap_or(first)
                };
                if let Some(slot) = self.at_mut(place) {
                    *slot = row;
                }
                if from == start {
                    break;
                }
                place = from;
            }
        }
    }

    fn at(&self, place: usize) -> Option<&Row> {
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    fn at_mut(&mut self, place: usize) -> Option<&mut Row> {
        self.chunks.get_mut(place / CHUNK)?.get_mut(place % CHUNK)
    }
}

/// Returns a side table after the permutation of the rows.
fn moved<T: Copy>(side_tables: &HashMap<u32, T>, sources: &[u32]) -> HashMap<u32, T> {
    let places = sources.iter().zip(0..);
    places
        .filter_map(|(number, place)| Some((place, *side_tables.get(number)?)))
        .collect()
}
