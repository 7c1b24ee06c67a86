//! Joining of events that a service has cut into several records, and naming of those whose rest is missing.
//!
//! Between the parts of an event may be other records. A text is only joined if the result is an event, or if it is as long as the first
//! part and may be a part in the middle.

use crate::csv;
use crate::cut;
use crate::detect::{UnrecognizedKind, ValueKind, detect_kind, is_klog};
use crate::event::Event;
use crate::extract::held_event::{CutPlace, HeldEvent};
use crate::extract::origin::{self, Origin};
use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{Emit, Extracted, Extractor};
use crate::extract::table::text_of;
use crate::extract::wrapper::Wrapper;
use crate::extract::{prefix, record};
use crate::json;
use crate::limits::MAX_FRAME_BYTES;
use crate::location::Location;
use crate::problem::ProblemReason;
use crate::scan;
use crate::validator::{JsonValidator, Validation};

/// Maximum number of records between the parts of an event.
const MAX_RECORDS_BETWEEN: u32 = 64;

/// Maximum number of bytes of a record that is reported later. They contain its excerpt.
const MAX_WAITING_BYTES: usize = 512;

impl Extractor {
    /// Notes that a record of the file begins.
    pub(super) fn pass_record(&mut self, out: Emit<'_>) {
        if let Some(held) = &mut self.held {
            held.records_after += 1;
            if held.records_after > MAX_RECORDS_BETWEEN {
                self.drop_held(out);
            }
        }
    }

    /// Reports the cut event whose rest did not follow.
    pub(super) fn drop_held(&mut self, out: Emit<'_>) {
        if let Some(held) = self.held.take() {
            let text = held.text.as_bytes();
            out(Extracted::Problem(held.location, text, held.reason));
            report_waiting(held.waiting, out);
        }
    }

    /// Reports a problem of a record or line. One of a record of something else may be between the parts of the cut event, and is reported
    /// after that.
    pub(super) fn report(
        &mut self,
        location: Location,
        text: &[u8],
        reason: ProblemReason,
        out: Emit<'_>,
    ) {
        let is_record = matches!(
            reason.without_row(),
            ProblemReason::Unrecognized(kind) if *kind != UnrecognizedKind::NotAnObject
        ) || reason.is_rest_of_cut_event();
        match &mut self.held {
            Some(held) if is_record => {
                let start = text.get(..MAX_WAITING_BYTES.min(text.len()));
                let start = start.unwrap_or_default().to_vec();
                held.waiting.push((location, start, reason));
            }
            _ => {
                self.drop_held(out);
                out(Extracted::Problem(location, text, reason));
            }
        }
    }

    /// Keeps a cut event until its rest arrives. The location is that of its record, and `sender` the pod or stream that the record names.
    pub(super) fn hold(
        &mut self,
        text: &str,
        (cut_in, sender): (CutPlace, Option<String>),
        (location, route): (Location, Route),
        reason: ProblemReason,
        out: Emit<'_>,
    ) {
        self.drop_held(out);
        let (start, _) = cut::without_marker(text.trim_ascii_start());
        let mut check = JsonValidator::at(0);
        check.run(start.as_bytes());
        self.held = Some(HeldEvent {
            text: start.to_owned(),
            check,
            part_bytes: text.len(),
            place: cut_in,
            sender,
            route,
            location,
            reason: reason.in_row(self.row),
            records_after: 0,
            waiting: Vec::new(),
        });
    }

    /// Continues the cut event with a string of a record. Returns `false` if the record does not contain a part of it.
    pub(super) fn continue_held(
        &mut self,
        value: &str,
        source: &SourceMap<'_>,
        out: Emit<'_>,
    ) -> bool {
        let Some(held) = &self.held else {
            return false;
        };
        let CutPlace::Field(keys) = &held.place else {
            return false;
        };
        if !source.is_in_file() || held.sender != origin::sender(value) {
            return false;
        }
        let parts: Vec<_> = record::strings_at(value, keys)
            .into_iter()
            .filter_map(json::string)
            .collect();
        let location = source.location(0, value.len());
        parts
            .iter()
            .any(|part| self.append_part(part, location, out))
    }

    /// Continues the cut event with the text of a line after its time. Returns `false` if it is not a part of it.
    pub(super) fn continue_held_line(
        &mut self,
        text: &str,
        source: &SourceMap<'_>,
        out: Emit<'_>,
    ) -> bool {
        if !self.holds(&CutPlace::Line) || !source.is_in_file() {
            return false;
        }
        prefix::after_time(text)
            .is_some_and(|rest| self.append_part(rest, source.location(0, text.len()), out))
    }

