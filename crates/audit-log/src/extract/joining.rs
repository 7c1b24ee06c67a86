//! Joining of the parts of lines that a container runtime or journald has split.

use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::split_lines::{self, LineFragment, PendingLine};
use crate::extract::state::{Emit, Extracted, Extractor, Result};
use crate::extract::wrapper::Wrapper;
use crate::extract::{legacy, prefix, record};
use crate::location::Location;
use crate::problem::ProblemReason;
use crate::validator::JsonValidator;

impl Extractor {
    /// Returns `true` if the content of a line, appended to its pending parts, is valid JSON so far.
    pub(super) fn would_join(&self, text: &str) -> bool {
        match &self.pending {
            Some(pending) => pending.accepts(text),
            None => split_lines::is_json_start(JsonValidator::at(0), text),
        }
    }

    /// Returns a line as a part of a split line. `None` if its format does not split lines.
    pub(super) fn part_of<'l>(&self, line: &prefix::PrefixedLine<'l>) -> Option<LineFragment<'l>> {
        let is_last = match (line.wrapper, line.is_part) {
            (Wrapper::Cri, Some(is_part)) => !is_part,
            // journald does not mark lines that continue. An unclosed object implies it.
            (Wrapper::Journal, _) if line.rest.starts_with('{') => {
                !split_lines::is_open_object(line.rest)
            }
            (Wrapper::Journal, _) => false,
            _ => return None,
        };
        Some(LineFragment {
            wrapper: line.wrapper,
            writer: line.writer,
            text: line.rest.into(),
            is_last,
        })
    }

    /// Returns `true` if a line or value of the file may be a part of a split line, or a line between its parts.
    pub(super) fn may_be_part(text: &str) -> bool {
        if text.starts_with('{') {
            return record::fragment(text).is_some();
        }
        prefix::parse(text)
            .is_some_and(|line| matches!(line.wrapper, Wrapper::Cri | Wrapper::Journal))
    }

    /// Joins a part to the parts before it. `None` if it is a line of its own.
    pub(super) fn fragment(
        &mut self,
        fragment: &LineFragment<'_>,
        location: Location,
        out: Emit<'_>,
    ) -> Option<Result> {
        // journald does not distinguish parts from lines, but no part of an event starts as an event does.
        let starts_event = fragment.wrapper == Wrapper::Journal && fragment.text.starts_with('{');
        self.is_pending_kept = true;
        match &mut self.pending {
            Some(pending) if pending.continues_with(fragment) && !starts_event => {
                if pending.append(&fragment.text, location) {
                    if fragment.is_last || pending.is_closed() {
                        self.flush(out);
                    }
                    return Some(Ok(()));
                }
                // The rest of the previous line is missing; this is another line.
                self.flush(out);
            }
            // Lines of another stream may be between the parts.
            Some(pending) if pending.wrapper == fragment.wrapper && !starts_event => {}
            _ => self.flush(out),
        }
        let is_start = split_lines::is_open_object(&fragment.text)
            || fragment.wrapper == Wrapper::Cri && legacy::start(&fragment.text) == Some(0);
        if fragment.is_last || !is_start {
            return None;
        }
        self.flush(out);
        self.pending = Some(PendingLine::new(fragment, location));
        Some(Ok(()))
    }

    /// Extracts from the line that is being joined, as far as it has arrived.
    pub(super) fn flush(&mut self, out: Emit<'_>) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        if pending.is_too_long {
            let text = pending.text.as_bytes();
            out(Extracted::Problem(
                pending.location,
                text,
                ProblemReason::TooLong,
            ));
            return;
        }
        let source = SourceMap::Joined(pending.location);
        let route = Route::default().inside(pending.wrapper);
        // Everything in the line has the location of the line, which is reported once.
        let mut is_reported = false;
        let mut out_once = |extracted: Extracted<'_>| {
            let is_problem = matches!(extracted, Extracted::Problem(..));
            if !is_problem || !std::mem::replace(&mut is_reported, true) {
                out(extracted);
            }
        };
        if let Err(reason) = self.text(&pending.text, &source, route, &mut out_once) {
            out_once(Extracted::Problem(
                pending.location,
                pending.text.as_bytes(),
                reason,
            ));
        }
    }
}
