//! Decoding of bytes: byte order marks, UTF-16, and the first byte that YAML does not allow.

use audit_types::Span;

/// Maximum size of a document, in bytes. Policies in use have some ten thousand; etcd limits objects to 1.5 MB. Checking a policy takes up
/// to 65 times its size in memory, so this limit keeps it near 1 GiB.
pub const MAX_BYTES: usize = 16 << 20;

/// Number of bytes that the server's YAML reader decodes at a time.
const CHUNK: usize = 512;

/// A decoded document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// UTF-8, with the byte order mark that the input had.
    pub text: String,
    /// The first error of YAML's reader.
    pub flaw: Option<InvalidText>,
    /// Start of the second chunk that YAML's reader decodes, or the end of the text.
    pub first_chunk: usize,
    /// Length of the byte order mark that determines the encoding, in bytes.
    pub mark: usize,
}

/// A byte or character that YAML's reader rejects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidText {
    /// Message of the reader.
    pub problem: &'static str,
    /// Span of its replacement in the text.
    pub span: Span,
    /// Start of the chunk that contains it; a syntax error before the chunk is reported first.
    pub chunk: usize,
}

/// Decodes bytes; each invalid byte becomes U+FFFD.
pub fn read(bytes: &[u8]) -> Text {
    match bytes {
        [0xff, 0xfe, rest @ ..] => read_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => read_utf16(rest, u16::from_be_bytes),
        _ => read_utf8(bytes),
    }
}

/// Returns true if the server treats the bytes as JSON: a `{` after white space.
pub fn is_json(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => bytes
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
    };
    text.trim_start_matches(char::is_whitespace)
        .starts_with('{')
}

/// Tracks the chunks in which the server's reader decodes.
#[derive(Default)]
struct Chunks {
    /// Offset in the input.
    start: usize,
    /// The same offset in the text.
    text_start: usize,
    /// Offset in the text of the second chunk.
    second: Option<usize>,
}

impl Chunks {
    fn step(&mut self, input: usize, width: usize, text: usize) {
        if input + width > self.start + CHUNK {
            (self.start, self.text_start) = (input, text);
            self.second.get_or_insert(text);
        }
    }

    /// Returns the flaw of a character at an offset of the text.
    fn flaw(&self, start: usize, width: usize, problem: &'static str) -> InvalidText {
        // What comes short is met only once all before it is used up.
        let chunk = if problem.starts_with("incomplete") {
            start
        } else {
            self.text_start
        };
        InvalidText {
            problem,
            span: Span::new(start, start + width),
            chunk,
        }
    }
}

/// Error for a character that YAML does not allow unescaped.
const CONTROL_CHARACTER: &str = "control characters are not allowed";

/// Length of the character that replaces invalid bytes.
const REPLACEMENT_WIDTH: usize = char::REPLACEMENT_CHARACTER.len_utf8();

