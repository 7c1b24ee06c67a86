//! Export of lines to copy or to save, in chunks: the text of each row is read again from its file, rows near each other in one read.
//!
//! An export keeps the verdicts that were current when it began, so that all its lines are of one policy.

use std::collections::BTreeSet;

use audit_log::{Event, Location, placeholder};
use audit_policy::{KubernetesVersion, Verdict};
use audit_sim::encode::compact;
use audit_sim::written::line;
use audit_sim::{Evaluation, EventRow, Outcome, Rendering, Verdicts};
use audit_types::EventId;
use playground_protocol::{EventSelection, ExportSummary, LineFormat, LineRequest};

use crate::log::Log;
use crate::view::Selection;

/// Approximate number of log bytes per chunk: some hundredths of a second of work.
const CHUNK_BYTES: u64 = 4 << 20;

/// Maximum number of events per chunk, written or not.
const CHUNK_EVENTS: usize = 1 << 16;

/// Maximum number of files that are checked for changes.
const MAX_CHECKED_FILES: usize = 100;

/// Maximum number of bytes between two rows that are read in one go.
const MAX_GAP: u64 = 4096;

/// An export of lines in progress.
pub(crate) struct ExportJob {
    /// The page's number of the export.
    pub(crate) number: u32,
    /// Progress.
    pub(crate) summary: ExportSummary,
    /// Indices of files found to have changed or been removed.
    pub(crate) changed: BTreeSet<usize>,
    format: LineFormat,
    events: Events,
    verdicts: Verdicts,
    version: KubernetesVersion,
}

/// Events to export.
enum Events {
    /// Events by id.
    Selected(Vec<EventId>),
    /// All visible events, from a position on.
    Visible(usize, Box<Evaluation>),
}

/// An event to export.
struct ExportedEvent<'t> {
    id: EventId,
    row: EventRow<'t>,
    verdict: Option<Verdict>,
}

impl ExportJob {
    /// Begins an export.
    pub(crate) fn new(number: u32, lines: LineRequest, log: &Log, selection: &Selection) -> Self {
        let visible = |first| Events::Visible(first, Box::new(log.evaluation.clone()));
        let (events, total) = match lines.events {
            EventSelection::Log => (visible(0), log.evaluation.shown()),
            EventSelection::Rows { first, last } => {
                let available = selection.len(log).saturating_sub(first);
                let total = last.saturating_sub(first).saturating_add(1).min(available);
                let events = match selection.selected_from(first) {
                    Some(selected) => {
                        Events::Selected(selected.iter().take(total).copied().collect())
                    }
                    None => visible(first),
                };
                (events, total)
            }
        };
        Self {
            number,
            summary: ExportSummary {
                total,
                ..ExportSummary::default()
            },
            changed: BTreeSet::new(),
            format: lines.format,
            events,
            verdicts: log.verdicts.clone(),
            version: log.version,
        }
    }

    /// Returns `true` if all events were processed.
    pub(crate) const fn is_done(&self) -> bool {
        self.summary.done >= self.summary.total
    }

    /// Returns the next lines, each with its line end.
    ///
    /// # Errors
    /// A sentence if a file can no longer be read.
    pub(crate) fn next(&mut self, log: &Log) -> Result<String, String> {
        let events = self.next_events(log);
        let places: Vec<(usize, Location)> = events
            .iter()
            .map(|event| (event.row.file, event.row.place))
            .collect();
        let ranges = ReadRanges::read(merge_ranges(&places), log);
        let mut text = String::new();
        for event in &events {
            let line = ranges
                .bytes(event.row.file, event.row.place)
                .and_then(|raw| self.push_line(raw, event, log, &mut text));
            if line.is_some() {
                self.summary.lines += 1;
            } else {
                self.summary.unreadable += 1;
                self.changed.insert(event.row.file);
            }
        }
        // There may be fewer events than expected.
        if events.is_empty() && !self.has_more(log) {
            self.summary.total = self.summary.done;
        }
        if self.is_done() {
            self.end(log)?;
        }
        Ok(text)
    }

    /// Checks if files have changed. Small ones were copied, and lines are read from the copy.
    fn end(&mut self, log: &Log) -> Result<(), String> {
        if let Some(file) = self.changed.first().filter(|_| self.summary.lines == 0) {
            return Err(unreadable(log, *file));
        }
        let checked = log.sources.iter().take(MAX_CHECKED_FILES).enumerate();
        let changed = checked.filter(|(_, source)| source.has_changed());
        self.changed.extend(changed.map(|(file, _)| file));
        Ok(())
    }

    /// Returns the index of an event among the recorded ones that are left; of a derived event, that of the one it is derived from.
    pub(crate) fn index_of(&self, event: EventId, log: &Log) -> Option<usize> {
        let recorded = EventId::of_recorded(event.recorded_index())?;
        let is_recorded = |id: &EventId| EventId::of_recorded(id.recorded_index()) == Some(*id);
        let mut left = self.remaining(log).filter(is_recorded);
        left.position(|id| id == recorded)
    }

    /// Returns the ids of the events that are left.
    fn remaining<'e>(&'e self, log: &'e Log) -> Box<dyn Iterator<Item = EventId> + 'e> {
        let done = self.summary.done;
        let left = self.summary.total.saturating_sub(done);
        match &self.events {
            Events::Selected(selected) => Box::new(selected.iter().skip(done).copied()),
            Events::Visible(first, evaluation) => {
                let from = first.saturating_add(done);
                let ids = evaluation.ids_from(&log.table, &self.verdicts, from);
                Box::new(ids.take(left))
            }
        }
    }

    fn has_more(&self, log: &Log) -> bool {
        self.remaining(log).next().is_some()
    }

