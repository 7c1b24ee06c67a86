//! Reads logs into one table, together with their times and a sample of their lines.

use audit_log::{Event, Location};
use audit_sim::{EventTable, IdRemap, TableShard, Window};
use audit_types::EventId;

use super::compression::{CompressionSample, LineSampler};
use crate::chunks::{ChunkReader, ChunkStart, LogSink, read_logs};
use crate::error::Result;
use crate::file_name::FileName;
use crate::files::LogReport;
use crate::progress::OnInterrupt;

/// Logs in one table.
#[derive(Default)]
pub(crate) struct Logs {
    /// Events, in the order of the arguments.
    pub(crate) table: EventTable,
    /// Times of all events.
    pub(crate) window: Window,
    /// Contents of each log.
    pub(crate) files: Vec<LogReport>,
    /// Sample of written lines, if compression is to be measured.
    pub(super) sample: Option<CompressionSample>,
    sampler: Option<LineSampler>,
    /// Ids of each thread's table in the table of all.
    remaps: Vec<IdRemap>,
}

/// Events of a chunk.
pub(super) struct Part {
    shard: TableShard,
    window: Window,
    /// Lines for the sample, with the numbers of their events.
    lines: Vec<(u64, Vec<u8>)>,
}

/// Reads chunks into a table of its own.
struct PartReader {
    table: EventTable,
    window: Window,
    sampler: Option<LineSampler>,
    lines: Vec<(u64, Vec<u8>)>,
    /// Number of the next event in all logs.
    number: u64,
}

impl Logs {
    /// Reads the logs on this number of threads; reports and counts lines that can't be read.
    ///
    /// # Errors
    /// Those of the system. A log that cannot be read is reported.
    pub(crate) fn read(
        names: &[FileName],
        sampler: Option<LineSampler>,
        threads: usize,
    ) -> Result<Self> {
        let readers = (0..threads).map(|_| PartReader::new(sampler.clone()));
        let readers: Vec<_> = readers.collect();
        let mut logs = Self {
            sample: sampler.as_ref().map(LineSampler::sample),
            sampler,
            remaps: vec![IdRemap::default(); readers.len()],
            ..Self::default()
        };
        read_logs(names, readers, (false, OnInterrupt::Exit), &mut logs)?;
        logs.table.finish();
        Ok(logs)
    }

    /// Returns file and line of an event of the table.
    pub(super) fn place(&self, event: EventId) -> Option<(&str, u64)> {
        let row = self.table.row(event)?;
        let file = self.files.get(row.file)?;
        Some((&file.file, row.place.line))
    }

    /// Returns the number of the current log, from 0.
    fn file(&self) -> u16 {
        u16::try_from(self.files.len()).unwrap_or(u16::MAX)
    }
}

impl PartReader {
    fn new(sampler: Option<LineSampler>) -> Self {
        Self {
            table: EventTable::new(),
            window: Window::default(),
            sampler,
            lines: Vec::new(),
            number: 0,
        }
    }
}

impl ChunkReader for PartReader {
    type Output = Part;

    /// The sample depends on them.
    const NEEDS_EVENT_NUMBERS: bool = true;

    fn begin(&mut self, start: &ChunkStart) {
        self.number = start.events;
    }

    fn event(&mut self, location: Location, event: &Event<'_>) {
        self.window.record(event.time());
        let sampler = self.sampler.as_ref();
        let line = sampler.and_then(|sampler| sampler.line(self.number, event));
        self.lines.extend(line.map(|line| (self.number, line)));
        self.number += 1;
        self.table.push(0, location, event);
    }

    fn finish(&mut self) -> Part {
        Part {
            shard: self.table.take_shard(),
            window: std::mem::take(&mut self.window),
            lines: std::mem::take(&mut self.lines),
        }
    }

    fn discard(&mut self) {
        self.table.discard_rows();
        self.window = Window::default();
        self.lines.clear();
    }

    fn output_bytes(part: &Part) -> usize {
        let lines: usize = part.lines.iter().map(|(_, line)| line.len()).sum();
        lines + size_of_val(part.shard.rows.as_slice())
    }
}

impl LogSink<Part> for Logs {
    fn event(&mut self, _: &str, location: Location, event: &Event<'_>) {
        self.window.record(event.time());
        let number = self.table.recorded() as u64;
        let sampler = self.sampler.as_ref();
        let line = sampler.and_then(|sampler| sampler.line(number, event));
        if let (Some(sample), Some(line)) = (&mut self.sample, line) {
            sample.add(number, line);
        }
        self.table.push(self.file(), location, event);
    }

    fn chunk(&mut self, thread: usize, part: Part) {
        let file = self.file();
        // Invariant: there is one for each thread.
        let Some(remap) = self.remaps.get_mut(thread) else {
            return;
        };
        self.table.merge_ids(&part.shard.side_tables, remap);
        self.table.append(&part.shard, remap, file, 0);
        self.window.merge(part.window);
        if let Some(sample) = &mut self.sample {
            for (number, line) in part.lines {
                sample.add(number, line);
            }
        }
    }

    fn discarded_chunk(&mut self, thread: usize, part: Part) {
        if let Some(remap) = self.remaps.get_mut(thread) {
            // Later chunks of the thread refer to these ids.
            self.table.merge_ids(&part.shard.side_tables, remap);
        }
    }

    fn write_pending(&mut self) -> Result {
        Ok(())
    }

    fn flush(&mut self) -> Result {
        Ok(())
    }

    fn report(&mut self, report: LogReport) {
        self.files.push(report);
    }
}
