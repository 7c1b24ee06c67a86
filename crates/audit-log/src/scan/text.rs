//! Strings and plain scalars, sixteen bytes at a time.

use wide::u8x16;

/// Returns the offset of the closing quote of the string whose opening quote precedes `at`. `None` if it contains anything that the
/// server's encoder would not write or, with `any_escape`, anything that JSON does not allow.
#[inline(always)]
pub(super) fn string_end(bytes: &[u8], at: usize, any_escape: bool) -> Option<usize> {
    // Most strings are short and plain.
    let stops = stops(&chunk_at(bytes, at));
    if stops != 0 {
        let end = at + stops.trailing_zeros() as usize;
        if *bytes.get(end)? == b'"' {
            return Some(end);
        }
    }
    long_string_end(bytes, at, any_escape)
}

fn long_string_end(bytes: &[u8], mut at: usize, any_escape: bool) -> Option<usize> {
    loop {
        let stops = stops(&chunk_at(bytes, at));
        if stops == 0 {
            at += CHUNK;
            continue;
        }
        at += stops.trailing_zeros() as usize;
        at = match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => escape_end(bytes, at, any_escape)?,
            0xE2 => unless_separator(bytes, at)?,
            _ => return None,
        };
    }
}

const CHUNK: usize = 16;

/// Returns sixteen bytes from an offset, padded with zeros at the end.
#[inline(always)]
pub(super) fn chunk_at(bytes: &[u8], at: usize) -> [u8; CHUNK] {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(chunk) => *chunk,
        None => padded(rest),
    }
}

#[cold]
fn padded(rest: &[u8]) -> [u8; CHUNK] {
    let mut chunk = [0; CHUNK];
    let filled = chunk.iter_mut().zip(rest);
    filled.for_each(|(to, byte)| *to = *byte);
    chunk
}

/// Returns a bit for each byte that is not plain text: quotes, backslashes, control characters, `<`, `>`, `&`, and the first byte of U+2028
/// and U+2029.
#[inline(always)]
fn stops(chunk: &[u8; CHUNK]) -> u32 {
    let bytes = u8x16::from(*chunk);
    let equal = |lanes: u8x16, byte: u8| lanes.simd_eq(u8x16::splat(byte));
    // `"` and `&`, `<` and `>` differ in one bit each.
    let quote = equal(bytes | u8x16::splat(0x04), b'&');
    let angle = equal(bytes | u8x16::splat(0x02), b'>');
    let control = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
    let rest = equal(bytes, b'\\') | equal(bytes, 0xE2);
    (quote | angle | control | rest).to_bitmask()
}

/// Returns the offset after an escape. Backspace and form feed are left to the general parser, because their length depends on the server's
/// version.
#[inline]
fn escape_end(bytes: &[u8], at: usize, any: bool) -> Option<usize> {
    match bytes.get(at + 1)? {
        b'"' | b'\\' | b'n' | b'r' | b't' => Some(at + 2),
        b'/' if any => Some(at + 2),
        b'u' => {
            let digits: &[u8; 4] = bytes.get(at + 2..)?.first_chunk()?;
            // The last one stands for a byte that was not valid UTF-8.
            let is_known = matches!(
                digits,
                b"0026" | b"003c" | b"003e" | b"2028" | b"2029" | b"fffd"
            );
            let is_control = matches!(digits, b"0008" | b"000c" | b"000C");
            let is_allowed =
                is_known || any && !is_control && digits.iter().all(u8::is_ascii_hexdigit);
            is_allowed.then_some(at + 6)
        }
        _ => None,
    }
}

/// Returns the next offset unless U+2028 or U+2029 begins here, which the server's encoder escapes.
#[cold]
fn unless_separator(bytes: &[u8], at: usize) -> Option<usize> {
    let is_separator = matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xA8 | 0xA9]));
    (!is_separator).then_some(at + 1)
}

/// Returns the end of the number or literal that starts at an offset.
pub(super) fn scalar_end(bytes: &[u8], at: usize) -> Option<usize> {
    let text = bytes.get(at..)?;
    let rest = match text {
        [b't', b'r', b'u', b'e', rest @ ..] | [b'n', b'u', b'l', b'l', rest @ ..] => rest,
        [b'f', b'a', b'l', b's', b'e', rest @ ..] => rest,
        _ => after_number(text)?,
    };
    Some(bytes.len() - rest.len())
}

fn after_number(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let mut rest = match text {
        [b'0', rest @ ..] => rest,
        [b'1'..=b'9', ..] => after_digits(text)?,
        _ => return None,
    };
    if let [b'.', fraction @ ..] = rest {
        rest = after_digits(fraction)?;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let digits = match exponent {
            [b'+' | b'-', digits @ ..] => digits,
            digits => digits,
        };
        rest = after_digits(digits)?;
    }
    Some(rest)
}

fn after_digits(text: &[u8]) -> Option<&[u8]> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.get(count..).filter(|_| count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_at_the_first_unescaped_quote() {
        let long = "x".repeat(40);
        for (text, any_escape, end) in [
            (r#"""#, false, Some(0)),
            (r#"abc",1"#, false, Some(3)),
            (r#"a\"b\\"c"#, false, Some(6)),
            (r#"\\\\\\\\\\\\\\\\\\""#, false, Some(18)),
            (r#"a\u0026b""#, false, Some(8)),
            (r#"a\u00e9b""#, false, None),
            (r#"a\u00e9b""#, true, Some(8)),
            (r#"a\u00g9b""#, true, None),
            (r#"a\ufffdb""#, false, Some(8)),
            (r#"a\bc""#, true, None),
            (r#"a\fc""#, true, None),
            (r#"a\u0008""#, true, None),
            (r#"a\u000C""#, true, None),
            (r#"a\/b""#, false, None),
            (r#"a\/b""#, true, Some(4)),
            (r#"a\x""#, true, None),
            (r#"a&b""#, true, None),
            (r#"a<b""#, false, None),
            (r#"a>b""#, false, None),
            ("a\tb\"", true, None),
            ("aé€\"", false, Some(6)),
            ("a\u{2028}\"", true, None),
            ("a\u{2029}\"", true, None),
            ("a\u{202a}\"", false, Some(4)),
            ("abc", true, None),
            ("abc\\", true, None),
            ("abc\\u00", true, None),
            ("", true, None),
        ] {
            assert_eq!(string_end(text.as_bytes(), 0, any_escape), end, "{text}");
            let after = format!("{long}{text}");
            let end = end.map(|end| end + long.len());
            assert_eq!(string_end(after.as_bytes(), 0, any_escape), end, "{text}");
        }
    }

    #[test]
    fn stops_classifies_every_byte() {
        for byte in 0..=255u8 {
            let expected = byte < b' ' || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&' | 0xE2);
            let mut chunk = [b'x'; CHUNK];
            chunk[11] = byte;
            assert_eq!(stops(&chunk), u32::from(expected) << 11, "{byte}");
        }
    }
}
