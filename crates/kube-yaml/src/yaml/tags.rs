//! Scanning of directives, tags, anchors and aliases.

use super::cursor::{Mark, is_blank, is_blank_or_end, is_break_or_end, is_name};
use super::scanner::{Outcome, Scanner};
use super::token::TokenKind;

impl Scanner<'_> {
    pub(crate) fn scan_directive(&mut self) -> Outcome<()> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let name = self.scan_name();
        if name.is_empty() {
            return Err(self.failure("could not find expected directive name", start));
        }
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(self.failure("found unexpected non-alphabetical character", start));
        }
        let kind = match name.as_str() {
            "YAML" => self.scan_version(start)?,
            "TAG" => self.scan_tag_prefix(start)?,
            _ => return Err(self.failure("found unknown directive name", start)),
        };
        let end = self.cursor.mark;
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !is_break_or_end(self.cursor.peek()) {
            return Err(self.failure("did not find expected comment or line break", start));
        }
        self.cursor.skip_line();
        self.push(kind, start, end);
        Ok(())
    }

    fn scan_name(&mut self) -> String {
        let mut name = String::new();
        while is_name(self.cursor.peek()) {
            self.cursor.read(&mut name);
        }
        name
    }

    fn scan_version(&mut self, start: Mark) -> Outcome<TokenKind> {
        self.cursor.skip_blanks();
        let major = self.scan_version_number(start)?;
        if self.cursor.peek() != '.' {
            return Err(self.failure("did not find expected digit or '.' character", start));
        }
        self.cursor.skip();
        let minor = self.scan_version_number(start)?;
        Ok(TokenKind::Version { major, minor })
    }

    /// Parses a number of one or two digits.
    fn scan_version_number(&mut self, start: Mark) -> Outcome<u8> {
        let mut number: Option<u8> = None;
        for length in 0_u8.. {
            let digit = self.cursor.peek().to_digit(10);
            let Some(digit) = digit.and_then(|digit| u8::try_from(digit).ok()) else {
                break;
            };
            if length == 2 {
                return Err(self.failure("found extremely long version number", start));
            }
            number = Some(number.unwrap_or(0) * 10 + digit);
            self.cursor.skip();
        }
        number.ok_or_else(|| self.failure("did not find expected version number", start))
    }

    fn scan_tag_prefix(&mut self, start: Mark) -> Outcome<TokenKind> {
        self.cursor.skip_blanks();
        let handle = self.scan_handle(true, start)?;
        if !is_blank(self.cursor.peek()) {
            return Err(self.failure("did not find expected whitespace", start));
        }
        self.cursor.skip_blanks();
        let prefix = self.scan_uri("", start)?;
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(self.failure("did not find expected whitespace or line break", start));
        }
        Ok(TokenKind::TagPrefix { handle, prefix })
    }

    pub(crate) fn scan_anchor(&mut self, is_alias: bool) -> Outcome<()> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let name = self.scan_name();
        let end = self.cursor.mark;
        let next = self.cursor.peek();
        let is_ended =
            is_blank_or_end(next) || matches!(next, '?' | ':' | ',' | ']' | '}' | '%' | '@' | '`');
        if name.is_empty() || !is_ended {
            return Err(self.failure(
                "did not find expected alphabetic or numeric character",
                start,
            ));
        }
        let kind = if is_alias {
            TokenKind::Alias(name)
        } else {
            TokenKind::Anchor(name)
        };
        self.push(kind, start, end);
        Ok(())
    }

    pub(crate) fn scan_tag(&mut self) -> Outcome<()> {
        let start = self.cursor.mark;
        let (handle, suffix) = if self.cursor.at(1) == '<' {
            self.cursor.skip();
            self.cursor.skip();
            let suffix = self.scan_uri("", start)?;
            if self.cursor.peek() != '>' {
                return Err(self.failure("did not find the expected '>'", start));
            }
            self.cursor.skip();
            (String::new(), suffix)
        } else {
            let handle = self.scan_handle(false, start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.scan_uri("", start)?;
                (handle, suffix)
            } else {
                match self.scan_uri(&handle, start)? {
                    suffix if suffix.is_empty() => (suffix, "!".to_owned()),
                    suffix => ("!".to_owned(), suffix),
                }
            }
        };
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(self.failure("did not find expected whitespace or line break", start));
        }
        let end = self.cursor.mark;
        self.push(TokenKind::Tag { handle, suffix }, start, end);
        Ok(())
    }

    /// Parses a tag handle: `!`, `!!` or `!name!`. In a tag, a handle without the second `!` is the start of the suffix.
    fn scan_handle(&mut self, is_directive: bool, start: Mark) -> Outcome<String> {
        if self.cursor.peek() != '!' {
            return Err(self.failure("did not find expected '!'", start));
        }
        let mut handle = String::new();
        self.cursor.read(&mut handle);
        handle.push_str(&self.scan_name());
        if self.cursor.peek() == '!' {
            self.cursor.read(&mut handle);
        } else if is_directive && handle != "!" {
            return Err(self.failure("did not find expected '!'", start));
        }
        Ok(handle)
    }

    /// Parses the suffix of a tag, after `head` without its `!`.
    fn scan_uri(&mut self, head: &str, start: Mark) -> Outcome<String> {
        let mut uri: Vec<u8> = head.bytes().skip(1).collect();
        let mut is_given = !head.is_empty();
        loop {
            let next = self.cursor.peek();
            if next == '%' {
                self.scan_uri_escape(&mut uri, start)?;
            } else if is_name(next) || ";/?:@&=+$,.!~*'()[]".contains(next) {
                let mut character = String::new();
                self.cursor.read(&mut character);
                uri.extend_from_slice(character.as_bytes());
            } else {
                break;
            }
            is_given = true;
        }
        if !is_given {
            return Err(self.failure("did not find expected tag URI", start));
        }
        Ok(crate::text::read_lossy(&uri))
    }

    /// Parses a percent-encoded character such as `%C3%A9`.
    fn scan_uri_escape(&mut self, uri: &mut Vec<u8>, start: Mark) -> Outcome<()> {
        let mut left = None;
        while left != Some(0) {
            let digits = (
                self.cursor.at(1).to_digit(16),
                self.cursor.at(2).to_digit(16),
            );
            let ('%', (Some(high), Some(low))) = (self.cursor.peek(), digits) else {
                return Err(self.failure("did not find URI escaped octet", start));
            };
            let octet = u8::try_from(high << 4 | low).unwrap_or(0);
            left = match left {
                None => Some(match octet {
                    0x00..=0x7f => 0,
                    0xc0..=0xdf => 1,
                    0xe0..=0xef => 2,
                    0xf0..=0xf7 => 3,
                    _ => {
                        let problem = "found an incorrect leading UTF-8 octet";
                        return Err(self.failure(problem, start));
                    }
                }),
                Some(_) if octet & 0xc0 != 0x80 => {
                    let problem = "found an incorrect trailing UTF-8 octet";
                    return Err(self.failure(problem, start));
                }
                Some(count) => Some(count - 1),
            };
            uri.push(octet);
            for _ in 0..3 {
                self.cursor.skip();
            }
        }
        Ok(())
    }
}
