//! Extraction from documents, record by record.

use crate::detect::{ValueKind, detect_kind};
use crate::event::Event;
use crate::extract::damaged_list::DamagedList;
use crate::extract::envelope::{EnvelopeScanner, RecordContext, ScanStep};
use crate::extract::record::{CandidateField, seems_damaged};
use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{DocumentContext, Emit, Extracted, Extractor, MAX_NESTING, Result};
use crate::extract::table::Table;
use crate::extract::wrapper::Wrapper;
use crate::extract::{google, prefix, record};
use crate::json::{self, JsonError, offset_in};
use crate::location::Location;
use crate::placeholder;
use crate::problem::ProblemReason;
use crate::recovery::{self, Segment};
use crate::scan;
use crate::unrecognized::UnrecognizedKind;

impl Extractor {
    /// Emits the records of a document. Returns `false` if it has no list of records.
    pub(super) fn scan_document(
        &mut self,
        bytes: &[u8],
        source: &SourceMap<'_>,
        mut known: DocumentContext,
        route: Route,
        out: Emit<'_>,
    ) -> bool {
        let mut scanner = EnvelopeScanner::at(0);
        let mut has_problems = false;
        // There was a document before.
        let mut has_documents = false;
        let end = loop {
            match scanner.next(bytes, true) {
                ScanStep::Record(from, to, context) => {
                    let is_event_list = known.is_event_list.unwrap_or(context.is_event_list);
                    let context = RecordContext {
                        is_event_list,
                        ..context
                    };
                    let record = bytes.get(from..to).unwrap_or_default();
                    has_problems |=
                        !self.record(record, &source.part(from), context, route.deeper(), out);
                }
                ScanStep::Damage(..) if !scanner.found() && !has_documents => return false,
                ScanStep::Damage(from, to, error) => {
                    has_problems = true;
                    // Damage may contain any number of rows.
                    self.rows = None;
                    self.drop_held(out);
                    damage(bytes, (from, to), error, source, out);
                }
                ScanStep::NeedsMore(from) => {
                    // If something is damaged, the end of the list may be in the damage.
                    if scanner.found() && !scanner.is_damaged() {
                        has_problems = true;
                        self.unclosed(source.location(from, bytes.len()), out);
                    }
                    break bytes.len();
                }
                ScanStep::Unclosed(at) => {
                    has_problems = true;
                    self.unclosed(source.location(at, at), out);
                    scanner = EnvelopeScanner::at(at);
                    known = DocumentContext::default();
                    has_documents = true;
                }
                ScanStep::Done(at) => break at,
            }
        };
        if !scanner.found() && !has_documents {
            return false;
        }
        let is_damaged = has_problems || scanner.is_damaged();
        known.is_event_list = Some(known.is_event_list.unwrap_or(scanner.is_event_list()));
        self.after_document((bytes, end), source, (known, is_damaged), route, out);
        true
    }

    /// Emits what follows the last list of a document, and reports what is wrong with the document if nothing in it is.
    fn after_document(
        &mut self,
        (bytes, end): (&[u8], usize),
        source: &SourceMap<'_>,
        (known, mut is_damaged): (DocumentContext, bool),
        route: Route,
        out: Emit<'_>,
    ) {
        self.has_documents = true;
        self.has_event_lists |= known.is_event_list == Some(true);
        let rest = bytes.get(end..).unwrap_or_default();
        if !rest.trim_ascii().is_empty() {
            is_damaged = true;
            let parts = recovery::segments(rest);
            self.parts(rest, parts, &source.part(end), route, out);
        }
        if let Some(fault) = known.fault.filter(|_| !is_damaged) {
            let location = source.location(0, bytes.len());
            let reason = ProblemReason::NotJson(fault);
            out(Extracted::Problem(location, bytes, reason));
        }
    }

    /// Reports that a list of records was not closed.
    fn unclosed(&mut self, location: Location, out: Emit<'_>) {
        self.drop_held(out);
        out(Extracted::Problem(
            location,
            &[],
            ProblemReason::UnclosedList,
        ));
    }

