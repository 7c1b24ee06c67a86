//! Decodes a tree by the schema and collects the server's errors: wrong types, unknown fields and duplicate fields.

use std::collections::HashSet;

use super::fields::{DecodedFields, Literal};
use super::json_iterator;
use super::schema::{FieldType, StructType};
use super::time;
use audit_types::KubernetesVersion;
use audit_types::Span;
use audit_types::{Path, Step};
use kube_yaml::go;
use kube_yaml::tree::{Entry, NodeRef, Tree, Value};

/// Maximum number of unknown and duplicate fields that the server lists.
const MAX_STRICT: usize = 100;
/// Maximum number of problems that are reported as findings.
const MAX_PROBLEMS: usize = 1_000;
/// Result of decoding.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    pub(crate) fields: DecodedFields,
    /// The error that the server reports; further errors are among the problems.
    pub(crate) error: Option<String>,
    /// Errors of strict decoding, in the server's order.
    pub(crate) strict: Vec<String>,
    pub(crate) problems: Vec<DecodeProblem>,
}

/// A problem at a path.
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
        /// The object that contains it.
        parent: NodeRef,
    },
    Repeated {
        key: String,
        span: Span,
    },
}

/// A value and its expected type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypedNode {
    pub(crate) value: NodeRef,
    pub(crate) key: Option<Span>,
    pub(crate) field_type: &'static FieldType,
    /// True if it is an item of a list or map of that type.
    pub(crate) is_item: bool,
}

/// Decodes the top-level value as the target type.
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
    let mut decoded = DecodedFields::default();
    if let Some(node) = tree.root {
        let typed = TypedNode {
            value: node,
            key: None,
            field_type: target,
            is_item: false,
        };
        decoder.value(typed, &mut decoded);
    }
    let mut out = decoder.out;
    out.fields = decoded;
    out.error = decoder.immediate.or(decoder.saved);
    out
}

struct Decoder<'a> {
    tree: &'a Tree,
    version: KubernetesVersion,
    package: &'a str,
    path: Vec<Step>,
    /// Names of the fields of the current path, without indexes; Go includes them in errors.
    fields: Vec<&'static str>,
    owner: Option<&'static str>,
    /// An error that stops decoding.
    immediate: Option<String>,
    /// The first error that does not stop decoding; reported if no other error does.
    saved: Option<String>,
    seen: HashSet<String>,
    out: Decoded,
}

