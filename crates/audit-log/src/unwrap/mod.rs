//! Audit events inside what people have in hand: shippers' records, answers of log stores, container logs.
//!
//! A plain event never comes here. Everything else does: a document of many records is walked through record by record
//! ([`envelope`]), a record is searched for the field that holds the event ([`record`]), text in front of a line is taken off
//! ([`prefix`]), split lines are joined ([`join`]), and Google's own schema is converted ([`google`]). What holds no event is a
//! problem with its place; nothing is dropped.
//!
//! An event's place is the extent of its own text in the file, however often that is escaped there; from it [`again`] reads the
//! event anew.

mod again;
mod document;
pub mod envelope;
mod google;
mod join;
pub(crate) mod prefix;
pub(crate) mod record;
pub(crate) mod spot;
#[cfg(test)]
mod tests;
mod via;
mod wrapper;

pub use again::{Again, again, again_from};
pub use wrapper::Wrapper;

use crate::check::Check;
use crate::event::Event;
use crate::json::{self, JsonError};
use crate::reader::{Place, Reason};
use crate::recognise::{Foreign, Kind, recognise};
use crate::resplit;
use crate::scan;
use crate::stand_in;
use document::Known;
use envelope::{Within, may_be_document};
use join::{Fragment, Pending};
use spot::{Spot, offset_in};
use via::Via;

/// How many wrappers may be round one event.
const MAX_NESTING: u8 = 5;

/// What unwrapping gives out.
pub(crate) enum Piece<'a> {
    Event(Place, &'a Event<'a>),
    /// A place that holds no event, its text, and why.
    Problem(Place, &'a [u8], Reason),
}

/// Takes what unwrapping gives out.
pub(crate) type Out<'o> = &'o mut dyn FnMut(Piece<'_>);

/// What was found round the events of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwrapped {
    /// The kind.
    pub wrapper: Wrapper,
    /// Events found in it.
    pub events: u64,
    /// The field that held the first of them, where the kind alone does not tell.
    pub field: Option<String>,
}

/// Unwraps what one file holds.
#[derive(Debug, Default)]
pub(crate) struct Unwrapper {
    pending: Option<Pending>,
    /// Events by the outermost wrapper.
    events: [u64; Wrapper::ALL.len()],
    /// Every wrapper seen, the inner ones too.
    seen: u32,
    field: Option<String>,
    /// Where the record before held its event: the next one is most likely alike.
    hint: Option<Hint>,
    /// A part of a split line, or a line beside one, was taken.
    is_beside_pending: bool,
    /// Texts were read with characters in place of bytes that are not UTF-8.
    has_stand_ins: bool,
    /// There was a document with a list of records, empty or not.
    pub(crate) has_documents: bool,
    /// There was an `EventList`.
    pub(crate) has_event_lists: bool,
}

/// The field that holds the event in records of a kind.
#[derive(Debug)]
struct Hint {
    keys: Vec<String>,
    wrapper: Wrapper,
    /// How many wrappers are round the record.
    depth: u8,
}

impl Unwrapper {
    /// What was found, the most frequent first.
    pub(crate) fn found(&self) -> Vec<Unwrapped> {
        let mut found: Vec<_> = Wrapper::ALL
            .into_iter()
            .zip(self.events)
            .filter(|(_, events)| *events > 0)
            .map(|(wrapper, events)| Unwrapped {
                wrapper,
                events,
                field: self.field.clone().filter(|_| wrapper == Wrapper::Record),
            })
            .collect();
        found.sort_by_key(|unwrapped| std::cmp::Reverse(unwrapped.events));
        found
    }

