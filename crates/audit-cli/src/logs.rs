//! Reads logs in chunks, decompressed.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use audit_log::decompress::{DecompressError, DecompressReader};

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input::{failed, open};

/// Maximum number of bytes of a pipe or standard input that are stored to be read a second time.
const MAX_KEPT_BYTES: u64 = 16 << 30;

/// A log that can be read more than once.
pub(crate) enum Log<'n> {
    /// A file, and its size at the start: later bytes are not read.
    File(&'n FileName, u64),
    /// A copy, in a temporary file, of an input that can only be read once.
    Kept(&'n FileName, File),
}

impl<'n> Log<'n> {
    /// Opens a log. An input that is not a file is read to its end and stored.
    pub(crate) fn open(name: &'n FileName) -> Result<Self, Error> {
        if !name.is_stdin() {
            let found = std::fs::metadata(name.path()).map_err(|error| failed(name, error))?;
            if found.is_file() {
                return Ok(Self::File(name, found.len()));
            }
        }
        keep(&mut open(name)?, MAX_KEPT_BYTES)
            .map(|kept| Self::Kept(name, kept))
            .map_err(|error| failed(name, error))
    }

    /// Calls a function with each chunk of the log.
    pub(crate) fn read(&self, take: &mut dyn FnMut(&[u8]) -> Result) -> Result<Unpacking, Error> {
        match self {
            Self::File(name, bytes) => read_chunks(name, &mut open(name)?.take(*bytes), take),
            Self::Kept(name, kept) => {
                let mut kept = kept;
                kept.rewind().map_err(|error| failed(name, error))?;
                read_chunks(name, &mut kept, take)
            }
        }
    }
}

/// A log to read.
pub(crate) enum Input<'n> {
    /// A log that is read once.
    Once(&'n FileName),
    /// A log that was read before.
    Again(Log<'n>),
}

impl<'n> Input<'n> {
    /// Returns the name of the log.
    pub(crate) const fn name(&self) -> &'n FileName {
        match self {
            Self::Once(name) | Self::Again(Log::File(name, _) | Log::Kept(name, _)) => name,
        }
    }

    /// Opens the log and calls a function with its bytes as they are stored, and whether they are all there, as in a file.
    pub(crate) fn with_reader(&self, read: &mut dyn FnMut(&mut dyn Read, bool)) -> Result {
        let name = self.name();
        match self {
            Self::Once(_) => {
                let is_file = std::fs::metadata(name.path()).is_ok_and(|found| found.is_file());
                read(&mut open(name)?, is_file && !name.is_stdin());
            }
            Self::Again(Log::File(_, bytes)) => read(&mut open(name)?.take(*bytes), true),
            Self::Again(Log::Kept(_, kept)) => {
                let mut kept = kept;
                kept.rewind().map_err(|error| failed(name, error))?;
                read(&mut kept, true);
            }
        }
        Ok(())
    }
}

/// Copies an input that can only be read once into a temporary file.
fn keep(input: &mut dyn Read, max_bytes: u64) -> io::Result<File> {
    let unkept = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("it can only be read once, and cannot be stored in a temporary file: {error}"),
        )
    };
    let mut kept = tempfile::tempfile().map_err(unkept)?;
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
            .map_err(unkept)?;
    }
    Ok(kept)
}

/// Result of decompressing a log to its end; always `Ok` for one that is not compressed.
pub(crate) type Unpacking = Result<(), DecompressError>;

/// Calls a function with each chunk of a log, decompressed.
pub(crate) fn read_log(
    name: &FileName,
    take: &mut dyn FnMut(&[u8]) -> Result,
) -> Result<Unpacking, Error> {
    read_chunks(name, &mut open(name)?, take)
}

const CHUNK_BYTES: usize = 1 << 20;

fn read_chunks(
    name: &FileName,
    input: &mut dyn Read,
    take: &mut dyn FnMut(&[u8]) -> Result,
) -> Result<Unpacking, Error> {
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
