//! Parsing of JSON text into ranges of raw text, without building values.
//!
//! Accepts what Go's `encoding/json` accepts (RFC 8259, nesting up to 10,000) and rejects everything else with offset and reason.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr2;

use crate::placeholder;

/// Maximum nesting depth, as in Go.
pub const MAX_DEPTH: usize = 10_000;

/// Reason why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// Offset in bytes from the start of the text.
    pub offset: usize,
    /// Kind of the error.
    pub kind: JsonErrorKind,
}

/// Kind of error in a text that is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// The text ends inside a value.
    Truncated,
    /// Another character was expected.
    Expected(&'static str),
    /// A raw control character in a string.
    ControlCharacter,
    /// An unknown escape.
    BadEscape,
    /// Nesting over [`MAX_DEPTH`].
    TooDeep,
    /// Text after the value.
    Trailing,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let byte = self.offset + 1;
        match self.kind {
            JsonErrorKind::Truncated => write!(
                f,
                "the text ends inside a value, after {} bytes",
                self.offset
            ),
            JsonErrorKind::Expected(what) => write!(f, "expected {what} at byte {byte}"),
            JsonErrorKind::ControlCharacter => {
                write!(f, "unescaped control character in a string at byte {byte}")
            }
            JsonErrorKind::BadEscape => write!(f, "unknown escape in a string at byte {byte}"),
            JsonErrorKind::TooDeep => {
                write!(f, "values nest deeper than {MAX_DEPTH} at byte {byte}")
            }
            JsonErrorKind::Trailing => write!(f, "text after the end of the value at byte {byte}"),
        }
    }
}

impl std::error::Error for JsonError {}

/// Returns the raw text of the value in `text`, without surrounding whitespace.
///
/// # Errors
/// Fails if the text is not exactly one JSON value.
pub fn value(text: &str) -> Result<&str, JsonError> {
    let mut cursor = Cursor::new(text);
    let raw = cursor.value()?;
    cursor.white_space();
    match cursor.peek() {
        None => Ok(raw),
        Some(_) => Err(cursor.error(JsonErrorKind::Trailing)),
    }
}

/// Returns the members of an object in order: decoded keys and raw values. Empty for other values.
///
/// The text must be valid as [`value`] checks it. On other texts, iteration ends at the first error.
pub fn members(object: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    raw_members(object).map_while(|(key, value)| Some((string(key)?, value)))
}

/// Returns the members of an object in order: raw keys and raw values. See [`members`].
pub fn raw_members(object: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut cursor = Cursor::new(object);
    let mut more = cursor.enter(b'{', b'}');
    std::iter::from_fn(move || {
        if !more {
            return None;
        }
        let key = cursor.key().ok()?;
        let value = cursor.value().ok()?;
        more = cursor.more(b'}').ok()?;
        Some((key, value))
    })
}

/// Returns the raw items of an array in order. Empty for other values. See [`members`].
pub fn elements(array: &str) -> impl Iterator<Item = &str> {
    let mut cursor = Cursor::new(array);
    let mut more = cursor.enter(b'[', b']');
    std::iter::from_fn(move || {
        if !more {
            return None;
        }
        let value = cursor.value().ok()?;
        more = cursor.more(b']').ok()?;
        Some(value)
    })
}

/// Returns the raw value of a member: the last one of that name, as Go decodes duplicates.
pub fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    members(object)
        .filter(|(key, _)| key == name)
        .last()
        .map(|(_, value)| value)
}

/// Returns the offset of `part`, a slice of `whole`, in it.
pub(crate) fn offset_in(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}

/// Decodes a raw string. `None` for other values. Lone surrogates become U+FFFD, as in Go.
pub fn string(raw: &str) -> Option<Cow<'_, str>> {
    unescaped(raw.strip_prefix('"')?.strip_suffix('"')?)
}

/// Decodes a raw string like [`string`], except that the escape `\ufffd`, which Go writes for a byte that is not valid UTF-8, becomes
/// [`placeholder::UNKNOWN_BYTE`]. The unescaped character U+FFFD stays.
pub fn string_with_placeholders(raw: &str) -> Option<Cow<'_, str>> {
    unescaped_as(
        raw.strip_prefix('"')?.strip_suffix('"')?,
        placeholder::UNKNOWN_BYTE,
    )
}

/// Returns `true` if a text begins with the escape that Go writes for a byte that is not valid UTF-8.
pub fn is_invalid_byte_escape(escape: &str) -> bool {
    escape
        .get(..6)
        .is_some_and(|escape| escape.eq_ignore_ascii_case("\\ufffd") && !escape.contains('U'))
}