    /// Emits the items of every list in a record that contains several events. In a damaged document, part of it may be all that is left.
    /// Returns `false`, and emits nothing, if there is no such list.
    pub(super) fn lists(
        &mut self,
        value: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> bool {
        let mut damaged = DamagedList::of(value, source);
        let mut has_events = false;
        let mut failed: Vec<(&str, ProblemReason)> = Vec::new();
        for list in record::lists(value) {
            let (from, to) = span_of_items(value, list.raw);
            if damaged.is_some() && !has_events {
                // The text before the first event contains them.
                failed.clear();
            }
            let inside = match &damaged {
                Some(_) => route,
                None => self.inside_list(value, &list, route),
            };
            for item in json::elements(list.raw) {
                let start = offset_in(value, item);
                let mut out_after = |extracted: Extracted<'_>| {
                    if let Some(damaged) = &mut damaged {
                        damaged.report_before(from, to, out);
                    }
                    out(extracted);
                };
                match self.item(item, &source.part(start), inside, &mut out_after) {
                    Ok(()) => has_events = true,
                    Err(reason) => failed.push((item, reason)),
                }
                if !has_events {
                    continue;
                }
                for (item, reason) in failed.drain(..) {
                    let start = offset_in(value, item);
                    let location = source.location(start, start + item.len());
                    out(Extracted::Problem(location, item.as_bytes(), reason));
                }
            }
        }
        if let Some(damaged) = damaged.filter(|_| has_events) {
            damaged.finish(out);
        }
        has_events
    }

    /// Returns the route to the items of a list in a record. If they are events, the record is what contains them.
    fn inside_list(&mut self, value: &str, list: &CandidateField<'_>, route: Route) -> Route {
        let path = list.path();
        let first = json::elements(list.raw).next().unwrap_or_default();
        let is_event = first.starts_with('"') || detect_kind(first) == ValueKind::Event;
        if path.is_empty() || !is_event {
            return route;
        }
        let wrapper = record::wrapper_of(value, &path);
        if wrapper == Wrapper::Record && route.outermost.is_none() {
            self.field.get_or_insert(path);
        }
        Route {
            depth: route.depth,
            ..self.inside(route, wrapper)
        }
    }

    /// Extracts from an item of a list: an object, or a string that contains one.
    fn item(&mut self, item: &str, source: &SourceMap<'_>, route: Route, out: Emit<'_>) -> Result {
        let raw = item.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        let Some(raw) = raw else {
            return self.value(item, source, route.deeper(), out);
        };
        let decoded = json::unescaped(raw)
            .ok_or(ProblemReason::Unrecognized(UnrecognizedKind::NotAnObject))?;
        self.text(&decoded, &source.escaped(raw, 1), route.deeper(), out)
            .map_err(|reason| not_an_object(reason, raw))
    }

