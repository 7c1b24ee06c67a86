//! The rows of several files as one log: in the order of time.

use hashbrown::HashMap;

use super::event_table::{CHUNK, EventTable};
use super::first_events::{FirstEvents, Streams};
use super::row::Row;

impl EventTable {
    /// Makes room for so many events more; false where there is no memory for it. What there is stays as it is.
    pub fn reserve(&mut self, more: usize) -> bool {
        let chunks = more / CHUNK + 1;
        let has_room = self.chunks.try_reserve(chunks).is_ok() && self.firsts.reserve(more);
        // Rows come in chunks, one at a time; this one is given back at once, to be taken again.
        let mut rows = Vec::<Row>::new();
        has_room && rows.try_reserve_exact(chunks * CHUNK).is_ok()
    }

    /// Says that no event will come any more, and gives back the room that was for those to come.
    pub fn finish(&mut self) {
        self.firsts = FirstEvents::default();
        self.streams = Streams::default();
        if let Some(last) = self.chunks.last_mut() {
            last.shrink_to_fit();
        }
    }

    /// Puts the rows in the order in which the requests were received, where they are not. Rows of one time stay in their order, and
    /// rows without a time stay behind the one before. Call it when no event will come any more: numbers change.
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
        // Numbers tell equal times apart, so that the order is the only one.
        keys.sort_unstable();
        let mut sources: Vec<u32> = keys.iter().map(|(_, number)| *number).collect();
        drop(keys);
        self.overflow = moved(&self.overflow, &sources);
        self.ranks = moved(&self.ranks, &sources);
        self.permute(&mut sources);
    }

    /// Moves to every place the row that is named there, along the cycles, with no second copy of the rows.
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

/// What is kept beside rows, once every place has the row that is named there.
fn moved<T: Copy>(beside: &HashMap<u32, T>, sources: &[u32]) -> HashMap<u32, T> {
    let places = sources.iter().zip(0..);
    places
        .filter_map(|(number, place)| Some((place, *beside.get(number)?)))
        .collect()
}
