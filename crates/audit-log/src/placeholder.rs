//! Placeholder characters for bytes that are not valid UTF-8, so that such text can be a Rust string without loss.
//!
//! Go's strings are bytes, and what a client sends need not be UTF-8: a user agent in Latin-1, `%E9` in a URL, a patch. In a recorded
//! string, Go's `encoding/json` writes the six characters `\ufffd` for each such byte, as opposed to the character U+FFFD, which it writes
//! as it is. In a patch, the byte itself is recorded.
//!
//! This module represents such a byte by one of the private-use characters U+10FE80 to U+10FEFF, according to its value, or by U+10FE00 if
//! only the escape is known. The text of a policy is valid UTF-8, so no value of a policy equals a text with such a byte, unless the policy
//! contains these private-use characters itself.

use std::borrow::Cow;

/// Placeholder for an invalid byte whose value is unknown.
pub const UNKNOWN_BYTE: char = '\u{10fe00}';

/// First three bytes of U+10FE80 to U+10FEFF in UTF-8; one more follows.
const LEADS: [[u8; 3]; 2] = [[0xF4, 0x8F, 0xBA], [0xF4, 0x8F, 0xBB]];

/// Number of invalid bytes that are allowed in a text of any length. Beyond it, one in four bytes may be invalid.
const ALWAYS_INVALID: usize = 1 << 20;

/// Returns the byte that a character represents. `None` for other characters.
pub(crate) const fn byte_of(character: char) -> Option<u8> {
    match character as u32 {
        code @ 0x10_FE80..=0x10_FEFF => Some((code & 0xFF) as u8),
        _ => None,
    }
}

fn placeholder_of(byte: u8) -> char {
    char::from_u32(0x10_FE00 + u32::from(byte)).unwrap_or(UNKNOWN_BYTE)
}

/// Converts bytes to text. Valid UTF-8 stays unchanged. Otherwise each invalid byte becomes a placeholder, and so do the bytes of
/// characters that would be mistaken for placeholders, so that [`encode`] restores the bytes.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(decode_invalid(bytes)),
    }
}

/// Converts like [`decode`]. `None` if they are not text: more than 1 MiB and a quarter of them is invalid.
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

/// Returns `true` if a text contains placeholders.
pub fn is_in(text: &str) -> bool {
    // Both kinds of placeholder begin with the same byte, which is rare in text.
    memchr::memchr(0xF4, text.as_bytes()).is_some()
        && (text.contains(UNKNOWN_BYTE) || find(text).is_some())
}

/// Converts a text for display: placeholders become U+FFFD.
pub fn to_display(text: &str) -> Cow<'_, str> {
    if !is_in(text) {
        return Cow::Borrowed(text);
    }
    let is_placeholder =
        |character: char| character == UNKNOWN_BYTE || byte_of(character).is_some();
    Cow::Owned(text.replace(is_placeholder, "\u{fffd}"))
}

/// Returns the offset of the first placeholder of a known byte.
pub fn find(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(0xF4, bytes).find(|at| {
        let lead = bytes.get(*at..*at + 3);
        LEADS.iter().any(|known| lead == Some(known))
    })
}

/// Converts text back to bytes. The inverse of [`decode`].
pub fn encode(text: &str) -> Cow<'_, [u8]> {
    if find(text).is_none() {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find(rest) {
        let (plain, placeholders) = rest.split_at(at);
        bytes.extend_from_slice(plain.as_bytes());
        let (first, after) = placeholders.split_at(4);
        bytes.extend(first.chars().filter_map(byte_of));
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Cow::Owned(bytes)
}

/// Returns the text of bytes that were decoded as part of a longer text, if they are valid UTF-8 on their own: then all of its placeholders are
/// those of characters that would be mistaken for placeholders.
pub(crate) fn restored(text: &str) -> Option<String> {
    String::from_utf8(encode(text).into_owned()).ok()
}

/// Returns the offset in the bytes that corresponds to an offset in the text, counting from a known pair of both.
pub(crate) fn encoded_length(text: &str, known: (usize, usize), target: usize) -> (usize, usize) {
    let between = text.get(known.0..target).unwrap_or_default();
    let placeholders = {
        let mut count = 0;
        let mut rest = between;
        while let Some(at) = find(rest) {
            count += 1;
            rest = rest.get(at + 4..).unwrap_or_default();
        }
        count
    };
    (target, known.1 + between.len() - 3 * placeholders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_is_the_inverse_of_decoding() {
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
        // Each byte of an incomplete character is invalid.
        assert_eq!(decode(b"\xe2\x82"), "\u{10fee2}\u{10fe82}");
    }

    #[test]
    fn a_part_that_is_valid_utf8_is_restored() {
        let text = decode("\u{10fed6} é \u{10fe00} ".as_bytes());
        let whole = decode(b"\xf4\x8f\xbb\x96 \xc3\xa9 \xf4\x8f\xb8\x80 \x9a");
        let part = whole.strip_suffix('\u{10fe9a}').unwrap();
        assert_ne!(part, text);
        assert_eq!(restored(part).as_deref(), Some(&*text));
        assert_eq!(restored(&whole), None);
    }

    #[test]
    fn encoded_length_counts_bytes() {
        let text = decode(b"a\xe9b\xff\xfec");
        for (target, length) in [(0, 0), (1, 1), (5, 2), (6, 3), (14, 5), (15, 6)] {
            let all = encoded_length(&text, (0, 0), target);
            assert_eq!(all, (target, length));
            let on = encoded_length(&text, encoded_length(&text, (0, 0), 1), target);
            assert!(target < 1 || on == all);
        }
    }

    #[test]
    fn mostly_invalid_bytes_are_not_text() {
        let garbage = vec![0xFF; ALWAYS_INVALID * 2];
        assert!(decode_if_mostly_text(&garbage).is_none());
        assert!(decode_if_mostly_text(garbage.get(..1000).unwrap()).is_some());
    }
}
