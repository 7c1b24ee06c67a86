//! A log as rows of 64 bytes, without its text.
//!
//! A policy is evaluated on the distinct requests; the sums over rows follow by arithmetic on sizes that were measured once. An event that
//! the log lacks is a flag on the row from which it is derived.

use audit_log::{Attributes, Event, Location};
use audit_policy::{KubernetesVersion, Stage};
use audit_types::{EventId, RequestId};
use hashbrown::HashMap;

use super::first_events::{FirstEvents, Streams};
use super::row::{EventLocation, Row, SizeOverflow, flag};
use crate::derive::{
    DerivedEvent, StageDeriver, follows_received, follows_started, received_attributes,
    received_size, started_attributes,
};
use crate::outcome::{EventAttributes, EventOutcome};
use crate::request_interner::RequestInterner;
use crate::requests::{Checkpoint, RequestView, Requests};
use crate::sizes::SizeBreakdown;
use crate::tally::Sum;
use crate::verdicts::Verdicts;

/// Number of rows per chunk. A table that grows adds chunks and copies nothing.
pub(super) const CHUNK: usize = 4096;

/// Number of event ids per row: two for the events that may be derived from it, one for its own, one unused.
pub(super) const IDS_PER_ROW: usize = EventId::PER_ROW;
pub(super) const RECEIVED: usize = 0;
pub(super) const STARTED: usize = 1;
pub(super) const RECORDED: usize = EventId::RECORDED;

/// Maximum difference between a line and the sum of its sizes: the names of a level and of a stage.
const LINE_SLACK: u64 = 256;

/// Response data of a recorded event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventResponse {
    /// Id of the event.
    pub id: EventId,
    /// Id of the distinct request behind it.
    pub request: RequestId,
    /// The HTTP status.
    pub code: Option<u16>,
    /// It contains authentication metadata, which only servers since 1.35 write.
    pub has_authentication: bool,
}

/// Position up to which a table's requests and sources have been transferred.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TableCheckpoint {
    pub(super) requests: Checkpoint,
    pub(super) sources: usize,
    pub(super) agents: usize,
    pub(super) clients: usize,
}

/// The events of a log, in the order in which they were read, each preceded by the derived events that the log lacks.
#[derive(Debug, Default)]
pub struct EventTable {
    pub(super) chunks: Vec<Vec<Row>>,
    pub(super) len: usize,
    pub(super) sum: Sum,
    pub(super) overflow: HashMap<u32, SizeOverflow>,
    /// For rows that have the location of the rows before them: the number of those.
    pub(super) ranks: HashMap<u32, u32>,
    pub(super) firsts: FirstEvents,
    pub(super) streams: Streams,
    pub(super) interner: RequestInterner,
    pub(super) checkpoint: TableCheckpoint,
}

/// One event of a table.
#[derive(Debug, Clone, Copy)]
pub struct EventRow<'t> {
    /// Index of its file, from 0.
    pub file: usize,
    /// Location in the file.
    pub place: Location,
    /// When the request was received, in microseconds since 1970.
    pub time: Option<i64>,
    /// The HTTP status.
    pub code: Option<u16>,
    /// Id of the distinct request behind it.
    pub request_id: RequestId,
    /// The request behind it.
    pub request: RequestView<'t>,
    /// Id of the source addresses.
    pub source_id: u16,
    /// The source addresses as recorded, separated by a comma and a space.
    pub source: &'t str,
    /// Id of the user agent.
    pub agent_id: u16,
    /// The user agent.
    pub agent: &'t str,
    /// Attributes that its outcome depends on.
    pub attributes: EventAttributes,
    /// The log lacks the event; its location is that of the later one from which it is derived.
    pub is_derived: bool,
}