    /// Emits the records of a text that is not exactly one value. Returns `false`, and emits nothing, if none contains an event.
    pub(super) fn split_and_extract(
        &mut self,
        bytes: &[u8],
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> bool {
        let parts = recovery::segments(bytes);
        let is_event = |part: &Segment| match part {
            Segment::Record(from, to) => bytes
                .get(*from..*to)
                .and_then(|record| str::from_utf8(record).ok())
                .is_some_and(record::holds_event),
            Segment::Damage(..) => false,
        };
        let found = parts.iter().any(is_event);
        if found {
            self.parts(bytes, parts, source, route, out);
        }
        found
    }

    pub(super) fn parts(
        &mut self,
        bytes: &[u8],
        parts: Vec<Segment>,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) {
        let mut parts = parts.into_iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Segment::Damage(from, to, error) => {
                    let next = parts.peek().and_then(|next| match next {
                        Segment::Record(start, end) => Some((*start, *end)),
                        Segment::Damage(..) => None,
                    });
                    if !next.is_some_and(|next| is_line_start(bytes, from, next)) {
                        self.drop_held(out);
                        damage(bytes, (from, to), error, source, out);
                    }
                }
                Segment::Record(from, to) => {
                    let record = bytes.get(from..to).unwrap_or_default();
                    let source = source.part(from);
                    let result = match str::from_utf8(record) {
                        Ok(text) => self.text(text, &source, route, out),
                        Err(_) => Err(ProblemReason::NotUtf8),
                    };
                    if let Err(reason) = result {
                        out(Extracted::Problem(
                            source.location(0, record.len()),
                            record,
                            reason,
                        ));
                    }
                }
            }
        }
    }

    /// Extracts from one record of a document. Returns `false` if it contains no event.
    pub(super) fn record(
        &mut self,
        bytes: &[u8],
        source: &SourceMap<'_>,
        context: RecordContext,
        route: Route,
        out: Emit<'_>,
    ) -> bool {
        if context.is_columns {
            self.table = str::from_utf8(bytes).ok().and_then(Table::of_columns);
            self.rows = Some(0);
            return true;
        }
        self.begin_row(bytes, context);
        self.pass_record(out);
        let result = match std::str::from_utf8(bytes) {
            Err(_) => self.record_with_placeholders(bytes, source, context, route, out),
            Ok(text) => self.record_text(text, source, context, route, out),
        };
        let row = self.row.take();
        match result {
            Ok(()) => true,
            Err(reason) => {
                let location = source.location(0, bytes.len());
                self.report(location, bytes, reason.in_row(row), out);
                false
            }
        }
    }

    /// Counts a row of a table in JSON.
    fn begin_row(&mut self, bytes: &[u8], context: RecordContext) {
        let is_row = context.wrapper == Some(Wrapper::LogAnalytics) && bytes.starts_with(b"[");
        self.row = None;
        if is_row && let Some(rows) = &mut self.rows {
            *rows += 1;
            self.row = Some(*rows);
        }
    }

    /// Extracts from a record that is not valid UTF-8.
    fn record_with_placeholders(
        &mut self,
        bytes: &[u8],
        source: &SourceMap<'_>,
        context: RecordContext,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        let text = placeholder::decode_if_mostly_text(bytes).ok_or(ProblemReason::NotUtf8)?;
        let is_inside = std::mem::replace(&mut self.has_placeholders, true);
        let result = self.record_text(&text, &source.with_placeholders(&text), context, route, out);
        self.has_placeholders = is_inside || self.is_joining();
        result.map_err(|reason| match reason {
            ProblemReason::Cut(_) => reason,
            _ => ProblemReason::NotUtf8,
        })
    }

    fn record_text(
        &mut self,
        text: &str,
        source: &SourceMap<'_>,
        context: RecordContext,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        if text.trim().is_empty() {
            return Err(ProblemReason::UnclosedList);
        }
        let route = match context.wrapper {
            Some(wrapper) if !context.is_event_list => route.inside(wrapper),
            _ => route,
        };
        if let Some(event) = scan::event(text) {
            self.event(&event, source, route, out);
            return Ok(());
        }
        let value = json::value(text).map_err(ProblemReason::NotJson)?;
        // A list with a damaged end may seem to contain the next one.
        let is_list = || route.depth < MAX_NESTING && detect_kind(value) == ValueKind::EventList;
        if context.is_event_list
            && has_mark_of_event(value)
            && !google::is_entry(value)
            && !is_list()
        {
            self.event(&Event::new(value), source, route, out);
            return Ok(());
        }
        if let Some(raw) = value
            .strip_prefix('"')
            .and_then(|raw| raw.strip_suffix('"'))
        {
            let decoded = json::unescaped(raw)
                .ok_or(ProblemReason::Unrecognized(UnrecognizedKind::NotAnObject))?;
            return self
                .text(&decoded, &source.escaped(raw, 1), route, out)
                .map_err(|reason| not_an_object(reason, raw));
        }
        if value.starts_with('[') {
            return self.array(value, source, context, route, out);
        }
        self.value(value, source, route, out)
    }

    /// Extracts from a record that is an array: a row, or a list of records.
    fn array(
        &mut self,
        value: &str,
        source: &SourceMap<'_>,
        context: RecordContext,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        let table = self.table_of(route);
        let omits_reads = table.is_some_and(|table| table.omits_reads(value));
        self.omits_reads |= omits_reads;
        if self.rows_in_row(value, source, route, out) || self.table_row(value, source, route, out)
        {
            return Ok(());
        }
        let known = DocumentContext::list(context.is_event_list);
        if route.depth < MAX_NESTING
            && is_list_in_list(value, context)
            && self.scan_document(value.as_bytes(), source, known, route, out)
        {
            return Ok(());
        }
        let unrecognized = if context.wrapper == Some(Wrapper::LogAnalytics) {
            UnrecognizedKind::CsvRow
        } else {
            UnrecognizedKind::NotAnObject
        };
        self.search(value, unrecognized, source, route, out)
    }
}

