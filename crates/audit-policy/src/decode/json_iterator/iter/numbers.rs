//! Numbers, as json-iterator reads and skips them.

use super::{Iter, IterError};

/// Largest value that json-iterator multiplies by ten without a check.
const SAFE_TO_MULTIPLY: u64 = u64::MAX / 10 - 1;

impl<'a> Iter<'a> {
    /// Reads an integer; 0 if it is not one.
    pub(in crate::decode::json_iterator) fn integer(&mut self) -> i64 {
        let first = self.next();
        if first == b'-' {
            let digit = self.byte();
            let size = self.unsigned(digit);
            if size > 1 << 63 {
                self.report("ReadInt64", &format!("overflow: {size}"));
                return 0;
            }
            return 0_i64.wrapping_sub_unsigned(size);
        }
        let size = self.unsigned(first);
        i64::try_from(size).unwrap_or_else(|_| {
            self.report("ReadInt64", &format!("overflow: {size}"));
            0
        })
    }

    /// Reads digits after the first one. Like json-iterator, it does not detect every overflow.
    fn unsigned(&mut self, first: u8) -> u64 {
        let value_of = |byte: u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
        let mut value = match value_of(first) {
            Some(0) => {
                self.not_a_fraction();
                return 0;
            }
            Some(digit) => digit,
            None => {
                // The decoder prints U+FFFD for any byte that is not a digit.
                self.report(
                    "readUint64",
                    &format!("unexpected character: {}", char::REPLACEMENT_CHARACTER),
                );
                return 0;
            }
        };
        let mut at = self.head;
        // If more than ten bytes follow, the first digits are read at once; an error after them is reported there.
        let leap = if self.bytes.len() - self.head.min(self.bytes.len()) > 10 {
            self.head + 7
        } else {
            usize::MAX
        };
        loop {
            if at == leap {
                self.head = at;
            }
            let Some(byte) = self.bytes.get(at).copied() else {
                self.end();
                break;
            };
            let Some(digit) = value_of(byte) else {
                self.head = at;
                break;
            };
            let next = value.wrapping_mul(10).wrapping_add(digit);
            if value > SAFE_TO_MULTIPLY && next < value {
                self.report("readUint64", "overflow");
                return 0;
            }
            value = next;
            at += 1;
        }
        self.not_a_fraction();
        value
    }

    fn not_a_fraction(&mut self) {
        if self.bytes.get(self.head) == Some(&b'.') {
            self.report("assertInteger", "can not decode float as int");
        }
    }

    /// Skips a number whose first byte was read.
    pub(super) fn skip_number(&mut self) {
        if self.skip_plain_number() {
            return;
        }
        self.back();
        if self.failed() {
            return;
        }
        self.float(false);
        if self.failed() {
            self.problem = None;
            // json-iterator now reads the bytes after the number.
            if self.number_text().is_empty() {
                self.report("readNumberAsString", "invalid number");
            }
        }
    }

    /// Skips digits with at most one point up to a delimiter. Returns false if there is anything else.
    fn skip_plain_number(&mut self) -> bool {
        let mut has_point = false;
        let mut at = self.head;
        while let Some(byte) = self.bytes.get(at).copied() {
            match byte {
                b'0'..=b'9' => {}
                b'.' if has_point => {
                    self.report("validateNumber", "more than one dot found in number");
                    return true;
                }
                b'.' => match self.bytes.get(at + 1) {
                    None => return false,
                    Some(b'0'..=b'9') => has_point = true,
                    Some(_) => {
                        self.report("validateNumber", "missing digit after dot");
                        return true;
                    }
                },
                b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r' if self.head < at => {
                    self.head = at;
                    return true;
                }
                _ => return false,
            }
            at += 1;
        }
        false
    }

    /// Reads a number as a float of 32 or 64 bits.
    pub(super) fn float(&mut self, is_short: bool) {
        let operation = if is_short {
            "readFloat32"
        } else {
            "readFloat64"
        };
        if self.next() != b'-' {
            self.back();
        }
        let next = |at: usize| self.bytes.get(at).copied();
        let problem = match next(self.head) {
            Some(b',' | b']' | b'}' | b' ' | b'\t' | b'\n') => Some("empty number"),
            Some(b'.') => Some("leading dot is invalid"),
            Some(b'0') if next(self.head + 1).is_some_and(|byte| byte.is_ascii_digit()) => {
                Some("leading zero is invalid")
            }
            _ => None,
        };
        if let Some(problem) = problem {
            return self.report(operation, problem);
        }
        let text = self.number_text();
        if self.failed() {
            return;
        }
        if let Some(problem) = float_problem(text) {
            return self.report(&format!("{operation}SlowPath"), problem);
        }
        let parsed = if is_short {
            text.parse::<f32>().map(|number| number.is_finite())
        } else {
            text.parse::<f64>().map(|number| number.is_finite())
        };
        let problem = match parsed {
            Ok(true) => return,
            Ok(false) => "value out of range",
            Err(_) => "invalid syntax",
        };
        let error = format!("strconv.ParseFloat: parsing \"{text}\": {problem}");
        self.problem = Some(IterError::Error(error, self.head));
    }

    /// Returns the following bytes that a number may contain.
    fn number_text(&mut self) -> &'a str {
        let rest = self.bytes.get(self.head..).unwrap_or_default();
        let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let text = match rest.iter().position(|byte| !is_part(byte)) {
            Some(at) => {
                self.head += at;
                rest.get(..at).unwrap_or_default()
            }
            None => {
                self.end();
                rest
            }
        };
        std::str::from_utf8(text).unwrap_or_default()
    }
}

fn float_problem(text: &str) -> Option<&'static str> {
    let (first, after_point) = (text.chars().next(), text.split_once('.'));
    match (first, after_point.map(|(_, rest)| rest.chars().next())) {
        (None, _) => Some("empty number"),
        (Some('-'), _) => Some("-- is not valid"),
        (_, Some(None)) => Some("dot can not be last character"),
        (_, Some(Some(next))) if !next.is_ascii_digit() => Some("missing digit after dot"),
        _ => None,
    }
}
