//! A chunk of a log of JSON lines, read by a worker of the pool.

use audit_log::lines::{self, LineCounts};
use audit_sim::{EventTable, SideTables, TableShard, Window};
use serde::{Deserialize, Serialize};

/// Request to read a chunk of a file: whole lines, which travel next to this.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChunkRequest {
    /// Number of the run of chunks. A reader drops its state when a new run begins.
    pub(crate) run: u32,
    /// Index of the chunk in its run.
    pub(crate) index: u32,
    /// Offset of the first byte in the file.
    pub(crate) offset: f64,
}

/// Result of reading a chunk; the rows travel next to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChunkResult {
    /// Number of the run, from the request.
    pub(crate) run: u32,
    /// Index of the chunk, from the request.
    pub(crate) index: u32,
    /// Memory size of the reader in bytes.
    pub(crate) memory: f64,
    /// Events of the chunk; `None` if some line is not an event by itself.
    pub(crate) content: Option<ChunkContent>,
}

/// Events of a chunk, without their rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ChunkContent {
    lines: u64,
    events: u64,
    /// Time window of the events.
    pub(crate) window: Window,
    /// Tables that the rows refer to.
    pub(crate) side_tables: SideTables,
}

impl ChunkContent {
    /// Returns the number of lines and events.
    pub(crate) const fn counts(&self) -> LineCounts {
        LineCounts {
            lines: self.lines,
            events: self.events,
        }
    }
}

/// Reads chunks, one after another.
#[derive(Debug, Default)]
pub(crate) struct ChunkReader {
    run: u32,
    table: EventTable,
}

impl ChunkReader {
    /// Reads whole lines that start at an offset of their file. Returns the events and their rows, or `None` if some line is not an event
    /// by itself.
    pub(crate) fn read(
        &mut self,
        run: u32,
        lines: &[u8],
        offset: f64,
    ) -> Option<(ChunkContent, Vec<u64>)> {
        if self.run != run {
            *self = Self {
                run,
                table: EventTable::new(),
            };
        }
        let mut window = Window::default();
        let table = &mut self.table;
        let counts = lines::read(lines, offset as u64, &mut |place, event| {
            window.record(event.time());
            table.push(0, place, event);
        });
        let Some(LineCounts { lines, events }) = counts else {
            table.discard_rows();
            return None;
        };
        let TableShard { rows, side_tables } = table.take_shard();
        let content = ChunkContent {
            lines,
            events,
            window,
            side_tables,
        };
        Some((content, rows))
    }
}