    /// Continues the cut event with a cell of the next row. Otherwise the rest is missing, and the event is reported.
    pub(super) fn continue_held_cell(
        &mut self,
        (row, separator): (&str, u8),
        location: Location,
        out: Emit<'_>,
    ) -> bool {
        if !self.holds(&CutPlace::Cell) {
            return false;
        }
        let is_rest = csv::fields(row, separator)
            .iter()
            .any(|field| !field.raw.is_empty() && self.append_part(&text_of(field), location, out));
        if !is_rest {
            self.drop_held(out);
        }
        is_rest
    }

    fn holds(&self, place: &CutPlace) -> bool {
        self.held.as_ref().is_some_and(|held| held.place == *place)
    }

    /// Appends a text to the cut event, and emits the event if it is complete. Returns `false` if the text is not a part of it.
    fn append_part(&mut self, part: &str, location: Location, out: Emit<'_>) -> bool {
        let Some(held) = &mut self.held else {
            return false;
        };
        let (rest, is_marked) = cut::without_marker(part);
        if rest.is_empty() || held.text.len() + rest.len() > MAX_FRAME_BYTES {
            return false;
        }
        let before = held.text.len();
        let check = held.check.clone();
        held.text.push_str(rest);
        let checked = held.check.run(held.text.as_bytes());
        let after = held.text.get(held.check.at..).unwrap_or_default();
        let is_whole = checked == Validation::Complete
            && after.trim_ascii().is_empty()
            && detect_kind(&held.text) == ValueKind::Event;
        // A part in the middle is as long as the first, apart from a character that was not divided.
        let is_middle = checked == Validation::Incomplete
            && !rest.starts_with('{')
            && (is_marked || part.len() + 4 > held.part_bytes);
        if !is_whole && !is_middle {
            held.text.truncate(before);
            held.check = check;
            return false;
        }
        held.location.length =
            (location.offset + location.length).saturating_sub(held.location.offset);
        held.records_after = 0;
        if is_whole && let Some(held) = self.held.take() {
            let text = held.text.trim_ascii_end();
            let event = scan::event(text).unwrap_or_else(|| Event::new(text));
            self.emit(held.location, &event, held.route, out);
            report_waiting(held.waiting, out);
        }
        true
    }

    /// Returns the reason why a record contains no event: the rest of a cut one, if it is in the field that contains the events, or what the
    /// record is.
    pub(super) fn reason_without_event(
        &self,
        value: &str,
        unrecognized: UnrecognizedKind,
        route: Route,
    ) -> ProblemReason {
        let table = self.table_of(route);
        let origin = match table {
            Some(table) => table.origin_of_row(value),
            None => Origin::of(value),
        };
        // Where every record is an event, text that is not JSON is a part of one.
        let is_audit = origin.as_ref().is_some_and(Origin::is_audit);
        let is_part = |text: &str| {
            cut::is_rest(text)
                || is_audit
                    && !text.trim_ascii().is_empty()
                    && !is_klog(text)
                    && json::value(text).is_err()
        };
        let hint = self.hint.as_ref().map(|hint| hint.keys.as_slice());
        let texts: Vec<_> = hint
            .into_iter()
            .flat_map(|keys| record::strings_at(value, keys))
            .chain(record::messages(value))
            .chain(table.into_iter().flat_map(|table| table.messages(value)))
            .filter_map(json::string)
            .collect();
        if texts.iter().any(|text| is_part(text)) {
            return ProblemReason::CutRest;
        }
        let is_general = matches!(
            unrecognized,
            UnrecognizedKind::OtherJson | UnrecognizedKind::NotAnObject
        );
        ProblemReason::Unrecognized(match (origin, route.outermost) {
            (Some(origin), _) => origin.without_event(),
            (None, Some(Wrapper::CloudWatch | Wrapper::Insights)) if is_general => {
                UnrecognizedKind::CloudWatch
            }
            (None, Some(Wrapper::Azure)) if is_general => UnrecognizedKind::AzureRecord,
            (None, outermost) if is_general && (outermost.is_some() || !texts.is_empty()) => {
                UnrecognizedKind::LogRecord
            }
            _ => unrecognized,
        })
    }
}

fn report_waiting(waiting: Vec<(Location, Vec<u8>, ProblemReason)>, out: Emit<'_>) {
    for (location, text, reason) in waiting {
        out(Extracted::Problem(location, &text, reason));
    }
}

/// Returns the reason why a text is not an event: that it was cut, instead of the place where it is not JSON.
pub(super) fn named(reason: ProblemReason, text: &str, route: Route, field: &str) -> ProblemReason {
    match reason {
        ProblemReason::NotJson(_) => cut::event(text, route.all, field)
            .map_or(reason, |event| ProblemReason::Cut(Box::new(event))),
        reason => reason,
    }
}
