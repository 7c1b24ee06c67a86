//! The error of decompression.

use std::fmt;

use crate::decompress::compression::Compression;

/// Reason why a file cannot be decompressed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecompressErrorKind {
    /// The file ends before its compressed data does.
    Truncated,
    /// The data is invalid, with the message of the decoder.
    Corrupt(String),
    /// This build does not include the format.
    Unsupported,
}

/// Failure to decompress the rest of a file. Data before the failure has been delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecompressError {
    /// Format of the file.
    pub compression: Compression,
    /// Compressed bytes consumed before the failure.
    pub offset: u64,
    /// Kind of the error.
    pub kind: DecompressErrorKind,
}

impl fmt::Display for DecompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = self.compression.name();
        let reason = match &self.kind {
            DecompressErrorKind::Unsupported => {
                return write!(f, "{format} is not supported by this build");
            }
            DecompressErrorKind::Truncated => "unexpected end of file",
            DecompressErrorKind::Corrupt(reason) => reason,
        };
        write!(
            f,
            "the {format} file is damaged or cut off after {} bytes ({reason}); everything before that was read",
            self.offset
        )
    }
}

impl std::error::Error for DecompressError {}
