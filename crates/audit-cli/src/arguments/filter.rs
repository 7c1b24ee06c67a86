//! The arguments of `filter`.

use std::num::NonZeroUsize;

use clap::Args;

use crate::file_name::FileName;

/// `filter`
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// The policy file, or a document with a policy inside, such as a ConfigMap
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// Also print events of which the log lacks what the policy depends on, as they were recorded; by default they are left out and counted
    #[arg(long)]
    pub(crate) keep_unknown: bool,
    /// Write the totals to a file at the end, as `simulate --format summary` prints them
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<FileName>,
    /// Number of threads that read events, one per core by default, at most 256; the output is the same for any number
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Audit logs, one after another; `-` is standard input
    #[arg(default_value = "-", value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
}
