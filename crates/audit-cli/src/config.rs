//! The configuration of a repository: `audit-policy.toml`, in the working directory or above it.

mod configuration;
mod file_settings;
mod ignored;
mod path_ignores;
mod patterns;
mod read;
mod severities;
mod table;

use std::env;
use std::path::{Path, PathBuf};

use crate::arguments::ConfigOptions;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::in_process;

pub(crate) use configuration::{Config, ConfigSource};
pub(crate) use file_settings::FileSettings;
pub(crate) use ignored::IgnoredFinding;
pub(crate) use path_ignores::IgnoreUses;

/// Name of the file.
pub(crate) const CONFIG_FILE: &str = "audit-policy.toml";

/// Reads the file that the call names, or the nearest one from the working directory upwards.
///
/// # Errors
/// If the file is standard input, cannot be read, or is wrong: a line for each error, with its place.
pub(crate) fn load(options: &ConfigOptions) -> Result<Config> {
    if options.config.as_ref().is_some_and(|file| file.is_stdin()) {
        let message = "`--config` needs a file: its folder is that of the paths in it";
        return Err(Error::Usage(message.to_owned()));
    }
    // A command that runs within the process reads no file.
    if in_process::is_active() {
        return Ok(Config::default());
    }
    let found = match &options.config {
        _ if options.no_config => None,
        Some(file) => Some(file.clone()),
        None => nearest(),
    };
    found.map_or_else(|| Ok(Config::default()), |file| read::read(&file))
}

/// Returns the nearest file of that name, from a folder up to the root of the file system.
pub(crate) fn nearest_to(folder: &Path) -> Option<PathBuf> {
    let mut files = folder.ancestors().map(|folder| folder.join(CONFIG_FILE));
    files.find(|file| is_found(file))
}

/// Returns whether a path is that of a file, or of a link to nothing, which is reported when it is read.
fn is_found(path: &Path) -> bool {
    path.is_file() || (path.is_symlink() && !path.exists())
}

/// Reads a configuration.
///
/// # Errors
/// If it cannot be read, or is wrong: a line for each error, with its place.
pub(crate) fn read_file(path: &Path) -> Result<Config> {
    read::read(&FileName::from(path.as_os_str().to_owned()))
}

/// Returns the nearest file of that name, from the working directory up to the root of the file system.
fn nearest() -> Option<FileName> {
    let here = env::current_dir().ok()?;
    let mut path = PathBuf::new();
    for folder in here.ancestors() {
        if is_found(&folder.join(CONFIG_FILE)) {
            path.push(CONFIG_FILE);
            return Some(FileName::from(path.into_os_string()));
        }
        path.push("..");
    }
    None
}
