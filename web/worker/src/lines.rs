//! Lines to copy or to save, in pieces: each row's text is read again from its file, in stretches where rows lie near each other.
//!
//! An errand keeps the verdicts that were in force when it began, so that what is saved is of one policy whatever is typed meanwhile.

use std::collections::BTreeSet;

use audit_log::{Event, Location, placeholder};
use audit_policy::{KubernetesVersion, Verdict};
use audit_sim::encode::compact;
use audit_sim::written::line;
use audit_sim::{Evaluation, EventRow, Outcome, Rendering, Verdicts};
use playground_protocol::{EventSelection, ExportSummary, LineFormat, LineRequest};

use crate::log::Log;
use crate::view::Selection;

/// About how many bytes of a log a piece is made of: some hundredths of a second's work.
const PIECE_BYTES: u64 = 4 << 20;

/// At most so many events are looked at for a piece, written or not.
const PIECE_EVENTS: usize = 1 << 16;

/// So many files are looked at for whether they have changed.
const MAX_LOOKS: usize = 100;

/// Between two rows, so many bytes are rather read in vain than leapt over.
const MOST_GAP: u64 = 4096;

/// Lines on their way.
pub(crate) struct Errand {
    /// The page's number for it.
    pub(crate) number: u32,
    /// How far it has come.
    pub(crate) account: ExportSummary,
    /// Files that have changed or gone, as far as that was noticed.
    pub(crate) changed: BTreeSet<usize>,
    form: LineFormat,
    events: Events,
    verdicts: Verdicts,
    version: KubernetesVersion,
}

/// The events of an errand.
enum Events {
    /// By number.
    Chosen(Vec<u32>),
    /// All that there are to show, from a place on.
    Shown(usize, Box<Evaluation>),
}

/// An event of which a line is made.
struct Wanted<'t> {
    number: usize,
    row: EventRow<'t>,
    verdict: Option<Verdict>,
}

impl Errand {
    /// Begins an errand.
    pub(crate) fn new(number: u32, lines: LineRequest, log: &Log, selection: &Selection) -> Self {
        let shown = |first| Events::Shown(first, Box::new(log.reckoning.clone()));
        let (events, total) = match lines.events {
            EventSelection::Log => (shown(0), log.reckoning.shown()),
            EventSelection::Rows { first, last } => {
                let there = selection.len(log).saturating_sub(first);
                let total = last.saturating_sub(first).saturating_add(1).min(there);
                let events = match selection.chosen_from(first) {
                    Some(chosen) => Events::Chosen(chosen.iter().take(total).copied().collect()),
                    None => shown(first),
                };
                (events, total)
            }
        };
        Self {
            number,
            account: ExportSummary {
                total,
                ..ExportSummary::default()
            },
            changed: BTreeSet::new(),
            form: lines.format,
            events,
            verdicts: log.verdicts.clone(),
            version: log.version,
        }
    }

    /// Whether all is done.
    pub(crate) const fn is_done(&self) -> bool {
        self.account.done >= self.account.total
    }

    /// The next lines, each with its end.
    ///
    /// # Errors
    /// One sentence, where a file can no longer be read.
    pub(crate) fn next(&mut self, log: &Log) -> Result<String, String> {
        let wanted = self.choose(log);
        let places: Vec<(usize, Location)> = wanted
            .iter()
            .map(|wanted| (wanted.row.file, wanted.row.place))
            .collect();
        let stretches = Stretches::read(stretches(&places), log);
        let mut text = String::new();
        for wanted in &wanted {
            let made = stretches
                .bytes(wanted.row.file, wanted.row.place)
                .and_then(|raw| self.put(raw, wanted, log, &mut text));
            if made.is_some() {
                self.account.lines += 1;
            } else {
                self.account.unreadable += 1;
                self.changed.insert(wanted.row.file);
            }
        }
        // There are no more events than these, whatever was expected.
        if wanted.is_empty() && self.left(log) == 0 {
            self.account.total = self.account.done;
        }
        if self.is_done() {
            self.end(log)?;
        }
        Ok(text)
    }

    /// Looks whether files have changed. What was read of them is kept where they are small, and is all that can be saved.
    fn end(&mut self, log: &Log) -> Result<(), String> {
        if let Some(file) = self.changed.first().filter(|_| self.account.lines == 0) {
            return Err(gone(log, *file));
        }
        let looked_at = log.sources.iter().take(MAX_LOOKS).enumerate();
        let changed = looked_at.filter(|(_, source)| source.has_changed());
        self.changed.extend(changed.map(|(file, _)| file));
        Ok(())
    }

    fn numbers<'e>(&'e self, log: &'e Log) -> Box<dyn Iterator<Item = usize> + 'e> {
        let done = self.account.done;
        let left = self.account.total.saturating_sub(done);
        match &self.events {
            Events::Chosen(chosen) => {
                let chosen = chosen.iter().skip(done);
                Box::new(chosen.map(|number| *number as usize))
            }
            Events::Shown(first, reckoning) => {
                let from = first.saturating_add(done);
                let numbers = reckoning.ids_from(&log.table, &self.verdicts, from);
                Box::new(numbers.take(left))
            }
        }
    }

