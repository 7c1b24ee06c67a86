//! Progress and result of reading a log.

use serde::{Deserialize, Serialize};

/// Progress of reading a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Name of the file being read.
    pub file: String,
    /// Bytes read so far, of all files.
    pub bytes: f64,
    /// Size of all files in bytes.
    pub total_bytes: f64,
    /// Events found so far.
    pub events: usize,
    /// Seconds since reading began.
    pub seconds: f64,
}

/// Result of reading a log.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LogReport {
    /// One entry per file, in the order opened.
    pub files: Vec<FileReport>,
    /// Number of events in all files.
    pub events: usize,
    /// `true` if reading was cancelled before the end.
    pub cancelled: bool,
    /// `true` if reading stopped before the end because the browser had no more memory.
    pub out_of_memory: bool,
    /// Bytes of memory used by the engine and its readers.
    pub memory: f64,
    /// Number of places that could not be read.
    pub unreadable: usize,
    /// Number of those places that the rejections of their files are about. They are not listed.
    pub rejected_texts: usize,
    /// The first of the other places; the rest are only counted.
    pub problems: Vec<ProblemView>,
}

/// One file of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileReport {
    /// Name of the file.
    pub name: String,
    /// Size in bytes.
    pub bytes: f64,
    /// Format and number of events: `JSON lines, 5,728 events`, `AKS diagnostic records, 22 events`.
    pub format: String,
    /// Number of events found in it.
    pub events: usize,
    /// Reason why it is not usable as an audit log, as a sentence.
    pub rejection: Option<String>,
    /// Fields that the wrappers around its events have lost, or may have: a sentence each, with backticks as in findings.
    pub losses: Vec<String>,
}

/// A place of a log that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemView {
    /// Name of the file.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Reason.
    pub reason: String,
    /// Beginning of the text there.
    pub excerpt: String,
}
