//! A position in the text that advances by characters and line ends, counted as go-yaml does.

use crate::text::Text;

/// A position in the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Offset in bytes.
    pub(crate) offset: usize,
    /// Offset in characters.
    pub(crate) index: usize,
    /// Number of line ends before it.
    pub(crate) line: usize,
    /// Number of characters before it on its line.
    pub(crate) column: usize,
}

/// Marks the end of the text; the text cannot contain it.
pub(crate) const END: char = '\0';

/// Reads a text to its end, or to the chunk that the server cannot decode.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    /// End of the readable text.
    limit: usize,
    /// True if a character after a premature end was requested.
    flawed: bool,
    /// End of the reader's buffer while it starts with a byte order mark.
    marked: Option<usize>,
    pub(crate) mark: Mark,
}

impl<'a> Cursor<'a> {
    /// Creates a cursor after the byte order mark.
    pub(crate) fn new(text: &'a Text) -> Self {
        let offset = text.mark;
        let rest = text.text.get(offset..).unwrap_or_default();
        let has_second_mark = rest.starts_with('\u{feff}');
        let limit = match &text.flaw {
            Some(flaw) => flaw.chunk.max(offset),
            None => text.text.len(),
        };
        Self {
            text: &text.text,
            limit,
            flawed: false,
            marked: has_second_mark.then_some(text.first_chunk),
            mark: Mark {
                offset,
                ..Mark::default()
            },
        }
    }

    /// Returns true if the server would have reached the undecodable chunk.
    pub(crate) const fn is_flawed(&self) -> bool {
        self.flawed
    }

    /// Returns the next character.
    pub(crate) fn peek(&mut self) -> char {
        self.want(1);
        match self.ascii(0) {
            Some(character) => character,
            None => self.far(0),
        }
    }

    /// Returns the character at a distance in bytes, if all characters before it are ASCII.
    fn ascii(&self, ahead: usize) -> Option<char> {
        let bytes = self.text.as_bytes();
        let end = self.mark.offset + ahead + 1;
        let run = bytes
            .get(self.mark.offset..end)
            .filter(|_| end <= self.limit)?;
        let last = run.last().copied()?;
        run.is_ascii().then_some(char::from(last))
    }

    /// Returns the character at a distance in characters.
    pub(crate) fn at(&mut self, ahead: usize) -> char {
        self.want(ahead + 1);
        match self.ascii(ahead) {
            Some(character) => character,
            None => self.far(ahead),
        }
    }

    /// Refills the buffer if it has fewer characters.
    fn want(&mut self, count: usize) {
        if let Some(end) = self.marked {
            let held = self.text.get(self.mark.offset..end).unwrap_or_default();
            if held.chars().take(count).count() < count {
                self.marked = None;
            }
        }
    }

    /// Refills the buffer for any text, also at the end.
    fn far(&mut self, ahead: usize) -> char {
        let rest = self.text.get(self.mark.offset..self.limit);
        match rest.and_then(|rest| rest.chars().nth(ahead)) {
            Some(character) => character,
            None => {
                self.flawed |= self.limit < self.text.len();
                END
            }
        }
    }

    /// Returns true if the three characters follow at the start of a line, before white space.
    pub(crate) fn is_document_marker(&mut self, letter: char) -> bool {
        self.mark.column == 0
            && self.peek() == letter
            && (1..3).all(|ahead| self.at(ahead) == letter)
            && is_blank_or_end(self.at(3))
    }

    /// Skips a byte order mark. go-yaml looks for it at the start of its buffer: after a second mark at the start of the text, every line
    /// loses its first character until the buffer is refilled.
    pub(crate) fn skip_mark(&mut self) {
        self.peek();
        if self.mark.column == 0 && self.marked.is_some() {
            self.skip();
        }
    }

    /// Skips a character.
    pub(crate) fn skip(&mut self) {
        let character = self.peek();
        if character != END {
            self.mark.offset += character.len_utf8();
            self.mark.index += 1;
            self.mark.column += 1;
        }
    }

    /// Skips a character and appends it.
    pub(crate) fn read(&mut self, out: &mut String) {
        let character = self.peek();
        if character != END {
            out.push(character);
        }
        self.skip();
    }

    /// Skips a line end, if there is one.
    pub(crate) fn skip_line(&mut self) {
        let first = self.peek();
        if !is_break(first) {
            return;
        }
        let pair = first == '\r' && self.at(1) == '\n';
        self.mark.offset += first.len_utf8() + usize::from(pair);
        self.mark.index += 1 + usize::from(pair);
        self.mark.column = 0;
        self.mark.line += 1;
    }

    /// Skips a line end and appends it: the two of Unicode unchanged, all others as LF.
    pub(crate) fn read_line(&mut self, out: &mut String) {
        match self.peek() {
            separator @ ('\u{2028}' | '\u{2029}') => out.push(separator),
            other if is_break(other) => out.push('\n'),
            _ => return,
        }
        self.skip_line();
    }

    /// Skips spaces and tabs.
    pub(crate) fn skip_blanks(&mut self) {
        while is_blank(self.peek()) {
            self.skip();
        }
    }

    /// Skips a comment up to the end of its line, if there is one.
    pub(crate) fn skip_comment(&mut self) {
        if self.peek() == '#' {
            while !is_break_or_end(self.peek()) {
                self.skip();
            }
        }
    }
}

pub(crate) const fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub(crate) const fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

pub(crate) const fn is_break_or_end(character: char) -> bool {
    is_break(character) || character == END
}

pub(crate) const fn is_blank_or_end(character: char) -> bool {
    is_blank(character) || is_break_or_end(character)
}

/// Returns true if names of anchors, tags and directives may contain the character.
pub(crate) const fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}
