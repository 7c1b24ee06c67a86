//! Runs tests again whenever a file changes.

use std::thread;
use std::time::Duration;

use super::once;
use super::read_files::ReadFiles;
use super::source::GivenVersion;
use crate::arguments::Test;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::output::diagnostic;

/// Time between two looks at the files.
const INTERVAL: Duration = Duration::from_millis(500);

/// Runs the tests, and again after every change of a file that they depend on. Ends only with an error of the output or of the call.
pub(super) fn run(arguments: &Test, given: GivenVersion) -> Result {
    if arguments.files.iter().any(FileName::is_stdin) {
        let message = "`--watch` needs files: standard input does not change".to_owned();
        return Err(Error::Usage(message));
    }
    loop {
        let mut read = ReadFiles::default();
        match once::run(arguments, given, &mut read) {
            Ok(()) | Err(Error::Rejected | Error::Reported) => {}
            Err(error) => return Err(error),
        }
        diagnostic("waiting for a change");
        while !read.have_changed() {
            thread::sleep(INTERVAL);
        }
    }
}
