//! Decompression of any [`Read`].

use std::fmt;
use std::io::{self, Read};

use crate::decompress::compression::Compression;
use crate::decompress::{DecompressError, Decompressor};

/// Compressed bytes that are read at a time. gzip expands them at most about a thousandfold, so the buffer stays below 16 MiB.
const CHUNK_BYTES: usize = 16 << 10;

/// A [`Read`] that detects gzip, zstd and UTF-16 from the first bytes and decodes them. Other data passes through unchanged.
///
/// An error of the source is returned as it is. If the file is damaged or truncated, reading first returns the data before the damage and
/// then an [`io::Error`] whose inner error is a [`DecompressError`].
pub struct DecompressReader<R> {
    source: R,
    state: State,
    /// Decoded bytes that were not read yet start at `start`.
    decoded: Vec<u8>,
    start: usize,
    /// Error to return after the decoded bytes.
    error: Option<DecompressError>,
}

enum State {
    /// The first bytes are not read yet.
    Start,
    /// Not encoded.
    Plain,
    Decoding(Box<Decompressor>),
    /// The source has ended, or an error was returned.
    Ended,
}

impl<R: Read> DecompressReader<R> {
    /// Creates a reader of a source that is at its start.
    pub const fn new(source: R) -> Self {
        Self {
            source,
            state: State::Start,
            decoded: Vec::new(),
            start: 0,
            error: None,
        }
    }

    /// Returns the source.
    pub const fn get_ref(&self) -> &R {
        &self.source
    }

    /// Reads the first bytes and detects the encoding.
    fn open(&mut self) -> io::Result<()> {
        let mut head = std::mem::take(&mut self.decoded);
        while head.len() < Compression::HEAD_BYTES {
            let mut bytes = [0; Compression::HEAD_BYTES];
            let missing = Compression::HEAD_BYTES - head.len();
            let room = bytes.get_mut(..missing).unwrap_or_default();
            match self.source.read(room) {
                Ok(0) => break,
                Ok(length) => head.extend(bytes.iter().take(length)),
                Err(error) => {
                    // The bytes so far stay, so that an interrupted read can be repeated.
                    self.decoded = head;
                    return Err(error);
                }
            }
        }
        match Compression::detect(&head) {
            None => {
                self.decoded = head;
                self.state = State::Plain;
            }
            Some(compression) => {
                let mut decompressor = Box::new(Decompressor::new(compression));
                let decoded = &mut self.decoded;
                let result =
                    decompressor.push(&head, &mut |bytes| decoded.extend_from_slice(bytes));
                self.error = result.err();
                self.state = State::Decoding(decompressor);
            }
        }
        Ok(())
    }

    /// Decodes the next bytes of the source.
    fn decode(&mut self) -> io::Result<()> {
        let mut chunk = [0; CHUNK_BYTES];
        let length = self.source.read(&mut chunk)?;
        let chunk = chunk.get(..length).unwrap_or_default();
        self.decoded.clear();
        self.start = 0;
        let decoded = &mut self.decoded;
        let mut out = |bytes: &[u8]| decoded.extend_from_slice(bytes);
        let result = match std::mem::replace(&mut self.state, State::Ended) {
            State::Decoding(decompressor) if length == 0 => decompressor.finish(&mut out),
            State::Decoding(mut decompressor) => {
                let result = decompressor.push(chunk, &mut out);
                if result.is_ok() {
                    self.state = State::Decoding(decompressor);
                }
                result
            }
            state => {
                self.state = state;
                Ok(())
            }
        };
        self.error = result.err();
        Ok(())
    }
}

impl<R: Read> Read for DecompressReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if matches!(self.state, State::Start) {
            self.open()?;
        }
        loop {
            let rest = self.decoded.get(self.start..).unwrap_or_default();
            if !rest.is_empty() {
                let length = rest.len().min(out.len());
                if let (Some(to), Some(from)) = (out.get_mut(..length), rest.get(..length)) {
                    to.copy_from_slice(from);
                }
                self.start += length;
                return Ok(length);
            }
            if let Some(error) = self.error.take() {
                self.state = State::Ended;
                return Err(io::Error::other(error));
            }
            match self.state {
                State::Plain => return self.source.read(out),
                State::Ended => return Ok(0),
                State::Start | State::Decoding(_) => self.decode()?,
            }
        }
    }
}

impl<R> fmt::Debug for DecompressReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecompressReader").finish_non_exhaustive()
    }
}
