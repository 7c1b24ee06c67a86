//! Names of files, as given in the arguments.

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Write as _};
use std::ops::Deref;
use std::path::Path;

/// Name of standard input.
const STANDARD_INPUT: &str = "-";

/// Name of a file in the arguments. Messages and JSON show it as text, in which a byte that is not UTF-8 is `\xff`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileName {
    path: OsString,
    text: String,
}

impl FileName {
    /// Returns the path to open.
    pub(crate) fn path(&self) -> &Path {
        Path::new(&self.path)
    }

    /// Returns whether it is standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.text == STANDARD_INPUT
    }
}

impl From<OsString> for FileName {
    fn from(path: OsString) -> Self {
        let text = as_text(&path);
        Self { path, text }
    }
}

impl Deref for FileName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn as_text(path: &OsStr) -> String {
    let mut text = String::new();
    for chunk in path.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}
