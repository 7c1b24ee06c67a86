//! What a pasted text is.

/// The shape of a pasted text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// Flags: one a line, a shell's command, a unit of systemd, the items of a list.
    Flags,
    /// The manifest of a pod, or a part of one.
    Manifest,
    /// Pods as a server lists them.
    PodList,
    /// A kubeadm ClusterConfiguration in which `extraArgs` is a list.
    KubeadmV1beta4,
    /// A kubeadm ClusterConfiguration in which `extraArgs` is a map: v1beta3 and older.
    KubeadmV1beta3,
    /// The configuration of a kind cluster.
    Kind,
    /// An object of Cluster API that holds a kubeadm configuration.
    ClusterApi,
    /// The configuration of a k3s server.
    K3s,
    /// The configuration of an RKE2 server.
    Rke2,
    /// A machine configuration of Talos.
    Talos,
    /// An audit policy, which holds no flags.
    Policy,
    /// Audit events, which hold no flags.
    Events,
    /// Nothing of these.
    Unknown,
}

impl Source {
    /// Every shape.
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

    /// The name in JSON.
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

    /// A few words for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Flags => "flags",
            Self::Manifest => "a pod's manifest",
            Self::PodList => "a list of pods",
            Self::KubeadmV1beta4 => "a kubeadm configuration (v1beta4)",
            Self::KubeadmV1beta3 => "a kubeadm configuration (v1beta3 or older)",
            Self::Kind => "a kind cluster",
            Self::ClusterApi => "a Cluster API object",
            Self::K3s => "a k3s configuration",
            Self::Rke2 => "an RKE2 configuration",
            Self::Talos => "a Talos machine configuration",
            Self::Policy => "an audit policy",
            Self::Events => "audit events",
            Self::Unknown => "a text without flags",
        }
    }

    /// Which of two shapes names a text that holds both.
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
