//! Reads a line outside of brackets.

use super::frame::{Frame, Progress};
use super::reader::{Expected, Reader, Word, end_of_quoted, indent_of, is_space};

impl Reader {
    /// Reads a line. If it `is_last`, it is cut at the position, and the result is the word there; `None` in comments, after complete words and in
    /// blocks of text.
    pub(super) fn line(&mut self, line: &str, is_last: bool) -> Option<Word> {
        let indent = indent_of(line);
        let is_blank = indent == line.len();
        if let Some(lowest) = self.text_indent {
            if indent >= lowest || (is_blank && !is_last) {
                return None;
            }
            self.text_indent = None;
        }
        if self.opened.is_some_and(|opened| indent <= opened) && !self.is_json && begins_block(line)
        {
            self.close_flow();
        }
        if let Some(quote) = self.quote {
            let end = end_of_quoted(line, quote)?;
            self.quote = None;
            return self.after_quote(line, end, is_last);
        }
        if self.is_in_flow() {
            return self.flow(line, 0, is_last);
        }
        let mark = line.get(..3);
        if matches!(mark, Some("---" | "...")) && is_space(line.chars().nth(3)) {
            self.reset();
            return None;
        }
        self.block(line, 0, Expected::LineStart, is_last)
    }

    pub(super) fn is_in_flow(&self) -> bool {
        self.top().is_some_and(|top| top.is_flow)
    }

    /// Reads on after a quote of an earlier line.
    fn after_quote(&mut self, line: &str, at: usize, is_last: bool) -> Option<Word> {
        if self.is_in_flow() {
            return self.flow(line, at, is_last);
        }
        self.opened = None;
        self.block(line, at, Expected::Nothing, is_last)
    }

    /// Reads a line from a byte on.
    pub(super) fn block(
        &mut self,
        line: &str,
        mut at: usize,
        mut expected: Expected,
        is_last: bool,
    ) -> Option<Word> {
        loop {
            let rest = line.get(at..)?;
            let start = line.len() - rest.trim_start_matches([' ', '\t']).len();
            let rest = line.get(start..)?;
            let Some(first) = rest.chars().next() else {
                let is_word = is_last && !self.is_too_deep;
                return is_word.then_some(Word {
                    start,
                    quote: None,
                    expected,
                });
            };
            if first == '#' || expected == Expected::Nothing || self.is_too_deep {
                return None;
            }
            let second = rest.chars().nth(1);
            match first {
                '-' if expected != Expected::Value && is_space(second) => {
                    if second.is_none() && is_last {
                        return None;
                    }
                    self.dash(start);
                    expected = Expected::Item;
                    at = start + 1;
                }
                '[' | '{' => {
                    self.open(first, indent_of(line), start);
                    return self.flow(line, start + 1, is_last);
                }
                '&' | '!' => at = start + rest.find([' ', '\t']).unwrap_or(rest.len()),
                '|' | '>' if expected != Expected::LineStart => {
                    self.text_indent = Some(self.top().map_or(0, |top| top.indent + 1));
                    return None;
                }
                '"' | '\'' => match self.quoted(line, start, first, expected, is_last) {
                    Ok(next) => (at, expected) = next,
                    Err(word) => return word,
                },
                _ => match self.plain(line, start, expected, is_last) {
                    Ok(next) => (at, expected) = next,
                    Err(word) => return word,
                },
            }
        }
    }

    /// Reads a quoted text. Returns where to read on, else the word that ends the line.
    fn quoted(
        &mut self,
        line: &str,
        start: usize,
        quote: char,
        expected: Expected,
        is_last: bool,
    ) -> Result<(usize, Expected), Option<Word>> {
        let inside = line.get(start + 1..).unwrap_or_default();
        let Some(length) = end_of_quoted(inside, quote) else {
            if is_last {
                return Err(Some(Word {
                    start,
                    quote: Some(quote),
                    expected,
                }));
            }
            self.scalar("", expected);
            self.quote = Some(quote);
            self.opened.get_or_insert(indent_of(line));
            return Err(None);
        };
        let end = start + 1 + length;
        let text = inside.get(..length - 1).unwrap_or_default();
        let after = line.get(end..).unwrap_or_default();
        if is_last && after.is_empty() {
            return Err(None);
        }
        match after.trim_start().strip_prefix(':') {
            Some(rest) if expected != Expected::Value && is_space(rest.chars().next()) => {
                self.key(text, start, expected);
                Ok((line.len() - rest.len(), Expected::Value))
            }
            _ => {
                self.scalar(text, expected);
                Ok((end, Expected::Nothing))
            }
        }
    }

