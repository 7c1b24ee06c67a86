//! The page's log: files read into one table, and problems found in them.

use audit_log::{Event, Location, LogFormat, LogItem, LogReader, LogSummary, scan};
use audit_policy::{KubernetesVersion, Verdict};
use audit_sim::{
    Evaluation, EventOutcome, EventRow, EventTable, Flow, IdRemap, TableShard, Verdicts, Window,
};
use audit_types::{ContradictionKinds, EventId, LogFindingKinds, format};
use audit_volume::estimate::{BodySizes, Estimate};
use playground_protocol::{EventPosition, FileReport, LogReport, ProblemView};

use crate::audit_ids::AuditIds;
use crate::deferred;
use crate::event_marks::EventMarks;
use crate::memory;
use crate::policy::Accepted;
use crate::reader::chunk::ChunkContent;
use crate::reader::compression::{CompressionSample, measure};
use crate::source::Source;

/// Maximum number of unreadable places that are listed; the others are counted.
const PROBLEMS_LISTED: usize = 200;

/// Size in bytes that few events are smaller than.
const SMALL_EVENT: usize = 400;

/// A log, as far as it has been read.
#[derive(Default)]
pub(crate) struct Log {
    /// Bytes of its files.
    pub(crate) sources: Vec<Source>,
    /// Events of all files.
    pub(crate) table: EventTable,
    /// Verdicts of the current policy.
    pub(crate) verdicts: Verdicts,
    /// Version that is emulated.
    pub(crate) version: KubernetesVersion,
    /// Sums of the current policy over the log.
    pub(crate) evaluation: Evaluation,
    /// `true` to collect the data of an estimate in the same pass as the sums.
    pub(crate) is_estimated: bool,
    /// Volume by request and over time, if it was collected.
    flow: Option<Flow>,
    /// Number of events and version that the sums are for.
    evaluated: Option<(usize, KubernetesVersion)>,
    /// Time window of its events.
    pub(crate) window: Window,
    /// Events by audit ID, as far as a filter has them.
    pub(crate) audit_ids: AuditIds,
    /// Contradictions that the last check against a policy found.
    pub(crate) contradictions: EventMarks<ContradictionKinds>,
    /// Findings about the log that events belong to, once it was searched for them.
    pub(crate) findings: EventMarks<LogFindingKinds>,
    /// Result of reading.
    pub(crate) report: LogReport,
    /// Number of events that were cut, and of other parts of such events.
    pub(crate) cut: (u64, u64),
    reader: Option<LogReader>,
    /// Headers of the files that are CSV.
    csv_headers: Vec<Option<String>>,
    /// Reason why the current file can't be read.
    rejection: Option<String>,
    /// Indexes of the listed problems of the current file that are text.
    listed_texts: Vec<usize>,
    /// Sizes of its bodies, if they were requested, and the number of events they are for.
    bodies: Option<(usize, BodySizes)>,
    /// Compression ratio, if it was requested.
    compression: Option<Option<CompressionSample>>,
    /// Maps the ids of each reader of the pool to the ids of this table.
    id_remaps: Vec<IdRemap>,
}

impl Log {
    /// Begins the next file.
    pub(crate) fn begin_file(&mut self, name: &str, bytes: f64, source: Source) {
        self.sources.push(source);
        self.reader = Some(LogReader::new());
        self.report.files.push(FileReport {
            name: name.to_owned(),
            bytes,
            format: String::new(),
            events: 0,
            rejection: None,
            losses: Vec::new(),
        });
    }

    /// Marks the current file as compressed: the browser keeps its decompressed text.
    pub(crate) fn set_decompressed(&mut self) {
        if let Some(source) = self.sources.last_mut() {
            *source = Source::Decompressed(Vec::new());
        }
    }

    /// Keeps a part of the current file's decompressed text.
    pub(crate) fn keep(&mut self, part: web_sys::Blob) {
        if let Some(Source::Decompressed(parts)) = self.sources.last_mut() {
            parts.push(part);
        }
    }

    /// Merges the ids of a chunk into this table. Required for every chunk, even if its rows are not appended: later chunks of the same
    /// reader refer to them.
    pub(crate) fn merge_ids(&mut self, content: &ChunkContent, reader: usize) {
        if let Some(joint) = self.id_remaps.get_mut(reader) {
            self.table.merge_ids(&content.side_tables, joint);
        }
    }

