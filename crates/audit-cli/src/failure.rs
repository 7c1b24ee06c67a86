//! Why a call did not come to its end, and the exit status that says so.

use std::io;
use std::process::ExitCode;

/// A call that did not come to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A policy is rejected, or too doubtful for `--strict`; what there is to say has been said.
    Rejected,
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
            Self::Rejected | Self::OutputClosed => None,
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
            Self::File { .. }
            | Self::Unwritten { .. }
            | Self::Input { .. }
            | Self::Usage(_)
            | Self::Unproven(_)
            | Self::Output(_) => ExitCode::from(2),
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
