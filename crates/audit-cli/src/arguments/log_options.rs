//! Arguments about the log backend.

use clap::Args;

use crate::file_name::FileName;

/// Settings of the log backend, for all commands that need them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Log backend")]
pub(crate) struct LogOptions {
    /// Settings as a JSON file, as printed by `export --format json`; the options below override it
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<FileName>,
    /// Path of the log; `-` is the server's standard output
    #[arg(long, value_name = "PATH", allow_hyphen_values = true)]
    pub(crate) log_path: Option<String>,
    /// Days to keep rotated files
    #[arg(long, value_name = "DAYS", allow_negative_numbers = true)]
    pub(crate) max_age: Option<i64>,
    /// Number of rotated files to keep
    #[arg(long, value_name = "FILES", allow_negative_numbers = true)]
    pub(crate) max_backup: Option<i64>,
    /// Size at which a file is rotated, in MiB (kube-apiserver calls it MB)
    #[arg(long, value_name = "MB", allow_negative_numbers = true)]
    pub(crate) max_size: Option<i64>,
    /// Compress rotated files
    #[arg(long)]
    pub(crate) compress: bool,
}
