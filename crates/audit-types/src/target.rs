//! Targets of an export.

use std::fmt;
use std::str::FromStr;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::server_place::ServerPlace;

/// Target of an export: the program or format that settings are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Target {
    /// The policy file itself.
    #[default]
    Policy,
    /// Flags, one per line.
    Flags,
    /// Flags as a shell command.
    Shell,
    /// Flags as items of a YAML list.
    Args,
    /// Additions to the manifest of kube-apiserver's static pod.
    StaticPod,
    /// A kubeadm ClusterConfiguration v1beta4 (kubeadm 1.31 and newer).
    KubeadmV1beta4,
    /// A kubeadm ClusterConfiguration v1beta3 (kubeadm 1.22 and newer).
    KubeadmV1beta3,
    /// A directory of patches that kubeadm applies to static pods.
    KubeadmPatches,
    /// A kind cluster.
    Kind,
    /// A minikube cluster.
    Minikube,
    /// A MicroK8s node.
    Microk8s,
    /// The configuration of a k3s server.
    K3s,
    /// The configuration of a k3d cluster.
    K3d,
    /// The configuration of an RKE2 server.
    Rke2,
    /// An RKE2ControlPlane of Cluster API.
    Rke2ControlPlane,
    /// A cluster that Rancher provisions.
    RancherCluster,
    /// The `cluster.yml` of RKE1.
    Rke1,
    /// The configuration of a k0s controller.
    K0s,
    /// The configuration of k0sctl.
    K0sctl,
    /// A ClusterDeployment of k0rdent.
    K0rdent,
    /// A patch of the Talos machine configuration.
    Talos,
    /// A kOps cluster.
    Kops,
    /// Variables of kubespray.
    Kubespray,
    /// A KubeadmControlPlane of Cluster API.
    ClusterApi,
    /// A Shoot of Gardener, which takes a policy but no flags.
    Gardener,
    /// OpenShift, which has audit profiles instead of a policy.
    #[cfg_attr(feature = "serde", serde(rename = "openshift"))]
    OpenShift,
    /// The kubeconfig file of the webhook backend.
    Webhook,
    /// Amazon EKS, whose policy cannot be changed.
    Eks,
    /// Google GKE, whose policy cannot be changed.
    Gke,
    /// Azure AKS, whose policy cannot be changed.
    Aks,
    /// Fluent Bit, which ships the log.
    FluentBit,
    /// Fluentd, which ships the log.
    Fluentd,
    /// Vector, which ships the log.
    Vector,
    /// rsyslog, which ships the log.
    Rsyslog,
    /// logrotate, for a log that the server does not rotate.
    Logrotate,
}

impl Target {
    /// Every target, in display order.
    pub const ALL: [Self; 35] = [
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
        Self::Microk8s,
        Self::K3s,
        Self::K3d,
        Self::Rke2,
        Self::Rke2ControlPlane,
        Self::RancherCluster,
        Self::Rke1,
        Self::K0s,
        Self::K0sctl,
        Self::K0rdent,
        Self::Talos,
        Self::Kops,
        Self::Kubespray,
        Self::ClusterApi,
        Self::Webhook,
        Self::Gardener,
        Self::OpenShift,
        Self::Eks,
        Self::Gke,
        Self::Aks,
        Self::FluentBit,
        Self::Fluentd,
        Self::Vector,
        Self::Rsyslog,
        Self::Logrotate,
    ];

    /// Returns the stable name, as on the command line and in JSON.
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
            Self::Microk8s => "microk8s",
            Self::K3s => "k3s",
            Self::K3d => "k3d",
            Self::Rke2 => "rke2",
            Self::Rke2ControlPlane => "rke2-control-plane",
            Self::RancherCluster => "rancher-cluster",
            Self::Rke1 => "rke1",
            Self::K0s => "k0s",
            Self::K0sctl => "k0sctl",
            Self::K0rdent => "k0rdent",
            Self::Talos => "talos",
            Self::Kops => "kops",
            Self::Kubespray => "kubespray",
            Self::ClusterApi => "cluster-api",
            Self::Gardener => "gardener",
            Self::OpenShift => "openshift",
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

