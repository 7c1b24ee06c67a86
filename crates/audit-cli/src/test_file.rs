//! Files of tests and packs of requirements, with the places of what is wrong in them.

use audit_tests::{FileError, TestFile};
use audit_types::{LineIndex, Span};

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::output::diagnostic;

/// Text of a file, for messages with places.
pub(crate) struct Places<'t> {
    file: &'t FileName,
    lines: LineIndex<'t>,
}

impl<'t> Places<'t> {
    /// Prepares the text of a file.
    pub(crate) fn new(file: &'t FileName, text: &'t str) -> Self {
        Self {
            file,
            lines: LineIndex::new(text),
        }
    }

    /// Returns the file.
    pub(crate) const fn file(&self) -> &'t FileName {
        self.file
    }

    /// Returns the line of a place, from 1.
    pub(crate) fn line(&self, span: Span) -> usize {
        self.lines.position(span.start).line
    }

    /// Returns a place as `file:line:column`.
    pub(crate) fn place(&self, span: Span) -> String {
        let position = self.lines.position(span.start);
        format!("{}:{}:{}", self.file, position.line, position.column)
    }

    /// Returns a message in one line, with its place. The help may be empty.
    pub(crate) fn message(&self, span: Span, message: &str, help: &str) -> String {
        let place = self.place(span);
        match help.is_empty() {
            true => format!("{place}: {message}"),
            false => format!("{place}: {message} (help: {help})"),
        }
    }

    /// Reads the file whose text this is. Its errors go to standard error.
    ///
    /// # Errors
    /// If the file has an error.
    pub(crate) fn parse(&self, text: &str) -> Result<TestFile> {
        TestFile::parse(text).map_err(|errors| {
            for FileError {
                message,
                help,
                span,
                ..
            } in &errors
            {
                diagnostic(&self.message(*span, message, help));
            }
            Error::Reported
        })
    }
}
