//! UTF-16 with its mark, as some shells of Windows redirect text, read on as UTF-8.

use std::io::{self, Cursor, Read};

/// The bytes of an input, of UTF-16 as UTF-8; what has no mark of UTF-16 stays as it is.
pub(crate) fn as_utf8<'i>(mut input: Box<dyn Read + 'i>) -> io::Result<Box<dyn Read + 'i>> {
    let mut mark = Vec::new();
    (&mut input).take(2).read_to_end(&mut mark)?;
    let unit = match mark.as_slice() {
        [0xff, 0xfe] => u16::from_le_bytes,
        [0xfe, 0xff] => u16::from_be_bytes,
        _ => return Ok(Box::new(Cursor::new(mark).chain(input))),
    };
    Ok(Box::new(Wide {
        input,
        unit,
        taken: Vec::new(),
        text: Cursor::default(),
        is_broken: false,
    }))
}

/// UTF-16 that is read as UTF-8.
struct Wide<R> {
    input: R,
    unit: fn([u8; 2]) -> u16,
    /// The start of a character whose end has not been read.
    taken: Vec<u8>,
    text: Cursor<Vec<u8>>,
    /// Whether what follows the text is not UTF-16.
    is_broken: bool,
}

/// Bytes that are read at once.
const PIECE_BYTES: usize = 1 << 14;

impl<R: Read> Read for Wide<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.text.read(into)?;
            if length > 0 || into.is_empty() {
                return Ok(length);
            }
            if self.is_broken {
                let error = "not valid UTF-16";
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
            let mut piece = [0; PIECE_BYTES];
            let length = self.input.read(&mut piece)?;
            if length == 0 && self.taken.is_empty() {
                return Ok(0);
            }
            self.take(piece.get(..length).unwrap_or_default());
        }
    }
}

impl<R> Wide<R> {
    /// Makes text of the next bytes; none are the end.
    fn take(&mut self, piece: &[u8]) {
        self.taken.extend_from_slice(piece);
        let (pairs, odd) = self.taken.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| (self.unit)(*pair)).collect();
        let mut rest = odd.len();
        // The first half of a pair waits for its second.
        if !piece.is_empty()
            && units
                .pop_if(|unit| (0xd800..0xdc00).contains(unit))
                .is_some()
        {
            rest += 2;
        }
        self.is_broken = piece.is_empty() && rest > 0;
        let mut text = String::with_capacity(units.len());
        for character in char::decode_utf16(units) {
            match character {
                Ok(character) => text.push(character),
                Err(_) => {
                    self.is_broken = true;
                    break;
                }
            }
        }
        self.taken.drain(..self.taken.len() - rest);
        self.text = Cursor::new(text.into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A byte at a time.
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
    fn utf_16_is_read_as_utf_8_and_all_else_as_it_is() {
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
    fn what_is_not_utf_16_behind_its_mark_is_an_error() {
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
