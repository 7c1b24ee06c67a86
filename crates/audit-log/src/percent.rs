//! Percent-decoding as in Go's `net/url`.

use std::borrow::Cow;

use crate::placeholder;

/// Decodes `%XX`, and `+` in queries. `None` if an escape is invalid. Bytes that are not valid UTF-8 become [`placeholder`] characters: a
/// policy is compared with the path byte by byte, and never contains such bytes.
pub fn decoded(text: &str, plus_is_space: bool) -> Option<Cow<'_, str>> {
    let needs_work = |byte: u8| byte == b'%' || (plus_is_space && byte == b'+');
    if !text.bytes().any(needs_work) {
        return Some(Cow::Borrowed(text));
    }
    let text = placeholder::encode(text);
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? * 16 + hex(bytes.next()?)?,
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    match String::from_utf8(decoded) {
        Ok(decoded) => Some(Cow::Owned(decoded)),
        Err(error) => Some(Cow::Owned(
            placeholder::decode(error.as_bytes()).into_owned(),
        )),
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_or_rejected() {
        for (text, plus_is_space, decoded_text) in [
            ("a%2Fb", false, Some("a/b")),
            ("%c3%A9", false, Some("é")),
            ("a+b", false, Some("a+b")),
            ("a+b", true, Some("a b")),
            ("%ff", false, Some("\u{10feff}")),
            ("caf%E9/x", false, Some("caf\u{10fee9}/x")),
            ("%EF%BF%BD", false, Some("\u{fffd}")),
            // A raw byte in the record, in the middle of a character.
            ("%c3\u{10fea9}", true, Some("é")),
            ("%2", false, None),
            ("%zz", false, None),
        ] {
            assert_eq!(
                decoded(text, plus_is_space).as_deref(),
                decoded_text,
                "{text}"
            );
        }
    }
}
