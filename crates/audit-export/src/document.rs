//! What an export is: a text to save, what it needs beside it, and how to put it to work.

use crate::target::Target;

/// A text to copy or save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// A few words: the tab.
    pub title: String,
    /// The name to save it under.
    pub file_name: String,
    /// What goes where, and how to see that it works: a few sentences, paths and commands in backticks.
    pub note: String,
    /// The text, with a final line end.
    pub text: String,
    /// The files that it needs beside it.
    pub files: Vec<File>,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// How to see that the server audits.
    pub verify: Vec<String>,
    /// How to go back.
    pub undo: Vec<String>,
}

/// A file that must lie somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it must lie: on each node, or from where the command is run.
    pub path: String,
    /// What is in it.
    pub text: String,
    /// Who may do what with it, as `chmod` reads it.
    pub mode: &'static str,
}

impl Document {
    /// A document with nothing beside its text.
    pub(crate) fn new(
        target: Target,
        file_name: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            title: target.title().to_owned(),
            file_name: file_name.into(),
            note: String::new(),
            text: end_line(text.into()),
            files: Vec::new(),
            steps: Vec::new(),
            verify: Vec::new(),
            undo: Vec::new(),
        }
    }
}

/// A text with a final line end, unless it is empty.
pub(crate) fn end_line(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
