//! The files of a call: those that are named, and those in folders and of patterns.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobBuilder, GlobMatcher};
use ignore::{DirEntry, WalkBuilder};
use memchr::memmem;

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input::{as_text, failed};
use crate::utf16::is_utf16;

/// Maximum size in bytes of a file of a folder; a larger one is passed over. A file that is named may be larger.
pub(crate) const MAX_WALKED_BYTES: u64 = 4 << 20;

/// Number of bytes at the start of a file in which a NUL says that it is not text.
const HEAD_BYTES: usize = 8192;

/// API group of policies: every policy contains it, and every document with one.
const MARK: &[u8] = b"audit.k8s.io";

/// Origin of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is an argument.
    Named,
    /// It is in a folder, or matches a pattern: it counts only if it contains a policy.
    Walked,
}

/// Files of folders that were not checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PassedOver {
    /// Larger than [`MAX_WALKED_BYTES`].
    pub(super) large: u64,
    /// Not text.
    pub(super) binary: u64,
}

impl PassedOver {
    /// Returns a sentence. `None` if there are none.
    pub(super) fn sentence(self) -> Option<String> {
        let size = MAX_WALKED_BYTES >> 20;
        let files = |count| if count == 1 { "file" } else { "files" };
        let large = (self.large > 0).then(|| {
            let Self { large, .. } = self;
            format!("{large} {} larger than {size} MB", files(large))
        });
        let binary = (self.binary > 0).then(|| {
            let Self { binary, .. } = self;
            format!("{binary} binary {}", files(binary))
        });
        let parts: Vec<String> = large.into_iter().chain(binary).collect();
        (!parts.is_empty()).then(|| format!("passed over {}", parts.join(" and ")))
    }
}

/// An argument of the call.
enum Argument<'a> {
    /// A file, standard input, or a name that leads to nothing, which is reported when it is read.
    File(&'a FileName),
    Folder(&'a Path),
    /// A pattern with the folder in which its files are.
    Pattern(&'a FileName, PathBuf, GlobMatcher),
}

impl<'a> Argument<'a> {
    fn of(name: &'a FileName) -> Result<Self> {
        let path = name.path();
        if !name.is_stdin() && path.is_dir() {
            return Ok(Self::Folder(path));
        }
        let pattern = if name.is_stdin() || path.is_file() {
            None
        } else {
            pattern(name)?
        };
        Ok(match pattern {
            Some((folder, pattern)) => Self::Pattern(name, folder, pattern),
            None => Self::File(name),
        })
    }
}

/// Calls a function with each file, in the order of the arguments, and those of a folder in the order of their names. A file that several arguments
/// lead to comes once: where it is named, or else first.
///
/// # Errors
/// A pattern that is malformed, before anything is read, and the first error of the function. A folder that cannot be read and a pattern that no file
/// matches are errors that the function gets.
pub(super) fn each(
    names: &[FileName],
    visit: &mut dyn FnMut(Result<&FileName, Error>, Origin) -> Result,
) -> Result<PassedOver> {
    let arguments: Vec<Argument<'_>> = names.iter().map(Argument::of).collect::<Result<_>>()?;
    let mut walk = Walk::new(&arguments);
    for argument in &arguments {
        match argument {
            Argument::File(file) => visit(Ok(file), Origin::Named)?,
            Argument::Folder(folder) => {
                walk.folder(folder, None, visit)?;
            }
            Argument::Pattern(name, folder, pattern) => {
                if walk.folder(folder, Some(pattern), visit)? == 0 {
                    let error = std::io::Error::other("no file matches this pattern");
                    visit(Err(failed(name, error)), Origin::Named)?;
                }
            }
        }
    }
    Ok(walk.passed_over)
}

/// Returns the folder in which files of a pattern are, and the pattern. `None` if the argument is not one, or a file has that name.
fn pattern(argument: &FileName) -> Result<Option<(PathBuf, GlobMatcher)>> {
    let is_special = |text: &str| text.contains(['*', '?', '[', '{']);
    if !is_special(argument) || argument.path().exists() {
        return Ok(None);
    }
    let mut folder = PathBuf::new();
    for part in argument.path() {
        if is_special(&part.to_string_lossy()) {
            break;
        }
        folder.push(part);
    }
    let glob: Glob = GlobBuilder::new(argument)
        .literal_separator(true)
        .build()
        .map_err(|error| {
            let reason = error.kind();
            Error::Usage(format!("`{argument}` is not a pattern of files: {reason}"))
        })?;
    Ok(Some((folder, glob.compile_matcher())))
}

/// The folders of a call.
struct Walk {
    passed_over: PassedOver,
    /// Real paths of the files that were named or visited. `None` if no two arguments can lead to the same file.
    seen: Option<HashSet<PathBuf>>,
}

impl Walk {
    fn new(arguments: &[Argument<'_>]) -> Self {
        let named = arguments.iter().filter_map(|argument| match argument {
            Argument::File(file) if !file.is_stdin() => file.path().canonicalize().ok(),
            _ => None,
        });
        Self {
            passed_over: PassedOver::default(),
            seen: (arguments.len() > 1).then(|| named.collect()),
        }
    }

    /// Returns whether a file was named or visited, and remembers it.
    fn is_seen(&mut self, path: &Path) -> bool {
        let Some(seen) = &mut self.seen else {
            return false;
        };
        path.canonicalize().is_ok_and(|path| !seen.insert(path))
    }

    /// Visits the files of a folder that may contain a policy and match the pattern, if there is one. Returns the number of files that match.
    fn folder(
        &mut self,
        folder: &Path,
        pattern: Option<&GlobMatcher>,
        visit: &mut dyn FnMut(Result<&FileName, Error>, Origin) -> Result,
    ) -> Result<u64> {
        let is_here = folder.as_os_str().is_empty();
        let root = if is_here { Path::new(".") } else { folder };
        // `docs/*.md` names such files.
        let names_quotes =
            pattern.is_some_and(|pattern| quotes_policies(Path::new(pattern.glob().glob())));
        let mut count = 0;
        for entry in entries(root) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    visit(Err(unread(root, error)), Origin::Walked)?;
                    continue;
                }
            };
            let is_link = entry.path_is_symlink();
            let is_file = entry.file_type().is_some_and(|found| found.is_file());
            if !(is_file || is_link && entry.path().is_file()) {
                continue;
            }
            // What a link to another file of the folder leads to is visited itself.
            if is_link && pattern.is_none() && is_inside(root, entry.path()) {
                continue;
            }
            let path = entry.path();
            let path = if is_here {
                path.strip_prefix(".").unwrap_or(path)
            } else {
                path
            };
            if pattern.is_some_and(|pattern| !pattern.is_match(path)) {
                continue;
            }
            count += 1;
            if self.is_seen(path) || (quotes_policies(path) && !names_quotes) {
                continue;
            }
            let name = FileName::from(path.as_os_str().to_owned());
            match may_have_policy(&entry, &mut self.passed_over) {
                Ok(true) => visit(Ok(&name), Origin::Walked)?,
                Ok(false) => {}
                Err(error) => visit(Err(failed(&name, error)), Origin::Walked)?,
            }
        }
        Ok(count)
    }
}

