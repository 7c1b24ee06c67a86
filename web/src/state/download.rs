//! Lines that are copied to the clipboard or saved to a file: which ones, the progress, and the result.

use playground_protocol::{ExportSummary, LineRequest};

/// Destination of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// The clipboard.
    Clipboard,
    /// A file.
    File,
}

/// Lines that are being copied or saved.
#[derive(Debug, Clone, PartialEq)]
pub struct Download {
    /// Id, which no other download has.
    pub id: u32,
    /// The lines.
    pub lines: LineRequest,
    /// Their destination.
    pub destination: Destination,
    /// Counts so far.
    pub summary: ExportSummary,
    /// Bytes written so far.
    pub bytes: f64,
    /// Files that have changed since they were opened.
    pub changed: Vec<String>,
}

/// A chunk of a download was written, or could not be.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkWritten {
    /// [`Download::id`].
    pub download: u32,
    /// Counts up to this chunk.
    pub summary: ExportSummary,
    /// Bytes written so far.
    pub bytes: f64,
    /// Files that have changed since they were opened.
    pub changed: Vec<String>,
    /// Reason why the download ends early: a sentence.
    pub failure: Option<String>,
}

/// State of the downloads.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Downloads {
    /// The download in progress.
    pub current: Option<Download>,
    /// Result of the last one: a sentence.
    pub last_result: Option<String>,
    pub(super) count: u32,
}
