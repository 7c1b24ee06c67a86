//! Decodes UTF-16 with a byte order mark, as some Windows shells write it, to UTF-8.

use std::io::{self, Cursor, Read};

/// Returns whether bytes begin as a text in UTF-16, as PowerShell's `>` writes it.
pub(crate) const fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
}

/// Decodes an input with a byte order mark of UTF-16 to UTF-8. Any other input is returned unchanged.
pub(crate) fn as_utf8<'i>(mut input: Box<dyn Read + 'i>) -> io::Result<Box<dyn Read + 'i>> {
    let mut mark = Vec::new();
    (&mut input).take(2).read_to_end(&mut mark)?;
    let unit = match mark.as_slice() {
        [0xff, 0xfe] => u16::from_le_bytes,
        [0xfe, 0xff] => u16::from_be_bytes,
        _ => return Ok(Box::new(Cursor::new(mark).chain(input))),
    };
    Ok(Box::new(Decoder {
        input,
        unit,
        pending: Vec::new(),
        text: Cursor::default(),
        is_invalid: false,
    }))
}

/// A reader that decodes UTF-16 to UTF-8.
struct Decoder<R> {
    input: R,
    unit: fn([u8; 2]) -> u16,
    /// Start of a character whose end has not been read.
    pending: Vec<u8>,
    text: Cursor<Vec<u8>>,
    /// True if the bytes after the text are not UTF-16.
    is_invalid: bool,
}

/// Number of bytes that are read at once.
const CHUNK_BYTES: usize = 1 << 14;

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.text.read(into)?;
            if length > 0 || into.is_empty() {
                return Ok(length);
            }
            if self.is_invalid {
                let error = "not valid UTF-16";
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
            let mut chunk = [0; CHUNK_BYTES];
            let length = self.input.read(&mut chunk)?;
            if length == 0 && self.pending.is_empty() {
                return Ok(0);
            }
            self.decode(chunk.get(..length).unwrap_or_default());
        }
    }
}

impl<R> Decoder<R> {
    /// Decodes the next bytes; an empty slice is the end.
    fn decode(&mut self, chunk: &[u8]) {
        self.pending.extend_from_slice(chunk);
        let (pairs, odd) = self.pending.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| (self.unit)(*pair)).collect();
        let mut rest = odd.len();
        // The first half of a surrogate pair waits for the second.
        if !chunk.is_empty()
            && units
                .pop_if(|unit| (0xd800..0xdc00).contains(unit))
                .is_some()
        {
            rest += 2;
        }
        self.is_invalid = chunk.is_empty() && rest > 0;
        let mut text = String::with_capacity(units.len());
        for character in char::decode_utf16(units) {
            match character {
                Ok(character) => text.push(character),
                Err(_) => {
                    self.is_invalid = true;
                    break;
                }
            }
        }
        self.pending.drain(..self.pending.len() - rest);
        self.text = Cursor::new(text.into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that returns one byte at a time.
    struct Slow<'b>(&'b [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut into[..1])
        }
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let all = |input: Box<dyn Read + '_>| {
            let mut text = Vec::new();
            as_utf8(input)?.read_to_end(&mut text).map(|_| text)
        };
        let at_once = all(Box::new(bytes));
        let slowly = all(Box::new(Slow(bytes)));
        assert_eq!(at_once.as_ref().ok(), slowly.as_ref().ok());
        at_once
    }

    #[test]
    fn utf_16_is_decoded_and_other_inputs_are_unchanged() {
        let text = "\u{a0a}é😀\n".repeat(5_000);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(
            read(&[b"\xff\xfe", little.as_slice()].concat()).unwrap(),
            text.as_bytes()
        );
        assert_eq!(
            read(&[b"\xfe\xff", big.as_slice()].concat()).unwrap(),
            text.as_bytes()
        );
        for bytes in [
            &b""[..],
            b"a",
            b"\xff",
            b"\xff\xff\xfe",
            b"{}\n",
            b"\xef\xbb\xbf{}",
        ] {
            assert_eq!(read(bytes).unwrap(), bytes);
        }
        assert_eq!(read(b"\xff\xfe").unwrap(), b"");
    }

    #[test]
    fn invalid_utf_16_is_an_error() {
        // Half a unit; the first half of a pair without its second, at the end and before another; a second half alone.
        for bytes in [
            &b"\xff\xfea"[..],
            b"\xff\xfea\0\x3d\xd8",
            b"\xff\xfe\x3d\xd8a\0",
            b"\xff\xfe\0\xdc",
        ] {
            let error = read(bytes).unwrap_err();
            assert_eq!(error.to_string(), "not valid UTF-16", "{bytes:?}");
        }
    }
}
