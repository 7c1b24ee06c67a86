//! Mapping of offsets in an extracted text to locations in the file.

use std::cell::Cell;

use crate::csv;
use crate::json;
use crate::location::Location;
use crate::placeholder;

/// Maps an offset in a decoded text to one in the raw text, counting from a known pair of both.
type OffsetMap = fn(&str, (usize, usize), usize) -> (usize, usize);

/// Origin of a text, for mapping its offsets to locations in the file.
///
/// Offsets are mapped in ascending order, so each level caches its last position.
#[derive(Debug)]
pub(crate) enum SourceMap<'a> {
    /// The text is in the file unchanged.
    File {
        /// Offset of its first byte.
        offset: u64,
        /// Line of its first byte.
        line: u64,
        text: &'a [u8],
        /// Counted bytes, and line feeds in them.
        counted: Cell<(usize, u64)>,
    },
    /// The text is part of another text.
    Part {
        start: usize,
        parent: &'a SourceMap<'a>,
    },
    /// The text is the decoded content of a JSON string or a CSV field in another text.
    Escaped {
        /// Content between the quotes.
        raw: &'a str,
        /// Offset of the content in the other text.
        start: usize,
        parent: &'a SourceMap<'a>,
        /// Counted bytes of this text, and of the raw content.
        counted: Cell<(usize, usize)>,
        map: OffsetMap,
    },
    /// The text is another text with placeholders for invalid bytes.
    Placeholders {
        text: &'a str,
        parent: &'a SourceMap<'a>,
        /// Counted bytes of this text, and of the other one.
        counted: Cell<(usize, usize)>,
    },
    /// The text was joined from parts: all of it has the location of the whole.
    Joined(Location),
    /// The text has another encoding in the file, such as Base64: all of it has the location of its record.
    Encoded(Location),
}

impl<'a> SourceMap<'a> {
    pub(crate) const fn file(offset: u64, line: u64, text: &'a [u8]) -> Self {
        Self::File {
            offset,
            line,
            text,
            counted: Cell::new((0, 0)),
        }
    }

    /// Creates the map of a part of this text that starts at an offset.
    pub(crate) const fn part(&'a self, start: usize) -> Self {
        Self::Part {
            start,
            parent: self,
        }
    }

    /// Creates the map of the decoded content of a string in this text; `raw` is the content between the quotes, at `start`.
    pub(crate) const fn escaped(&'a self, raw: &'a str, start: usize) -> Self {
        Self::Escaped {
            raw,
            start,
            parent: self,
            counted: Cell::new((0, 0)),
            map: json::escaped_offset,
        }
    }

    /// Creates the map of the content of a CSV field in this text; `raw` is the content between the quotes, at `start`.
    pub(crate) const fn doubled(&'a self, raw: &'a str, start: usize) -> Self {
        Self::Escaped {
            raw,
            start,
            parent: self,
            counted: Cell::new((0, 0)),
            map: csv::doubled_offset,
        }
    }

    /// Creates the map of this text with placeholders.
    pub(crate) const fn with_placeholders(&'a self, text: &'a str) -> Self {
        Self::Placeholders {
            text,
            parent: self,
            counted: Cell::new((0, 0)),
        }
    }

    /// Returns the location of a range of this text.
    pub(crate) fn location(&self, from: usize, to: usize) -> Location {
        match self {
            Self::File {
                offset,
                line,
                text,
                counted,
            } => {
                let (mut at, mut lines) = counted.get();
                if from < at {
                    (at, lines) = (0, 0);
                }
                lines += memchr::memchr_iter(b'\n', text.get(at..from).unwrap_or_default()).count()
                    as u64;
                counted.set((from, lines));
                Location {
                    offset: offset + from as u64,
                    length: to.saturating_sub(from) as u64,
                    line: line + lines,
                }
            }
            Self::Part { start, parent } => parent.location(start + from, start + to),
            Self::Escaped {
                raw,
                start,
                parent,
                counted,
                map,
            } => {
                let before = counted.get();
                let before = if from < before.0 { (0, 0) } else { before };
                let first = map(raw, before, from);
                let last = map(raw, first, to);
                counted.set(first);
                parent.location(start + first.1, start + last.1)
            }
            Self::Placeholders {
                text,
                parent,
                counted,
            } => {
                let before = counted.get();
                let before = if from < before.0 { (0, 0) } else { before };
                let first = placeholder::encoded_length(text, before, from);
                let last = placeholder::encoded_length(text, first, to);
                counted.set(first);
                parent.location(first.1, last.1)
            }
            Self::Joined(location) | Self::Encoded(location) => *location,
        }
    }

    /// Returns `true` if the text is a line or value of the file itself.
    pub(crate) fn is_in_file(&self) -> bool {
        match self {
            Self::File { .. } => true,
            Self::Part { parent, .. } | Self::Placeholders { parent, .. } => parent.is_in_file(),
            Self::Escaped { .. } | Self::Joined(_) | Self::Encoded(_) => false,
        }
    }

    /// Returns `true` if the text is a value of the file, or of text that has another encoding in it: a string of the value may be a part of
    /// a cut event.
    pub(crate) fn may_have_parts(&self) -> bool {
        match self {
            Self::File { .. } | Self::Encoded(_) => true,
            Self::Part { parent, .. } | Self::Placeholders { parent, .. } => {
                parent.may_have_parts()
            }
            Self::Escaped { .. } | Self::Joined(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_mapped_through_escapes() {
        // In the file: a line, then `x"{\"a\":\"\\u00e9\"}"`.
        let file = "line\nx\"{\\\"a\\\":\\\"\\u00e9\\\"}\"";
        let source = SourceMap::file(100, 7, file.as_bytes());
        let raw = &file[7..file.len() - 1];
        let decoded = json::string(&file[6..]).unwrap();
        assert_eq!(decoded, "{\"a\":\"é\"}");
        let inner = source.escaped(raw, 7);
        for (from, to, text) in [
            (0, decoded.len(), raw),
            (1, 4, "\\\"a\\\""),
            (5, 9, "\\\"\\u00e9\\\""),
            (0, 1, "{"),
        ] {
            let location = inner.location(from, to);
            let start = usize::try_from(location.offset - 100).unwrap();
            assert_eq!(
                &file[start..start + usize::try_from(location.length).unwrap()],
                text
            );
            assert_eq!(location.line, 8);
        }
    }
}
