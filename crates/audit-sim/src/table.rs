//! A log in columns: about sixty bytes an event, requests interned, no copy of the text.
//!
//! A policy is applied to the distinct requests; the rows follow by arithmetic on sizes that were measured once.

use audit_log::{Attributes, Event, Place};
use audit_policy::{KubernetesVersion, Level, RequestView, Requests, Stage, Verdicts};
use hashbrown::HashMap;

use crate::derive::{Derived, Stages, earlier, measure, stage_text};
use crate::intake::{Intake, Seen};
use crate::outcome::{Facts, Judgement};
use crate::written::Parts;

/// The events of a log, in the order they were read, and those that it lacks before the ones from which they are derived.
#[derive(Debug, Default)]
pub struct EventTable {
    rows: Vec<Row>,
    recorded: usize,
    stages: Stages,
    /// Rows of derived RequestReceived events by request: one that turns up after all takes the derived one's place.
    derived: HashMap<u64, u32>,
    intake: Intake,
}

/// One event, packed.
#[derive(Debug, Clone, Copy)]
struct Row {
    offset: u64,
    time: i64,
    length: u32,
    line: u32,
    request: u32,
    parts: Parts,
    code: u16,
    file: u16,
    stage: Option<Stage>,
    level: Option<Level>,
    flags: u8,
}

const NO_TIME: i64 = i64::MIN;
const LACKS_REQUEST: u8 = 1;
const LACKS_RESPONSE: u8 = 2;
const DERIVED: u8 = 4;
/// Derived, and then found in the log.
const VOID: u8 = 8;
const LACKS_LINE: u8 = 16;
const IS_LATE: u8 = 32;
const CROSS_GROUP: u8 = 64;

/// One event of a table, unpacked.
#[derive(Debug, Clone, Copy)]
pub struct EventRow<'t> {
    /// The file it was read from, from 0.
    pub file: usize,
    /// Where it stands there.
    pub place: Place,
    /// When the request was received: microseconds since 1970.
    pub time: Option<i64>,
    /// The HTTP status.
    pub code: Option<u16>,
    /// The number of the distinct request behind it.
    pub request_number: u32,
    /// That request.
    pub request: RequestView<'t>,
    /// What outcomes need.
    pub facts: Facts,
    /// The log lacks the event; its place is that of the later one from which it is derived.
    pub is_derived: bool,
}

impl EventRow<'_> {
    /// What a server of a version makes of the event under a policy, whose verdicts these are.
    pub fn judge(&self, verdicts: &Verdicts, version: KubernetesVersion) -> Judgement {
        self.facts.judge(verdicts.get(self.request_number), version)
    }

    /// The size of the event as it was recorded; 0 for one that was not.
    pub fn recorded_bytes(&self) -> u64 {
        if self.is_derived {
            0
        } else {
            self.facts.recorded_bytes()
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
        self.recorded
    }

    /// The distinct requests, in the order they were first seen.
    pub const fn requests(&self) -> &Requests {
        self.intake.requests()
    }

    /// Adds an event of a file, and before it those of its request that the log lacks. Lengths of 4 GiB and lines beyond four
    /// thousand million are cut to what fits.
    pub fn push(&mut self, file: u16, place: Place, event: &Event<'_>) {
        let seen = self.intake.see(event);
        let key = Stages::request_key(event);
        let missing = self
            .stages
            .missing(event, key, seen.has_user, seen.nature.long_running);
        for stage in missing {
            if stage == Stage::RequestReceived {
                let index = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
                self.derived.insert(key, index);
            }
            let row = Row::derived(file, place, event, seen, stage);
            self.rows.push(row);
        }
        let code = event.code();
        let facts = Facts::measured(event, seen.nature, code, Parts::measure(event));
        let row = Row::new(file, place, event, facts, code, seen.request);
        if row.stage == Some(Stage::RequestReceived)
            && let Some(index) = self.derived.remove(&key)
            && let Some(derived) = self.rows.get_mut(index as usize)
        {
            derived.flags |= VOID;
        }
        self.recorded += 1;
        self.rows.push(row);
    }

    /// Every event's number, from 0; derived ones have numbers too.
    pub const fn numbers(&self) -> std::ops::Range<usize> {
        0..self.rows.len()
    }

    /// An event by its number.
    pub fn row(&self, index: usize) -> Option<EventRow<'_>> {
        let row = self.rows.get(index).filter(|row| row.flags & VOID == 0)?;
        Some(EventRow {
            file: usize::from(row.file),
            place: Place {
                offset: row.offset,
                length: u64::from(row.length),
                line: u64::from(row.line),
            },
            time: (row.time != NO_TIME).then_some(row.time),
            code: (row.code != 0).then_some(row.code),
            request_number: row.request,
            request: self.intake.requests().get(row.request)?,
            facts: Facts {
                stage: row.stage,
                level: row.level,
                parts: row.parts,
                lacks_request: row.flags & LACKS_REQUEST != 0,
                lacks_response: row.flags & LACKS_RESPONSE != 0,
                lacks_line: row.flags & LACKS_LINE != 0,
                is_late: row.flags & IS_LATE != 0,
                cross_group: row.flags & CROSS_GROUP != 0,
            },
            is_derived: row.flags & DERIVED != 0,
        })
    }

    /// How many recorded events before this one have its place: those of one line that was put together from parts.
    pub fn before_in_place(&self, index: usize) -> usize {
        let (before, place) = match (self.rows.get(..index), self.rows.get(index)) {
            (Some(before), Some(row)) => (before, row.place()),
            _ => return 0,
        };
        before
            .iter()
            .rev()
            .take_while(|row| row.place() == place)
            .filter(|row| row.flags & DERIVED == 0)
            .count()
    }

    /// Every event in order, with its number.
    pub fn rows(&self) -> impl Iterator<Item = (usize, EventRow<'_>)> {
        self.numbers()
            .filter_map(|index| Some((index, self.row(index)?)))
    }
}

