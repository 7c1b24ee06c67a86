//! Helpers for slices of bytes.

use memchr::memchr_iter;

use crate::csv::RowStep;
use crate::frame::types::{Frame, FrameState};

/// Returns `true` if a line contains only separators of array items.
pub(super) fn is_separator(line: &[u8]) -> bool {
    line.iter()
        .all(|byte| matches!(byte, b',' | b'[' | b']' | b'}') || byte.is_ascii_whitespace())
}

/// Returns a range of bytes, as far as they go.
pub(super) fn slice(bytes: &[u8], from: usize, to: usize) -> &[u8] {
    bytes.get(from..to.min(bytes.len())).unwrap_or_default()
}

/// Returns the number of line feeds.
pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

/// Returns the frame of a row without its line end. `None` if it is blank.
pub(super) fn row_frame(
    row: &[u8],
    (offset, line): (u64, u64),
    (step, separator): (RowStep, u8),
) -> Option<Frame<'_>> {
    let bytes = row.strip_suffix(b"\n").unwrap_or(row);
    // A row may start with a separator that is a tab.
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    (!bytes.trim_ascii().is_empty()).then_some(Frame {
        offset,
        line,
        bytes,
        length: bytes.len() as u64,
        state: match step {
            RowStep::Row(_) => FrameState::Row(separator),
            RowStep::Damage(_) => FrameState::BrokenRow,
        },
        context: None,
    })
}

/// Returns `true` if what follows damage are lines, and not items of an array. Damage ends before the separator of the next record.
pub(super) fn starts_lines(after: &[u8], saw_array: bool) -> bool {
    let is_separator = |byte: &u8| *byte == b',' || byte.is_ascii_whitespace();
    let Some(next) = after.iter().position(|byte| !is_separator(byte)) else {
        return false;
    };
    let is_array = saw_array && after.get(next) == Some(&b'{');
    slice(after, 0, next).contains(&b'\n') && !is_array
}

/// Returns the number of separators before the end of a line.
pub(super) fn commas(after: &[u8]) -> usize {
    let is_separator = |byte: &&u8| matches!(**byte, b',' | b' ' | b'\t' | b'\r');
    after.iter().take_while(is_separator).count()
}
