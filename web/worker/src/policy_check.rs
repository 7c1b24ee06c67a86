//! Check whether the log was written by the policy, and whether it contains likely secrets, in chunks: the bytes of the log are read again, as
//! when it was opened.
//!
//! A check keeps the policy that was current when it began.

use audit_log::{LogItem, LogReader};
use audit_redact::{LogSecrets, SecretCount};
use audit_sim::EventTable;
use audit_sim::policy_check::{PolicyCheck, PolicyCheckReport, SourceFinder};
use audit_types::EventId;
use playground_protocol::{ContradictionView, PolicyCheckView, SecretView, SourceView};

use crate::contradictions::Contradictions;
use crate::log::Log;
use crate::policy::Accepted;

/// Number of log bytes per chunk: some hundredths of a second of work.
const CHUNK_BYTES: u64 = 2 << 20;

/// Name of the policy in the report.
const POLICY: &str = "this policy";

/// Place of an event: its id, the index of its file, and its line.
type Place = (EventId, usize, u64);

/// A check in progress.
pub(crate) struct PolicyCheckJob {
    /// The page's number of the check.
    pub(crate) number: u32,
    generation: u32,
    check: PolicyCheck,
    finder: SourceFinder,
    contradictions: Contradictions,
    secrets: LogSecrets<Place>,
    /// Ids of the recorded events in the order of the files; `None` if the table has that order.
    order: Option<Vec<EventId>>,
    /// Index of the file that is read.
    file: usize,
    /// Number of its bytes that were read.
    offset: u64,
    /// Reader of the file; `None` before its first byte.
    reader: Option<LogReader>,
    /// Number of events so far.
    events: usize,
    /// An event is not where it was when the log was opened.
    has_changed: bool,
    /// Number of bytes of the files before.
    bytes_before: u64,
    total_bytes: u64,
}

impl PolicyCheckJob {
    /// Begins a check.
    pub(crate) fn new(number: u32, log: &Log, accepted: &Accepted) -> Self {
        Self {
            number,
            generation: accepted.generation,
            check: PolicyCheck::new(&accepted.policy),
            finder: SourceFinder::default(),
            contradictions: Contradictions::default(),
            secrets: LogSecrets::default(),
            order: (log.sources.len() > 1).then(|| log.table.order_in_files()),
            file: 0,
            offset: 0,
            reader: None,
            events: 0,
            has_changed: false,
            bytes_before: 0,
            total_bytes: (0..log.sources.len()).map(|file| log.length_of(file)).sum(),
        }
    }

    /// Returns the number of bytes read so far, and that of all files.
    pub(crate) fn progress(&self) -> (f64, f64) {
        let bytes = self.bytes_before + self.offset;
        (bytes as f64, self.total_bytes as f64)
    }

    /// Returns `true` if all events were checked. Reading of the log may have been cancelled before its end.
    pub(crate) fn is_done(&self, log: &Log) -> bool {
        self.events >= log.table.recorded() || self.file >= log.sources.len()
    }

    /// Reads and checks the next part of the log.
    ///
    /// # Errors
    /// A sentence if a file can no longer be read.
    pub(crate) fn next(&mut self, log: &Log) -> Result<(), String> {
        let length = log.length_of(self.file);
        let has_events = log
            .report
            .files
            .get(self.file)
            .is_some_and(|file| file.events > 0);
        let left = length.saturating_sub(self.offset).min(CHUNK_BYTES);
        if left > 0 && has_events {
            let source = log.sources.get(self.file).and_then(|source| source.open());
            let bytes = source.and_then(|source| source.read(self.offset, left));
            // A file that has become shorter has another end.
            let bytes = bytes.filter(|bytes| bytes.len() as u64 == left);
            let bytes = bytes.ok_or_else(|| self.unreadable(log, "can no longer be read"))?;
            self.offset += left;
            self.read(log, Some(&bytes));
        } else {
            self.read(log, None);
            self.bytes_before += length;
            self.offset = 0;
            self.file += 1;
        }
        let is_end = self.file >= log.sources.len();
        if self.has_changed || is_end && self.events < log.table.recorded() {
            return Err(self.unreadable(log, "has changed since it was opened"));
        }
        Ok(())
    }

