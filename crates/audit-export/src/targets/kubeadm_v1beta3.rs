//! A kubeadm ClusterConfiguration in which `extraArgs` is a map. Source: the reference page "kubeadm Configuration (v1beta3)" of the
//! Kubernetes documentation (`APIServer`, `ControlPlaneComponent`, `HostPathMount`).

use apiserver_config::Settings;

use super::kubeadm_v1beta4::{note, steps, undo};
use crate::document::Document;
use crate::guide;
use crate::manifest;
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let text = format!(
        "apiVersion: kubeadm.k8s.io/v1beta3\n{}",
        cluster_configuration(settings)
    );
    let mut document = Document::new(Target::KubeadmV1beta3, "kubeadm-audit-v1beta3.yaml", text);
    let age = if settings.version.at_least(31) {
        " v1beta3 is deprecated since kubeadm 1.31; `kubeadm config migrate` converts it to v1beta4."
    } else if settings.version.at_least(22) {
        ""
    } else {
        " This version's kubeadm does not support v1beta3, which was added in 1.22: use v1beta2, the rest is the same."
    };
    document.note = note(settings, age);
    document.files = guide::files(settings);
    document.steps = steps(settings);
    document.verify = guide::verify(settings);
    document.undo = undo();
    document
}

/// Returns the API server's part of a ClusterConfiguration, without its version.
pub(crate) fn cluster_configuration(settings: &Settings) -> String {
    let mut out = String::from("kind: ClusterConfiguration\napiServer:\n");
    out.push_str(&manifest::extra_args_map(&settings.flags(), "  "));
    out.push_str(&manifest::extra_volumes(settings, "  "));
    out
}