    /// Reads a text without quotes. Returns where to read on, else the word that ends the line.
    fn plain(
        &mut self,
        line: &str,
        start: usize,
        expected: Expected,
        is_last: bool,
    ) -> Result<(usize, Expected), Option<Word>> {
        let rest = line.get(start..).unwrap_or_default();
        let word = Word {
            start,
            quote: None,
            expected,
        };
        let colon = (expected != Expected::Value).then(|| colon(rest)).flatten();
        if let Some(colon) = colon {
            // Right behind a colon, no value begins.
            if is_last && colon + 1 == rest.len() {
                return Err(Some(word));
            }
            self.key(
                rest.get(..colon).unwrap_or_default().trim_end(),
                start,
                expected,
            );
            return Ok((start + colon + 1, Expected::Value));
        }
        let end = rest.find(" #").unwrap_or(rest.len());
        let text = rest.get(..end).unwrap_or_default();
        let length = text.trim_end().len();
        if is_last && length == rest.len() {
            return Err(Some(word));
        }
        self.scalar(text.trim_end(), expected);
        Ok((start + length, Expected::Nothing))
    }

    /// Begins an item of a list whose dash is in a column.
    fn dash(&mut self, column: usize) {
        while self.top().is_some_and(|top| top.indent > column) {
            self.pop();
        }
        let is_open = self
            .top()
            .is_some_and(|top| !top.is_map && top.indent == column);
        if !is_open {
            self.push(Frame::new(false, false, column, self.offset + column));
        }
    }

    /// Begins a field whose name is in a column.
    fn key(&mut self, name: &str, column: usize, expected: Expected) {
        let start = self.offset + column;
        if expected == Expected::LineStart {
            let is_over =
                |top: &Frame| top.indent > column || (!top.is_map && top.indent == column);
            while self.top().is_some_and(is_over) {
                self.pop();
            }
        }
        let is_open = expected == Expected::LineStart
            && self
                .top()
                .is_some_and(|top| top.is_map && top.indent == column);
        if !is_open {
            self.push(Frame::new(true, false, column, start));
        }
        if let Some(top) = self.stack.last_mut().filter(|top| top.is_map) {
            top.add_field(name, Progress::Colon);
        }
    }

    /// Adds a value or an item. A text at the start of a line continues that of the line before.
    fn scalar(&mut self, text: &str, expected: Expected) {
        if let Some(top) = self.stack.last_mut()
            && matches!(expected, Expected::Value | Expected::Item)
        {
            top.add_scalar(text);
        }
    }

    /// Opens a bracket.
    pub(super) fn open(&mut self, bracket: char, indent: usize, column: usize) {
        let indent = *self.opened.get_or_insert(indent);
        let start = self.offset + column;
        self.push(Frame::new(bracket == '{', true, indent, start));
    }
}

/// Returns the byte of the colon that ends a key.
fn colon(text: &str) -> Option<usize> {
    let comment = text.find(" #").unwrap_or(text.len());
    let text = text.get(..comment)?;
    let mut colons = text.match_indices(':');
    let ends_key = |at: usize| is_space(text.get(at + 1..).and_then(|rest| rest.chars().next()));
    colons.find(|(at, _)| ends_key(*at)).map(|(at, _)| at)
}

/// Returns whether a line begins with a dash, or with a name and a colon: no line in brackets should.
fn begins_block(line: &str) -> bool {
    let line = line.trim_start_matches(' ');
    let name = line.trim_start_matches(|character: char| character.is_ascii_alphabetic());
    let is_key = name.len() < line.len()
        && name
            .strip_prefix(':')
            .is_some_and(|rest| matches!(rest.chars().next(), None | Some(' ')));
    line.starts_with("- ") || is_key
}
