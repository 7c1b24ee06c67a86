//! A log in columns: about sixty bytes an event, requests interned, no copy of the text.
//!
//! A policy is applied to the distinct requests; the rows follow by arithmetic on sizes that were measured once.

use std::collections::HashMap;

use audit_log::{Attributes, Event, Place};
use audit_policy::{Level, Matcher, Stage, Verdict};

use crate::outcome::{Facts, Judgement, verdict};
use crate::written::Parts;

/// The events of a log, in the order they were read.
#[derive(Debug, Default)]
pub struct EventTable {
    rows: Vec<Row>,
    requests: Vec<Attributes>,
    by_request: HashMap<Attributes, u32>,
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
    lacks: u8,
}

const NO_TIME: i64 = i64::MIN;
const LACKS_REQUEST: u8 = 1;
const LACKS_RESPONSE: u8 = 2;

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
    /// The distinct request behind it, from 0.
    pub request_index: usize,
    /// That request.
    pub attributes: &'t Attributes,
    /// What outcomes need.
    pub facts: Facts,
}

impl EventTable {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many events there are.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The distinct requests, in the order they were first seen.
    pub fn requests(&self) -> &[Attributes] {
        &self.requests
    }

    /// Adds an event of a file. Lengths of 4 GiB and lines beyond four thousand million are cut to what fits.
    pub fn push(&mut self, file: u16, place: Place, event: &Event<'_>) {
        let attributes = Attributes::of(event);
        let facts = Facts::of(event, &attributes);
        let lacks = u8::from(facts.lacks_request) * LACKS_REQUEST
            + u8::from(facts.lacks_response) * LACKS_RESPONSE;
        let row = Row {
            offset: place.offset,
            time: event.time().unwrap_or(NO_TIME),
            length: u32::try_from(place.length).unwrap_or(u32::MAX),
            line: u32::try_from(place.line).unwrap_or(u32::MAX),
            request: self.intern(attributes),
            parts: facts.parts,
            code: event.code().unwrap_or(0),
            file,
            stage: facts.stage,
            level: facts.level,
            lacks,
        };
        self.rows.push(row);
    }

    fn intern(&mut self, attributes: Attributes) -> u32 {
        if let Some(known) = self.by_request.get(&attributes) {
            return *known;
        }
        let index = u32::try_from(self.requests.len()).unwrap_or(u32::MAX);
        self.requests.push(attributes.clone());
        self.by_request.insert(attributes, index);
        index
    }

    /// An event by its number, from 0.
    pub fn row(&self, index: usize) -> Option<EventRow<'_>> {
        let row = self.rows.get(index)?;
        let request_index = row.request as usize;
        Some(EventRow {
            file: usize::from(row.file),
            place: Place {
                offset: row.offset,
                length: u64::from(row.length),
                line: u64::from(row.line),
            },
            time: (row.time != NO_TIME).then_some(row.time),
            code: (row.code != 0).then_some(row.code),
            request_index,
            attributes: self.requests.get(request_index)?,
            facts: Facts {
                stage: row.stage,
                level: row.level,
                parts: row.parts,
                lacks_request: row.lacks & LACKS_REQUEST != 0,
                lacks_response: row.lacks & LACKS_RESPONSE != 0,
            },
        })
    }

    /// Every event in order.
    pub fn rows(&self) -> impl Iterator<Item = EventRow<'_>> {
        (0..self.rows.len()).filter_map(|index| self.row(index))
    }
}

/// The verdicts of one policy on the distinct requests of a table.
#[derive(Debug, Clone, Default)]
pub struct Verdicts(Vec<Option<Verdict>>);

impl Verdicts {
    /// Judges each distinct request once.
    pub fn of(matcher: &Matcher, table: &EventTable) -> Self {
        let mut verdicts = Self::default();
        verdicts.extend(matcher, table);
        verdicts
    }

    /// Judges the requests that came since the last call.
    pub fn extend(&mut self, matcher: &Matcher, table: &EventTable) {
        let new = table.requests.get(self.0.len()..).unwrap_or_default();
        self.0
            .extend(new.iter().map(|attributes| verdict(matcher, attributes)));
    }

    /// The verdict on the request behind an event; none where the log does not tell enough of it.
    pub fn of_row(&self, row: &EventRow<'_>) -> Option<Verdict> {
        self.0.get(row.request_index).copied().flatten()
    }

    /// What becomes of an event.
    pub fn judge(&self, row: &EventRow<'_>) -> Judgement {
        row.facts.judge(self.of_row(row))
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
        assert_eq!((table.len(), table.requests().len()), (2, 1));
        assert_eq!(
            table.row(1).unwrap().facts.stage,
            Some(Stage::ResponseComplete)
        );
        assert!(table.row(2).is_none());
    }
}
