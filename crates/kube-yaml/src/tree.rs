//! The tree of a YAML or JSON document: untyped values, each with its span.

use std::collections::HashMap;

use crate::{go, text};
use audit_types::Span;
use audit_types::{Path, Step};

/// Spans of a value in the source.
///
/// The span of an alias is that of the alias itself, since this use may be at fault; values inside it have their spans at the anchor, and
/// so have keys from a merge key. The span of an empty item is its `-`. The span of a list or mapping includes its anchor, that of a
/// scalar does not; both include the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// The key, for a field of a mapping.
    pub key: Option<Span>,
    /// The value; for a list or mapping from its first to its last byte.
    pub value: Span,
}

/// Index of a value in a [`Tree`]; aliases share one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ValueId(pub usize);

/// A value at one position of the document; for an alias, the position of the alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeRef {
    /// The value.
    pub value: ValueId,
    /// Span in the document; for an alias, that of the alias.
    pub span: Span,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Span of the key.
    pub key_span: Span,
    /// The value.
    pub node: NodeRef,
}

/// An untyped value, as in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`, or an empty value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number in JSON's spelling.
    Number(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<NodeRef>),
    /// Fields in the order in which the server decodes them: sorted in YAML, as written in JSON, where keys may be duplicated.
    Object(Vec<Entry>),
}

impl Value {
    /// Returns the name of the kind in errors of Go's JSON decoder.
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

/// Largest number of fields that are searched linearly; larger objects have an index.
const LARGE: usize = 32;

/// Maximum depth of values that are copied as JSON.
const MAX_DATA_DEPTH: usize = 100;

/// All values of a document.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Every value, by [`ValueId`].
    pub values: Vec<Value>,
    /// The top-level value. `None` if there is none.
    pub root: Option<NodeRef>,
    /// Index of large objects: the last entry of each name.
    large: HashMap<ValueId, HashMap<String, usize>>,
    /// Bytes of strings that are not valid UTF-8; the value has U+FFFD for each invalid byte.
    raw_texts: HashMap<ValueId, Vec<u8>>,
    /// Bytes of keys that are not valid UTF-8, by the start of the key.
    raw_keys: HashMap<usize, Vec<u8>>,
}

impl Tree {
    /// Returns the value of a node.
    pub fn get(&self, node: NodeRef) -> &Value {
        self.values.get(node.value.0).unwrap_or(&Value::Null)
    }

    /// Returns every value with its position, in no order: those of lists and of fields, and the top-level one.
    fn nodes(&self) -> impl Iterator<Item = NodeRef> {
        let inside = self.values.iter().flat_map(|value| {
            let (items, entries): (&[NodeRef], &[Entry]) = match value {
                Value::List(items) => (items, &[]),
                Value::Object(entries) => (&[], entries),
                _ => (&[], &[]),
            };
            let of_entries = entries.iter().map(|entry| entry.node);
            items.iter().copied().chain(of_entries)
        });
        self.root.into_iter().chain(inside)
    }

    /// Returns the spans of values at their anchors that aliases or merge keys use too, in no order.
    pub fn shared(&self) -> Vec<Span> {
        let mut uses: HashMap<ValueId, (Span, usize)> = HashMap::new();
        for node in self.nodes() {
            let (first, count) = uses.entry(node.value).or_insert((node.span, 0));
            // An alias follows its anchor.
            if node.span.start < first.start {
                *first = node.span;
            }
            *count += 1;
        }
        let shared = uses.into_values().filter(|(_, count)| *count > 1);
        shared.map(|(span, _)| span).collect()
    }

    /// Returns the spans of strings, in no order.
    pub fn strings(&self) -> impl Iterator<Item = Span> {
        let nodes = self.nodes();
        let strings = nodes.filter(|node| matches!(self.get(*node), Value::Text(_)));
        strings.map(|node| node.span)
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

    /// Adds a string that is not valid UTF-8.
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) -> ValueId {
        let id = self.push(Value::Text(text::read_lossy(bytes)));
        self.raw_texts.insert(id, bytes.to_vec());
        id
    }

