//! The arguments of `can`.

use clap::Args;

use crate::arguments::choices::TextOrJson;
use crate::file_name::FileName;

/// `can`
#[derive(Debug, Args)]
pub(crate) struct Can {
    /// The policy file, or a document with a policy inside, such as a ConfigMap; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// Leave out requests that no URL, method and identity produce, such as a create with a name
    #[arg(long)]
    pub(crate) possible: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// Terms such as `verb=get,list resource=secrets namespace!=kube-system`, all of which hold; what is left out is anything. Attributes: user, userGroup, verb,
    /// apiGroup, resource, subresource, namespace, name, path
    #[arg(value_name = "QUERY")]
    pub(crate) query: Vec<String>,
}
