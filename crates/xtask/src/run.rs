//! Runs other programs: shown, or quietly with what they said.

use std::fmt;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

/// Why a chore stopped: one sentence.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure with this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// A failure of something done to a file or folder.
    pub fn at(path: &Path, error: &std::io::Error) -> Self {
        Self(format!("`{}`: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs it with its output on the terminal.
///
/// # Errors
/// Where it cannot be started or does not end well.
pub fn shown(command: &mut Command) -> Result<(), Failure> {
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!(
            "`{}` ended with {status}",
            line(command)
        )))
    }
}

/// Runs it and returns what it printed, standard error left out; none where it cannot be started or fails.
pub fn asked(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs it with all output in a file, and returns whether it ended well, and the text.
///
/// # Errors
/// Where it cannot be started, or the file cannot be written.
pub fn logged(command: &mut Command, log: &Path) -> Result<(bool, String), Failure> {
    let at = |error: std::io::Error| Failure::at(log, &error);
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

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!(
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
