//! Tables that several readers fill, each with a part of one log, become one.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::event_table::EventTable;
use super::first_events::Stream;
use super::row::{ROW_WORDS, Row, SizeOverflow, flag};
use crate::requests::{RequestIdRemap, RequestsDelta};
use crate::tally::Sum;

/// Rows of a table in transfer to another.
#[derive(Debug, Clone, Default)]
pub struct TableShard {
    /// The rows, eight words each.
    pub rows: Vec<u64>,
    /// Data that belongs to the rows.
    pub side_tables: SideTables,
}

/// Data that belongs to the rows of a shard.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SideTables {
    sum: (u64, u64),
    overflow: Vec<(u32, SizeOverflow)>,
    ranks: Vec<(u32, u32)>,
    /// The first row of each request, in the order of the rows.
    firsts: Vec<(u64, u32)>,
    streams: Vec<(u64, Option<u32>, bool)>,
    requests: RequestsDelta,
    sources: Vec<String>,
    agents: Vec<String>,
    /// Ids of source addresses and user agent, by id of the client.
    clients: Vec<(u16, u16)>,
}

/// Ids of a reader's table in the table of the whole log.
#[derive(Debug, Clone, Default)]
pub struct IdRemap {
    requests: RequestIdRemap,
    sources: Vec<u16>,
    agents: Vec<u16>,
    clients: Vec<u16>,
}

impl EventTable {
    /// Takes the rows that were added since the last shard. Users, URLs and clients stay, and each is transferred once.
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
        let clients = self.interner.clients();
        let sources = clients.sources.texts().skip(self.checkpoint.sources);
        let agents = clients.agents.texts().skip(self.checkpoint.agents);
        let pairs = clients.pairs().skip(self.checkpoint.clients);
        let shard = TableShard {
            rows,
            side_tables: SideTables {
                sum: (self.sum.events, self.sum.bytes),
                overflow: self
                    .overflow
                    .iter()
                    .map(|(row, overflow)| (*row, *overflow))
                    .collect(),
                ranks: self.ranks.iter().map(|(row, rank)| (*row, *rank)).collect(),
                firsts,
                streams,
                sources: sources.map(str::to_owned).collect(),
                agents: agents.map(str::to_owned).collect(),
                clients: pairs.collect(),
                requests: self
                    .interner
                    .requests()
                    .delta_since(&mut self.checkpoint.requests),
            },
        };
        let clients = self.interner.clients();
        self.checkpoint.sources = clients.sources.texts().len();
        self.checkpoint.agents = clients.agents.texts().len();
        self.checkpoint.clients = clients.pairs().len();
        self.discard_rows();
        shard
    }

    /// Discards the rows that were added since the last shard; users, URLs and clients stay.
    pub fn discard_rows(&mut self) {
        self.chunks.clear();
        self.len = 0;
        self.sum = Sum::default();
        self.overflow = HashMap::new();
        self.ranks = HashMap::new();
        self.firsts.clear();
        self.streams.clear();
    }

    /// Appends the rows of a shard. `remap` is that of the shard's reader, after [`Self::merge_ids`] for this shard; `lines` is the number
    /// of lines in the file before those that the reader has counted.
    pub fn append(&mut self, shard: &TableShard, remap: &IdRemap, file: u16, lines: u64) {
        let TableShard { rows, side_tables } = shard;
        let base = u32::try_from(self.len).unwrap_or(u32::MAX);
        let (words, _) = rows.as_chunks::<ROW_WORDS>();
        for words in words {
            let row = Row(*words);
            let request = remap.requests.request(row.request());
            let client = remap.clients.get(usize::from(row.client()));
            self.add(row.moved(file, lines, request, client.copied().unwrap_or(u16::MAX)));
        }
        for (row, overflow) in &side_tables.overflow {
            self.overflow.insert(base.saturating_add(*row), *overflow);
        }
        for (row, rank) in &side_tables.ranks {
            self.ranks.insert(base.saturating_add(*row), *rank);
        }
        for (key, row) in &side_tables.firsts {
            self.merge_received(*key, base.saturating_add(*row));
        }
        for (key, complete, has_started) in &side_tables.streams {
            let complete = complete.map(|row| base.saturating_add(row));
            self.merge_started(*key, complete, *has_started);
        }
        let (events, bytes) = side_tables.sum;
        self.sum += Sum { events, bytes };
    }

    /// Adds the requests and clients of a shard, which its reader transfers once. Call it for every shard, in order and before
    /// [`Self::append`], even if its rows are not needed: later shards refer to them.
    pub fn merge_ids(&mut self, side_tables: &SideTables, remap: &mut IdRemap) {
        self.interner
            .apply_delta(&side_tables.requests, &mut remap.requests);
        let clients = self.interner.clients_mut();
        let sources = side_tables.sources.iter();
        remap
            .sources
            .extend(sources.map(|text| clients.sources.add(text)));
        let agents = side_tables.agents.iter();
        remap
            .agents
            .extend(agents.map(|text| clients.agents.add(text)));
        let id = |ids: &[u16], of: u16| ids.get(usize::from(of)).copied().unwrap_or_default();
        for (source, agent) in &side_tables.clients {
            let client = clients.add(id(&remap.sources, *source), id(&remap.agents, *agent));
            remap.clients.push(client);
        }
    }

    /// The first row of a request in a shard may not be its first in the log.
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

    /// The same for the events of a request with a streamed response.
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
