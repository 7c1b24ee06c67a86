//! Incremental validation of JSON: finds the end of a value or the first error, examining each byte once.
//!
//! Counting brackets would find the end of a valid value, but a missing bracket or quote would make a damaged one include everything after
//! it. Validation detects that within a few bytes of the damage.

use memchr::memchr2;

use crate::json::{JsonErrorKind, MAX_DEPTH};

/// Result of validating the bytes so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validation {
    /// The value ends before [`JsonValidator::at`].
    Complete,
    /// The text is not valid JSON from [`JsonValidator::at`] on.
    Invalid(JsonErrorKind),
    /// The bytes end inside the value.
    Incomplete,
}

/// Validator of one value.
#[derive(Debug, Clone)]
pub(crate) struct JsonValidator {
    /// The next byte.
    pub(crate) at: usize,
    state: State,
    /// Open containers: `true` for objects.
    open: Vec<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Value,
    /// After `[`.
    ValueOrEnd,
    /// After `{`.
    KeyOrEnd,
    Key,
    Colon,
    CommaOrEnd,
    /// Inside a string. `true` for a key.
    Text(bool),
    /// After a backslash.
    Escape(bool),
    /// Number of hexadecimal digits still to read.
    Digits(bool, u8),
    Number(Number),
    /// The rest of `true`, `false` or `null`.
    Word(&'static [u8]),
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    Exponent,
    Sign,
    Power,
}

impl Number {
    const fn may_end(self) -> bool {
        matches!(
            self,
            Self::Zero | Self::Whole | Self::Fraction | Self::Power
        )
    }

    const fn next(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Minus, b'0') => Self::Zero,
            (Self::Minus | Self::Whole, b'0'..=b'9') => Self::Whole,
            (Self::Zero | Self::Whole, b'.') => Self::Point,
            (Self::Point | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Zero | Self::Whole | Self::Fraction, b'e' | b'E') => Self::Exponent,
            (Self::Exponent, b'+' | b'-') => Self::Sign,
            (Self::Exponent | Self::Sign | Self::Power, b'0'..=b'9') => Self::Power,
            _ => return None,
        })
    }
}

impl JsonValidator {
    /// Creates a validator for the value that starts at `at`.
    pub(crate) const fn at(at: usize) -> Self {
        Self {
            at,
            state: State::Value,
            open: Vec::new(),
        }
    }

    /// Returns `true` if the position is inside a string.
    pub(crate) const fn is_in_string(&self) -> bool {
        matches!(
            self.state,
            State::Text(_) | State::Escape(_) | State::Digits(..)
        )
    }

    /// Adjusts offsets after `bytes` bytes were removed from the front.
    pub(crate) const fn discard(&mut self, bytes: usize) {
        self.at = self.at.saturating_sub(bytes);
    }

    /// Validates up to the end of the value, the end of the bytes or the first error.
    pub(crate) fn run(&mut self, bytes: &[u8]) -> Validation {
        while let Some(byte) = bytes.get(self.at) {
            if let State::Text(is_key) = self.state {
                if let Err(fault) = self.text(bytes, is_key) {
                    return Validation::Invalid(fault);
                }
            } else if let Err(fault) = self.step(*byte) {
                return Validation::Invalid(fault);
            }
            if self.state == State::Closed {
                return Validation::Complete;
            }
        }
        Validation::Incomplete
    }

    /// Validates like [`Self::run`], and accepts a number that ends with the bytes.
    pub(crate) fn run_to_end(&mut self, bytes: &[u8]) -> Validation {
        match (self.run(bytes), self.state) {
            (Validation::Incomplete, State::Number(number))
                if number.may_end() && self.open.is_empty() =>
            {
                Validation::Complete
            }
            (Validation::Incomplete, _) => Validation::Invalid(JsonErrorKind::Truncated),
            (checked, _) => checked,
        }
    }

    fn text(&mut self, bytes: &[u8], is_key: bool) -> Result<(), JsonErrorKind> {
        let rest = bytes.get(self.at..).unwrap_or_default();
        let found = memchr2(b'"', b'\\', rest);
        let plain = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
        if let Some(at) = plain.iter().position(|byte| *byte < 0x20) {
            self.at += at;
            return Err(JsonErrorKind::ControlCharacter);
        }
        self.at += plain.len();
        if let Some(found) = found {
            self.at += 1;
            if rest.get(found) == Some(&b'\\') {
                self.state = State::Escape(is_key);
            } else if is_key {
                self.state = State::Colon;
            } else {
                self.close();
            }
        }
        Ok(())
    }

    /// Handles the end of a value.
    const fn close(&mut self) {
        self.state = if self.open.is_empty() {
            State::Closed
        } else {
            State::CommaOrEnd
        };
    }

