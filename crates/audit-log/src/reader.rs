//! Push-based reading of one file: bytes in, events and problems out, in the order of the file.

use audit_types::format;
use memchr::{memchr, memchr_iter};

use crate::cut;
use crate::detect::{ValueKind, detect_kind, detect_text};
use crate::event::Event;
use crate::extract::envelope::{self, EnvelopeScanner};
use crate::extract::source_map::SourceMap;
use crate::extract::state::{Emit, Extracted, Extractor};
use crate::extract::table::{Table, header_without_events};
use crate::frame::{Frame, FrameState, FrameStatus, Framer};
use crate::json;
use crate::layout::Layout;
use crate::limits::MAX_WHOLE_BYTES;
use crate::lines::{self, LineCounts};
use crate::location::Location;
use crate::problem::{Problem, ProblemReason, excerpt, is_binary};
use crate::recovery;
use crate::scalars;
use crate::scan;
use crate::summary::{LogFormat, LogSummary, MAX_REASONS, OTHER_REASONS};
use crate::unrecognized::UnrecognizedKind;
use crate::validator::{JsonValidator, Validation};

/// An event or a problem.
#[derive(Debug)]
pub enum LogItem<'a> {
    /// An event.
    Event(Location, &'a Event<'a>),
    /// A part of the file that contains no event.
    Problem(Problem),
}

/// Reads one file that arrives in chunks of any size.
///
/// ```
/// use audit_log::{LogItem, LogReader};
///
/// let mut users = Vec::new();
/// let mut reader = LogReader::new();
/// let line = br#"{"auditID":"1","stage":"ResponseComplete","user":{"username":"alice"}}"#;
/// let mut note = |item: LogItem<'_>| {
///     if let LogItem::Event(location, event) = item {
///         users.push((location.line, event.user.unwrap_or_default().to_owned()));
///     }
/// };
/// reader.push(line, &mut note);
/// let summary = reader.finish(&mut note);
/// assert_eq!(summary.events, 1);
/// assert_eq!(users, [(1, r#"{"username":"alice"}"#.to_owned())]);
/// ```
#[derive(Debug)]
pub struct LogReader {
    framer: Framer,
    max_whole: usize,
    /// First bytes, until a byte order mark or magic number can be detected.
    head: Option<Vec<u8>>,
    mark_bytes: u64,
    /// Lines before the first event, and `true` if they are complete.
    lines: (u64, bool),
    rejection: Option<String>,
    extractor: Extractor,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    events: u64,
    problems: u64,
    /// Problems that are text.
    texts: u64,
    /// Problems before the first event that are binary data.
    binary: u64,
    reasons: Vec<(String, u64)>,
    first_unrecognized: Option<UnrecognizedKind>,
    first_fault: Option<String>,
    first_cut: Option<String>,
}

const HEAD_BYTES: usize = 4;

impl Default for LogReader {
    fn default() -> Self {
        Self::new()
    }
}

impl LogReader {
    /// Creates a reader for a file that is at its start.
    pub fn new() -> Self {
        Self::with_limit(MAX_WHOLE_BYTES)
    }

    /// Creates a reader that reads documents record by record from a length on. Only tests use a length of their own.
    pub(crate) fn with_limit(max_whole: usize) -> Self {
        Self {
            framer: Framer::with_limit(max_whole),
            max_whole,
            head: Some(Vec::new()),
            mark_bytes: 0,
            lines: (0, true),
            rejection: None,
            extractor: Extractor::default(),
            counts: Counts::default(),
        }
    }

    /// Creates a reader of a part of a file whose layout is known.
    pub(crate) fn with_layout(layout: Layout) -> Self {
        Self {
            framer: Framer::with_layout(layout),
            head: None,
            ..Self::new()
        }
    }

    /// Creates a reader of rows of a CSV file whose header is known.
    pub(crate) fn with_table(table: Table, separator: u8) -> Self {
        let mut reader = Self::with_layout(Layout::Rows(separator));
        reader.extractor.table = Some(table);
        reader
    }

    /// Number of events so far.
    pub const fn events(&self) -> u64 {
        self.counts.events
    }

