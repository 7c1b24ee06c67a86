//! Names of files, as given in the arguments.

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Write as _};
use std::ops::Deref;
use std::path::Path;

use crate::in_process::{self, Contents};

/// Name of standard input.
const STANDARD_INPUT: &str = "-";

/// Name of a file in the arguments. Messages and JSON show it as text, in which a byte that is not UTF-8 is `\xff`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileName {
    path: OsString,
    text: String,
    given: Option<Given>,
}

/// Text of a name, if there is one, in a command that runs within the process.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Given(Option<Contents>);

impl FileName {
    /// Returns the path to open; that of no file if the name is of a given text.
    pub(crate) fn path(&self) -> &Path {
        Path::new(&self.path)
    }

    /// Returns whether it is standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.text == STANDARD_INPUT && self.given.is_none()
    }

    /// Returns the given text that takes the place of a file: `None` if names lead to files, `Some(None)` if no text has this name.
    pub(crate) fn given(&self) -> Option<Option<&Contents>> {
        self.given.as_ref().map(|given| given.0.as_ref())
    }
}

impl From<OsString> for FileName {
    fn from(path: OsString) -> Self {
        let text = as_text(&path);
        let given = in_process::text(&text).map(Given);
        let path = match given {
            Some(_) => OsString::new(),
            None => path,
        };
        Self { path, text, given }
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