fn read_utf8(bytes: &[u8]) -> Text {
    let mut text = String::with_capacity(bytes.len());
    let mut flaw = None;
    let mut chunks = Chunks::default();
    let mut at = 0;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (valid, broken) = match std::str::from_utf8(rest) {
            Ok(valid) => (valid, false),
            Err(error) => (
                rest.get(..error.valid_up_to())
                    .and_then(|valid| std::str::from_utf8(valid).ok())
                    .unwrap_or_default(),
                true,
            ),
        };
        if flaw.is_none() {
            for (offset, character) in valid.char_indices() {
                let start = text.len() + offset;
                chunks.step(at + offset, character.len_utf8(), start);
                let is_mark = start == 0 && character == '\u{feff}';
                if !is_mark && !is_allowed(character) {
                    flaw = Some(chunks.flaw(start, character.len_utf8(), CONTROL_CHARACTER));
                    break;
                }
            }
        }
        text.push_str(valid);
        at += valid.len();
        rest = rest.get(valid.len()..).unwrap_or_default();
        if broken {
            if flaw.is_none() {
                chunks.step(at, 1, text.len());
                flaw = Some(chunks.flaw(text.len(), REPLACEMENT_WIDTH, utf8_problem(rest)));
            }
            text.push(char::REPLACEMENT_CHARACTER);
            at += 1;
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    let first_chunk = chunks.second.unwrap_or(text.len());
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    Text {
        text,
        flaw,
        first_chunk,
        mark,
    }
}

/// Error for a truncated character.
const INCOMPLETE: &str = "incomplete UTF-8 octet sequence";

/// Returns the server's error for bytes that do not start with a valid character.
fn utf8_problem(bytes: &[u8]) -> &'static str {
    let (first, rest) = match bytes {
        [first, rest @ ..] => (*first, rest),
        [] => return INCOMPLETE,
    };
    let width = match first {
        0x00..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(tail) = rest.get(..width - 1) else {
        return INCOMPLETE;
    };
    if tail.iter().any(|byte| byte & 0xc0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let lead = u32::from(first) & (0x7f >> width);
    let code = tail
        .iter()
        .fold(lead, |code, byte| code << 6 | u32::from(byte & 0x3f));
    let least = match width {
        2 => 0x80,
        3 => 0x800,
        _ => 0x10000,
    };
    if code < least {
        "invalid length of a UTF-8 sequence"
    } else {
        "invalid Unicode character"
    }
}

fn read_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Text {
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [first, second] => unit([*first, *second]),
        _ => 0,
    });
    let mut text = String::with_capacity(bytes.len());
    let mut flaw = None;
    let mut chunks = Chunks::default();
    let mut at = 2;
    let mut decoded = char::decode_utf16(units).peekable();
    while let Some(character) = decoded.next() {
        let width = character
            .as_ref()
            .map_or(2, |character| 2 * character.len_utf16());
        chunks.step(at, width, text.len());
        at += width;
        match character {
            Ok(character) => {
                if flaw.is_none() && !is_allowed(character) {
                    flaw = Some(chunks.flaw(text.len(), character.len_utf8(), CONTROL_CHARACTER));
                }
                text.push(character);
            }
            Err(error) => {
                let is_last = decoded.peek().is_none();
                let problem = utf16_problem(error.unpaired_surrogate(), is_last);
                flaw.get_or_insert_with(|| chunks.flaw(text.len(), REPLACEMENT_WIDTH, problem));
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
    if bytes.len() % 2 == 1 {
        let problem = "incomplete UTF-16 character";
        flaw.get_or_insert_with(|| chunks.flaw(text.len(), REPLACEMENT_WIDTH, problem));
        text.push(char::REPLACEMENT_CHARACTER);
    }
    let first_chunk = chunks.second.unwrap_or(text.len());
    let mark = 0;
    Text {
        text,
        flaw,
        first_chunk,
        mark,
    }
}

/// Returns the server's error for a surrogate without its other half.
const fn utf16_problem(surrogate: u16, is_last: bool) -> &'static str {
    if surrogate & 0xfc00 == 0xdc00 {
        "unexpected low surrogate area"
    } else if is_last {
        "incomplete UTF-16 surrogate pair"
    } else {
        "expected low surrogate area"
    }
}

/// Decodes bytes with U+FFFD for each invalid byte, as Go's JSON encoder does.
pub fn read_lossy(bytes: &[u8]) -> String {
    read_utf8(bytes).text
}

/// Returns true if YAML allows the character unescaped.
fn is_allowed(character: char) -> bool {
    matches!(
        character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_yaml_is_read() {
        for (bytes, text) in [
            (&b"a: \xc3\xa9"[..], "a: é"),
            (b"\xef\xbb\xbfa", "\u{feff}a"),
            (b"\xff\xfea\0\x3d\xd8\0\xde", "a😀"),
            (b"\xfe\xff\0a", "a"),
        ] {
            let read = read(bytes);
            assert_eq!((read.text.as_str(), read.flaw), (text, None));
        }
    }

    #[test]
    fn invalid_characters_are_reported_with_the_servers_message() {
        for (bytes, problem, start) in [
            (&b"ab\x07"[..], "control characters are not allowed", 2),
            (b"a\xff", "invalid leading UTF-8 octet", 1),
            (b"a\xe2\x82", "incomplete UTF-8 octet sequence", 1),
            (b"\xe2\x28\xa1", "invalid trailing UTF-8 octet", 0),
            (b"\xc0\x80", "invalid length of a UTF-8 sequence", 0),
            (b"\xed\xa0\x80", "invalid Unicode character", 0),
            (b"\xff\xfea\0\0\xdc", "unexpected low surrogate area", 1),
            (b"\xff\xfea\0\0\xd8", "incomplete UTF-16 surrogate pair", 1),
            (b"\xff\xfea\0a", "incomplete UTF-16 character", 1),
        ] {
            let flaw = read(bytes).flaw.unwrap();
            // What comes short starts a chunk of its own.
            let chunk = if problem.starts_with("incomplete") {
                start
            } else {
                0
            };
            assert_eq!(
                (flaw.problem, flaw.span.start, flaw.chunk),
                (problem, start, chunk)
            );
        }
    }

    #[test]
    fn json_starts_with_a_brace() {
        for (bytes, json) in [
            (&b" \n{"[..], true),
            ("\u{a0}{".as_bytes(), true),
            ("\u{feff}{".as_bytes(), false),
            (b"[", false),
            (b"---\n{", false),
            (b"{\xff", true),
        ] {
            assert_eq!(is_json(bytes), json);
        }
    }
}
