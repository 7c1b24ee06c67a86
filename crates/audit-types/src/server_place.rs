//! Place where the server runs, on which its standard output and its mounts depend.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// The process or container that the server runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum ServerPlace {
    /// A pod: the kubelet mounts its files and stores its output.
    #[default]
    Pod,
    /// A process of the node, such as a service of systemd: it has no mounts, and systemd-journald stores its output.
    Host,
    /// A container of Docker, such as a node of k3d, without a pod.
    Docker,
}
