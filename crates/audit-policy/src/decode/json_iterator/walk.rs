//! Decodes the Go types of a policy in json-iterator's order.

use std::borrow::Cow;

use super::iter::Iter;
use super::rejection::Rejection;
use crate::decode::schema::{Field, FieldType, StructType};
use crate::decode::time;
use audit_types::KubernetesVersion;

/// Types with more fields than this use another decoder.
const MAX_SHORT: usize = 10;

/// Decodes an object and returns the first error, if any.
pub(super) fn walk(
    json: &[u8],
    target: &'static StructType,
    version: KubernetesVersion,
    package: &str,
) -> Option<Rejection> {
    let mut walker = Walker {
        iter: Iter::new(json),
        version,
        package,
    };
    walker.object(target);
    if walker.iter.next() != 0 {
        let message = "there are bytes left after unmarshal";
        walker.iter.report("Unmarshal", message);
    }
    walker.iter.into_rejection()
}

/// Parses a single integer.
pub(super) fn integer(text: &str) -> Option<i64> {
    let mut iter = Iter::new(text.as_bytes());
    let value = iter.integer();
    let is_whole = iter.next() == 0;
    (is_whole && iter.into_rejection().is_none()).then_some(value)
}

struct Walker<'a> {
    iter: Iter<'a>,
    version: KubernetesVersion,
    package: &'a str,
}

