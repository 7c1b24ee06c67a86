//! What the decoder of 1.22 and older says of a value of the wrong type. It quotes the JSON around the place where it stopped, and goes on
//! reading from there, out of step, so its words come from walking the same bytes in the same way.

use super::schema::{Field, Shape, Type};
use super::time;
use crate::source::go;
use crate::source::tree::{Slot, Tree, Value};
use crate::version::KubernetesVersion;

/// The last minor version with that decoder.
pub(crate) const LAST: u8 = 22;
/// YAML that is longer as JSON keeps the newer decoder's words.
const MAX_JSON: usize = 1 << 20;

/// The decoder's error for a tree, or none where it has nothing to complain of. JSON is quoted as written, YAML as converted.
pub(crate) fn error(
    tree: &Tree,
    json: Option<&str>,
    target: &'static Type,
    version: KubernetesVersion,
    package: &str,
) -> Option<String> {
    let converted;
    let text = match json {
        Some(text) => text,
        None => {
            converted = to_json(tree)?;
            &converted
        }
    };
    let mut walker = Walker {
        bytes: text.as_bytes(),
        head: 0,
        error: None,
        version,
        package,
    };
    walker.object(target);
    walker.error
}

/// The tree as Go prints it; none where that is too long.
fn to_json(tree: &Tree) -> Option<String> {
    let mut out = String::new();
    // What is still to be printed, last first.
    let mut left = vec![Part::Value(tree.root?)];
    while let Some(part) = left.pop() {
        if out.len() > MAX_JSON || left.len() > MAX_JSON {
            return None;
        }
        match part {
            Part::Text(text) => out.push_str(&text),
            Part::Value(slot) => match tree.get(slot) {
                Value::Null => out.push_str("null"),
                Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
                Value::Number(text) => out.push_str(text),
                Value::Text(text) => out.push_str(&go::json_string(text)),
                Value::List(items) => {
                    out.push('[');
                    left.push(Part::Text("]".to_owned()));
                    for (index, item) in items.iter().enumerate().rev() {
                        left.push(Part::Value(*item));
                        left.push(Part::Text(comma(index).to_owned()));
                    }
                }
                Value::Object(entries) => {
                    out.push('{');
                    left.push(Part::Text("}".to_owned()));
                    for (index, entry) in entries.iter().enumerate().rev() {
                        left.push(Part::Value(entry.slot));
                        let key = go::json_string(&entry.key);
                        left.push(Part::Text(format!("{}{key}:", comma(index))));
                    }
                }
            },
        }
    }
    Some(out)
}

enum Part {
    Text(String),
    Value(Slot),
}

const fn comma(index: usize) -> &'static str {
    if index == 0 { "" } else { "," }
}

/// Walks JSON as the old decoder does.
struct Walker<'a> {
    bytes: &'a [u8],
    head: usize,
    error: Option<String>,
    version: KubernetesVersion,
    package: &'a str,
}

