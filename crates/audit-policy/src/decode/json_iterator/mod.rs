//! The decoder of 1.22 and older (json-iterator). It quotes the JSON around the place where it stopped, and goes on reading from there, out
//! of step, so its words come from walking the same bytes in the same way. It also decides differently: of integers that are too large, and
//! of numbers in fields that nobody reads.

mod iter;
mod walk;

use super::schema::StructType;
use crate::source::go;
use crate::source::tree::{Slot, Tree, Value};
use crate::version::KubernetesVersion;

/// The last minor version with that decoder.
const LAST: u8 = 22;
/// YAML that is longer as JSON keeps the newer decoder's words.
const MAX_JSON: usize = 32 << 20;

/// What the decoder rejects a text for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// The decoder's words.
    pub(crate) text: String,
    /// Bytes of the JSON that were read when it failed.
    pub(crate) read: usize,
}

/// Whether that version has this decoder.
pub(crate) const fn is_used_by(version: KubernetesVersion) -> bool {
    !version.at_least(LAST + 1)
}

/// What the decoder says of a JSON text.
pub(crate) fn decode_json(
    json: &[u8],
    target: &'static StructType,
    version: KubernetesVersion,
    package: &str,
) -> Option<Rejection> {
    walk::walk(json, target, version, package)
}

/// What the decoder says of a tree that was YAML, once it is converted to JSON. The error says that the JSON would be too long.
pub(crate) fn decode_tree(
    tree: &Tree,
    target: &'static StructType,
    version: KubernetesVersion,
    package: &str,
) -> Result<Option<Rejection>, TooLong> {
    let json = to_json(tree)?;
    Ok(walk::walk(json.as_bytes(), target, version, package))
}

/// An integer as the decoder reads it, which notices only some that are too large.
pub(crate) fn integer(text: &str) -> Option<i64> {
    walk::integer(text)
}

/// The JSON is longer than [`MAX_JSON`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// The tree as Go prints it.
fn to_json(tree: &Tree) -> Result<String, TooLong> {
    let mut out = String::new();
    // What is still to be printed, last first.
    let mut left: Vec<Pending> = tree.root.map(Pending::Value).into_iter().collect();
    while let Some(part) = left.pop() {
        if out.len() > MAX_JSON || left.len() > MAX_JSON {
            return Err(TooLong);
        }
        match part {
            Pending::Text(text) => out.push_str(&text),
            Pending::Value(slot) => match tree.get(slot) {
                Value::Null => out.push_str("null"),
                Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
                Value::Number(text) => out.push_str(text),
                Value::Text(text) => match tree.bytes_of(slot.value) {
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
                        left.push(Pending::Value(entry.slot));
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
    Value(Slot),
}

const fn comma(index: usize) -> &'static str {
    if index == 0 { "" } else { "," }
}