    /// Returns the title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Policy => "Policy file",
            Self::Flags => "Flags",
            Self::Shell => "Shell command",
            Self::Args => "Flags as YAML",
            Self::StaticPod => "Static pod",
            Self::KubeadmV1beta4 => "kubeadm v1beta4",
            Self::KubeadmV1beta3 => "kubeadm v1beta3",
            Self::KubeadmPatches => "kubeadm patches",
            Self::Kind => "kind",
            Self::Minikube => "minikube",
            Self::Microk8s => "MicroK8s",
            Self::K3s => "k3s",
            Self::K3d => "k3d",
            Self::Rke2 => "RKE2",
            Self::Rke2ControlPlane => "RKE2 control plane",
            Self::RancherCluster => "Rancher",
            Self::Rke1 => "RKE1",
            Self::K0s => "k0s",
            Self::K0sctl => "k0sctl",
            Self::K0rdent => "k0rdent",
            Self::Talos => "Talos",
            Self::Kops => "kOps",
            Self::Kubespray => "kubespray",
            Self::ClusterApi => "Cluster API",
            Self::Gardener => "Gardener",
            Self::OpenShift => "OpenShift",
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
    /// Returns whether the platform sets the flags of kube-apiserver, so that its users cannot.
    pub const fn is_managed(self) -> bool {
        matches!(
            self,
            Self::Gardener | Self::OpenShift | Self::Eks | Self::Gke | Self::Aks
        )
    }

    /// Returns the place of the server that reads the settings. `None` if it can be any: a policy, flags, or what reads the log.
    pub const fn server_place(self) -> Option<ServerPlace> {
        match self {
            Self::Policy
            | Self::Flags
            | Self::Shell
            | Self::Args
            | Self::Webhook
            | Self::FluentBit
            | Self::Fluentd
            | Self::Vector
            | Self::Rsyslog
            | Self::Logrotate => None,
            // The service of k3s or k0s contains the server; that of MicroK8s is in a snap.
            Self::Microk8s | Self::K3s | Self::K0s | Self::K0sctl | Self::K0rdent => {
                Some(ServerPlace::Host)
            }
            // A node of k3d is a container with k3s, and RKE1 starts the server as one.
            Self::K3d | Self::Rke1 => Some(ServerPlace::Docker),
            _ => Some(ServerPlace::Pod),
        }
    }

    /// Returns the title of its group.
    pub const fn group(self) -> &'static str {
        match self {
            Self::Policy | Self::Flags | Self::Shell | Self::Args => "Policy and flags",
            Self::K3s
            | Self::K3d
            | Self::Rke2
            | Self::Rke2ControlPlane
            | Self::RancherCluster
            | Self::Rke1 => "k3s, RKE and Rancher",
            Self::K0s | Self::K0sctl | Self::K0rdent => "k0s",
            Self::Gardener | Self::OpenShift | Self::Eks | Self::Gke | Self::Aks => {
                "Managed control planes"
            }
            Self::Webhook
            | Self::FluentBit
            | Self::Fluentd
            | Self::Vector
            | Self::Rsyslog
            | Self::Logrotate => "Receivers and log shippers",
            _ => "Clusters",
        }
    }

    /// Returns the targets by group.
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

/// The text is not the name of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTargetError(String);

impl fmt::Display for UnknownTargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown target `{}`", self.0)
    }
}

impl std::error::Error for UnknownTargetError {}

impl FromStr for Target {
    type Err = UnknownTargetError;

    /// Reads a [name](Self::name).
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|target| target.name() == name)
            .ok_or_else(|| UnknownTargetError(name.to_owned()))
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_names_of_the_command_line() {
        for target in Target::ALL {
            let json = format!("\"{}\"", target.name());
            assert_eq!(serde_json::to_string(&target).unwrap(), json);
            assert_eq!(serde_json::from_str::<Target>(&json).unwrap(), target);
            assert_eq!(target.name().parse(), Ok(target));
        }
    }

    #[test]
    fn a_name_is_matched_to_the_letter() {
        for name in ["", "Policy", "static pod", "open-shift", "policy "] {
            let error = name.parse::<Target>().unwrap_err();
            assert_eq!(error.to_string(), format!("unknown target `{name}`"));
            let json = serde_json::to_string(name).unwrap();
            assert!(serde_json::from_str::<Target>(&json).is_err());
        }
    }
}
