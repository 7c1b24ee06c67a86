//! Options about the configuration.

use clap::Args;

use crate::file_name::FileName;

/// Choice of the configuration.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigOptions {
    /// The configuration to use; by default `audit-policy.toml` in the working directory or the nearest folder above it
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<FileName>,
    /// Use no configuration
    #[arg(long, conflicts_with = "config")]
    pub(crate) no_config: bool,
}
