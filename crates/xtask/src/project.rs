//! The source tree and the cache folder, and commands that run there.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::programs;
use crate::run::Error;

/// The two folders that every task works with.
pub struct Project {
    /// Root of the source tree.
    pub root: PathBuf,
    /// Folder of installed programs and generated logs, shared by all checkouts.
    pub cache: PathBuf,
}

impl Project {
    /// Finds the folders from environment variables.
    ///
    /// # Errors
    /// If neither a cache folder nor a home folder is set.
    pub fn find() -> Result<Self, Error> {
        // Cargo names the checkout that runs; the compiled-in path serves a binary that is started by hand.
        let here =
            env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&here)
            .ancestors()
            .nth(2)
            .ok_or_else(|| Error::new("the source tree is not where `xtask` was built"))?
            .to_owned();
        let cache = cache_folder(|name| env::var_os(name).filter(|value| !value.is_empty()))
            .ok_or_else(|| {
                Error::new("no folder to install tools in: set `AUDIT_PLAYGROUND_CACHE` or `HOME`")
            })?;
        Ok(Self { root, cache })
    }

    /// Returns the target folder of a package outside the workspace: a subfolder of the workspace's.
    pub fn target_folder(&self, name: &str) -> PathBuf {
        let shared = env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
        let shared = shared.map_or_else(|| "target".into(), PathBuf::from);
        self.root.join(shared).join(name)
    }

    /// Returns the path of a log or result of a task.
    pub fn result_file(&self, name: &str) -> PathBuf {
        self.root.join("target/xtask").join(name)
    }

    /// Returns a command like [`Self::command`] of low priority, on systems that have `nice`: it computes while others wait.
    pub fn yielding_command(&self, program: &str) -> Command {
        if !has_nice() {
            return self.command(program);
        }
        let mut command = self.command("nice");
        command.args(["-n", "10", program]);
        command
    }

    /// Returns a command that runs in the root of the tree, with the pinned programs first on its PATH and an empty standard input.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = programs::folders(&self.cache).chain(env::split_paths(&inherited));
        if let Ok(path) = env::join_paths(folders) {
            command.env("PATH", path);
        }
        command
            .env("AUDIT_PLAYGROUND_CACHE", &self.cache)
            .current_dir(&self.root)
            .stdin(Stdio::null());
        // Nothing is compiled a second time there, so what would make that faster is written in vain.
        if env::var_os("CI").is_some() && env::var_os("CARGO_INCREMENTAL").is_none() {
            command.env("CARGO_INCREMENTAL", "0");
        }
        command
    }
}

/// Returns whether `nice` is on the PATH.
fn has_nice() -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join("nice").is_file())
}

/// Returns the cache folder, from the first variable that is set.
fn cache_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    const NAME: &str = "audit-policy-playground";
    variable("AUDIT_PLAYGROUND_CACHE")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("XDG_CACHE_HOME")?).join(NAME)))
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache").join(NAME)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_folder_is_the_first_that_is_set() {
        type Row = (
            &'static [(&'static str, &'static str)],
            Option<&'static str>,
        );
        let table: [Row; 4] = [
            (&[], None),
            (&[("HOME", "/h")], Some("/h/.cache/audit-policy-playground")),
            (
                &[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")],
                Some("/x/audit-policy-playground"),
            ),
            (
                &[
                    ("HOME", "/h"),
                    ("XDG_CACHE_HOME", "/x"),
                    ("AUDIT_PLAYGROUND_CACHE", "/a"),
                ],
                Some("/a"),
            ),
        ];
        for (set, expected) in table {
            let found = cache_folder(|name| {
                set.iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| value.into())
            });
            assert_eq!(found, expected.map(PathBuf::from), "{set:?}");
        }
    }
}
