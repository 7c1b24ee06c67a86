//! Arguments of `detections`.

use clap::{Args, ValueEnum};

use crate::file_name::FileName;

/// `detections`
#[derive(Debug, Args)]
pub(crate) struct Detections {
    /// The policy file, or a document with a policy inside, such as a ConfigMap; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: DetectionsFormat,
    /// A pack of detections: falco, sigma, elastic, panther or a file; repeat it for several; all built-in packs if not set
    #[arg(long = "pack", value_name = "PACK")]
    pub(crate) packs: Vec<FileName>,
    /// Exit with status 1 if a detection never fires
    #[arg(long)]
    pub(crate) exit_code: bool,
}

/// Output format of `detections`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum DetectionsFormat {
    /// Human-readable text
    #[default]
    Text,
    /// JSON lines, one object per detection
    Json,
    /// A table in Markdown
    Markdown,
}
