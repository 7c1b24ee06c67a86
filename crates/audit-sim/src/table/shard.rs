//! Tables that several readers fill, each with a part of one log, become one.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::event_table::EventTable;
use super::first_events::Stream;
use super::row::{ROW_WORDS, Row, SizeOverflow, flag};
use crate::requests::{RequestIdRemap, RequestsDelta};
use crate::tally::Sum;

/// The rows of a table, on their way to another.
#[derive(Debug, Clone, Default)]
pub struct TableShard {
    /// The rows, eight words each.
    pub rows: Vec<u64>,
    /// What is beside them.
    pub side_tables: SideTables,
}

/// What belongs to the rows of a part.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SideTables {
    sum: (u64, u64),
    overflow: Vec<(u32, SizeOverflow)>,
    ranks: Vec<(u32, u32)>,
    /// By request its first row, in the order of the rows.
    firsts: Vec<(u64, u32)>,
    streams: Vec<(u64, Option<u32>, bool)>,
    requests: RequestsDelta,
    sources: Vec<String>,
}

/// The numbers of a reader's table in the table of the whole log.
#[derive(Debug, Clone, Default)]
pub struct IdRemap {
    requests: RequestIdRemap,
    sources: Vec<u16>,
}

impl EventTable {
    /// Hands over the rows that were added since the last part. What was learnt of users, URLs and sources stays, so that it is handed
    /// on once.
    pub fn take_shard(&mut self) -> TableShard {
        let mut rows = Vec::with_capacity(self.len * ROW_WORDS);
        for row in self.chunks.iter().flatten() {
            rows.extend_from_slice(&row.0);
        }
        let mut firsts: Vec<(u64, u32)> = self.firsts.iter().collect();
        firsts.sort_unstable_by_key(|(_, row)| *row);
        let mut streams: Vec<_> = self
            .streams
            .iter()
            .map(|(key, stream)| (*key, stream.complete, stream.has_started))
            .collect();
        streams.sort_unstable();
        let sources = self.sources().skip(self.checkpoint.sources);
        let part = TableShard {
            rows,
            side_tables: SideTables {
                sum: (self.sum.events, self.sum.bytes),
                overflow: self
                    .overflow
                    .iter()
                    .map(|(row, wide)| (*row, *wide))
                    .collect(),
                ranks: self.ranks.iter().map(|(row, rank)| (*row, *rank)).collect(),
                firsts,
                streams,
                sources: sources.map(str::to_owned).collect(),
                requests: self
                    .interner
                    .requests()
                    .delta_since(&mut self.checkpoint.requests),
            },
        };
        let sources = self.sources().len();
        self.checkpoint.sources = sources;
        self.discard_rows();
        part
    }

    /// Forgets the rows that were added since the last part; what was learnt stays.
    pub fn discard_rows(&mut self) {
        self.chunks.clear();
        self.len = 0;
        self.sum = Sum::default();
        self.overflow = HashMap::new();
        self.ranks = HashMap::new();
        self.firsts.clear();
        self.streams.clear();
    }

    /// Adds the rows of a part, which belong behind all that are there. `joint` is that of the part's reader, and has
    /// learnt of this part; `lines` is how many lines
    /// of the file come before those that the reader has counted.
    pub fn append(&mut self, part: &TableShard, joint: &IdRemap, file: u16, lines: u64) {
        let TableShard {
            rows,
            side_tables: beside,
        } = part;
        let base = u32::try_from(self.len).unwrap_or(u32::MAX);
        let (words, _) = rows.as_chunks::<ROW_WORDS>();
        for words in words {
            let row = Row(*words);
            let request = joint.requests.request(row.request());
            let source = joint.sources.get(usize::from(row.source()));
            self.add(row.moved(file, lines, request, source.copied().unwrap_or(u16::MAX)));
        }
        for (row, wide) in &beside.overflow {
            self.overflow.insert(base.saturating_add(*row), *wide);
        }
        for (row, rank) in &beside.ranks {
            self.ranks.insert(base.saturating_add(*row), *rank);
        }
        for (key, row) in &beside.firsts {
            self.merge_received(*key, base.saturating_add(*row));
        }
        for (key, complete, has_started) in &beside.streams {
            let complete = complete.map(|row| base.saturating_add(row));
            self.merge_started(*key, complete, *has_started);
        }
        let (events, bytes) = beside.sum;
        self.sum += Sum { events, bytes };
    }

    /// Takes from a part what its reader hands on once. It comes before the part's rows, and is taken of every part, in their order,
    /// even where the rows are not wanted: the parts after it speak of it.
    pub fn merge_ids(&mut self, beside: &SideTables, joint: &mut IdRemap) {
        self.interner
            .apply_delta(&beside.requests, &mut joint.requests);
        let sources = beside
            .sources
            .iter()
            .map(|text| self.interner.add_source(text));
        joint.sources.extend(sources);
    }

    /// A row that was its request's first in a part may not be the first of all.
    fn merge_received(&mut self, key: u64, row: u32) {
        let first = self.firsts.first_or(key, row);
        if first == row {
            return;
        }
        let Some(later) = self.stored_mut(row) else {
            return;
        };
        let has_received = later.has(flag::HAS_RECEIVED);
        later.clear(flag::HAS_RECEIVED | flag::HAS_MORE | flag::DERIVES_RECEIVED);
        let is_patch = later.has(flag::PATCHES);
        if (has_received || is_patch)
            && let Some(first) = self.stored_mut(first)
        {
            first.set(flag::HAS_MORE);
            if has_received {
                first.set(flag::HAS_RECEIVED);
                first.clear(flag::DERIVES_RECEIVED);
            }
        }
    }

    /// The same for the events of a request that streams its answer.
    fn merge_started(&mut self, key: u64, complete: Option<u32>, has_started: bool) {
        let Stream {
            complete: first,
            has_started: had_started,
        } = self.streams.get(&key).copied().unwrap_or_default();
        let joined = Stream {
            complete: first.or(complete),
            has_started: has_started || had_started,
        };
        self.streams.insert(key, joined);
        let derives = |row: u32| Some(row) == joined.complete && !joined.has_started;
        for row in [first, complete].into_iter().flatten() {
            if !derives(row)
                && let Some(row) = self.stored_mut(row)
            {
                row.clear(flag::DERIVES_STARTED);
            }
        }
    }
}
