//! The arguments of `new`.

use audit_policy::Level;
use clap::Args;

use crate::arguments::choices::TextOrJson;
use crate::file_name::FileName;

/// `new`
#[derive(Debug, Args)]
pub(crate) struct New {
    /// A pack of requirements whose claims are to be met: cis, stig, nsa-cisa, pci-dss, bsi or a file; can be given more than once
    #[arg(long = "pack", value_name = "PACK")]
    pub(crate) packs: Vec<FileName>,
    /// A claim in one line, such as `verb=get,list resource=secrets atLeast=Metadata`: terms as `can` has them, and `level=`, `atLeast=`, `atMost=`, `stages=`, `stages!=`,
    /// `omitManagedFields=` or `notRecorded`; can be given more than once
    #[arg(long = "claim", value_name = "CLAIM")]
    pub(crate) claims: Vec<String>,
    /// A file of policy tests or a pack, whose claims are to be met; `-` is standard input; can be given more than once
    #[arg(long = "claims", value_name = "FILE")]
    pub(crate) files: Vec<FileName>,
    /// Level of requests that no claim is about: None, Metadata, Request or RequestResponse. A claim that allows several levels gets the nearest one to it
    #[arg(long, value_name = "LEVEL", default_value = "None")]
    pub(crate) otherwise: Level,
    /// Estimate the volume that the policy writes of an audit log, on standard error or in the JSON object; can be given more than once
    #[arg(long, value_name = "LOG")]
    pub(crate) log: Vec<FileName>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
}
