//! Files of tests that a review runs.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::changes::ChangedFile;
use super::policies::ReviewedPolicy;
use crate::config::Config;
use crate::error::Result;
use crate::file_name::FileName;

/// Maximum size in bytes of a file that is searched for tests.
const MAX_BYTES: u64 = 4 << 20;

/// Maximum number of entries of a folder that are searched for tests.
const MAX_ENTRIES: usize = 10_000;

/// Returns the files with tests: those of the configuration, the changed ones, and those in the folder of a changed policy.
///
/// # Errors
/// If a pattern of the configuration is wrong.
pub(super) fn files(
    changed: &[ChangedFile],
    policies: &[ReviewedPolicy],
    config: &Config,
) -> Result<Vec<FileName>> {
    let mut files = config.tests()?;
    let changed = changed.iter().filter_map(|file| file.after.as_ref());
    files.extend(changed.filter(|file| has_tests(file)).cloned());
    let folders = policies
        .iter()
        .filter_map(|policy| policy.file.path().parent());
    let folders: HashSet<&Path> = folders.collect();
    let mut folders: Vec<&Path> = folders.into_iter().collect();
    folders.sort_unstable();
    for folder in folders {
        files.extend(in_folder(folder));
    }
    let mut seen = HashSet::new();
    files.retain(|file| {
        let path = file.path().canonicalize();
        seen.insert(path.unwrap_or_else(|_| file.path().to_owned()))
    });
    Ok(files)
}

/// Returns the files with tests in a folder, in the order of their names. There are none in a folder that no longer exists.
fn in_folder(folder: &Path) -> Vec<FileName> {
    let root = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let Ok(entries) = fs::read_dir(root) else {
        return Vec::new();
    };
    let entries = entries.take(MAX_ENTRIES).flatten();
    let mut paths: Vec<PathBuf> = entries
        .filter(|entry| entry.file_type().is_ok_and(|found| found.is_file()))
        .map(|entry| folder.join(entry.file_name()))
        .collect();
    paths.sort_unstable();
    let files = paths
        .into_iter()
        .map(|path| FileName::from(path.into_os_string()));
    files.filter(has_tests).collect()
}

/// Returns whether a file is one of tests, by its content. What cannot be read is none.
fn has_tests(file: &FileName) -> bool {
    let path = file.path();
    let ending = path.extension().and_then(|ending| ending.to_str());
    let is_yaml = ending.is_some_and(|ending| matches!(ending, "yaml" | "yml" | "json"));
    let is_small = || {
        fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() <= MAX_BYTES)
    };
    if !is_yaml || file.is_stdin() || !is_small() {
        return false;
    }
    let Ok(text) = fs::read_to_string(path) else {
        return false;
    };
    text.lines().any(is_kind)
}

/// Returns whether a line is `kind: PolicyTests`, also of JSON.
fn is_kind(line: &str) -> bool {
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | ',' | '"' | '\'');
    // An indented line is part of another document.
    let is_json = line.trim_start().starts_with(['"', '{']);
    if !is_json && line.starts_with(char::is_whitespace) {
        return false;
    }
    let words = line.trim_matches(is_mark).split_once(':');
    words.is_some_and(|(key, value)| {
        let value = value.split('#').next().unwrap_or_default();
        key.trim_matches(is_mark) == "kind" && value.trim_matches(is_mark) == "PolicyTests"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_found_by_their_kind() {
        for (line, expected) in [
            ("kind: PolicyTests", true),
            ("kind:   \"PolicyTests\"  # of the cluster", true),
            ("{\"kind\": \"PolicyTests\",", true),
            ("  \"kind\": \"PolicyTests\",", true),
            ("kind: Policy", false),
            ("  kind: PolicyTests", false),
            ("# kind: PolicyTests", false),
            ("name: kind: PolicyTests", false),
        ] {
            assert_eq!(is_kind(line), expected, "{line}");
        }
    }
}
