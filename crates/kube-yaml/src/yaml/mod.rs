//! YAML as the server's go-yaml reads it: the first document only, YAML 1.1 scalars, merge keys in place, then keys as JSON has them.

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

/// Reads the first document of a text, as that version does. After an error the tree holds what was read before it.
pub fn read(text: &Text, version: KubernetesVersion) -> Reading {
    let (nodes, error) = nodes::compose(text, version);
    build::build(&nodes, error)
}

/// An error of the YAML layer, in its words.
fn error(problem: impl AsRef<str>, span: Span) -> SyntaxError {
    SyntaxError {
        text: format!("yaml: {}", problem.as_ref()),
        span,
    }
}