/// Decodes the content between the quotes of a string. `None` if an escape is incomplete.
pub fn unescaped(inner: &str) -> Option<Cow<'_, str>> {
    unescaped_as(inner, char::REPLACEMENT_CHARACTER)
}

/// Decodes like [`unescaped`], with `invalid` for the escape `\ufffd`.
fn unescaped_as(inner: &str, invalid: char) -> Option<Cow<'_, str>> {
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        text.push_str(plain);
        let (character, length) = unescape(escape)?;
        text.push(if is_invalid_byte_escape(escape) {
            invalid
        } else {
            character
        });
        rest = escape.get(length..)?;
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// Returns the offset in the raw content of a string that corresponds to an offset in the decoded text, counting from a known pair of both.
pub(crate) fn escaped_offset(inner: &str, known: (usize, usize), target: usize) -> (usize, usize) {
    let (mut decoded, mut written) = known;
    while decoded < target {
        let rest = inner.get(written..).unwrap_or_default();
        let plain = rest.find('\\').unwrap_or(rest.len());
        let step = plain.min(target - decoded);
        (decoded, written) = (decoded + step, written + step);
        if step < plain || decoded >= target {
            break;
        }
        let Some((character, length)) = rest.get(plain..).and_then(unescape) else {
            break;
        };
        (decoded, written) = (decoded + character.len_utf8(), written + length);
    }
    (decoded, written)
}

/// Returns the character that the escape at the start of a text represents, and the length of the escape.
pub fn unescape(text: &str) -> Option<(char, usize)> {
    let character = match text.as_bytes().get(1)? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => return unescape_unicode(text),
        other => char::from(*other),
    };
    Some((character, 2))
}

