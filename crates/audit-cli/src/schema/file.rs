//! A file of a layout.

use std::path::PathBuf;

use serde::Serialize;

use crate::error::Result;

/// A file, with its path in the folder of the layout.
pub(super) struct LaidOut {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
}

impl LaidOut {
    /// Creates a file with a text.
    pub(super) fn text(path: PathBuf, text: &str) -> Self {
        Self {
            path,
            bytes: text.into(),
        }
    }

    /// Creates a file with a value as JSON.
    ///
    /// # Errors
    /// If the value cannot be written as JSON.
    pub(super) fn json(path: PathBuf, value: &impl Serialize) -> Result<Self> {
        let bytes = json_text(value)?;
        Ok(Self { path, bytes })
    }
}

/// Returns a value as a file has it.
///
/// # Errors
/// If the value cannot be written as JSON.
pub(super) fn json_text(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}
