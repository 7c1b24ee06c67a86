//! Where records go on behind damage.
//!
//! A damaged record is not to be trusted: its brackets and quotes may be open, so what follows may look like a part of it. Behind a
//! fault each byte with which a record can start is tried, whatever seems to be open there: the next record is the first one that is
//! a whole value and has the marks of an event. What lies between is one damaged stretch.
//!
//! Bytes may be tried several times, but only so often on average: where tries cost more than the text is long, the search goes on
//! behind the fault of the last try.

mod lines;
mod search;
mod splitter;

use memchr::memmem;

use crate::json::{self, JsonError, JsonErrorKind};
pub(crate) use search::{RecoverySearch, SearchOutcome, Signature, StopAt, trimmed_length};
pub(crate) use splitter::{Segment, SplitStep, ValueSplitter};

/// The parts of a text at hand that is not one value.
pub(crate) fn segments(bytes: &[u8]) -> Vec<Segment> {
    all_segments(ValueSplitter::inline(), bytes)
}

/// The parts of an event that has swallowed others, because a list in it was not closed.
pub(crate) fn segments_of_unclosed_event(bytes: &[u8]) -> Vec<Segment> {
    let mut splitter = ValueSplitter::inline();
    let search = RecoverySearch::in_value(0, bytes.len(), JsonErrorKind::Truncated, StopAt::List);
    splitter.search = Some(search);
    let mut segments = all_segments(splitter, bytes);
    if let Some(Segment::Damage(_, to, error)) = segments.first_mut() {
        error.offset = *to;
    }
    segments
}

/// Whether an event has others in it where the server writes no objects of any kind: a list was not closed.
pub(crate) fn contains_other_events(event: &str) -> bool {
    const MARK: &[u8] = b"\"auditID\"";
    if memmem::find_iter(event.as_bytes(), MARK).nth(1).is_none() {
        return false;
    }
    json::members(event).any(|(key, member)| {
        !matches!(key.as_ref(), "requestObject" | "responseObject")
            && memmem::find(member.as_bytes(), MARK).is_some()
    })
}

fn all_segments(mut splitter: ValueSplitter, bytes: &[u8]) -> Vec<Segment> {
    let mut segments = Vec::new();
    loop {
        let split = match splitter.advance(bytes, true) {
            Some(split) => split,
            None => splitter.recover(bytes, true),
        };
        match split {
            SplitStep::Segment(part) => segments.push(part),
            SplitStep::Line(from, to) | SplitStep::Nuls(from, to) => {
                let error = JsonError {
                    offset: 0,
                    kind: JsonErrorKind::Expected("a value"),
                };
                segments.push(Segment::Damage(from, to, error));
            }
            SplitStep::NeedsMore(_) => return segments,
        }
    }
}
