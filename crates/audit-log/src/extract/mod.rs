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
mod line;
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

use crate::detect::{ValueKind, detect_kind};
use crate::event::Event;
use crate::json::{self, offset_in};
use crate::location::Location;
use crate::placeholder;
use crate::problem::ProblemReason;
use crate::recovery;
use crate::scan;
use crate::unrecognized::UnrecognizedKind;
use envelope::RecordContext;
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
