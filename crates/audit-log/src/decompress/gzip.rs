//! gzip.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use crate::decompress::error::DecompressErrorKind;

/// A gzip file with any number of members.
pub(super) struct Gzip(MultiGzDecoder<Vec<u8>>);

impl Gzip {
    pub(super) fn new() -> Self {
        Self(MultiGzDecoder::new(Vec::new()))
    }

    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), DecompressErrorKind> {
        let written = self.0.write_all(bytes).and_then(|()| self.0.flush());
        if written.is_err() {
            // Data before the damage is still in the decoder's buffer. Its own error is known already.
            let _ = self.0.try_finish();
        }
        let text = self.0.get_mut();
        if !text.is_empty() {
            out(text);
            text.clear();
        }
        written.map_err(|error| kind_of(&error))
    }

    pub(super) fn finish(
        &mut self,
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), DecompressErrorKind> {
        let result = self.0.try_finish();
        out(self.0.get_ref());
        result.map_err(|error| kind_of(&error))
    }
}

fn kind_of(error: &io::Error) -> DecompressErrorKind {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        DecompressErrorKind::Truncated
    } else {
        DecompressErrorKind::Corrupt(error.to_string())
    }
}
