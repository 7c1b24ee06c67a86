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

/// Path of the policy that RKE2 uses with a CIS profile if no other is given.
pub const RKE2_POLICY: &str = "/etc/rancher/rke2/audit-policy.yaml";

/// Directory of the cluster's certificates in minikube, mounted instead of `/etc/kubernetes/pki`.
pub const MINIKUBE_CERTIFICATES: &str = "/var/lib/minikube/certs";

/// Directories that Talos mounts into the server: its secrets, its configuration with the policy, and the directory of the log. Only the last is writable.
pub const TALOS_DIRECTORIES: [(&str, bool); 3] = [
    ("/system/secrets/kubernetes/kube-apiserver", false),
    ("/system/config/kubernetes/kube-apiserver", false),
    ("/var/log/audit/kube", true),
];