/// Returns the offsets of the first item of a list in a value, and of the end of the last.
fn span_of_items(value: &str, list: &str) -> (usize, usize) {
    let start = offset_in(value, list);
    let first = json::elements(list).next();
    let from = first.map_or(start, |first| offset_in(value, first));
    let items = list.strip_suffix(']').unwrap_or(list).trim_ascii_end();
    (from, start + items.len())
}

/// Returns `true` if an item of an EventList has a field of an event. If a record is truncated, a part of its body may look like an item.
fn has_mark_of_event(value: &str) -> bool {
    const MARKS: [&str; 5] = ["auditID", "stage", "requestURI", "level", "verb"];
    value.starts_with('{') && json::members(value).any(|(key, _)| MARKS.contains(&key.as_ref()))
}

/// Returns the reason why a string in a list is not an event: that it is only a string, if it contains no damaged object.
fn not_an_object(reason: ProblemReason, raw: &str) -> ProblemReason {
    match reason {
        ProblemReason::NotJson(_) if !seems_damaged(raw) => {
            ProblemReason::Unrecognized(UnrecognizedKind::NotAnObject)
        }
        reason => reason,
    }
}

/// Returns `true` if a list is in the position of a record, because of an extra bracket.
fn is_list_in_list(value: &str, context: RecordContext) -> bool {
    let is_of_rows = context.wrapper.is_some_and(Wrapper::has_rows);
    record::holds_event(value)
        && json::elements(value).any(|item| {
            item.starts_with('[') && (!is_of_rows || record::holds_event(item))
                || !is_of_rows && item.starts_with('{') && !is_column(item)
        })
}

/// Returns `true` if an item is a column of a row of CloudWatch Logs Insights. After an extra bracket, its row is not in the list of rows.
fn is_column(item: &str) -> bool {
    let mut names = json::members(item).map(|(name, _)| name);
    let (one, other) = (names.next(), names.next());
    let is_pair = matches!(
        (one.as_deref(), other.as_deref()),
        (Some("field"), Some("value")) | (Some("value"), Some("field"))
    );
    is_pair && names.next().is_none()
}

/// Returns `true` if the text before a record is the prefix of a line: two lines were joined.
fn is_line_start(bytes: &[u8], from: usize, (start, end): (usize, usize)) -> bool {
    let line = bytes.get(from..end).map(str::from_utf8);
    let Some(Ok(line)) = line else {
        return false;
    };
    prefix::parse(line).is_some_and(|parsed| {
        parsed.wrapper != Wrapper::Prefixed && parsed.damaged == 0 && parsed.start == start - from
    })
}

/// Reports unreadable text.
fn damage(
    bytes: &[u8],
    (from, to): (usize, usize),
    error: JsonError,
    source: &SourceMap<'_>,
    out: Emit<'_>,
) {
    let text = bytes.get(from..to).unwrap_or_default();
    let reason = ProblemReason::from_damage(text, error);
    out(Extracted::Problem(source.location(from, to), text, reason));
}

#[cfg(test)]
mod tests {
    use super::is_column;

    #[test]
    fn a_column_has_a_field_and_a_value_in_either_order() {
        for (item, expected) in [
            (r#"{"field":"@message","value":"x"}"#, true),
            (r#"{"value":"x","field":"@message"}"#, true),
            (r#"{"field":"@message"}"#, false),
            (r#"{"field":"@message","field":"x"}"#, false),
            (r#"{"field":"@message","value":"x","more":1}"#, false),
            (r#"{"field":"@message","values":"x"}"#, false),
            ("{}", false),
        ] {
            assert_eq!(is_column(item), expected, "{item}");
        }
    }
}