    /// Returns `true` if there is memory for `held` bytes and for the events of a chunk of `chunk` bytes.
    pub(crate) fn has_room(&mut self, held: usize, chunk: usize) -> bool {
        let has_room = Vec::<u8>::new().try_reserve_exact(held).is_ok()
            && self.table.reserve(chunk / SMALL_EVENT);
        if !has_room {
            memory::clear_failed_allocation();
        }
        has_room
    }

    /// Rejects the current file.
    pub(crate) fn reject_file(&mut self, reason: &str) {
        self.rejection = Some(reason.to_owned());
    }

    /// Adds a problem: the current file could not be read to its end.
    pub(crate) fn add_break(&mut self, reason: String) {
        self.report.unreadable += 1;
        if self.report.problems.len() < PROBLEMS_LISTED {
            let lines = self.reader.as_ref().map_or(0, LogReader::lines_before);
            self.report.problems.push(ProblemView {
                file: self
                    .report
                    .files
                    .last()
                    .map(|file| file.name.clone())
                    .unwrap_or_default(),
                line: usize::try_from(lines).unwrap_or(usize::MAX),
                reason,
                excerpt: String::new(),
            });
        }
    }

    /// Returns the name of a file.
    pub(crate) fn file_name(&self, file: usize) -> String {
        let report = self.report.files.get(file);
        report.map(|file| file.name.clone()).unwrap_or_default()
    }

    /// Reads a file whose events are lines, each exactly as the server writes it, as a worked example's are. The result is the same as with
    /// [`Self::push`], with a part of the code.
    pub(crate) fn read_plain(&mut self, name: &str, text: &str) {
        self.begin_file(name, text.len() as f64, Source::Text(Vec::new()));
        self.reader = None;
        let mut offset = 0;
        for (line, number) in text.split_inclusive('\n').zip(1..) {
            let content = line.trim_end_matches('\n');
            if !content.is_empty() {
                let event = scan::event(content).unwrap_or_else(|| Event::new(content));
                let place = Location {
                    offset,
                    length: content.len() as u64,
                    line: number,
                };
                self.window.record(event.time());
                self.table.push(0, place, &event);
            }
            offset += line.len() as u64;
        }
        let events = self.table.recorded();
        self.report.events = events;
        if let Some(file) = self.report.files.last_mut() {
            file.events = events;
            file.format = format_label(&LogFormat::JsonLines.to_string(), events);
        }
        self.sources = vec![Source::Text(text.as_bytes().to_vec())];
    }

    /// Returns the last event that has an audit ID, of a log that [`Self::read_plain`] has read from this text.
    pub(crate) fn last_event_of(&self, text: &str, id: &str) -> Option<EventPosition> {
        let has_id = |event: &EventId| {
            let place = self.table.row(*event)?.place;
            let line = slice(text, place)?;
            let event = scan::event(line).unwrap_or_else(|| Event::new(line));
            (event.id()? == id).then_some(())
        };
        let events = self.table.recorded_ids().enumerate();
        let (position, event) = events.filter(|(_, event)| has_id(event).is_some()).last()?;
        Some(EventPosition { position, event })
    }

