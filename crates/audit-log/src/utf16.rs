//! Logs saved as UTF-16, as PowerShell's `>` writes them, made UTF-8 while they are read.

/// Which byte of a unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

/// The order of the bytes of a text whose first four are these; none where it is not UTF-16. Without a byte order mark it is where each
/// of the first two units is an ASCII character.
pub(crate) fn order(head: &[u8]) -> Option<Order> {
    match head {
        [0xff, 0xfe, 0, 0, ..] => None,
        [0xff, 0xfe, ..] => Some(Order::Little),
        [0xfe, 0xff, ..] => Some(Order::Big),
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => Some(Order::Little),
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => Some(Order::Big),
        _ => None,
    }
}

/// Makes UTF-8 of UTF-16 in any pieces.
#[derive(Debug)]
pub(crate) struct Decoder {
    order: Order,
    /// The first byte of a unit.
    half: Option<u8>,
    /// The first unit of a pair.
    high: Option<u16>,
    is_at_start: bool,
    text: String,
}

/// So much text is given out at a time.
const PIECE_BYTES: usize = 64 << 10;

impl Decoder {
    pub(crate) const fn new(order: Order) -> Self {
        Self {
            order,
            half: None,
            high: None,
            is_at_start: true,
            text: String::new(),
        }
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        for byte in bytes {
            match self.half.take() {
                None => self.half = Some(*byte),
                Some(first) => {
                    let pair = [first, *byte];
                    let unit = match self.order {
                        Order::Little => u16::from_le_bytes(pair),
                        Order::Big => u16::from_be_bytes(pair),
                    };
                    self.unit(unit);
                    if self.text.len() >= PIECE_BYTES {
                        self.give_out(out);
                    }
                }
            }
        }
        self.give_out(out);
    }

    /// Says that the text has ended; false where it ends inside a character.
    pub(crate) fn finish(&mut self, out: &mut impl FnMut(&[u8])) -> bool {
        let is_whole = self.half.is_none() && self.high.is_none();
        if !is_whole {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        self.give_out(out);
        is_whole
    }

    fn unit(&mut self, unit: u16) {
        let is_mark = std::mem::take(&mut self.is_at_start) && unit == 0xfeff;
        if is_mark {
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

    fn give_out(&mut self, out: &mut impl FnMut(&[u8])) {
        if !self.text.is_empty() {
            out(self.text.as_bytes());
            self.text.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], piece: usize) -> (String, bool) {
        let mut text = Vec::new();
        let mut decoder = Decoder::new(order(bytes).unwrap());
        for bytes in bytes.chunks(piece) {
            decoder.push(bytes, &mut |bytes| text.extend_from_slice(bytes));
        }
        let is_whole = decoder.finish(&mut |bytes| text.extend_from_slice(bytes));
        (String::from_utf8(text).unwrap(), is_whole)
    }

    #[test]
    fn both_orders_are_read_with_and_without_a_mark() {
        let text = "{\"user\":\"é😀\"}\r\n";
        for mark in ["", "\u{feff}"] {
            let units: Vec<u16> = format!("{mark}{text}").encode_utf16().collect();
            let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            for bytes in [little, big] {
                for piece in [1, 2, 3, 100] {
                    assert_eq!(decoded(&bytes, piece), (text.to_owned(), true));
                }
                let (found, is_whole) = decoded(&bytes[..bytes.len() - 1], 5);
                assert_eq!(
                    found.trim_end_matches('\u{fffd}'),
                    text.trim_end_matches('\n')
                );
                assert!(!is_whole);
            }
        }
    }

    #[test]
    fn a_lone_surrogate_costs_one_character() {
        let bytes = [0xff, 0xfe, b'a', 0, 0x3d, 0xd8, b'b', 0, 0x3d, 0xd8];
        assert_eq!(decoded(&bytes, 3), ("a\u{fffd}b\u{fffd}".to_owned(), false));
    }

    #[test]
    fn other_files_are_no_utf_16() {
        for head in [
            &b"{\"ki"[..],
            b"\0\0\0\0",
            b"{\0",
            b"",
            b"\xff\xfe\0\0",
            b"\0{\"k",
        ] {
            assert_eq!(order(head), None);
        }
    }
}
