//! Text as characters that remember how they are written, so that a replacement is as long as what it replaces.

use std::str::Chars;

/// A character and the form it is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unit<'t> {
    /// The character that is meant.
    pub(crate) character: char,
    /// The text that stands for it.
    pub(crate) written: &'t str,
    form: Form,
}

/// Forms of a character in JSON and URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As itself.
    Plain,
    /// As `\u00e9`, or as two of them.
    JsonEscape,
    /// As `%C3%A9`, a byte each.
    Percent,
    /// In another form; it is never replaced.
    Other,
}

impl Unit<'_> {
    /// Returns true if the character is part of a name; all others separate names.
    pub(crate) fn is_alphanumeric(&self) -> bool {
        self.form != Form::Other && self.character.is_alphanumeric()
    }

    /// Appends another character in the form of this one.
    pub(crate) fn write(&self, character: char, out: &mut String) {
        match self.form {
            Form::Plain | Form::Other => out.push(character),
            Form::JsonEscape => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            Form::Percent => {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
}

/// Returns the characters of a text without escapes.
pub(crate) fn plain(text: &str) -> Vec<Unit<'_>> {
    let unit = |(at, character): (usize, char)| Unit {
        character,
        written: text.get(at..at + character.len_utf8()).unwrap_or_default(),
        form: Form::Plain,
    };
    text.char_indices().map(unit).collect()
}

/// Returns the characters of a JSON string, without its quotes.
pub(crate) fn json(inner: &str) -> Vec<Unit<'_>> {
    let mut units = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some((unit, after)) = json_unit(rest.as_str()) {
        units.push(unit);
        rest = after;
    }
    units
}

/// Splits the first character off the inside of a JSON string.
fn json_unit(text: &str) -> Option<(Unit<'_>, Chars<'_>)> {
    let mut rest = text.chars();
    let first = rest.next()?;
    let (character, form) = match first {
        '\\' => match audit_log::json::unescape(text) {
            Some((character, length)) if text.is_char_boundary(length) => {
                rest = text.get(length..).unwrap_or_default().chars();
                let form = match text.as_bytes().get(1) {
                    Some(b'u') => Form::JsonEscape,
                    _ => Form::Other,
                };
                (character, form)
            }
            // Not an escape of JSON.
            _ => ('\\', Form::Other),
        },
        _ => (first, Form::Plain),
    };
    let written = text
        .get(..text.len() - rest.as_str().len())
        .unwrap_or_default();
    let unit = Unit {
        character,
        written,
        form,
    };
    Some((unit, rest))
}

/// Joins the parts of percent-encoded characters. `text` is the text that the units are from, in order.
pub(crate) fn join_percent<'t>(text: &'t str, units: &[Unit<'t>]) -> Vec<Unit<'t>> {
    let mut joined = Vec::with_capacity(units.len());
    let mut rest = units;
    let mut at = 0;
    while let Some((first, after)) = rest.split_first() {
        let (unit, count) = percent_unit(text, at, rest).unwrap_or((*first, 1));
        at += unit.written.len();
        rest = match count {
            1 => after,
            _ => rest.get(count..).unwrap_or_default(),
        };
        joined.push(unit);
    }
    joined
}

/// Returns the percent-encoded character at the start of units, and their number.
fn percent_unit<'t>(text: &'t str, at: usize, units: &[Unit<'t>]) -> Option<(Unit<'t>, usize)> {
    let mut bytes = [0; 4];
    let mut length = 0;
    loop {
        let slot = bytes.get_mut(length)?;
        *slot = encoded_byte(units.get(3 * length..)?)?;
        length += 1;
        let read = std::str::from_utf8(bytes.get(..length)?);
        if read.is_err_and(|error| error.error_len().is_some()) {
            // A byte of another encoding.
            let unit = Unit {
                character: char::REPLACEMENT_CHARACTER,
                written: text.get(at..at + 3)?,
                form: Form::Other,
            };
            return Some((unit, 3));
        }
        if let Some(character) = read.ok().and_then(|text| text.chars().next()) {
            let unit = Unit {
                character,
                written: text.get(at..at + 3 * length)?,
                form: Form::Percent,
            };
            return Some((unit, 3 * length));
        }
    }
}

/// Returns the byte that `%` and two hexadecimal digits stand for.
fn encoded_byte(units: &[Unit<'_>]) -> Option<u8> {
    let [percent, high, low, ..] = units else {
        return None;
    };
    let is_plain = [percent, high, low].map(|unit| unit.form == Form::Plain) == [true; 3];
    if !is_plain || percent.character != '%' {
        return None;
    }
    let byte = high.character.to_digit(16)? * 16 + low.character.to_digit(16)?;
    u8::try_from(byte).ok()
}