    /// Stores the bytes of a key that is not valid UTF-8.
    pub(crate) fn keep_key_bytes(&mut self, key: Span, bytes: &[u8]) {
        self.raw_keys.insert(key.start, bytes.to_vec());
    }

    /// Returns the bytes of a string that is not valid UTF-8.
    pub fn bytes_of(&self, value: ValueId) -> Option<&[u8]> {
        self.raw_texts.get(&value).map(Vec::as_slice)
    }

    /// Returns true if any key is not valid UTF-8.
    pub(crate) fn has_key_bytes(&self) -> bool {
        !self.raw_keys.is_empty()
    }

    /// Returns the bytes of a key that is not valid UTF-8.
    pub fn key_bytes(&self, entry: &Entry) -> Option<&[u8]> {
        let bytes = self.raw_keys.get(&entry.key_span.start)?;
        Some(bytes.as_slice())
    }

    /// Returns the last field with the name, whose value is used.
    pub fn field(&self, node: NodeRef, name: &str) -> Option<&Entry> {
        let Value::Object(entries) = self.get(node) else {
            return None;
        };
        match self.large.get(&node.value) {
            Some(places) => entries.get(*places.get(name)?),
            None => entries.iter().rev().find(|entry| entry.key == name),
        }
    }

    /// Formats a value as Go's JSON encoder does, with numbers as spelled; `null` below the maximum depth.
    pub fn json(&self, node: NodeRef) -> String {
        let mut out = String::new();
        self.push_json(node, 0, &mut out);
        out
    }

    fn push_json(&self, node: NodeRef, depth: usize, out: &mut String) {
        if depth > MAX_DATA_DEPTH {
            return out.push_str("null");
        }
        match self.get(node) {
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
                    self.push_json(entry.node, depth + 1, out);
                }
                out.push_str(if entries.is_empty() { "{}" } else { "}" });
            }
        }
    }

    /// Converts a value to JSON; `null` below the maximum depth.
    pub fn data(&self, node: NodeRef, depth: usize) -> serde_json::Value {
        use serde_json::Value as Json;
        if depth > MAX_DATA_DEPTH {
            return Json::Null;
        }
        match self.get(node) {
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
                    .map(|entry| (entry.key.clone(), self.data(entry.node, depth + 1)));
                Json::Object(fields.collect())
            }
        }
    }

    /// Returns the spans of the value at a path. `None` if the document does not contain it.
    pub fn locate(&self, path: &Path) -> Option<Located> {
        let mut node = self.root?;
        let mut key = None;
        for step in &path.0 {
            match step {
                Step::Field(name) => {
                    let entry = self.field(node, name)?;
                    (node, key) = (entry.node, Some(entry.key_span));
                }
                Step::Index(index) => {
                    let Value::List(items) = self.get(node) else {
                        return None;
                    };
                    (node, key) = (*items.get(*index)?, None);
                }
            }
        }
        Some(Located {
            key,
            value: node.span,
        })
    }

    /// Returns the node at a path.
    pub fn node(&self, path: &Path) -> Option<NodeRef> {
        path.0.iter().try_fold(self.root?, |node, step| match step {
            Step::Field(name) => self.field(node, name).map(|entry| entry.node),
            Step::Index(index) => match self.get(node) {
                Value::List(items) => items.get(*index).copied(),
                _ => None,
            },
        })
    }

    /// Returns the spans of the items of a top-level list.
    pub fn item_spans(&self, field: &str) -> Vec<Span> {
        let list = self
            .root
            .and_then(|root| self.field(root, field))
            .map(|entry| self.get(entry.node));
        match list {
            Some(Value::List(items)) => items.iter().map(|item| item.span).collect(),
            _ => Vec::new(),
        }
    }
}
