//! `journalctl -o export`: entries of `NAME=value` lines, and of fields whose length is given where the value is not plain text.

use super::{Frame, FrameState, FrameStatus, Framer, MAX_FRAME_BYTES, slice};

/// What begins an entry.
const CURSOR: &[u8] = b"__CURSOR=";
/// The field that holds the event.
const MESSAGE: &[u8] = b"MESSAGE";
/// The longest name of a field.
const MAX_NAME_BYTES: usize = 64;
/// A length is a number of so many bytes, the lowest first.
const LENGTH_BYTES: usize = 8;

/// Whether a file is such an export, and where it stands in an entry.
#[derive(Debug, Default)]
pub(super) struct JournalExport {
    is_export: bool,
    /// A length and a value follow; true for a message.
    sized: Option<bool>,
}

impl JournalExport {
    /// Whether a length and a value follow.
    pub(super) const fn is_sized(&self) -> bool {
        self.sized.is_some()
    }

    /// Goes on line by line.
    pub(super) const fn reset(&mut self) {
        self.sized = None;
    }

    /// Whether a line belongs to an entry and holds no event.
    pub(super) fn skips(&mut self, line: &[u8]) -> bool {
        if !self.is_export {
            self.is_export = line.starts_with(CURSOR);
            return self.is_export;
        }
        let is_of_name = |byte: &&u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
        let length = line.iter().take_while(is_of_name).count();
        let Some((name, rest)) = line.split_at_checked(length) else {
            return false;
        };
        match rest.first() {
            _ if name.is_empty() || name.len() > MAX_NAME_BYTES => false,
            Some(b'=') => name != MESSAGE,
            Some(b'\n') => {
                self.sized = Some(name == MESSAGE);
                true
            }
            _ => false,
        }
    }
}

impl Framer {
    /// Takes a value whose length comes first; false where more bytes are needed.
    pub(super) fn drain_sized(
        &mut self,
        carry: &[u8],
        start: &mut usize,
        at_end: bool,
        sink: &mut impl FnMut(Frame<'_>) -> FrameStatus,
    ) -> bool {
        let rest = slice(carry, *start, carry.len());
        let length = rest
            .first_chunk::<LENGTH_BYTES>()
            .map(|bytes| usize::try_from(u64::from_le_bytes(*bytes)).unwrap_or(usize::MAX));
        let end = length
            .filter(|length| *length <= MAX_FRAME_BYTES)
            .map(|length| LENGTH_BYTES + length);
        let is_whole = end.is_some_and(|end| rest.get(end) == Some(&b'\n'));
        let may_come = length.is_none() || end.is_some_and(|end| rest.len() <= end);
        if !is_whole && may_come && !at_end {
            return false;
        }
        if let Some(end) = end.filter(|_| is_whole) {
            if self.export.sized == Some(true) {
                let before = (LENGTH_BYTES, FrameState::Whole);
                self.emit(slice(rest, 0, end), before, None, sink);
            }
            self.advance(slice(rest, 0, end + 1));
            *start += end + 1;
        }
        // Else it is no such value: its lines are read as any other.
        self.export.reset();
        self.searched = *start;
        true
    }
}
