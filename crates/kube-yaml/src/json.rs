//! JSON as Go's `encoding/json` parses it, with spans. Keeps duplicate keys in order.

use super::go;
use super::tree::{Entry, NodeRef, Tree, Value};
use super::{Reading, SyntaxError};
use crate::reading::last_seen;
use audit_types::Span;

/// Maximum depth of Go's decoder.
pub const MAX_DEPTH: usize = 10_000;

/// Parses JSON. `bytes` is the input that `text` was decoded from. After an error, the tree has the values before it.
pub fn read(text: &str, source: &[u8]) -> Reading {
    let mut reader = Reader {
        source,
        text,
        bytes: text.as_bytes(),
        at: 0,
        tree: Tree::default(),
        open: Vec::new(),
    };
    let error = reader.run().err();
    while !reader.open.is_empty() {
        reader.close(reader.at);
    }
    Reading {
        tree: reader.tree,
        duplicates: Vec::new(),
        error,
        end: None,
    }
}

/// A list or object whose end was not reached.
struct Open {
    start: usize,
    parts: Parts,
}

enum Parts {
    List(Vec<NodeRef>),
    Object {
        entries: Vec<Entry>,
        key: Option<(String, Span)>,
    },
}

struct Reader<'a> {
    source: &'a [u8],
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    tree: Tree,
    open: Vec<Open>,
}

type Outcome<T> = Result<T, SyntaxError>;

