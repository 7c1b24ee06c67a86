//! Recognizes the kind of a document by its fields.

use audit_policy::document::{Field, Kind, Node};

use crate::input_format::InputFormat;
use crate::parsed_input::scalar;
use crate::{distributions, microk8s, minikube, pod, rke2_profile, talhelper};

use super::ansible;

/// Maximum number of list items that are inspected.
const MAX_INSPECTED: usize = 50;

/// Variables of kubespray about auditing.
const KUBESPRAY_VARIABLES: [&str; 14] = [
    "kubernetes_audit",
    "kubernetes_audit_webhook",
    "audit_policy_file",
    "audit_policy_mountpath",
    "audit_policy_custom_rules",
    "audit_policy_name",
    "audit_log_path",
    "audit_log_mountpath",
    "audit_log_hostpath",
    "audit_log_maxage",
    "audit_log_maxbackups",
    "audit_log_maxsize",
    "audit_webhook_config_file",
    "kube_kubeadm_apiserver_extra_args",
];

/// Fields of the `cluster.yml` of RKE1 above the server's settings.
pub(crate) const RKE1_SERVICES: [&[&str]; 6] = [
    &["services", "kube-api"],
    &["services", "kube_api"],
    &["rancher_kubernetes_engine_config", "services", "kube-api"],
    &["rancher_kubernetes_engine_config", "services", "kube_api"],
    &[
        "spec",
        "rancherKubernetesEngineConfig",
        "services",
        "kubeApi",
    ],
    &["rancherKubernetesEngineConfig", "services", "kubeApi"],
];

/// Returns the format of a document. [`InputFormat::Unknown`] if its fields are those of no known kind.
pub(crate) fn of(root: Node<'_>) -> InputFormat {
    match root.kind() {
        Kind::Object => object(root),
        Kind::List => list(root),
        _ => InputFormat::Unknown,
    }
}

fn list(root: Node<'_>) -> InputFormat {
    let items = || root.items().take(MAX_INSPECTED);
    let any = |name: &str| items().any(|item| item.field(name).is_some());
    let has_text = |name: &str| items().any(|item| item.get(name).and_then(Node::text).is_some());
    let of_pods = ["mountPath", "hostPath", "emptyDir", "configMap"];
    if any("auditID") {
        InputFormat::Events
    } else if any("level") {
        InputFormat::Policy
    } else if items().next().is_some_and(is_operation) {
        InputFormat::JsonPatch
    } else if ansible::is_list(root) {
        InputFormat::Ansible
    } else if has_text("hostPath") {
        InputFormat::KubeadmV1beta3
    } else if of_pods.into_iter().any(any) || items().any(pod::is_container) {
        InputFormat::Manifest
    } else if any("name") && any("value") && !any("path") {
        InputFormat::KubeadmV1beta4
    } else {
        InputFormat::Unknown
    }
}

/// Returns whether an object is an operation of a JSON patch (RFC 6902).
fn is_operation(item: Node<'_>) -> bool {
    let text = |name: &str| item.get(name).and_then(Node::text);
    let is_pointer = text("path").is_some_and(|path| path.is_empty() || path.starts_with('/'));
    let of_patch = ["add", "remove", "replace", "move", "copy", "test"];
    is_pointer && text("op").is_some_and(|operation| of_patch.contains(&operation))
}

/// Returns whether a document is an audit policy, complete or not.
pub(crate) fn is_policy(root: Node<'_>) -> bool {
    let text = |name: &str| root.get(name).map(scalar).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    if version.starts_with("audit.k8s.io/") {
        return kind.is_empty() || kind.eq_ignore_ascii_case("policy");
    }
    let has_levels = root.get("rules").is_some_and(|rules| {
        let mut rules = rules.items().take(MAX_INSPECTED);
        rules.any(|rule| rule.field("level").is_some())
    });
    has_levels || (version.is_empty() && kind == "Policy")
}

/// Returns whether an object is a list of Kubernetes objects, such as `kubectl get` returns.
pub(crate) fn is_list(root: Node<'_>) -> bool {
    let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
    let items = root.get("items");
    kind == "PodList"
        || (kind.ends_with("List") && items.is_some_and(|items| items.kind() == Kind::List))
}

/// Returns the object that determines the kind of a document: in a list, the first configuration of a server that is not a pod; otherwise the
/// document itself.
pub(crate) fn main_object(root: Node<'_>) -> Node<'_> {
    let is_configuration = |item: &Node<'_>| {
        let format = of(*item);
        format.rank() > InputFormat::Template.rank()
            && !matches!(format, InputFormat::Manifest | InputFormat::PodList)
    };
    let items = || root.get("items").into_iter().flat_map(Node::items);
    let is_list = root.kind() == Kind::Object && is_list(root);
    let item = items()
        .take(MAX_INSPECTED)
        .filter(|item| item.kind() == Kind::Object && !is_self_list(*item))
        .find(is_configuration);
    item.filter(|_| is_list).unwrap_or(root)
}

