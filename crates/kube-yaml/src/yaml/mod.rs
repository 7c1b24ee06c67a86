//! YAML as the server's go-yaml parses it: the first document only, YAML 1.1 scalars, merge keys in place, and keys as in JSON.

mod build;
mod cursor;
mod duplicates;
mod event;
mod nodes;
mod order;
mod parser;
mod scalar;
mod scalars;
mod scanner;
mod tags;
mod token;

use super::text::Text;
use super::{Reading, SyntaxError};
use audit_types::KubernetesVersion;
use audit_types::Span;

/// Parses the first document of a text as the version does. After an error, the tree has the values before it.
pub fn read(text: &Text, version: KubernetesVersion) -> Reading {
    let (nodes, error) = nodes::compose(text, version);
    build::build(&nodes, error)
}

/// Creates an error with the prefix of the server's YAML layer.
fn error(problem: impl AsRef<str>, span: Span) -> SyntaxError {
    SyntaxError {
        text: format!("yaml: {}", problem.as_ref()),
        span,
    }
}