    fn step(&mut self, byte: u8) -> Result<(), JsonErrorKind> {
        match self.state {
            State::Escape(is_key) => {
                self.state = match byte {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => State::Text(is_key),
                    b'u' => State::Digits(is_key, 4),
                    _ => return Err(JsonErrorKind::BadEscape),
                };
            }
            State::Digits(is_key, left) => {
                if !byte.is_ascii_hexdigit() {
                    return Err(JsonErrorKind::BadEscape);
                }
                self.state = match left {
                    0 | 1 => State::Text(is_key),
                    more => State::Digits(is_key, more - 1),
                };
            }
            State::Number(number) => match number.next(byte) {
                Some(next) => self.state = State::Number(next),
                None if number.may_end() => {
                    // The byte belongs to the next token.
                    self.close();
                    return Ok(());
                }
                None => return Err(JsonErrorKind::Expected("a digit")),
            },
            State::Word(rest) => match rest.split_first() {
                Some((expected, rest)) if *expected == byte => {
                    if rest.is_empty() {
                        self.close();
                    } else {
                        self.state = State::Word(rest);
                    }
                }
                _ => return Err(JsonErrorKind::Expected("a value")),
            },
            _ if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') => {}
            _ => self.structure(byte)?,
        }
        self.at += 1;
        Ok(())
    }

    fn structure(&mut self, byte: u8) -> Result<(), JsonErrorKind> {
        let is_object = self.open.last().copied().unwrap_or_default();
        match (self.state, byte) {
            (State::ValueOrEnd, b']') | (State::KeyOrEnd, b'}') => self.pop(),
            (State::CommaOrEnd, b',') if is_object => self.state = State::Key,
            (State::CommaOrEnd, b',') => self.state = State::Value,
            (State::CommaOrEnd, b'}') if is_object => self.pop(),
            (State::CommaOrEnd, b']') if !is_object => self.pop(),
            (State::CommaOrEnd, _) if is_object => {
                return Err(JsonErrorKind::Expected("`,` or `}`"));
            }
            (State::CommaOrEnd, _) => return Err(JsonErrorKind::Expected("`,` or `]`")),
            (State::KeyOrEnd | State::Key, b'"') => self.state = State::Text(true),
            (State::KeyOrEnd | State::Key, _) => {
                return Err(JsonErrorKind::Expected("a key in double quotes"));
            }
            (State::Colon, b':') => self.state = State::Value,
            (State::Colon, _) => return Err(JsonErrorKind::Expected("`:`")),
            (_, b'{' | b'[') => {
                if self.open.len() >= MAX_DEPTH {
                    return Err(JsonErrorKind::TooDeep);
                }
                self.open.push(byte == b'{');
                self.state = if byte == b'{' {
                    State::KeyOrEnd
                } else {
                    State::ValueOrEnd
                };
            }
            (_, b'"') => self.state = State::Text(false),
            (_, b'-') => self.state = State::Number(Number::Minus),
            (_, b'0') => self.state = State::Number(Number::Zero),
            (_, b'1'..=b'9') => self.state = State::Number(Number::Whole),
            (_, b't') => self.state = State::Word(b"rue"),
            (_, b'f') => self.state = State::Word(b"alse"),
            (_, b'n') => self.state = State::Word(b"ull"),
            _ => return Err(JsonErrorKind::Expected("a value")),
        }
        Ok(())
    }

    fn pop(&mut self) {
        self.open.pop();
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    /// Validates a text in chunks of a size; returns where it ends or becomes invalid.
    fn checked(text: &str, chunk: usize) -> (usize, Validation) {
        let mut check = JsonValidator::at(0);
        for end in (chunk..text.len()).step_by(chunk) {
            let found = check.run(&text.as_bytes()[..end]);
            if found != Validation::Incomplete {
                return (check.at, found);
            }
        }
        let found = check.run_to_end(text.as_bytes());
        (check.at, found)
    }

    #[test]
    fn the_validator_agrees_with_the_parser() {
        for text in [
            "{}",
            "[]",
            r#"{"a":[1,{"b":null}],"a":2}"#,
            r#"{"a":"\"\\\u00e9"}"#,
            "-0.5e+10",
            "true",
            "[true,false,null,\"x\",0]",
            "{\n \"a\" : 1 ,\n \"b\" : [ ]\n}",
            "{a:1}",
            "{\"a\":1,{\"b\":2}}",
            "{\"a\":1]",
            "[1 2]",
            "[1,]",
            "{\"a\" 1}",
            "\"\n\"",
            r#""\x""#,
            r#""\u00zz""#,
            "{\"a\":",
            "\"abc",
            "[tru]",
            "1.",
            "[1.x]",
            "nul",
        ] {
            for chunk in [1, 2, 3, 100] {
                let (at, found) = checked(text, chunk);
                match json::value(text) {
                    Ok(value) => {
                        assert_eq!((at, found), (value.len(), Validation::Complete), "{text}")
                    }
                    Err(_) => assert!(matches!(found, Validation::Invalid(_)), "{text}: {found:?}"),
                }
            }
        }
    }

    #[test]
    fn depth_is_limited_as_in_go() {
        let nested = |depth: usize| "[".repeat(depth) + "1" + &"]".repeat(depth);
        assert_eq!(checked(&nested(MAX_DEPTH), 1 << 20).1, Validation::Complete);
        let broken = Validation::Invalid(JsonErrorKind::TooDeep);
        assert_eq!(checked(&nested(MAX_DEPTH + 1), 1 << 20).1, broken);
    }
}