    /// Reads the next bytes of the current file.
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.read(|mut reader, take| {
            reader.push(chunk, &mut |item| take(item));
            Some(reader)
        });
    }

    /// Returns `true` if the current file continues with lines that can be read in chunks.
    pub(crate) fn accepts_chunks(&self) -> bool {
        self.reader
            .as_ref()
            .is_some_and(LogReader::is_between_lines)
    }

    /// Prepares to append chunks of new readers.
    pub(crate) fn begin_chunks(&mut self, readers: usize) {
        self.id_remaps = vec![IdRemap::default(); readers];
    }

    /// Appends a chunk of the current file, of this number of bytes, after [`Self::merge_ids`]. Call it only if [`Self::accepts_chunks`]
    /// returns `true`.
    pub(crate) fn append(
        &mut self,
        bytes: f64,
        content: ChunkContent,
        rows: Vec<u64>,
        reader: usize,
    ) {
        let (Some(joint), Some(reader)) = (self.id_remaps.get(reader), &mut self.reader) else {
            return;
        };
        let counts = content.counts();
        self.window.merge(content.window);
        let part = TableShard {
            rows,
            side_tables: content.side_tables,
        };
        let file = u16::try_from(self.sources.len().saturating_sub(1)).unwrap_or(u16::MAX);
        self.table.append(&part, joint, file, reader.lines_before());
        reader.skip(bytes as u64, counts);
        self.report.events = self.table.recorded();
    }

    /// Ends the current file.
    pub(crate) fn end_file(&mut self) {
        let mut summary = None;
        self.read(|reader, take| {
            summary = Some(reader.finish(&mut |item| take(item)));
            None
        });
        // Another rejection of the file is not about them.
        let own = summary.as_ref().filter(|_| self.rejection.is_none());
        self.drop_texts(own.map_or(0, |summary| summary.rejected_texts));
        if let (Some(summary), Some(file)) = (summary, self.report.files.last_mut()) {
            file.events = usize::try_from(summary.events).unwrap_or(usize::MAX);
            file.format = describe_format(&summary);
            file.rejection = self.rejection.take().or(summary.rejection);
            file.losses = summary.limitations.into_iter().map(str::to_owned).collect();
            self.csv_headers.resize(self.sources.len(), None);
            if let Some(header) = self.csv_headers.last_mut() {
                *header = summary.csv_header;
            }
        }
    }

    /// Removes the problems of the current file from the list that are text, if the rejection of the file is about all of them.
    fn drop_texts(&mut self, texts: u64) {
        let mut listed = std::mem::take(&mut self.listed_texts)
            .into_iter()
            .peekable();
        if texts == 0 {
            return;
        }
        self.report.rejected_texts += usize::try_from(texts).unwrap_or(usize::MAX);
        let mut index = 0;
        self.report.problems.retain(|_| {
            let is_text = listed.next_if_eq(&index).is_some();
            index += 1;
            !is_text
        });
    }

    /// Ends the log. The events of several files are sorted by time.
    pub(crate) fn finish(&mut self) {
        self.table.finish();
        if self.sources.len() > 1 {
            deferred::sort_by_time(&mut self.table);
        }
    }

    /// Returns the header of a file that is CSV.
    pub(crate) fn csv_header(&self, file: usize) -> Option<&str> {
        match self.csv_headers.get(file) {
            Some(header) => header.as_deref(),
            None => self.reader.as_ref()?.csv_header(),
        }
    }

    /// Evaluates the requests that are new since the last call.
    pub(crate) fn evaluate_new(&mut self, accepted: Option<&Accepted>) {
        if let Some(accepted) = accepted {
            self.version = accepted.version;
            self.verdicts
                .extend(&accepted.matcher, self.table.requests());
            self.evaluated = Some((self.table.recorded(), accepted.version));
            if self.is_estimated {
                deferred::evaluate_with_flow(self);
            } else {
                self.evaluation = self.table.evaluate(&self.verdicts, self.version);
                self.flow = None;
            }
        }
    }

    /// Evaluates the log and collects the data of an estimate in the same pass.
    pub(crate) fn evaluate_with_flow(&mut self) {
        let (evaluation, flow) =
            self.table
                .evaluate_with_flow(&self.verdicts, self.version, &self.window);
        self.evaluation = evaluation;
        self.flow = Some(flow);
    }

    /// Returns the compression ratio of the log, measured on first use.
    pub(crate) fn compression(&mut self) -> Option<CompressionSample> {
        let Self {
            compression,
            sources,
            report,
            ..
        } = self;
        *compression.get_or_insert_with(|| {
            let source = sources.first()?;
            measure(source, length(source, report.files.first()?))
        })
    }

    /// Returns the size of a file, decompressed, in bytes.
    pub(crate) fn length_of(&self, file: usize) -> u64 {
        let (source, report) = (self.sources.get(file), self.report.files.get(file));
        source
            .zip(report)
            .map_or(0, |(source, report)| length(source, report))
    }

    /// Returns `true` if no more events follow.
    pub(crate) const fn is_complete(&self) -> bool {
        self.reader.is_none()
    }

    /// Estimates the volume that the current policy writes of the log.
    pub(crate) fn estimate(&mut self) -> Estimate {
        let Self {
            table,
            verdicts,
            version,
            window,
            bodies,
            flow,
            ..
        } = self;
        let sizes = measured(bodies, table);
        let flow = flow.get_or_insert_with(|| table.flow(verdicts, *version, window));
        Estimate::from_flow(flow, table, verdicts, window, sizes)
    }

    /// Estimates the volume that another policy writes of the log, which has these verdicts.
    pub(crate) fn estimate_with(
        &mut self,
        verdicts: &Verdicts,
        version: KubernetesVersion,
    ) -> Estimate {
        let sizes = measured(&mut self.bodies, &self.table);
        Estimate::new(&self.table, verdicts, version, &self.window, sizes)
    }

    /// Evaluates all requests again. The sums are kept if no verdict has changed, for example after a change of a comment.
    pub(crate) fn evaluate_all(&mut self, accepted: Option<&Accepted>) {
        let before = std::mem::take(&mut self.verdicts);
        let Some(accepted) = accepted else {
            return;
        };
        self.verdicts
            .extend(&accepted.matcher, self.table.requests());
        let is_evaluated = self.evaluated == Some((self.table.recorded(), accepted.version))
            && (self.flow.is_some() || !self.is_estimated);
        if !(is_evaluated && self.verdicts.equals(&before)) {
            self.evaluate_new(Some(accepted));
        }
    }

    /// Returns the ids of the visible events, from a position on.
    pub(crate) fn visible_from(&self, start: usize) -> impl Iterator<Item = EventId> {
        self.evaluation.ids_from(&self.table, &self.verdicts, start)
    }

    /// Returns the verdict on an event of the table, and its outcome.
    pub(crate) fn outcome_of(&self, row: &EventRow<'_>) -> (Option<Verdict>, EventOutcome) {
        let verdict = self.verdicts.get(row.request_id);
        (verdict, row.attributes.outcome(verdict, self.version))
    }

    fn read(
        &mut self,
        step: impl FnOnce(LogReader, &mut dyn FnMut(LogItem<'_>)) -> Option<LogReader>,
    ) {
        let Some(reader) = self.reader.take() else {
            return;
        };
        let Self {
            sources,
            table,
            window,
            report,
            listed_texts,
            cut: (cut, rests),
            ..
        } = self;
        let file = sources.len().saturating_sub(1);
        let name = report
            .files
            .last()
            .map(|file| file.name.clone())
            .unwrap_or_default();
        let mut take = |item: LogItem<'_>| match item {
            LogItem::Event(place, event) => {
                window.record(event.time());
                table.push(u16::try_from(file).unwrap_or(u16::MAX), place, event);
            }
            LogItem::Problem(problem) => {
                report.unreadable += 1;
                *cut += u64::from(problem.reason.is_cut_event());
                *rests += u64::from(problem.reason.is_rest_of_cut_event());
                if report.problems.len() < PROBLEMS_LISTED {
                    if problem.is_text {
                        listed_texts.push(report.problems.len());
                    }
                    report.problems.push(ProblemView {
                        file: name.clone(),
                        line: usize::try_from(problem.location.line).unwrap_or(usize::MAX),
                        reason: problem.reason.to_string(),
                        excerpt: problem.excerpt,
                    });
                }
            }
        };
        self.reader = step(reader, &mut take);
        self.report.events = self.table.recorded();
    }
}

