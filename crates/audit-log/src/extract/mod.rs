//! Extraction of audit events from their wrappers: records of log shippers, responses of log stores, container logs.
//!
//! Events without a wrapper bypass this module. A document with many records is scanned record by record ([`envelope`]), a record is
//! searched for the field that contains the event ([`record`]), the prefix of a line is removed ([`prefix`]), split lines are joined
//! ([`split_lines`]), and Google's own schema is converted ([`google`]). Everything that contains no event is a problem with its location;
//! nothing is dropped.
//!
//! The location of an event is the range of its own text in the file, however often that is escaped there. [`reread`](crate::reread())
//! reads the event again from its location.

mod cut_records;
mod damaged_list;
mod decoration;
mod document;
mod encoded;
pub(crate) mod envelope;
mod event_fields;
mod extracted;
pub(crate) mod flat;
mod google;
mod held_events;
mod joining;
pub(crate) mod legacy;
mod limitations;
mod origin;
pub(crate) mod prefix;
pub(crate) mod record;
mod route;
mod rows;
mod search;
pub(crate) mod source_map;
mod split_lines;
pub(crate) mod state;
pub(crate) mod table;
#[cfg(test)]
mod tests;
pub(crate) mod wrapper;

use crate::cut;
use crate::detect::{ValueKind, detect_kind};
use crate::event::Event;
use crate::json::{self, JsonError, offset_in};
use crate::location::Location;
use crate::placeholder;
use crate::problem::ProblemReason;
use crate::recovery;
use crate::scan;
use crate::unrecognized::UnrecognizedKind;
use cut_records::named;
use envelope::{RecordContext, may_be_document};
use held_events::CutPlace;
use legacy::LegacyLine;
use prefix::PrefixedLine;
use route::Route;
use source_map::SourceMap;
use state::{DocumentContext, Emit, Extracted, Extractor, MAX_NESTING, Result};
use wrapper::Wrapper;

impl Extractor {
    /// Notes an event without a wrapper.
    pub(crate) fn plain(&mut self, event: &Event<'_>, out: Emit<'_>) {
        self.flush(out);
        self.pass_record(out);
        if event.is_flattened {
            self.count(Route::default().inside(Wrapper::OpenShift));
        }
    }

    /// Extracts from a JSON value of the file.
    pub(crate) fn known_value(&mut self, value: &str, source: &SourceMap<'_>, out: Emit<'_>) {
        self.flush_unless_kept(value, source, Self::value, out);
    }

    /// Extracts from a line or value of the file.
    pub(crate) fn frame(&mut self, text: &str, source: &SourceMap<'_>, out: Emit<'_>) {
        self.flush_unless_kept(text, source, Self::text, out);
    }

    /// Extracts from a line or value of the file that is not valid UTF-8. The server writes such lines, because it records a patch as
    /// received.
    pub(crate) fn frame_with_placeholders(
        &mut self,
        bytes: &[u8],
        source: &SourceMap<'_>,
        out: Emit<'_>,
    ) {
        let Some(text) = placeholder::decode_if_mostly_text(bytes) else {
            return self.not_text(bytes, source, out);
        };
        self.has_placeholders = true;
        let own = source.location(0, bytes.len());
        let inner = source.with_placeholders(&text);
        self.frame(&text, &inner, &mut |extracted| match extracted {
            Extracted::Problem(
                location,
                text,
                reason @ (ProblemReason::Cut(_) | ProblemReason::BadColumn(_)),
            ) => {
                let text = location.text_or((bytes, own), text);
                out(Extracted::Problem(location, text, reason))
            }
            // A split line may have ended before this one.
            Extracted::Problem(location, text, reason)
                if location.offset + location.length <= own.offset =>
            {
                out(Extracted::Problem(location, text, reason))
            }
            Extracted::Problem(location, text, _) => {
                // A split line begins before this one.
                let text = location.text_or((bytes, own), text);
                out(Extracted::Problem(location, text, ProblemReason::NotUtf8))
            }
            event => out(event),
        });
    }

    fn flush_unless_kept(
        &mut self,
        text: &str,
        source: &SourceMap<'_>,
        take: impl FnOnce(&mut Self, &str, &SourceMap<'_>, Route, Emit<'_>) -> Result,
        out: Emit<'_>,
    ) {
        self.is_pending_kept = false;
        self.pass_record(out);
        // Otherwise, what is wrong with this line would be reported before the line that it ends.
        if self.pending.is_some() && !Self::may_be_part(text) {
            self.flush(out);
        }
        let result = take(self, text, source, Route::default(), out);
        if !self.is_pending_kept {
            self.flush(out);
        }
        if let Err(reason) = result {
            let location = source.location(0, text.len());
            self.report(location, text.as_bytes(), reason, out);
        }
        self.forget_placeholders();
    }

