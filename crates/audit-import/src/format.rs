//! Detects the format of a document by its fields, and calls its reader.

use crate::codes::ImportCode;
use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, NamedServer, ParsedInput, scalar};
use crate::{
    distributions, json_patch, kind_cluster, kubeadm, kubeconfig, minikube, platforms, pod,
    process, readers, recognize, talhelper,
};

/// Maximum number of list items that are inspected.
const MAX_INSPECTED: usize = 50;

/// Reads a document. `None` if it has no known format.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> Option<ParsedInput> {
    match root.kind() {
        Kind::Object => {
            let mut found = object(root, lines)?;
            if let Some(server) = server_of(root, lines) {
                found.server = Some(server);
            }
            Some(found)
        }
        Kind::List => list(root, lines),
        _ => None,
    }
}

/// Reads a patch. Several patches of an object are of one server.
fn read_patch(root: Node<'_>, lines: &Lines<'_>) -> Option<ParsedInput> {
    let mut found = read(root, lines)?;
    found.server = None;
    Some(found)
}

/// Returns the server that an object of Kubernetes configures, by its kind and name. `None` for a document without a name.
fn server_of(root: Node<'_>, lines: &Lines<'_>) -> Option<NamedServer> {
    let kind = root.get("kind").and_then(Node::text)?;
    // The documents in them are those of servers.
    if matches!(kind, "ConfigMap" | "Secret") {
        return None;
    }
    let name = root.at_path(&["metadata", "name"]).and_then(Node::text)?;
    let server = pod::server(root);
    Some(NamedServer {
        title: format!("the {} `{}`", excerpt(kind), excerpt(name)),
        is_whole: server.is_some_and(|server| process::runs_server(server.container)),
        line: lines.of(root),
    })
}

fn object(root: Node<'_>, lines: &Lines<'_>) -> Option<ParsedInput> {
    let text = |name: &str| root.get(name).map(scalar).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    if let Some(found) = policy_or_events(root, version, kind) {
        return Some(found);
    }
    if let Some(found) = config_map(root, lines).filter(|_| kind == "ConfigMap") {
        return Some(found);
    }
    if recognize::kind::is_list(root) {
        return platforms::read(root, version, kind, lines)
            .or_else(|| pod::read_list(root, lines, read));
    }
    let format = recognize::kind::of(root);
    if let Some(found) = readers::read(format, root, lines, read) {
        return Some(found);
    }
    match format {
        InputFormat::K3s | InputFormat::Rke2 => return Some(distributions::rancher(root, lines)),
        InputFormat::Minikube => return Some(minikube::read(root, lines)),
        InputFormat::Kustomization => {
            return Some(readers::contents::read(format, root, lines, read_patch));
        }
        // Their flags are read line by line.
        InputFormat::Compose | InputFormat::Ansible => return None,
        _ => {}
    }
    if let Some(found) = platforms::read(root, version, kind, lines) {
        return Some(found);
    }
    if kubeconfig::is_kubeconfig(root, kind) {
        return Some(kubeconfig::read(root, lines));
    }
    by_fields(root, format, lines)
}

/// Reads an object of a format that its fields decide, as long as no other reader knows it.
fn by_fields(root: Node<'_>, format: InputFormat, lines: &Lines<'_>) -> Option<ParsedInput> {
    let has = |name: &str| root.field(name).is_some();
    let text = |name: &str| root.get(name).map(scalar).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    if version.starts_with("kind.x-k8s.io/")
        || has("kubeadmConfigPatches")
        || has("kubeadmConfigPatchesJSON6902")
    {
        return Some(kind_cluster::read(root, lines));
    }
    let is_kubeadm_object = format == InputFormat::ClusterApi && kind.starts_with("Kubeadm");
    if distributions::kubeadm_spec(root).is_some()
        || distributions::has_files(root, format)
        || is_kubeadm_object
    {
        return Some(distributions::cluster_api(root, lines, read));
    }
    if talhelper::is_configuration(root) {
        return Some(talhelper::read(root, lines));
    }
    let has_files = format == InputFormat::Talos && root.at_path(&["machine", "files"]).is_some();
    let has_server = root.at_path(&["cluster", "apiServer"]).is_some();
    let is_part = format == InputFormat::Talos
        && matches!(kind, "KubeAuditPolicyConfig" | "KubeAPIServerConfig");
    if has_server || has_files || is_part {
        return Some(distributions::talos(root, lines));
    }
    let is_kubeadm = version.starts_with("kubeadm.k8s.io/")
        || kind == "ClusterConfiguration"
        || kind == "MasterConfiguration"
        || recognize::kind::is_kubeadm_part(root);
    if is_kubeadm {
        return Some(kubeadm::read(root, lines));
    }
    let is_pod = kind == "Pod" || pod::spec(root).is_some() || pod::is_container(root);
    is_pod.then(|| pod::read(root, lines, InputFormat::Manifest))
}

