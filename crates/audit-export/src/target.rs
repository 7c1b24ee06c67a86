//! The shapes that settings are exported in.

use apiserver_config::{REJECTED_POLICY, SettingFinding, Settings};

use crate::document::Document;
use crate::targets;

/// A shape of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// The policy file itself.
    Policy,
    /// Flags, one a line.
    Flags,
    /// Flags as one command of a shell.
    Shell,
    /// Flags as items of a YAML list.
    Args,
    /// What to add to the manifest of kube-apiserver's static pod.
    StaticPod,
    /// A kubeadm ClusterConfiguration of version v1beta4 (kubeadm 1.31 and newer).
    KubeadmV1beta4,
    /// A kubeadm ClusterConfiguration of version v1beta3 (kubeadm 1.22 and newer).
    KubeadmV1beta3,
    /// A directory of patches that kubeadm applies to the static pods that it writes.
    KubeadmPatches,
    /// A kind cluster.
    Kind,
    /// A minikube cluster.
    Minikube,
    /// The configuration of a k3s server.
    K3s,
    /// The configuration of an RKE2 server.
    Rke2,
    /// A patch of Talos' machine configuration.
    Talos,
    /// A kOps cluster.
    Kops,
    /// Variables of kubespray.
    Kubespray,
    /// A KubeadmControlPlane of Cluster API.
    ClusterApi,
    /// The file that tells the server where its webhook is.
    Webhook,
    /// Amazon EKS, which fixes the policy.
    Eks,
    /// Google GKE, which fixes the policy.
    Gke,
    /// Azure AKS, which fixes the policy.
    Aks,
    /// Fluent Bit, which reads the log and sends it on.
    FluentBit,
    /// Fluentd, which reads the log and sends it on.
    Fluentd,
    /// Vector, which reads the log and sends it on.
    Vector,
    /// rsyslog, which reads the log and sends it on.
    Rsyslog,
    /// logrotate, for a log that the server does not rotate itself.
    Logrotate,
}

impl Target {
    /// Every target, in the order of the tabs.
    pub const ALL: [Self; 25] = [
        Self::Policy,
        Self::Flags,
        Self::Shell,
        Self::Args,
        Self::StaticPod,
        Self::KubeadmV1beta4,
        Self::KubeadmV1beta3,
        Self::KubeadmPatches,
        Self::Kind,
        Self::Minikube,
        Self::K3s,
        Self::Rke2,
        Self::Talos,
        Self::Kops,
        Self::Kubespray,
        Self::ClusterApi,
        Self::Webhook,
        Self::Eks,
        Self::Gke,
        Self::Aks,
        Self::FluentBit,
        Self::Fluentd,
        Self::Vector,
        Self::Rsyslog,
        Self::Logrotate,
    ];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Flags => "flags",
            Self::Shell => "shell",
            Self::Args => "args",
            Self::StaticPod => "static-pod",
            Self::KubeadmV1beta4 => "kubeadm-v1beta4",
            Self::KubeadmV1beta3 => "kubeadm-v1beta3",
            Self::KubeadmPatches => "kubeadm-patches",
            Self::Kind => "kind",
            Self::Minikube => "minikube",
            Self::K3s => "k3s",
            Self::Rke2 => "rke2",
            Self::Talos => "talos",
            Self::Kops => "kops",
            Self::Kubespray => "kubespray",
            Self::ClusterApi => "cluster-api",
            Self::Webhook => "webhook",
            Self::Eks => "eks",
            Self::Gke => "gke",
            Self::Aks => "aks",
            Self::FluentBit => "fluent-bit",
            Self::Fluentd => "fluentd",
            Self::Vector => "vector",
            Self::Rsyslog => "rsyslog",
            Self::Logrotate => "logrotate",
        }
    }

    /// The target of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }

    /// A few words for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Policy => "Policy file",
            Self::Flags => "Flags",
            Self::Shell => "Shell line",
            Self::Args => "Flags as YAML",
            Self::StaticPod => "Static pod",
            Self::KubeadmV1beta4 => "kubeadm v1beta4",
            Self::KubeadmV1beta3 => "kubeadm v1beta3",
            Self::KubeadmPatches => "kubeadm patches",
            Self::Kind => "kind",
            Self::Minikube => "minikube",
            Self::K3s => "k3s",
            Self::Rke2 => "RKE2",
            Self::Talos => "Talos",
            Self::Kops => "kOps",
            Self::Kubespray => "kubespray",
            Self::ClusterApi => "Cluster API",
            Self::Webhook => "Webhook kubeconfig",
            Self::Eks => "EKS",
            Self::Gke => "GKE",
            Self::Aks => "AKS",
            Self::FluentBit => "Fluent Bit",
            Self::Fluentd => "Fluentd",
            Self::Vector => "Vector",
            Self::Rsyslog => "rsyslog",
            Self::Logrotate => "logrotate",
        }
    }
}

impl Target {
    /// Whether the provider runs kube-apiserver and sets its flags, so that nobody else can.
    pub const fn is_managed(self) -> bool {
        matches!(self, Self::Eks | Self::Gke | Self::Aks)
    }

    /// Whether a finding matters in this target. Where the provider sets the flags, only that the policy is rejected does.
    pub fn uses(self, finding: &SettingFinding) -> bool {
        !self.is_managed() || finding.code == REJECTED_POLICY
    }

    /// What it is grouped under.
    pub const fn group(self) -> &'static str {
        match self {
            Self::Policy | Self::Flags | Self::Shell | Self::Args => "Policy and flags",
            Self::Eks | Self::Gke | Self::Aks => "Managed clouds",
            Self::Webhook
            | Self::FluentBit
            | Self::Fluentd
            | Self::Vector
            | Self::Rsyslog
            | Self::Logrotate => "Receivers and log shippers",
            _ => "Clusters",
        }
    }

    /// The targets, group by group.
    pub fn groups() -> Vec<(&'static str, Vec<Self>)> {
        let mut groups: Vec<(&str, Vec<Self>)> = Vec::new();
        for target in Self::ALL {
            let group = target.group();
            match groups.iter_mut().find(|(title, _)| *title == group) {
                Some((_, targets)) => targets.push(target),
                None => groups.push((group, vec![target])),
            }
        }
        groups
    }
}

/// Writes the settings in one shape. Settings that [`apiserver_config::check`] finds fault with are written all the same, correctly quoted.
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
        Target::K3s => targets::k3s::document(settings),
        Target::Rke2 => targets::rke2::document(settings),
        Target::Talos => targets::talos::document(settings),
        Target::Kops => targets::kops::document(settings),
        Target::Kubespray => targets::kubespray::document(settings),
        Target::ClusterApi => targets::cluster_api::document(settings),
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