impl Reader<'_> {
    /// Parses one value and checks that nothing follows.
    fn run(&mut self) -> Outcome<()> {
        self.skip_space();
        self.begin_value()?;
        while let Some(open) = self.open.last() {
            match &open.parts {
                Parts::List(items) => {
                    let empty = items.is_empty();
                    self.continue_list(empty)?;
                }
                Parts::Object { entries, .. } => {
                    let empty = entries.is_empty();
                    self.continue_object(empty)?;
                }
            }
        }
        self.skip_space();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.unexpected("after top-level value")),
        }
    }

    fn continue_list(&mut self, empty: bool) -> Outcome<()> {
        self.skip_space();
        match self.peek() {
            Some(b']') => {
                self.at += 1;
                self.close(self.at);
                return Ok(());
            }
            Some(b',') if !empty => self.at += 1,
            None => return Err(self.ended()),
            Some(_) if !empty => return Err(self.unexpected("after array element")),
            Some(_) => {}
        }
        self.skip_space();
        self.begin_value()
    }

    fn continue_object(&mut self, empty: bool) -> Outcome<()> {
        self.skip_space();
        match self.peek() {
            Some(b'}') => {
                self.at += 1;
                self.close(self.at);
                return Ok(());
            }
            Some(b',') if !empty => {
                self.at += 1;
                self.skip_space();
            }
            None => return Err(self.ended()),
            Some(_) if !empty => return Err(self.unexpected("after object key:value pair")),
            Some(_) => {}
        }
        match self.peek() {
            None => return Err(self.ended()),
            Some(b'"') => {}
            Some(_) => return Err(self.unexpected("looking for beginning of object key string")),
        }
        let start = self.at;
        let name = self.string()?;
        let key_span = Span::new(start, self.at);
        self.skip_space();
        match self.peek() {
            Some(b':') => self.at += 1,
            None => return Err(self.ended()),
            Some(_) => return Err(self.unexpected("after object key")),
        }
        if let Some(Open {
            parts: Parts::Object { key, .. },
            ..
        }) = self.open.last_mut()
        {
            *key = Some((name, key_span));
        }
        self.skip_space();
        self.begin_value()
    }

    /// Parses a literal, or opens a list or object.
    fn begin_value(&mut self) -> Outcome<()> {
        let start = self.at;
        let value = match self.peek() {
            None => return Err(self.ended()),
            Some(opening @ (b'{' | b'[')) => {
                if self.open.len() >= MAX_DEPTH {
                    return Err(self.unexpected("exceeded max depth"));
                }
                self.at += 1;
                let parts = if opening == b'[' {
                    Parts::List(Vec::new())
                } else {
                    Parts::Object {
                        entries: Vec::new(),
                        key: None,
                    }
                };
                self.open.push(Open { start, parts });
                return Ok(());
            }
            Some(b'"') => Value::Text(self.string()?),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => return Err(self.unexpected("looking for beginning of value")),
        };
        self.place(value, start, self.at);
        Ok(())
    }

    /// Closes the innermost list or object.
    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let value = match open.parts {
            Parts::List(items) => Value::List(items),
            Parts::Object { entries, .. } => Value::Object(entries),
        };
        self.place(value, open.start, end);
    }

    /// Adds a complete value to its parent.
    fn place(&mut self, value: Value, start: usize, end: usize) {
        let node = NodeRef {
            value: self.tree.push(value),
            span: Span::new(start, end),
        };
        match self.open.last_mut().map(|open| &mut open.parts) {
            None => self.tree.root = Some(node),
            Some(Parts::List(items)) => items.push(node),
            Some(Parts::Object { entries, key }) => {
                if let Some((key, key_span)) = key.take() {
                    entries.push(Entry {
                        key,
                        key_span,
                        node,
                    });
                }
            }
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Outcome<Value> {
        for expected in word.bytes() {
            match self.peek() {
                Some(byte) if byte == expected => self.at += 1,
                _ => {
                    let expected = go::quote_char(char::from(expected));
                    let context = format!("in literal {word} (expecting {expected})");
                    return Err(self.unexpected(&context));
                }
            }
        }
        Ok(value)
    }

    fn number(&mut self) -> Outcome<Value> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits("in numeric literal")?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(Value::Number(text.to_owned()))
    }

    fn digits(&mut self, context: &str) -> Outcome<()> {
        match self.peek() {
            Some(b'0'..=b'9') => {}
            _ => return Err(self.unexpected(context)),
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Outcome<String> {
        self.at += 1;
        let mut out = String::new();
        let mut run = self.at;
        loop {
            match self.peek() {
                None => return Err(self.ended()),
                Some(b'"') => {
                    out.push_str(self.text.get(run..self.at).unwrap_or_default());
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(self.text.get(run..self.at).unwrap_or_default());
                    self.at += 1;
                    self.escape(&mut out)?;
                    run = self.at;
                }
                Some(0..=0x1f) => return Err(self.unexpected("in string literal")),
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Outcome<()> {
        let character = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0c',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let unit = self.hex()?;
                let character = self.join(unit);
                out.push(character);
                return Ok(());
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.at += 1;
        out.push(character);
        Ok(())
    }

    fn hex(&mut self) -> Outcome<u16> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit.and_then(|digit| u16::try_from(digit).ok()) else {
                return Err(self.unexpected(r"in \u hexadecimal character escape"));
            };
            unit = unit << 4 | digit;
            self.at += 1;
        }
        Ok(unit)
    }

    /// Parses a Unicode escape, or two for a surrogate pair; a lone surrogate becomes U+FFFD.
    fn join(&mut self, unit: u16) -> char {
        if let Some(character) = char::from_u32(u32::from(unit)) {
            return character;
        }
        let next = self
            .bytes
            .get(self.at..self.at + 6)
            .and_then(|escape| escape.strip_prefix(b"\\u"))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u16::from_str_radix(digits, 16).ok());
        if let Some(next) = next
            && let Some(Ok(character)) = char::decode_utf16([unit, next]).next()
        {
            self.at += 6;
            return character;
        }
        char::REPLACEMENT_CHARACTER
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn ended(&self) -> SyntaxError {
        SyntaxError {
            text: "unexpected end of JSON input".to_owned(),
            span: last_seen(self.text, self.at),
        }
    }

    /// Reports the unexpected byte, as Go does; at the end within a literal, number or escape, Go reports a space.
    fn unexpected(&self, context: &str) -> SyntaxError {
        let start = self.text.floor_char_boundary(self.at);
        let byte = match self.peek() {
            Some(_)
                if self
                    .text
                    .get(start..)
                    .is_some_and(|rest| rest.starts_with('\u{fffd}')) =>
            {
                source_byte(self.source, start)
            }
            Some(byte) => byte,
            None => b' ',
        };
        let span = match self.peek().filter(|byte| !matches!(byte, b'\r' | b'\n')) {
            Some(_) => Span::new(start, self.text.ceil_char_boundary(self.at + 1)),
            None => last_seen(self.text, start),
        };
        SyntaxError {
            text: format!(
                "invalid character {} {context}",
                go::quote_char(char::from(byte))
            ),
            span,
        }
    }
}

/// Returns the input byte for an offset in the text, in which U+FFFD may stand for an invalid byte.
fn source_byte(source: &[u8], at: usize) -> u8 {
    let mut text = 0;
    for chunk in source.utf8_chunks() {
        if let Some(byte) = at
            .checked_sub(text)
            .and_then(|at| chunk.valid().as_bytes().get(at))
        {
            return *byte;
        }
        text += chunk.valid().len();
        for byte in chunk.invalid() {
            if text == at {
                return *byte;
            }
            text += char::REPLACEMENT_CHARACTER.len_utf8();
        }
    }
    b' '
}
