//! Findings that a comment or the configuration takes away.

use audit_policy::Diagnostic;
use audit_policy::ignores::Ignored;

/// A finding that is taken away.
#[derive(Debug, Clone)]
pub(crate) struct IgnoredFinding {
    pub(crate) finding: Diagnostic,
    pub(crate) by: IgnoredBy,
    /// Line of the comment or of the ignore, from 1.
    pub(crate) line: usize,
    /// May be empty for a comment.
    pub(crate) reason: String,
}

/// Origin of an ignore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IgnoredBy {
    /// A comment of the file.
    Comment,
    /// An ignore of the configuration.
    Config {
        /// Name of the configuration's file.
        file: String,
        /// Index of the ignore.
        ignore: usize,
        /// Index of its code.
        code: usize,
    },
}

impl IgnoredBy {
    /// Returns the name of the configuration's file. `None` if it is a comment.
    pub(crate) fn config_file(&self) -> Option<&str> {
        match self {
            Self::Comment => None,
            Self::Config { file, .. } => Some(file),
        }
    }
}

impl From<Ignored> for IgnoredFinding {
    fn from(ignored: Ignored) -> Self {
        Self {
            finding: ignored.finding,
            by: IgnoredBy::Comment,
            line: ignored.line,
            reason: ignored.reason,
        }
    }
}