/// Returns whether an item is a list itself, which the API does not have.
fn is_self_list(item: Node<'_>) -> bool {
    item.field("items").is_some()
}

fn object(root: Node<'_>) -> InputFormat {
    if is_policy(root) {
        return InputFormat::Policy;
    }
    let main = main_object(root);
    if main.span() != root.span() {
        return object(main);
    }
    let text = |name: &str| root.get(name).map(scalar).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    if version.starts_with("audit.k8s.io/") || root.field("auditID").is_some() {
        return InputFormat::Events;
    }
    if let Some(format) = by_version(version, kind) {
        return format;
    }
    if (version.is_empty() || version == "v1alpha1")
        && let Some(format) = by_fields(root, kind)
    {
        return format;
    }
    if let Some(format) = by_parts(root, version) {
        return format;
    }
    if root.field("kubeadmConfigPatches").is_some()
        || root.field("kubeadmConfigPatchesJSON6902").is_some()
    {
        InputFormat::Kind
    } else if version.starts_with("management.cattle.io/") && rke1_server(root).is_some() {
        InputFormat::Rke1
    } else if distributions::kubeadm_spec(root).is_some() {
        InputFormat::ClusterApi
    } else if kind == "PodList" {
        InputFormat::PodList
    } else if kind == "Pod" || pod::spec(root).is_some() || pod::is_container(root) {
        InputFormat::Manifest
    } else {
        InputFormat::Unknown
    }
}

/// Returns the format of an object by its group and kind.
fn by_version(version: &str, kind: &str) -> Option<InputFormat> {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let format = match (group, kind) {
        ("", "ConfigMap") => InputFormat::ConfigMap,
        ("kustomize.config.k8s.io", _) => InputFormat::Kustomization,
        ("", "Secret") => InputFormat::Secret,
        ("" | "v1", "Config") => InputFormat::Kubeconfig,
        ("auditregistration.k8s.io", _) | (_, "AuditSink") => InputFormat::AuditSink,
        ("kops.k8s.io" | "kops", _) => InputFormat::Kops,
        ("kind.x-k8s.io", _) => InputFormat::Kind,
        ("kubeadm.k8s.io", _) => kubeadm(version),
        ("kubeone.k8c.io" | "kubeone.io", _) => InputFormat::KubeOne,
        ("kubermatic.k8c.io" | "kubermatic.k8s.io", "Cluster" | "ClusterTemplate" | "Seed") => {
            InputFormat::Kubermatic
        }
        ("k3d.io", _) => InputFormat::K3d,
        ("k0s.k0sproject.io", _) => InputFormat::K0s,
        ("k0sctl.k0sproject.io", _) => InputFormat::K0sctl,
        ("k0rdent.mirantis.com" | "hmc.mirantis.com", _) => InputFormat::K0rdent,
        ("controlplane.cluster.x-k8s.io", _) if kind.starts_with("K0s") => InputFormat::K0s,
        ("k0smotron.io", _) => InputFormat::K0s,
        ("core.gardener.cloud", "Shoot") | ("operator.gardener.cloud", "Garden") => {
            InputFormat::Gardener
        }
        ("config.openshift.io", "APIServer")
        | ("hypershift.openshift.io", "HostedCluster" | "HostedControlPlane") => {
            InputFormat::OpenShift
        }
        ("provisioning.cattle.io", "Cluster") => InputFormat::RancherCluster,
        (
            _,
            "RKE2ControlPlane" | "RKE2ControlPlaneTemplate" | "RKE2Config" | "RKE2ConfigTemplate",
        ) => InputFormat::Rke2ControlPlane,
        (
            _,
            "KubeadmControlPlane"
            | "KubeadmControlPlaneTemplate"
            | "KubeadmConfig"
            | "KubeadmConfigTemplate",
        )
        | ("cluster.x-k8s.io", "Cluster" | "ClusterClass") => InputFormat::ClusterApi,
        (_, "KubeAuditPolicyConfig" | "KubeAPIServerConfig") if version == "v1alpha1" => {
            InputFormat::Talos
        }
        _ => return None,
    };
    Some(format)
}

/// Returns the format of kubeadm's configuration of a version.
fn kubeadm(version: &str) -> InputFormat {
    if version.ends_with("/v1beta4") {
        InputFormat::KubeadmV1beta4
    } else {
        InputFormat::KubeadmV1beta3
    }
}

