//! A log in rows of sixty-four bytes: requests interned, no copy of the text.
//!
//! A policy is applied to the distinct requests; the rows follow by arithmetic on sizes that were measured once. What a log lacks is a
//! mark on the row from which it is derived.

use audit_log::{Attributes, Event, Location};
use audit_policy::{KubernetesVersion, Stage};
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

/// Rows are kept in chunks of so many, so that a table that grows copies nothing.
pub(super) const CHUNK: usize = 4096;

/// Every row has so many numbers: those of the two events that may be derived from it, and its own.
pub(super) const IDS_PER_ROW: usize = 4;
pub(super) const RECEIVED: usize = 0;
pub(super) const STARTED: usize = 1;
pub(super) const RECORDED: usize = 2;

/// How much longer than its parts a line is at the most: the names of a level and of a stage.
const LINE_SLACK: u64 = 256;

/// What a recorded event says of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventResponse {
    /// The event's number.
    pub number: usize,
    /// The number of the distinct request behind it.
    pub request: u32,
    /// The HTTP status.
    pub code: Option<u16>,
    /// It says how the user was authenticated, which only servers since 1.35 write.
    pub has_authentication: bool,
}

/// How far a table's requests and sources have been handed on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TableCheckpoint {
    pub(super) requests: Checkpoint,
    pub(super) sources: usize,
}

/// The events of a log, in the order they were read, and those that it lacks before the ones from which they are derived.
#[derive(Debug, Default)]
pub struct EventTable {
    pub(super) chunks: Vec<Vec<Row>>,
    pub(super) len: usize,
    pub(super) sum: Sum,
    pub(super) overflow: HashMap<u32, SizeOverflow>,
    /// Of rows whose place is that of rows before: how many those are.
    pub(super) ranks: HashMap<u32, u32>,
    pub(super) firsts: FirstEvents,
    pub(super) streams: Streams,
    pub(super) interner: RequestInterner,
    pub(super) checkpoint: TableCheckpoint,
}

/// One event of a table, unpacked.
#[derive(Debug, Clone, Copy)]
pub struct EventRow<'t> {
    /// The file it was read from, from 0.
    pub file: usize,
    /// Where it stands there.
    pub place: Location,
    /// When the request was received: microseconds since 1970.
    pub time: Option<i64>,
    /// The HTTP status.
    pub code: Option<u16>,
    /// The number of the distinct request behind it.
    pub request_id: u32,
    /// That request.
    pub request: RequestView<'t>,
    /// The number of the source addresses.
    pub source_id: u16,
    /// Where the request came from, as recorded: addresses separated by a comma and a space.
    pub source: &'t str,
    /// What outcomes need.
    pub attributes: EventAttributes,
    /// The log lacks the event; its place is that of the later one from which it is derived.
    pub is_derived: bool,
}

impl EventRow<'_> {
    /// What a server of a version makes of the event under a policy, whose verdicts these are.
    pub fn outcome(&self, verdicts: &Verdicts, version: KubernetesVersion) -> EventOutcome {
        self.attributes
            .outcome(verdicts.get(self.request_id), version)
    }

    /// Returns the event of a derived row, made from the recorded event at its place; `None` if the row is a recorded event.
    pub fn derived_event<'e>(&self, recorded: &Event<'e>) -> Option<DerivedEvent<'e>> {
        let stage = self.attributes.stage.filter(|_| self.is_derived)?;
        Some(DerivedEvent::new(
            recorded,
            &Attributes::from_event(recorded),
            stage,
        ))
    }

    /// The size of the event as it was recorded; 0 for one that was not.
    pub fn recorded_bytes(&self) -> u64 {
        if self.is_derived {
            0
        } else {
            self.attributes.recorded_bytes()
        }
    }
}

impl EventTable {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many events the log holds.
    pub const fn recorded(&self) -> usize {
        self.len
    }

    /// The same with their bytes, as recorded.
    pub const fn recorded_sum(&self) -> Sum {
        self.sum
    }

    /// The distinct requests, in the order they were first seen.
    pub const fn requests(&self) -> &Requests {
        self.interner.requests()
    }