fn unescape_unicode(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u32::from_str_radix(text.get(at..at + 4)?, 16).ok();
    let first = unit(2)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 6));
    }
    let second = (text.get(6..8) == Some("\\u")).then(|| unit(8)).flatten();
    match (first, second) {
        (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) => {
            let code = 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
            Some((char::from_u32(code)?, 12))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

/// A position in a JSON text.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    const fn error(&self, kind: JsonErrorKind) -> JsonError {
        JsonError {
            offset: self.at,
            kind,
        }
    }

    fn expected(&self, what: &'static str) -> JsonError {
        self.error(match self.peek() {
            None => JsonErrorKind::Truncated,
            Some(_) => JsonErrorKind::Expected(what),
        })
    }

    fn white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Enters a container. Returns `false` if there is none or it is empty.
    fn enter(&mut self, open: u8, close: u8) -> bool {
        self.white_space();
        if !self.take(open) {
            return false;
        }
        self.white_space();
        !self.take(close)
    }

    /// Returns `true` if another item follows in the container that `close` ends.
    fn more(&mut self, close: u8) -> Result<bool, JsonError> {
        self.white_space();
        if self.take(b',') {
            Ok(true)
        } else if self.take(close) {
            Ok(false)
        } else if close == b'}' {
            Err(self.expected("`,` or `}`"))
        } else {
            Err(self.expected("`,` or `]`"))
        }
    }

    /// Parses a key and its colon and returns the raw key.
    fn key(&mut self) -> Result<&'a str, JsonError> {
        self.white_space();
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.expected("a key in double quotes"));
        }
        self.string()?;
        let raw = self.text.get(start..self.at).unwrap_or_default();
        self.white_space();
        if self.take(b':') {
            Ok(raw)
        } else {
            Err(self.expected("`:`"))
        }
    }

    /// Parses a value and returns its raw text.
    fn value(&mut self) -> Result<&'a str, JsonError> {
        self.white_space();
        let start = self.at;
        let mut closers: Vec<u8> = Vec::new();
        loop {
            self.white_space();
            match self.peek() {
                Some(b'{') => {
                    if self.enter(b'{', b'}') {
                        self.key()?;
                        closers.push(b'}');
                        self.check_depth(closers.len())?;
                        continue;
                    }
                }
                Some(b'[') => {
                    if self.enter(b'[', b']') {
                        closers.push(b']');
                        self.check_depth(closers.len())?;
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            loop {
                let Some(close) = closers.last().copied() else {
                    return Ok(self.text.get(start..self.at).unwrap_or_default());
                };
                if self.more(close)? {
                    if close == b'}' {
                        self.key()?;
                    }
                    break;
                }
                closers.pop();
            }
        }
    }

    const fn check_depth(&self, depth: usize) -> Result<(), JsonError> {
        if depth > MAX_DEPTH {
            Err(self.error(JsonErrorKind::TooDeep))
        } else {
            Ok(())
        }
    }

    fn scalar(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                let literal = ["true", "false", "null"]
                    .into_iter()
                    .find(|literal| self.rest().starts_with(literal.as_bytes()));
                match literal {
                    Some(literal) => {
                        self.at += literal.len();
                        Ok(())
                    }
                    None => Err(self.expected("a value")),
                }
            }
        }
    }

    fn string(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(plain) = memchr2(b'"', b'\\', rest) else {
                self.at = self.text.len();
                return Err(self.error(JsonErrorKind::Truncated));
            };
            if let Some(at) = rest.iter().take(plain).position(|byte| *byte < 0x20) {
                self.at += at;
                return Err(self.error(JsonErrorKind::ControlCharacter));
            }
            self.at += plain;
            if self.take(b'"') {
                return Ok(());
            }
            self.escape()?;
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let rest = self.rest();
        let length = match rest.get(1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => match rest.get(2..6) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => 6,
                Some(_) => return Err(self.error(JsonErrorKind::BadEscape)),
                None => return Err(self.error(JsonErrorKind::Truncated)),
            },
            Some(_) => return Err(self.error(JsonErrorKind::BadEscape)),
            None => return Err(self.error(JsonErrorKind::Truncated)),
        };
        self.at += length;
        Ok(())
    }

    fn number(&mut self) -> Result<(), JsonError> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let count = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        self.at += count;
        if count == 0 {
            Err(self.expected("a digit"))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_values_are_accepted() {
        for text in [
            "null",
            " true ",
            "-0.5e+10",
            r#""a\"b\\\u00e9""#,
            "[]",
            "{}",
            r#"{"a":[1,{"b":null}],"a":2}"#,
            "[[[]],[{}]]",
        ] {
            assert_eq!(value(text), Ok(text.trim()), "{text}");
        }
    }

    #[test]
    fn errors_have_kind_and_offset() {
        for (text, offset, kind) in [
            ("", 0, JsonErrorKind::Truncated),
            ("{\"a\":", 5, JsonErrorKind::Truncated),
            ("{\"a\"", 4, JsonErrorKind::Truncated),
            ("\"abc", 4, JsonErrorKind::Truncated),
            (
                "{a:1}",
                1,
                JsonErrorKind::Expected("a key in double quotes"),
            ),
            ("[1 2]", 3, JsonErrorKind::Expected("`,` or `]`")),
            ("[1,]", 3, JsonErrorKind::Expected("a value")),
            ("01", 1, JsonErrorKind::Trailing),
            ("1.", 2, JsonErrorKind::Truncated),
            ("\"\n\"", 1, JsonErrorKind::ControlCharacter),
            (r#""\x""#, 1, JsonErrorKind::BadEscape),
            ("{} x", 3, JsonErrorKind::Trailing),
            ("nul", 0, JsonErrorKind::Expected("a value")),
        ] {
            assert_eq!(value(text), Err(JsonError { offset, kind }), "{text}");
        }
    }

    #[test]
    fn depth_is_limited_as_in_go() {
        let nested = |depth: usize| "[".repeat(depth) + "1" + &"]".repeat(depth);
        assert!(value(&nested(MAX_DEPTH)).is_ok());
        let error = value(&nested(MAX_DEPTH + 1)).unwrap_err();
        assert_eq!(error.kind, JsonErrorKind::TooDeep);
    }

    #[test]
    fn strings_are_decoded_as_in_go() {
        for (raw, text) in [
            (r#""a/b""#, "a/b"),
            (r#""\u003c\/\n""#, "</\n"),
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud83dx""#, "\u{fffd}x"),
        ] {
            assert_eq!(string(raw).as_deref(), Some(text), "{raw}");
        }
        assert_eq!(string("12"), None);
        for (raw, text) in [
            (r#""caf\ufffd""#, "caf\u{10fe00}"),
            (r#""\uFFFD\ud83dx""#, "\u{10fe00}\u{fffd}x"),
            ("\"\u{fffd}\"", "\u{fffd}"),
            (r#""\\ufffd""#, r"\ufffd"),
        ] {
            assert_eq!(
                string_with_placeholders(raw).as_deref(),
                Some(text),
                "{raw}"
            );
        }
    }

    #[test]
    fn the_last_duplicate_wins() {
        assert_eq!(member(r#"{"a":1,"b":2,"\u0061":3}"#, "a"), Some("3"));
        assert_eq!(
            elements("[1, [2], \"x\"]").collect::<Vec<_>>(),
            ["1", "[2]", "\"x\""]
        );
        assert_eq!(members("[1]").count(), 0);
    }
}
