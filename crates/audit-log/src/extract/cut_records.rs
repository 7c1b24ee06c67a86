//! Joining of events that a service has cut into several records, and naming of those whose rest is missing.
//!
//! Between the parts of an event may be other records, among them parts of events of other pods and streams.

use crate::csv;
use crate::cut;
use crate::detect::{detect_text, is_klog};
use crate::event::Event;
use crate::extract::held_events::{Appended, CutPlace, HeldEvent};
use crate::extract::origin::{self, Origin};
use crate::extract::prefix::PrefixedLine;
use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{Emit, Extracted, Extractor};
use crate::extract::table::{Table, text_of};
use crate::extract::wrapper::Wrapper;
use crate::extract::{prefix, record};
use crate::json;
use crate::location::Location;
use crate::problem::ProblemReason;
use crate::scan;
use crate::unrecognized::UnrecognizedKind;

impl Extractor {
    /// Notes that a record of the file begins.
    pub(super) fn pass_record(&mut self, out: Emit<'_>) {
        self.held.pass_record(out);
    }

    /// Reports the cut events whose rest did not follow.
    pub(super) fn drop_held(&mut self, out: Emit<'_>) {
        self.held.give_up_all(out);
    }

    /// Reports a problem of a record or line. One of a record of something else may be between the parts of a cut event, and is reported
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
        if is_record && !self.held.is_empty() {
            return self.held.report_later(location, text, reason, out);
        }
        self.drop_held(out);
        out(Extracted::Problem(location, text, reason));
    }

    /// Keeps a cut event until its rest arrives. The location is that of its record, and `sender` the pod or stream that the record names.
    pub(super) fn hold(
        &mut self,
        text: &str,
        place: (CutPlace, Option<String>),
        location: (Location, Route),
        reason: ProblemReason,
        out: Emit<'_>,
    ) {
        let held = HeldEvent::new(text, place, location, reason.in_row(self.row));
        self.held.add(held, out);
    }

    /// Returns the pod or stream that sent a record: an object, or a row.
    pub(super) fn sender_of(&self, record: &str, route: Route) -> Option<String> {
        let table = self.table_of(route).filter(|_| record.starts_with('['));
        match table {
            Some(table) => table.sender_of_row(record),
            None => origin::sender(record),
        }
    }

    /// Continues the cut event of a record's sender with a string of the record. Returns `false` if the record does not contain a part of it.
    pub(super) fn continue_held(
        &mut self,
        value: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> bool {
        if self.held.is_empty() || !source.may_have_parts() {
            return false;
        }
        let sender = self.sender_of(value, route);
        let Some((index, CutPlace::Field(keys))) = self.held.of_sender(sender.as_deref()) else {
            return false;
        };
        let parts: Vec<_> = record::strings_at(value, keys)
            .into_iter()
            .filter_map(json::string)
            .collect();
        let location = source.location(0, value.len());
        parts
            .iter()
            .any(|part| self.append_part(index, part, location, out))
    }

    /// Continues the cut event with the text of a line after its time, or that of the line's stream. Returns `false` if it is not a part of it.
    pub(super) fn continue_held_line(
        &mut self,
        text: &str,
        source: &SourceMap<'_>,
        out: Emit<'_>,
    ) -> bool {
        if self.held.is_empty() || !source.is_in_file() {
            return false;
        }
        let (stream, rest) = match prefix::of_stream(text) {
            Some((stream, rest)) => (Some(stream), Some(rest)),
            None => (None, prefix::after_time(text)),
        };
        let Some((index, CutPlace::Line)) = self.held.of_sender(stream) else {
            return false;
        };
        rest.is_some_and(|rest| self.append_part(index, rest, source.location(0, text.len()), out))
    }

    /// Returns the reason why a line of a stream of CloudWatch contains no event. `None` if it only names the stream of the event in the
    /// next lines.
    pub(super) fn line_without_event(line: &PrefixedLine<'_>) -> Option<ProblemReason> {
        if line.rest.trim_ascii().is_empty() {
            return None;
        }
        let origin = Origin::Stream(line.writer.to_owned());
        if origin.is_audit() && cut::is_rest(line.rest) {
            return Some(ProblemReason::CutRest);
        }
        Some(ProblemReason::Unrecognized(origin.without_event()))
    }

    /// Continues the cut event of a row's sender, or the one before the row. Returns `false` if the row does not contain a part of it.
    pub(super) fn continue_held_row(
        &mut self,
        row: &str,
        table: &Table,
        location: Location,
        out: Emit<'_>,
    ) -> bool {
        if self.held.is_empty() {
            return false;
        }
        let fields = csv::fields(row, table.separator);
        let sender = table.sender(&fields);
        if let Some((index, CutPlace::Column(column))) = self.held.of_sender(sender.as_deref()) {
            let part = fields.get(*column).map(text_of).unwrap_or_default();
            if !part.is_empty() && self.append_part(index, &part, location, out) {
                return true;
            }
        }
        let Some(index) = self.held.at(&CutPlace::Cell) else {
            return false;
        };
        let is_rest = fields.iter().any(|field| {
            !field.raw.is_empty() && self.append_part(index, &text_of(field), location, out)
        });
        // In other rows, the rest is missing, and the event is reported.
        if !is_rest {
            self.held.give_up(index, out);
        }
        is_rest
    }

    /// Appends a text to a cut event, and emits the event if it is complete. Returns `false` if the text is not a part of it.
    fn append_part(&mut self, index: usize, part: &str, location: Location, out: Emit<'_>) -> bool {
        let appended = self.held.append(index, part, location, out);
        if appended == Appended::Whole
            && let Some((held, waiting)) = self.held.take(index)
        {
            let text = held.text.trim_ascii_end();
            let event = scan::event(text).unwrap_or_else(|| Event::new(text));
            self.emit(held.location, &event, held.route, out);
            self.held.pass_on(index, waiting, out);
        }
        appended != Appended::Not
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
        // A record of a container with another log.
        let other = texts.iter().find_map(|text| detect_text(text.trim_ascii()));
        if let Some(other) =
            other.filter(|other| is_general && origin.is_none() && *other != UnrecognizedKind::Text)
        {
            return ProblemReason::Unrecognized(other);
        }
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

/// Returns the reason why a text is not an event: that it was cut, instead of the place where it is not JSON.
pub(super) fn named(reason: ProblemReason, text: &str, route: Route, field: &str) -> ProblemReason {
    match reason {
        ProblemReason::NotJson(_) => cut::event(text, route.all, field)
            .map_or(reason, |event| ProblemReason::Cut(Box::new(event))),
        reason => reason,
    }
}
