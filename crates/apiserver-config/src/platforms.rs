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

/// User that k0s starts kube-apiserver as, unless `spec.installConfig.users.kubeAPIserverUser` names another.
pub const K0S_USER: &str = "kube-apiserver";

/// Directory of the current revision of the MicroK8s snap: `$SNAP_DATA`. A refresh copies it.
pub const MICROK8S_DATA: &str = "/var/snap/microk8s/current";

/// Directory that all revisions of the MicroK8s snap share: `$SNAP_COMMON`. A refresh does not copy it.
pub const MICROK8S_COMMON: &str = "/var/snap/microk8s/common";

/// Directory of all files of the MicroK8s snap.
pub const MICROK8S_SNAP: &str = "/var/snap/microk8s";

/// Path at which RKE1 saves the policy of `cluster.yml`.
pub const RKE1_POLICY: &str = "/etc/kubernetes/audit-policy.yaml";

/// Directory that RKE1 mounts for the log.
pub const RKE1_LOG_DIRECTORY: &str = "/var/log/kube-audit";

/// Path at which the RKE2 provider of Cluster API saves the policy of a Secret.
pub const RKE2_CONTROL_PLANE_POLICY: &str = "/etc/rancher/rke2/audit-policy.yaml";

/// Flags that k0rdent's templates set for a ClusterAuditPolicy, with the values of `aws-standalone-cp`. The name of the policy's file contains its hash.
pub const K0RDENT_FLAGS: [(&str, &str); 5] = [
    ("audit-policy-file", "/var/lib/k0s/audit/policy-HASH.yaml"),
    ("audit-log-path", "/var/log/kubernetes/audit/audit.log"),
    ("audit-log-maxage", "7"),
    ("audit-log-maxbackup", "7"),
    ("audit-log-maxsize", "50"),
];

/// Flags of kube-apiserver in a Gardener Shoot. The log is in the container, whose disk is lost with the pod.
pub const GARDENER_FLAGS: [(&str, &str); 4] = [
    (
        "audit-policy-file",
        "/etc/kubernetes/audit/audit-policy.yaml",
    ),
    ("audit-log-path", "/var/lib/audit.log"),
    ("audit-log-maxbackup", "5"),
    ("audit-log-maxsize", "100"),
];

/// Key of the ConfigMap that Gardener reads a policy from.
pub const GARDENER_POLICY_KEY: &str = "policy";

/// Flags of kube-apiserver in OpenShift. The size of a file differs between releases, so it is left out.
pub const OPENSHIFT_FLAGS: [(&str, &str); 3] = [
    (
        "audit-policy-file",
        "/etc/kubernetes/static-pod-resources/configmaps/kube-apiserver-audit-policies/policy.yaml",
    ),
    ("audit-log-path", "/var/log/kube-apiserver/audit.log"),
    ("audit-log-maxbackup", "10"),
];

/// Directories whose files k3s and RKE2 apply to the cluster.
pub(crate) const MANIFEST_DIRECTORIES: [&str; 2] = [
    "/var/lib/rancher/k3s/server/manifests",
    "/var/lib/rancher/rke2/server/manifests",
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
