//! The arguments of `report`.

use clap::{Args, ValueEnum};

use super::config::ConfigOptions;
use crate::file_name::FileName;

/// `report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The policy file, or a document with a policy inside, such as a ConfigMap; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// Output format; either is complete in one file
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ReportFormat,
    /// A pack of requirements: cis, stig, nsa-cisa, pci-dss, bsi, a pack of `detections`, or a file; repeat it for several; by default `packs` of `[report]` in the configuration, or the first five
    #[arg(long = "pack", value_name = "PACK")]
    pub(crate) packs: Vec<FileName>,
    #[command(flatten)]
    pub(crate) config: ConfigOptions,
    /// Settings as a JSON file, as printed by `export --format json`, or a file with kube-apiserver's flags, its manifest or configuration; claims about flags are not decidable without it
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<FileName>,
    /// Estimate the volume from an audit log; can be given more than once
    #[arg(long, value_name = "LOG")]
    pub(crate) log: Vec<FileName>,
}

/// Output format of `report`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ReportFormat {
    /// A page without scripts
    #[default]
    Html,
    /// Markdown
    Markdown,
}