    /// Reads bytes of the current file, or its end.
    fn read(&mut self, log: &Log, bytes: Option<&[u8]>) {
        let Self {
            check,
            finder,
            contradictions,
            secrets,
            order,
            file,
            reader,
            events,
            has_changed,
            ..
        } = self;
        let recorded = log.table.recorded();
        if reader.is_none() {
            finder.begin_file(&log.file_name(*file));
        }
        if let Some(bytes) = bytes {
            finder.push(bytes);
        }
        let mut visit = |item: LogItem<'_>| {
            let (location, event) = match item {
                LogItem::Event(location, event) => (location, event),
                LogItem::Problem(problem) => return check.push_problem(&problem.reason),
            };
            // Reading may have been cancelled here.
            if *events >= recorded {
                return;
            }
            let id = id_at(order.as_deref(), *events);
            let known = log.table.location(id);
            if known.map(|(file, place)| (file, place.offset)) != Some((*file, location.offset)) {
                *has_changed = true;
                return;
            }
            let kinds = check.push(finder.source_of(location, event), location, event);
            if !kinds.is_empty() {
                contradictions.set(id, kinds);
            }
            secrets.push(event.raw, || (id, *file, location.line));
            *events += 1;
        };
        let mut current = reader.take().unwrap_or_default();
        match bytes {
            Some(bytes) => {
                current.push(bytes, &mut visit);
                *reader = Some(current);
            }
            None => {
                current.finish(&mut visit);
            }
        }
    }

    fn unreadable(&self, log: &Log, what: &str) -> String {
        let last = log.sources.len().saturating_sub(1);
        let name = log.file_name(self.file.min(last));
        format!("The log can't be checked: `{name}` {what}. Open it again.")
    }

    /// Ends the check: returns its report, and the contradictions of each event.
    pub(crate) fn finish(self, log: &Log) -> (PolicyCheckView, Contradictions) {
        let Self {
            generation,
            check,
            finder,
            contradictions,
            secrets,
            order,
            ..
        } = self;
        let secrets = secrets.into_counts().into_iter();
        let secrets = secrets.map(|found| secret_view(&found, log)).collect();
        let report = PolicyCheckReport::new(&check.finish(), POLICY, finder.sources());
        let cut = PolicyCheckReport::cut(log.cut);
        let view = PolicyCheckView {
            secrets_title: LogSecrets::<Place>::TITLE.to_owned(),
            no_secrets: LogSecrets::<Place>::NONE.to_owned(),
            secrets,
            ..view(report, cut, generation, order.as_deref())
        };
        (view, contradictions)
    }
}

/// Returns the id of a recorded event by its position in the order of the files. The table has no event with the id of a position beyond
/// the last.
fn id_at(order: Option<&[EventId]>, position: usize) -> EventId {
    match order {
        Some(order) => order
            .get(position)
            .copied()
            .unwrap_or(EventTable::recorded_id(usize::MAX)),
        None => EventTable::recorded_id(position),
    }
}

fn secret_view(found: &SecretCount<Place>, log: &Log) -> SecretView {
    let (event, file, line) = found.place;
    SecretView {
        title: found.title(),
        place: format!("{}:{line}", log.file_name(file)),
        event,
        first: found.describe_first(),
    }
}

fn view(
    report: PolicyCheckReport,
    cut: Option<String>,
    generation: u32,
    order: Option<&[EventId]>,
) -> PolicyCheckView {
    let contradictions = report.contradictions.into_iter().map(|found| {
        let first = found.first;
        let position = usize::try_from(first.position).unwrap_or(usize::MAX);
        ContradictionView {
            kind: found.kind,
            title: found.title,
            place: first.place,
            request: first.request,
            message: first.message,
            identity: first.identity,
            event: id_at(order, position),
            rule: first.rule,
        }
    });
    let sources = report.sources.into_iter().map(|source| SourceView {
        label: source.label,
        consistent: source.consistent,
        text: source.text,
    });
    PolicyCheckView {
        generation,
        consistent: report.consistent,
        answer: report.answer,
        unknowable: report.unknowable,
        cut,
        contradictions_title: PolicyCheckReport::CONTRADICTIONS.to_owned(),
        contradictions: contradictions.collect(),
        sources_title: PolicyCheckReport::SOURCES.to_owned(),
        sources: sources.collect(),
        hint_title: PolicyCheckReport::HINT.to_owned(),
        hints: report.hints,
        ..PolicyCheckView::default()
    }
}