/// Returns the format of a file that names no kind, by its fields.
fn by_fields(root: Node<'_>, kind: &str) -> Option<InputFormat> {
    let has = |name: &str| root.field(name).is_some();
    let at = |path: &[&str]| root.at_path(path).is_some();
    let is_list = |name: &str| root.get(name).is_some_and(|v| v.kind() == Kind::List);
    let is_object = |name: &str| root.get(name).is_some_and(|v| v.kind() == Kind::Object);
    let format = if rke1_server(root).is_some() {
        InputFormat::Rke1
    } else if ["write_files", "runcmd", "bootcmd"]
        .iter()
        .any(|name| is_list(name))
    {
        InputFormat::CloudInit
    } else if (at(&["ignition", "version"]) || has("variant")) && is_object("storage") {
        InputFormat::Ignition
    } else if kubespray_variables(root).is_some() {
        InputFormat::Kubespray
    } else if at(&["spec", "kubeAPIServer"]) || at(&["spec", "fileAssets"]) {
        InputFormat::Kops
    } else if (is_object("machine") && !has("kubeadmConfigPatches"))
        || at(&["cluster", "apiServer"])
        || talhelper::is_configuration(root)
    {
        InputFormat::Talos
    } else if is_kustomization(root, kind) {
        InputFormat::Kustomization
    } else if kind == "Simple" && at(&["options", "k3s"]) {
        InputFormat::K3d
    } else if rke2_profile::is_configuration(root) {
        distributions::rancher_format(root)
    } else if minikube::is_configuration(root) {
        InputFormat::Minikube
    } else if is_compose(root) {
        InputFormat::Compose
    } else if microk8s::is_launch(root) {
        InputFormat::Flags
    } else if matches!(kind, "ClusterConfiguration" | "MasterConfiguration")
        || (kind.is_empty() && is_kubeadm_part(root))
    {
        let arguments = root
            .at_path(&["apiServer", "extraArgs"])
            .or(root.get("extraArgs"));
        if arguments.is_some_and(|list| list.kind() == Kind::List) {
            InputFormat::KubeadmV1beta4
        } else {
            InputFormat::KubeadmV1beta3
        }
    } else if is_list("clusters") && is_list("contexts") {
        InputFormat::Kubeconfig
    } else {
        return None;
    };
    Some(format)
}

/// Returns the format of a document by fields that only one platform has, without its version.
fn by_parts(root: Node<'_>, version: &str) -> Option<InputFormat> {
    let has = |path: &[&str]| root.at_path(path).is_some();
    if !version.is_empty() {
        return None;
    }
    if has(&["spec", "k0s", "config"]) {
        Some(InputFormat::K0sctl)
    } else if has(&["spec", "api", "extraArgs"]) || has(&["spec", "api", "rawArgs"]) {
        Some(InputFormat::K0s)
    } else if has(&["options", "k3s", "extraArgs"]) || has(&["options", "k3s", "extraServerArgs"]) {
        Some(InputFormat::K3d)
    } else if has(&["spec", "kubernetes", "kubeAPIServer", "auditConfig"]) {
        Some(InputFormat::Gardener)
    } else if has(&["spec", "audit", "profile"]) || has(&["spec", "audit", "customRules"]) {
        Some(InputFormat::OpenShift)
    } else {
        None
    }
}

/// Returns whether a document without a kind is a part of kubeadm's configuration: its `apiServer`, or fields of that.
pub(crate) fn is_kubeadm_part(root: Node<'_>) -> bool {
    let fields = [
        "extraArgs",
        "extraVolumes",
        "extraEnvs",
        "certSANs",
        "timeoutForControlPlane",
    ];
    let server = root.get("apiServer");
    fields.iter().any(|name| {
        let is_in_server = server.is_some_and(|server| server.field(name).is_some());
        is_in_server || (name.starts_with("extra") && root.field(name).is_some())
    })
}

/// Returns whether a document is a Kustomization: by its kind, or without one by fields that only it has.
fn is_kustomization(root: Node<'_>, kind: &str) -> bool {
    const PATCHES: [&str; 3] = ["patches", "patchesStrategicMerge", "patchesJson6902"];
    const OTHERS: [&str; 4] = ["resources", "configMapGenerator", "components", "namespace"];
    let has = |names: &[&str]| names.iter().any(|name| root.field(name).is_some());
    kind == "Kustomization" || kind.is_empty() && has(&PATCHES) && has(&OTHERS)
}

/// Returns whether a document is a Docker Compose file: it has services with images.
fn is_compose(root: Node<'_>) -> bool {
    let services = root.get("services").into_iter().flat_map(Node::fields);
    services.take(MAX_INSPECTED).any(|service| {
        let has = |name: &str| service.value.field(name).is_some();
        has("image") || has("build")
    })
}

