//! The arguments of `schema`.

use clap::{Args, ValueEnum};

use crate::file_name::FileName;

/// `schema`
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Accept unknown fields, as kube-apiserver does: before 1.26 silently, later with a warning
    #[arg(long)]
    pub(crate) lenient: bool,
    /// Write the schemas as files into this folder, which must exist
    #[arg(long, value_name = "FOLDER", conflicts_with = "lenient")]
    pub(crate) dir: Option<FileName>,
    /// Names of the files in `--dir`
    #[arg(long, value_enum, requires = "dir", default_value_t = Layout::Kubeconform)]
    pub(crate) layout: Layout,
}

/// Names of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// Those that kubeconform looks for, strict and lenient, for one Kubernetes version
    Kubeconform,
    /// Those of SchemaStore's repository: strict, for each Kubernetes version, with the entry of the catalogue and tests
    Schemastore,
}
