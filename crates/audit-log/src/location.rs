//! Positions in a file.

/// Position of an event or a problem in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Location {
    /// Offset in bytes from the start of the file.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
    /// Line of its first byte, from 1.
    pub line: u64,
}

impl Location {
    /// Returns the text of the location in a part of the file, or another text if the location is not inside that part.
    pub(crate) fn text_or<'t>(self, (part, place): (&'t [u8], Self), text: &'t [u8]) -> &'t [u8] {
        let is_inside =
            self.offset >= place.offset && self.offset + self.length <= place.offset + place.length;
        if is_inside {
            self.text_in(part, place.offset)
        } else {
            text
        }
    }

    /// Returns the text of the location in the bytes at an offset of the file, as far as they contain it.
    pub(crate) fn text_in(self, bytes: &[u8], offset: u64) -> &[u8] {
        let index = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
        let start = index(self.offset.saturating_sub(offset));
        let rest = bytes.get(start..).unwrap_or_default();
        rest.get(..index(self.length)).unwrap_or(rest)
    }
}
