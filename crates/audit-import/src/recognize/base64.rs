//! Decodes contents of files: Base64, `data:` URLs, and gzip in either.

use std::io::Read;

use flate2::read::GzDecoder;

/// Maximum size of decoded contents in bytes.
const MAX_DECODED: usize = 2 << 20;

/// Result of decoding: the text, or the problem.
pub(super) type Decoded = Result<String, String>;

/// Decodes Base64. `None` is never returned; the type is that of [`data_url`].
pub(super) fn decode(text: &str) -> Option<Decoded> {
    Some(bytes(text).and_then(unpack))
}

/// Returns the text that Base64 encodes. `None` if it is not Base64, or encodes something else.
pub(super) fn text_of(text: &str) -> Option<String> {
    bytes(text).and_then(unpack).ok()
}

/// Decodes a `data:` URL, as Ignition has it. `None` if the text is not one.
pub(super) fn data_url(text: &str) -> Option<Decoded> {
    let (kind, data) = text.strip_prefix("data:")?.split_once(',')?;
    if kind.ends_with(";base64") {
        return decode(data);
    }
    Some(unpack(percent_decoded(data)))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

/// Decodes Base64 with or without padding and line ends, in the standard alphabet or that of URLs.
fn bytes(text: &str) -> Result<Vec<u8>, String> {
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
            _ => return Err("it is not Base64".to_owned()),
        };
        if is_padded {
            return Err("it is not Base64: text follows its padding".to_owned());
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
        _ => return Err("it is not Base64: its last characters are missing".to_owned()),
    }
    Ok(out)
}

/// Decompresses gzip, and decodes UTF-8.
fn unpack(bytes: Vec<u8>) -> Decoded {
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut out = Vec::new();
        let limit = MAX_DECODED as u64 + 1;
        GzDecoder::new(bytes.as_slice())
            .take(limit)
            .read_to_end(&mut out)
            .map_err(|error| format!("its gzip data is damaged: {error}"))?;
        out
    } else {
        bytes
    };
    if bytes.len() > MAX_DECODED {
        return Err(format!("it is larger than {} MiB", MAX_DECODED >> 20));
    }
    String::from_utf8(bytes).map_err(|_| "it is not valid UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_as_rfc_4648_has_it() {
        for (text, expected) in [
            ("", Some("")),
            ("Zg==", Some("f")),
            ("YmU=", Some("be")),
            ("Zm9v", Some("foo")),
            ("Zm9v\n  Ym E=", Some("fooba")),
            ("Zm9vYg", Some("foob")),
            ("Zm9v!", None),
            ("Zm9vY", None),
            ("Zg==Zg==", None),
            ("//79", None),
            // `gzip -n` of `a\n`.
            ("H4sIAAAAAAAAA0vkAgAHoerdAgAAAA==", Some("a\n")),
            ("H4sIAAAAAAAAA0vk", None),
        ] {
            let found = decode(text).and_then(Result::ok);
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        assert_eq!(data_url("data:,a%20b"), Some(Ok("a b".to_owned())));
        assert_eq!(data_url("data:;base64,YmU="), Some(Ok("be".to_owned())));
        assert_eq!(data_url("date: 1"), None);
    }
}
