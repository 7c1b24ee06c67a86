//! Splits a log into chunks that end with a line, while it is read and decompressed.

use std::io::{self, Read};
use std::sync::mpsc::Receiver;

use audit_log::decompress::{DecompressError, DecompressReader};
use memchr::{memchr_iter, memrchr};

use crate::error::{Error, Result};
use crate::input::failed;
use crate::logs::{DecompressResult, Input};

/// Number of bytes of a chunk.
const CHUNK_BYTES: usize = 1 << 20;

/// Number of bytes up to which the end of a line is awaited.
const MAX_LINE_BYTES: usize = 4 << 20;

/// A part of a log.
#[derive(Debug)]
pub(crate) struct Chunk {
    buffer: Vec<u8>,
    length: usize,
    /// Number of line ends.
    pub(crate) lines: u64,
    /// It ends with the end of a line.
    pub(crate) ends_line: bool,
    /// Offset of the chunk's end in the file, before decompression.
    pub(crate) stored_bytes: u64,
}

impl Chunk {
    /// Returns the bytes, decompressed.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }

    /// Returns the buffer, to read into it again.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }
}

/// Reads a log to its end and passes on its chunks, until one is not taken. `used` has buffers to read into again.
///
/// # Errors
/// The log cannot be read; what was read before is passed on.
pub(crate) fn split(
    input: &Input,
    used: &Receiver<Vec<u8>>,
    take: &mut dyn FnMut(Chunk) -> bool,
) -> Result<DecompressResult, Error> {
    let mut splitter = Splitter {
        buffer: Vec::new(),
        filled: 0,
        line_end: 0,
        used,
        take,
    };
    let mut result = Ok(Ok(()));
    input.with_reader(&mut |reader, is_file| {
        let counted = Counted { reader, bytes: 0 };
        result = splitter.read(&mut DecompressReader::new(counted), is_file);
    })?;
    result.map_err(|error| failed(input.name(), error))
}

/// Counts the bytes of a reader.
struct Counted<'r> {
    reader: &'r mut dyn Read,
    bytes: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(into)?;
        self.bytes += length as u64;
        Ok(length)
    }
}

struct Splitter<'s> {
    buffer: Vec<u8>,
    /// Number of bytes read into the buffer.
    filled: usize,
    /// Number of bytes up to the last line end among them.
    line_end: usize,
    used: &'s Receiver<Vec<u8>>,
    take: &'s mut dyn FnMut(Chunk) -> bool,
}

impl Splitter<'_> {
    /// Reads to the end. Chunks of a file are full; what arrives through a pipe is passed on at once.
    fn read(
        &mut self,
        input: &mut DecompressReader<Counted<'_>>,
        is_file: bool,
    ) -> io::Result<DecompressResult> {
        loop {
            let end = match input.read(self.free()) {
                Ok(0) => Some(Ok(Ok(()))),
                Ok(length) => {
                    self.fill(length);
                    None
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Some(error.downcast::<DecompressError>().map(Err)),
            };
            let length = match &end {
                Some(_) => self.filled,
                None if is_file && self.filled < CHUNK_BYTES => 0,
                // A line that is too long is passed on in parts.
                None if self.line_end == 0 && self.filled >= MAX_LINE_BYTES => self.filled,
                None => self.line_end,
            };
            let is_taken = length == 0 || self.pass_on(length, input.get_ref().bytes);
            match end {
                Some(end) => return end,
                None if is_taken => {}
                None => return Ok(Ok(())),
            }
        }
    }

    /// Returns the part of the buffer to read into.
    fn free(&mut self) -> &mut [u8] {
        let room = self.filled.max(CHUNK_BYTES / 2) + CHUNK_BYTES / 2;
        if self.buffer.len() < room {
            self.buffer.resize(room, 0);
        }
        self.buffer.get_mut(self.filled..).unwrap_or_default()
    }

    /// Records that bytes were read into the buffer.
    fn fill(&mut self, length: usize) {
        let start = self.filled;
        self.filled += length;
        let new = self.buffer.get(start..self.filled).unwrap_or_default();
        if let Some(newline) = memrchr(b'\n', new) {
            self.line_end = start + newline + 1;
        }
    }

    /// Passes on the first bytes of the buffer. Returns `false` if nothing more is taken.
    fn pass_on(&mut self, length: usize, stored_bytes: u64) -> bool {
        let mut next = self.used.try_recv().unwrap_or_default();
        let rest = self.buffer.get(length..self.filled).unwrap_or_default();
        if next.len() < rest.len() {
            next.resize(rest.len(), 0);
        }
        // Invariant: `next` is at least as long as the rest.
        if let Some(start) = next.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        self.filled = rest.len();
        self.line_end = 0;
        let buffer = std::mem::replace(&mut self.buffer, next);
        let bytes = buffer.get(..length).unwrap_or_default();
        (self.take)(Chunk {
            lines: memchr_iter(b'\n', bytes).count() as u64,
            ends_line: bytes.last() == Some(&b'\n'),
            stored_bytes,
            length,
            buffer,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// Gives a text in reads of the same length.
    struct Slow<'t>(&'t [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(into.len());
            let (now, later) = self.0.split_at(length);
            into[..length].copy_from_slice(now);
            self.0 = later;
            Ok(length)
        }
    }

    /// Splits a text, and returns the lengths of its chunks and whether they end with a line.
    fn chunks(text: &[u8], reads: usize, is_file: bool) -> Vec<(usize, bool)> {
        let (give_back, used) = channel();
        let mut all = Vec::new();
        let mut found = Vec::new();
        let mut take = |chunk: Chunk| {
            assert_eq!(
                chunk.lines,
                chunk.bytes().iter().filter(|byte| **byte == b'\n').count() as u64
            );
            all.extend_from_slice(chunk.bytes());
            found.push((chunk.bytes().len(), chunk.ends_line));
            give_back.send(chunk.into_buffer()).is_ok()
        };
        let mut splitter = Splitter {
            buffer: Vec::new(),
            filled: 0,
            line_end: 0,
            used: &used,
            take: &mut take,
        };
        let mut source = Slow(text, reads);
        let counted = Counted {
            reader: &mut source,
            bytes: 0,
        };
        let end = splitter.read(&mut DecompressReader::new(counted), is_file);
        assert!(matches!(end, Ok(Ok(()))));
        assert!(all == text);
        found
    }

    #[test]
    fn chunks_end_with_a_line_if_they_can() {
        const MIB: usize = 1 << 20;
        let lines = "123456789\n".repeat(300_000);
        let of_file: Vec<_> = chunks(lines.as_bytes(), usize::MAX, true);
        assert_eq!(of_file.len(), 3);
        assert!(
            of_file
                .iter()
                .all(|(length, ends_line)| *ends_line && length % 10 == 0)
        );
        // A pipe gives what it has.
        assert_eq!(
            chunks(b"12\n4567\n9", 6, false),
            [(3, true), (5, true), (1, false)]
        );
        assert_eq!(chunks(b"12\n4567\n9", 6, true), [(9, false)]);
        assert_eq!(chunks(b"", 3, true), []);
        // A line of 9 MiB without an end.
        let long = vec![b'x'; 9 * MIB];
        let parts = chunks(&long, MIB, true);
        assert_eq!(
            parts.iter().map(|(length, _)| length).sum::<usize>(),
            9 * MIB
        );
        assert!(
            parts
                .iter()
                .all(|(length, ends_line)| !ends_line && *length <= MAX_LINE_BYTES + MIB)
        );
    }
}