    /// What the wrappers seen lose, in their order.
    pub(crate) fn losses(&self) -> Vec<&'static str> {
        Wrapper::ALL
            .into_iter()
            .filter(|wrapper| self.seen & wrapper.bit() != 0)
            .map(Wrapper::loses)
            .collect()
    }

    /// Whether a line is being joined.
    pub(crate) const fn is_joining(&self) -> bool {
        self.pending.is_some()
    }

    /// Whether the next event may be taken as it stands, without a look at what came before.
    pub(crate) const fn is_idle(&self) -> bool {
        !self.is_joining() && !self.expects_records()
    }

    /// Takes note of an event that stands in the file as it is.
    pub(crate) fn plain(&mut self, event: &Event<'_>, out: Out<'_>) {
        self.flush(out);
        if event.is_flattened {
            self.count(Via::default().inside(Wrapper::OpenShift));
        }
    }

    /// Whether a value of the file is expected to be a record.
    pub(crate) const fn expects_records(&self) -> bool {
        matches!(self.hint, Some(Hint { depth: 0, .. }))
    }

    /// Takes a value of the file that is JSON.
    pub(crate) fn known_value(&mut self, value: &str, spot: &Spot<'_>, out: Out<'_>) {
        self.flush_unless_beside(value, spot, Self::value, out);
    }

    /// Takes a line or value of the file that is no plain event.
    pub(crate) fn frame(&mut self, text: &str, spot: &Spot<'_>, out: Out<'_>) {
        self.flush_unless_beside(text, spot, Self::text, out);
    }

    /// Takes a line or value of the file that is not all UTF-8. The server writes one: a patch is recorded as it came.
    pub(crate) fn stand_in_frame(&mut self, bytes: &[u8], spot: &Spot<'_>, out: Out<'_>) {
        let Some(text) = stand_in::text_if_mostly(bytes) else {
            return self.not_text(bytes, spot, out);
        };
        self.has_stand_ins = true;
        let inner = spot.stand_in(&text);
        self.frame(&text, &inner, &mut |piece| match piece {
            Piece::Problem(place, ..) => out(Piece::Problem(place, bytes, Reason::NotUtf8)),
            event => out(event),
        });
    }

    fn flush_unless_beside(
        &mut self,
        text: &str,
        spot: &Spot<'_>,
        take: impl FnOnce(&mut Self, &str, &Spot<'_>, Via, Out<'_>) -> Result,
        out: Out<'_>,
    ) {
        self.is_beside_pending = false;
        let result = take(self, text, spot, Via::default(), out);
        if !self.is_beside_pending {
            self.flush(out);
        }
        if let Err(reason) = result {
            out(Piece::Problem(
                spot.place(0, text.len()),
                text.as_bytes(),
                reason,
            ));
        }
    }

    /// Takes a document of many records whose bytes are not all text, or that is too long to be looked at as a whole.
    pub(crate) fn document(&mut self, bytes: &[u8], spot: &Spot<'_>, out: Out<'_>) {
        self.flush(out);
        self.walk(bytes, spot, Known::default(), Via::default(), out);
    }

    /// Takes what cannot be looked into.
    pub(crate) fn fault(&mut self, bytes: &[u8], place: Place, reason: Reason, out: Out<'_>) {
        self.flush(out);
        out(Piece::Problem(place, bytes, reason));
    }

    /// Takes a line or value of the file that is not all text: part of it may be.
    fn not_text(&mut self, bytes: &[u8], spot: &Spot<'_>, out: Out<'_>) {
        self.flush(out);
        if !self.split_again(bytes, spot, Via::default(), out) {
            let place = spot.place(0, bytes.len());
            out(Piece::Problem(place, bytes, Reason::NotUtf8));
        }
    }

    /// Takes a record of a document that is read piece by piece.
    pub(crate) fn streamed(&mut self, bytes: &[u8], spot: &Spot<'_>, within: Within, out: Out<'_>) {
        self.flush(out);
        self.has_documents = true;
        self.has_event_lists |= within.is_event_list;
        self.record(bytes, spot, within, Via::default().deeper(), out);
    }

    /// Says that the file has ended.
    pub(crate) fn finish(&mut self, out: Out<'_>) {
        self.flush(out);
    }
}

/// Nothing was given out of a text, for this reason, where it is an error.
type Result = std::result::Result<(), Reason>;