impl Walker<'_> {
    fn object(&mut self, target: &'static StructType) {
        match self.iter.next() {
            b'{' => {
                if self.iter.next() == b'}' {
                    return;
                }
                self.iter.back();
            }
            b'n' => return self.iter.rest_of_word("ull"),
            found => {
                let wanted = "expect { or n, but found ";
                return self.iter.unexpected("readObjectStart", wanted, found);
            }
        }
        let fields = target.fields.iter();
        let count = fields.filter(|field| field.is_in(self.version)).count();
        if count > MAX_SHORT {
            self.long_object(target);
        } else {
            self.short_object(target);
        }
    }

    fn short_object(&mut self, target: &'static StructType) {
        loop {
            let name = self.iter.short_field_name();
            match name.and_then(|name| self.find(target, &name)) {
                Some(field) => self.field(field, target),
                None => {
                    self.iter.skip();
                }
            }
            match self.iter.next() {
                b',' => {}
                b'}' => break,
                found => {
                    let wanted = "object ended prematurely, unexpected char ";
                    self.iter.unexpected("isObjectEnd", wanted, found);
                    break;
                }
            }
        }
        self.wrap_type(target);
    }

    fn long_object(&mut self, target: &'static StructType) {
        let last = loop {
            let name = self.iter.string();
            let field = self.find(target, &name);
            let found = self.iter.next();
            if found != b':' {
                let wanted = "expect : after object field, but found ";
                self.iter.unexpected("ReadObject", wanted, found);
            }
            match field {
                Some(field) => self.field(field, target),
                None => {
                    self.iter.skip();
                }
            }
            let found = self.iter.next();
            if found != b',' {
                break found;
            }
        };
        self.wrap_type(target);
        if last != b'}' {
            let wanted = "expect }, but found ";
            self.iter.unexpected("struct Decode", wanted, last);
        }
    }

    fn find(&self, target: &'static StructType, name: &[u8]) -> Option<&'static Field> {
        let name = std::str::from_utf8(name).ok()?;
        target.find(name, self.version).map(|(_, field)| field)
    }

    fn field(&mut self, field: &'static Field, target: &StructType) {
        self.value(&field.field_type);
        self.iter
            .wrap(|| format!("{}: ", go_name(field, target)).into());
    }

    fn wrap_type(&mut self, target: &StructType) {
        let package = self.package;
        self.iter
            .wrap(|| format!("{}.", target.go_name.replace('%', package)).into());
    }

    fn value(&mut self, shape: &'static FieldType) {
        match shape {
            FieldType::Object(target) => self.object(target),
            FieldType::Objects(target) => self.list(shape, |walker| walker.object(target)),
            FieldType::Texts(_) => self.list(shape, |walker| {
                walker.iter.string();
            }),
            FieldType::Text(_) => {
                self.iter.string();
            }
            FieldType::TextMap => self.text_map(),
            FieldType::Bool => self.unless_null(Self::boolean),
            // Pointer and value both check for null.
            FieldType::OptionalBool => self.unless_null(|walker| walker.unless_null(Self::boolean)),
            FieldType::Int => self.unless_null(Self::integer),
            FieldType::OptionalInt => self.unless_null(|walker| walker.unless_null(Self::integer)),
            FieldType::Time => self.time(),
            FieldType::OptionalTime => self.unless_null(Self::time),
            FieldType::Raw => self.unless_null(|walker| {
                walker.captured();
            }),
        }
    }

    fn unless_null(&mut self, read: impl FnOnce(&mut Self)) {
        if self.iter.next() == b'n' {
            self.iter.rest_of_word("ull");
        } else {
            self.iter.back();
            read(self);
        }
    }

    fn list(&mut self, shape: &FieldType, mut item: impl FnMut(&mut Self)) {
        match self.iter.next() {
            b'n' => self.iter.rest_of_word("ull"),
            b'[' => {
                let mut found = self.iter.next();
                if found != b']' {
                    self.iter.back();
                    item(self);
                    found = self.iter.next();
                    while found == b',' {
                        item(self);
                        found = self.iter.next();
                    }
                    if found != b']' {
                        let wanted = "expect ], but found ";
                        self.iter.unexpected("decode slice", wanted, found);
                    }
                }
            }
            found => {
                let wanted = "expect [ or n, but found ";
                self.iter.unexpected("decode slice", wanted, found);
            }
        }
        let package = self.package;
        self.iter
            .wrap(|| format!("{}: ", shape.go_name().replace('%', package)).into());
    }

    fn text_map(&mut self) {
        const OPERATION: &str = "ReadMapCB";
        match self.iter.next() {
            b'n' => return self.iter.rest_of_word("ull"),
            b'{' => {}
            found => {
                let wanted = "expect { or n, but found ";
                return self.iter.unexpected(OPERATION, wanted, found);
            }
        }
        if self.iter.next() == b'}' {
            return;
        }
        self.iter.back();
        let last = loop {
            self.iter.string();
            let found = self.iter.next();
            if found != b':' {
                let wanted = "expect : after object field, but found ";
                return self.iter.unexpected(OPERATION, wanted, found);
            }
            self.iter.string();
            let found = self.iter.next();
            if found != b',' {
                break found;
            }
        };
        if last != b'}' {
            let wanted = "expect }, but found ";
            self.iter.unexpected(OPERATION, wanted, last);
        }
    }

    fn integer(&mut self) {
        self.iter.integer();
    }

    fn boolean(&mut self) {
        match self.iter.next() {
            b't' => self.iter.rest_of_word("rue"),
            b'f' => self.iter.rest_of_word("alse"),
            found => {
                let wanted = "expect t or f, but found ";
                self.iter.unexpected("ReadBool", wanted, found);
            }
        }
    }

    /// Returns the bytes of a value that has its own decoder.
    fn captured(&mut self) -> &[u8] {
        self.iter.next();
        self.iter.back();
        self.iter.skip()
    }

    fn time(&mut self) {
        let version = self.version;
        let problem = match self.captured() {
            b"null" => return,
            bytes => match serde_json::from_slice(bytes) {
                Ok(serde_json::Value::String(text)) => time_error(&text, version),
                Ok(serde_json::Value::Null) => None,
                Ok(other) => {
                    let kind = match other {
                        serde_json::Value::Bool(_) => "bool",
                        serde_json::Value::Array(_) => "array",
                        serde_json::Value::Object(_) => "object",
                        _ => "number",
                    };
                    Some(wrong_kind(kind))
                }
                // A number that is too large, or a string with bytes that are not UTF-8.
                Err(_) => match bytes.first() {
                    Some(b'"') => time_error(&lossy_string(bytes), version),
                    Some(b'[') => Some(wrong_kind("array")),
                    Some(b'{') => Some(wrong_kind("object")),
                    _ => Some(wrong_kind("number")),
                },
            },
        };
        if let Some(problem) = problem {
            self.iter.report("unmarshalerDecoder", &problem);
        }
    }
}

/// Returns the error of decoding a time, if any.
fn time_error(text: &str, version: KubernetesVersion) -> Option<String> {
    let error = time::parse(text, version).err()?;
    Some(error.to_string())
}

fn wrong_kind(kind: &str) -> String {
    format!("json: cannot unmarshal {kind} into Go value of type string")
}

/// Decodes a JSON string as Go does, with U+FFFD for each invalid UTF-8 byte.
fn lossy_string(bytes: &[u8]) -> String {
    let text = kube_yaml::text::read_lossy(bytes);
    let reading = kube_yaml::json::read(&text, bytes);
    let root = reading.tree.root.map(|root| reading.tree.get(root));
    match root {
        Some(kube_yaml::tree::Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

/// Returns Go's name of a field, with the struct that embeds it, if any.
fn go_name(field: &Field, target: &StructType) -> Cow<'static, str> {
    let name = match field.name {
        "metadata" => return "ObjectMeta".into(),
        "apiVersion" => "APIVersion".into(),
        "uid" => "UID".into(),
        name => {
            let mut letters = name.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>()
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
    .into()
}
