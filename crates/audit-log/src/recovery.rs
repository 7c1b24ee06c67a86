//! Recovery after damage: finding the next record.
//!
//! The brackets and quotes of a damaged record may be unbalanced, so that what follows looks like part of it. After an error, a parse is
//! attempted at each byte that can start a record. The next record is the first complete value with the fields of an event. Everything
//! before it is one problem.
//!
//! Bytes may be parsed several times, but the total is linear: if failed attempts cost more than the text is long, the search continues
//! after the error of the last attempt.

mod lines;
mod search;
mod splitter;

use memchr::memmem;

use crate::json::{self, JsonError, JsonErrorKind};
pub(crate) use search::{RecoverySearch, SearchOutcome, Signature, StopAt, trimmed_length};
pub(crate) use splitter::{Segment, SplitStep, ValueSplitter};

/// Splits a text that is not exactly one value into records and damage.
pub(crate) fn segments(bytes: &[u8]) -> Vec<Segment> {
    all_segments(ValueSplitter::inline(), bytes)
}

/// Splits an event that contains other events because a list in it was not closed.
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

/// Returns `true` if an event contains other events outside its bodies, because a list was not closed.
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
