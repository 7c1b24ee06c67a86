//! Arguments of `check`.

use audit_policy::Severity;
use clap::{Args, ValueEnum};

use super::choices::FailOn;
use super::config::ConfigOptions;
use super::output_file::OutputFile;
use crate::file_name::FileName;

/// `check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
    /// Also write the results in this format into this file: `--output sarif=report.sarif`; can be given more than once
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::<CheckFormat>::parser())]
    pub(crate) output: Vec<OutputFile<CheckFormat>>,
    /// Apply all fixes that are not optional to the files, and repair what copying damaged; from standard input, print the fixed policy
    #[arg(long)]
    pub(crate) fix: bool,
    /// With `--fix`, print what would change in the format of `diff -u`, and write nothing
    #[arg(long, requires = "fix", conflicts_with_all = ["format", "output"])]
    pub(crate) diff: bool,
    /// Also fail if a finding has this severity or a higher one; kube-apiserver's own warnings count as warnings
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// The same as `--fail-on warning`
    #[arg(long, conflicts_with = "fail_on")]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) config: ConfigOptions,
    /// Policy files, documents with policies inside, such as a ConfigMap, folders, and patterns such as `clusters/**/*.yaml`; of folders and
    /// patterns, files with a policy count; `-` is standard input; by default `files` of the configuration
    #[arg(value_name = "POLICY")]
    pub(crate) policies: Vec<FileName>,
}

impl Check {
    /// Returns the lowest severity of a finding that fails the check. `None` if only a rejection does.
    pub(crate) fn fail_on(&self) -> Option<Severity> {
        let strict = self.strict.then_some(FailOn::Warning);
        self.fail_on.or(strict).map(FailOn::severity)
    }
}

/// Output format of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Human-readable text
    #[default]
    Text,
    /// JSON lines
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations, for a step of a GitHub workflow
    Github,
    /// XML as JUnit writes it, for CI systems
    Junit,
}