/// Places of variables in an inventory of Ansible.
const INVENTORY: [&[&str]; 4] = [
    &[],
    &["all", "vars"],
    &["all", "children", "k8s_cluster", "vars"],
    &["k8s_cluster", "vars"],
];

/// Returns the object with kubespray's variables: the file, or a group of an inventory.
pub(crate) fn kubespray_variables(root: Node<'_>) -> Option<Node<'_>> {
    let places = INVENTORY.iter().filter_map(|path| root.at_path(path));
    places
        .into_iter()
        .find(|place| has_variables(*place))
        .or_else(|| {
            let host = kubespray_hosts(root)
                .into_iter()
                .find(|host| has_variables(host.1));
            host.map(|(_, variables)| variables)
        })
}

/// Returns whether an object has variables of kubespray about auditing.
pub(crate) fn has_variables(place: Node<'_>) -> bool {
    let mut names = KUBESPRAY_VARIABLES.iter();
    names.any(|name| place.field(name).is_some())
}

/// Groups of an inventory whose hosts run the control plane, in the names of kubespray 2.16 and before.
const CONTROL_PLANE: [&[&str]; 5] = [
    &["all", "children", "kube_control_plane", "hosts"],
    &["kube_control_plane", "hosts"],
    &["all", "children", "kube-master", "hosts"],
    &["kube-master", "hosts"],
    &[
        "all",
        "children",
        "k8s_cluster",
        "children",
        "kube_control_plane",
        "hosts",
    ],
];

/// Returns the hosts of an inventory that run the control plane, each with its variables, which may be in the list of all hosts.
pub(crate) fn kubespray_hosts(root: Node<'_>) -> Vec<(&str, Node<'_>)> {
    let group = CONTROL_PLANE.iter().find_map(|path| root.at_path(path));
    let all = root.at_path(&["all", "hosts"]);
    let Some(group) = group.or(all) else {
        return Vec::new();
    };
    let variables = |field: Field<'_>| {
        let of_all = all.and_then(|all| all.get(field.name));
        of_all.filter(|of_all| has_variables(*of_all))
    };
    let hosts = group.fields().take(MAX_INSPECTED);
    hosts
        .map(|field| match variables(field) {
            Some(of_all) if !has_variables(field.value) => (field.name, of_all),
            _ => (field.name, field.value),
        })
        .collect()
}

/// Returns the server's settings in the `cluster.yml` of RKE1, or in a Rancher cluster that RKE1 creates.
pub(crate) fn rke1_server(root: Node<'_>) -> Option<Node<'_>> {
    RKE1_SERVICES
        .iter()
        .find_map(|path| root.at_path(path))
        .filter(|server| server.kind() == Kind::Object)
}

/// Title of a document that does not name a kind.
pub(super) const UNKNOWN: &str = "a document of an unknown kind";

/// Returns what a document is, as messages have it.
pub(crate) fn title(root: Node<'_>, format: InputFormat) -> String {
    let root = main_object(root);
    let kind = root.get("kind").and_then(Node::text).unwrap_or_default();
    let is_word = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric());
    match (format, kind) {
        (InputFormat::Kops, "InstanceGroup") => "a kOps instance group".to_owned(),
        (InputFormat::OpenShift, "HostedCluster") => "a HostedCluster of HyperShift".to_owned(),
        (InputFormat::OpenShift, "HostedControlPlane") => {
            "a HostedControlPlane of HyperShift".to_owned()
        }
        (InputFormat::Gardener, "Garden") => "a Garden of Gardener".to_owned(),
        (InputFormat::Kubermatic, "ClusterTemplate") => "a Kubermatic cluster template".to_owned(),
        (InputFormat::Kubermatic, "Seed") => "a Kubermatic seed".to_owned(),
        (InputFormat::K0rdent, "ClusterAuditPolicy") => "a k0rdent ClusterAuditPolicy".to_owned(),
        (InputFormat::Talos, "KubeAuditPolicyConfig") => {
            "a KubeAuditPolicyConfig of Talos".to_owned()
        }
        (InputFormat::Flags, _) => "a MicroK8s launch configuration".to_owned(),
        (InputFormat::Ansible, _) => ansible::title(root).to_owned(),
        (InputFormat::Unknown, _) if is_word => {
            let vowel = kind.starts_with(['A', 'E', 'I', 'O', 'U']);
            format!("{} {kind}", if vowel { "an" } else { "a" })
        }
        (InputFormat::Unknown, _) => UNKNOWN.to_owned(),
        _ => format.title().to_owned(),
    }
}
