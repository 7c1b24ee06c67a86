//! The arguments of `sums` and `merge`.

use std::num::NonZeroUsize;

use clap::Args;

use crate::arguments::choices::TextOrJson;
use crate::file_name::FileName;

/// `sums`
#[derive(Debug, Args)]
pub(crate) struct SumsOf {
    /// The policy file, or a document with a policy inside, such as a ConfigMap; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// Number of threads that read events, one per core by default, at most 256; the output is the same for any number
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Audit logs; `-` is standard input
    #[arg(required = true, value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
}

/// `merge`
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Output format; `json` can be merged again
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// Files that `sums` or `merge --format json` has written; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<FileName>,
}
