//! Reason why a manifest cannot be patched.

use std::fmt;

/// Reason why a manifest cannot be patched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchError {
    /// Line, from 1. `None` if the reason has no line.
    pub line: Option<usize>,
    /// The reason in one sentence.
    pub message: String,
    /// The remedy.
    pub help: String,
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for PatchError {}

impl PatchError {
    pub(super) fn new(
        line: Option<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            line,
            message: message.into(),
            help: help.into(),
        }
    }
}
