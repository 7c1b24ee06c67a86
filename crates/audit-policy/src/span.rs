//! Places in a source text.

use serde::{Deserialize, Serialize};

/// A range of bytes of a text, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

/// A place as people and editors count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Bytes from the start of the text.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Turns byte offsets of one text into lines, columns and UTF-16 offsets.
#[derive(Debug, Clone)]
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    /// Reads the text once; lines end at LF, CRLF or a lone CR.
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                starts.push(at + 1);
            }
        }
        Self { text, starts }
    }

    /// The line (from 0) that holds the byte, and where that line starts.
    fn line_at(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let line = line.saturating_sub(1);
        (line, self.starts.get(line).copied().unwrap_or(0))
    }

    /// The place of a byte; an offset past the end is the end, one inside a character is that character's start.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let (line, start) = self.line_at(offset);
        let before = self.text.get(start..offset).unwrap_or_default();
        Position {
            offset,
            line: line + 1,
            column: before.chars().count() + 1,
        }
    }

    /// The text of a line (from 1), without its end.
    pub fn line_text(&self, line: usize) -> &'a str {
        let Some(start) = line.checked_sub(1).and_then(|line| self.starts.get(line)) else {
            return "";
        };
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text
            .get(*start..end)
            .unwrap_or_default()
            .trim_end_matches(['\n', '\r'])
    }

    /// How many lines there are; a final line end starts one more.
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }
}

/// UTF-16 offsets of ascending byte offsets in one pass; editors count in UTF-16 code units.
pub fn utf16_offsets(text: &str, ascending: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut chars = text.char_indices().peekable();
    let mut units = 0;
    ascending
        .into_iter()
        .map(|offset| {
            while let Some((_, character)) = chars.next_if(|(at, _)| *at < offset) {
                units += character.len_utf16();
            }
            units
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_three_ways() {
        let index = LineIndex::new("é: 1\r\nb\rc\nd");
        for (offset, line, column) in [
            (0, 1, 1),
            (2, 1, 2),
            (7, 2, 1),
            (9, 3, 1),
            (11, 4, 1),
            (99, 4, 2),
        ] {
            let place = index.position(offset);
            assert_eq!(
                (place.line, place.column),
                (line, column),
                "offset {offset}"
            );
        }
        assert_eq!(index.line_text(1), "é: 1");
        assert_eq!(index.line_text(4), "d");
    }

    #[test]
    fn editors_count_utf16_units() {
        assert_eq!(utf16_offsets("aé😀b", [0, 1, 3, 7, 8]), [0, 1, 2, 4, 5]);
    }
}
