//! Decodes a tree into memory by the schema, and says of every field what the server says: type errors, unknown and repeated fields.

use std::collections::HashSet;

use super::fields::{DecodedFields, Literal};
use super::json_iterator;
use super::schema::{FieldType, StructType};
use super::time;
use crate::finding::{Path, Step};
use crate::source::go;
use crate::source::tree::{Entry, Slot, Tree, Value};
use crate::span::Span;
use crate::version::KubernetesVersion;

/// The server lists this many unknown and repeated fields and no more.
const MAX_STRICT: usize = 100;
/// Problems that are kept for findings.
const MAX_PROBLEMS: usize = 1_000;
/// What decoding gives.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    pub(crate) memory: DecodedFields,
    /// The error that the server reports; the others of its kind are among the problems.
    pub(crate) error: Option<String>,
    /// What strict decoding complains of, in the server's words and order.
    pub(crate) strict: Vec<String>,
    pub(crate) problems: Vec<DecodeProblem>,
}

/// Something wrong at a place.
#[derive(Debug)]
pub(crate) struct DecodeProblem {
    pub(crate) path: Path,
    pub(crate) kind: ProblemKind,
}

#[derive(Debug)]
pub(crate) enum ProblemKind {
    WrongType(TypedNode),
    Unknown {
        entry: Entry,
        /// The type that does not have it.
        inside: &'static StructType,
        /// The object that it stands in.
        parent: Slot,
    },
    Repeated {
        key: String,
        span: Span,
    },
}

/// A value, and what is wanted in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypedNode {
    pub(crate) slot: Slot,
    pub(crate) key: Option<Span>,
    pub(crate) shape: &'static FieldType,
    /// Whether it is an item of that list or map.
    pub(crate) is_item: bool,
}

/// Decodes the tree's top into an object's type.
pub(crate) fn decode(
    tree: &Tree,
    target: &'static FieldType,
    version: KubernetesVersion,
    package: &str,
) -> Decoded {
    let mut decoder = Decoder {
        tree,
        version,
        package,
        path: Vec::new(),
        fields: Vec::new(),
        owner: None,
        immediate: None,
        saved: None,
        seen: HashSet::new(),
        out: Decoded::default(),
    };
    let mut memory = DecodedFields::default();
    if let Some(slot) = tree.root {
        let place = TypedNode {
            slot,
            key: None,
            shape: target,
            is_item: false,
        };
        decoder.value(place, &mut memory);
    }
    let mut out = decoder.out;
    out.memory = memory;
    out.error = decoder.immediate.or(decoder.saved);
    out
}

struct Decoder<'a> {
    tree: &'a Tree,
    version: KubernetesVersion,
    package: &'a str,
    path: Vec<Step>,
    /// Go names the fields on the way, without list indices, and the type that has the last of them.
    fields: Vec<&'static str>,
    owner: Option<&'static str>,
    /// An error that ends decoding.
    immediate: Option<String>,
    /// The first error that does not; the server reports it if nothing ended decoding.
    saved: Option<String>,
    seen: HashSet<String>,
    out: Decoded,
}

