//! Paths from the root of the file system.

use std::env;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};

/// Returns a path from the root of the file system, without `.` and `..`. Symbolic links stay.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf> {
    let here = env::current_dir();
    let here = here.map_err(|error| {
        let message = format!("cannot find the working directory: {error}");
        Error::Usage(message)
    })?;
    Ok(without_dots(&here.join(path)))
}

/// Returns a path without `.` and `..`. There is nothing above the root.
pub(crate) fn without_dots(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
