//! A JSON text byte by byte, as json-iterator reads it: it keeps the first error, and after one it no longer steps back.

use std::borrow::Cow;

use super::Rejection;
use crate::source::text;

/// The largest value that can be multiplied by ten without a check.
const SAFE_TO_MULTIPLY: u64 = u64::MAX / 10 - 1;

/// Why reading went wrong.
#[derive(Debug)]
enum Problem {
    /// The text ended. A later error takes its place.
    End,
    /// An error, and how many bytes were read.
    Error(String, usize),
}

/// Reads a JSON text.
#[derive(Debug)]
pub(super) struct Iter<'a> {
    bytes: &'a [u8],
    head: usize,
    problem: Option<Problem>,
    /// The names that were put in front of the error, innermost first.
    prefixes: Vec<Cow<'static, str>>,
}

impl<'a> Iter<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            head: 0,
            problem: None,
            prefixes: Vec::new(),
        }
    }

    /// The error, with all that was put in front of it.
    pub(super) fn into_rejection(self) -> Option<Rejection> {
        let Some(Problem::Error(error, read)) = self.problem else {
            return None;
        };
        let mut text: String = self.prefixes.iter().rev().map(AsRef::as_ref).collect();
        text.push_str(&error);
        Some(Rejection { text, read })
    }

    const fn failed(&self) -> bool {
        matches!(self.problem, Some(Problem::Error(..)))
    }

    /// The next byte that is not white space; 0 at the end.
    pub(super) fn next(&mut self) -> u8 {
        let rest = self.bytes.get(self.head..).unwrap_or_default();
        let found = rest
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\n' | b'\t' | b'\r'));
        match found.and_then(|at| Some((at, *rest.get(at)?))) {
            Some((at, byte)) => {
                self.head += at + 1;
                byte
            }
            None => {
                self.end();
                0
            }
        }
    }

    /// The next byte; 0 at the end.
    fn byte(&mut self) -> u8 {
        match self.bytes.get(self.head).copied() {
            Some(byte) => {
                self.head += 1;
                byte
            }
            None => {
                self.end();
                0
            }
        }
    }

    fn end(&mut self) {
        if self.problem.is_none() {
            self.head = self.bytes.len();
            self.problem = Some(Problem::End);
        }
    }

    /// Steps back by a byte, unless there was an error.
    pub(super) const fn back(&mut self) {
        if self.problem.is_none() {
            self.head = self.head.saturating_sub(1);
        }
    }

    /// Keeps the first error, with ten and fifty bytes to either side of it.
    pub(super) fn report(&mut self, operation: &str, message: &str) {
        if self.failed() {
            return;
        }
        let around = |reach: usize| {
            let start = self.head.saturating_sub(reach);
            let end = (self.head + reach).min(self.bytes.len());
            let part = self.bytes.get(start..end).unwrap_or_default();
            (self.head - start, text::read_lossy(part))
        };
        let ((offset, near), (_, far)) = (around(10), around(50));
        let error = format!(
            "{operation}: {message}, error found in #{offset} byte of ...|{near}|..., bigger context ...|{far}|..."
        );
        self.problem = Some(Problem::Error(error, self.head));
    }

    /// An error that names the byte that was found.
    pub(super) fn unexpected(&mut self, operation: &str, wanted: &str, found: u8) {
        if !self.failed() {
            let found = text::read_lossy(&[found]);
            self.report(operation, &format!("{wanted}{found}"));
        }
    }

    /// Puts a name in front of the error, if there is one.
    pub(super) fn wrap(&mut self, name: impl FnOnce() -> Cow<'static, str>) {
        if self.failed() {
            self.prefixes.push(name());
        }
    }

    /// `null`, `true` or `false` after its first letter.
    pub(super) fn rest_of_word(&mut self, rest: &str) {
        for wanted in rest.bytes() {
            if self.byte() != wanted {
                let operation = match rest.len() {
                    3 => "skipThreeBytes",
                    _ => "skipFourBytes",
                };
                return self.report(operation, &format!("expect {rest}"));
            }
        }
    }

    /// A string, or null.
    pub(super) fn string(&mut self) -> Vec<u8> {
        match self.next() {
            b'"' => self.rest_of_string(),
            b'n' => {
                self.rest_of_word("ull");
                Vec::new()
            }
            found => {
                self.unexpected("ReadString", "expects \" or n, but found ", found);
                Vec::new()
            }
        }
    }

    fn rest_of_string(&mut self) -> Vec<u8> {
        let rest = self.bytes.get(self.head..).unwrap_or_default();
        let stop = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
        match stop.and_then(|at| Some((at, *rest.get(at)?))) {
            Some((at, b'"')) => {
                self.head += at + 1;
                rest.get(..at).unwrap_or_default().to_vec()
            }
            Some((_, control @ 0..=0x1f)) => {
                let message = format!("invalid control character found: {control}");
                self.report("ReadString", &message);
                Vec::new()
            }
            _ => self.escaped_string(),
        }
    }

    /// The rest of a string with escapes in it; nothing is read once there was an error.
    fn escaped_string(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while self.problem.is_none() {
            match self.byte() {
                b'"' => return out,
                b'\\' => {
                    let escape = self.byte();
                    self.escape(escape, &mut out);
                }
                byte => out.push(byte),
            }
        }
        self.report("readStringSlowPath", "unexpected end of input");
        Vec::new()
    }

    fn escape(&mut self, mut escape: u8, out: &mut Vec<u8>) {
        let plain = loop {
            if escape != b'u' {
                break escape;
            }
            let unit = self.four_digits();
            if !(0xd800..0xe000).contains(&unit) {
                return push(out, unit);
            }
            let next = self.byte();
            if self.problem.is_some() {
                return;
            }
            if next != b'\\' {
                self.back();
                return push(out, unit);
            }
            let next = self.byte();
            if self.problem.is_some() {
                return;
            }
            if next != b'u' {
                push(out, unit);
                escape = next;
                continue;
            }
            let low = self.four_digits();
            if self.problem.is_some() {
                return;
            }
            if unit < 0xdc00 && (0xdc00..0xe000).contains(&low) {
                return push(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
            }
            push(out, unit);
            return push(out, low);
        };
        out.push(match plain {
            b'"' | b'\\' | b'/' => plain,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            _ => return self.report("readEscapedChar", "invalid escape char after \\"),
        });
    }

    fn four_digits(&mut self) -> u32 {
        let mut unit = 0;
        for _ in 0..4 {
            let byte = self.byte();
            if self.problem.is_some() {
                return unit;
            }
            match char::from(byte).to_digit(16) {
                Some(digit) => unit = unit * 16 + digit,
                None => {
                    self.unexpected("readU4", "expects 0~9 or a~f, but found ", byte);
                    return unit;
                }
            }
        }
        unit
    }

    /// The name of a field in a type of at most ten, with its colon; `None` if it cannot be a known one.
    pub(super) fn short_field_name(&mut self) -> Option<Vec<u8>> {
        let operation = "readFieldHash";
        let found = self.next();
        if found != b'"' {
            self.unexpected(operation, "expect \", but found ", found);
            return None;
        }
        let rest = self.bytes.get(self.head..).unwrap_or_default();
        let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
            self.end();
            self.report(operation, "incomplete field name");
            return None;
        };
        let mut name = rest.get(..at).unwrap_or_default().to_vec();
        self.head += at;
        if rest.get(at) == Some(&b'"') {
            self.head += 1;
        } else {
            name.extend(self.escaped_string());
        }
        let found = self.next();
        if found != b':' {
            self.unexpected(operation, "expect :, but found ", found);
            return None;
        }
        Some(name)
    }

    /// An integer; 0 where it is not one.
    pub(super) fn integer(&mut self) -> i64 {
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

    /// Digits, of which the first was read. Not every overflow is noticed, as in json-iterator.
    fn unsigned(&mut self, first: u8) -> u64 {
        let value_of = |byte: u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
        let mut value = match value_of(first) {
            Some(0) => {
                self.not_a_fraction();
                return 0;
            }
            Some(digit) => digit,
            None => {
                // The decoder prints its own mark for bytes that are not digits, whatever was found.
                self.report(
                    "readUint64",
                    &format!("unexpected character: {}", char::REPLACEMENT_CHARACTER),
                );
                return 0;
            }
        };
        let mut at = self.head;
        // The first digits are read at one go where more than ten bytes follow; an error after them is placed there.
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

    /// Passes over any value, however deep, and returns its bytes.
    pub(super) fn skip(&mut self) -> &'a [u8] {
        let start = self.head;
        let bytes = self.bytes;
        let mut open: Vec<Inside> = Vec::new();
        loop {
            let mut begins_value = self.skip_start(&mut open);
            while !begins_value {
                let Some(inside) = open.last() else {
                    return bytes.get(start..self.head).unwrap_or_default();
                };
                begins_value = match (inside, self.next()) {
                    (Inside::List, b',') => true,
                    (Inside::Object, b',') => {
                        self.skip_key();
                        true
                    }
                    (Inside::List, b']') | (Inside::Object, b'}') => {
                        open.pop();
                        false
                    }
                    (Inside::List, found) => {
                        self.unexpected("ReadArrayCB", "expect ] in the end, but found ", found);
                        open.pop();
                        false
                    }
                    (Inside::Object, _) => {
                        self.report("ReadObjectCB", "object not ended with }");
                        open.pop();
                        false
                    }
                };
            }
        }
    }

    /// Passes over a value without parts, or into a list or an object; true where a value has to follow.
    fn skip_start(&mut self, open: &mut Vec<Inside>) -> bool {
        match self.next() {
            b'"' => self.skip_string(),
            b'n' => self.rest_of_word("ull"),
            b't' => self.rest_of_word("rue"),
            b'f' => self.rest_of_word("alse"),
            b'0' => {
                self.back();
                self.float(true);
            }
            b'-' | b'1'..=b'9' => self.skip_number(),
            b'[' => {
                self.back();
                match self.next() {
                    b'[' => {
                        if self.next() != b']' {
                            self.back();
                            open.push(Inside::List);
                            return true;
                        }
                    }
                    b'n' => self.rest_of_word("ull"),
                    found => self.unexpected("ReadArrayCB", "expect [ or n, but found ", found),
                }
            }
            b'{' => {
                self.back();
                match self.next() {
                    b'{' => match self.next() {
                        b'"' => {
                            self.back();
                            self.skip_key();
                            open.push(Inside::Object);
                            return true;
                        }
                        b'}' => {}
                        found => {
                            self.unexpected("ReadObjectCB", "expect \" after {, but found ", found);
                        }
                    },
                    b'n' => self.rest_of_word("ull"),
                    found => self.unexpected("ReadObjectCB", "expect { or n, but found ", found),
                }
            }
            found => self.report("Skip", &format!("do not know how to skip: {found}")),
        }
        false
    }

    fn skip_key(&mut self) {
        self.string();
        let found = self.next();
        if found != b':' {
            self.unexpected(
                "ReadObject",
                "expect : after object field, but found ",
                found,
            );
        }
    }

    fn skip_string(&mut self) {
        let rest = self.bytes.get(self.head..).unwrap_or_default();
        let stop = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
        match stop.and_then(|at| Some((at, *rest.get(at)?))) {
            Some((at, b'"')) => self.head += at + 1,
            Some((_, control @ 0..=0x1f)) => {
                let message = format!("invalid control character found: {control}");
                self.report("trySkipString", &message);
            }
            _ => {
                self.back();
                self.string();
            }
        }
    }

    /// A number whose first byte was read.
    fn skip_number(&mut self) {
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
            // What is read of it now are the bytes after the number.
            if self.number_text().is_empty() {
                self.report("readNumberAsString", "invalid number");
            }
        }
    }

    /// Passes over digits with at most one point up to what may follow a number; false where that is not all.
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

    /// A number that has to fit a float of 32 or 64 bits.
    fn float(&mut self, is_short: bool) {
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
        self.problem = Some(Problem::Error(error, self.head));
    }

    /// The bytes from here on that a number may have.
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

/// What is being passed over.
#[derive(Debug)]
enum Inside {
    List,
    Object,
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

/// Adds a character; U+FFFD where the number is none of one.
fn push(out: &mut Vec<u8>, code: u32) {
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend(character.encode_utf8(&mut [0; 4]).bytes());
}