    fn left(&self, log: &Log) -> usize {
        self.numbers(log).take(1).count()
    }

    /// The events of the next piece of which lines are made; the others are counted.
    fn choose<'t>(&mut self, log: &'t Log) -> Vec<Wanted<'t>> {
        let mut account = self.account;
        let mut wanted = Vec::new();
        let mut bytes = 0;
        for number in self.numbers(log).take(PIECE_EVENTS) {
            account.done += 1;
            let Some(row) = log.table.row(number) else {
                continue;
            };
            let verdict = self.verdicts.get(row.request_id);
            let left_out = match self.form {
                LineFormat::Recorded if row.is_derived => Some(&mut account.derived),
                LineFormat::Recorded => None,
                LineFormat::Written => {
                    let judgement = row.attributes.outcome(verdict, self.version);
                    match (judgement.outcome, judgement.written_bytes) {
                        (Outcome::Written, Some(_)) => None,
                        (Outcome::Written, None) => Some(&mut account.incomplete),
                        (Outcome::Unknowable, _) => Some(&mut account.unknowable),
                        _ => Some(&mut account.dropped),
                    }
                }
            };
            if let Some(count) = left_out {
                *count += 1;
                continue;
            }
            bytes += row.place.length;
            wanted.push(Wanted {
                number,
                row,
                verdict,
            });
            if bytes >= PIECE_BYTES {
                break;
            }
        }
        self.account = account;
        wanted
    }

    /// Makes an event's line of the text at its place.
    fn put(&self, raw: &[u8], wanted: &Wanted<'_>, log: &Log, text: &mut String) -> Option<()> {
        let before = log.table.rank_in_place(wanted.number);
        let again = audit_log::reread_bytes(raw, before)?;
        self.put_event(&again.event(), wanted, text)
    }

    fn put_event(&self, event: &Event<'_>, wanted: &Wanted<'_>, text: &mut String) -> Option<()> {
        if self.form == LineFormat::Recorded {
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
        let rendering = Rendering::new(wanted.verdict?, self.version);
        let derived = wanted.row.derived_event(event);
        let written = match &derived {
            Some(derived) => line(&derived.event(), rendering),
            None => line(event, rendering),
        };
        text.push_str(&written);
        Some(())
    }
}

fn gone(log: &Log, file: usize) -> String {
    let name = log.report.files.get(file).map_or("", |file| &file.name);
    format!(
        "`{name}` can no longer be read: it was moved or changed since it was opened; open it again"
    )
}

/// A stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stretch {
    file: usize,
    from: u64,
    to: u64,
}

/// The stretches to read for these places, in the order of the files.
fn stretches(places: &[(usize, Location)]) -> Vec<Stretch> {
    let mut wanted: Vec<Stretch> = places
        .iter()
        .map(|(file, place)| Stretch {
            file: *file,
            from: place.offset,
            to: place.offset.saturating_add(place.length),
        })
        .collect();
    wanted.sort_unstable();
    let mut merged: Vec<Stretch> = Vec::new();
    for next in wanted {
        match merged.last_mut() {
            Some(last)
                if last.file == next.file && next.from <= last.to.saturating_add(MOST_GAP) =>
            {
                last.to = last.to.max(next.to);
            }
            _ => merged.push(next),
        }
    }
    merged
}

/// Stretches with their bytes.
struct Stretches(Vec<(Stretch, Vec<u8>)>);

impl Stretches {
    /// Reads what can be read.
    fn read(stretches: Vec<Stretch>, log: &Log) -> Self {
        let mut opened = None;
        let mut read = Vec::with_capacity(stretches.len());
        for stretch in stretches {
            let Stretch { file, from, to } = stretch;
            let is_open = matches!(&opened, Some((open, _)) if *open == file);
            if !is_open {
                let source = log.sources.get(file);
                opened = source.and_then(|source| Some((file, source.open()?)));
            }
            let bytes = opened
                .as_ref()
                .and_then(|(_, source)| source.read(from, to.saturating_sub(from)));
            if let Some(bytes) = bytes {
                read.push((stretch, bytes));
            }
        }
        Self(read)
    }

    fn bytes(&self, file: usize, place: Location) -> Option<&[u8]> {
        let after = self
            .0
            .partition_point(|(stretch, _)| (stretch.file, stretch.from) <= (file, place.offset));
        let (stretch, bytes) = self.0.get(after.checked_sub(1)?)?;
        if stretch.file != file {
            return None;
        }
        let start = usize::try_from(place.offset.checked_sub(stretch.from)?).ok()?;
        let end = start.checked_add(usize::try_from(place.length).ok()?)?;
        bytes.get(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_lie_near_each_other_are_read_at_once() {
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
        let read: Vec<_> = stretches(&places)
            .into_iter()
            .map(|Stretch { file, from, to }| (file, from, to))
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
