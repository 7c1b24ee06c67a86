//! Logs, in pieces and unpacked.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use audit_log::decompress::{Compression, DecompressError, Decompressor};

use crate::Outcome;
use crate::failure::Failure;
use crate::file_name::FileName;
use crate::input::{failed, open};

/// The most bytes of a pipe or of standard input that are kept to be read a second time.
const MAX_KEPT_BYTES: u64 = 16 << 30;

/// A log that can be read more than once.
pub(crate) enum Log<'n> {
    /// A file, of which as much is read each time as was there first.
    File(&'n FileName, u64),
    /// What cannot be opened or read twice, in a file without a name.
    Kept(&'n FileName, File),
}

impl<'n> Log<'n> {
    /// The log of that name; what is not a file is read to its end, and kept.
    pub(crate) fn open(name: &'n FileName) -> Result<Self, Failure> {
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

    /// Hands out its bytes in pieces.
    pub(crate) fn read(
        &self,
        take: &mut dyn FnMut(&[u8]) -> Outcome,
    ) -> Result<Unpacking, Failure> {
        match self {
            Self::File(name, bytes) => read_pieces(name, &mut open(name)?.take(*bytes), take),
            Self::Kept(name, kept) => {
                let mut kept = kept;
                kept.rewind().map_err(|error| failed(name, error))?;
                read_pieces(name, &mut kept, take)
            }
        }
    }
}

/// Copies what can be read once only into a file without a name.
fn keep(input: &mut dyn Read, max_bytes: u64) -> io::Result<File> {
    let unkept = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("it can be read once only, and cannot be kept in a temporary file: {error}"),
        )
    };
    let mut kept = tempfile::tempfile().map_err(unkept)?;
    let mut piece = vec![0; PIECE_BYTES];
    let mut all = 0;
    loop {
        let length = match input.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        all += length as u64;
        if all > max_bytes {
            return Err(io::Error::other(format!(
                "too large to keep: it can be read once only and has more than {max_bytes} bytes; save it as a file first"
            )));
        }
        kept.write_all(piece.get(..length).unwrap_or_default())
            .map_err(unkept)?;
    }
    Ok(kept)
}

/// Whether a packed log came out whole; a plain one does.
pub(crate) type Unpacking = Result<(), DecompressError>;

/// Hands out the bytes of a log in pieces, unpacked where it is packed.
pub(crate) fn read_log(
    name: &FileName,
    take: &mut dyn FnMut(&[u8]) -> Outcome,
) -> Result<Unpacking, Failure> {
    read_pieces(name, &mut open(name)?, take)
}

const PIECE_BYTES: usize = 1 << 20;

fn read_pieces(
    name: &FileName,
    input: &mut dyn Read,
    take: &mut dyn FnMut(&[u8]) -> Outcome,
) -> Result<Unpacking, Failure> {
    let mut piece = vec![0; PIECE_BYTES];
    let mut filled = 0;
    let mut unpacker = None;
    let mut is_first = true;
    loop {
        let rest = piece.get_mut(filled..).unwrap_or_default();
        let length = match input.read(rest) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(name, error)),
        };
        filled += length;
        // A pipe may give a byte at a time, and four tell how a file is packed.
        if is_first && filled < 4 && length > 0 {
            continue;
        }
        let bytes = piece.get(..filled).unwrap_or_default();
        if std::mem::take(&mut is_first) {
            unpacker = Compression::detect(bytes).map(Decompressor::new);
        }
        filled = 0;
        let mut result = Ok(());
        let mut out = |bytes: &[u8]| {
            if result.is_ok() {
                result = take(bytes);
            }
        };
        let unpacking = match (&mut unpacker, length) {
            (Some(unpacker), 1..) => unpacker.push(bytes, &mut out),
            (None, _) if !bytes.is_empty() => {
                out(bytes);
                Ok(())
            }
            _ => Ok(()),
        };
        result?;
        if unpacking.is_err() {
            return Ok(unpacking);
        }
        if length == 0 {
            break;
        }
    }
    let Some(unpacker) = unpacker else {
        return Ok(Ok(()));
    };
    let mut result = Ok(());
    let unpacking = unpacker.finish(&mut |bytes| result = take(bytes));
    result.map(|()| unpacking)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_all_of_it_up_to_the_limit() {
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
