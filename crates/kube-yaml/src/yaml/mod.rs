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
use audit_types::KubernetesVersion;

/// Parses the first document of a text as the version does. After an error, the tree has the values before it.
pub fn read(text: &Text, version: KubernetesVersion) -> Reading {
    let (nodes, error) = nodes::compose(text, version);
    build::build(&nodes, error)
}
