//! Why a call did not come to its end, and the exit status that says so.

use std::io;
use std::process::ExitCode;

use crate::output::diagnostic;

/// A call that did not come to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A policy is rejected, or too doubtful for `--strict`; what there is to say has been said.
    Rejected,
    /// The call is wrong, or a file could not be read; what there is to say has been said.
    Said,
    /// A policy is rejected, and nothing more can be done with it: the server's own reason.
    Unusable {
        /// The policy's file.
        file: String,
        /// The reason.
        error: String,
    },
    /// A file cannot be read.
    File {
        /// Its name.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// A file cannot be written.
    Unwritten {
        /// Its name.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// A line of the input is not what the verb reads.
    Input {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        error: String,
    },
    /// The call is wrong.
    Usage(String),
    /// A changed policy could not be shown to be as safe as it was; it is not handed out.
    Unproven(String),
    /// Standard output was closed by whoever read it, who has seen enough.
    OutputClosed,
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Failure {
    /// One lowercase sentence; none where there is nothing to add.
    pub(crate) fn message(&self) -> Option<String> {
        match self {
            Self::Rejected | Self::Said | Self::OutputClosed => None,
            Self::Unusable { file, error } => Some(format!("`{file}` is rejected: {error}")),
            Self::File { file, error } => Some(format!("cannot read `{file}`: {error}")),
            Self::Unwritten { file, error } => Some(format!("cannot write `{file}`: {error}")),
            Self::Input { file, line, error } => Some(format!("{file}:{line}: {error}")),
            Self::Usage(message) | Self::Unproven(message) => Some(message.clone()),
            Self::Output(error) => Some(format!("cannot write to standard output: {error}")),
        }
    }

    /// 0 done, 1 rejected, 2 a wrong call or an unreadable file.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::OutputClosed => ExitCode::SUCCESS,
            Self::Rejected | Self::Unusable { .. } => ExitCode::from(1),
            Self::Said
            | Self::File { .. }
            | Self::Unwritten { .. }
            | Self::Input { .. }
            | Self::Usage(_)
            | Self::Unproven(_)
            | Self::Output(_) => ExitCode::from(2),
        }
    }
}

/// What became of the files of a call: one that cannot be read does not keep the others from being read.
#[derive(Debug, Default)]
pub(crate) struct FileResults {
    is_rejected: bool,
    is_unread: bool,
}

impl FileResults {
    /// Notes that a policy is rejected.
    pub(crate) const fn reject(&mut self) {
        self.is_rejected = true;
    }

    /// Says the failure and goes on, where it is about one file.
    ///
    /// # Errors
    /// The failure, where the call cannot go on after it.
    pub(crate) fn go_on(&mut self, failure: Failure) -> Result<(), Failure> {
        if !matches!(failure, Failure::File { .. } | Failure::Unwritten { .. }) {
            return Err(failure);
        }
        if let Some(message) = failure.message() {
            diagnostic(&message);
        }
        self.is_unread = true;
        Ok(())
    }

    /// The failure that all of it comes to: a file that cannot be read weighs more than a policy that is rejected.
    pub(crate) const fn outcome(&self) -> Result<(), Failure> {
        match self {
            Self {
                is_unread: true, ..
            } => Err(Failure::Said),
            Self {
                is_rejected: true, ..
            } => Err(Failure::Rejected),
            _ => Ok(()),
        }
    }
}

/// For results of writing to standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::OutputClosed
        } else {
            Self::Output(error)
        }
    }
}

/// For JSON written to standard output.
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}
