//! Logs, in pieces and unpacked.

use std::io::{self, Read};

use audit_log::unpack::{Packing, UnpackError, Unpacker};

use crate::Outcome;
use crate::failure::Failure;
use crate::input::{STANDARD_INPUT, failed, open};

/// A log that can be read more than once.
pub(crate) enum Log {
    /// A file.
    File(String),
    /// What came by standard input.
    Held(Vec<u8>),
}

impl Log {
    /// The log of that name; standard input is read to its end.
    pub(crate) fn open(name: &str) -> Result<Self, Failure> {
        if name != STANDARD_INPUT {
            return Ok(Self::File(name.to_owned()));
        }
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(|error| failed(name, error))?;
        Ok(Self::Held(bytes))
    }

    /// Hands out its bytes in pieces.
    pub(crate) fn read(
        &self,
        take: &mut dyn FnMut(&[u8]) -> Outcome,
    ) -> Result<Unpacking, Failure> {
        match self {
            Self::File(name) => read_log(name, take),
            Self::Held(bytes) => read_pieces(STANDARD_INPUT, &mut bytes.as_slice(), take),
        }
    }
}

/// Whether a packed log came out whole; a plain one does.
pub(crate) type Unpacking = Result<(), UnpackError>;

/// Hands out the bytes of a log in pieces, unpacked where it is packed.
pub(crate) fn read_log(
    name: &str,
    take: &mut dyn FnMut(&[u8]) -> Outcome,
) -> Result<Unpacking, Failure> {
    read_pieces(name, &mut open(name)?, take)
}

const PIECE_BYTES: usize = 1 << 20;

fn read_pieces(
    name: &str,
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
            unpacker = Packing::of(bytes).map(Unpacker::new);
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
