//! Base64 as RFC 4648 defines it.

use std::fmt;

/// Reason why a text is not Base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Base64Error {
    /// It contains another character.
    OtherCharacter,
    /// Text follows its padding.
    AfterPadding,
    /// Its last characters are missing.
    Incomplete,
}

impl fmt::Display for Base64Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::OtherCharacter => "it is not Base64",
            Self::AfterPadding => "it is not Base64: text follows its padding",
            Self::Incomplete => "it is not Base64: its last characters are missing",
        })
    }
}

impl std::error::Error for Base64Error {}

/// Decodes a text in the standard alphabet or that of URLs, with or without padding and white space.
///
/// # Errors
/// Returns an error if the text is not Base64.
///
/// ```
/// assert_eq!(audit_types::base64::decode("YWI="), Ok(b"ab".to_vec()));
/// ```
pub fn decode(text: &str) -> Result<Vec<u8>, Base64Error> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    let mut is_padded = false;
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                is_padded = true;
                continue;
            }
            _ => return Err(Base64Error::OtherCharacter),
        };
        if is_padded {
            return Err(Base64Error::AfterPadding);
        }
        bits = (bits << 6) | u32::from(value);
        count += 1;
        if count == 4 {
            out.extend(bits.to_be_bytes().iter().skip(1));
            (bits, count) = (0, 0);
        }
    }
    match count {
        0 => {}
        2 => out.extend(((bits << 12).to_be_bytes()).iter().skip(1).take(1)),
        3 => out.extend(((bits << 6).to_be_bytes()).iter().skip(1).take(2)),
        _ => return Err(Base64Error::Incomplete),
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_as_rfc_4648_defines_it() {
        for (text, expected) in [
            ("", ""),
            ("Zg==", "f"),
            ("YmU=", "be"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("YmFyYmE=", "barba"),
            ("Zm9vYmFy", "foobar"),
            // Without padding, and with line ends.
            ("Zm9vYg", "foob"),
            ("Zm9v\r\nYmFy\n", "foobar"),
        ] {
            assert_eq!(decode(text), Ok(expected.as_bytes().to_vec()), "{text}");
        }
        assert_eq!(decode("-_-_"), decode("+/+/"));
    }

    #[test]
    fn other_texts_are_errors() {
        for (text, expected) in [
            ("a b:", Base64Error::OtherCharacter),
            ("Zg==Zg==", Base64Error::AfterPadding),
            ("Zm9vY", Base64Error::Incomplete),
        ] {
            assert_eq!(decode(text), Err(expected), "{text}");
        }
    }
}
