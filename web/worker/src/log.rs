//! The log of the page: files read into one table, with what could not be read.

use audit_log::{Location, LogFormat, LogItem, LogReader, LogSummary};
use audit_policy::{KubernetesVersion, Verdict};
use audit_sim::{
    Evaluation, EventOutcome, EventRow, EventTable, Flow, IdRemap, TableShard, Verdicts, Window,
};
use audit_volume::estimate::{BodySizes, Estimate};
use playground_protocol::{FileReport, LogReport, ProblemView};

use crate::memory;
use crate::numbers::grouped;
use crate::packing::{Packed, measure};
use crate::piece::Content;
use crate::policy::Accepted;
use crate::source::Source;

/// How many unreadable places are listed; the others are counted.
const PROBLEMS_LISTED: usize = 200;

/// Few events are shorter, in bytes.
const SHORTEST_EVENT: usize = 400;

/// A log, as far as it was read.
#[derive(Default)]
pub(crate) struct Log {
    /// Its files.
    pub(crate) sources: Vec<Source>,
    /// Their events.
    pub(crate) table: EventTable,
    /// The verdicts of the policy in force.
    pub(crate) verdicts: Verdicts,
    /// The version of the server.
    pub(crate) version: KubernetesVersion,
    /// Its sums over the log.
    pub(crate) reckoning: Evaluation,
    /// Estimates are wanted, too: what is written is noted in the pass that adds it up.
    pub(crate) is_estimated: bool,
    /// What is written by request and over time, where that was noted.
    flow: Option<Flow>,
    /// Of how many events, and of which version, the sums are.
    reckoned: Option<(usize, KubernetesVersion)>,
    /// When its events were received.
    pub(crate) window: Window,
    /// What reading found.
    pub(crate) report: LogReport,
    reader: Option<LogReader>,
    /// Why the file begun last cannot be read.
    rejection: Option<String>,
    /// The sizes of its bodies, once they were asked for, and of how many events they are.
    bodies: Option<(usize, BodySizes)>,
    /// How well it packs, once that was asked for.
    packed: Option<Option<Packed>>,
    /// The numbers of each reader of pieces, in this log's.
    joints: Vec<IdRemap>,
}

