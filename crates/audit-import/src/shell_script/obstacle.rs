//! Reasons why flags of a script are not certain.

/// Reason why the server's command in a script is not certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// No command is kube-apiserver by its name.
    NoServer,
    /// More than one command is, with different audit flags.
    Several,
    /// A here-document has no end.
    HereDocument,
    /// A command runs a text as a script: `eval`, or another shell.
    Nested,
    /// A quote or bracket is not closed.
    Unclosed,
    /// The script is too long to be an argument.
    TooLong,
    /// The server gets arguments of the script, which the script changes before.
    Parameters,
}

impl Obstacle {
    /// Returns the reason as messages have it, after "the script".
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::NoServer => "does not start kube-apiserver by its name",
            Self::Several => {
                "starts kube-apiserver in more than one place, with different audit flags"
            }
            Self::HereDocument => "contains a here-document that does not end",
            Self::Nested => "runs another script with `eval` or a shell",
            Self::TooLong => "is longer than 128 KiB, the limit of an argument in Linux",
            Self::Unclosed => "has a quote or bracket that is not closed",
            Self::Parameters => {
                "changes its arguments with `set` or `shift`, or uses them in a function"
            }
        }
    }
}
