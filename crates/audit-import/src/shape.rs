//! What a readable document is, by its fields, and which reader it goes to.

use audit_policy::Severity;
use audit_policy::document::{Kind, Node};

use crate::found::{Found, Lines, scalar};
use crate::{Source, distributions, kubeadm, pod};

/// Items of a list that are looked at to tell what it is.
const MAX_LOOKED: usize = 50;

/// Reads a document of a known shape; nothing for one that is none of them.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> Option<Found> {
    match root.kind() {
        Kind::Object => object(root, lines),
        Kind::List => list(root, lines),
        _ => None,
    }
}

fn object(root: Node<'_>, lines: &Lines<'_>) -> Option<Found> {
    let has = |name: &str| root.field(name).is_some();
    let text = |name: &str| root.get(name).map(scalar).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    if let Some(found) = records(root, version, kind, lines) {
        return Some(found);
    }
    if version.starts_with("kind.x-k8s.io/") || has("kubeadmConfigPatches") {
        return Some(distributions::kind(root, lines));
    }
    if distributions::kubeadm_spec(root).is_some() {
        return Some(distributions::cluster_api(root, lines));
    }
    if kind == "ConfigMap" {
        return config_map(root, lines);
    }
    if has("kube-apiserver-arg") || has("kube-apiserver-arg+") || has("audit-policy-file") {
        return Some(distributions::rancher(root, lines));
    }
    if root.at_path(&["cluster", "apiServer"]).is_some() || kind == "KubeAuditPolicyConfig" {
        return Some(distributions::talos(root, lines));
    }
    let is_kubeadm = version.starts_with("kubeadm.k8s.io/")
        || kind == "ClusterConfiguration"
        || has("apiServer")
        || has("extraArgs")
        || has("extraVolumes");
    if is_kubeadm {
        return Some(kubeadm::read(root, lines));
    }
    if kind == "PodList" || (kind == "List" && has("items")) {
        return Some(pod::read_list(root, lines));
    }
    let is_pod = kind == "Pod" || pod::spec(root).is_some() || pod::is_container(root);
    is_pod.then(|| pod::read(root, lines, Source::Manifest))
}

/// What is recorded, and what says what is recorded: documents about auditing that hold no flags.
fn records(root: Node<'_>, version: &str, kind: &str, lines: &Lines<'_>) -> Option<Found> {
    let is_policy = (kind == "Policy" && version.starts_with("audit.k8s.io/"))
        || root.get("rules").is_some_and(|rules| {
            let mut rules = rules.items().take(MAX_LOOKED);
            rules.any(|rule| rule.field("level").is_some())
        });
    if is_policy {
        let mut found = Found::new(Source::Policy);
        found.policy = lines.all_of(root);
        return Some(found);
    }
    let is_events = version.starts_with("audit.k8s.io/") || root.field("auditID").is_some();
    is_events.then(|| Found::new(Source::Events))
}

/// The ConfigMap in which kubeadm keeps its configuration.
fn config_map(root: Node<'_>, lines: &Lines<'_>) -> Option<Found> {
    let data = root.at_path(&["data", "ClusterConfiguration"])?;
    let (text, inner) = lines.within(data)?;
    match audit_policy::document::Document::read(text) {
        Ok(document) => Some(kubeadm::read(document.root()?, &inner)),
        Err(error) => {
            let mut found = Found::new(Source::Unknown);
            found.say(
                "AE019",
                Severity::Error,
                inner.at(error.span),
                format!(
                    "the configuration in the ConfigMap cannot be read: {}",
                    error.message
                ),
                "kubeadm does not read it either",
            );
            Some(found)
        }
    }
}

/// A list by itself: a part of a manifest.
fn list(root: Node<'_>, lines: &Lines<'_>) -> Option<Found> {
    let items = || root.items().take(MAX_LOOKED);
    let any = |name: &str| items().any(|item| item.field(name).is_some());
    let of = |name: &str, kind: Kind| {
        items().any(|item| item.get(name).is_some_and(|value| value.kind() == kind))
    };
    let mut found = Found::new(Source::Manifest);
    if any("auditID") {
        return Some(Found::new(Source::Events));
    }
    if any("level") {
        return Some(Found::new(Source::Policy));
    }
    if of("hostPath", Kind::Text) {
        found.source = Source::KubeadmV1beta3;
        kubeadm::extra_volumes(root, lines, &mut found);
    } else if any("mountPath") {
        pod::volume_mounts(root, lines, &mut found);
    } else if any("hostPath") || any("emptyDir") || any("configMap") {
        pod::volume_list(root, lines, &mut found);
    } else if let Some(container) = items().find(|item| pod::is_container(*item)) {
        pod::container(container, lines, &mut found);
    } else if any("name") && any("value") && !any("path") {
        found.source = Source::KubeadmV1beta4;
        kubeadm::extra_args(root, kubeadm::Arguments::List, lines, &mut found);
    } else {
        return None;
    }
    Some(found)
}
