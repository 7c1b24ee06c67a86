//! Splits a file into chunks of whole lines.

use js_sys::{ArrayBuffer, Uint8Array};
use web_sys::Blob;

use crate::reader::byte_source::{ByteSource, MAX_CHUNK_BYTES};

/// Number of bytes searched first for the last line end of a chunk. Lines are short compared to a chunk.
const LINE_SEARCH_BYTES: u32 = 8192;

/// Splits a file into chunks of whole lines.
pub(crate) struct LineSplitter {
    /// `None` after the last chunk.
    source: Option<ByteSource>,
    /// Offset of the next chunk.
    offset: f64,
    /// Start of a line whose end has not been read yet.
    start: Uint8Array,
}

/// A chunk of whole lines: the start of the first one, and what follows.
pub(crate) struct WholeLines {
    /// Offset of the first byte in the file.
    pub(crate) from: f64,
    /// Offset after the last byte.
    pub(crate) to: f64,
    /// Start of the first line, from the bytes read before.
    pub(crate) start: Uint8Array,
    /// The rest of the first line and all other lines.
    pub(crate) rest: Uint8Array,
}

impl LineSplitter {
    /// Starts splitting a file at an offset.
    pub(crate) fn new(file: &Blob, offset: f64) -> Self {
        Self {
            source: Some(ByteSource::new(file, offset)),
            offset,
            start: Uint8Array::new_with_length(0),
        }
    }

    /// Returns the next chunk. Returns `None` at the end of the file, if the file can no longer be read, and before a line that is longer
    /// than a chunk.
    pub(crate) async fn next(&mut self) -> Option<WholeLines> {
        let mut source = self.source.take()?;
        let chunk = source.next(MAX_CHUNK_BYTES).await.ok().flatten()?;
        let from = self.offset;
        let newline = last_newline(&chunk);
        let is_last = from + f64::from(self.start.length() + chunk.length()) >= source.size();
        let length = if is_last {
            chunk.length()
        } else {
            newline? + 1
        };
        let start = std::mem::replace(&mut self.start, chunk.slice(length, chunk.length()));
        self.offset += f64::from(start.length() + length);
        self.source = Some(source);
        Some(WholeLines {
            from,
            to: self.offset,
            start,
            rest: chunk.subarray(0, length),
        })
    }

    /// Takes back the buffer of a chunk that was read.
    pub(crate) fn recycle(&mut self, buffer: Option<ArrayBuffer>) {
        if let (Some(source), Some(buffer)) = (&mut self.source, buffer) {
            source.recycle(buffer);
        }
    }
}

/// Returns the index of the last line end.
fn last_newline(bytes: &Uint8Array) -> Option<u32> {
    let mut end = bytes.length();
    let mut step = LINE_SEARCH_BYTES;
    while end > 0 {
        let start = end.saturating_sub(step);
        let part = bytes.subarray(start, end).to_vec();
        if let Some(newline) = part.iter().rposition(|byte| *byte == b'\n') {
            return Some(start + u32::try_from(newline).unwrap_or(0));
        }
        (end, step) = (start, step * 2);
    }
    None
}
