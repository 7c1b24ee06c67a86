//! Arguments of `review`.

use std::ffi::OsString;

use audit_policy::Severity;
use clap::{Args, ValueEnum};

use super::choices::FailOn;
use super::config::ConfigOptions;
use crate::file_name::FileName;

/// `review`
#[derive(Debug, Args)]
pub(crate) struct Review {
    /// The revision that the changes are proposed for, such as `origin/main`; the working tree is compared with the last commit that it and HEAD have in common
    #[arg(long, value_name = "REVISION")]
    pub(crate) base: OsString,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReviewFormat,
    /// Also fail if a new finding has this severity or a higher one; kube-apiserver's own warnings count as warnings
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// The same as `--fail-on warning`
    #[arg(long, conflicts_with = "fail_on")]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) config: ConfigOptions,
    /// Files, folders and patterns such as `clusters/**/*.yaml` to which the review is limited; by default the whole repository
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<FileName>,
}

impl Review {
    /// Returns the lowest severity of a new finding that fails the review. `None` if only a rejection or a failed test does.
    pub(crate) fn fail_on(&self) -> Option<Severity> {
        let strict = self.strict.then_some(FailOn::Warning);
        self.fail_on.or(strict).map(FailOn::severity)
    }
}

/// Output format of `review`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ReviewFormat {
    /// A comment for a pull request
    #[default]
    Markdown,
    /// JSON lines, one object per changed policy and one per file of tests
    Json,
}
