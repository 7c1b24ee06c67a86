//! Files that differ between the base and the working tree.

use std::ffi::{OsStr, OsString};

use super::git::{Repository, output};
use crate::error::{Error, Result};
use crate::file_name::FileName;

/// A file that was changed, added, deleted or renamed.
pub(super) struct ChangedFile {
    /// The file at the base. `None` if it was added.
    pub(super) before: Option<BaseFile>,
    /// Its name in the working tree. `None` if it was deleted.
    pub(super) after: Option<FileName>,
}

/// A file at the base.
pub(super) struct BaseFile {
    /// Its name.
    pub(super) name: FileName,
    /// Name of the object that is its content.
    pub(super) object: String,
}

impl ChangedFile {
    /// Returns the name in the working tree or, if the file was deleted, at the base.
    pub(super) fn name(&self) -> Option<&FileName> {
        let before = self.before.as_ref().map(|before| &before.name);
        self.after.as_ref().or(before)
    }
}

/// Returns the changed files, in the order of their names. Names are relative to the working directory.
///
/// # Errors
/// If `git` fails.
pub(super) fn changed(repository: &Repository, paths: &[FileName]) -> Result<Vec<ChangedFile>> {
    // Without paths, the whole repository counts, wherever the command is called.
    let folder = match paths {
        [] => &*repository.root,
        _ => OsStr::new(""),
    };
    let paths: Vec<OsString> = paths.iter().map(path_of).collect();
    let paths: Vec<&OsStr> = paths.iter().map(OsString::as_os_str).collect();
    let tracked = [
        "diff",
        "--raw",
        "-z",
        "--no-abbrev",
        "--find-renames",
        "--no-ext-diff",
        "--no-relative",
        "--ignore-submodules=all",
        &repository.base,
        "--",
    ];
    let untracked = [
        "ls-files",
        "--others",
        "--exclude-standard",
        "--full-name",
        "-z",
        "--",
    ];
    let tracked = [&tracked.map(OsStr::new)[..], &paths].concat();
    let untracked = [&untracked.map(OsStr::new)[..], &paths].concat();
    let mut files = tracked_files(&output(folder, &tracked)?, &repository.root)?;
    let others = output(folder, &untracked)?;
    for name in others.split(|byte| *byte == 0) {
        if !name.is_empty() {
            files.push(ChangedFile {
                before: None,
                after: Some(file_name(&repository.root, name)),
            });
        }
    }
    files.sort_by(|one, other| {
        let name = |file: &ChangedFile| file.name().map(|name| name.path().to_owned());
        name(one).cmp(&name(other))
    });
    Ok(files)
}

/// Returns a path as `git` takes it: one that begins with a colon would have another meaning.
fn path_of(path: &FileName) -> OsString {
    let mut out = OsString::new();
    if path.starts_with(':') {
        out.push("./");
    }
    out.push(path.path());
    out
}

/// Reads the output of `git diff --raw -z`: `:MODE MODE OBJECT OBJECT STATUS`, and one name, or two of a renamed file, each with a NUL behind.
fn tracked_files(raw: &[u8], root: &OsStr) -> Result<Vec<ChangedFile>> {
    let wrong = || Error::Usage("the output of `git diff --raw` is not understood".to_owned());
    let mut parts = raw.split(|byte| *byte == 0);
    let mut files = Vec::new();
    while let Some(head) = parts.next() {
        if head.is_empty() {
            continue;
        }
        let head = str::from_utf8(head).map_err(|_| wrong())?;
        let head = head.strip_prefix(':').ok_or_else(wrong)?;
        let mut words = head.split(' ');
        let (Some(old_mode), Some(new_mode), Some(object), Some(_), Some(status)) = (
            words.next(),
            words.next(),
            words.next(),
            words.next(),
            words.next(),
        ) else {
            return Err(wrong());
        };
        let first = parts.next().ok_or_else(wrong)?;
        let second = match status.starts_with(['R', 'C']) {
            true => parts.next().ok_or_else(wrong)?,
            false => first,
        };
        // An unmerged file is listed a second time.
        if status.starts_with('U') {
            continue;
        }
        let before = is_regular(old_mode).then(|| BaseFile {
            name: file_name(root, first),
            object: object.to_owned(),
        });
        let after = is_regular(new_mode).then(|| file_name(root, second));
        if before.is_some() || after.is_some() {
            files.push(ChangedFile { before, after });
        }
    }
    Ok(files)
}

/// Returns whether a mode is that of a regular file, which is neither a link nor a submodule.
fn is_regular(mode: &str) -> bool {
    mode.starts_with("100")
}

/// Returns a name relative to the working directory.
fn file_name(root: &OsStr, name: &[u8]) -> FileName {
    let mut path = OsString::from(root);
    // `-` would be standard input.
    if root.is_empty() && name == b"-" {
        path.push("./");
    }
    path.push(system_name(name));
    FileName::from(path)
}

#[cfg(unix)]
fn system_name(name: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt;

    OsString::from_vec(name.to_vec())
}

#[cfg(not(unix))]
fn system_name(name: &[u8]) -> OsString {
    OsString::from(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an output whose NULs are written as `|`. Returns the names before and after.
    fn names(raw: &str) -> Option<Vec<(Option<String>, Option<String>)>> {
        let raw = raw.replace('|', "\0");
        let files = tracked_files(raw.as_bytes(), OsStr::new("../")).ok()?;
        let names = files.into_iter().map(|file| {
            let before = file.before.map(|before| before.name.to_string());
            (before, file.after.map(|after| after.to_string()))
        });
        Some(names.collect())
    }

    #[test]
    fn names_are_read_from_the_output_of_git() {
        let both = |before: &str, after: &str| (Some(before.to_owned()), Some(after.to_owned()));
        for (raw, expected) in [
            ("", Some(vec![])),
            (":100644 100644 a 0 M|p|", Some(vec![both("../p", "../p")])),
            (
                ":100644 100755 a 0 R090|p|q r|",
                Some(vec![both("../p", "../q r")]),
            ),
            (
                ":100644 000000 a 0 D|-p|",
                Some(vec![(Some("../-p".to_owned()), None)]),
            ),
            (
                ":000000 100644 0 0 A|a\nb|",
                Some(vec![(None, Some("../a\nb".to_owned()))]),
            ),
            // Links and submodules are not files; a file that replaces a link is new.
            (
                ":120000 120000 a 0 M|p|:160000 160000 a 0 M|s|",
                Some(vec![]),
            ),
            (
                ":120000 100644 a 0 T|p|",
                Some(vec![(None, Some("../p".to_owned()))]),
            ),
            (
                ":000000 000000 0 0 U|p|:100644 100644 a 0 M|p|",
                Some(vec![both("../p", "../p")]),
            ),
            ("100644", None),
            (":100644 100644 a 0|p|", None),
            (":100644 100644 a 0 R100|p", None),
            (":100644 100644 a 0 M", None),
        ] {
            assert_eq!(names(raw), expected, "{raw:?}");
        }
    }
}
