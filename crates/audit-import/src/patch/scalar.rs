//! Edits a part of a scalar in the style in which it is written.

use std::ops::Range;

use super::list::QuoteStyle;
use audit_text::quote;

/// A change of a scalar's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScalarEdit {
    /// Bytes of the text. It ends after a character that is not a space.
    pub(super) range: Range<usize>,
    /// `true` if the range starts after a character that is kept; otherwise it starts with one that is replaced.
    pub(super) keeps_start: bool,
    pub(super) text: String,
}

/// A scalar, and where each of its characters is in the source. Spaces are left out: YAML folds them.
pub(super) struct Scalar<'t> {
    text: &'t str,
    style: QuoteStyle,
    is_block: bool,
    /// Offsets in the text of the characters that are not spaces.
    in_text: Vec<usize>,
    /// Their ranges in the source.
    in_source: Vec<Range<usize>>,
    /// Indentation of a block's lines.
    indent: String,
    line_ending: &'static str,
}

impl<'t> Scalar<'t> {
    /// Aligns a text with its source. `None` if they have different characters.
    pub(super) fn new(
        source: &str,
        text: &'t str,
        style: QuoteStyle,
        line_ending: &'static str,
    ) -> Option<Self> {
        let is_block = source.starts_with(['|', '>']);
        let written = if is_block {
            let body = source.find('\n')? + 1;
            plain(source, body)
        } else if source.starts_with('"') {
            escaped(source)?
        } else if source.starts_with('\'') {
            single(source)
        } else {
            plain(source, 0)
        };
        let solid = text.char_indices().filter(|(_, c)| !c.is_whitespace());
        let (mut in_text, mut in_source) = (Vec::new(), Vec::new());
        let mut written = written.into_iter();
        for (at, character) in solid {
            let (same, range) = written.next()?;
            if same != character {
                return None;
            }
            in_text.push(at);
            in_source.push(range);
        }
        Some(Self {
            text,
            style,
            is_block,
            indent: indent(source, text, in_text.first().copied(), in_source.first()),
            in_text,
            in_source,
            line_ending,
        })
    }

    /// Returns the change of the source. `None` if the text cannot be written in this style.
    pub(super) fn edit(&self, edit: &ScalarEdit) -> Option<(Range<usize>, String)> {
        let last = self.ending_at(edit.range.end)?;
        let end = self.in_source.get(last)?.end;
        let start = if edit.keeps_start {
            let first = self.ending_at(edit.range.start)?;
            self.in_source.get(first)?.end
        } else {
            let first = self.in_text.binary_search(&edit.range.start).ok()?;
            self.in_source.get(first)?.start
        };
        Some((start..end, self.written(&edit.text)?))
    }

    /// Returns the index of the character that ends at an offset of the text.
    fn ending_at(&self, offset: usize) -> Option<usize> {
        let before = self.text.get(..offset)?;
        let last = before.chars().next_back()?;
        self.in_text.binary_search(&(offset - last.len_utf8())).ok()
    }

    /// Writes a text in the style of the scalar.
    fn written(&self, text: &str) -> Option<String> {
        if self.is_block {
            let next_line = format!("{}{}", self.line_ending, self.indent);
            return Some(text.replace('\n', &next_line));
        }
        let inner = |quoted: String| {
            let inner = quoted.get(1..quoted.len().checked_sub(1)?)?;
            Some(inner.to_owned())
        };
        match self.style {
            QuoteStyle::Double => inner(quote::double(text)),
            QuoteStyle::Json => inner(quote::json(text)),
            _ if text.contains('\n') => None,
            QuoteStyle::Single => Some(text.replace('\'', "''")),
            QuoteStyle::Plain | QuoteStyle::Shell => Some(text.to_owned()),
        }
    }
}

/// Returns the indentation of a block: that of its first character's line, less what belongs to the text.
fn indent(
    source: &str,
    text: &str,
    in_text: Option<usize>,
    in_source: Option<&Range<usize>>,
) -> String {
    let margin = |text: &str, at: usize| {
        let before = text.get(..at).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |end| end + 1)
    };
    let (Some(in_text), Some(in_source)) = (in_text, in_source) else {
        return String::new();
    };
    let outer = margin(source, in_source.start);
    " ".repeat(outer.saturating_sub(margin(text, in_text)))
}

type Written = Vec<(char, Range<usize>)>;

/// Characters of a text without escapes, from an offset.
fn plain(source: &str, from: usize) -> Written {
    let body = source.get(from..).unwrap_or_default();
    let solid = body.char_indices().filter(|(_, c)| !c.is_whitespace());
    solid
        .map(|(at, c)| (c, from + at..from + at + c.len_utf8()))
        .collect()
}

/// Characters of a text in single quotes, in which two quotes are one.
fn single(source: &str) -> Written {
    let mut written = Vec::new();
    let mut characters = source.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        let mut end = at + character.len_utf8();
        if character == '\'' {
            match characters.next_if(|(_, next)| *next == '\'') {
                Some((second, _)) => end = second + 1,
                None => break,
            }
        }
        if !character.is_whitespace() {
            written.push((character, at..end));
        }
    }
    written
}

/// Characters of a text in double quotes, with the escapes of YAML and JSON. `None` at one that is unknown.
fn escaped(source: &str) -> Option<Written> {
    let mut written = Vec::new();
    let mut characters = source.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '"' {
            break;
        }
        let mut end = at + character.len_utf8();
        let mut meant = character;
        if character == '\\' {
            let (second, letter) = characters.next()?;
            end = second + letter.len_utf8();
            let digits = match letter {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => 0,
            };
            meant = match letter {
                'x' | 'u' | 'U' => {
                    let code = source.get(end..end + digits)?;
                    end += digits;
                    for _ in 0..digits {
                        characters.next();
                    }
                    char::from_u32(u32::from_str_radix(code, 16).ok()?)?
                }
                '"' | '\\' | '/' => letter,
                // White space: a line end, a tab, a space.
                'n' | 'r' | 't' | ' ' | '\n' | '\r' | '_' | 'N' | 'L' | 'P' | 'v' | 'f' => ' ',
                _ => return None,
            };
        }
        if !meant.is_whitespace() {
            written.push((meant, at..end));
        }
    }
    Some(written)
}