/// Returns the sizes of a log's bodies, which are measured on first use and when the log has grown.
fn measured<'b>(bodies: &'b mut Option<(usize, BodySizes)>, table: &EventTable) -> &'b BodySizes {
    let events = table.recorded();
    if bodies.as_ref().is_some_and(|(known, _)| *known != events) {
        *bodies = None;
    }
    let (_, sizes) = bodies.get_or_insert_with(|| (events, BodySizes::measure(table)));
    sizes
}

/// Returns the bytes at a place of a text.
fn slice(text: &str, place: Location) -> Option<&str> {
    let start = usize::try_from(place.offset).ok()?;
    text.get(start..start.checked_add(usize::try_from(place.length).ok()?)?)
}

/// Returns the size of a file, decompressed, in bytes.
fn length(source: &Source, report: &FileReport) -> u64 {
    let bytes = match source {
        Source::Decompressed(_) => source.kept_size(),
        _ => report.bytes,
    };
    bytes as u64
}

fn describe_format(summary: &LogSummary) -> String {
    if summary.format == LogFormat::Empty {
        return "empty".to_owned();
    }
    let events = usize::try_from(summary.events).unwrap_or(usize::MAX);
    format_label(&summary.description(), events)
}

fn format_label(kind: &str, events: usize) -> String {
    match events {
        1 => format!("{kind}, 1 event"),
        _ => format!("{kind}, {} events", format::count(events as u64)),
    }
}
