//! Arguments of `test`.

use clap::{Args, ValueEnum};

use super::config::ConfigOptions;
use super::output_file::OutputFile;
use crate::file_name::FileName;

/// `test`
#[derive(Debug, Clone, Args)]
pub(crate) struct Test {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TestFormat,
    /// Also write the results in this format into this file: `--output junit=report.xml`; can be given more than once
    #[arg(long, value_name = "FORMAT=FILE", value_parser = OutputFile::<TestFormat>::parser(), conflicts_with = "watch")]
    pub(crate) output: Vec<OutputFile<TestFormat>>,
    /// The policy to test instead of those that the files name, or a document with a policy inside, such as a ConfigMap; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: Option<FileName>,
    /// Also list the rules that no case reaches
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Also list the changes of the policy that no case notices: a rule is removed, exchanged with the next one, given another level or without a condition; changes that leave every verdict as it is are left out, by proof
    #[arg(long)]
    pub(crate) mutations: bool,
    /// Run again whenever one of the files or the policy changes, until the command is ended
    #[arg(long, conflicts_with = "from")]
    pub(crate) watch: bool,
    /// Print a file with a case for each distinct request of an audit log, which states the verdict of the policy; repeat it for several logs. The policy is that of `--policy` or of the one file
    #[arg(long, value_name = "LOG", conflicts_with_all = ["coverage", "mutations", "format", "output"])]
    pub(crate) from: Vec<FileName>,
    #[command(flatten)]
    pub(crate) config: ConfigOptions,
    /// Files with tests; `-` is standard input; by default `files` of `[test]` in the configuration
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<FileName>,
}

/// Output format of `test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TestFormat {
    /// Human-readable text
    #[default]
    Text,
    /// JSON lines, one object per case
    Json,
    /// SARIF 2.1.0, for code scanning: the cases that fail
    Sarif,
    /// Annotations, for a step of a GitHub workflow: the cases that fail
    Github,
    /// XML as JUnit writes it, for CI systems
    Junit,
    /// Test Anything Protocol, version 14
    Tap,
}
