//! Places in a source text.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// A range of bytes of a text, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
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
    /// The characters that start before each block of bytes.
    before_blocks: Vec<usize>,
}

/// Bytes of a block, whose characters are counted for each position: a text may be one line of megabytes with thousands of findings.
const BLOCK: usize = 1 << 10;

/// The characters that start in these bytes of UTF-8.
fn starting(bytes: &[u8]) -> usize {
    let is_start = |byte: &&u8| **byte & 0xc0 != 0x80;
    bytes.iter().filter(is_start).count()
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
        let mut count = 0;
        let before_blocks = bytes.chunks(BLOCK).map(|block| {
            let before = count;
            count += starting(block);
            before
        });
        Self {
            text,
            starts,
            before_blocks: before_blocks.collect(),
        }
    }

    /// The characters before a byte.
    fn characters_before(&self, offset: usize) -> usize {
        // At the very end of the text there may be no block any more; the last one then counts whole.
        let last = self.before_blocks.len().saturating_sub(1);
        let block = (offset / BLOCK).min(last);
        let before = self.before_blocks.get(block).copied().unwrap_or(0);
        let rest = self.text.as_bytes().get(block * BLOCK..offset);
        before + rest.map_or(0, starting)
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
        let column = self.characters_before(offset) - self.characters_before(start);
        Position {
            offset,
            line: line + 1,
            column: column + 1,
        }
    }

    /// Returns the start of a line, counted from 1; the end of the text after the last line.
    pub fn line_start(&self, line: usize) -> usize {
        let start = line.checked_sub(1).and_then(|line| self.starts.get(line));
        start.copied().unwrap_or(self.text.len())
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
    fn columns_count_on_over_many_blocks() {
        // Two and three bytes a character, so that blocks start inside of characters.
        for letter in ["é", "€", "😀"] {
            let count = 5 * BLOCK;
            let text = format!("a\n{}", letter.repeat(count));
            let index = LineIndex::new(&text);
            for at in [0, 1, 341, 342, 512, 513, BLOCK, 2 * BLOCK + 1, count] {
                let place = index.position(2 + at * letter.len());
                assert_eq!((place.line, place.column), (2, at + 1), "{letter} {at}");
                let inside = index.position(2 + at * letter.len() + 1);
                assert_eq!(inside, place, "{letter} {at}");
            }
        }
        let text = "a".repeat(BLOCK);
        assert_eq!(LineIndex::new(&text).position(BLOCK).column, BLOCK + 1);
        assert_eq!(LineIndex::new("").position(0).column, 1);
    }

    #[test]
    fn many_positions_on_one_line_are_found_at_once() {
        // Counting from the start of the line each time would be 10^12 bytes.
        let text = "é".repeat(8 << 20);
        let index = LineIndex::new(&text);
        for at in (0..8 << 20).step_by(64) {
            assert_eq!(index.position(2 * at).column, at + 1);
        }
    }

    #[test]
    fn editors_count_utf16_units() {
        assert_eq!(utf16_offsets("aé😀b", [0, 1, 3, 7, 8]), [0, 1, 2, 4, 5]);
    }
}