impl Unwrapper {
    /// Takes a text of any kind. On an error nothing of it was given out.
    fn text(&mut self, text: &str, spot: &Spot<'_>, via: Via, out: Out<'_>) -> Result {
        if let Some(event) = scan::event(text) {
            self.event(&event, spot, via, out);
            return Ok(());
        }
        match json::value(text) {
            Ok(value) => {
                let spot = spot.part(offset_in(text, value));
                self.value(value, &spot, via, out)
            }
            Err(error) => self.broken(text, error, spot, via, out),
        }
    }

    fn value(&mut self, value: &str, spot: &Spot<'_>, via: Via, out: Out<'_>) -> Result {
        if self.take_as_before(value, spot, via, out) {
            return Ok(());
        }
        match recognise(value) {
            Kind::Event => {
                self.event(&Event::new(value), spot, via, out);
                Ok(())
            }
            Kind::EventList if via.depth > MAX_NESTING => Err(Reason::Foreign(Foreign::Json)),
            Kind::EventList => {
                // It says so itself, with or without items.
                (self.has_documents, self.has_event_lists) = (true, true);
                self.walk(value.as_bytes(), spot, Known::list(true), via, out);
                Ok(())
            }
            Kind::Foreign(foreign) => self.foreign(value, foreign, spot, via, out),
        }
    }

    /// Looks for the event where the record before held it.
    fn take_as_before(&mut self, value: &str, spot: &Spot<'_>, via: Via, out: Out<'_>) -> bool {
        let Some(hint) = &self.hint else {
            return false;
        };
        if hint.depth != via.depth || self.pending.is_some() {
            return false;
        }
        let member = hint
            .keys
            .iter()
            .try_fold(value, |object, key| json::member(object, key));
        let Some(member) = member else {
            return false;
        };
        let inside = self.inside(via, hint.wrapper);
        let start = offset_in(value, member);
        let Some(raw) = member
            .strip_prefix('"')
            .and_then(|raw| raw.strip_suffix('"'))
        else {
            let event = scan::event(member)
                .or_else(|| (recognise(member) == Kind::Event).then(|| Event::new(member)));
            if let Some(event) = &event {
                self.event(event, &spot.part(start), inside, out);
            }
            return event.is_some();
        };
        let said = json::unescaped(raw).unwrap_or_default();
        let string = spot.escaped(raw, start + 1);
        if let Some(event) = scan::event(said.trim_ascii_end()) {
            self.event(&event, &string, inside, out);
            return true;
        }
        let Ok(event) = json::value(&said) else {
            return false;
        };
        let is_event = recognise(event) == Kind::Event;
        if is_event {
            let string = string.part(offset_in(&said, event));
            self.event(&Event::new(event), &string, inside, out);
        }
        is_event
    }

    /// A record of a named kind keeps its name, and what else is known of it is noted.
    fn inside(&self, via: Via, wrapper: Wrapper) -> Via {
        match wrapper {
            Wrapper::Record if via.outermost.is_some() => via.deeper(),
            wrapper => via.inside(wrapper),
        }
    }

    fn foreign(
        &mut self,
        value: &str,
        foreign: Foreign,
        spot: &Spot<'_>,
        via: Via,
        out: Out<'_>,
    ) -> Result {
        if via.depth >= MAX_NESTING || matches!(foreign, Foreign::CoreEvent | Foreign::Object(_)) {
            return Err(Reason::Foreign(foreign));
        }
        if foreign == Foreign::GoogleLogEntry
            && let Some(converted) = google::convert(value)
        {
            let event = Event {
                path: converted.path.as_deref(),
                lost: converted.lost,
                ..Event::new(&converted.text)
            };
            let place = spot.place(0, value.len());
            self.emit(place, &event, via.inside(Wrapper::Google), out);
            return Ok(());
        }
        if self.walk(value.as_bytes(), spot, Known::list(false), via, out) {
            return Ok(());
        }
        if let Some(fragment) = record::fragment(value).filter(|_| spot.is_top())
            && let Some(result) = self.fragment(&fragment, spot.place(0, value.len()), out)
        {
            return result;
        }
        if record::lacks_message(value) {
            return Err(Reason::Foreign(Foreign::EmptyJournalEntry));
        }
        self.search(value, foreign, spot, via, out)
    }

