//! Errors of a lesson's file.

use std::fmt;

use audit_types::{LineIndex, Span};

/// An error of a lesson's file: what is wrong, what to write instead, and where.
///
/// ```
/// let errors = audit_lessons::Lesson::parse("## Step: one\n").unwrap_err();
/// assert_eq!(errors[0].to_string(), "line 1: the lesson has no front matter (help: start with `---`, `id`, `track`, `title`, `minutes` and `---`)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LessonError {
    /// The problem, in lowercase, with the author's text in backticks.
    pub message: String,
    /// The remedy; may be empty.
    pub help: String,
    /// Place, in bytes of the file.
    pub span: Span,
    /// Line of the place, from 1.
    pub line: usize,
}

impl fmt::Display for LessonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)?;
        if !self.help.is_empty() {
            write!(f, " (help: {})", self.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for LessonError {}

/// An error whose line is not yet known.
#[derive(Debug)]
pub(crate) struct PlacedError {
    pub(crate) message: String,
    pub(crate) help: String,
    pub(crate) span: Span,
}

impl PlacedError {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>, span: Span) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
            span,
        }
    }

    /// Returns the error of a part that begins at a byte of the file.
    pub(crate) fn of_part(error: kube_yaml::de::Error, start: usize) -> Self {
        let span = Span::new(start + error.span.start, start + error.span.end);
        Self::new(error.message, error.help, span)
    }

    pub(crate) fn with_line(self, lines: &LineIndex<'_>) -> LessonError {
        LessonError {
            line: lines.position(self.span.start).line,
            message: self.message,
            help: self.help,
            span: self.span,
        }
    }
}
