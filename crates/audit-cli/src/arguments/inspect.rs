//! The arguments of `inspect`.

use clap::Args;

use super::choices::{FailOn, TextOrJson};
use crate::file_name::FileName;

/// `inspect`
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// List the clients: users by kind, with events, denials, impersonation and times
    #[arg(long)]
    pub(crate) who: bool,
    /// Explain the request with this audit ID: who sent it, what the client could have forged, its annotations, and filters that follow it
    #[arg(long, value_name = "AUDIT_ID")]
    pub(crate) request: Option<String>,
    /// List the requests that a filter selects, such as `resource:pods,pods/* namespace:shop name:web-0`, in the order of time; the name of a
    /// created object counts, too; fields are those of the page's filter, except level, rule and outcome
    #[arg(long, value_name = "FILTER")]
    pub(crate) timeline: Option<String>,
    /// Fail if a finding has this severity or a higher one
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// Audit logs, which count as one; `-` is standard input
    #[arg(required = true, value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
}
