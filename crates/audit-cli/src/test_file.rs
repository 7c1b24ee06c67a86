//! Files of tests and packs of requirements, with the places of what is wrong in them.

use audit_tests::{FileError, TestFile};
use audit_types::{LineIndex, Span};

use crate::error::{Error, Result};
use crate::file_name::FileName;

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

    /// Reads the file whose text this is.
    ///
    /// # Errors
    /// If the file has errors: one line each, with its place.
    pub(crate) fn parse(&self, text: &str) -> Result<TestFile> {
        TestFile::parse(text).map_err(|errors| {
            let line = |error: &FileError| self.message(error.span, &error.message, &error.help);
            let lines: Vec<String> = errors.iter().map(line).collect();
            Error::Usage(lines.join("\n"))
        })
    }
}
