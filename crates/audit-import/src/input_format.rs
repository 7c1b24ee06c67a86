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
    /// A ConfigMap that contains a policy or a configuration.
    ConfigMap,
    /// A Secret that contains a policy or a configuration.
    Secret,
    /// A cloud-init configuration, which writes files.
    CloudInit,
    /// An Ignition configuration, or a Butane configuration that becomes one: it writes files.
    Ignition,
    /// A Helm, Jinja or Go template, which is not YAML before it is rendered.
    Template,
    /// A Terraform configuration.
    Terraform,
    /// A kubeconfig file, as the webhook backend reads one.
    Kubeconfig,
    /// An AuditSink, which Kubernetes 1.19 removed.
    AuditSink,
    /// A kOps Cluster or InstanceGroup.
    Kops,
    /// Variables of kubespray.
    Kubespray,
    /// The `cluster.yml` of RKE1.
    Rke1,
    /// A cluster that Rancher provisions: `provisioning.cattle.io`.
    RancherCluster,
    /// An RKE2ControlPlane of Cluster API.
    Rke2ControlPlane,
    /// A cluster of KubeOne.
    KubeOne,
    /// A cluster, template or seed of the Kubermatic Kubernetes Platform.
    Kubermatic,
    /// A k3d configuration: `kind: Simple`.
    K3d,
    /// A k0s ClusterConfig.
    K0s,
    /// A k0sctl Cluster, which contains a k0s ClusterConfig.
    K0sctl,
    /// A k0rdent ClusterDeployment.
    K0rdent,
    /// A Gardener Shoot.
    Gardener,
    /// The APIServer configuration of OpenShift, which has audit profiles.
    OpenShift,
    /// A Docker Compose file.
    Compose,
    /// A JSON patch, such as one of kubeadm.
    JsonPatch,
    /// A Kustomization, with patches of other objects.
    Kustomization,
    /// A minikube configuration.
    Minikube,
    /// Tasks or a playbook of Ansible.
    Ansible,
    /// Audit settings of a cloud that runs the control plane, which has no policy of the user.
    ManagedCluster,
    /// A file of another program, such as rules of Falco or the configuration of a log shipper.
    OtherProgram,
    /// An audit policy, which contains no flags.
    Policy,
    /// Audit events, which contain no flags.
    Events,
    /// None of these.
    Unknown,
}

impl InputFormat {
    /// Every format.
    pub const ALL: [Self; 41] = [
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
        Self::ConfigMap,
        Self::Secret,
        Self::CloudInit,
        Self::Ignition,
        Self::Template,
        Self::Terraform,
        Self::Kubeconfig,
        Self::AuditSink,
        Self::Kops,
        Self::Kubespray,
        Self::Rke1,
        Self::RancherCluster,
        Self::Rke2ControlPlane,
        Self::KubeOne,
        Self::Kubermatic,
        Self::K3d,
        Self::K0s,
        Self::K0sctl,
        Self::K0rdent,
        Self::Gardener,
        Self::OpenShift,
        Self::Compose,
        Self::JsonPatch,
        Self::Kustomization,
        Self::Minikube,
        Self::Ansible,
        Self::ManagedCluster,
        Self::OtherProgram,
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
            Self::ConfigMap => "config-map",
            Self::Secret => "secret",
            Self::CloudInit => "cloud-init",
            Self::Ignition => "ignition",
            Self::Template => "template",
            Self::Terraform => "terraform",
            Self::Kubeconfig => "kubeconfig",
            Self::AuditSink => "audit-sink",
            Self::Kops => "kops",
            Self::Kubespray => "kubespray",
            Self::Rke1 => "rke1",
            Self::RancherCluster => "rancher-cluster",
            Self::Rke2ControlPlane => "rke2-control-plane",
            Self::KubeOne => "kubeone",
            Self::Kubermatic => "kubermatic",
            Self::K3d => "k3d",
            Self::K0s => "k0s",
            Self::K0sctl => "k0sctl",
            Self::K0rdent => "k0rdent",
            Self::Gardener => "gardener",
            Self::OpenShift => "openshift",
            Self::Compose => "compose",
            Self::JsonPatch => "json-patch",
            Self::Kustomization => "kustomization",
            Self::Minikube => "minikube",
            Self::Ansible => "ansible",
            Self::ManagedCluster => "managed-cluster",
            Self::OtherProgram => "other-program",
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
            Self::ConfigMap => "a ConfigMap",
            Self::Secret => "a Secret",
            Self::CloudInit => "a cloud-init configuration",
            Self::Ignition => "an Ignition or Butane configuration",
            Self::Template => "a template",
            Self::Terraform => "a Terraform configuration",
            Self::Kubeconfig => "a kubeconfig file",
            Self::AuditSink => "an AuditSink",
            Self::Kops => "a kOps cluster",
            Self::Kubespray => "variables of kubespray",
            Self::Rke1 => "an RKE1 cluster configuration",
            Self::RancherCluster => "a Rancher provisioning cluster",
            Self::Rke2ControlPlane => "an RKE2ControlPlane",
            Self::KubeOne => "a KubeOne cluster",
            Self::Kubermatic => "a Kubermatic cluster",
            Self::K3d => "a k3d configuration",
            Self::K0s => "a k0s configuration",
            Self::K0sctl => "a k0sctl configuration",
            Self::K0rdent => "a k0rdent ClusterDeployment",
            Self::Gardener => "a Gardener Shoot",
            Self::OpenShift => "an OpenShift APIServer configuration",
            Self::Compose => "a Docker Compose file",
            Self::JsonPatch => "a JSON patch",
            Self::Kustomization => "a Kustomization",
            Self::Minikube => "a minikube configuration",
            Self::Ansible => "an Ansible file",
            Self::ManagedCluster => "audit settings of a managed cluster",
            Self::OtherProgram => "a file of another program",
            Self::Policy => "an audit policy",
            Self::Events => "audit events",
            Self::Unknown => "a text without flags",
        }
    }

    /// Returns whether documents of the format can set flags of kube-apiserver.
    pub const fn has_settings(self) -> bool {
        !matches!(
            self,
            Self::Unknown
                | Self::Policy
                | Self::Events
                | Self::ManagedCluster
                | Self::OtherProgram
                | Self::Template
                | Self::AuditSink
                | Self::ConfigMap
                | Self::Secret
        )
    }

    /// Priority of the format: a text with several has the one with the highest.
    pub(crate) const fn rank(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Events | Self::OtherProgram | Self::ManagedCluster => 1,
            Self::Policy => 2,
            Self::Flags => 3,
            // Others contain the settings themselves.
            Self::ConfigMap
            | Self::Secret
            | Self::CloudInit
            | Self::Ignition
            | Self::Template
            | Self::Kustomization
            | Self::Kubeconfig
            | Self::AuditSink => 4,
            _ => 5,
        }
    }
}
