//! Text that is not UTF-8, in characters that stand for its bytes.
//!
//! Go's strings are bytes, and what a client sends need not be UTF-8: a user agent in Latin-1, `%E9` in a URL, a patch. In a
//! recorded string Go's `encoding/json` has written the six characters `\ufffd` for each such byte, which is not the character
//! U+FFFD: that one is written as it is. In a patch the byte itself is recorded.
//!
//! Here such a byte is one of the private characters U+10FE80 to U+10FEFF, by its value, or U+10FE00 where only the escape is
//! known. A policy's text is valid UTF-8, so that no value of a policy equals a text with such a byte; only a policy that names
//! one of these private characters itself is read amiss.

use std::borrow::Cow;

/// Stands for an invalid byte whose value the record does not hold.
pub const UNKNOWN_BYTE: char = '\u{10fe00}';

/// U+10FE80 to U+10FEFF begin with these bytes; one more follows.
const LEADS: [[u8; 3]; 2] = [[0xF4, 0x8F, 0xBA], [0xF4, 0x8F, 0xBB]];

/// Bytes up to so many may stand for others in a text of any length; beyond, one in four.
const ALWAYS_INVALID: usize = 1 << 20;

/// The byte that a character stands for.
pub const fn byte_of(character: char) -> Option<u8> {
    match character as u32 {
        code @ 0x10_FE80..=0x10_FEFF => Some((code & 0xFF) as u8),
        _ => None,
    }
}

fn placeholder_of(byte: u8) -> char {
    char::from_u32(0x10_FE00 + u32::from(byte)).unwrap_or(UNKNOWN_BYTE)
}

/// The bytes as text: UTF-8 as it is, and of anything else with a character for each byte that is not part of UTF-8. In the latter,
/// characters that would be mistaken for such are decode_invalid in the same way, so that [`encode`] gives the same bytes back.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(decode_invalid(bytes)),
    }
}

/// The same for bytes that may be anything; `None` if so much of them is not UTF-8 that they are not text.
pub(crate) fn decode_if_mostly_text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let invalid: usize = bytes.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    (invalid <= ALWAYS_INVALID + bytes.len() / 4).then(|| decode(bytes))
}

fn decode_invalid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 64);
    for chunk in bytes.utf8_chunks() {
        let mut valid = chunk.valid();
        while let Some(at) = find(valid) {
            let (plain, mistaken) = valid.split_at(at);
            let (mistaken, rest) = mistaken.split_at(4);
            text.push_str(plain);
            text.extend(mistaken.bytes().map(placeholder_of));
            valid = rest;
        }
        text.push_str(valid);
        text.extend(chunk.invalid().iter().copied().map(placeholder_of));
    }
    text
}

/// Whether a text has characters that stand for bytes.
pub fn is_in(text: &str) -> bool {
    // Both kinds begin with the same byte, which hardly any text has.
    memchr::memchr(0xF4, text.as_bytes()).is_some()
        && (text.contains(UNKNOWN_BYTE) || find(text).is_some())
}

/// A text for people: U+FFFD for every byte that is not UTF-8.
pub fn to_display(text: &str) -> Cow<'_, str> {
    if !is_in(text) {
        return Cow::Borrowed(text);
    }
    let is_stand_in = |character: char| character == UNKNOWN_BYTE || byte_of(character).is_some();
    Cow::Owned(text.replace(is_stand_in, "\u{fffd}"))
}

/// Where the first character that stands for a byte is.
pub fn find(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(0xF4, bytes).find(|at| {
        let lead = bytes.get(*at..*at + 3);
        LEADS.iter().any(|known| lead == Some(known))
    })
}

/// The bytes for which a text stands.
pub fn encode(text: &str) -> Cow<'_, [u8]> {
    if find(text).is_none() {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find(rest) {
        let (plain, stand_ins) = rest.split_at(at);
        bytes.extend_from_slice(plain.as_bytes());
        let (first, after) = stand_ins.split_at(4);
        bytes.extend(first.chars().filter_map(byte_of));
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Cow::Owned(bytes)
}

/// How many bytes a text stands for, counted on from a place whose count is known.
pub(crate) fn encoded_length(text: &str, known: (usize, usize), target: usize) -> (usize, usize) {
    let between = text.get(known.0..target).unwrap_or_default();
    let stand_ins = {
        let mut count = 0;
        let mut rest = between;
        while let Some(at) = find(rest) {
            count += 1;
            rest = rest.get(at + 4..).unwrap_or_default();
        }
        count
    };
    (target, known.1 + between.len() - 3 * stand_ins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_went_in() {
        for bytes in [
            &b"plain"[..],
            b"caf\xe9",
            b"\xff\xfe\x80",
            b"cut \xe2\x82",
            b"\xed\xa0\x80 surrogate",
            b"\xc0\x80",
            "é\u{fffd}\u{10ffff}".as_bytes(),
            b"\xf4\x8f\xbb\xa9 and \xf4\x8f\xb8\x80 and \xe9",
        ] {
            let text = decode(bytes);
            assert_eq!(encode(&text), bytes, "{bytes:x?}");
        }
        assert_eq!(decode(b"caf\xe9"), "caf\u{10fee9}");
        // Each byte of a character that is cut off is invalid by itself.
        assert_eq!(decode(b"\xe2\x82"), "\u{10fee2}\u{10fe82}");
    }

    #[test]
    fn lengths_are_those_of_the_bytes() {
        let stands = decode(b"a\xe9b\xff\xfec");
        for (target, length) in [(0, 0), (1, 1), (5, 2), (6, 3), (14, 5), (15, 6)] {
            let all = encoded_length(&stands, (0, 0), target);
            assert_eq!(all, (target, length));
            let on = encoded_length(&stands, encoded_length(&stands, (0, 0), 1), target);
            assert!(target < 1 || on == all);
        }
    }

    #[test]
    fn what_is_mostly_not_text_is_not_read_as_such() {
        let garbage = vec![0xFF; ALWAYS_INVALID * 2];
        assert!(decode_if_mostly_text(&garbage).is_none());
        assert!(decode_if_mostly_text(garbage.get(..1000).unwrap()).is_some());
    }
}
