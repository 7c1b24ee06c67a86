//! Runs tests again whenever a file changes.

use std::fs;
use std::thread;
use std::time::{Duration, SystemTime};

use audit_policy::KubernetesVersion;

use super::run_once;
use crate::arguments::Test;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::output::diagnostic;

/// Time between two looks at the files.
const INTERVAL: Duration = Duration::from_millis(500);

/// State of a file: time of its last change, and its size. `None` if there is no such file.
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

    fn have_changed(&self) -> bool {
        self.0.iter().any(|(file, known)| state(file) != *known)
    }
}

/// Runs the tests, and again after every change of a file that they depend on. Ends only with an error of the output or of the call.
pub(super) fn run(arguments: &Test, given: Option<KubernetesVersion>) -> Result {
    if arguments.files.iter().any(FileName::is_stdin) {
        let message = "`--watch` needs files: standard input does not change".to_owned();
        return Err(Error::Usage(message));
    }
    loop {
        let mut read = ReadFiles::default();
        match run_once(arguments, given, &mut read) {
            Ok(()) | Err(Error::Rejected | Error::Reported) => {}
            Err(error) => return Err(error),
        }
        diagnostic("waiting for a change");
        while !read.have_changed() {
            thread::sleep(INTERVAL);
        }
    }
}
