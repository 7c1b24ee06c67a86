//! Runs other programs, with their output shown or collected.

use std::fmt;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

/// The reason why a task stopped, as one sentence.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    /// Creates an error from a sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// Creates an error about a file or folder.
    pub fn at(path: &Path, error: &std::io::Error) -> Self {
        Self(format!("`{}`: {error}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// Runs a command with its output on the terminal.
///
/// # Errors
/// If it cannot be started or fails.
pub fn run(command: &mut Command) -> Result<(), Error> {
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::new(format!(
            "`{}` ended with {status}",
            line(command)
        )))
    }
}

/// Runs a command and returns its standard output, trimmed. `None` if it cannot be started or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command with all output in a file. Returns whether it succeeded, and its output.
///
/// # Errors
/// If it cannot be started, or the file cannot be written.
pub fn run_logged(command: &mut Command, log: &Path) -> Result<(bool, String), Error> {
    let at = |error: std::io::Error| Error::at(log, &error);
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).map_err(at)?;
    }
    let file = File::create(log).map_err(at)?;
    command.stdout(file.try_clone().map_err(at)?).stderr(file);
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    let text = fs::read(log).map_err(at)?;
    Ok((
        status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}

fn not_started(command: &Command, error: &std::io::Error) -> Error {
    Error::new(format!(
        "`{}` could not be started: {error}",
        command.get_program().to_string_lossy()
    ))
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
