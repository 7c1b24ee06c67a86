//! Formats of pasted texts.

/// Format of a pasted text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputFormat {
    /// Flags: one per line, a shell command, a systemd unit, or the items of a list.
    Flags,
    /// A pod manifest, or a part of one.
    Manifest,
    /// A list of pods, as the API returns it.
    PodList,
    /// A kubeadm ClusterConfiguration in which `extraArgs` is a list.
    KubeadmV1beta4,
    /// A kubeadm ClusterConfiguration in which `extraArgs` is a map: v1beta3 and older.
    KubeadmV1beta3,
    /// A kind cluster configuration.
    Kind,
    /// A Cluster API object with a kubeadm configuration.
    ClusterApi,
    /// The configuration of a k3s server.
    K3s,
    /// The configuration of an RKE2 server.
    Rke2,
    /// A Talos machine configuration.
    Talos,
    /// An audit policy, which contains no flags.
    Policy,
    /// Audit events, which contain no flags.
    Events,
    /// None of these.
    Unknown,
}

impl InputFormat {
    /// Every format.
    pub const ALL: [Self; 13] = [
        Self::Flags,
        Self::Manifest,
        Self::PodList,
        Self::KubeadmV1beta4,
        Self::KubeadmV1beta3,
        Self::Kind,
        Self::ClusterApi,
        Self::K3s,
        Self::Rke2,
        Self::Talos,
        Self::Policy,
        Self::Events,
        Self::Unknown,
    ];

    /// Returns the name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flags => "flags",
            Self::Manifest => "manifest",
            Self::PodList => "pod-list",
            Self::KubeadmV1beta4 => "kubeadm-v1beta4",
            Self::KubeadmV1beta3 => "kubeadm-v1beta3",
            Self::Kind => "kind",
            Self::ClusterApi => "cluster-api",
            Self::K3s => "k3s",
            Self::Rke2 => "rke2",
            Self::Talos => "talos",
            Self::Policy => "policy",
            Self::Events => "events",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the name as messages have it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Flags => "flags",
            Self::Manifest => "a pod manifest",
            Self::PodList => "a list of pods",
            Self::KubeadmV1beta4 => "a kubeadm configuration (v1beta4)",
            Self::KubeadmV1beta3 => "a kubeadm configuration (v1beta3 or older)",
            Self::Kind => "a kind cluster configuration",
            Self::ClusterApi => "a Cluster API object",
            Self::K3s => "a k3s configuration",
            Self::Rke2 => "an RKE2 configuration",
            Self::Talos => "a Talos machine configuration",
            Self::Policy => "an audit policy",
            Self::Events => "audit events",
            Self::Unknown => "a text without flags",
        }
    }

    /// Priority of the format: a text with several has the one with the highest.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Events => 1,
            Self::Policy => 2,
            Self::Flags => 3,
            _ => 4,
        }
    }
}
