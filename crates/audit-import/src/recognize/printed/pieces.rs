//! Parts of a text that a script prints, with their places in the script.

use audit_types::Span;

use crate::recognize::base64;
use crate::recognize::source_map::{Segment, SourceMap, WriteBack};

/// Maximum size of a text in bytes.
pub(super) const MAX_FILE_BYTES: usize = 1 << 20;

/// A text, and the file or key that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::recognize) struct PrintedFile {
    /// Path of the file, with the values of variables that the script sets; the key of an object; or empty.
    pub(in crate::recognize) name: String,
    pub(in crate::recognize) text: String,
    /// Map of the text to the script.
    pub(in crate::recognize) map: SourceMap,
    /// `true` if variables in it are replaced.
    pub(in crate::recognize) is_expanded: bool,
}

/// A part of a printed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) span: Span,
    /// The script spells the text as it is.
    pub(super) is_verbatim: bool,
    pub(super) is_expanded: bool,
}

/// A word of a command, and whether it began with a quote.
pub(super) type PrintedWord = (Vec<Piece>, bool);

/// Returns the text of a word.
pub(super) fn text_of((pieces, _): &PrintedWord) -> String {
    text_of_pieces(pieces)
}

fn text_of_pieces(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// Returns the size of a text in bytes.
pub(super) fn length_of(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.text.len()).sum()
}

/// Returns the smallest span with all parts that the script spells.
fn whole(pieces: &[Piece]) -> Span {
    let spelled = pieces
        .iter()
        .filter(|piece| piece.span.start < piece.span.end);
    let start = spelled.clone().map(|piece| piece.span.start).min();
    let end = spelled.map(|piece| piece.span.end).max();
    Span::new(start.unwrap_or(0), end.unwrap_or(0))
}

/// Returns the text that Base64 in a text encodes, also if it is compressed. `None` if it is not Base64.
pub(super) fn decoded(pieces: &[Piece]) -> Option<Vec<Piece>> {
    let text = base64::text_of(&text_of_pieces(pieces))?;
    Some(vec![Piece {
        text,
        span: whole(pieces),
        is_verbatim: false,
        is_expanded: false,
    }])
}

/// Returns a text without its first bytes.
pub(super) fn after(pieces: &[Piece], bytes: usize) -> Vec<Piece> {
    let mut left = bytes;
    let mut out = Vec::new();
    for piece in pieces {
        let removed = left.min(piece.text.len());
        left -= removed;
        let text = piece.text.get(removed..).unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        let start = piece.span.start + if piece.is_verbatim { removed } else { 0 };
        out.push(Piece {
            text: text.to_owned(),
            span: Span::new(start, piece.span.end),
            ..*piece
        });
    }
    out
}

/// A text that is put together.
pub(super) struct Building {
    /// Name of the file as messages have it.
    pub(super) name: String,
    pub(super) pieces: Vec<Piece>,
    length: usize,
}

impl Building {
    pub(super) const fn new(name: String) -> Self {
        Self {
            name,
            pieces: Vec::new(),
            length: 0,
        }
    }

    /// Writes a text as the file, or appends it unless the file is too long.
    pub(super) fn write(&mut self, text: Vec<Piece>, is_appended: bool) {
        if !is_appended {
            self.pieces.clear();
            self.length = 0;
        }
        if self.length <= MAX_FILE_BYTES {
            self.length += length_of(&text);
            self.pieces.extend(text);
        }
    }

    pub(super) fn finish(self) -> PrintedFile {
        let mut text = String::new();
        let mut segments = Vec::new();
        for piece in &self.pieces {
            let inner = Span::new(text.len(), text.len() + piece.text.len());
            if piece.span.start < piece.span.end {
                segments.push(Segment {
                    inner,
                    outer: piece.span,
                    is_verbatim: piece.is_verbatim,
                });
            }
            text.push_str(&piece.text);
        }
        // An encoded text has no part that the script spells as it is.
        let is_spelled = self.pieces.iter().any(|piece| piece.is_verbatim);
        let write_back = if is_spelled {
            WriteBack::WithinLine
        } else {
            WriteBack::Never
        };
        PrintedFile {
            name: self.name,
            is_expanded: self.pieces.iter().any(|piece| piece.is_expanded),
            map: SourceMap::new(segments, whole(&self.pieces), write_back),
            text,
        }
    }
}