    /// Notes that a text with placeholders has ended, unless what is being joined has parts of it.
    pub(super) fn forget_placeholders(&mut self) {
        self.has_placeholders &= self.is_joining();
    }

    /// Extracts from a document with many records that is not valid UTF-8, or too long to be examined as a whole.
    pub(crate) fn document(&mut self, bytes: &[u8], source: &SourceMap<'_>, out: Emit<'_>) {
        self.flush(out);
        self.scan_document(
            bytes,
            source,
            DocumentContext::default(),
            Route::default(),
            out,
        );
    }

    /// Reports an unreadable part of the file.
    pub(crate) fn fault(
        &mut self,
        bytes: &[u8],
        location: Location,
        reason: ProblemReason,
        out: Emit<'_>,
    ) {
        self.flush(out);
        self.drop_held(out);
        self.rows = None;
        out(Extracted::Problem(location, bytes, reason));
    }

    /// Passes a field of a journal export: what is joined ends before it, as before any other line.
    pub(crate) fn export_field(&mut self, out: Emit<'_>) {
        self.flush(out);
        self.drop_held(out);
    }

    /// Extracts from a line or value of which only a part may be text.
    fn not_text(&mut self, bytes: &[u8], source: &SourceMap<'_>, out: Emit<'_>) {
        self.flush(out);
        if !self.split_and_extract(bytes, source, Route::default(), out) {
            let location = source.location(0, bytes.len());
            out(Extracted::Problem(location, bytes, ProblemReason::NotUtf8));
        }
    }

    /// Extracts from a record of a document that is read record by record.
    pub(crate) fn streamed(
        &mut self,
        bytes: &[u8],
        source: &SourceMap<'_>,
        context: RecordContext,
        out: Emit<'_>,
    ) {
        self.flush(out);
        self.has_documents = true;
        self.has_event_lists |= context.is_event_list;
        self.record(bytes, source, context, Route::default().deeper(), out);
    }

    /// Ends the file.
    pub(crate) fn finish(&mut self, out: Emit<'_>) {
        self.flush(out);
        self.drop_held(out);
    }
}

impl Extractor {
    /// Extracts from any text. On an error, nothing was emitted.
    fn text(&mut self, text: &str, source: &SourceMap<'_>, route: Route, out: Emit<'_>) -> Result {
        if let Some(event) = scan::event(text) {
            self.event(&event, source, route, out);
            return Ok(());
        }
        match json::value(text) {
            Ok(value) => {
                let source = source.part(offset_in(text, value));
                self.value(value, &source, route, out)
            }
            Err(error) => self.broken(text, error, source, route, out),
        }
    }

    fn value(
        &mut self,
        value: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        self.omits_reads = self.omits_reads || origin::omits_reads(value);
        if self.extract_by_hint(value, source, route, out) {
            return Ok(());
        }
        match detect_kind(value) {
            ValueKind::Event => {
                self.event(&Event::new(value), source, route, out);
                Ok(())
            }
            ValueKind::EventList if route.depth > MAX_NESTING => {
                Err(ProblemReason::Unrecognized(UnrecognizedKind::OtherJson))
            }
            ValueKind::EventList => {
                // An EventList identifies itself, with or without items.
                (self.has_documents, self.has_event_lists) = (true, true);
                let has_list = self.scan_document(
                    value.as_bytes(),
                    source,
                    DocumentContext::list(true),
                    route,
                    out,
                );
                // The key of its items may be damaged.
                if !has_list && record::seems_to_hold(value, 1) {
                    return self.search(value, UnrecognizedKind::OtherJson, source, route, out);
                }
                if !has_list && has_other_fields(value) {
                    let reason = UnrecognizedKind::ListWithoutItems;
                    return Err(ProblemReason::Unrecognized(reason));
                }
                Ok(())
            }
            ValueKind::Unrecognized(unrecognized) => {
                self.unrecognized(value, unrecognized, source, route, out)
            }
        }
    }

    /// Adds a wrapper to the route. Generic records inside a specific wrapper only count as a level.
    fn inside(&self, route: Route, wrapper: Wrapper) -> Route {
        match wrapper {
            Wrapper::Record if route.outermost.is_some() => route.deeper(),
            wrapper => route.inside(wrapper),
        }
    }

