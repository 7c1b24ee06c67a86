//! The decoder of 1.22 and older (json-iterator). Its errors quote the JSON around the position where it stopped, and it continues reading
//! from there, so this module reads the same bytes in the same order. It also accepts other values: some integers that are too large, and
//! it rejects some numbers in unknown fields.

mod iter;
mod rejection;
mod walk;

pub(crate) use rejection::Rejection;

use super::schema::StructType;
use audit_types::KubernetesVersion;
use kube_yaml::go;
use kube_yaml::tree::{NodeRef, Tree, Value};

/// The last minor version with that decoder.
const LAST: u8 = 22;
/// Maximum size of YAML converted to JSON; above it, the errors of the newer decoder are used.
const MAX_JSON: usize = 32 << 20;

/// Returns true if the version has this decoder.
pub(crate) const fn is_used_by(version: KubernetesVersion) -> bool {
    !version.at_least(LAST + 1)
}

/// Decodes JSON and returns the error, if any.
pub(crate) fn decode_json(
    json: &[u8],
    target: &'static StructType,
    version: KubernetesVersion,
    package: &str,
) -> Option<Rejection> {
    walk::walk(json, target, version, package)
}

/// Decodes a tree from YAML, converted to JSON, and returns the error, if any. Fails if the JSON is too long.
pub(crate) fn decode_tree(
    tree: &Tree,
    target: &'static StructType,
    version: KubernetesVersion,
    package: &str,
) -> Result<Option<Rejection>, TooLong> {
    let json = to_json(tree)?;
    Ok(walk::walk(json.as_bytes(), target, version, package))
}

/// Parses an integer as the decoder does; it detects only some overflows.
pub(crate) fn integer(text: &str) -> Option<i64> {
    walk::integer(text)
}

/// The JSON is longer than [`MAX_JSON`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Formats the tree as Go does.
fn to_json(tree: &Tree) -> Result<String, TooLong> {
    let mut out = String::new();
    // Stack of remaining parts.
    let mut left: Vec<Pending> = tree.root.map(Pending::Value).into_iter().collect();
    while let Some(part) = left.pop() {
        if out.len() > MAX_JSON || left.len() > MAX_JSON {
            return Err(TooLong);
        }
        match part {
            Pending::Text(text) => out.push_str(&text),
            Pending::Value(node) => match tree.get(node) {
                Value::Null => out.push_str("null"),
                Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
                Value::Number(text) => out.push_str(text),
                Value::Text(text) => match tree.bytes_of(node.value) {
                    Some(bytes) => out.push_str(&go::old_json_bytes(bytes)),
                    None => out.push_str(&go::old_json_bytes(text.as_bytes())),
                },
                Value::List(items) => {
                    out.push('[');
                    left.push(Pending::Text("]".to_owned()));
                    for (index, item) in items.iter().enumerate().rev() {
                        left.push(Pending::Value(*item));
                        left.push(Pending::Text(comma(index).to_owned()));
                    }
                }
                Value::Object(entries) => {
                    out.push('{');
                    left.push(Pending::Text("}".to_owned()));
                    for (index, entry) in entries.iter().enumerate().rev() {
                        left.push(Pending::Value(entry.node));
                        let key = match tree.key_bytes(entry) {
                            Some(bytes) => go::old_json_bytes(bytes),
                            None => go::old_json_bytes(entry.key.as_bytes()),
                        };
                        left.push(Pending::Text(format!("{}{key}:", comma(index))));
                    }
                }
            },
        }
    }
    Ok(out)
}

enum Pending {
    Text(String),
    Value(NodeRef),
}

const fn comma(index: usize) -> &'static str {
    if index == 0 { "" } else { "," }
}
