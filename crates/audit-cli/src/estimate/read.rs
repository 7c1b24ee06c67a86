//! Reads logs into one table, together with their times and a sample of their lines.

use audit_log::{Event, LogItem, LogReader};
use audit_sim::{EventTable, Window};
use audit_types::EventId;

use super::compression::CompressionSample;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::{LogProblems, LogReport};
use crate::logs::read_log;

/// Logs in one table.
#[derive(Default)]
pub(super) struct Logs {
    /// Events, in the order of the arguments.
    pub(super) table: EventTable,
    /// Times of all events.
    pub(super) window: Window,
    /// Contents of each log.
    pub(super) files: Vec<LogReport>,
    /// Sample of written lines, if compression is to be measured.
    pub(super) sample: Option<CompressionSample>,
}

impl Logs {
    /// Reads the logs; reports and counts lines that can't be read.
    pub(super) fn read(
        names: &[FileName],
        sample: Option<CompressionSample>,
    ) -> Result<Self, Error> {
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
            sample.add(event);
        }
    }

    /// Returns file and line of an event of the table.
    pub(super) fn place(&self, event: EventId) -> Option<(&str, u64)> {
        let row = self.table.row(event)?;
        let file = self.files.get(row.file)?;
        Some((&file.file, row.place.line))
    }
}