    fn unrecognized(
        &mut self,
        value: &str,
        unrecognized: UnrecognizedKind,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        if route.depth >= MAX_NESTING
            || matches!(
                unrecognized,
                UnrecognizedKind::CoreEvent | UnrecognizedKind::KubernetesObject(_)
            )
        {
            return Err(ProblemReason::Unrecognized(unrecognized));
        }
        if unrecognized == UnrecognizedKind::GoogleLogEntry
            && self.google_entry(value, source, route, out)
        {
            return Ok(());
        }
        if unrecognized == UnrecognizedKind::NotAnObject
            && let Some(result) = self.quoted(value, source, route, out)
        {
            return result;
        }
        if unrecognized == UnrecognizedKind::Encoded
            && let Some(result) = self.base64_data(value, source, route, out)
        {
            return result;
        }
        if self.scan_document(
            value.as_bytes(),
            source,
            DocumentContext::list(false),
            route,
            out,
        ) {
            return Ok(());
        }
        if let Some(fragment) = record::fragment(value).filter(|_| source.is_in_file())
            && let Some(result) = self.fragment(&fragment, source.location(0, value.len()), out)
        {
            return result;
        }
        if let Some(message) = record::message_in_bytes(value) {
            let route = route.inside(Wrapper::JournalJson);
            return self.decoded(&message, value, source, route, out);
        }
        if record::lacks_message(value) {
            return Err(ProblemReason::Unrecognized(
                UnrecognizedKind::EmptyJournalEntry,
            ));
        }
        self.search(value, unrecognized, source, route, out)
    }

    /// Extracts from a text that is not JSON: a line with a prefix, or a damaged or truncated document.
    fn broken(
        &mut self,
        text: &str,
        error: JsonError,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        let not_json = ProblemReason::NotJson(error.clone());
        if route.depth >= MAX_NESTING {
            return Err(not_json);
        }
        if !record::holds_event(text) && cut::is_rest_after_value(text) {
            return Err(ProblemReason::CutRest);
        }
        if let Some(result) = self.decorated(text, source, route, out) {
            return result;
        }
        let known = DocumentContext {
            is_event_list: None,
            fault: Some(error.clone()),
        };
        if may_be_document(text.as_bytes())
            && self.scan_document(text.as_bytes(), source, known, route, out)
        {
            return Ok(());
        }
        if self.continue_held_line(text, source, out) {
            return Ok(());
        }
        let legacy = legacy::start(text);
        if legacy == Some(0) {
            return self.legacy(text, source, route.inside(Wrapper::Legacy), out);
        }
        let Some(line) = prefix::parse(text).filter(|_| !text.starts_with('{')) else {
            if let Some(start) = legacy {
                return self.prefixed_legacy(text, start, source, route, out);
            }
            return self.split_or(not_json, text, source, route, out);
        };
        if let Some(at) = prefix::inner_line(&line)
            && !self.would_join(line.rest)
        {
            self.joined_lines(text, line.start + at, source, route, out);
            return Ok(());
        }
        if let Some(fragment) = self.part_of(&line).filter(|_| source.is_in_file())
            && let Some(result) =
                self.fragment(&fragment, source.location(line.damaged, text.len()), out)
        {
            if line.damaged > 0 && result.is_ok() {
                let front = text.as_bytes().get(..line.damaged).unwrap_or_default();
                let location = source.location(0, front.len());
                out(Extracted::Problem(
                    location,
                    front,
                    ProblemReason::NotJson(error),
                ));
            }
            return result;
        }
        if let Some(start) = legacy.filter(|_| !line.rest.contains(legacy::MARK)) {
            return self.prefixed_legacy(text, start, source, route, out);
        }
        let has_event = record::holds_event(line.rest);
        if line.wrapper == Wrapper::AwsTail
            && !(has_event && line.rest.trim_start().starts_with('{'))
        {
            return Self::line_without_event(&line).map_or(Ok(()), Err);
        }
        if !has_event {
            return Err(not_json);
        }
        self.prefixed(&line, (text, error), source, route, out)
    }

    /// Extracts from the content of a line with a prefix. A cut event waits for its rest, if the format splits lines so.
    fn prefixed(
        &mut self,
        line: &PrefixedLine<'_>,
        (text, error): (&str, JsonError),
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        let mut error = Some(error);
        let inside = route.inside(line.wrapper);
        let front = text.get(..line.start).unwrap_or_default().trim_ascii_end();
        let result = self.text(
            line.rest,
            &source.part(line.start),
            inside,
            &mut |extracted| {
                let is_first = error.is_some();
                // The rest of a damaged value is not a prefix.
                if let Some(error) = error.take().filter(|_| is_rest_of_value(front)) {
                    out(Extracted::Problem(
                        source.location(0, front.len()),
                        front.as_bytes(),
                        ProblemReason::NotJson(error),
                    ));
                    return out(extracted);
                }
                match extracted {
                    // Any text before damage belongs to it.
                    Extracted::Problem(place, part, reason)
                        if is_first && line.wrapper == Wrapper::Prefixed && source.is_in_file() =>
                    {
                        let start = source.location(0, line.start);
                        if place.offset != start.offset + start.length {
                            return out(Extracted::Problem(place, part, reason));
                        }
                        let place = Location {
                            length: start.length + place.length,
                            ..start
                        };
                        let end = usize::try_from(place.length).unwrap_or(usize::MAX);
                        let part = text.get(..end).unwrap_or(text);
                        out(Extracted::Problem(place, part.as_bytes(), reason));
                    }
                    extracted => out(extracted),
                }
            },
        );
        match result.map_err(|reason| named(reason, line.rest, inside, "")) {
            Err(reason @ ProblemReason::Cut(_))
                if matches!(line.wrapper, Wrapper::Timed | Wrapper::AwsTail)
                    && source.is_in_file() =>
            {
                let place = (source.location(0, text.len()), inside);
                let stream = (!line.writer.is_empty()).then(|| line.writer.to_owned());
                self.hold(line.rest, (CutPlace::Line, stream), place, reason, out);
                Ok(())
            }
            result => result,
        }
    }

