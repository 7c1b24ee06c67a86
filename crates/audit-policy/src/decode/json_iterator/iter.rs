//! Reads JSON bytewise as json-iterator does: it keeps the first error, and after that it no longer steps back.

mod numbers;

use std::borrow::Cow;

use super::rejection::Rejection;
use kube_yaml::text;

/// Error of reading.
#[derive(Debug)]
enum IterError {
    /// The text ended. A later error replaces it.
    End,
    /// An error, and how many bytes were read.
    Error(String, usize),
}

/// Reads a JSON text.
#[derive(Debug)]
pub(super) struct Iter<'a> {
    bytes: &'a [u8],
    head: usize,
    problem: Option<IterError>,
    /// Prefixes of the error, innermost first.
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

    /// Returns the error with its prefixes.
    pub(super) fn into_rejection(self) -> Option<Rejection> {
        let Some(IterError::Error(error, read)) = self.problem else {
            return None;
        };
        let mut text: String = self.prefixes.iter().rev().map(AsRef::as_ref).collect();
        text.push_str(&error);
        Some(Rejection { text, read })
    }

    const fn failed(&self) -> bool {
        matches!(self.problem, Some(IterError::Error(..)))
    }

    /// Returns the next byte that is not white space; 0 at the end.
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

    /// Returns the next byte; 0 at the end.
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
            self.problem = Some(IterError::End);
        }
    }

    /// Steps back by one byte, unless there was an error.
    pub(super) const fn back(&mut self) {
        if self.problem.is_none() {
            self.head = self.head.saturating_sub(1);
        }
    }

    /// Records the first error, with ten and fifty bytes of context on either side.
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
        self.problem = Some(IterError::Error(error, self.head));
    }

    /// Records an error with the unexpected byte.
    pub(super) fn unexpected(&mut self, operation: &str, wanted: &str, found: u8) {
        if !self.failed() {
            let found = text::read_lossy(&[found]);
            self.report(operation, &format!("{wanted}{found}"));
        }
    }

    /// Adds a prefix to the error, if there is one.
    pub(super) fn wrap(&mut self, name: impl FnOnce() -> Cow<'static, str>) {
        if self.failed() {
            self.prefixes.push(name());
        }
    }

    /// Reads the rest of `null`, `true` or `false`.
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

    /// Reads a string or null.
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

    /// Reads the rest of a string with escapes; reads nothing after an error.
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

    /// Reads the name of a field and its colon, for types with at most ten fields. `None` if the name is not valid.
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

    /// Skips a value of any depth and returns its bytes.
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

    /// Skips a scalar, or enters a list or object. Returns true if a value must follow.
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
}

/// Collection that is being skipped.
#[derive(Debug)]
enum Inside {
    List,
    Object,
}

/// Appends a character, or U+FFFD if the code is not one.
fn push(out: &mut Vec<u8>, code: u32) {
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend(character.encode_utf8(&mut [0; 4]).bytes());
}