impl Decoder<'_> {
    /// Decodes the fields of an object. Null leaves it as it is.
    fn object(
        &mut self,
        place: TypedNode,
        target: &'static StructType,
        memory: &mut DecodedFields,
    ) {
        let tree = self.tree;
        let entries = match tree.get(place.slot) {
            Value::Null => return,
            Value::Object(entries) => entries,
            other => return self.wrong(place, other.json_kind()),
        };
        let outer = self.owner;
        let mut given = HashSet::new();
        for entry in entries {
            let Some((index, field)) = target.find(&entry.key, self.version) else {
                self.unknown(entry, place.slot, target);
                continue;
            };
            if !given.insert(index) {
                self.repeated(field.name, entry.key_span);
            }
            self.path.push(Step::Field(entry.key.clone()));
            self.fields.push(field.name);
            self.owner = Some(target.name);
            let inner = TypedNode {
                slot: entry.slot,
                key: Some(entry.key_span),
                shape: &field.field_type,
                is_item: false,
            };
            self.value(inner, memory.field_mut(index));
            self.path.pop();
            self.fields.pop();
            self.owner = outer;
        }
    }

    fn value(&mut self, place: TypedNode, memory: &mut DecodedFields) {
        let tree = self.tree;
        match (place.shape, tree.get(place.slot)) {
            (FieldType::Object(target), _) => self.object(place, target, memory),
            (FieldType::Time, value) => self.time(place, value, None, memory),
            (FieldType::OptionalTime, value) => {
                self.time(place, value, Some(Literal::ZeroTime), memory);
            }
            (FieldType::Text(_), Value::Null) => self.null_text(memory),
            (FieldType::Bool | FieldType::Int, Value::Null) => {}
            (_, Value::Null) => memory.clear(),
            (FieldType::Raw, _) => memory.literal = Some(Literal::Json(tree.json(place.slot))),
            (FieldType::Bool | FieldType::OptionalBool, Value::Bool(value)) => {
                memory.literal = Some(Literal::Bool(*value));
            }
            (FieldType::Int | FieldType::OptionalInt, Value::Number(text)) => {
                match self.integer(text) {
                    Some(number) => memory.literal = Some(Literal::Int(number)),
                    None => self.wrong(place, &format!("number {text}")),
                }
            }
            (FieldType::Text(_), Value::Text(text)) => {
                memory.literal = Some(Literal::Text(text.clone()));
            }
            (FieldType::Texts(_) | FieldType::Objects(_), Value::List(items)) => {
                self.list(items, place.shape, memory);
            }
            (FieldType::TextMap, Value::Object(entries)) => {
                self.text_map(entries, place.shape, memory)
            }
            (_, value) => self.wrong(place, value.json_kind()),
        }
    }

    fn list(&mut self, items: &[Slot], shape: &'static FieldType, memory: &mut DecodedFields) {
        let tree = self.tree;
        for (index, slot) in items.iter().enumerate() {
            self.path.push(Step::Index(index));
            let place = TypedNode {
                slot: *slot,
                key: None,
                shape,
                is_item: true,
            };
            let item = memory.item(index);
            match (shape, tree.get(*slot)) {
                (FieldType::Objects(target), _) => self.object(place, target, item),
                (_, Value::Text(text)) => item.literal = Some(Literal::Text(text.clone())),
                (_, Value::Null) => self.null_text(item),
                (_, value) => self.wrong(place, value.json_kind()),
            }
            self.path.pop();
        }
        memory.set_length(items.len());
    }

    fn integer(&self, text: &str) -> Option<i64> {
        if json_iterator::is_used_by(self.version) {
            json_iterator::integer(text)
        } else {
            text.parse().ok()
        }
    }

    /// Null leaves a text as an earlier value of the same field left it; the decoder up to 1.22 empties it.
    fn null_text(&self, memory: &mut DecodedFields) {
        if json_iterator::is_used_by(self.version) {
            memory.literal = None;
        }
    }

    fn text_map(
        &mut self,
        entries: &[Entry],
        shape: &'static FieldType,
        memory: &mut DecodedFields,
    ) {
        let tree = self.tree;
        let map = memory.map_mut();
        let mut given = HashSet::new();
        for entry in entries {
            if !given.insert(entry.key.as_str()) {
                self.repeated(&entry.key, entry.key_span);
            }
            let text = match tree.get(entry.slot) {
                Value::Text(text) => text.clone(),
                Value::Null => String::new(),
                value => {
                    self.path.push(Step::Field(entry.key.clone()));
                    let place = TypedNode {
                        slot: entry.slot,
                        key: Some(entry.key_span),
                        shape,
                        is_item: true,
                    };
                    self.wrong(place, value.json_kind());
                    self.path.pop();
                    String::new()
                }
            };
            map.insert(entry.key.clone(), text);
        }
    }

    /// Times decode themselves, and what they complain of ends decoding at once.
    fn time(
        &mut self,
        place: TypedNode,
        value: &Value,
        zero: Option<Literal>,
        memory: &mut DecodedFields,
    ) {
        let parsed = match value {
            Value::Null => return memory.clear(),
            Value::Text(text) => time::parse(text, self.version),
            other => Err(self.type_error(other.json_kind(), "string")),
        };
        match parsed {
            Ok(Some(text)) => memory.literal = Some(Literal::Text(text)),
            Ok(None) => memory.literal = zero,
            Err(error) => {
                self.immediate.get_or_insert(error);
                self.problem(self.here(), ProblemKind::WrongType(place));
            }
        }
    }

    /// Go's sentence for a value of the wrong type.
    fn type_error(&self, found: &str, wanted: &str) -> String {
        let wanted = wanted.replace('%', self.package);
        match self.owner {
            None => format!("json: cannot unmarshal {found} into Go value of type {wanted}"),
            Some(owner) => format!(
                "json: cannot unmarshal {found} into Go struct field {owner}.{} of type {wanted}",
                self.fields.join(".")
            ),
        }
    }

    fn wrong(&mut self, place: TypedNode, found: &str) {
        if self.saved.is_none() {
            let wanted = if place.is_item {
                place.shape.go_item_name()
            } else {
                place.shape.go_name()
            };
            self.saved = Some(self.type_error(found, &wanted));
        }
        self.problem(self.here(), ProblemKind::WrongType(place));
    }

    fn unknown(&mut self, entry: &Entry, parent: Slot, inside: &'static StructType) {
        let path = self.here().field(&entry.key);
        self.strict(format!("unknown field {}", go::quote(&path.to_string())));
        self.problem(
            path,
            ProblemKind::Unknown {
                entry: entry.clone(),
                inside,
                parent,
            },
        );
    }

    fn repeated(&mut self, name: &str, span: Span) {
        let path = self.here().field(name);
        self.strict(format!("duplicate field {}", go::quote(&path.to_string())));
        let key = name.to_owned();
        self.problem(path, ProblemKind::Repeated { key, span });
    }

    fn strict(&mut self, text: String) {
        if self.out.strict.len() < MAX_STRICT && self.seen.insert(text.clone()) {
            self.out.strict.push(text);
        }
    }

    fn here(&self) -> Path {
        Path(self.path.clone())
    }

    fn problem(&mut self, path: Path, kind: ProblemKind) {
        if self.out.problems.len() < MAX_PROBLEMS {
            self.out.problems.push(DecodeProblem { path, kind });
        }
    }
}