    /// The distinct texts of source addresses, by number; the first is for none.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = &str> {
        self.interner.sources()
    }

    /// Adds an event of a file. Lengths of 4 GiB and lines beyond four thousand million are cut to what fits.
    pub fn push(&mut self, file: u16, place: Location, event: &Event<'_>) {
        let seen = self.interner.intern(event);
        let code = event.code();
        let facts =
            EventAttributes::from_sizes(event, seen.nature, code, SizeBreakdown::measure(event));
        let bearings = EventLocation {
            file,
            place,
            time: event.time(),
            code,
            request: seen.request,
            source: seen.source,
        };
        let mut row = Row::new(&bearings, &facts);
        let number = u32::try_from(self.len).unwrap_or(u32::MAX);
        if let Some(wide) = SizeOverflow::new(&facts.sizes) {
            self.overflow.insert(number, wide);
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
        if let Some(stage) = facts.stage {
            let key = StageDeriver::request_key(event);
            self.mark_received(&mut row, number, key, stage, seen.has_user);
            if row.has(flag::DERIVES_RECEIVED) {
                row.set_received_bytes(received_size(event, &facts.sizes, seen.object_ref));
            }
            self.mark_started(&mut row, number, key, stage, seen.nature.long_running);
        }
        self.sum.events += 1;
        self.sum.bytes += facts.recorded_bytes();
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

    /// Whether the request's RequestReceived event is to be derived from this row, or stands in it.
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

    /// Whether the request's ResponseStarted event is to be derived from this row, or stands in it.
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

    /// What is kept beside a row; invariant: there is something wherever the row says so.
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

    /// An event by its number.
    pub fn row(&self, number: usize) -> Option<EventRow<'_>> {
        let index = u32::try_from(number / IDS_PER_ROW).ok()?;
        self.expanded(index, self.stored(index)?, number % IDS_PER_ROW)
    }

    fn expanded(&self, index: u32, row: &Row, kind: usize) -> Option<EventRow<'_>> {
        let mut facts = row.attributes(|| self.overflow_of(index));
        let mut code = row.code();
        match kind {
            RECEIVED if row.has(flag::DERIVES_RECEIVED) => {
                facts = received_attributes(&facts, row.received_bytes());
                code = None;
            }
            STARTED if row.has(flag::DERIVES_STARTED) => facts = started_attributes(&facts),
            RECORDED => {}
            _ => return None,
        }
        Some(EventRow {
            file: usize::from(row.file()),
            place: row.place(),
            time: row.time(),
            code,
            request_id: row.request(),
            request: self.interner.requests().get(row.request())?,
            source_id: row.source(),
            source: self.interner.source(row.source()),
            attributes: facts,
            is_derived: kind != RECORDED,
        })
    }

    /// How many events read before this one have its place: those of one line that was put together from parts.
    pub fn rank_in_place(&self, number: usize) -> usize {
        let index = u32::try_from(number / IDS_PER_ROW).unwrap_or(u32::MAX);
        self.ranks.get(&index).map_or(0, |rank| *rank as usize)
    }

    /// The rank of the next row, if it stands where the last one does.
    #[inline]
    fn rank_of_next(&self, file: u16, place: Location) -> Option<u32> {
        let last = self.chunks.last()?.last()?;
        if (last.file(), last.place().offset) != (file, place.offset) {
            return None;
        }
        let index = u32::try_from(self.len.checked_sub(1)?).ok()?;
        Some(self.ranks.get(&index).copied().unwrap_or(0) + 1)
    }

    /// The distinct request behind an event.
    #[inline]
    pub fn request_of(&self, number: usize) -> Option<u32> {
        let index = u32::try_from(number / IDS_PER_ROW).ok()?;
        self.stored(index).map(Row::request)
    }

    /// Every event in order, with its number.
    pub fn rows(&self) -> impl Iterator<Item = (usize, EventRow<'_>)> {
        let numbers = 0..self.len.saturating_mul(IDS_PER_ROW);
        numbers.filter_map(|number| Some((number, self.row(number)?)))
    }

    /// The numbers of the recorded events that were made in another user's name.
    pub fn impersonated(&self) -> impl Iterator<Item = usize> {
        let rows = self.chunks.iter().flatten();
        let those = rows
            .enumerate()
            .filter(|(_, row)| row.has(flag::IMPERSONATES));
        those.map(|(index, _)| index * IDS_PER_ROW + RECORDED)
    }

    /// The numbers of the events, derived ones included, that may be larger than so many bytes at some level.
    pub fn ids_over(&self, bytes: u64) -> impl Iterator<Item = usize> {
        // A derived event is as large as the one it is derived from, but for the name of its stage.
        let least = bytes.saturating_sub(LINE_SLACK);
        let rows = self.chunks.iter().flatten().enumerate();
        rows.filter(move |(_, row)| {
            row.has_overflow() || row.has_changes() || row.max_bytes() > least
        })
        .flat_map(|(index, _)| index * IDS_PER_ROW..=index * IDS_PER_ROW + RECORDED)
    }

    /// What every recorded event says of its answer, in order.
    pub fn responses(&self) -> impl Iterator<Item = EventResponse> {
        let rows = self.chunks.iter().flatten().enumerate();
        rows.map(|(index, row)| EventResponse {
            number: index * IDS_PER_ROW + RECORDED,
            request: row.request(),
            code: row.code(),
            has_authentication: row.authentication() > 0,
        })
    }

    /// The numbers of the recorded events, in order.
    pub fn recorded_ids(&self) -> impl Iterator<Item = usize> {
        (0..self.len).map(|index| index * IDS_PER_ROW + RECORDED)
    }
}
