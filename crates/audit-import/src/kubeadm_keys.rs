//! Reports misspelled fields of kubeadm's configuration and of the Cluster API objects around it, as far as they are about the server and its files.
//!
//! Fields of kubeadm v1beta1 to v1beta4 and of Cluster API v1alpha4 to v1beta2. kubeadm ignores others with a warning; the API server drops or rejects them.

use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;
use audit_types::spelling::is_similar;

use crate::codes::ImportCode;
use crate::parsed_input::{Lines, ParsedInput};
use crate::pod::text_of;

/// Maximum number of fields of an object, and of items of a list, that are compared.
const MAX_COMPARED: usize = 200;

/// Length from which the start of a name stands for it, as `clusterConfig` does.
const MIN_START: usize = 8;

/// Fields of a ClusterConfiguration.
const CLUSTER: [&str; 19] = [
    "apiServer",
    "apiVersion",
    "caCertificateValidityPeriod",
    "certificateValidityPeriod",
    "certificatesDir",
    "clusterName",
    "controlPlaneEndpoint",
    "controllerManager",
    "dns",
    "encryptionAlgorithm",
    "etcd",
    "featureGates",
    "imageRepository",
    "kind",
    "kubernetesVersion",
    "networking",
    "proxy",
    "scheduler",
    "useHyperKubeImage",
];

/// Fields of the server.
const SERVER: [&str; 5] = [
    "certSANs",
    "extraArgs",
    "extraEnvs",
    "extraVolumes",
    "timeoutForControlPlane",
];

/// Fields of a volume of the server.
const VOLUME: [&str; 6] = [
    "hostPath",
    "mountPath",
    "name",
    "pathType",
    "readOnly",
    // Reported as one of v1alpha.
    "writable",
];

/// Fields of a KubeadmConfigSpec.
const CONFIG_SPEC: [&str; 16] = [
    "bootCommands",
    "clusterConfiguration",
    "diskSetup",
    "files",
    "format",
    "ignition",
    "initConfiguration",
    "joinConfiguration",
    "mounts",
    "ntp",
    "postKubeadmCommands",
    "preKubeadmCommands",
    "useExperimentalRetryJoin",
    "users",
    "verbosity",
    "template",
];

/// Fields of a file of a node.
const FILE: [&str; 7] = [
    "append",
    "content",
    "contentFrom",
    "encoding",
    "owner",
    "path",
    "permissions",
];

/// Checks a ClusterConfiguration.
pub(crate) fn cluster(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    fields(root, &CLUSTER, lines, found);
}

/// Checks the server's part.
pub(crate) fn server(server: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    fields(server, &SERVER, lines, found);
    items(server, "extraVolumes", &VOLUME, lines, found);
}

/// Checks a KubeadmControlPlane, a KubeadmConfig or a template of either.
pub(crate) fn cluster_api(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let kind = text_of(root, "kind");
    if !kind.starts_with("Kubeadm") {
        return;
    }
    let is_template = kind.ends_with("Template");
    let path: &[&str] = if is_template {
        &["spec", "template", "spec"]
    } else {
        &["spec"]
    };
    let Some(spec) = root.at_path(path) else {
        return;
    };
    let config = if kind.starts_with("KubeadmControlPlane") {
        fields(spec, &["kubeadmConfigSpec"], lines, found);
        spec.get("kubeadmConfigSpec")
    } else {
        Some(spec)
    };
    let Some(config) = config else { return };
    fields(config, &CONFIG_SPEC, lines, found);
    items(config, "files", &FILE, lines, found);
    if let Some(configuration) = config.get("clusterConfiguration") {
        cluster(configuration, lines, found);
    }
}

fn items(object: Node<'_>, list: &str, known: &[&str], lines: &Lines<'_>, found: &mut ParsedInput) {
    let items = object.get(list).into_iter().flat_map(Node::items);
    for item in items.take(MAX_COMPARED) {
        fields(item, known, lines, found);
    }
}

/// Reports the fields of an object that are similar to a known one which it lacks.
fn fields(object: Node<'_>, known: &[&str], lines: &Lines<'_>, found: &mut ParsedInput) {
    if object.kind() != Kind::Object {
        return;
    }
    for field in object.fields().take(MAX_COMPARED) {
        if known.contains(&field.name) {
            continue;
        }
        let mut similar = known.iter().filter(|name| object.field(name).is_none());
        let Some(meant) = similar.find(|name| is_meant(field.name, name)) else {
            continue;
        };
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.at(field.key),
            format!("unknown field `{}`", excerpt(field.name)),
            format!("it is ignored or rejected; did you mean `{meant}`?"),
        );
    }
}

/// Returns whether a name is probably a misspelled known one: by a few letters, or one of both is the start of the other.
fn is_meant(name: &str, known: &str) -> bool {
    let is_start = |start: &str, whole: &str| start.len() >= MIN_START && whole.starts_with(start);
    is_similar(name, known) || is_start(name, known) || is_start(known, name)
}
