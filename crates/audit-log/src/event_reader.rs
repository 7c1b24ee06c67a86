//! Iteration over the events of any [`Read`].

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read};

use crate::decompress::{DecompressError, DecompressReader};
use crate::location::Location;
use crate::owned_event::OwnedEvent;
use crate::problem::Problem;
use crate::reader::{LogItem, LogReader};
use crate::summary::LogSummary;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// An event and its position in the decompressed log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// Position of the event.
    pub location: Location,
    /// The event.
    pub event: OwnedEvent,
}

/// Reason why [`EventReader`] did not return an event.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// A part of the log contains no event. Reading continues after it.
    Problem(Problem),
    /// The source failed. Reading ends.
    Io(io::Error),
    /// The rest of the log cannot be decompressed. Reading ends.
    Decompress(DecompressError),
    /// The log is longer than the limit set with [`EventReader::with_max_bytes`]. Reading ends.
    TooLong {
        /// The limit, in decompressed bytes.
        max_bytes: u64,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem(problem) => {
                write!(f, "line {}: {}", problem.location.line, problem.reason)
            }
            Self::Io(error) => error.fmt(f),
            Self::Decompress(error) => error.fmt(f),
            Self::TooLong { max_bytes } => {
                write!(
                    f,
                    "the log is longer than the limit of {max_bytes} bytes after decompression"
                )
            }
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Decompress(error) => Some(error),
            Self::Problem(_) | Self::TooLong { .. } => None,
        }
    }
}

/// Iterates over the events of a log. Detects the format, the wrapper and the compression.
///
/// Memory use does not depend on the length of the log: it holds the longest value of the log and the events of one chunk. Use
/// [`LogReader`] to avoid the copy of each event, or if bytes arrive from elsewhere.
///
/// A part of the log that contains no event is returned as [`ReadError::Problem`], after which iteration continues.
///
/// ```
/// use audit_log::EventReader;
///
/// let log = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","stage":"ResponseComplete","verb":"get"}
/// {"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"2","stage":"ResponseComplete","verb":"list"}
/// "#;
/// let mut verbs = Vec::new();
/// for record in EventReader::new(&log[..]) {
///     verbs.push(record?.event.event().verb.map(str::to_owned));
/// }
/// assert_eq!(verbs, [Some("\"get\"".to_owned()), Some("\"list\"".to_owned())]);
/// # Ok::<(), audit_log::ReadError>(())
/// ```
pub struct EventReader<R> {
    source: DecompressReader<R>,
    /// Reader of the decoded log; `None` after its end.
    reader: Option<LogReader>,
    chunk: Vec<u8>,
    bytes: u64,
    max_bytes: u64,
    queue: VecDeque<Result<LogRecord, ReadError>>,
    summary: Option<LogSummary>,
}

impl<R: Read> EventReader<R> {
    /// Creates a reader of a log. `source` needs no buffering.
    pub fn new(source: R) -> Self {
        Self {
            source: DecompressReader::new(source),
            reader: Some(LogReader::new()),
            chunk: vec![0; CHUNK_BYTES],
            bytes: 0,
            max_bytes: u64::MAX,
            queue: VecDeque::new(),
            summary: None,
        }
    }

    /// Sets the maximum length of the log in decompressed bytes, which protects against files that expand a thousandfold.
    ///
    /// A longer log ends with [`ReadError::TooLong`] after its events within the limit.
    #[must_use]
    pub const fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// Returns the summary of the log. `None` before iteration has ended, and if the source failed.
    pub const fn summary(&self) -> Option<&LogSummary> {
        self.summary.as_ref()
    }

    /// Reads the next chunk of the log.
    fn fill(&mut self) {
        let read = self.source.read(&mut self.chunk);
        let Self { queue, reader, .. } = self;
        let mut sink = |item: LogItem<'_>| {
            queue.push_back(match item {
                LogItem::Event(location, event) => Ok(LogRecord {
                    location,
                    event: OwnedEvent::from(event),
                }),
                LogItem::Problem(problem) => Err(ReadError::Problem(problem)),
            });
        };
        let error = match read {
            Ok(0) => None,
            Ok(length) => {
                let room = self.max_bytes - self.bytes;
                let is_too_long = length as u64 > room;
                let length = length.min(usize::try_from(room).unwrap_or(usize::MAX));
                self.bytes += length as u64;
                if let Some(reader) = reader {
                    reader.push(self.chunk.get(..length).unwrap_or_default(), &mut sink);
                }
                if !is_too_long {
                    return;
                }
                Some(ReadError::TooLong {
                    max_bytes: self.max_bytes,
                })
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            Err(error) => match error.downcast::<DecompressError>() {
                Ok(error) => Some(ReadError::Decompress(error)),
                Err(error) => {
                    *reader = None;
                    queue.push_back(Err(ReadError::Io(error)));
                    return;
                }
            },
        };
        if let Some(reader) = reader.take() {
            self.summary = Some(reader.finish(&mut sink));
        }
        self.queue.extend(error.map(Err));
    }
}

impl<R: Read> Iterator for EventReader<R> {
    type Item = Result<LogRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.queue.is_empty() && self.reader.is_some() {
            self.fill();
        }
        self.queue.pop_front()
    }
}

impl<R> fmt::Debug for EventReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventReader")
            .field("bytes", &self.bytes)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