    /// Returns `true` if the next lines may be read separately with [`lines::read`](crate::lines::read).
    pub const fn is_between_lines(&self) -> bool {
        self.head.is_none()
            && self.rejection.is_none()
            && self.framer.is_between_lines()
            && self.extractor.is_idle()
    }

    /// Skips `bytes` bytes that were read separately with [`lines::read`](crate::lines::read). Only valid if [`Self::is_between_lines`].
    pub const fn skip(&mut self, bytes: u64, stretch: LineCounts) {
        self.framer.skip(bytes, stretch.lines);
        self.counts.events += stretch.events;
    }

    /// Header of a CSV file, or columns of Log Analytics, as far as they have been read.
    pub fn csv_header(&self) -> Option<&str> {
        self.extractor
            .table
            .as_ref()
            .map(|table| table.header.as_str())
    }

    /// Number of lines before the next one.
    pub const fn lines_before(&self) -> u64 {
        self.framer.lines_before()
    }

    /// Reads the next bytes of the file and passes the events and problems that they complete to `sink`.
    pub fn push(&mut self, chunk: &[u8], sink: &mut impl FnMut(LogItem<'_>)) {
        if self.counts.events == 0
            && let Some(last) = chunk.last()
        {
            let (lines, is_complete) = &mut self.lines;
            *lines += memchr_iter(b'\n', chunk).count() as u64;
            *is_complete = *last == b'\n';
        }
        match &mut self.head {
            None => self.frame(chunk, sink),
            Some(head) => {
                head.extend_from_slice(chunk);
                if head.len() >= HEAD_BYTES {
                    self.detect_start(sink);
                }
            }
        }
    }

    /// Ends the file.
    pub fn finish(self, sink: &mut impl FnMut(LogItem<'_>)) -> LogSummary {
        self.finish_with(sink)
    }

    // Only plain lines are read by code that is compiled for each sink: the rest is large, and a call by address costs little there.
    fn finish_with(mut self, sink: &mut dyn FnMut(LogItem<'_>)) -> LogSummary {
        self.detect_start(sink);
        let Self {
            framer,
            extractor,
            counts,
            mark_bytes,
            max_whole,
            ..
        } = &mut self;
        framer
            .finish(&mut |frame| counts.process(frame, (*mark_bytes, *max_whole), extractor, sink));
        extractor.finish(&mut |extracted| counts.extracted(extracted, sink));
        self.summary()
    }

    fn detect_start(&mut self, sink: &mut dyn FnMut(LogItem<'_>)) {
        let Some(head) = self.head.take() else {
            return;
        };
        self.rejection = rejection_by_magic(&head).map(str::to_owned);
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
        self.mark_bytes = (head.len() - text.len()) as u64;
        self.frame(text, &mut |item| sink(item));
    }

    fn frame(&mut self, mut chunk: &[u8], sink: &mut impl FnMut(LogItem<'_>)) {
        if self.rejection.is_some() {
            return;
        }
        while self.framer.layout() == Some(Layout::Lines) && !chunk.is_empty() {
            if self.is_between_lines() {
                let bytes = self.plain_lines(chunk, sink);
                chunk = chunk.get(bytes..).unwrap_or_default();
            }
            // The line that the fast path does not accept, or the start of one.
            let end = memchr(b'\n', chunk).map_or(chunk.len(), |newline| newline + 1);
            let (line, after) = chunk.split_at(end);
            self.push_frames(line, sink);
            chunk = after;
        }
        self.push_frames(chunk, sink);
    }

    /// Reads lines from the start of the bytes as long as they are exactly as the server writes them, and returns the number of bytes read.
    fn plain_lines(&mut self, bytes: &[u8], sink: &mut impl FnMut(LogItem<'_>)) -> usize {
        let Self {
            framer, mark_bytes, ..
        } = self;
        let offset = framer.offset() + *mark_bytes;
        let take =
            &mut |location: Location, event: &Event<'_>| sink(LogItem::Event(location, event));
        let (stretch, bytes) = lines::read_plain(bytes, offset, framer.lines_before(), take);
        self.skip(bytes as u64, stretch);
        bytes
    }

    // Once for all sinks.
    #[inline(never)]
    fn push_frames(&mut self, chunk: &[u8], sink: &mut dyn FnMut(LogItem<'_>)) {
        if chunk.is_empty() {
            return;
        }
        let Self {
            framer,
            extractor,
            counts,
            mark_bytes,
            max_whole,
            ..
        } = self;
        framer.push(chunk, &mut |frame| {
            counts.process(frame, (*mark_bytes, *max_whole), extractor, sink)
        });
    }

    fn summary(self) -> LogSummary {
        let (lines, is_complete) = self.lines;
        let lines = lines + u64::from(!is_complete);
        let (counts, mut extractor) = (self.counts, self.extractor);
        extractor.has_documents |= self.framer.saw_document();
        extractor.has_event_lists |= self.framer.saw_event_list();
        let has_array = self.framer.saw_array();
        let format = match self.framer.layout() {
            _ if counts.events == 0 && counts.problems == 0 && !has_array => LogFormat::Empty,
            _ if extractor.has_event_lists => LogFormat::EventLists,
            Some(Layout::Values) if has_array => LogFormat::JsonArray,
            Some(Layout::Values) => LogFormat::JsonValues,
            Some(Layout::Rows(_)) => LogFormat::Csv,
            _ => LogFormat::JsonLines,
        };
        // One line can be reported by itself, and lines of a file with a cut event or a document may be damage.
        let is_log = counts.events > 0 || counts.first_cut.is_some() || extractor.has_documents;
        let rejected_texts = if is_log || counts.texts < 2 {
            0
        } else {
            counts.texts
        };
        let rejection = self
            .rejection
            .or_else(|| (counts.events == 0).then(|| counts.rejection(&extractor, has_array)));
        let rejection = rejection.map(|rejection| match rejected_texts {
            0 => rejection,
            _ => format!(
                "{rejection}; none of its {} lines is an event",
                format::count(lines)
            ),
        });
        LogSummary {
            format,
            events: counts.events,
            problems: counts.problems,
            reasons: counts.reasons,
            rejection,
            rejected_texts,
            has_documents: extractor.has_documents,
            wrappers: extractor.found(),
            limitations: extractor.limitations(),
            csv_header: extractor.table.map(|table| table.header),
        }
    }
}

/// Returns the reason to reject a file by its first bytes.
fn rejection_by_magic(head: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 4] = [
        (
            b"\x1f\x8b",
            "the file is compressed with gzip: decompress it first (`gunzip`)",
        ),
        (
            b"\x28\xb5\x2f\xfd",
            "the file is compressed with zstd: decompress it first (`unzstd`)",
        ),
        (b"\xff\xfe", "the file is UTF-16: save it as UTF-8 first"),
        (b"\xfe\xff", "the file is UTF-16: save it as UTF-8 first"),
    ];
    KNOWN
        .iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map(|(_, sentence)| *sentence)
}

impl Counts {
    fn process(
        &mut self,
        frame: Frame<'_>,
        (mark_bytes, max_whole): (u64, usize),
        extractor: &mut Extractor,
        sink: &mut dyn FnMut(LogItem<'_>),
    ) -> FrameStatus {
        let location = Location {
            offset: frame.offset + mark_bytes,
            length: frame.length,
            line: frame.line,
        };
        if frame.context.is_none()
            && matches!(frame.state, FrameState::Whole | FrameState::Line)
            && let Ok(text) = std::str::from_utf8(frame.bytes)
        {
            // A line cannot extend beyond its end. Elsewhere, an unclosed list may contain the events after it.
            let is_alone =
                frame.state == FrameState::Line || !recovery::contains_other_events(text);
            if let Some(event) = scan::event(text).filter(|_| is_alone) {
                self.plain(location, &event, extractor, sink);
                return FrameStatus::Consumed;
            }
            match json::value(text) {
                Ok(value) => {
                    if is_alone
                        && !extractor.expects_records()
                        && detect_kind(value) == ValueKind::Event
                    {
                        self.plain(location, &Event::new(value), extractor, sink);
                        return FrameStatus::Consumed;
                    }
                    if !envelope::is_large_document(frame.bytes, max_whole) {
                        let source = SourceMap::file(location.offset, location.line, frame.bytes);
                        let out = &mut |extracted: Extracted<'_>| self.extracted(extracted, sink);
                        extractor.known_value(value, &source, out);
                        return FrameStatus::Consumed;
                    }
                }
                Err(_) if frame.state == FrameState::Line && is_open(frame.bytes) => {
                    return FrameStatus::Incomplete;
                }
                Err(_) => {}
            }
        }
        extract(frame, (location, max_whole), extractor, &mut |extracted| {
            self.extracted(extracted, sink);
        });
        FrameStatus::Consumed
    }

    /// Emits an event without a wrapper.
    #[inline]
    fn plain(
        &mut self,
        location: Location,
        event: &Event<'_>,
        extractor: &mut Extractor,
        sink: &mut dyn FnMut(LogItem<'_>),
    ) {
        if event.is_flattened || extractor.is_joining() {
            extractor.plain(event, &mut |extracted| self.extracted(extracted, sink));
        }
        self.events += 1;
        sink(LogItem::Event(location, event));
    }

    fn extracted(&mut self, extracted: Extracted<'_>, sink: &mut dyn FnMut(LogItem<'_>)) {
        match extracted {
            Extracted::Event(location, event) => {
                self.events += 1;
                sink(LogItem::Event(location, event));
            }
            Extracted::Problem(location, bytes, reason) => {
                self.problem(location, bytes, reason, sink)
            }
        }
    }

    fn problem(
        &mut self,
        location: Location,
        bytes: &[u8],
        reason: ProblemReason,
        sink: &mut dyn FnMut(LogItem<'_>),
    ) {
        let mut reason = named(reason, bytes);
        if self.problems == 0
            && self.events == 0
            && matches!(reason, ProblemReason::NotJson(_))
            && let Some(header) = str::from_utf8(bytes).ok().and_then(header_without_events)
        {
            reason = ProblemReason::Unrecognized(header);
        }
        let is_text = reason.is_of_text(bytes);
        self.problems += 1;
        self.texts += u64::from(is_text);
        self.binary += u64::from(self.events == 0 && is_binary(bytes));
        self.count_reason(&reason);
        match reason.without_row() {
            ProblemReason::Unrecognized(unrecognized) => {
                self.first_unrecognized
                    .get_or_insert_with(|| unrecognized.clone());
            }
            reason @ (ProblemReason::Cut(_) | ProblemReason::CutRest | ProblemReason::CutLine) => {
                self.first_cut.get_or_insert_with(|| reason.to_string());
            }
            fault => {
                self.first_fault.get_or_insert_with(|| fault.to_string());
            }
        }
        sink(LogItem::Problem(Problem {
            location,
            reason,
            excerpt: excerpt(bytes),
            is_text,
        }));
    }

    /// Returns the reason why a file has no events.
    fn rejection(&self, extractor: &Extractor, has_array: bool) -> String {
        if let Some(cut) = &self.first_cut {
            return format!("none of its events is complete: the first is {cut}");
        }
        let table = extractor.table.as_ref();
        let table = table.filter(|_| !extractor.has_documents);
        // A part of binary data can be a number, which is JSON, or a word.
        let is_binary = self.binary * 2 > self.problems;
        let text = match (&self.first_unrecognized, &self.first_fault) {
            (None | Some(UnrecognizedKind::NotAnObject | UnrecognizedKind::Text), _)
                if is_binary =>
            {
                "this is binary data, not text: audit events are JSON objects"
            }
            (Some(UnrecognizedKind::Text), _) => {
                "this is text, not an audit log: audit events are JSON objects"
            }
            (Some(unrecognized), _) => return unrecognized.to_string(),
            (None, Some(fault)) if extractor.has_event_lists => {
                return format!(
                    "none of the items of the EventList can be read: the first problem is `{fault}`"
                );
            }
            (None, Some(fault)) => {
                return format!(
                    "this is not an audit log: audit events are JSON objects, and this is {fault}"
                );
            }
            (None, None) if let Some(table) = table => return table.without_rows(),
            (None, None) if extractor.has_event_lists => "the EventList contains no events",
            (None, None) if extractor.has_documents => "its list of records is empty",
            (None, None) if has_array => {
                "this is JSON but not an audit event: an array without objects"
            }
            (None, None) => "the file is empty",
        };
        text.to_owned()
    }

    fn count_reason(&mut self, reason: &ProblemReason) {
        let kind = reason.category();
        let known = self.reasons.iter_mut().find(|(known, _)| *known == kind);
        if let Some((_, count)) = known {
            *count += 1;
        } else if self.reasons.len() < MAX_REASONS {
            self.reasons.push((kind, 1));
        } else if let Some((_, count)) = self
            .reasons
            .iter_mut()
            .find(|(known, _)| known == OTHER_REASONS)
        {
            *count += 1;
        } else {
            self.reasons.push((OTHER_REASONS.to_owned(), 1));
        }
    }
}

/// Returns `true` if a line is the start of a value that may continue on the next lines.
fn is_open(line: &[u8]) -> bool {
    let mut check = JsonValidator::at(0);
    matches!(line.first(), Some(b'{' | b'['))
        && check.run(line) == Validation::Incomplete
        && !check.is_in_string()
}

/// Extracts events from a frame that is not an event itself.
fn extract(
    frame: Frame<'_>,
    (location, max_whole): (Location, usize),
    extractor: &mut Extractor,
    out: Emit<'_>,
) {
    let bytes = frame.bytes;
    let source = SourceMap::file(location.offset, location.line, bytes);
    if let Some(context) = frame.context {
        return extractor.streamed(bytes, &source, context, out);
    }
    match frame.state {
        FrameState::TooLong => {
            return extractor.fault(bytes, location, ProblemReason::TooLong, out);
        }
        FrameState::Damaged(error) => {
            return extractor.fault(
                bytes,
                location,
                ProblemReason::from_damage(bytes, error),
                out,
            );
        }
        FrameState::Row(separator) => {
            return extractor.row(bytes, (location, separator), out);
        }
        FrameState::BrokenRow => return extractor.broken_row(bytes, location, out),
        FrameState::Field => return extractor.export_field(out),
        FrameState::Whole | FrameState::Line | FrameState::Truncated => {}
    }
    if bytes.first() == Some(&0) && bytes.iter().all(|byte| *byte == 0) {
        return extractor.fault(bytes, location, ProblemReason::NulBytes, out);
    }
    let is_document = envelope::is_large_document(bytes, max_whole);
    match std::str::from_utf8(bytes) {
        Ok(text) if !is_document => extractor.frame(text, &source, out),
        Ok(_) => extractor.document(bytes, &source, out),
        Err(_) if envelope::may_be_document(bytes) && EnvelopeScanner::contains_list(bytes) => {
            extractor.document(bytes, &source, out);
        }
        Err(_) => extractor.frame_with_placeholders(bytes, &source, out),
    }
}

/// Returns the reason why a part of the file is not an event: that the event was cut, instead of the place where it is not JSON.
fn named(reason: ProblemReason, bytes: &[u8]) -> ProblemReason {
    if !matches!(reason, ProblemReason::NotJson(_) | ProblemReason::NotUtf8) {
        return reason;
    }
    let bytes = bytes.trim_ascii_end();
    let unused = bytes.iter().rev().take_while(|byte| **byte == 0).count();
    let bytes = bytes.get(..bytes.len() - unused).unwrap_or_default();
    let end = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    // Apart from the bytes of a character that was cut, too.
    if end.len() + 4 < bytes.len() {
        return reason;
    }
    match cut::event(end, 0, "") {
        Some(event) => ProblemReason::Cut(Box::new(event)),
        None if cut::is_rest(end) => ProblemReason::CutRest,
        None if scalars::is_without_objects(end) => {
            ProblemReason::Unrecognized(UnrecognizedKind::NotAnObject)
        }
        None => detect_text(end).map_or(reason, ProblemReason::Unrecognized),
    }
}

#[cfg(test)]
mod tests;
