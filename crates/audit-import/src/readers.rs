//! Readers of settings in configurations of tools and in documents that contain other documents, one file per kind.

pub(crate) mod contents;
mod kops;
mod kubeone;
mod kubermatic;
mod kubespray;
pub(crate) mod rancher_cluster;
mod rke1;
mod rke2_control_plane;

use audit_policy::document::Node;

use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, ReadDocument};

/// Reads a document of a format. `None` if the format has its reader elsewhere, or none.
pub(crate) fn read(
    format: InputFormat,
    root: Node<'_>,
    lines: &Lines<'_>,
    read_document: ReadDocument,
) -> Option<ParsedInput> {
    Some(match format {
        InputFormat::ConfigMap
        | InputFormat::Secret
        | InputFormat::CloudInit
        | InputFormat::Ignition => contents::read(format, root, lines, read_document),
        InputFormat::Kops => kops::read(root, lines, read_document),
        InputFormat::Kubermatic => kubermatic::read(root, lines),
        InputFormat::KubeOne => kubeone::read(root, lines),
        InputFormat::Kubespray => kubespray::read(root, lines),
        InputFormat::RancherCluster => rancher_cluster::read(root, lines),
        InputFormat::Rke1 => rke1::read(root, lines),
        InputFormat::Rke2ControlPlane => rke2_control_plane::read(root, lines, read_document),
        _ => return None,
    })
}
