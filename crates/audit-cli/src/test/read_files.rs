//! States of files, to find out which have changed.

use std::fs;
use std::time::SystemTime;

use crate::file_name::FileName;

/// State of a file: time of its last change, and its size. `None` if the file does not exist.
type State = Option<(SystemTime, u64)>;

fn state(file: &FileName) -> State {
    let found = fs::metadata(file.path()).ok()?;
    Some((found.modified().ok()?, found.len()))
}

/// Files that a run depends on.
#[derive(Default)]
pub(super) struct ReadFiles(Vec<(FileName, State)>);

impl ReadFiles {
    /// Adds a file that is about to be read: if it changes meanwhile, it is read again.
    pub(super) fn add(&mut self, file: &FileName) {
        self.0.push((file.clone(), state(file)));
    }

    /// Returns the files.
    pub(super) fn names(&self) -> impl Iterator<Item = &FileName> {
        self.0.iter().map(|(file, _)| file)
    }

    /// Returns true if any of the files has changed since it was added.
    pub(super) fn have_changed(&self) -> bool {
        self.0.iter().any(|(file, known)| state(file) != *known)
    }
}
