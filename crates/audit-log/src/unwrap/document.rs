//! The records of a document, one by one.

use crate::event::Event;
use crate::json::{self, JsonError};
use crate::reader::{Place, Reason};
use crate::recognise::Foreign;
use crate::scan;
use crate::stand_in;
use crate::unwrap::envelope::{Step, Walk, Within};
use crate::unwrap::spot::Spot;
use crate::unwrap::{Out, Piece, Result, Unwrapper, Via, google};

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
        known: Known,
        via: Via,
        out: Out<'_>,
    ) -> bool {
        let mut walk = Walk::at(0);
        let mut has_problems = false;
        loop {
            let (from, to) = match walk.next(bytes) {
                Step::Record(from, to, within) => {
                    let is_event_list = known.is_event_list.unwrap_or(within.is_event_list);
                    let within = Within {
                        is_event_list,
                        ..within
                    };
                    let record = bytes.get(from..to).unwrap_or_default();
                    has_problems |=
                        !self.record(record, &spot.part(from), within, via.deeper(), out);
                    continue;
                }
                Step::Stray(from, to) => (from, to),
                Step::NeedsMore(from) => (from, bytes.len()),
                Step::Done(_) => break,
            };
            if walk.found() {
                has_problems = true;
                stray(bytes.get(from..to), spot.place(from, to), out);
            }
            if to == bytes.len() {
                break;
            }
        }
        if walk.found() {
            self.has_documents = true;
            self.has_event_lists |= known.is_event_list.unwrap_or(walk.is_event_list());
            if let Some(fault) = known.fault.filter(|_| !has_problems) {
                let place = spot.place(0, bytes.len());
                out(Piece::Problem(place, bytes, Reason::NotJson(fault)));
            }
        }
        walk.found()
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
        if within.is_event_list && value.starts_with('{') && !google::is_entry(value) {
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
            return self.search(value, Foreign::NotAnObject, spot, via, out);
        }
        self.value(value, spot, via, out)
    }
}

/// Reports text of a document that is no record.
fn stray(bytes: Option<&[u8]>, place: Place, out: Out<'_>) {
    let bytes = bytes.unwrap_or_default();
    let reason = match std::str::from_utf8(bytes).map(json::value) {
        _ if bytes.trim_ascii().is_empty() => Reason::Unclosed,
        Err(_) => Reason::NotUtf8,
        Ok(Err(error)) => Reason::NotJson(error),
        Ok(Ok(_)) => Reason::Foreign(Foreign::NotAnObject),
    };
    out(Piece::Problem(place, bytes, reason));
}
