//! Detection of compression and of UTF-16.

use crate::utf16;

/// Encoding of a file that has to be undone before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// gzip (RFC 1952).
    Gzip,
    /// zstd (RFC 8878).
    Zstd,
    /// Uncompressed UTF-16.
    Utf16,
}

const GZIP_MAGIC: &[u8] = b"\x1f\x8b";
const ZSTD_MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";

impl Compression {
    /// Number of bytes that [`Compression::detect`] needs.
    pub const HEAD_BYTES: usize = 4;

    /// Detects the encoding from the first [`Self::HEAD_BYTES`] bytes of a file. `None` if it is neither compressed nor UTF-16.
    pub fn detect(head: &[u8]) -> Option<Self> {
        if head.starts_with(GZIP_MAGIC) {
            Some(Self::Gzip)
        } else if head.starts_with(ZSTD_MAGIC) {
            Some(Self::Zstd)
        } else {
            utf16::byte_order(head).map(|_| Self::Utf16)
        }
    }

    /// Name of the format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Utf16 => "UTF-16",
        }
    }
}