    /// Tries the fields of a record that may hold an event.
    fn search(
        &mut self,
        value: &str,
        foreign: Foreign,
        spot: &Spot<'_>,
        via: Via,
        out: Out<'_>,
    ) -> Result {
        if self.lists(value, spot, via, out) {
            return Ok(());
        }
        let mut first_error = None;
        for candidate in record::candidates(value) {
            let wrapper = record::wrapper_of(value, &candidate.path());
            let inside = self.inside(via, wrapper);
            let start = offset_in(value, candidate.raw);
            let result = match candidate
                .raw
                .strip_prefix('"')
                .and_then(|raw| raw.strip_suffix('"'))
            {
                None => self.value(candidate.raw, &spot.part(start), inside, out),
                Some(raw) => match json::unescaped(raw) {
                    None => continue,
                    Some(said) => self.text(&said, &spot.escaped(raw, start + 1), inside, out),
                },
            };
            match result {
                Ok(()) => {
                    if wrapper == Wrapper::Record && via.outermost.is_none() {
                        self.field.get_or_insert_with(|| candidate.path());
                    }
                    // Items of lists have no keys to find them by.
                    if candidate.keys.iter().all(|key| !key.is_empty()) {
                        self.hint = Some(Hint {
                            keys: candidate.keys,
                            wrapper,
                            depth: via.depth,
                        });
                    }
                    return Ok(());
                }
                Err(reason) => {
                    first_error.get_or_insert(reason);
                }
            }
        }
        Err(first_error.unwrap_or(Reason::Foreign(foreign)))
    }

    /// Takes a text that is not JSON: a line with something in front of the event, or a document that is broken or cut off.
    fn broken(
        &mut self,
        text: &str,
        error: JsonError,
        spot: &Spot<'_>,
        via: Via,
        out: Out<'_>,
    ) -> Result {
        let not_json = Reason::NotJson(error.clone());
        if via.depth >= MAX_NESTING {
            return Err(not_json);
        }
        let known = Known {
            is_event_list: None,
            fault: Some(error.clone()),
        };
        if may_be_document(text.as_bytes()) && self.walk(text.as_bytes(), spot, known, via, out) {
            return Ok(());
        }
        let Some(line) = prefix::parse(text).filter(|_| !text.starts_with('{')) else {
            return self.split_or(not_json, text, spot, via, out);
        };
        if let Some(at) = prefix::inner_line(&line)
            && !self.would_join(line.rest)
        {
            self.joined_lines(text, line.start + at, spot, via, out);
            return Ok(());
        }
        if let Some(fragment) = self.part_of(&line).filter(|_| spot.is_top())
            && let Some(result) =
                self.fragment(&fragment, spot.place(line.damaged, text.len()), out)
        {
            if line.damaged > 0 && result.is_ok() {
                let front = text.as_bytes().get(..line.damaged).unwrap_or_default();
                let place = spot.place(0, front.len());
                out(Piece::Problem(place, front, Reason::NotJson(error)));
            }
            return result;
        }
        if !record::holds_event(line.rest) {
            return Err(not_json);
        }
        let inside = via.inside(line.wrapper);
        self.text(line.rest, &spot.part(line.start), inside, out)
    }

    /// Whether what a line holds is JSON, with the parts of it before, as far as it goes.
    fn would_join(&self, text: &str) -> bool {
        match &self.pending {
            Some(pending) => pending.accepts(text),
            None => join::is_json_start(Check::at(0), text),
        }
    }

    /// Takes two lines that stand in one: what is left of the first, and the second.
    fn joined_lines(&mut self, text: &str, at: usize, spot: &Spot<'_>, via: Via, out: Out<'_>) {
        let Some((first, second)) = text.split_at_checked(at) else {
            return;
        };
        for (start, line) in [(0, first), (at, second)] {
            let spot = spot.part(start);
            if let Err(reason) = self.text(line, &spot, via.deeper(), out) {
                let place = spot.place(0, line.len());
                out(Piece::Problem(place, line.as_bytes(), reason));
            }
        }
    }

