//! Reads logs in chunks, decompressed.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use audit_log::decompress::{DecompressError, DecompressReader};
use audit_log::{Event, Location, LogItem, LogReader, Problem};

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::{LogProblems, LogReport};
use crate::input::{failed, open};

/// Maximum number of bytes of a pipe or standard input that are stored to be read a second time.
const MAX_KEPT_BYTES: u64 = 16 << 30;

/// A log that can be read more than once.
pub(crate) struct Log {
    name: FileName,
    /// The file, or a copy of an input that can only be read once. It stays the same file if the log is rotated meanwhile.
    file: File,
    /// Size at the start: later bytes are not read.
    bytes: u64,
}

impl Log {
    /// Opens a log. An input that is not a file is read to its end and stored.
    pub(crate) fn open(name: &FileName) -> Result<Self, Error> {
        let failed = |error| failed(name, error);
        let is_file = !name.is_stdin() && std::fs::metadata(name.path()).map_err(failed)?.is_file();
        let file = if is_file {
            File::open(name.path()).map_err(failed)?
        } else {
            keep(&mut open(name)?, MAX_KEPT_BYTES).map_err(failed)?
        };
        Ok(Self {
            bytes: file.metadata().map_err(failed)?.len(),
            name: name.clone(),
            file,
        })
    }

    /// Calls a function with each chunk of the log, decompressed.
    pub(crate) fn read(
        &self,
        take: &mut dyn FnMut(&[u8]) -> Result,
    ) -> Result<DecompressResult, Error> {
        read_chunks(&self.name, &mut self.reader()?, take)
    }

    /// Returns a reader from the start of the log.
    fn reader(&self) -> Result<impl Read, Error> {
        let mut file = &self.file;
        file.rewind().map_err(|error| failed(&self.name, error))?;
        Ok(file.take(self.bytes))
    }
}

/// A log to read.
pub(crate) enum Input {
    /// A log that is read once.
    Once(FileName),
    /// A log that was read before.
    Again(Log),
}

impl Input {
    /// Returns the name of the log.
    pub(crate) const fn name(&self) -> &FileName {
        match self {
            Self::Once(name) | Self::Again(Log { name, .. }) => name,
        }
    }

    /// Opens the log and calls a function with its bytes as they are stored, and whether they are all there, as in a file.
    pub(crate) fn with_reader(&self, read: &mut dyn FnMut(&mut dyn Read, bool)) -> Result {
        match self {
            Self::Once(name) => {
                let is_file = std::fs::metadata(name.path()).is_ok_and(|found| found.is_file());
                read(&mut open(name)?, is_file && !name.is_stdin());
            }
            Self::Again(log) => read(&mut log.reader()?, true),
        }
        Ok(())
    }
}

/// Copies an input that can only be read once into a temporary file.
fn keep(input: &mut dyn Read, max_bytes: u64) -> io::Result<File> {
    let cannot_store = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("it can only be read once, and cannot be stored in a temporary file: {error}"),
        )
    };
    let mut kept = tempfile::tempfile().map_err(cannot_store)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut all = 0;
    loop {
        let length = match input.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        all += length as u64;
        if all > max_bytes {
            return Err(io::Error::other(format!(
                "too large to store: it can only be read once and has more than {max_bytes} bytes; save it as a file first"
            )));
        }
        kept.write_all(chunk.get(..length).unwrap_or_default())
            .map_err(cannot_store)?;
    }
    Ok(kept)
}

/// Result of decompressing a log to its end; always `Ok` for one that is not compressed.
pub(crate) type DecompressResult = Result<(), DecompressError>;

/// Calls a function with each chunk of a log, decompressed.
pub(crate) fn read_log(
    name: &FileName,
    take: &mut dyn FnMut(&[u8]) -> Result,
) -> Result<DecompressResult, Error> {
    read_chunks(name, &mut open(name)?, take)
}

const CHUNK_BYTES: usize = 1 << 20;

fn read_chunks(
    name: &FileName,
    input: &mut dyn Read,
    take: &mut dyn FnMut(&[u8]) -> Result,
) -> Result<DecompressResult, Error> {
    let mut input = DecompressReader::new(input);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match input.read(&mut chunk) {
            Ok(0) => return Ok(Ok(())),
            Ok(length) => take(chunk.get(..length).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                return match error.downcast::<DecompressError>() {
                    Ok(error) => Ok(Err(error)),
                    Err(error) => Err(failed(name, error)),
                };
            }
        }
    }
}

/// Consumer of the logs of a command that needs their events in order.
pub(crate) trait LogVisitor {
    /// Receives the next bytes of a log, decompressed, before the events that they complete.
    fn bytes(&mut self, _: &[u8]) {}

    /// Receives an event. An error ends the command.
    fn event(&mut self, name: &FileName, location: Location, event: &Event<'_>) -> Result;

    /// Receives a part of a log that is not an event, after it has been reported.
    fn problem(&mut self, _: &Problem) {}
}

/// Reads a log and returns its report. The report of one that cannot be read to its end has the reason.
///
/// # Errors
/// If the visitor fails.
pub(crate) fn visit_log(name: &FileName, visitor: &mut dyn LogVisitor) -> Result<LogReport, Error> {
    let mut reader = LogReader::new();
    let mut problems = LogProblems::new(name);
    let mut failure = Ok(());
    let unpacking = read_log(name, &mut |bytes| {
        problems.observe(bytes);
        visitor.bytes(bytes);
        reader.push(bytes, &mut |item| {
            pass(item, (name, &mut *visitor), &mut problems, &mut failure);
        });
        std::mem::replace(&mut failure, Ok(()))
    });
    let unpacking = match unpacking {
        Ok(unpacking) => unpacking,
        Err(error) => {
            problems.read_error(error)?;
            return Ok(problems.finish_after_read_error(reader.events()));
        }
    };
    let summary = reader.finish(&mut |item| {
        pass(item, (name, &mut *visitor), &mut problems, &mut failure);
    });
    failure?;
    Ok(problems.finish(&summary, unpacking.err().as_ref()))
}

/// Passes an event or a problem to a visitor that has not failed yet.
fn pass(
    item: LogItem<'_>,
    (name, visitor): (&FileName, &mut dyn LogVisitor),
    problems: &mut LogProblems<'_>,
    failure: &mut Result,
) {
    match item {
        LogItem::Event(location, event) if failure.is_ok() => {
            problems.found_event();
            *failure = visitor.event(name, location, event);
        }
        LogItem::Event(..) => {}
        LogItem::Problem(problem) => {
            problems.problem(&problem);
            visitor.problem(&problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_stored_completely_up_to_the_limit() {
        let mut kept = keep(&mut &b"abc"[..], 3).unwrap();
        kept.rewind().unwrap();
        let mut text = String::new();
        kept.read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
        let error = keep(&mut io::repeat(b'a'), 5_000_000).unwrap_err();
        assert!(
            error.to_string().contains("more than 5000000 bytes"),
            "{error}"
        );
    }
}
