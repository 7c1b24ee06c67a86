//! YAML as the server's go-yaml parses it: the first document only, YAML 1.1 scalars, merge keys in place, and keys as in JSON.

mod build;
mod cursor;
mod duplicates;
mod error;
mod event;
mod nodes;
mod order;
mod parser;
mod scalar;
mod scalars;
mod scanner;
mod tags;
mod token;

use super::Reading;
use super::text::Text;
use super::tree::Tree;
use audit_types::KubernetesVersion;

/// Parses the first document of a text as the version does. After an error, the tree has the values before it.
pub fn read(text: &Text, version: KubernetesVersion) -> Reading {
    let (nodes, error) = nodes::compose(text, version, None);
    build::build(&nodes, error)
}

/// Parses the first document of a text without anchors, and passes on each item of a list in its top-level object once it is complete. The tree
/// has the list without them. The duplicate keys are those of the whole document.
pub(crate) fn read_items(
    text: &Text,
    version: KubernetesVersion,
    field: &str,
    each: &mut dyn FnMut(Tree),
) -> Reading {
    let mut duplicates = Vec::new();
    let mut read = |nodes: nodes::Nodes| {
        let item = build::build(&nodes, None);
        duplicates.extend(item.duplicates);
        match item.error {
            Some(error) => Err(error),
            None => {
                each(item.tree);
                Ok(())
            }
        }
    };
    let sink = nodes::ItemSink {
        field,
        each: &mut read,
    };
    let (nodes, error) = nodes::compose(text, version, Some(sink));
    let mut reading = build::build(&nodes, error);
    reading.duplicates.extend(duplicates);
    reading
        .duplicates
        .sort_by_key(|duplicate| duplicate.span.start);
    reading
}
