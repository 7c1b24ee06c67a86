//! Facts about the programs that start kube-apiserver: paths and flags that they set by themselves.

/// Directories that kubeadm mounts into the server itself. A second mount at the same path makes the pod invalid.
pub const KUBEADM_DIRECTORIES: [&str; 5] = [
    "/etc/kubernetes/pki",
    "/etc/ssl/certs",
    "/etc/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
];

/// Path of the log that Talos mounts a directory for.
pub const TALOS_LOG: &str = "/var/log/audit/kube/kube-apiserver.log";

/// Path at which Talos gives the policy to the server.
pub const TALOS_POLICY: &str = "/system/config/kubernetes/kube-apiserver/auditpolicy.yaml";

/// Path of the log that RKE2 writes if it has a policy and no other path is given.
pub const RKE2_LOG: &str = "/var/lib/rancher/rke2/server/logs/audit.log";

/// Rotation flags that RKE2 (if it has a policy) and Talos set by themselves, with their values.
pub const ROTATION_FLAGS: [(&str, &str); 3] = [
    ("audit-log-maxage", "30"),
    ("audit-log-maxbackup", "10"),
    ("audit-log-maxsize", "100"),
];
