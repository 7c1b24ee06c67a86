//! Runs `git`, as a process of its own and without a shell.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use audit_types::excerpt::{excerpt, quote};

use crate::error::{Error, Result};
use crate::file_name::FileName;

/// The repository of the working directory.
pub(super) struct Repository {
    /// Relative path of its root: empty, or `../` for each folder above.
    pub(super) root: OsString,
    /// Object name of the commit that the working tree is compared with.
    pub(super) base: String,
}

/// Result of a run of `git`.
struct Ran {
    is_success: bool,
    out: Vec<u8>,
    err: String,
}

impl Ran {
    /// Returns standard output as a line.
    fn line(&self) -> String {
        let text = String::from_utf8_lossy(&self.out);
        text.trim_end_matches(['\n', '\r']).to_owned()
    }
}

/// Prepares a run that takes no locks, starts no monitor of the file system, and asks nothing.
pub(super) fn command(folder: &OsStr) -> Command {
    let mut command = Command::new("git");
    command
        .args([
            "--no-pager",
            "--glob-pathspecs",
            "-c",
            "core.fsmonitor=false",
        ])
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped());
    if !folder.is_empty() {
        command.current_dir(Path::new(folder));
    }
    command
}

/// Returns the error of a program that cannot be started.
pub(super) fn not_started(error: &std::io::Error) -> Error {
    Error::Usage(match error.kind() {
        ErrorKind::NotFound => {
            "`git` was not found (help: install it, or add its folder to PATH)".to_owned()
        }
        _ => format!("cannot run `git`: {error}"),
    })
}

fn run(folder: &OsStr, words: &[&OsStr]) -> Result<Ran> {
    let output = command(folder).args(words).output();
    let output = output.map_err(|error| not_started(&error))?;
    Ok(Ran {
        is_success: output.status.success(),
        out: output.stdout,
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs `git` and returns its output.
///
/// # Errors
/// If it fails: the first line of its reason.
pub(super) fn output(folder: &OsStr, words: &[&OsStr]) -> Result<Vec<u8>> {
    let ran = run(folder, words)?;
    if ran.is_success {
        return Ok(ran.out);
    }
    Err(failed(words, &ran.err))
}

fn failed(words: &[&OsStr], err: &str) -> Error {
    let verb = words.first().copied().unwrap_or_default();
    let verb = verb.to_string_lossy();
    let reason = err.lines().find(|line| !line.trim().is_empty());
    let reason = excerpt(reason.unwrap_or("no reason given"));
    Error::Usage(format!("`git {verb}` failed: {reason}"))
}

/// Returns words as those of the system.
fn words<const N: usize>(words: [&str; N]) -> [&OsStr; N] {
    words.map(OsStr::new)
}

impl Repository {
    /// Finds the repository of the working directory, and the last commit that a revision and HEAD have in common.
    ///
    /// # Errors
    /// If there is no `git`, no repository, no such revision, or no such commit.
    pub(super) fn find(revision: &OsStr) -> Result<Self> {
        let here = OsStr::new("");
        let root = words(["rev-parse", "--show-cdup"]);
        let ran = run(here, &root)?;
        if !ran.is_success {
            let is_outside = ran.err.contains("not a git repository");
            return Err(match is_outside {
                true => Error::Usage(
                    "the working directory is not in a git repository (help: call `review` inside a clone)".to_owned(),
                ),
                false => failed(&root, &ran.err),
            });
        }
        let inside = output(here, &words(["rev-parse", "--is-inside-work-tree"]))?;
        if !inside.starts_with(b"true") {
            let message =
                "the git repository has no working tree (help: call `review` inside a clone)";
            return Err(Error::Usage(message.to_owned()));
        }
        let Some(head) = commit(OsStr::new("HEAD"))? else {
            return Err(Error::Usage(
                "the git repository has no commit yet".to_owned(),
            ));
        };
        let shown = FileName::from(revision.to_owned());
        let Some(revision) = commit(revision)? else {
            let help = match is_shallow()? {
                true => {
                    "the clone is shallow: fetch the revision, such as with `fetch-depth: 0` of actions/checkout"
                }
                false => "fetch it with `git fetch`, or name another one, such as `origin/main`",
            };
            let message = format!("unknown revision {} (help: {help})", quote(&shown));
            return Err(Error::Usage(message));
        };
        let found = run(here, &words(["merge-base", &revision, &head]))?;
        if !found.is_success || found.out.is_empty() {
            let help = match is_shallow()? {
                true => {
                    "the clone is shallow: fetch all commits, such as with `fetch-depth: 0` of actions/checkout"
                }
                false => "name a revision that HEAD is based on",
            };
            let message = format!(
                "{} and HEAD have no commit in common (help: {help})",
                quote(&shown)
            );
            return Err(Error::Usage(message));
        }
        Ok(Self {
            root: OsString::from(ran.line()),
            base: found.line(),
        })
    }

    /// Fails if a path is neither in the working tree nor at the base.
    pub(super) fn check_path(&self, path: &FileName) -> Result {
        let root = match self.root.is_empty() {
            true => Path::new("."),
            false => Path::new(&self.root),
        };
        if let (Ok(root), Ok(found)) = (root.canonicalize(), path.path().canonicalize())
            && !found.starts_with(root)
            && !path.path().is_symlink()
        {
            return Err(Error::Usage(format!(
                "`{path}` is outside of the repository"
            )));
        }
        let is_pattern = path.contains(['*', '?', '[']);
        if is_pattern || path.path().symlink_metadata().is_ok() {
            return Ok(());
        }
        let mut object = OsString::from(format!("{}:./", self.base));
        object.push(path.path());
        let name = ["rev-parse", "--verify", "--quiet", "--end-of-options"].map(OsStr::new);
        let name = [&name[..], &[&object]].concat();
        if run(OsStr::new(""), &name)?.is_success {
            return Ok(());
        }
        let error = "it is neither in the working tree nor at the base";
        Err(Error::Usage(format!("cannot read `{path}`: {error}")))
    }
}

/// Returns the object name of a revision's commit. `None` if there is no such commit. A revision is never an option.
fn commit(revision: &OsStr) -> Result<Option<String>> {
    let mut commit = revision.to_owned();
    commit.push("^{commit}");
    let name = ["rev-parse", "--verify", "--quiet", "--end-of-options"].map(OsStr::new);
    let ran = run(OsStr::new(""), &[&name[..], &[&commit]].concat())?;
    Ok(ran.is_success.then(|| ran.line()))
}

fn is_shallow() -> Result<bool> {
    let ran = run(
        OsStr::new(""),
        &words(["rev-parse", "--is-shallow-repository"]),
    )?;
    Ok(ran.line() == "true")
}
