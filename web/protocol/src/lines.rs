//! Events as lines of text, to copy or to save.

use serde::{Deserialize, Serialize};

/// Lines to copy or to save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineRequest {
    /// Events to export.
    pub events: EventSelection,
    /// Form of their lines.
    pub format: LineFormat,
}

/// Some of a log's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventSelection {
    /// Rows of the current view, by their positions in it.
    Rows {
        /// First row.
        first: usize,
        /// Last row.
        last: usize,
    },
    /// All events of the log, derived ones included, in the log's own order.
    Log,
}

/// Form of an exported line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineFormat {
    /// The event as the log contains it.
    Recorded,
    /// The line that the server would write under the policy.
    Written,
}

/// The next lines of an export: all complete lines that are ready.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LineChunk {
    /// The page's number of the export.
    pub job: u32,
    /// The lines, each with its line end.
    pub text: String,
    /// Progress of the export, these lines included.
    pub summary: ExportSummary,
    /// Names of files found to have changed or been removed since they were opened.
    pub changed: Vec<String>,
    /// Reason why the export stops early, as a sentence.
    pub error: Option<String>,
}

/// Progress of an export of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportSummary {
    /// Events processed so far.
    pub done: usize,
    /// Events to process.
    pub total: usize,
    /// Lines produced.
    pub lines: usize,
    /// Events skipped because no log contains them: they are derived.
    pub derived: usize,
    /// Events skipped because the policy writes nothing of them.
    pub dropped: usize,
    /// Events skipped because they would be written with bodies or fields that the log doesn't contain.
    pub incomplete: usize,
    /// Events skipped because it can't be determined if they are written.
    pub unknowable: usize,
    /// Events skipped because their file has changed or been removed.
    pub unreadable: usize,
}
