//! `journalctl -o export`: entries of `NAME=value` lines, and of fields whose length comes first if the value is not plain text.

use crate::limits::MAX_FRAME_BYTES;

/// Start of an entry.
const CURSOR: &[u8] = b"__CURSOR=";
/// Field that contains the event.
const MESSAGE: &[u8] = b"MESSAGE";
/// The longest name of a field.
const MAX_NAME_BYTES: usize = 64;
/// Length of a length: a little-endian number.
pub(super) const LENGTH_BYTES: usize = 8;

/// State of parsing a journal export.
#[derive(Debug, Default)]
pub(super) struct JournalExport {
    is_export: bool,
    /// The bytes are not those of a whole file, and contain no fields.
    is_part: bool,
    /// A length and a value follow; `true` for a message.
    sized: Option<bool>,
}

impl JournalExport {
    /// Creates the state for bytes of a file that contain no fields.
    pub(super) const fn without_fields() -> Self {
        Self {
            is_export: false,
            is_part: true,
            sized: None,
        }
    }

    /// Returns `true` if a length and a value follow.
    pub(super) const fn is_sized(&self) -> bool {
        self.sized.is_some()
    }

    /// Returns to reading lines.
    pub(super) const fn reset(&mut self) {
        self.sized = None;
    }

    /// Returns `true` if a line is part of an entry and contains no event.
    pub(super) fn skips(&mut self, line: &[u8]) -> bool {
        if !self.is_export {
            self.is_export = !self.is_part && line.starts_with(CURSOR);
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

    /// Finds the end of a value whose length comes first.
    pub(super) fn sized_value(&self, bytes: &[u8], at_end: bool) -> SizedValue {
        let length = bytes
            .first_chunk::<LENGTH_BYTES>()
            .map(|bytes| usize::try_from(u64::from_le_bytes(*bytes)).unwrap_or(usize::MAX));
        let end = length
            .filter(|length| *length <= MAX_FRAME_BYTES)
            .map(|length| LENGTH_BYTES + length);
        match end {
            Some(end) if bytes.get(end) == Some(&b'\n') => SizedValue::Complete {
                end,
                is_message: self.sized == Some(true),
            },
            None if length.is_none() && !at_end => SizedValue::Incomplete,
            Some(end) if bytes.len() <= end && !at_end => SizedValue::Incomplete,
            _ => SizedValue::Invalid,
        }
    }
}

/// A value whose length comes first.
pub(super) enum SizedValue {
    /// A line feed follows at `end`.
    Complete { end: usize, is_message: bool },
    /// More bytes are needed.
    Incomplete,
    /// The bytes are something else, and are read as lines.
    Invalid,
}
