//! The reason why the site was not built.

use std::fmt;
use std::io;
use std::path::Path;

/// A sentence.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    /// Creates an error from a sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// Creates an error about a file or folder.
    pub fn at(path: &Path, error: &io::Error) -> Self {
        Self(format!("`{}`: {error}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
