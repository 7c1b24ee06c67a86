//! A piece of a log of JSON lines, read by a worker of its own: what it is asked for, and what it answers.

use audit_log::lines::{self, Stretch};
use audit_sim::{Beside, EventTable, Part, Window};
use serde::{Deserialize, Serialize};

/// A piece of a file: the lines that start in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// Counts the runs of pieces; a reader forgets what it knows of the run before.
    pub(crate) run: u32,
    /// Counts the pieces of a run.
    pub(crate) number: u32,
    /// The first byte.
    pub(crate) from: f64,
    /// Behind the last byte; the last line may go on beyond it.
    pub(crate) to: f64,
    /// A line starts with the first byte.
    pub(crate) starts_line: bool,
}

/// What a reader found; the rows travel beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Found {
    /// That of what was wanted.
    pub(crate) run: u32,
    /// That of what was wanted.
    pub(crate) number: u32,
    /// The extent of the whole lines; none where the file can no longer be read.
    pub(crate) extent: Option<(f64, f64)>,
    /// None where some line is not an event as it stands.
    pub(crate) content: Option<Content>,
}

/// The events of a piece, but for their rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Content {
    lines: u64,
    events: u64,
    /// When they were received.
    pub(crate) window: Window,
    /// What belongs to the rows.
    pub(crate) beside: Beside,
}

impl Content {
    pub(crate) const fn stretch(&self) -> Stretch {
        Stretch {
            lines: self.lines,
            events: self.events,
        }
    }
}

/// Reads pieces, one after another.
#[derive(Debug, Default)]
pub(crate) struct PieceReader {
    run: u32,
    table: EventTable,
}

impl PieceReader {
    /// Reads whole lines that start at an offset of their file.
    pub(crate) fn read(
        &mut self,
        run: u32,
        lines: &[u8],
        offset: f64,
    ) -> Option<(Content, Vec<u64>)> {
        if self.run != run {
            *self = Self {
                run,
                table: EventTable::new(),
            };
        }
        let mut window = Window::default();
        let table = &mut self.table;
        let stretch = lines::read(lines, offset as u64, &mut |place, event| {
            window.note(event.time());
            table.push(0, place, event);
        });
        let Some(Stretch { lines, events }) = stretch else {
            table.drop_rows();
            return None;
        };
        let Part { rows, beside } = table.take_part();
        let content = Content {
            lines,
            events,
            window,
            beside,
        };
        Some((content, rows))
    }
}
