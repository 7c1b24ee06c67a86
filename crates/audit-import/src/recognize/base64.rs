//! Decodes contents of files: Base64, `data:` URLs, and gzip in either.

use std::io::Read;

use audit_policy::document::Node;
use audit_types::base64;
use flate2::read::GzDecoder;

use super::owner::Owner;

/// Maximum size of decoded contents in bytes.
const MAX_DECODED: usize = 2 << 20;

/// Result of decoding: the text, or the problem.
pub(super) type Decoded = Result<String, String>;

/// First byte of gzip, which no text has.
pub(super) const GZIP: char = '\u{1f}';

/// First bytes of gzip.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Decodes the contents of a file as its program does: by the encoding that the object around it names, and the tag of the value. `None` if the value is the
/// text itself.
pub(super) fn contents(node: Node<'_>, owner: &Owner) -> Option<Decoded> {
    let text = node.text()?;
    let Some(encoded) = binary(node) else {
        return if owner.is_base64 {
            decode(text)
        } else {
            data_url(text)
        };
    };
    // YAML has decoded the value, and the program decodes the result once more.
    let again = decode(text).filter(|again| owner.is_base64 && again.is_ok());
    let is_decompressed = owner.is_compressed || owner.is_base64;
    again.or_else(|| decode(&encoded).filter(|_| text.starts_with(GZIP) && is_decompressed))
}

/// Returns the Base64 of a value with the tag `!!binary`.
pub(super) fn binary(node: Node<'_>) -> Option<String> {
    let (tag, rest) = node.spelled().split_once(char::is_whitespace)?;
    if !matches!(tag, "!!binary" | "!<tag:yaml.org,2002:binary>") {
        return None;
    }
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix(['|', '>']) {
        Some(block) => block.split_once('\n')?.1,
        None => rest,
    };
    Some(rest.replace(['"', '\'', '\\'], ""))
}

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
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, String> {
    base64::decode(text).map_err(|error| error.to_string())
}

/// Decompresses gzip, and decodes UTF-8.
pub(super) fn unpack(bytes: Vec<u8>) -> Decoded {
    let bytes = if bytes.starts_with(&MAGIC) {
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
