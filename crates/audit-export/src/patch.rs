//! Settings into the reader's own manifest: everything that is not about auditing stays as it is, byte for byte.

mod diff;

use std::fmt;

use crate::settings::Settings;

pub use diff::{Change, ChangeKind};

/// A manifest with the settings in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patched {
    /// The manifest.
    pub text: String,
    /// Every line of the manifest before and after.
    pub changes: Vec<Change>,
}

impl Patched {
    /// The changes as `diff -u` writes them, of a file of that name; nothing where nothing changed. `patch -p0` applies them.
    pub fn diff(&self, name: &str) -> String {
        diff::unified(&self.changes, name)
    }
}

/// Why a manifest cannot be patched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchError {
    /// The line, from 1, where there is one to name.
    pub line: Option<usize>,
    /// One sentence.
    pub message: String,
    /// What to do.
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

/// Puts the settings into the manifest of a static pod.
pub fn patch(settings: &Settings, manifest: &str) -> Result<Patched, PatchError> {
    let _ = settings;
    let _ = diff::changes(manifest, manifest);
    Err(PatchError {
        line: None,
        message: "manifests cannot be patched yet".to_owned(),
        help: "add the lists' items by hand".to_owned(),
    })
}