    /// Extracts from a line of the legacy text format after other text.
    fn prefixed_legacy(
        &mut self,
        text: &str,
        start: usize,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        let line = text.get(start..).unwrap_or_default();
        let wrapper = if text.starts_with("[pod/") {
            Wrapper::Kubectl
        } else {
            Wrapper::Prefixed
        };
        let inside = route.inside(wrapper).inside(Wrapper::Legacy);
        self.legacy(line, &source.part(start), inside, out)
    }

    /// Converts a line of the legacy text format.
    fn legacy(
        &mut self,
        text: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        let line = text.trim_ascii_end();
        match legacy::convert(line) {
            LegacyLine::Event(rebuilt) => {
                let event = Event {
                    missing: rebuilt.missing,
                    ..Event::new(&rebuilt.text)
                };
                self.emit(source.location(0, line.len()), &event, route, out);
                Ok(())
            }
            LegacyLine::Unrecognized(unrecognized) => {
                Err(ProblemReason::Unrecognized(unrecognized))
            }
            LegacyLine::Cut => Err(ProblemReason::CutLine),
        }
    }

    /// Extracts from two lines that were joined: the rest of the first, and the second.
    fn joined_lines(
        &mut self,
        text: &str,
        at: usize,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) {
        let Some((first, second)) = text.split_at_checked(at) else {
            return;
        };
        for (start, line) in [(0, first), (at, second)] {
            let source = source.part(start);
            if let Err(reason) = self.text(line, &source, route.deeper(), out) {
                let location = source.location(0, line.len());
                out(Extracted::Problem(location, line.as_bytes(), reason));
            }
        }
    }

    /// Extracts the records of a text that is not exactly one value. Otherwise returns `reason`.
    fn split_or(
        &mut self,
        reason: ProblemReason,
        text: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        let found = record::holds_event(text)
            && self.split_and_extract(text.as_bytes(), source, route, out);
        if found { Ok(()) } else { Err(reason) }
    }

    fn event(&mut self, event: &Event<'_>, source: &SourceMap<'_>, route: Route, out: Emit<'_>) {
        if route.depth < MAX_NESTING && recovery::contains_other_events(event.raw) {
            let bytes = event.raw.as_bytes();
            let parts = recovery::segments_of_unclosed_event(bytes);
            if parts.len() > 1 {
                return self.parts(bytes, parts, source, route.deeper(), out);
            }
        }
        self.emit(source.location(0, event.raw.len()), event, route, out);
    }

    fn emit(&mut self, location: Location, event: &Event<'_>, route: Route, out: Emit<'_>) {
        self.count(if event.is_flattened {
            route.inside(Wrapper::OpenShift)
        } else {
            route
        });
        if self.has_placeholders && placeholder::find(event.raw).is_some() {
            // What else its line contains does not change an event.
            if let Some(text) = placeholder::restored(event.raw) {
                let event = Event {
                    path: event.path,
                    missing: event.missing,
                    ..Event::new(&text)
                };
                return out(Extracted::Event(location, &event));
            }
            let event = Event {
                has_placeholders: true,
                canonical: None,
                ..event.clone()
            };
            return out(Extracted::Event(location, &event));
        }
        out(Extracted::Event(location, event));
    }
}

/// Returns `true` if an `EventList` has other fields instead of its items. The server writes `"items":null` if there are none.
fn has_other_fields(list: &str) -> bool {
    const FIELDS: [&str; 3] = ["kind", "apiVersion", "metadata"];
    json::member(list, "items").is_none()
        && json::members(list).any(|(key, _)| !FIELDS.contains(&key.as_ref()))
}

/// Returns `true` if the text before the first brace of a line closes a value that is not in the line.
fn is_rest_of_value(front: &str) -> bool {
    front.ends_with('}')
        && front.contains(|character: char| !matches!(character, '}' | ']' | ',' | ' '))
}