/// Returns what is in a folder, in the order of names, without what a `.gitignore` names, also outside of a repository.
fn entries(root: &Path) -> ignore::Walk {
    WalkBuilder::new(root)
        .hidden(false)
        .require_git(false)
        .sort_by_file_name(OsStr::cmp)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build()
}

/// Returns whether a path leads to a file of a folder.
fn is_inside(folder: &Path, path: &Path) -> bool {
    let [folder, path] = [folder, path].map(Path::canonicalize);
    folder.is_ok_and(|folder| path.is_ok_and(|path| path.starts_with(folder)))
}

/// Returns the error of a folder or file that cannot be read.
fn unread(root: &Path, error: ignore::Error) -> Error {
    let name = FileName::from(root.as_os_str().to_owned());
    let reason = error.to_string();
    let error = error.into_io_error();
    failed(
        &name,
        error.unwrap_or_else(|| std::io::Error::other(reason)),
    )
}

/// Returns whether a file quotes policies instead of being one: a page in Markdown, or findings in SARIF, whose help has examples. Such a file counts
/// only if it is named.
pub(crate) fn quotes_policies(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str);
    extension.is_some_and(|extension| {
        let is = |known: &&str| extension.eq_ignore_ascii_case(known);
        ["md", "markdown", "mdx", "sarif"].iter().any(is)
    })
}

/// Returns whether a file is text of a usual size in which the API group of policies occurs.
fn may_have_policy(entry: &DirEntry, passed_over: &mut PassedOver) -> std::io::Result<bool> {
    let size = fs::metadata(entry.path())?.len();
    if size > MAX_WALKED_BYTES {
        passed_over.large += 1;
        return Ok(false);
    }
    let mut bytes = Vec::new();
    let file = File::open(entry.path())?;
    file.take(MAX_WALKED_BYTES).read_to_end(&mut bytes)?;
    let head = bytes.get(..HEAD_BYTES).unwrap_or(&bytes);
    if head.contains(&0) && !is_utf16(head) {
        passed_over.binary += 1;
        return Ok(false);
    }
    Ok(may_have_policy_in(&bytes))
}

/// Returns whether bytes are text in which the API group of policies occurs, and not a report about a policy.
pub(crate) fn may_have_policy_in(bytes: &[u8]) -> bool {
    if is_utf16(bytes) {
        return as_text(bytes.to_vec()).is_ok_and(|text| may_have_policy_in(text.as_bytes()));
    }
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    !head.contains(&0) && !is_report(head) && memmem::find(bytes, MARK).is_some()
}

/// Returns whether a file begins like what `check` prints as JSON, which has the policy as loaded, or as SARIF, whose help has examples.
fn is_report(head: &[u8]) -> bool {
    let has = |text: &[u8]| memmem::find(head, text).is_some();
    let is_json = head.starts_with(b"{\"file\":\"") && has(b",\"accepted\":");
    is_json || (head.starts_with(b"{\"$schema\":\"") && has(b"/sarif-schema-2.1.0.json\""))
}
