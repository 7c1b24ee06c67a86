//! Text that is safe to show on a terminal or to put into another language.
//!
//! Names in policies and logs come from untrusted input. A control character in a name can recolor the terminal, overwrite earlier output or
//! inject input; a bidirectional control character reorders the line; a zero-width character makes two different names look the same.
//! [`escape`] replaces each of them with a visible escape such as `\u{202e}` and leaves every other character unchanged. Its output contains
//! nothing that needs escaping, so escaping is idempotent.
//!
//! ```
//! use audit_text::{escape, escape_bytes};
//!
//! assert_eq!(escape("admin"), "admin");
//! assert_eq!(escape("\u{1b}[2Jadmin\u{200b}"), r"\u{1b}[2Jadmin\u{200b}");
//! assert_eq!(escape_bytes(b"a\xffb"), r"a\xffb");
//! ```
//!
//! [`quote`] writes text as a scalar of YAML, a string of JSON or a word of a shell; [`diff::unified`] compares two texts as `diff -u` does.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod diff;
pub mod json;
pub mod quote;

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns `true` for control characters, format characters, line and paragraph separators, and default-ignorable characters: those that
/// control the terminal, reorder text or are invisible.
pub const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        // Controls: C0, DEL and C1.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, combining grapheme joiner, Arabic letter mark, prefixed format controls.
        | '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
        | '\u{890}'..='\u{891}' | '\u{8e2}'
        // Hangul fillers, invisible Khmer vowels, Mongolian selectors.
        | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}'
        // Zero-width characters, directional marks, separators, bidirectional controls and isolates, invisible operators.
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        // Variation selectors, byte order mark, unassigned specials.
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        // Format characters of scripts, shorthand and musical notation; tags and further variation selectors.
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Escapes every [hidden](is_hidden) character. The result is one line: a tab becomes a space, and line breaks become `\n` and `\r`.
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_where(text, is_hidden)
}

/// Escapes like [`escape`], but keeps line feeds.
pub fn escape_lines(text: &str) -> Cow<'_, str> {
    escape_where(text, |character| character != '\n' && is_hidden(character))
}

/// Escapes hidden characters in JSON text with JSON's own `\u` escapes, so that the data stays the same. Keeps line feeds.
///
/// Bytes that are not valid UTF-8, which JSON does not allow, become U+FFFD.
///
/// ```
/// assert_eq!(audit_text::escape_json("[\"a\u{202e}\u{e0001}\"]\n".as_bytes()), "[\"a\\u202e\\udb40\\udc01\"]\n");
/// ```
pub fn escape_json(json: &[u8]) -> String {
    let mut out = String::with_capacity(json.len());
    for character in String::from_utf8_lossy(json).chars() {
        if character != '\n' && is_hidden(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(character);
        }
    }
    out
}

/// Escapes bytes like [`escape`]; a byte that is not valid UTF-8 becomes an escape such as `\xff`.
pub fn escape_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(&escape(chunk.valid()));
        push_invalid(&mut out, chunk.invalid());
    }
    out
}

/// Escapes bytes like [`escape_bytes`], but keeps line feeds.
pub fn escape_byte_lines(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(&escape_lines(chunk.valid()));
        push_invalid(&mut out, chunk.invalid());
    }
    out
}

fn escape_where(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(&is_escaped) else {
        return Cow::Borrowed(text);
    };
    let (plain, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str(plain);
    for character in rest.chars() {
        match character {
            _ if !is_escaped(character) => out.push(character),
            '\t' => out.push(' '),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ => out.extend(character.escape_unicode()),
        }
    }
    Cow::Owned(out)
}

fn push_invalid(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a `String` never fails.
        let _ = write!(out, "\\x{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_invisible_characters_are_escaped() {
        for (text, shown) in [
            ("", ""),
            ("pods/log é 名 👍", "pods/log é 名 👍"),
            ("a\tb", "a b"),
            ("a\nb\r", r"a\nb\r"),
            ("\0\x07\x1b[31m\x7f", r"\u{0}\u{7}\u{1b}[31m\u{7f}"),
            ("\u{85}\u{9b}2J", r"\u{85}\u{9b}2J"),
            (
                "\u{202a}\u{202e}\u{2066}\u{2069}",
                r"\u{202a}\u{202e}\u{2066}\u{2069}",
            ),
            ("\u{200e}\u{200f}\u{61c}", r"\u{200e}\u{200f}\u{61c}"),
            (
                "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}",
                r"\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}",
            ),
            (
                "\u{2028}\u{2029}\u{ad}\u{3164}\u{e0041}",
                r"\u{2028}\u{2029}\u{ad}\u{3164}\u{e0041}",
            ),
            (r"\u{202e}", r"\u{202e}"),
        ] {
            assert_eq!(escape(text), shown);
            assert_eq!(escape(&escape(text)), shown);
            assert_eq!(escape_bytes(text.as_bytes()), shown);
        }
    }

    #[test]
    fn line_feeds_are_kept() {
        assert_eq!(escape_lines("a\n\tb\r\n"), "a\n b\\r\n");
        assert_eq!(escape_byte_lines(b"a\n\xe2\x82\n"), "a\n\\xe2\\x82\n");
    }

    #[test]
    fn invalid_utf8_is_escaped_byte_by_byte() {
        assert_eq!(
            escape_bytes(b"\xc3\xa9\xff\x1b\xed\xa0\x80"),
            r"é\xff\u{1b}\xed\xa0\x80"
        );
    }
}
