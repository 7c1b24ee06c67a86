//! All texts of a document, decoded.

use audit_policy::document::{Kind, Node};

use super::base64;
use super::owner::Owner;
use crate::input_format::InputFormat;

/// Maximum number of texts.
const MAX_TEXTS: usize = 1_000;

/// Maximum depth of fields and items.
const MAX_DEPTH: usize = 32;

/// A text of a document.
#[derive(Debug)]
pub(crate) struct InnerText<'d> {
    /// The string.
    pub(crate) node: Node<'d>,
    /// The text that the string encodes. `None` if it is plain.
    pub(crate) decoded: Option<String>,
}

/// Returns the texts of a document, without those of its metadata.
pub(crate) fn all(root: Node<'_>, format: InputFormat) -> Vec<InnerText<'_>> {
    let mut texts = Vec::new();
    collect(root, &Owner::default(), format, 0, &mut texts);
    texts
}

fn collect<'d>(
    node: Node<'d>,
    owner: &Owner,
    format: InputFormat,
    depth: usize,
    texts: &mut Vec<InnerText<'d>>,
) {
    if depth > MAX_DEPTH || texts.len() >= MAX_TEXTS || node.is_alias() {
        return;
    }
    match node.kind() {
        Kind::Object => {
            let owner = Owner::of(node, owner, format);
            for field in node.fields().filter(|field| field.name != "metadata") {
                let owner = owner.of_field(node, field.name);
                collect(field.value, &owner, format, depth + 1, texts);
            }
        }
        Kind::List => {
            for item in node.items() {
                collect(item, owner, format, depth + 1, texts);
            }
        }
        Kind::Text => {
            let decoded = base64::contents(node, owner);
            texts.push(InnerText {
                node,
                decoded: decoded.map(Result::unwrap_or_default),
            });
        }
        _ => {}
    }
}
