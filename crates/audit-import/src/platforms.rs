//! Detects configurations of k0s, k0sctl, k0rdent, k3d, Gardener and OpenShift by their API groups, or parts of one by their fields, and calls their
//! readers.

use audit_policy::document::Node;

use crate::parsed_input::{Lines, ParsedInput};
use crate::pod::text_of;
use crate::{gardener, k0s, k3d, microk8s, openshift};

/// Maximum number of items of a list that are inspected.
const MAX_INSPECTED: usize = 50;

/// Reads a document of one of these platforms, or the first such item of a list. `None` if it is not one.
pub(crate) fn read(
    root: Node<'_>,
    version: &str,
    kind: &str,
    lines: &Lines<'_>,
) -> Option<ParsedInput> {
    if version.is_empty() {
        return part(root, lines);
    }
    if kind.ends_with("List") {
        let items = root.get("items").into_iter().flat_map(Node::items);
        return items.take(MAX_INSPECTED).find_map(|item| {
            let (version, kind) = (text_of(item, "apiVersion"), text_of(item, "kind"));
            object(item, &version, &kind, lines)
        });
    }
    object(root, version, kind, lines)
}

/// Reads a part of a document, without its version and kind.
fn part(root: Node<'_>, lines: &Lines<'_>) -> Option<ParsedInput> {
    let has = |path: &[&str]| root.at_path(path).is_some();
    if has(&["spec", "k0s", "config"]) {
        Some(k0s::k0sctl(root, lines))
    } else if has(&["spec", "api", "extraArgs"]) || has(&["spec", "api", "rawArgs"]) {
        Some(k0s::cluster_config(root, lines))
    } else if has(&["options", "k3s", "extraArgs"]) || has(&["options", "k3s", "extraServerArgs"]) {
        Some(k3d::read(root, lines))
    } else if has(&["spec", "kubernetes", "kubeAPIServer", "auditConfig"]) {
        Some(gardener::read(root, lines))
    } else if has(&["spec", "audit", "profile"]) || has(&["spec", "audit", "customRules"]) {
        Some(openshift::read(root, lines))
    } else {
        microk8s::launch(root, lines)
    }
}

fn object(root: Node<'_>, version: &str, kind: &str, lines: &Lines<'_>) -> Option<ParsedInput> {
    let (group, _) = version.split_once('/')?;
    match (group, kind) {
        ("k0s.k0sproject.io", _) => Some(k0s::cluster_config(root, lines)),
        ("k0sctl.k0sproject.io", _) => Some(k0s::k0sctl(root, lines)),
        ("controlplane.cluster.x-k8s.io", "K0sControlPlane" | "K0sControlPlaneTemplate") => {
            Some(k0s::control_plane(root, lines))
        }
        ("controlplane.cluster.x-k8s.io", "K0smotronControlPlane") | ("k0smotron.io", _) => {
            Some(k0s::hosted(root, lines))
        }
        ("k0rdent.mirantis.com" | "hmc.mirantis.com", "ClusterDeployment" | "ManagedCluster") => {
            Some(k0s::k0rdent(root, lines))
        }
        ("k3d.io", _) => Some(k3d::read(root, lines)),
        ("core.gardener.cloud", "Shoot") | ("operator.gardener.cloud", "Garden") => {
            Some(gardener::read(root, lines))
        }
        ("config.openshift.io", "APIServer")
        | ("hypershift.openshift.io", "HostedCluster" | "HostedControlPlane") => {
            Some(openshift::read(root, lines))
        }
        _ => None,
    }
}
