//! The records of a document, one by one.

use crate::event::Event;
use crate::json::{self, JsonError};
use crate::reader::Reason;
use crate::recognise::{Foreign, Kind, recognise};
use crate::resplit::{self, Part};
use crate::scan;
use crate::stand_in;
use crate::unwrap::envelope::{Step, Walk, Within};
use crate::unwrap::spot::{Spot, offset_in};
use crate::unwrap::{
    MAX_NESTING, Out, Piece, Result, Unwrapper, Via, Wrapper, google, prefix, record,
};

/// What was learnt of a document before it is walked through.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) is_event_list: Option<bool>,
    /// Why it is not JSON.
    pub(super) fault: Option<JsonError>,
}

impl Known {
    pub(super) fn list(is_event_list: bool) -> Self {
        Self {
            is_event_list: Some(is_event_list),
            fault: None,
        }
    }
}

impl Unwrapper {
    /// Gives out every record of a document. False where there is no list of records in it.
    pub(super) fn walk(
        &mut self,
        bytes: &[u8],
        spot: &Spot<'_>,
        mut known: Known,
        via: Via,
        out: Out<'_>,
    ) -> bool {
        let mut walk = Walk::at(0);
        let mut has_problems = false;
        // There was one before.
        let mut has_documents = false;
        let mut end = bytes.len();
        loop {
            match walk.next(bytes, true) {
                Step::Record(from, to, within) => {
                    let is_event_list = known.is_event_list.unwrap_or(within.is_event_list);
                    let within = Within {
                        is_event_list,
                        ..within
                    };
                    let record = bytes.get(from..to).unwrap_or_default();
                    has_problems |=
                        !self.record(record, &spot.part(from), within, via.deeper(), out);
                }
                Step::Damage(..) if !walk.found() && !has_documents => return false,
                Step::Damage(from, to, error) => {
                    has_problems = true;
                    damage(bytes, (from, to), error, spot, out);
                }
                Step::NeedsMore(from) => {
                    // Where something is damaged, the end of the list may be in it.
                    if walk.found() && !walk.is_damaged() {
                        has_problems = true;
                        let place = spot.place(from, bytes.len());
                        out(Piece::Problem(place, &[], Reason::Unclosed));
                    }
                    break;
                }
                Step::Unclosed(at) => {
                    has_problems = true;
                    out(Piece::Problem(spot.place(at, at), &[], Reason::Unclosed));
                    walk = Walk::at(at);
                    known = Known::default();
                    has_documents = true;
                }
                Step::Done(at) => {
                    end = at;
                    break;
                }
            }
        }
        if walk.found() || has_documents {
            self.has_documents = true;
            self.has_event_lists |= known.is_event_list.unwrap_or(walk.is_event_list());
            let rest = bytes.get(end..).unwrap_or_default();
            if !rest.trim_ascii().is_empty() {
                has_problems = true;
                let parts = resplit::parts(rest);
                self.parts(rest, parts, &spot.part(end), via, out);
            }
            if let Some(fault) = known.fault.filter(|_| !has_problems && !walk.is_damaged()) {
                let place = spot.place(0, bytes.len());
                out(Piece::Problem(place, bytes, Reason::NotJson(fault)));
            }
        }
        walk.found() || has_documents
    }

    /// Gives out the items of every list in a record that holds several events: where a document is damaged, a part of it may be all
    /// that is left. False where there is no such list, and nothing was given out.
    pub(super) fn lists(&mut self, value: &str, spot: &Spot<'_>, via: Via, out: Out<'_>) -> bool {
        let mut has_events = false;
        let mut failed: Vec<(&str, Reason)> = Vec::new();
        for item in record::lists(value).into_iter().flat_map(json::elements) {
            let start = offset_in(value, item);
            match self.item(item, &spot.part(start), via, out) {
                Ok(()) => has_events = true,
                Err(reason) => failed.push((item, reason)),
            }
            if !has_events {
                continue;
            }
            for (item, reason) in failed.drain(..) {
                let start = offset_in(value, item);
                let place = spot.place(start, start + item.len());
                out(Piece::Problem(place, item.as_bytes(), reason));
            }
        }
        has_events
    }

    /// Takes an item of a list: an object, or a string that says one.
    fn item(&mut self, item: &str, spot: &Spot<'_>, via: Via, out: Out<'_>) -> Result {
        let raw = item.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        let Some(raw) = raw else {
            return self.value(item, spot, via.deeper(), out);
        };
        let said = json::unescaped(raw).ok_or(Reason::Foreign(Foreign::NotAnObject))?;
        self.text(&said, &spot.escaped(raw, 1), via.deeper(), out)
    }

    /// Gives out the records of a text that is more or less than one value; false where none of them holds an event, and nothing was
    /// given out.
    pub(super) fn split_again(
        &mut self,
        bytes: &[u8],
        spot: &Spot<'_>,
        via: Via,
        out: Out<'_>,
    ) -> bool {
        let parts = resplit::parts(bytes);
        let is_event = |part: &Part| match part {
            Part::Record(from, to) => bytes
                .get(*from..*to)
                .and_then(|record| str::from_utf8(record).ok())
                .is_some_and(record::holds_event),
            Part::Damage(..) => false,
        };
        let found = parts.iter().any(is_event);
        if found {
            self.parts(bytes, parts, spot, via, out);
        }
        found
    }

