//! The arguments of `schema`.

use clap::Args;

use crate::file_name::FileName;

/// `schema`
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Accept unknown fields, as kube-apiserver does: before 1.26 silently, later with a warning
    #[arg(long)]
    pub(crate) lenient: bool,
    /// Write the schemas, strict and lenient, into this folder under the names that kubeconform looks for; the folder must exist
    #[arg(long, value_name = "FOLDER", conflicts_with = "lenient")]
    pub(crate) dir: Option<FileName>,
}
