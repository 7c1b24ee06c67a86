//! Extraction from texts that are not JSON: lines with a prefix, lines in the legacy text format, and damaged or truncated documents.

use crate::cut;
use crate::event::Event;
use crate::extract::cut_records::named;
use crate::extract::envelope::may_be_document;
use crate::extract::held_events::CutPlace;
use crate::extract::legacy::{self, LegacyLine};
use crate::extract::prefix::{self, PrefixedLine};
use crate::extract::record;
use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{DocumentContext, Emit, Extracted, Extractor, MAX_NESTING, Result};
use crate::extract::wrapper::Wrapper;
use crate::json::JsonError;
use crate::location::Location;
use crate::problem::ProblemReason;

impl Extractor {
    /// Extracts from a text that is not JSON: a line with a prefix, or a damaged or truncated document.
    pub(super) fn broken(
        &mut self,
        text: &str,
        error: JsonError,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        if route.depth >= MAX_NESTING {
            return Err(ProblemReason::NotJson(error));
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
        self.line((text, error), source, route, out)
    }

    /// Extracts from a line that is not JSON: one with a prefix, or one in the legacy text format.
    fn line(
        &mut self,
        (text, error): (&str, JsonError),
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        let not_json = ProblemReason::NotJson(error.clone());
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
        if let Some(result) = self.part_of_line(&line, (text, &error), source, out) {
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

    /// Joins a line to the parts before it. `None` if it is a line of its own.
    fn part_of_line(
        &mut self,
        line: &PrefixedLine<'_>,
        (text, error): (&str, &JsonError),
        source: &SourceMap<'_>,
        out: Emit<'_>,
    ) -> Option<Result> {
        let fragment = self.part_of(line).filter(|_| source.is_in_file())?;
        let result = self.fragment(&fragment, source.location(line.damaged, text.len()), out)?;
        if line.damaged > 0 && result.is_ok() {
            let front = text.as_bytes().get(..line.damaged).unwrap_or_default();
            let location = source.location(0, front.len());
            out(Extracted::Problem(
                location,
                front,
                ProblemReason::NotJson(error.clone()),
            ));
        }
        Some(result)
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
}

/// Returns `true` if the text before the first brace of a line closes a value that is not in the line.
fn is_rest_of_value(front: &str) -> bool {
    front.ends_with('}')
        && front.contains(|character: char| !matches!(character, '}' | ']' | ',' | ' '))
}