    pub(super) fn parts(
        &mut self,
        bytes: &[u8],
        parts: Vec<Part>,
        spot: &Spot<'_>,
        via: Via,
        out: Out<'_>,
    ) {
        let mut parts = parts.into_iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Damage(from, to, error) => {
                    let next = parts.peek().and_then(|next| match next {
                        Part::Record(start, end) => Some((*start, *end)),
                        Part::Damage(..) => None,
                    });
                    if !next.is_some_and(|next| is_line_start(bytes, from, next)) {
                        damage(bytes, (from, to), error, spot, out);
                    }
                }
                Part::Record(from, to) => {
                    let record = bytes.get(from..to).unwrap_or_default();
                    let spot = spot.part(from);
                    let result = match str::from_utf8(record) {
                        Ok(text) => self.text(text, &spot, via, out),
                        Err(_) => Err(Reason::NotUtf8),
                    };
                    if let Err(reason) = result {
                        out(Piece::Problem(spot.place(0, record.len()), record, reason));
                    }
                }
            }
        }
    }

    /// Takes one record of a document; false where it holds no event.
    pub(super) fn record(
        &mut self,
        bytes: &[u8],
        spot: &Spot<'_>,
        within: Within,
        via: Via,
        out: Out<'_>,
    ) -> bool {
        let result = match std::str::from_utf8(bytes) {
            Err(_) => self.stand_in_record(bytes, spot, within, via, out),
            Ok(text) => self.record_text(text, spot, within, via, out),
        };
        match result {
            Ok(()) => true,
            Err(reason) => {
                out(Piece::Problem(spot.place(0, bytes.len()), bytes, reason));
                false
            }
        }
    }

    /// Takes a record that is not all UTF-8.
    fn stand_in_record(
        &mut self,
        bytes: &[u8],
        spot: &Spot<'_>,
        within: Within,
        via: Via,
        out: Out<'_>,
    ) -> Result {
        let text = stand_in::text_if_mostly(bytes).ok_or(Reason::NotUtf8)?;
        self.has_stand_ins = true;
        self.record_text(&text, &spot.stand_in(&text), within, via, out)
            .map_err(|_| Reason::NotUtf8)
    }

    fn record_text(
        &mut self,
        text: &str,
        spot: &Spot<'_>,
        within: Within,
        via: Via,
        out: Out<'_>,
    ) -> Result {
        if text.trim().is_empty() {
            return Err(Reason::Unclosed);
        }
        let via = match within.wrapper {
            Some(wrapper) if !within.is_event_list => via.inside(wrapper),
            _ => via,
        };
        if let Some(event) = scan::event(text) {
            self.event(&event, spot, via, out);
            return Ok(());
        }
        let value = json::value(text).map_err(Reason::NotJson)?;
        // A list whose end is damaged may seem to hold the next one.
        let is_list = || via.depth < MAX_NESTING && recognise(value) == Kind::EventList;
        if within.is_event_list
            && has_mark_of_event(value)
            && !google::is_entry(value)
            && !is_list()
        {
            self.event(&Event::new(value), spot, via, out);
            return Ok(());
        }
        if let Some(raw) = value
            .strip_prefix('"')
            .and_then(|raw| raw.strip_suffix('"'))
        {
            let said = json::unescaped(raw).ok_or(Reason::Foreign(Foreign::NotAnObject))?;
            return self.text(&said, &spot.escaped(raw, 1), via, out);
        }
        if value.starts_with('[') {
            let known = Known::list(within.is_event_list);
            if via.depth < MAX_NESTING
                && is_list_in_list(value, within)
                && self.walk(value.as_bytes(), spot, known, via, out)
            {
                return Ok(());
            }
            return self.search(value, Foreign::NotAnObject, spot, via, out);
        }
        self.value(value, spot, via, out)
    }
}

/// Whether an item of an EventList has a field of an event. Where a record lost its end, a part of its body may stand as an item.
fn has_mark_of_event(value: &str) -> bool {
    const MARKS: [&str; 5] = ["auditID", "stage", "requestURI", "level", "verb"];
    value.starts_with('{') && json::members(value).any(|(key, _)| MARKS.contains(&key.as_ref()))
}

/// Whether a list stands where a record should: a bracket too many.
fn is_list_in_list(value: &str, within: Within) -> bool {
    let is_of_rows = matches!(within.wrapper, Some(Wrapper::Insights | Wrapper::Loki));
    record::holds_event(value)
        && json::elements(value)
            .any(|item| item.starts_with('[') || !is_of_rows && item.starts_with('{'))
}

/// Whether the text in front of a record is what a writer of lines puts there: two lines were joined.
fn is_line_start(bytes: &[u8], from: usize, (start, end): (usize, usize)) -> bool {
    let line = bytes.get(from..end).map(str::from_utf8);
    let Some(Ok(line)) = line else {
        return false;
    };
    prefix::parse(line).is_some_and(|parsed| {
        parsed.wrapper != Wrapper::Prefixed && parsed.damaged == 0 && parsed.start == start - from
    })
}

/// Reports text that cannot be read.
fn damage(
    bytes: &[u8],
    (from, to): (usize, usize),
    error: JsonError,
    spot: &Spot<'_>,
    out: Out<'_>,
) {
    let text = bytes.get(from..to).unwrap_or_default();
    let reason = Reason::of_damage(text, error);
    out(Piece::Problem(spot.place(from, to), text, reason));
}
