//! Positions of the protocol: lines and columns from 0, columns in the units that client and server agreed on.

use audit_policy::{LineIndex, Span};
use gen_lsp_types::{Position, PositionEncodingKind, Range};

/// Unit of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: what every client understands.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// Selects the encoding among those that a client offers, bytes before all others.
    pub(super) fn among<'n>(offered: impl Iterator<Item = &'n str> + Clone) -> Self {
        let has = |name: &str| offered.clone().any(|offered| offered == name);
        if has("utf-8") {
            Self::Utf8
        } else if has("utf-32") && !has("utf-16") {
            Self::Utf32
        } else {
            Self::Utf16
        }
    }

    /// Returns the name of the encoding in the protocol.
    pub(super) const fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    const fn width(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        }
    }

    fn units(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            _ => text.chars().map(|character| self.width(character)).sum(),
        }
    }
}

/// Number of bytes of a block, whose units are counted for each position: a text may be one line of megabytes with thousands of findings.
const BLOCK: usize = 1 << 10;

/// Lines of a text, with the columns of an encoding.
pub(super) struct Lines<'t> {
    text: &'t str,
    index: LineIndex<'t>,
    encoding: Encoding,
    /// Starts of blocks, each at a character, with the units before it.
    blocks: Vec<(usize, usize)>,
}

impl<'t> Lines<'t> {
    /// Reads a text.
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Self {
        let mut blocks = vec![(0, 0)];
        let (mut start, mut before) = (0, 0);
        while start < text.len() {
            let end = text.ceil_char_boundary(start + BLOCK);
            before += encoding.units(text.get(start..end).unwrap_or_default());
            start = end;
            blocks.push((start, before));
        }
        Self {
            text,
            index: LineIndex::new(text),
            encoding,
            blocks,
        }
    }

    /// Returns the units before a byte, which must be at a character.
    fn units_before(&self, offset: usize) -> usize {
        let after = self.blocks.partition_point(|(start, _)| *start <= offset);
        let block = after
            .checked_sub(1)
            .and_then(|block| self.blocks.get(block));
        let (start, before) = block.copied().unwrap_or_default();
        before
            + self
                .encoding
                .units(self.text.get(start..offset).unwrap_or_default())
    }

    /// Returns the position of a byte. An offset past the end is the end, one inside a character is that character's start.
    pub(super) fn position(&self, offset: usize) -> Position {
        let place = self.index.position(offset);
        let start = self.index.line_start(place.line);
        let column = self.units_before(place.offset) - self.units_before(start);
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Position::new(number(place.line - 1), number(column))
    }

    /// Returns the range of a span.
    pub(super) fn range(&self, span: Span) -> Range {
        Range::new(self.position(span.start), self.position(span.end))
    }

    /// Returns the byte at a position. A column past the end of its line is that end, a line past the last one is the end of the text, and a column
    /// inside a character is that character's start.
    pub(super) fn offset(&self, position: Position) -> usize {
        let number = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
        let line = number(position.line).saturating_add(1);
        let start = self.index.line_start(line);
        let column = number(position.character);
        let mut units = 0;
        for (at, character) in self.index.line_text(line).char_indices() {
            units += self.encoding.width(character);
            if units > column {
                return start + at;
            }
        }
        start + self.index.line_text(line).len()
    }

    /// Returns the span of a range; one whose end is before its start is turned round.
    pub(super) fn span(&self, range: Range) -> Span {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        Span::new(start.min(end), start.max(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `é` is 2 bytes and 1 unit of UTF-16, `😀` 4 bytes and 2 units, `€` 3 bytes and 1 unit. The second line starts at byte 10 and ends at byte 14.
    const TEXT: &str = "é😀\ta\r\nb\u{20ac}";

    #[test]
    fn columns_are_counted_in_the_unit_of_the_encoding() {
        use Encoding::{Utf8, Utf16, Utf32};
        for (encoding, offset, line, column) in [
            (Utf16, 0, 0, 0),
            (Utf16, 2, 0, 1),
            (Utf16, 6, 0, 3),
            (Utf16, 7, 0, 4),
            (Utf16, 8, 0, 5),
            (Utf16, 10, 1, 0),
            (Utf16, 11, 1, 1),
            (Utf16, 14, 1, 2),
            (Utf8, 2, 0, 2),
            (Utf8, 6, 0, 6),
            (Utf8, 14, 1, 4),
            (Utf32, 2, 0, 1),
            (Utf32, 6, 0, 2),
            (Utf32, 14, 1, 2),
        ] {
            let lines = Lines::new(TEXT, encoding);
            let position = Position::new(line, column);
            assert_eq!(lines.position(offset), position, "{encoding:?} {offset}");
            assert_eq!(lines.offset(position), offset, "{encoding:?} {offset}");
        }
    }

    #[test]
    fn positions_out_of_range_are_clamped() {
        let lines = Lines::new(TEXT, Encoding::Utf16);
        for (line, column, offset) in [
            // The second half of a pair of UTF-16.
            (0, 2, 2),
            // Past the end of the line, which is before CR and LF.
            (0, 99, 8),
            (0, u32::MAX, 8),
            (1, 99, 14),
            (2, 0, 14),
            (u32::MAX, u32::MAX, 14),
        ] {
            let found = lines.offset(Position::new(line, column));
            assert_eq!(found, offset, "{line}:{column}");
        }
        assert_eq!(lines.position(99), Position::new(1, 2));
        // Inside of the first character.
        assert_eq!(lines.position(1), Position::new(0, 0));
        let turned = Range::new(Position::new(1, 0), Position::new(0, 1));
        assert_eq!(lines.span(turned), Span::new(2, 10));
        assert_eq!(
            Lines::new("", Encoding::Utf16).position(0),
            Position::new(0, 0)
        );
    }

    #[test]
    fn a_lone_carriage_return_ends_a_line() {
        let lines = Lines::new("a\rb\nc", Encoding::Utf16);
        assert_eq!(lines.position(2), Position::new(1, 0));
        assert_eq!(lines.position(4), Position::new(2, 0));
    }

    #[test]
    fn columns_count_on_over_many_blocks() {
        let count = 3 * BLOCK;
        let text = format!("a\n{}", "😀".repeat(count));
        let lines = Lines::new(&text, Encoding::Utf16);
        for at in [0, 1, 255, 256, 257, BLOCK, count] {
            let column = u32::try_from(2 * at).unwrap();
            assert_eq!(lines.position(2 + 4 * at), Position::new(1, column), "{at}");
        }
    }

    #[test]
    fn bytes_are_preferred_and_utf_16_is_the_default() {
        for (offered, expected) in [
            (&[][..], Encoding::Utf16),
            (&["utf-16"][..], Encoding::Utf16),
            (&["utf-16", "utf-8"], Encoding::Utf8),
            (&["utf-32"], Encoding::Utf32),
            (&["utf-32", "utf-16"], Encoding::Utf16),
            (&["utf-7"], Encoding::Utf16),
        ] {
            assert_eq!(Encoding::among(offered.iter().copied()), expected);
        }
    }
}