impl EventRow<'_> {
    /// Returns the outcome of the event under a policy with these verdicts, on a server of a version.
    pub fn outcome(&self, verdicts: &Verdicts, version: KubernetesVersion) -> EventOutcome {
        self.attributes
            .outcome(verdicts.get(self.request_id), version)
    }

    /// Returns the event of a derived row, made from the recorded event at its location; `None` if the row is a recorded event.
    pub fn derived_event<'e>(&self, recorded: &Event<'e>) -> Option<DerivedEvent<'e>> {
        let stage = self.attributes.stage.filter(|_| self.is_derived)?;
        Some(DerivedEvent::new(
            recorded,
            &Attributes::from_event(recorded),
            stage,
        ))
    }

    /// Returns the size of the event as recorded; 0 for a derived one.
    pub fn recorded_bytes(&self) -> u64 {
        if self.is_derived {
            0
        } else {
            self.attributes.recorded_bytes()
        }
    }
}

impl EventTable {
    /// Creates an empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of recorded events.
    pub const fn recorded(&self) -> usize {
        self.len
    }

    /// Returns the number of recorded events and their bytes.
    pub const fn recorded_sum(&self) -> Sum {
        self.sum
    }

    /// Returns the distinct requests, in the order in which they were first seen.
    pub const fn requests(&self) -> &Requests {
        self.interner.requests()
    }

