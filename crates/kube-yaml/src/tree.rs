//! The tree that a YAML or JSON text becomes: untyped values, each place in it with its span. Knows nothing of policies.

use std::collections::HashMap;

use crate::{go, text};
use audit_types::Span;
use audit_types::{Path, Step};

/// Where a value stands in the source.
///
/// A value that is an alias stands where the alias is, for it is this use that may be at fault; what is inside such a value stands where it
/// is spelled, behind the anchor. A key that a merge brought in stands there too. An item that is empty stands at its `-`. An anchor
/// belongs to the list or mapping that it names, and to no scalar; a tag to both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// The key, for a field of a mapping.
    pub key: Option<Span>,
    /// The value; for a list or mapping from its first to its last byte.
    pub value: Span,
}

/// A value of a [`Tree`]; aliases make several places share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ValueId(pub usize);

/// A place that holds a value: the value, and where the place is spelled (for an alias, the alias).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The value.
    pub value: ValueId,
    /// Where the document spells it; of an alias, the alias.
    pub span: Span,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is.
    pub key_span: Span,
    /// The value.
    pub slot: Slot,
}

/// An untyped value, as JSON has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`, or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number in JSON's spelling.
    Number(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Slot>),
    /// Fields in the order in which the server meets them: sorted for YAML, as written for JSON, where a key may come twice.
    Object(Vec<Entry>),
}

impl Value {
    /// What Go's JSON decoder calls a value of this kind.
    pub const fn json_kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

/// Objects with more fields than this are looked up by hash, so that many look-ups stay linear.
const LARGE: usize = 32;

/// How deep values are copied as JSON.
const MAX_DATA_DEPTH: usize = 100;

/// A text's values and its top.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Every value, by [`ValueId`].
    pub values: Vec<Value>,
    /// The top of the document. `None` if there is none.
    pub root: Option<Slot>,
    /// The fields of large objects: the last entry of each name.
    large: HashMap<ValueId, HashMap<String, usize>>,
    /// Texts that are not UTF-8, with their bytes; the value has U+FFFD for each byte that is not.
    raw_texts: HashMap<ValueId, Vec<u8>>,
    /// The same of keys, by the start of the key.
    raw_keys: HashMap<usize, Vec<u8>>,
}

impl Tree {
    /// The value in a place.
    pub fn get(&self, slot: Slot) -> &Value {
        self.values.get(slot.value.0).unwrap_or(&Value::Null)
    }

    /// Adds a value.
    pub fn push(&mut self, value: Value) -> ValueId {
        let id = ValueId(self.values.len());
        if let Value::Object(entries) = &value
            && entries.len() > LARGE
        {
            let names = entries.iter().enumerate();
            let places = names.map(|(place, entry)| (entry.key.clone(), place));
            self.large.insert(id, places.collect());
        }
        self.values.push(value);
        id
    }

    /// Adds a text that is not UTF-8.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> ValueId {
        let id = self.push(Value::Text(text::read_lossy(bytes)));
        self.raw_texts.insert(id, bytes.to_vec());
        id
    }

    /// Keeps the bytes of a key that is not UTF-8.
    pub fn keep_key_bytes(&mut self, key: Span, bytes: &[u8]) {
        self.raw_keys.insert(key.start, bytes.to_vec());
    }

    /// The bytes of a text that is not UTF-8.
    pub fn bytes_of(&self, value: ValueId) -> Option<&[u8]> {
        self.raw_texts.get(&value).map(Vec::as_slice)
    }

    /// Whether any key is not UTF-8.
    pub fn has_key_bytes(&self) -> bool {
        !self.raw_keys.is_empty()
    }

    /// The bytes of a key that is not UTF-8.
    pub fn key_bytes(&self, entry: &Entry) -> Option<&[u8]> {
        let bytes = self.raw_keys.get(&entry.key_span.start)?;
        Some(bytes.as_slice())
    }

    /// The last field of that name, which is the one that counts.
    pub fn field(&self, slot: Slot, name: &str) -> Option<&Entry> {
        let Value::Object(entries) = self.get(slot) else {
            return None;
        };
        match self.large.get(&slot.value) {
            Some(places) => entries.get(*places.get(name)?),
            None => entries.iter().rev().find(|entry| entry.key == name),
        }
    }

    /// A value as Go prints it in JSON, numbers as they are spelled; null below some depth.
    pub fn json(&self, slot: Slot) -> String {
        let mut out = String::new();
        self.push_json(slot, 0, &mut out);
        out
    }

    fn push_json(&self, slot: Slot, depth: usize, out: &mut String) {
        if depth > MAX_DATA_DEPTH {
            return out.push_str("null");
        }
        match self.get(slot) {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Number(text) => out.push_str(text),
            Value::Text(text) => out.push_str(&go::json_string(text)),
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    out.push(if index == 0 { '[' } else { ',' });
                    self.push_json(*item, depth + 1, out);
                }
                out.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Value::Object(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    out.push(if index == 0 { '{' } else { ',' });
                    out.push_str(&go::json_string(&entry.key));
                    out.push(':');
                    self.push_json(entry.slot, depth + 1, out);
                }
                out.push_str(if entries.is_empty() { "{}" } else { "}" });
            }
        }
    }

    /// A value as JSON has it; null below some depth.
    pub fn data(&self, slot: Slot, depth: usize) -> serde_json::Value {
        use serde_json::Value as Json;
        if depth > MAX_DATA_DEPTH {
            return Json::Null;
        }
        match self.get(slot) {
            Value::Null => Json::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(text) => text.parse().map_or(Json::Null, Json::Number),
            Value::Text(text) => text.clone().into(),
            Value::List(items) => items
                .iter()
                .map(|item| self.data(*item, depth + 1))
                .collect(),
            Value::Object(entries) => {
                let fields = entries
                    .iter()
                    .map(|entry| (entry.key.clone(), self.data(entry.slot, depth + 1)));
                Json::Object(fields.collect())
            }
        }
    }

    /// Where the value at that path stands; none where the text does not spell it.
    pub fn locate(&self, path: &Path) -> Option<Located> {
        let mut slot = self.root?;
        let mut key = None;
        for step in &path.0 {
            match step {
                Step::Field(name) => {
                    let entry = self.field(slot, name)?;
                    (slot, key) = (entry.slot, Some(entry.key_span));
                }
                Step::Index(index) => {
                    let Value::List(items) = self.get(slot) else {
                        return None;
                    };
                    (slot, key) = (*items.get(*index)?, None);
                }
            }
        }
        Some(Located {
            key,
            value: slot.span,
        })
    }

    /// The place at that path.
    pub fn slot(&self, path: &Path) -> Option<Slot> {
        path.0.iter().try_fold(self.root?, |slot, step| match step {
            Step::Field(name) => self.field(slot, name).map(|entry| entry.slot),
            Step::Index(index) => match self.get(slot) {
                Value::List(items) => items.get(*index).copied(),
                _ => None,
            },
        })
    }

    /// The span of every item of a top-level list field.
    pub fn item_spans(&self, field: &str) -> Vec<Span> {
        let list = self
            .root
            .and_then(|root| self.field(root, field))
            .map(|entry| self.get(entry.slot));
        match list {
            Some(Value::List(items)) => items.iter().map(|item| item.span).collect(),
            _ => Vec::new(),
        }
    }
}