impl Log {
    /// Begins the next file.
    pub(crate) fn begin(&mut self, name: &str, bytes: f64, source: Source) {
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

    /// Says that the file begun last is packed: what it unpacks to is kept beside.
    pub(crate) fn is_packed(&mut self) {
        if let Some(source) = self.sources.last_mut() {
            *source = Source::Unpacked(Vec::new());
        }
    }

    /// Keeps a part of what the file begun last unpacks to.
    pub(crate) fn keep(&mut self, part: web_sys::Blob) {
        if let Some(Source::Unpacked(parts)) = self.sources.last_mut() {
            parts.push(part);
        }
    }

    /// Takes from a piece that was read apart what the pieces after it speak of, whether or not its rows are wanted.
    pub(crate) fn learn(&mut self, content: &Content, reader: usize) {
        if let Some(joint) = self.joints.get_mut(reader) {
            self.table.merge_ids(&content.beside, joint);
        }
    }

    /// Whether there is memory to hold so many bytes, and for what is kept of a piece of so many.
    pub(crate) fn has_room(&mut self, held: usize, piece: usize) -> bool {
        let has_room = Vec::<u8>::new().try_reserve_exact(held).is_ok()
            && self.table.reserve(piece / SHORTEST_EVENT);
        if !has_room {
            memory::forgive();
        }
        has_room
    }

    /// Says that nothing of the file begun last can be read.
    pub(crate) fn refuse(&mut self, reason: &str) {
        self.rejection = Some(reason.to_owned());
    }

    /// Says that the file begun last could not be read to its end.
    pub(crate) fn note_break(&mut self, reason: String) {
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

    /// The name of a file.
    pub(crate) fn name(&self, file: usize) -> String {
        let report = self.report.files.get(file);
        report.map(|file| file.name.clone()).unwrap_or_default()
    }

    /// Takes the next bytes of the file begun last.
    pub(crate) fn push(&mut self, chunk: &[u8]) {
        self.read(|mut reader, take| {
            reader.push(chunk, &mut |item| take(item));
            Some(reader)
        });
    }

    /// Whether the file begun last goes on with lines that may be read apart.
    pub(crate) fn takes_pieces(&self) -> bool {
        self.reader
            .as_ref()
            .is_some_and(LogReader::is_between_lines)
    }

    /// Begins to take pieces from so many readers, which know nothing yet.
    pub(crate) fn begin_pieces(&mut self, readers: usize) {
        self.joints = vec![IdRemap::default(); readers];
    }

    /// Takes a piece of the file begun last that was read apart, of so many bytes, and that it has learnt of. Call it only where
    /// [`Self::takes_pieces`] holds.
    pub(crate) fn append(&mut self, bytes: f64, content: Content, rows: Vec<u64>, reader: usize) {
        let (Some(joint), Some(reader)) = (self.joints.get(reader), &mut self.reader) else {
            return;
        };
        let stretch = content.stretch();
        self.window.merge(content.window);
        let part = TableShard {
            rows,
            side_tables: content.beside,
        };
        let file = u16::try_from(self.sources.len().saturating_sub(1)).unwrap_or(u16::MAX);
        self.table.append(&part, joint, file, reader.lines_before());
        reader.skip(bytes as u64, stretch);
        self.report.events = self.table.recorded();
    }

    /// Ends the file begun last.
    pub(crate) fn end(&mut self) {
        let mut summary = None;
        self.read(|reader, take| {
            summary = Some(reader.finish(&mut |item| take(item)));
            None
        });
        if let (Some(summary), Some(file)) = (summary, self.report.files.last_mut()) {
            file.events = usize::try_from(summary.events).unwrap_or(usize::MAX);
            file.format = spoken_format(&summary);
            file.rejection = self.rejection.take().or(summary.rejection);
            file.losses = summary.limitations.into_iter().map(str::to_owned).collect();
        }
    }

    /// Says that all files are read: several are one log, in the order of time.
    pub(crate) fn finish(&mut self) {
        self.table.finish();
        if self.sources.len() > 1 {
            self.table.sort_by_time();
        }
    }

    /// The recorded event that starts at a place of the first file: how many come before it, and its number.
    pub(crate) fn event_at(&self, place: Location) -> Option<(usize, usize)> {
        let is_there = |number: &usize| {
            let row = self.table.row(*number);
            row.is_some_and(|row| row.file == 0 && row.place.offset == place.offset)
        };
        let mut numbers = self.table.recorded_ids().enumerate();
        numbers.find(|(_, number)| is_there(number))
    }

    /// Judges the requests that are new since the last call.
    pub(crate) fn judge_new(&mut self, accepted: Option<&Accepted>) {
        if let Some(accepted) = accepted {
            self.version = accepted.version;
            self.verdicts
                .extend(&accepted.matcher, self.table.requests());
            self.reckoned = Some((self.table.recorded(), accepted.version));
            if self.is_estimated {
                let (reckoning, flow) =
                    self.table
                        .evaluate_with_flow(&self.verdicts, self.version, &self.window);
                self.reckoning = reckoning;
                self.flow = Some(flow);
            } else {
                self.reckoning = self.table.evaluate(&self.verdicts, self.version);
                self.flow = None;
            }
        }
    }

    /// How well the log packs.
    pub(crate) fn packed(&mut self) -> Option<Packed> {
        let Self {
            packed,
            sources,
            report,
            ..
        } = self;
        *packed.get_or_insert_with(|| {
            let source = sources.first()?;
            let length = match source {
                Source::Unpacked(_) => source.kept_bytes(),
                _ => report.files.first()?.bytes,
            };
            measure(source, length as u64)
        })
    }

    /// What the policy in force writes of the log.
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
        let events = table.recorded();
        // While the log is read there are ever more of them.
        if bodies.as_ref().is_some_and(|(known, _)| *known != events) {
            *bodies = None;
        }
        let (_, sizes) = bodies.get_or_insert_with(|| (events, BodySizes::measure(table)));
        let flow = flow.get_or_insert_with(|| table.flow(verdicts, *version, window));
        Estimate::from_flow(flow, table, verdicts, window, sizes)
    }

    /// Judges everything anew. The sums stay where every verdict is what it was, as after an edit of a comment.
    pub(crate) fn judge_all(&mut self, accepted: Option<&Accepted>) {
        let before = std::mem::take(&mut self.verdicts);
        let Some(accepted) = accepted else {
            return;
        };
        self.verdicts
            .extend(&accepted.matcher, self.table.requests());
        let is_reckoned = self.reckoned == Some((self.table.recorded(), accepted.version))
            && (self.flow.is_some() || !self.is_estimated);
        if !(is_reckoned && self.verdicts.equals(&before)) {
            self.judge_new(Some(accepted));
        }
    }

    /// The numbers of the events that there are to show, from a place in their order on.
    pub(crate) fn shown_from(&self, start: usize) -> impl Iterator<Item = usize> {
        self.reckoning.ids_from(&self.table, &self.verdicts, start)
    }

    /// The verdict on an event of the table, and what becomes of it.
    pub(crate) fn judge(&self, row: &EventRow<'_>) -> (Option<Verdict>, EventOutcome) {
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
                if report.problems.len() < PROBLEMS_LISTED {
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

fn spoken_format(summary: &LogSummary) -> String {
    let kind = summary.description();
    match (summary.format, summary.events) {
        (LogFormat::Empty, _) => "empty".to_owned(),
        (_, 1) => format!("{kind}, 1 event"),
        (_, events) => format!("{kind}, {} events", grouped(events)),
    }
}
