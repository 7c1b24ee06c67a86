//! Renders settings as the document of a target.

use apiserver_config::Settings;

use crate::document::Document;
use crate::target::Target;
use crate::targets;

/// Renders the settings for a target. Settings with findings of [`apiserver_config::check`] are rendered too, correctly quoted.
pub fn render(settings: &Settings, target: Target) -> Document {
    match target {
        Target::Policy => targets::policy::document(settings),
        Target::Flags => targets::flags::document(settings),
        Target::Shell => targets::shell::document(settings),
        Target::Args => targets::args::document(settings),
        Target::StaticPod => targets::static_pod::document(settings),
        Target::KubeadmV1beta4 => targets::kubeadm_v1beta4::document(settings),
        Target::KubeadmV1beta3 => targets::kubeadm_v1beta3::document(settings),
        Target::KubeadmPatches => targets::kubeadm_patches::document(settings),
        Target::Kind => targets::kind::document(settings),
        Target::Minikube => targets::minikube::document(settings),
        Target::Microk8s => targets::microk8s::document(settings),
        Target::K3s => targets::k3s::document(settings),
        Target::K3d => targets::k3d::document(settings),
        Target::Rke2 => targets::rke2::document(settings),
        Target::Rke2ControlPlane => targets::rke2_control_plane::document(settings),
        Target::RancherCluster => targets::rancher_cluster::document(settings),
        Target::Rke1 => targets::rke1::document(settings),
        Target::K0s => targets::k0s::document(settings),
        Target::K0sctl => targets::k0sctl::document(settings),
        Target::K0rdent => targets::k0rdent::document(settings),
        Target::Talos => targets::talos::document(settings),
        Target::Kops => targets::kops::document(settings),
        Target::Kubespray => targets::kubespray::document(settings),
        Target::ClusterApi => targets::cluster_api::document(settings),
        Target::Gardener => targets::gardener::document(settings),
        Target::OpenShift => targets::openshift::document(settings),
        Target::Webhook => targets::webhook::document(settings),
        Target::Eks => targets::managed::eks(),
        Target::Gke => targets::managed::gke(),
        Target::Aks => targets::managed::aks(),
        Target::FluentBit => targets::shippers::fluent_bit::document(settings),
        Target::Fluentd => targets::shippers::fluentd::document(settings),
        Target::Vector => targets::shippers::vector::document(settings),
        Target::Rsyslog => targets::shippers::rsyslog::document(settings),
        Target::Logrotate => targets::shippers::logrotate::document(settings),
    }
}

/// Returns the document of a static pod for a manifest that the settings are already in.
///
/// ```
/// use apiserver_config::Settings;
/// use audit_export::render_manifest;
///
/// let document = render_manifest(&Settings::new(""), "kind: Pod\n");
/// assert_eq!(document.text, "kind: Pod\n");
/// assert_eq!(document.files[0].path, "/etc/kubernetes/manifests/kube-apiserver.yaml");
/// ```
pub fn render_manifest(settings: &Settings, manifest: &str) -> Document {
    targets::static_pod::patched(settings, manifest)
}
