//! Lines that are copied to the clipboard or saved to a file: which ones, the progress, and the result.

use playground_protocol::{ExportSummary, LineRequest};

/// Where lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To the clipboard.
    Clipboard,
    /// To a file.
    File,
}

/// Lines on their way.
#[derive(Debug, Clone, PartialEq)]
pub struct Download {
    /// Tells it from others.
    pub id: u32,
    /// Which lines.
    pub lines: LineRequest,
    /// Where they go.
    pub destination: Destination,
    /// How far they have come.
    pub account: ExportSummary,
    /// Bytes that have arrived.
    pub bytes: f64,
    /// Files that have changed since they were opened.
    pub changed: Vec<String>,
}

/// A piece has arrived where it belongs, or has not.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkWritten {
    /// [`Download::id`].
    pub download: u32,
    /// How far the lines have come with it.
    pub account: ExportSummary,
    /// Bytes that have arrived in all.
    pub bytes: f64,
    /// Files that have changed since they were opened.
    pub changed: Vec<String>,
    /// Why the errand ends before its time: a sentence.
    pub failure: Option<String>,
}

/// The errands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Downloads {
    /// The one under way.
    pub current: Option<Download>,
    /// What is said of the last one.
    pub last_result: Option<String>,
    pub(super) count: u32,
}