/// Reads audit events and policies, which contain no flags. A policy is found when the text is recognized.
fn policy_or_events(root: Node<'_>, version: &str, kind: &str) -> Option<ParsedInput> {
    let is_policy = (kind == "Policy" && version.starts_with("audit.k8s.io/"))
        || root.get("rules").is_some_and(|rules| {
            let mut rules = rules.items().take(MAX_INSPECTED);
            rules.any(|rule| rule.field("level").is_some())
        });
    if is_policy {
        return Some(ParsedInput::new(InputFormat::Policy));
    }
    let is_events = version.starts_with("audit.k8s.io/") || root.field("auditID").is_some();
    is_events.then(|| ParsedInput::new(InputFormat::Events))
}

/// Reads the ConfigMap in which kubeadm stores its configuration.
fn config_map(root: Node<'_>, lines: &Lines<'_>) -> Option<ParsedInput> {
    let data = root.at_path(&["data", "ClusterConfiguration"])?;
    let (text, inner) = lines.within(data)?;
    match audit_policy::document::Document::read(text) {
        Ok(document) => Some(kubeadm::read(document.root()?, &inner)),
        Err(error) => {
            let mut found = ParsedInput::new(InputFormat::Unknown);
            found.report(
                ImportCode::UnreadableText,
                Severity::Error,
                inner.at(error.span),
                format!(
                    "the configuration in the ConfigMap cannot be read: {}",
                    error.message
                ),
                "kubeadm cannot read it either",
            );
            Some(found)
        }
    }
}

/// Reads a list on its own: a part of a manifest.
fn list(root: Node<'_>, lines: &Lines<'_>) -> Option<ParsedInput> {
    match recognize::kind::of(root) {
        InputFormat::JsonPatch => return Some(json_patch::read(root, lines)),
        InputFormat::Ansible => return None,
        _ => {}
    }
    let items = || root.items().take(MAX_INSPECTED);
    let any = |name: &str| items().any(|item| item.field(name).is_some());
    let of = |name: &str, kind: Kind| {
        items().any(|item| item.get(name).is_some_and(|value| value.kind() == kind))
    };
    let mut found = ParsedInput::new(InputFormat::Manifest);
    if any("auditID") {
        return Some(ParsedInput::new(InputFormat::Events));
    }
    if any("level") {
        return Some(ParsedInput::new(InputFormat::Policy));
    }
    if of("hostPath", Kind::Text) {
        found.format = InputFormat::KubeadmV1beta3;
        kubeadm::extra_volumes(root, lines, &mut found);
    } else if any("mountPath") {
        pod::volume_mounts(root, lines, &mut found);
    } else if any("hostPath") || any("emptyDir") || any("configMap") {
        pod::volume_list(root, lines, &mut found);
    } else if let Some(container) = items().find(|item| pod::is_container(*item)) {
        pod::container(container, lines, &mut found);
    } else if any("name") && any("value") && !any("path") {
        found.format = InputFormat::KubeadmV1beta4;
        kubeadm::extra_args(root, kubeadm::Arguments::List, lines, &mut found);
    } else {
        return None;
    }
    Some(found)
}