impl Row {
    const fn place(&self) -> (u16, u64, u32) {
        (self.file, self.offset, self.length)
    }

    fn new(
        file: u16,
        place: Place,
        event: &Event<'_>,
        facts: Facts,
        code: Option<u16>,
        request: u32,
    ) -> Self {
        Self {
            offset: place.offset,
            time: event.time().unwrap_or(NO_TIME),
            length: u32::try_from(place.length).unwrap_or(u32::MAX),
            line: u32::try_from(place.line).unwrap_or(u32::MAX),
            request,
            parts: facts.parts,
            code: code.unwrap_or(0),
            file,
            stage: facts.stage,
            level: facts.level,
            flags: u8::from(facts.lacks_request) * LACKS_REQUEST
                + u8::from(facts.lacks_response) * LACKS_RESPONSE
                + u8::from(facts.lacks_line) * LACKS_LINE
                + u8::from(facts.is_late) * IS_LATE
                + u8::from(facts.cross_group) * CROSS_GROUP,
        }
    }

    /// The row of an event that the log lacks, from the later one of its request.
    fn derived(file: u16, place: Place, later: &Event<'_>, seen: Seen, stage: Stage) -> Self {
        let code = later.code().filter(|_| stage != Stage::RequestReceived);
        let row_of = |event: &Event<'_>, parts| {
            let facts = Facts::measured(event, seen.nature, code, parts);
            Self::new(file, place, event, facts, code, seen.request)
        };
        let row = match measure(later, stage, seen.object_ref) {
            Some(parts) => row_of(&earlier(later, stage, stage_text(stage), None), parts),
            None => {
                let derived = Derived::new(later, &Attributes::of(later), stage);
                let event = derived.event();
                row_of(&event, Parts::measure(&event))
            }
        };
        Self {
            flags: row.flags | DERIVED,
            ..row
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_small_and_requests_are_shared() {
        assert!(size_of::<Row>() <= 72, "{}", size_of::<Row>());
        let mut table = EventTable::new();
        let stages = ["RequestReceived", "ResponseComplete"].map(|stage| {
            format!(r#"{{"stage":"{stage}","verb":"list","user":{{"username":"u"}},"requestURI":"/api/v1/pods"}}"#)
        });
        for raw in &stages {
            table.push(0, Place::default(), &Event::new(raw));
        }
        assert_eq!(
            (
                table.recorded(),
                table.rows().count(),
                table.requests().len()
            ),
            (2, 2, 1)
        );
        assert_eq!(
            table.row(1).unwrap().facts.stage,
            Some(Stage::ResponseComplete)
        );
        assert!(table.row(2).is_none());
    }

    #[test]
    fn events_of_one_place_are_counted_within_it() {
        let mut table = EventTable::new();
        let place = |offset| Place {
            offset,
            length: 9,
            line: 1,
        };
        for (id, offset) in [(1, 0), (2, 5), (3, 5), (4, 5), (5, 20)] {
            let raw = format!(
                r#"{{"auditID":"{id}","stage":"ResponseComplete","verb":"get","user":{{}},"requestURI":"/api"}}"#
            );
            table.push(0, place(offset), &Event::new(&raw));
        }
        // A derived event precedes each, and is read from its place as the recorded one is.
        let before: Vec<usize> = table
            .numbers()
            .map(|index| table.before_in_place(index))
            .collect();
        assert_eq!(before, [0, 0, 0, 0, 1, 1, 2, 2, 0, 0]);
    }

    #[test]
    fn a_stage_that_turns_up_late_takes_the_derived_ones_place() {
        let mut table = EventTable::new();
        let event = |stage: &str| {
            format!(
                r#"{{"auditID":"1","stage":"{stage}","verb":"list","user":{{"username":"u"}},"requestURI":"/api/v1/pods"}}"#
            )
        };
        table.push(0, Place::default(), &Event::new(&event("ResponseComplete")));
        let stages = |table: &EventTable| {
            table
                .rows()
                .map(|(_, row)| (row.facts.stage.unwrap(), row.is_derived))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            stages(&table),
            [
                (Stage::RequestReceived, true),
                (Stage::ResponseComplete, false)
            ]
        );
        assert_eq!(table.row(0).unwrap().recorded_bytes(), 0);
        table.push(0, Place::default(), &Event::new(&event("RequestReceived")));
        assert_eq!(
            stages(&table),
            [
                (Stage::ResponseComplete, false),
                (Stage::RequestReceived, false)
            ]
        );
        assert_eq!(table.recorded(), 2);
    }
}
