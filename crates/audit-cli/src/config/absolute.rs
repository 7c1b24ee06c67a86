//! Paths from the root of the file system.

use std::env;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};

/// Returns a path from the root of the file system, without `.` and `..`. Symbolic links stay.
pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    let here = env::current_dir();
    let here = here.map_err(|error| {
        let message = format!("cannot find the working directory: {error}");
        Error::Usage(message)
    })?;
    let mut out = PathBuf::new();
    for component in here.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    Ok(out)
}
