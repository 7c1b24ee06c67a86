//! Where things are: the source tree and the cache folder. Makes the commands that run there.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::Failure;
use crate::tools::TOOLS;

/// The two folders that every chore works with.
pub struct Place {
    /// The root of the source tree.
    pub root: PathBuf,
    /// What is installed for this project and survives a checkout.
    pub cache: PathBuf,
}

impl Place {
    /// Reads the environment.
    ///
    /// # Errors
    /// Where neither a cache folder nor a home folder is named.
    pub fn find() -> Result<Self, Failure> {
        // Cargo says which checkout runs; the compiled-in path serves a binary that is started by hand.
        let here =
            env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&here)
            .ancestors()
            .nth(2)
            .ok_or_else(|| Failure::new("the source tree is not where `xtask` was built"))?
            .to_owned();
        let cache = cache_folder(|name| env::var_os(name).filter(|value| !value.is_empty()))
            .ok_or_else(|| {
                Failure::new(
                    "no folder to install tools in: set `AUDIT_PLAYGROUND_CACHE` or `HOME`",
                )
            })?;
        Ok(Self { root, cache })
    }

    /// Where a package outside the workspace is built: a folder of its own, below the one for everything.
    pub fn target_folder(&self, name: &str) -> PathBuf {
        let everything = env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
        let everything = everything.map_or_else(|| "target".into(), PathBuf::from);
        self.root.join(everything).join(name)
    }

    /// A command in the root of the tree, with the pinned tools first on its PATH and nothing to read.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let installed = TOOLS
            .iter()
            .map(|tool| tool.folder(&self.cache).join("bin"));
        let inherited = env::var_os("PATH").unwrap_or_default();
        if let Ok(path) = env::join_paths(installed.chain(env::split_paths(&inherited))) {
            command.env("PATH", path);
        }
        // Trunk reads this one as a truth value and stops at the usual `1`.
        if env::var_os("NO_COLOR").is_some() {
            command.env("NO_COLOR", "true");
        }
        command
            .env("AUDIT_PLAYGROUND_CACHE", &self.cache)
            .current_dir(&self.root)
            .stdin(Stdio::null());
        command
    }
}

/// The cache folder, by the first variable that is set.
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
    fn the_cache_is_the_first_folder_named() {
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