impl Walker<'_> {
    /// The next byte that is no white space; 0 at the end.
    fn next(&mut self) -> u8 {
        while let Some(byte) = self.bytes.get(self.head).copied() {
            self.head += 1;
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return byte;
            }
        }
        0
    }

    fn back(&mut self) {
        self.head = self.head.saturating_sub(1);
    }

    /// Keeps the first error, with ten and fifty bytes to either side of it.
    fn report(&mut self, operation: &str, problem: &str) {
        if self.error.is_some() {
            return;
        }
        let around = |reach: usize| {
            let start = self.head.saturating_sub(reach);
            let end = (self.head + reach).min(self.bytes.len());
            let part = self.bytes.get(start..end).unwrap_or_default();
            (
                self.head - start,
                String::from_utf8_lossy(part).into_owned(),
            )
        };
        let ((offset, near), (_, far)) = (around(10), around(50));
        self.error = Some(format!(
            "{operation}: {problem}, error found in #{offset} byte of ...|{near}|..., bigger context ...|{far}|..."
        ));
    }

    fn unexpected(&mut self, operation: &str, wanted: &str, found: u8) {
        let found = String::from_utf8_lossy(&[found]).into_owned();
        self.report(operation, &format!("{wanted}, but found {found}"));
    }

    /// Every level that is left after an error puts its name in front.
    fn wrap(&mut self, prefix: &str) {
        if let Some(error) = &mut self.error {
            error.insert_str(0, prefix);
        }
    }

    fn object(&mut self, target: &'static Type) {
        match self.next() {
            b'{' => match self.next() {
                b'"' => self.back(),
                b'}' => return,
                found => return self.unexpected("readObjectStart", "expect \" or n", found),
            },
            b'n' => return self.skip_bytes(3),
            found => return self.unexpected("readObjectStart", "expect { or n", found),
        }
        // Types of more than ten fields have a decoder of their own, which goes on after less.
        let is_large = target
            .fields
            .iter()
            .filter(|field| field.is_in(self.version))
            .count()
            > 10;
        loop {
            self.field(target, is_large);
            match self.next() {
                b',' => {}
                b'}' => break,
                found if is_large => {
                    self.wrap_type(target);
                    return self.unexpected("struct Decode", "expect }", found);
                }
                found => {
                    let found = String::from_utf8_lossy(&[found]).into_owned();
                    let problem = format!("object ended prematurely, unexpected char {found}");
                    self.report("isObjectEnd", &problem);
                    break;
                }
            }
        }
        self.wrap_type(target);
    }

    fn wrap_type(&mut self, target: &Type) {
        let name = target.go_name.replace('%', self.package);
        self.wrap(&format!("{name}."));
    }

    fn field(&mut self, target: &'static Type, is_large: bool) {
        let operation = if is_large {
            "ReadString"
        } else {
            "readFieldHash"
        };
        let found = self.next();
        if found != b'"' {
            let wanted = if is_large {
                "expects \" or n"
            } else {
                "expect \""
            };
            self.unexpected(operation, wanted, found);
            if !is_large {
                return self.skip();
            }
        }
        let name = if found == b'"' {
            self.rest_of_string()
        } else {
            String::new()
        };
        let found = self.next();
        if found != b':' {
            let operation = if is_large { "ReadObject" } else { operation };
            let wanted = if is_large {
                "expect : after object field"
            } else {
                "expect :"
            };
            self.unexpected(operation, wanted, found);
        }
        match target.find(&name, self.version) {
            Some((_, field)) => {
                self.value(&field.shape);
                self.wrap(&format!("{}: ", go_name(field, target)));
            }
            None => self.skip(),
        }
    }

    fn value(&mut self, shape: &'static Shape) {
        match shape {
            Shape::Object(target) => self.object(target),
            Shape::Objects(target) => self.list(shape, |walker| walker.object(target)),
            Shape::Texts(_) => self.list(shape, Self::text),
            Shape::Text(_) => self.text(),
            Shape::TextMap => self.text_map(),
            Shape::Bool | Shape::OptionalBool => self.boolean(),
            Shape::Int | Shape::OptionalInt => self.integer(),
            Shape::Time => self.time(),
            Shape::Raw => self.skip(),
        }
    }

    fn list(&mut self, shape: &Shape, mut item: impl FnMut(&mut Self)) {
        match self.next() {
            b'n' => self.skip_bytes(3),
            b'[' => {
                let mut found = self.next();
                if found != b']' {
                    self.back();
                    item(self);
                    found = self.next();
                }
                while found == b',' {
                    item(self);
                    found = self.next();
                }
                if found != b']' {
                    self.unexpected("decode slice", "expect ]", found);
                }
            }
            found => self.unexpected("decode slice", "expect [ or n", found),
        }
        let name = shape.go_name().replace('%', self.package);
        self.wrap(&format!("{name}: "));
    }

    fn text(&mut self) {
        match self.next() {
            b'"' => {
                self.rest_of_string();
            }
            b'n' => self.skip_bytes(3),
            found => self.unexpected("ReadString", "expects \" or n", found),
        }
    }

    fn text_map(&mut self) {
        match self.next() {
            b'n' => return self.skip_bytes(3),
            b'{' => {}
            found => return self.unexpected("ReadMapCB", "expect { or n", found),
        }
        if self.next() == b'}' {
            return;
        }
        self.back();
        loop {
            self.text();
            let found = self.next();
            if found != b':' {
                return self.unexpected("ReadMapCB", "expect : after object field", found);
            }
            self.text();
            match self.next() {
                b',' => {}
                b'}' => return,
                found => return self.unexpected("ReadMapCB", "expect }", found),
            }
        }
    }

    fn boolean(&mut self) {
        match self.next() {
            b't' | b'n' => self.skip_bytes(3),
            b'f' => self.skip_bytes(4),
            found => self.unexpected("ReadBool", "expect t or f", found),
        }
    }

    fn integer(&mut self) {
        let mut found = self.next();
        if found == b'n' {
            return self.skip_bytes(3);
        }
        if found == b'-' {
            found = self.next();
        }
        if !found.is_ascii_digit() {
            let found = String::from_utf8_lossy(&[found]).into_owned();
            return self.report("readUint64", &format!("unexpected character: {found}"));
        }
        while self.bytes.get(self.head).is_some_and(u8::is_ascii_digit) {
            self.head += 1;
        }
        if self.bytes.get(self.head) == Some(&b'.') {
            self.report("assertInteger", "can not decode float as int");
        }
    }

    fn time(&mut self) {
        let start = self.head;
        self.skip();
        let bytes = self.bytes.get(start..self.head).unwrap_or_default();
        let kind = match bytes.trim_ascii().first() {
            Some(b'"') => {
                let text: String = serde_json::from_slice(bytes).unwrap_or_default();
                if let Err(problem) = time::parse(&text) {
                    self.report("unmarshalerDecoder", &problem);
                }
                return;
            }
            Some(b't' | b'f') => "bool",
            Some(b'-' | b'0'..=b'9') => "number",
            Some(b'[') => "array",
            Some(b'{') => "object",
            _ => return,
        };
        let problem = format!("json: cannot unmarshal {kind} into Go value of type string");
        self.report("unmarshalerDecoder", &problem);
    }

    fn skip_bytes(&mut self, count: usize) {
        self.head = (self.head + count).min(self.bytes.len());
    }

    /// Passes over any value, brackets and all.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.next() {
                b'"' => {
                    self.rest_of_string();
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b't' | b'n' => self.skip_bytes(3),
                b'f' => self.skip_bytes(4),
                b'-' | b'0'..=b'9' => {
                    let is_part = |byte: &u8| byte.is_ascii_digit() || b".eE+-".contains(byte);
                    while self.bytes.get(self.head).is_some_and(is_part) {
                        self.head += 1;
                    }
                }
                b',' | b':' if depth > 0 => {}
                found => {
                    let problem = format!("do not know how to skip: {found}");
                    return self.report("Skip", &problem);
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// A string after its opening quote.
    fn rest_of_string(&mut self) -> String {
        let start = self.head;
        while let Some(byte) = self.bytes.get(self.head).copied() {
            self.head += 1;
            match byte {
                b'\\' => self.skip_bytes(1),
                b'"' => break,
                _ => {}
            }
        }
        let quoted = self
            .bytes
            .get(start.saturating_sub(1)..self.head)
            .unwrap_or_default();
        serde_json::from_slice(quoted).unwrap_or_default()
    }
}

/// Go's name of a field, and of the struct that embeds it where there is one.
fn go_name(field: &Field, target: &Type) -> String {
    let name = match field.name {
        "metadata" => return "ObjectMeta".to_owned(),
        "apiVersion" => "APIVersion".to_owned(),
        "uid" => "UID".to_owned(),
        name => {
            let mut letters = name.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
    };
    let is_own = field
        .name
        .starts_with(|letter: char| letter.is_ascii_uppercase());
    match (target.go_name, field.name) {
        ("%.Policy" | "audit.Policy", "kind" | "apiVersion") => format!("TypeMeta: {name}"),
        ("audit.Policy", _) if !is_own => format!("ObjectMeta: {name}"),
        _ => name,
    }
}
