//! Conversion of UTF-16, as PowerShell's `>` writes it, to UTF-8.

/// Byte order of UTF-16 code units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

/// Detects the byte order from the first four bytes of a text. `None` if it is not UTF-16. Without a byte order mark, a text is taken for
/// UTF-16 if its first two units are ASCII characters.
pub(crate) fn byte_order(head: &[u8]) -> Option<ByteOrder> {
    match head {
        [0xff, 0xfe, 0, 0, ..] => None,
        [0xff, 0xfe, ..] => Some(ByteOrder::Little),
        [0xfe, 0xff, ..] => Some(ByteOrder::Big),
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => Some(ByteOrder::Little),
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => Some(ByteOrder::Big),
        _ => None,
    }
}

/// Decodes UTF-16 that arrives in chunks.
#[derive(Debug)]
pub(crate) struct Decoder {
    order: ByteOrder,
    /// First byte of an incomplete unit.
    half: Option<u8>,
    /// First unit of an incomplete surrogate pair.
    high: Option<u16>,
    is_at_start: bool,
    text: String,
}

/// Longest text that is emitted at once.
const CHUNK_BYTES: usize = 64 << 10;

impl Decoder {
    pub(crate) const fn new(order: ByteOrder) -> Self {
        Self {
            order,
            half: None,
            high: None,
            is_at_start: true,
            text: String::new(),
        }
    }

    /// Decodes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        for byte in bytes {
            match self.half.take() {
                None => self.half = Some(*byte),
                Some(first) => {
                    let pair = [first, *byte];
                    let unit = match self.order {
                        ByteOrder::Little => u16::from_le_bytes(pair),
                        ByteOrder::Big => u16::from_be_bytes(pair),
                    };
                    self.unit(unit);
                    if self.text.len() >= CHUNK_BYTES {
                        self.emit(out);
                    }
                }
            }
        }
        self.emit(out);
    }

    /// Ends the text. Returns `false` if it ends inside a character.
    pub(crate) fn finish(&mut self, out: &mut impl FnMut(&[u8])) -> bool {
        let is_complete = self.half.is_none() && self.high.is_none();
        if !is_complete {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        self.emit(out);
        is_complete
    }

    fn unit(&mut self, unit: u16) {
        let is_byte_order_mark = std::mem::take(&mut self.is_at_start) && unit == 0xfeff;
        if is_byte_order_mark {
            return;
        }
        let units = match (self.high.take(), unit) {
            (None, 0xd800..=0xdbff) => {
                self.high = Some(unit);
                return;
            }
            (Some(high), 0xd800..=0xdbff) => {
                self.high = Some(unit);
                [Some(high), None]
            }
            (high @ Some(_), _) => [high, Some(unit)],
            (None, _) => [Some(unit), None],
        };
        let decoded = char::decode_utf16(units.into_iter().flatten());
        self.text
            .extend(decoded.map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)));
    }

    fn emit(&mut self, out: &mut impl FnMut(&[u8])) {
        if !self.text.is_empty() {
            out(self.text.as_bytes());
            self.text.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], chunk: usize) -> (String, bool) {
        let mut text = Vec::new();
        let mut decoder = Decoder::new(byte_order(bytes).unwrap());
        for bytes in bytes.chunks(chunk) {
            decoder.push(bytes, &mut |bytes| text.extend_from_slice(bytes));
        }
        let is_complete = decoder.finish(&mut |bytes| text.extend_from_slice(bytes));
        (String::from_utf8(text).unwrap(), is_complete)
    }

    #[test]
    fn both_byte_orders_are_decoded_with_and_without_a_mark() {
        let text = "{\"user\":\"é😀\"}\r\n";
        for mark in ["", "\u{feff}"] {
            let units: Vec<u16> = format!("{mark}{text}").encode_utf16().collect();
            let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            for bytes in [little, big] {
                for chunk in [1, 2, 3, 100] {
                    assert_eq!(decoded(&bytes, chunk), (text.to_owned(), true));
                }
                let (found, is_complete) = decoded(&bytes[..bytes.len() - 1], 5);
                assert_eq!(
                    found.trim_end_matches('\u{fffd}'),
                    text.trim_end_matches('\n')
                );
                assert!(!is_complete);
            }
        }
    }

    #[test]
    fn a_lone_surrogate_becomes_one_replacement_character() {
        let bytes = [0xff, 0xfe, b'a', 0, 0x3d, 0xd8, b'b', 0, 0x3d, 0xd8];
        assert_eq!(decoded(&bytes, 3), ("a\u{fffd}b\u{fffd}".to_owned(), false));
    }

    #[test]
    fn other_files_are_not_utf_16() {
        for head in [
            &b"{\"ki"[..],
            b"\0\0\0\0",
            b"{\0",
            b"",
            b"\xff\xfe\0\0",
            b"\0{\"k",
        ] {
            assert_eq!(byte_order(head), None);
        }
    }
}
