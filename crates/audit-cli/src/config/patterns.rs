//! Files that a pattern of the configuration selects.

use std::ffi::OsStr;
use std::path::PathBuf;

use globset::GlobBuilder;
use ignore::WalkBuilder;

use crate::error::{Error, Result};
use crate::file_name::FileName;

/// Returns whether a name is a pattern.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// Returns the files of names and patterns, in the order of the names, and those of a pattern in the order of theirs.
///
/// # Errors
/// If a pattern is malformed, or no file matches it.
pub(super) fn expand(names: &[FileName]) -> Result<Vec<FileName>> {
    let mut files = Vec::new();
    for name in names {
        if !is_pattern(name) || name.path().exists() {
            files.push(name.clone());
            continue;
        }
        let before = files.len();
        matching(name, &mut files)?;
        if files.len() == before {
            return Err(Error::Usage(format!("no file matches `{name}`")));
        }
    }
    Ok(files)
}

/// Adds the files that match a pattern, without what Git ignores.
fn matching(pattern: &FileName, files: &mut Vec<FileName>) -> Result {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    let glob = glob.map_err(|error| {
        let reason = error.kind();
        Error::Usage(format!("`{pattern}` is not a pattern of files: {reason}"))
    })?;
    let glob = glob.compile_matcher();
    let parts = pattern.path().iter();
    let parts = parts.take_while(|part| !is_pattern(&part.to_string_lossy()));
    let folder: PathBuf = parts.collect();
    let is_here = folder.as_os_str().is_empty();
    let root = if is_here { PathBuf::from(".") } else { folder };
    let mut builder = WalkBuilder::new(&root);
    builder
        .hidden(false)
        .sort_by_file_name(OsStr::cmp)
        .filter_entry(|entry| entry.file_name() != ".git");
    for entry in builder.build() {
        let entry = entry.map_err(|error| {
            let root = root.display();
            Error::Usage(format!("cannot read `{root}`: {error}"))
        })?;
        if !entry.path().is_file() {
            continue;
        }
        let path = entry.path();
        let path = match is_here {
            true => path.strip_prefix(".").unwrap_or(path),
            false => path,
        };
        if glob.is_match(path) {
            files.push(FileName::from(path.as_os_str().to_owned()));
        }
    }
    Ok(())
}