    /// Iterates over the distinct source addresses, by id; the first is empty.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = &str> {
        self.interner.clients().sources.texts()
    }

    /// Iterates over the distinct user agents, by id; the first is empty.
    pub fn agents(&self) -> impl ExactSizeIterator<Item = &str> {
        self.interner.clients().agents.texts()
    }

    /// Adds an event of a file. Lengths of 4 GiB or more and lines beyond 2^32 are stored as the maximum.
    pub fn push(&mut self, file: u16, place: Location, event: &Event<'_>) {
        let request = self.interner.intern(event);
        let code = event.code();
        let attributes =
            EventAttributes::from_sizes(event, request.traits, code, SizeBreakdown::measure(event));
        let location = EventLocation {
            file,
            place,
            time: event.time(),
            code,
            request: request.request,
            client: request.client,
        };
        let mut row = Row::new(&location, &attributes);
        let number = u32::try_from(self.len).unwrap_or(u32::MAX);
        if let Some(overflow) = SizeOverflow::new(&attributes.sizes) {
            self.overflow.insert(number, overflow);
        }
        if let Some(rank) = self.rank_of_next(file, place) {
            self.ranks.insert(number, rank);
        }
        if event.impersonated_user.is_some() {
            row.set(flag::IMPERSONATES);
        }
        if event.verb == Some("\"patch\"") {
            row.set(flag::PATCHES);
        }
        if let Some(stage) = attributes.stage {
            let key = StageDeriver::request_key(event);
            self.mark_received(&mut row, number, key, stage, request.has_user);
            if row.has(flag::DERIVES_RECEIVED) {
                row.set_received_bytes(received_size(event, &attributes.sizes, request.object_ref));
            }
            self.mark_started(&mut row, number, key, stage, request.traits.long_running);
        }
        self.sum.events += 1;
        self.sum.bytes += attributes.recorded_bytes();
        self.add(row);
    }

    pub(super) fn add(&mut self, row: Row) {
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(row),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(row);
                self.chunks.push(chunk);
            }
        }
        self.len += 1;
    }

    /// Records in the row whether the RequestReceived event of its request is derived from it, or is in the log.
    fn mark_received(
        &mut self,
        row: &mut Row,
        number: u32,
        key: u64,
        stage: Stage,
        has_user: bool,
    ) {
        let first = self.firsts.first_or(key, number);
        let is_received = stage == Stage::RequestReceived;
        if first == number {
            if is_received {
                row.set(flag::HAS_RECEIVED);
            } else if follows_received(stage, has_user) {
                row.set(flag::DERIVES_RECEIVED);
            }
        } else if (is_received || row.has(flag::PATCHES))
            && let Some(first) = self.stored_mut(first)
        {
            first.set(flag::HAS_MORE);
            if is_received {
                first.set(flag::HAS_RECEIVED);
                first.clear(flag::DERIVES_RECEIVED);
            }
        }
    }

    /// Records in the row whether the ResponseStarted event of its request is derived from it, or is in the log.
    fn mark_started(
        &mut self,
        row: &mut Row,
        number: u32,
        key: u64,
        stage: Stage,
        long_running: bool,
    ) {
        match stage {
            Stage::ResponseStarted => {
                let stream = self.streams.entry(key).or_default();
                stream.has_started = true;
                let complete = stream.complete;
                if let Some(row) = complete.and_then(|row| self.stored_mut(row)) {
                    row.clear(flag::DERIVES_STARTED);
                }
            }
            _ if follows_started(stage, long_running) => {
                let stream = self.streams.entry(key).or_default();
                if stream.complete.is_none() {
                    stream.complete = Some(number);
                    if !stream.has_started {
                        row.set(flag::DERIVES_STARTED);
                    }
                }
            }
            _ => {}
        }
    }

    /// Returns the overflow of a row. Invariant: there is one if the row has the mark.
    pub(super) fn overflow_of(&self, index: u32) -> SizeOverflow {
        self.overflow.get(&index).copied().unwrap_or_default()
    }

    pub(super) fn stored(&self, number: u32) -> Option<&Row> {
        let number = number as usize;
        self.chunks.get(number / CHUNK)?.get(number % CHUNK)
    }

    pub(super) fn stored_mut(&mut self, number: u32) -> Option<&mut Row> {
        let number = number as usize;
        self.chunks.get_mut(number / CHUNK)?.get_mut(number % CHUNK)
    }

    /// Returns an event by its id; `None` if there is no such event.
    pub fn row(&self, id: EventId) -> Option<EventRow<'_>> {
        let (index, kind) = row_and_kind(id);
        let index = u32::try_from(index).ok()?;
        self.expanded(index, self.stored(index)?, kind)
    }

    fn expanded(&self, index: u32, row: &Row, kind: usize) -> Option<EventRow<'_>> {
        let mut attributes = row.attributes(|| self.overflow_of(index));
        let mut code = row.code();
        match kind {
            RECEIVED if row.has(flag::DERIVES_RECEIVED) => {
                attributes = received_attributes(&attributes, row.received_bytes());
                code = None;
            }
            STARTED if row.has(flag::DERIVES_STARTED) => {
                attributes = started_attributes(&attributes)
            }
            RECORDED => {}
            _ => return None,
        }
        let clients = self.interner.clients();
        let (source_id, agent_id) = clients.get(row.client());
        Some(EventRow {
            file: usize::from(row.file()),
            place: row.place(),
            time: row.time(),
            code,
            request_id: row.request(),
            request: self.interner.requests().get(row.request())?,
            source_id,
            source: clients.sources.get(source_id),
            agent_id,
            agent: clients.agents.get(agent_id),
            attributes,
            is_derived: kind != RECORDED,
        })
    }

    /// Returns the number of events before this one with the same location: those of one line that was assembled from parts.
    pub fn rank_in_place(&self, id: EventId) -> usize {
        let (index, _) = row_and_kind(id);
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        self.ranks.get(&index).map_or(0, |rank| *rank as usize)
    }

    /// Returns the rank of the next row, if its location is that of the last one.
    #[inline]
    fn rank_of_next(&self, file: u16, place: Location) -> Option<u32> {
        let last = self.chunks.last()?.last()?;
        if (last.file(), last.place().offset) != (file, place.offset) {
            return None;
        }
        let index = u32::try_from(self.len.checked_sub(1)?).ok()?;
        Some(self.ranks.get(&index).copied().unwrap_or(0) + 1)
    }

    /// Returns the id of the distinct request behind an event.
    #[inline]
    pub fn request_of(&self, id: EventId) -> Option<RequestId> {
        let (index, _) = row_and_kind(id);
        self.stored(u32::try_from(index).ok()?).map(Row::request)
    }

    /// Iterates over all events in order, with their ids.
    pub fn rows(&self) -> impl Iterator<Item = (EventId, EventRow<'_>)> {
        let ids = (0..self.len.saturating_mul(IDS_PER_ROW)).map(EventId::new);
        ids.filter_map(|id| Some((id, self.row(id)?)))
    }

    /// Iterates over the ids of the recorded events with an impersonated user.
    pub fn impersonated(&self) -> impl Iterator<Item = EventId> {
        let rows = self.chunks.iter().flatten();
        let those = rows
            .enumerate()
            .filter(|(_, row)| row.has(flag::IMPERSONATES));
        those.map(|(index, _)| Self::recorded_id(index))
    }

    /// Iterates over the ids of the events, derived ones included, that may be larger than a number of bytes at some level.
    pub fn ids_over(&self, bytes: u64) -> impl Iterator<Item = EventId> {
        // A derived event is as large as the one it is derived from, except for the name of its stage.
        let least = bytes.saturating_sub(LINE_SLACK);
        let rows = self.chunks.iter().flatten().enumerate();
        rows.filter(move |(_, row)| {
            row.has_overflow() || row.has_changes() || row.max_bytes() > least
        })
        .flat_map(|(index, _)| ids_of_row(index))
    }

    /// Iterates over the response data of all recorded events, in order.
    pub fn responses(&self) -> impl Iterator<Item = EventResponse> {
        let rows = self.chunks.iter().flatten().enumerate();
        rows.map(|(index, row)| EventResponse {
            id: Self::recorded_id(index),
            request: row.request(),
            code: row.code(),
            has_authentication: row.authentication() > 0,
        })
    }

    /// Returns the id of the recorded event with this index among the recorded ones.
    #[inline]
    pub const fn recorded_id(index: usize) -> EventId {
        EventId::new(index.saturating_mul(IDS_PER_ROW).saturating_add(RECORDED))
    }

    /// Returns the index of a recorded event among the recorded ones; `None` for a derived event.
    #[inline]
    pub const fn recorded_index(id: EventId) -> Option<usize> {
        match row_and_kind(id) {
            (index, RECORDED) => Some(index),
            _ => None,
        }
    }

    /// Iterates over the ids of the events that may be derived from a recorded event, and last its own.
    #[inline]
    pub fn ids_with_derived(recorded: EventId) -> impl Iterator<Item = EventId> {
        let (index, _) = row_and_kind(recorded);
        ids_of_row(index)
    }

    /// Returns file and location of an event.
    pub fn location(&self, id: EventId) -> Option<(usize, Location)> {
        let (index, _) = row_and_kind(id);
        let row = self.stored(u32::try_from(index).ok()?)?;
        Some((usize::from(row.file()), row.place()))
    }

    /// Iterates over the ids of the recorded events, in order.
    pub fn recorded_ids(&self) -> impl Iterator<Item = EventId> {
        (0..self.len).map(Self::recorded_id)
    }
}

/// Returns the index of an event's row, and which of the row's events it is.
#[inline]
pub(super) const fn row_and_kind(id: EventId) -> (usize, usize) {
    (id.get() / IDS_PER_ROW, id.get() % IDS_PER_ROW)
}

/// Returns the id of one of a row's events. Invariant: there is such a row, of 64 bytes, so the product does not overflow.
#[inline]
pub(super) const fn id_in_row(index: usize, kind: usize) -> EventId {
    EventId::new(index * IDS_PER_ROW + kind)
}

/// Iterates over the ids of a row's events: those that may be derived, and the recorded one.
#[inline]
fn ids_of_row(index: usize) -> impl Iterator<Item = EventId> {
    (RECEIVED..=RECORDED).map(move |kind| id_in_row(index, kind))
}
