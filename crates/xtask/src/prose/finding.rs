//! The result of a check of a text.

/// A phrase or summary to change.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Line number from 1.
    pub(super) line: usize,
    /// The text in the file.
    pub(super) text: String,
    /// The replacement.
    pub(super) instead: String,
}
