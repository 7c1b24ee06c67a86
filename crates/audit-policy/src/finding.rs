//! The one shape of every diagnostic, from decoding to lint.

pub use audit_types::{Edit, Fix, Path, Severity, Step};

use crate::span::Span;

/// A diagnostic: what was read, where, what it means to the server, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable code, `AP001` and up; each has a page in `findings/`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One lowercase sentence without a full stop; the user's text in backticks.
    pub message: String,
    /// The value it is about; the root where it is about the whole.
    pub path: Path,
    /// The key or value at fault in the source text.
    pub span: Span,
    /// What to do, or what the server does instead; may be empty.
    pub help: String,
    /// A change that mends it, where one is certain.
    pub fix: Option<Fix>,
}