impl Decoder<'_> {
    /// Decodes the fields of an object. Null leaves it unchanged.
    fn object(
        &mut self,
        typed: TypedNode,
        target: &'static StructType,
        decoded: &mut DecodedFields,
    ) {
        let tree = self.tree;
        let entries = match tree.get(typed.value) {
            Value::Null => return,
            Value::Object(entries) => entries,
            other => return self.wrong(typed, other.json_kind()),
        };
        let outer = self.owner;
        let mut given = HashSet::new();
        for entry in entries {
            let Some((index, field)) = target.find(&entry.key, self.version) else {
                self.unknown(entry, typed.value, target);
                continue;
            };
            if !given.insert(index) {
                self.repeated(field.name, entry.key_span);
            }
            self.path.push(Step::Field(entry.key.clone()));
            self.fields.push(field.name);
            self.owner = Some(target.name);
            let inner = TypedNode {
                value: entry.node,
                key: Some(entry.key_span),
                field_type: &field.field_type,
                is_item: false,
            };
            self.value(inner, decoded.field_mut(index));
            self.path.pop();
            self.fields.pop();
            self.owner = outer;
        }
    }

    fn value(&mut self, typed: TypedNode, decoded: &mut DecodedFields) {
        let tree = self.tree;
        match (typed.field_type, tree.get(typed.value)) {
            (FieldType::Object(target), _) => self.object(typed, target, decoded),
            (FieldType::Time, value) => self.time(typed, value, None, decoded),
            (FieldType::OptionalTime, value) => {
                self.time(typed, value, Some(Literal::ZeroTime), decoded);
            }
            (FieldType::Text(_), Value::Null) => self.null_text(decoded),
            (FieldType::Bool | FieldType::Int, Value::Null) => {}
            (_, Value::Null) => decoded.clear(),
            (FieldType::Raw, _) => decoded.literal = Some(Literal::Json(tree.json(typed.value))),
            (FieldType::Bool | FieldType::OptionalBool, Value::Bool(value)) => {
                decoded.literal = Some(Literal::Bool(*value));
            }
            (FieldType::Int | FieldType::OptionalInt, Value::Number(text)) => {
                match self.integer(text) {
                    Some(number) => decoded.literal = Some(Literal::Int(number)),
                    None => self.wrong(typed, &format!("number {text}")),
                }
            }
            (FieldType::Text(_), Value::Text(text)) => {
                decoded.literal = Some(Literal::Text(text.clone()));
            }
            (FieldType::Texts(_) | FieldType::Objects(_), Value::List(items)) => {
                self.list(items, typed.field_type, decoded);
            }
            (FieldType::TextMap, Value::Object(entries)) => {
                self.text_map(entries, typed.field_type, decoded)
            }
            (_, value) => self.wrong(typed, value.json_kind()),
        }
    }

    fn list(
        &mut self,
        items: &[NodeRef],
        field_type: &'static FieldType,
        decoded: &mut DecodedFields,
    ) {
        let tree = self.tree;
        for (index, node) in items.iter().enumerate() {
            self.path.push(Step::Index(index));
            let typed = TypedNode {
                value: *node,
                key: None,
                field_type,
                is_item: true,
            };
            let item = decoded.item(index);
            match (field_type, tree.get(*node)) {
                (FieldType::Objects(target), _) => self.object(typed, target, item),
                (_, Value::Text(text)) => item.literal = Some(Literal::Text(text.clone())),
                (_, Value::Null) => self.null_text(item),
                (_, value) => self.wrong(typed, value.json_kind()),
            }
            self.path.pop();
        }
        decoded.set_length(items.len());
    }

    fn integer(&self, text: &str) -> Option<i64> {
        if json_iterator::is_used_by(self.version) {
            json_iterator::integer(text)
        } else {
            text.parse().ok()
        }
    }

    /// Decodes null for a string: it keeps the value of an earlier duplicate; the decoder up to 1.22 clears it.
    fn null_text(&self, decoded: &mut DecodedFields) {
        if json_iterator::is_used_by(self.version) {
            decoded.literal = None;
        }
    }

    fn text_map(
        &mut self,
        entries: &[Entry],
        field_type: &'static FieldType,
        decoded: &mut DecodedFields,
    ) {
        let tree = self.tree;
        let map = decoded.map_mut();
        let mut given = HashSet::new();
        for entry in entries {
            if !given.insert(entry.key.as_str()) {
                self.repeated(&entry.key, entry.key_span);
            }
            let text = match tree.get(entry.node) {
                Value::Text(text) => text.clone(),
                Value::Null => String::new(),
                value => {
                    self.path.push(Step::Field(entry.key.clone()));
                    let typed = TypedNode {
                        value: entry.node,
                        key: Some(entry.key_span),
                        field_type,
                        is_item: true,
                    };
                    self.wrong(typed, value.json_kind());
                    self.path.pop();
                    String::new()
                }
            };
            map.insert(entry.key.clone(), text);
        }
    }

    /// Decodes a time. Errors of its own decoder stop decoding.
    fn time(
        &mut self,
        typed: TypedNode,
        value: &Value,
        zero: Option<Literal>,
        decoded: &mut DecodedFields,
    ) {
        let parsed = match value {
            Value::Null => return decoded.clear(),
            Value::Text(text) => time::parse(text, self.version).map_err(|error| error.to_string()),
            other => Err(self.type_error(other.json_kind(), "string")),
        };
        match parsed {
            Ok(Some(text)) => decoded.literal = Some(Literal::Text(text)),
            Ok(None) => decoded.literal = zero,
            Err(error) => {
                self.immediate.get_or_insert(error);
                self.problem(self.here(), ProblemKind::WrongType(typed));
            }
        }
    }

    /// Formats Go's error for a value of the wrong type.
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

    fn wrong(&mut self, typed: TypedNode, found: &str) {
        if self.saved.is_none() {
            let wanted = if typed.is_item {
                typed.field_type.go_item_name()
            } else {
                typed.field_type.go_name()
            };
            self.saved = Some(self.type_error(found, &wanted));
        }
        self.problem(self.here(), ProblemKind::WrongType(typed));
    }

    fn unknown(&mut self, entry: &Entry, parent: NodeRef, inside: &'static StructType) {
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
