//! Decompression of gzip, as kube-apiserver compresses rotated logs (`--audit-log-compress`), and of zstd; and conversion of UTF-16,
//! compressed or not.
//!
//! [`Decompressor`] accepts bytes in chunks and emits bytes in chunks. It holds at most one window of them. Several members or frames in
//! one file are one log. [`DecompressReader`] does the same for any [`Read`](std::io::Read) and detects the format.
//!
//! The features `gzip` and `zstd`, both on by default, include the decoders. Without them, such files are still detected and fail with
//! [`DecompressErrorKind::Unsupported`].

mod compression;
mod error;
#[cfg(feature = "gzip")]
mod gzip;
mod reader;
#[cfg(all(test, feature = "gzip", feature = "zstd"))]
mod tests;
#[cfg(feature = "zstd")]
mod zstd;

use std::fmt;

pub use compression::Compression;
pub use error::{DecompressError, DecompressErrorKind};
pub use reader::DecompressReader;

use crate::utf16;

/// Decompresses one file that arrives in chunks.
///
/// ```
/// # #[cfg(feature = "gzip")] {
/// use audit_log::decompress::{Compression, Decompressor};
///
/// // "hi" as a gzip file with one stored block.
/// let file = [
///     0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, // header
///     1, 2, 0, 253, 255, b'h', b'i', // block
///     0xac, 0x2a, 0x93, 0xd8, 2, 0, 0, 0, // checksum and length
/// ];
/// let mut decompressor = Decompressor::new(Compression::detect(&file).unwrap());
/// let mut text = Vec::new();
/// decompressor.push(&file, &mut |bytes| text.extend_from_slice(bytes)).unwrap();
/// decompressor.finish(&mut |bytes| text.extend_from_slice(bytes)).unwrap();
/// assert_eq!(text, b"hi");
/// # }
/// ```
pub struct Decompressor {
    compression: Compression,
    /// Compressed bytes that were decoded.
    consumed: u64,
    decoder: Decoder,
    text: TextDecoder,
}

enum Decoder {
    #[cfg(feature = "gzip")]
    Gzip(Box<gzip::Gzip>),
    #[cfg(feature = "zstd")]
    Zstd(Box<zstd::Zstd>),
    /// Not compressed.
    Plain,
    /// The format is not part of this build.
    #[cfg(not(all(feature = "gzip", feature = "zstd")))]
    Unsupported,
    /// An error was returned; the rest of the file is ignored.
    Failed,
}

impl Decoder {
    fn new(compression: Compression) -> Self {
        match compression {
            #[cfg(feature = "gzip")]
            Compression::Gzip => Self::Gzip(Box::new(gzip::Gzip::new())),
            #[cfg(feature = "zstd")]
            Compression::Zstd => Self::Zstd(Box::default()),
            Compression::Utf16 => Self::Plain,
            #[cfg(not(all(feature = "gzip", feature = "zstd")))]
            _ => Self::Unsupported,
        }
    }

    fn push(
        &mut self,
        bytes: &[u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), DecompressErrorKind> {
        match self {
            #[cfg(feature = "gzip")]
            Self::Gzip(gzip) => gzip.push(bytes, out),
            #[cfg(feature = "zstd")]
            Self::Zstd(zstd) => zstd.push(bytes, out),
            Self::Plain => {
                out(bytes);
                Ok(())
            }
            #[cfg(not(all(feature = "gzip", feature = "zstd")))]
            Self::Unsupported => Err(DecompressErrorKind::Unsupported),
            Self::Failed => Ok(()),
        }
    }

    fn finish(&mut self, out: &mut impl FnMut(&[u8])) -> Result<(), DecompressErrorKind> {
        match self {
            #[cfg(feature = "gzip")]
            Self::Gzip(gzip) => gzip.finish(out),
            #[cfg(feature = "zstd")]
            Self::Zstd(zstd) => zstd.finish(out),
            #[cfg(not(all(feature = "gzip", feature = "zstd")))]
            Self::Unsupported => Err(DecompressErrorKind::Unsupported),
            Self::Plain | Self::Failed => {
                // Unused if no decoder is part of this build.
                let _ = out;
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Decompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decompressor")
            .field("compression", &self.compression)
            .field("consumed", &self.consumed)
            .finish_non_exhaustive()
    }
}

/// Compressed bytes that are decoded at a time. gzip expands them at most about a thousandfold.
const STEP_BYTES: usize = 16 << 10;

impl Decompressor {
    /// Creates a decompressor for a file that is at its start.
    pub fn new(compression: Compression) -> Self {
        Self {
            compression,
            consumed: 0,
            decoder: Decoder::new(compression),
            text: TextDecoder::default(),
        }
    }

    /// Decompresses the next bytes of the file.
    ///
    /// # Errors
    /// Fails if the file is damaged. Data before the damage has been emitted, and later calls emit nothing.
    pub fn push(
        &mut self,
        bytes: &[u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), DecompressError> {
        for step in bytes.chunks(STEP_BYTES) {
            let Self { decoder, text, .. } = self;
            if matches!(decoder, Decoder::Failed) {
                return Ok(());
            }
            let mut decoded = |bytes: &[u8]| text.push(bytes, out);
            if let Err(kind) = decoder.push(step, &mut decoded) {
                return Err(self.fail(kind));
            }
            self.consumed += step.len() as u64;
        }
        Ok(())
    }

    /// Ends the file and emits the remaining data.
    ///
    /// # Errors
    /// Fails if the file is truncated.
    pub fn finish(mut self, out: &mut impl FnMut(&[u8])) -> Result<(), DecompressError> {
        let Self { decoder, text, .. } = &mut self;
        let result = decoder.finish(&mut |bytes: &[u8]| text.push(bytes, out));
        let has_failed = matches!(decoder, Decoder::Failed);
        let is_complete = text.finish(out) || has_failed;
        match result {
            Ok(()) if is_complete => Ok(()),
            Ok(()) => Err(self.fail(DecompressErrorKind::Truncated)),
            Err(kind) => Err(self.fail(kind)),
        }
    }

    fn fail(&mut self, kind: DecompressErrorKind) -> DecompressError {
        self.decoder = Decoder::Failed;
        DecompressError {
            compression: self.compression,
            offset: self.consumed,
            kind,
        }
    }
}

/// Converts decompressed data to UTF-8.
#[derive(Debug, Default)]
struct TextDecoder {
    /// First bytes, until the encoding is detected.
    head: Vec<u8>,
    is_detected: bool,
    utf16: Option<utf16::Decoder>,
}

impl TextDecoder {
    fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        if self.is_detected {
            return self.emit(bytes, out);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() >= Compression::HEAD_BYTES {
            self.detect(out);
        }
    }

    fn detect(&mut self, out: &mut impl FnMut(&[u8])) {
        self.is_detected = true;
        let head = std::mem::take(&mut self.head);
        self.utf16 = utf16::byte_order(&head).map(utf16::Decoder::new);
        if !head.is_empty() {
            self.emit(&head, out);
        }
    }

    fn emit(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        match &mut self.utf16 {
            Some(decoder) => decoder.push(bytes, out),
            None => out(bytes),
        }
    }

    /// Emits the remaining text. Returns `false` if it ends inside a character.
    fn finish(&mut self, out: &mut impl FnMut(&[u8])) -> bool {
        if !self.is_detected {
            self.detect(out);
        }
        self.utf16
            .as_mut()
            .is_none_or(|decoder| decoder.finish(out))
    }
}
