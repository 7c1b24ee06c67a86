//! The checkout of a CI job. Hosts of code show results at files whose names count from its root, wherever the job calls the command.

use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};

use crate::absolute::without_dots;

/// Variables that name the folder of the checkout: GitHub's and GitLab's.
const VARIABLES: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// The folder of the checkout, and the working directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Workspace {
    /// `None` outside of a CI job.
    folders: Option<Folders>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Folders {
    root: PathBuf,
    here: PathBuf,
}

impl Workspace {
    /// Returns the checkout of the job that runs the command.
    pub(crate) fn of_job() -> Self {
        let root = VARIABLES.iter().find_map(env::var_os);
        let folders = root.and_then(|root| {
            Some(Folders {
                root: Path::new(&root).canonicalize().ok()?,
                here: env::current_dir().ok()?.canonicalize().ok()?,
            })
        });
        Self { folders }
    }

    /// Returns the name of a file from the root of the checkout. A file elsewhere keeps its name.
    pub(crate) fn name<'f>(&self, file: &'f str) -> Cow<'f, str> {
        let file = file.trim_start_matches("./");
        let inside = self.folders.as_ref().and_then(|folders| {
            let path = without_dots(&folders.here.join(file));
            let path = path.strip_prefix(&folders.root).ok()?;
            path.to_str().map(str::to_owned)
        });
        match inside {
            Some(name) if !name.is_empty() => name.into(),
            _ => file.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn names_count_from_the_root_of_the_checkout() {
        let in_job = Workspace {
            folders: Some(Folders {
                root: "/w/app".into(),
                here: "/w/app/sub".into(),
            }),
        };
        let elsewhere = Workspace { folders: None };
        for (file, inside, outside) in [
            ("p.yaml", "sub/p.yaml", "p.yaml"),
            ("./p.yaml", "sub/p.yaml", "p.yaml"),
            ("../p.yaml", "p.yaml", "../p.yaml"),
            ("/w/app/a/p.yaml", "a/p.yaml", "/w/app/a/p.yaml"),
            (
                "/w/application/p.yaml",
                "/w/application/p.yaml",
                "/w/application/p.yaml",
            ),
            (
                "../../../../p.yaml",
                "../../../../p.yaml",
                "../../../../p.yaml",
            ),
            ("a//b/./p.yaml", "sub/a/b/p.yaml", "a//b/./p.yaml"),
        ] {
            assert_eq!(in_job.name(file), inside, "{file}");
            assert_eq!(elsewhere.name(file), outside, "{file}");
        }
    }
}
