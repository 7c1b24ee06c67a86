//! Logs, read as one: into the table, with what the table does not hold.

use audit_log::{Event, LogItem, LogReader};
use audit_sim::{EventTable, Window};

use super::sample::Sample;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::{LogProblems, LogReport};
use crate::logs::read_log;

/// Logs in one table.
#[derive(Default)]
pub(super) struct Logs {
    /// Their events, in the order of the call.
    pub(super) table: EventTable,
    /// The times of all of them.
    pub(super) window: Window,
    /// What each log turned out to hold.
    pub(super) files: Vec<LogReport>,
    /// Where it is to be measured how well written lines pack.
    pub(super) sample: Option<Sample>,
}

impl Logs {
    /// Reads the logs; lines that cannot be read are named and counted.
    pub(super) fn read(names: &[FileName], sample: Option<Sample>) -> Result<Self, Error> {
        let mut logs = Self {
            sample,
            ..Self::default()
        };
        for (number, name) in (0..).zip(names) {
            logs.read_one(number, name)?;
        }
        logs.table.finish();
        Ok(logs)
    }

    fn read_one(&mut self, number: u16, name: &FileName) -> Result {
        let mut reader = LogReader::new();
        let mut reading = LogProblems::new(name);
        let unpacking = read_log(name, &mut |bytes| {
            reading.observe(bytes);
            reader.push(bytes, &mut |item| self.take(number, &mut reading, item));
            Ok(())
        });
        let unpacking = match unpacking {
            Ok(unpacking) => unpacking,
            Err(error) => {
                reading.read_error(error)?;
                self.files.push(reading.interrupted(reader.events()));
                return Ok(());
            }
        };
        let summary = reader.finish(&mut |item| self.take(number, &mut reading, item));
        self.files
            .push(reading.finish(&summary, unpacking.err().as_ref()));
        Ok(())
    }

    fn take(&mut self, number: u16, reading: &mut LogProblems<'_>, item: LogItem<'_>) {
        match item {
            LogItem::Event(place, event) => {
                self.note(event);
                self.table.push(number, place, event);
            }
            LogItem::Problem(problem) => reading.problem(&problem),
        }
    }

    fn note(&mut self, event: &Event<'_>) {
        self.window.record(event.time());
        if let Some(sample) = &mut self.sample {
            sample.see(event);
        }
    }

    /// The file and the line in which an event stands, by its number in the table.
    pub(super) fn place(&self, number: usize) -> Option<(&str, u64)> {
        let row = self.table.row(number)?;
        let file = self.files.get(row.file)?;
        Some((&file.file, row.place.line))
    }
}
