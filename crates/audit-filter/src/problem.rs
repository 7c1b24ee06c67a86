//! Problems: parts of a filter that are not understood.

use std::ops::Range;

use audit_types::excerpt::excerpt_up_to;

/// A part of a filter that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Byte range in the text.
    pub range: Range<usize>,
    /// The problem, and the treatment of the part. Lowercase, with the user's text in backticks.
    pub message: String,
    /// Text to write instead.
    pub help: String,
}

/// Maximum number of problems that are reported.
pub(crate) const MAX_PROBLEMS: usize = 20;

/// Maximum number of characters that a message quotes.
const MAX_EXCERPT: usize = 40;

/// Returns a text for a message, shortened if it is long.
pub(crate) fn excerpt(text: &str) -> String {
    excerpt_up_to(text, MAX_EXCERPT)
}
