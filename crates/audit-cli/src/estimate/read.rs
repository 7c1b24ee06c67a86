//! Logs, read as one: into the table, with what the table does not hold.

use audit_log::{Event, Item, LogReader};
use audit_sim::{EventTable, Window};

use super::sample::Sample;
use crate::failure::Failure;
use crate::files::File;
use crate::logs::read_log;
use crate::terminal::safe;

/// Logs in one table.
#[derive(Default)]
pub(super) struct Logs {
    /// Their events, in the order of the call.
    pub(super) table: EventTable,
    /// The times of all of them.
    pub(super) window: Window,
    /// Places that could not be read.
    pub(super) unreadable: u64,
    /// What each log turned out to hold.
    pub(super) files: Vec<File>,
    /// Where it is to be measured how well written lines pack.
    pub(super) sample: Option<Sample>,
}

impl Logs {
    /// Reads the logs; lines that cannot be read are named and counted.
    pub(super) fn read(names: &[String], sample: Option<Sample>) -> Result<Self, Failure> {
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

    fn read_one(&mut self, number: u16, file: &str) -> Result<(), Failure> {
        let mut reader = LogReader::new();
        let mut take = |item: Item<'_>| match item {
            Item::Event(place, event) => {
                self.note(event);
                self.table.push(number, place, event);
            }
            Item::Problem(problem) => {
                self.unreadable += 1;
                eprintln!(
                    "audit-policy: {file}:{}: {}",
                    problem.place.line,
                    safe(&problem.reason.to_string())
                );
            }
        };
        let unpacking = read_log(file, &mut |bytes| {
            reader.push(bytes, &mut take);
            Ok(())
        })?;
        let summary = reader.finish(&mut take);
        if let Err(error) = unpacking {
            self.unreadable += 1;
            eprintln!("audit-policy: {file}: {error}");
        }
        if let Some(refusal) = &summary.refusal {
            eprintln!("audit-policy: `{file}` holds no audit events: {refusal}");
        }
        self.files.push(File::new(file, &summary));
        Ok(())
    }

    fn note(&mut self, event: &Event<'_>) {
        self.window.note(event.time());
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
