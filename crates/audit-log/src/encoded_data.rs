//! Decompression of the data of a record, and the reasons why it cannot be read.

use std::fmt;

use audit_types::base64::Base64Error;

use crate::decompress::{Compression, DecompressErrorKind, Decompressor};

/// Maximum length of the decompressed data of a record. Kinesis and Lambda limit the compressed data to 10 MiB and 6 MB.
const MAX_DECODED_BYTES: usize = 64 << 20;

/// Reason why the Base64 data of a record cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EncodedDataError {
    /// The data is not Base64.
    Base64(Base64Error),
    /// The compressed data is damaged. The events before the damage were read.
    Compressed(Compression, DecompressErrorKind),
    /// The decompressed data is longer than the limit.
    TooLong,
}

impl fmt::Display for EncodedDataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the data of this record cannot be decoded: ")?;
        match self {
            Self::Base64(error) => error.fmt(f),
            Self::Compressed(compression, kind) => {
                let name = compression.name();
                match kind {
                    DecompressErrorKind::Truncated => write!(f, "its {name} data is cut off"),
                    DecompressErrorKind::Corrupt(reason) => {
                        write!(f, "its {name} data is damaged or cut off ({reason})")
                    }
                    DecompressErrorKind::Unsupported => {
                        write!(f, "{name} is not supported by this build")
                    }
                }
            }
            Self::TooLong => write!(f, "it is longer than {} MiB", MAX_DECODED_BYTES >> 20),
        }
    }
}

impl std::error::Error for EncodedDataError {}

/// Decompresses data as far as possible, if it is compressed.
pub(crate) fn decompressed(bytes: Vec<u8>) -> (Vec<u8>, Option<EncodedDataError>) {
    let Some(compression) = Compression::detect(&bytes) else {
        return (bytes, None);
    };
    let mut text = Vec::new();
    let mut is_too_long = false;
    let mut decompressor = Decompressor::new(compression);
    let mut result = Ok(());
    // A short piece expands to a few megabytes at most.
    for piece in bytes.chunks(4 << 10) {
        result = decompressor.push(piece, &mut |part| text.extend_from_slice(part));
        is_too_long = text.len() > MAX_DECODED_BYTES;
        if result.is_err() || is_too_long {
            break;
        }
    }
    if is_too_long {
        return (Vec::new(), Some(EncodedDataError::TooLong));
    }
    let finished = decompressor.finish(&mut |part| text.extend_from_slice(part));
    let error = result.and(finished).err();
    let error = error.map(|error| EncodedDataError::Compressed(compression, error.kind));
    (text, error)
}
