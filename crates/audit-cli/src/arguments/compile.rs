//! The arguments of `compile`.

use audit_compile::{Input, Target};
use clap::{Args, ValueEnum};

use super::TextOrJson;
use crate::file_name::FileName;

/// `compile`
#[derive(Debug, Args)]
pub(crate) struct Compile {
    /// The policy file, or a document with a policy inside, such as a ConfigMap; `-` is standard input
    #[arg(long, value_name = "POLICY", required_unless_present = "list")]
    pub(crate) policy: Option<FileName>,
    /// The tool that runs the program; `--list` prints all
    #[arg(long, value_name = "TARGET", required_unless_present = "list")]
    pub(crate) to: Option<Target>,
    /// Schema of the events that the program reads; by default the first that `--list` prints for the target
    #[arg(long, value_enum, value_name = "SCHEMA")]
    pub(crate) input: Option<CompileInput>,
    /// Print the program even if it treats a part of the policy differently from the server; the differences go to standard error
    #[arg(long)]
    pub(crate) approximate: bool,
    /// Print the targets
    #[arg(long, conflicts_with_all = ["policy", "to", "approximate"])]
    pub(crate) list: bool,
    /// Output format of `--list`
    #[arg(long, value_enum, default_value_t, requires = "list")]
    pub(crate) format: TextOrJson,
}

/// Schemas of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompileInput {
    /// Events as JSON lines, as kube-apiserver writes them
    Lines,
    /// Lines of Amazon EKS's logs as CloudWatch Logs exports them to S3: a time, a space, the event
    Eks,
    /// Rows of Azure Monitor's tables `AKSAudit` and `AKSAuditAdmin`
    Aks,
    /// A column per field, as Parquet files have them
    Columns,
    /// Rows of Cloud Logging's sinks, for which the message says what they lack.
    #[value(hide = true)]
    Gke,
}

impl From<CompileInput> for Input {
    fn from(input: CompileInput) -> Self {
        match input {
            CompileInput::Lines => Self::Lines,
            CompileInput::Eks => Self::Eks,
            CompileInput::Aks => Self::Aks,
            CompileInput::Columns => Self::Columns,
            CompileInput::Gke => Self::Gke,
        }
    }
}
