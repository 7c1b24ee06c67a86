//! Errors of the YAML layer.

use audit_types::Span;

use crate::reading::SyntaxError;

/// Creates an error with the prefix of the server's YAML layer.
pub(super) fn yaml_error(problem: impl AsRef<str>, span: Span) -> SyntaxError {
    SyntaxError {
        text: format!("yaml: {}", problem.as_ref()),
        span,
    }
}
