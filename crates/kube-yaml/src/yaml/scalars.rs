//! Scanning of scalars: plain, quoted and block.

use super::cursor::{END, Mark, is_blank, is_blank_or_end, is_break, is_break_or_end};
use super::scanner::{Outcome, Scanner};
use super::token::TokenKind;

/// White space between two parts of a scalar: kept within a line, folded across lines.
#[derive(Debug, Default)]
struct Gap {
    blanks: String,
    /// The first line end and the others.
    first: String,
    rest: String,
    /// True if it contains a line end.
    broken: bool,
}

impl Gap {
    const fn is_empty(&self) -> bool {
        self.blanks.is_empty() && !self.broken
    }

    /// Appends the folded white space and resets it.
    fn join(&mut self, out: &mut String) {
        if !self.broken {
            out.push_str(&self.blanks);
        } else if self.first.starts_with('\n') {
            out.push_str(if self.rest.is_empty() {
                " "
            } else {
                &self.rest
            });
        } else {
            out.push_str(&self.first);
            out.push_str(&self.rest);
        }
        *self = Self::default();
    }
}

/// Treatment of line ends after a block scalar (chomping).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scanner<'_> {
    pub(crate) fn scan_plain(&mut self) -> Outcome<()> {
        let start = self.cursor.mark;
        let mut end = start;
        let indent = self.inner_indent();
        let mut text = String::new();
        let mut gap = Gap::default();
        loop {
            self.cursor.at(3);
            let is_marker =
                self.cursor.is_document_marker('-') || self.cursor.is_document_marker('.');
            if is_marker || self.cursor.peek() == '#' {
                break;
            }
            while !is_blank_or_end(self.cursor.peek()) && !self.ends_plain() {
                if !gap.is_empty() {
                    gap.join(&mut text);
                }
                self.cursor.read(&mut text);
                end = self.cursor.mark;
            }
            let next = self.cursor.peek();
            if !(is_blank(next) || is_break(next)) {
                break;
            }
            self.scan_gap(&mut gap, Some(indent))?;
            if self.flow_level == 0 && self.cursor.mark.column < indent {
                break;
            }
        }
        if gap.broken {
            self.simple_key_allowed = true;
        }
        self.push(
            TokenKind::Scalar {
                text,
                is_plain: true,
            },
            start,
            end,
        );
        Ok(())
    }

    /// Returns true if an indicator ends a plain scalar here.
    fn ends_plain(&mut self) -> bool {
        match self.cursor.peek() {
            ':' => is_blank_or_end(self.cursor.at(1)),
            ',' | '?' | '[' | ']' | '{' | '}' => self.flow_level > 0,
            _ => false,
        }
    }

    /// Collects white space. In a plain scalar, tabs are not allowed as indentation.
    fn scan_gap(&mut self, gap: &mut Gap, indent: Option<usize>) -> Outcome<()> {
        loop {
            let next = self.cursor.peek();
            if is_blank(next) {
                let is_short = indent.is_some_and(|indent| self.cursor.mark.column < indent);
                if gap.broken && is_short && next == '\t' {
                    let here = self.cursor.mark;
                    return Err(
                        self.failure("found a tab character that violates indentation", here)
                    );
                }
                if gap.broken {
                    self.cursor.skip();
                } else {
                    self.cursor.read(&mut gap.blanks);
                }
            } else if is_break(next) {
                if gap.broken {
                    self.cursor.read_line(&mut gap.rest);
                } else {
                    gap.blanks.clear();
                    self.cursor.read_line(&mut gap.first);
                    gap.broken = true;
                }
            } else {
                return Ok(());
            }
        }
    }

    pub(crate) fn scan_quoted(&mut self, single: bool) -> Outcome<()> {
        let start = self.cursor.mark;
        let quote = if single { '\'' } else { '"' };
        self.cursor.skip();
        let mut text = String::new();
        loop {
            self.cursor.at(3);
            if self.cursor.is_document_marker('-') || self.cursor.is_document_marker('.') {
                return Err(self.failure("found unexpected document indicator", start));
            }
            if self.cursor.peek() == END {
                return Err(self.failure("found unexpected end of stream", start));
            }
            let mut gap = Gap::default();
            while !is_blank_or_end(self.cursor.peek()) {
                let next = self.cursor.peek();
                if single && next == quote && self.cursor.at(1) == quote {
                    text.push(quote);
                    self.cursor.skip();
                    self.cursor.skip();
                } else if next == quote {
                    break;
                } else if !single && next == '\\' && is_break(self.cursor.at(1)) {
                    self.cursor.skip();
                    self.cursor.skip_line();
                    gap.broken = true;
                    break;
                } else if !single && next == '\\' {
                    self.scan_escape(&mut text, start)?;
                } else {
                    self.cursor.read(&mut text);
                }
                self.cursor.at(1);
            }
            if self.cursor.peek() == quote {
                break;
            }
            self.scan_gap(&mut gap, None)?;
            gap.join(&mut text);
        }
        self.cursor.skip();
        let end = self.cursor.mark;
        self.push(
            TokenKind::Scalar {
                text,
                is_plain: false,
            },
            start,
            end,
        );
        Ok(())
    }

    /// Parses an escape in double quotes.
    fn scan_escape(&mut self, text: &mut String, start: Mark) -> Outcome<()> {
        let (character, digits) = match self.cursor.at(1) {
            '0' => ('\0', 0),
            'a' => ('\x07', 0),
            'b' => ('\x08', 0),
            't' | '\t' => ('\t', 0),
            'n' => ('\n', 0),
            'v' => ('\x0b', 0),
            'f' => ('\x0c', 0),
            'r' => ('\r', 0),
            'e' => ('\x1b', 0),
            same @ (' ' | '"' | '\'' | '\\') => (same, 0),
            'N' => ('\u{85}', 0),
            '_' => ('\u{a0}', 0),
            'L' => ('\u{2028}', 0),
            'P' => ('\u{2029}', 0),
            'x' => (END, 2),
            'u' => (END, 4),
            'U' => (END, 8),
            _ => return Err(self.failure("found unknown escape character", start)),
        };
        self.cursor.skip();
        self.cursor.skip();
        if digits == 0 {
            text.push(character);
            return Ok(());
        }
        let mut code: u32 = 0;
        for ahead in 0..digits {
            let Some(digit) = self.cursor.at(ahead).to_digit(16) else {
                return Err(self.failure("did not find expected hexdecimal number", start));
            };
            code = code << 4 | digit;
        }
        let Some(character) = char::from_u32(code) else {
            return Err(self.failure("found invalid Unicode character escape code", start));
        };
        text.push(character);
        for _ in 0..digits {
            self.cursor.skip();
        }
        Ok(())
    }

    pub(crate) fn scan_block_scalar(&mut self, literal: bool) -> Outcome<()> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let (chomping, increment) = self.scan_block_header()?;
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !is_break_or_end(self.cursor.peek()) {
            return Err(self.failure("did not find expected comment or line break", start));
        }
        self.cursor.skip_line();

        // An explicit indentation is relative to the enclosing block.
        let mut indent = match increment {
            0 => 0,
            _ => increment + self.inner_indent().saturating_sub(1),
        };
        let mut text = String::new();
        let mut first = String::new();
        let mut rest = String::new();
        let mut end = self.scan_breaks(&mut indent, &mut rest)?;
        let mut after_blank = false;
        while self.cursor.mark.column == indent && self.cursor.peek() != END {
            let before_blank = is_blank(self.cursor.peek());
            if !literal && !after_blank && !before_blank && first.starts_with('\n') {
                if rest.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&first);
            }
            text.push_str(&rest);
            first.clear();
            rest.clear();
            after_blank = before_blank;
            while !is_break_or_end(self.cursor.peek()) {
                self.cursor.read(&mut text);
            }
            self.cursor.read_line(&mut first);
            end = self.scan_breaks(&mut indent, &mut rest)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(&first);
        }
        if chomping == Chomping::Keep {
            text.push_str(&rest);
        }
        self.push(
            TokenKind::Scalar {
                text,
                is_plain: false,
            },
            start,
            end,
        );
        Ok(())
    }

    /// Parses the block header: `+` or `-` and the indentation, in either order.
    fn scan_block_header(&mut self) -> Outcome<(Chomping, usize)> {
        let mut chomping = self.scan_chomping();
        let mut increment = 0;
        if let Some(digit) = self.cursor.peek().to_digit(10) {
            if digit == 0 {
                let here = self.cursor.mark;
                return Err(self.failure("found an indentation indicator equal to 0", here));
            }
            increment = usize::try_from(digit).unwrap_or(0);
            self.cursor.skip();
            chomping = chomping.or_else(|| self.scan_chomping());
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn scan_chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.peek() {
            '+' => Chomping::Keep,
            '-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.skip();
        Some(chomping)
    }

    /// Skips empty lines and indentation, which the first text line determines. Returns the end of the scalar so far.
    fn scan_breaks(&mut self, indent: &mut usize, breaks: &mut String) -> Outcome<Mark> {
        let mut end = self.cursor.mark;
        let mut widest = 0;
        loop {
            while (*indent == 0 || self.cursor.mark.column < *indent) && self.cursor.peek() == ' ' {
                self.cursor.skip();
            }
            widest = widest.max(self.cursor.mark.column);
            let is_short = *indent == 0 || self.cursor.mark.column < *indent;
            if is_short && self.cursor.peek() == '\t' {
                let problem = "found a tab character where an indentation space is expected";
                return Err(self.failure(problem, end));
            }
            if !is_break(self.cursor.peek()) {
                break;
            }
            self.cursor.read_line(breaks);
            end = self.cursor.mark;
        }
        if *indent == 0 {
            *indent = widest.max(self.inner_indent()).max(1);
        }
        Ok(end)
    }
}
