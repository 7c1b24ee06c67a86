//! Errors of a command, and its exit status.

use std::io;
use std::process::ExitCode;

use crate::output::diagnostic;

/// Result of a command or a part of it.
pub(crate) type Result<T = (), E = Error> = std::result::Result<T, E>;

/// The reason why a command does not succeed.
#[derive(Debug)]
pub(crate) enum Error {
    /// A policy is rejected, or has a finding that `--fail-on` names, a log contradicts the policy, or the server does not start with the settings. The reasons have been printed.
    Rejected,
    /// The arguments are wrong, or a file could not be read. The reason has been printed.
    Reported,
    /// A policy is rejected, and the command needs one that is accepted.
    PolicyRejected {
        /// Name of the policy's file.
        file: String,
        /// The server's reason.
        error: String,
        /// Help: the remedy; empty if that is not known.
        help: String,
    },
    /// A file contains no policy that the command can apply.
    UnusablePolicy(String),
    /// A file cannot be read.
    Read {
        /// Name of the file.
        file: String,
        /// The system's reason.
        error: io::Error,
    },
    /// A file cannot be written.
    Write {
        /// Name of the file.
        file: String,
        /// The system's reason.
        error: io::Error,
    },
    /// A line of a file is malformed.
    Input {
        /// Name of the file.
        file: String,
        /// Line number from 1.
        line: usize,
        /// The reason.
        error: String,
    },
    /// The arguments are wrong.
    Usage(String),
    /// A changed policy could not be proved to be as safe as the original; it is not printed.
    Unproven(String),
    /// The reader of standard output closed it.
    OutputClosed,
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Error {
    /// Returns the message: one lowercase sentence. `None` if it has been printed, or there is nothing to print.
    pub(crate) fn message(&self) -> Option<String> {
        match self {
            Self::Rejected | Self::Reported | Self::OutputClosed => None,
            Self::PolicyRejected { file, error, help } if help.is_empty() => {
                Some(format!("`{file}` is rejected: {error}"))
            }
            Self::PolicyRejected { file, error, help } => {
                Some(format!("`{file}` is rejected: {error} ({help})"))
            }
            Self::Read { file, error } => Some(format!("cannot read `{file}`: {error}")),
            Self::Write { file, error } => Some(format!("cannot write `{file}`: {error}")),
            Self::Input { file, line, error } => Some(format!("{file}:{line}: {error}")),
            Self::UnusablePolicy(message) | Self::Usage(message) | Self::Unproven(message) => {
                Some(message.clone())
            }
            Self::Output(error) => Some(format!("cannot write to standard output: {error}")),
        }
    }

    /// Returns the exit status: 0 success, 1 a rejected policy or settings that the server does not start with, 2 wrong arguments or an unreadable file.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::OutputClosed => ExitCode::SUCCESS,
            Self::Rejected | Self::PolicyRejected { .. } | Self::UnusablePolicy(_) => {
                ExitCode::from(1)
            }
            Self::Reported
            | Self::Read { .. }
            | Self::Write { .. }
            | Self::Input { .. }
            | Self::Usage(_)
            | Self::Unproven(_)
            | Self::Output(_) => ExitCode::from(2),
        }
    }
}

/// Results of a command over several files: one that cannot be read does not stop the command.
#[derive(Debug, Default)]
pub(crate) struct FileResults {
    is_rejected: bool,
    is_unread: bool,
}

impl FileResults {
    /// Records that a policy is rejected.
    pub(crate) const fn reject(&mut self) {
        self.is_rejected = true;
    }

    /// Records that nothing can be read from a file. The reason has been printed.
    pub(crate) const fn cannot_read(&mut self) {
        self.is_unread = true;
    }

    /// Prints and records an error about one file.
    ///
    /// # Errors
    /// The error itself, if it is not about one file.
    pub(crate) fn continue_after(&mut self, error: Error) -> Result {
        if !matches!(error, Error::Read { .. } | Error::Write { .. }) {
            return Err(error);
        }
        if let Some(message) = error.message() {
            diagnostic(&message);
        }
        self.is_unread = true;
        Ok(())
    }

    /// Returns the result of the command. A file that cannot be read takes precedence over a rejected policy.
    pub(crate) const fn into_result(self) -> Result {
        match self {
            Self {
                is_unread: true, ..
            } => Err(Error::Reported),
            Self {
                is_rejected: true, ..
            } => Err(Error::Rejected),
            _ => Ok(()),
        }
    }
}

/// For results of writing to standard output.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::OutputClosed
        } else {
            Self::Output(error)
        }
    }
}

/// For JSON written to standard output.
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}
