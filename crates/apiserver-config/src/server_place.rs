//! Place where the server runs, on which its standard output and its mounts depend.

/// The process or container that the server runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ServerPlace {
    /// A pod: the kubelet mounts its files and stores its output.
    #[default]
    Pod,
    /// A process of the node, such as a service of systemd: it has no mounts, and systemd-journald stores its output.
    Host,
    /// A container of Docker, such as a node of k3d, without a pod.
    Docker,
}

impl ServerPlace {
    /// Returns what rotates the server's output, with the settings for that.
    pub(crate) const fn rotation(self) -> &'static str {
        match self {
            Self::Pod => "the kubelet rotates the container's output (`containerLogMaxSize`)",
            Self::Host => "systemd-journald rotates the output of the service (`SystemMaxUse`)",
            Self::Docker => {
                "Docker's log driver rotates the container's output (`max-size` in its `log-opts`)"
            }
        }
    }
}
