//! Splits a log into pieces that end with a line, while it is read and decompressed.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use audit_log::decompress::{DecompressError, DecompressReader};
use memchr::{memchr_iter, memrchr};

use crate::error::{Error, Result};
use crate::input::failed;
use crate::logs::{Input, Unpacking};

/// Number of bytes of a piece.
const PIECE_BYTES: usize = 1 << 20;

/// Number of bytes up to which the end of a line is awaited.
const MAX_LINE_BYTES: usize = 4 << 20;

/// A part of a log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The bytes, decompressed.
    pub(crate) bytes: Vec<u8>,
    /// Number of line ends.
    pub(crate) lines: u64,
    /// The part ends with a line.
    pub(crate) has_whole_lines: bool,
}

/// Reads a log to its end and passes on its pieces, until one is not taken. `counter` counts the bytes as they are stored, and `spare` has
/// buffers that are no longer needed.
///
/// # Errors
/// The log cannot be read; what was read before is passed on.
pub(crate) fn split(
    input: &Input<'_>,
    counter: &AtomicU64,
    spare: &Receiver<Vec<u8>>,
    take: &mut dyn FnMut(Piece) -> bool,
) -> Result<Unpacking, Error> {
    let mut splitter = Splitter {
        buffer: Vec::new(),
        filled: 0,
        spare,
        take,
    };
    let mut result = Ok(Ok(()));
    input.with_reader(&mut |reader, is_file| {
        let counted = Counted { reader, counter };
        result = splitter.read(&mut DecompressReader::new(counted), is_file);
    })?;
    result.map_err(|error| failed(input.name(), error))
}

/// Counts the bytes of a reader.
struct Counted<'r> {
    reader: &'r mut dyn Read,
    counter: &'r AtomicU64,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(into)?;
        self.counter.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

struct Splitter<'s> {
    buffer: Vec<u8>,
    /// Number of bytes read into the buffer.
    filled: usize,
    spare: &'s Receiver<Vec<u8>>,
    take: &'s mut dyn FnMut(Piece) -> bool,
}

impl Splitter<'_> {
    /// Reads to the end. Pieces of a file are full; what arrives through a pipe is passed on at once.
    fn read(&mut self, input: &mut dyn Read, is_file: bool) -> io::Result<Unpacking> {
        loop {
            let room = self.filled.max(PIECE_BYTES / 2) + PIECE_BYTES / 2;
            if self.buffer.len() < room {
                self.buffer.resize(room, 0);
            }
            let free = self.buffer.get_mut(self.filled..).unwrap_or_default();
            let end = match input.read(free) {
                Ok(0) => Some(Ok(Ok(()))),
                Ok(length) => {
                    self.filled += length;
                    None
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Some(error.downcast::<DecompressError>().map(Err)),
            };
            let is_taken = match &end {
                Some(_) => self.pass_on(self.filled),
                None if is_file && self.filled < PIECE_BYTES => true,
                None => self.pass_on_lines(),
            };
            match end {
                Some(end) => return end,
                None if !is_taken => return Ok(Ok(())),
                None => {}
            }
        }
    }

    /// Passes on the complete lines, or all of a line that is too long to wait for.
    fn pass_on_lines(&mut self) -> bool {
        let filled = self.buffer.get(..self.filled).unwrap_or_default();
        match memrchr(b'\n', filled) {
            Some(newline) => self.pass_on(newline + 1),
            None if self.filled < MAX_LINE_BYTES => true,
            None => self.pass_on(self.filled),
        }
    }

    /// Passes on the first bytes of the buffer. Returns `false` if nothing more is taken.
    fn pass_on(&mut self, length: usize) -> bool {
        if length == 0 {
            return true;
        }
        let mut next = self.spare.try_recv().unwrap_or_default();
        let rest = self.buffer.get(length..self.filled).unwrap_or_default();
        self.filled = rest.len();
        if next.len() < rest.len() {
            next.resize(rest.len(), 0);
        }
        // Invariant: `next` is at least as long as the rest.
        if let Some(start) = next.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        let mut bytes = std::mem::replace(&mut self.buffer, next);
        bytes.truncate(length);
        (self.take)(Piece {
            lines: memchr_iter(b'\n', &bytes).count() as u64,
            has_whole_lines: bytes.last() == Some(&b'\n'),
            bytes,
        })
    }
}
