//! Choices that several commands offer.

use audit_policy::{KubernetesVersion, Severity};
use clap::ValueEnum;

use crate::terminal::safe;

/// Parses a Kubernetes version. The message quotes what is wrong on one line: a CI system takes some lines for commands.
pub(super) fn version(text: &str) -> Result<KubernetesVersion, String> {
    let parsed: Result<KubernetesVersion, _> = text.parse();
    parsed.map_err(|error| safe(&error.to_string()).into_owned())
}

/// Severities of findings, as `--fail-on` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// The server rejects it, or does not start with it.
    Error,
    /// It probably does not do what was intended.
    Warning,
    /// Worth knowing.
    Info,
}

impl FailOn {
    /// Returns the severity.
    pub(crate) const fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
        }
    }
}

/// Output format of most commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TextOrJson {
    /// Human-readable text
    #[default]
    Text,
    /// JSON lines
    Json,
}