    /// Returns the next events to export; skipped ones are counted.
    fn next_events<'t>(&mut self, log: &'t Log) -> Vec<ExportedEvent<'t>> {
        let mut summary = self.summary;
        let mut events = Vec::new();
        let mut bytes = 0;
        for id in self.remaining(log).take(CHUNK_EVENTS) {
            summary.done += 1;
            let Some(row) = log.table.row(id) else {
                continue;
            };
            let verdict = self.verdicts.get(row.request_id);
            let skipped = match self.format {
                LineFormat::Recorded if row.is_derived => Some(&mut summary.derived),
                LineFormat::Recorded => None,
                LineFormat::Written => {
                    let event_outcome = row.attributes.outcome(verdict, self.version);
                    match (event_outcome.outcome, event_outcome.written_bytes) {
                        (Outcome::Written, Some(_)) => None,
                        (Outcome::Written, None) => Some(&mut summary.incomplete),
                        (Outcome::Unknowable, _) => Some(&mut summary.unknowable),
                        _ => Some(&mut summary.dropped),
                    }
                }
            };
            if let Some(count) = skipped {
                *count += 1;
                continue;
            }
            bytes += row.place.length;
            events.push(ExportedEvent { id, row, verdict });
            if bytes >= CHUNK_BYTES {
                break;
            }
        }
        self.summary = summary;
        events
    }

    /// Appends the line of an event, from the text at its place.
    fn push_line(
        &self,
        raw: &[u8],
        exported: &ExportedEvent<'_>,
        log: &Log,
        text: &mut String,
    ) -> Option<()> {
        let before = log.table.rank_in_place(exported.id);
        let header = log.csv_header(exported.row.file);
        let again = audit_log::reread_with_header(header, raw, before)?;
        self.push_event(&again.event(), exported, text)
    }

    fn push_event(
        &self,
        event: &Event<'_>,
        exported: &ExportedEvent<'_>,
        text: &mut String,
    ) -> Option<()> {
        if self.format == LineFormat::Recorded {
            let own = event.raw.trim_ascii();
            if event.has_placeholders {
                text.push_str(&String::from_utf8_lossy(&placeholder::encode(own)));
            } else if own.contains(['\n', '\r']) {
                compact(own, text);
            } else {
                text.push_str(own);
            }
            text.push('\n');
            return Some(());
        }
        let rendering = Rendering::new(exported.verdict?, self.version);
        let derived = exported.row.derived_event(event);
        let written = match &derived {
            Some(derived) => line(&derived.event(), rendering),
            None => line(event, rendering),
        };
        text.push_str(&written);
        Some(())
    }
}

fn unreadable(log: &Log, file: usize) -> String {
    let name = log.report.files.get(file).map_or("", |file| &file.name);
    format!(
        "`{name}` can no longer be read: it was moved or changed since it was opened; open it again"
    )
}

/// A range of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct FileRange {
    file: usize,
    from: u64,
    to: u64,
}

/// Merges places near each other into ranges, in the order of the files.
fn merge_ranges(places: &[(usize, Location)]) -> Vec<FileRange> {
    let mut ranges: Vec<FileRange> = places
        .iter()
        .map(|(file, place)| FileRange {
            file: *file,
            from: place.offset,
            to: place.offset.saturating_add(place.length),
        })
        .collect();
    ranges.sort_unstable();
    let mut merged: Vec<FileRange> = Vec::new();
    for next in ranges {
        match merged.last_mut() {
            Some(last)
                if last.file == next.file && next.from <= last.to.saturating_add(MAX_GAP) =>
            {
                last.to = last.to.max(next.to);
            }
            _ => merged.push(next),
        }
    }
    merged
}

/// Ranges with their bytes.
struct ReadRanges(Vec<(FileRange, Vec<u8>)>);

impl ReadRanges {
    /// Reads ranges; those that can no longer be read are left out.
    fn read(ranges: Vec<FileRange>, log: &Log) -> Self {
        let mut opened = None;
        let mut read = Vec::with_capacity(ranges.len());
        for range in ranges {
            let FileRange { file, from, to } = range;
            let is_open = matches!(&opened, Some((open, _)) if *open == file);
            if !is_open {
                let source = log.sources.get(file);
                opened = source.and_then(|source| Some((file, source.open()?)));
            }
            let bytes = opened
                .as_ref()
                .and_then(|(_, source)| source.read(from, to.saturating_sub(from)));
            if let Some(bytes) = bytes {
                read.push((range, bytes));
            }
        }
        Self(read)
    }

    /// Returns the bytes at a place.
    fn bytes(&self, file: usize, place: Location) -> Option<&[u8]> {
        let after = self
            .0
            .partition_point(|(range, _)| (range.file, range.from) <= (file, place.offset));
        let (range, bytes) = self.0.get(after.checked_sub(1)?)?;
        if range.file != file {
            return None;
        }
        let start = usize::try_from(place.offset.checked_sub(range.from)?).ok()?;
        let end = start.checked_add(usize::try_from(place.length).ok()?)?;
        bytes.get(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_near_each_other_are_read_at_once() {
        let place = |offset, length| Location {
            offset,
            length,
            line: 1,
        };
        let places = [
            (1, place(0, 10)),
            (0, place(5000, 100)),
            (0, place(0, 100)),
            (0, place(101, 50)),
            (0, place(0, 100)),
            (0, place(20_000, 1)),
        ];
        let read: Vec<_> = merge_ranges(&places)
            .into_iter()
            .map(|FileRange { file, from, to }| (file, from, to))
            .collect();
        assert_eq!(
            read,
            [
                (0, 0, 151),
                (0, 5000, 5100),
                (0, 20_000, 20_001),
                (1, 0, 10)
            ]
        );
    }
}