    /// Takes a text that is more or less than one value, for each of its records; else this is why it is none.
    fn split_or(
        &mut self,
        reason: Reason,
        text: &str,
        spot: &Spot<'_>,
        via: Via,
        out: Out<'_>,
    ) -> Result {
        let found = record::holds_event(text) && self.split_again(text.as_bytes(), spot, via, out);
        if found { Ok(()) } else { Err(reason) }
    }

    /// What a line is as a part of one that was split; none where it is not split by its kind of writer.
    fn part_of<'l>(&self, line: &prefix::Line<'l>) -> Option<Fragment<'l>> {
        let is_last = match (line.wrapper, line.is_part) {
            (Wrapper::Cri, Some(is_part)) => !is_part,
            // journald does not say where a line goes on: an object that is not closed does.
            (Wrapper::Journal, _) if line.rest.starts_with('{') => !join::is_open_object(line.rest),
            (Wrapper::Journal, _) => false,
            _ => return None,
        };
        Some(Fragment {
            wrapper: line.wrapper,
            source: line.source,
            text: line.rest.into(),
            is_last,
        })
    }

    /// Joins a part to those before it. None where it is a line of its own, to be read as such.
    fn fragment(&mut self, fragment: &Fragment<'_>, place: Place, out: Out<'_>) -> Option<Result> {
        // journald does not tell a part from a line, but no part of an event starts as an event does.
        let starts_anew = fragment.wrapper == Wrapper::Journal && fragment.text.starts_with('{');
        self.is_beside_pending = true;
        match &mut self.pending {
            Some(pending) if pending.continues_with(fragment) && !starts_anew => {
                if pending.append(&fragment.text, place) {
                    if fragment.is_last || pending.is_closed() {
                        self.flush(out);
                    }
                    return Some(Ok(()));
                }
                // The rest of the line before is lost: this is another.
                self.flush(out);
            }
            // The lines of another stream may stand between the parts.
            Some(pending) if pending.wrapper == fragment.wrapper && !starts_anew => {}
            _ => self.flush(out),
        }
        if fragment.is_last || !join::is_open_object(&fragment.text) {
            return None;
        }
        self.flush(out);
        self.pending = Some(Pending::new(fragment, place));
        Some(Ok(()))
    }

    /// Reads the line that was being joined, as far as it has come.
    fn flush(&mut self, out: Out<'_>) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        if pending.is_too_long {
            let text = pending.text.as_bytes();
            out(Piece::Problem(pending.place, text, Reason::TooLong));
            return;
        }
        let spot = Spot::Joined(pending.place);
        let via = Via::default().inside(pending.wrapper);
        if let Err(reason) = self.text(&pending.text, &spot, via, out) {
            out(Piece::Problem(
                pending.place,
                pending.text.as_bytes(),
                reason,
            ));
        }
    }

    fn event(&mut self, event: &Event<'_>, spot: &Spot<'_>, via: Via, out: Out<'_>) {
        if via.depth < MAX_NESTING && resplit::has_swallowed(event.raw) {
            let bytes = event.raw.as_bytes();
            let parts = resplit::parts_of_swallower(bytes);
            if parts.len() > 1 {
                return self.parts(bytes, parts, spot, via.deeper(), out);
            }
        }
        self.emit(spot.place(0, event.raw.len()), event, via, out);
    }

    fn emit(&mut self, place: Place, event: &Event<'_>, via: Via, out: Out<'_>) {
        self.count(if event.is_flattened {
            via.inside(Wrapper::OpenShift)
        } else {
            via
        });
        if self.has_stand_ins && stand_in::find(event.raw).is_some() {
            let event = Event {
                has_stand_ins: true,
                canonical: None,
                ..event.clone()
            };
            return out(Piece::Event(place, &event));
        }
        out(Piece::Event(place, event));
    }

    fn count(&mut self, via: Via) {
        self.seen |= via.all;
        if let Some(wrapper) = via.outermost
            && let Some(events) = self.events.get_mut(wrapper as usize)
        {
            *events += 1;
        }
    }
}
