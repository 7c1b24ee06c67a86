//! Detects configurations of k0s, k0sctl, k0rdent, k3d, Gardener and OpenShift by their API groups, and calls their readers.

use audit_policy::document::Node;

use crate::parsed_input::{Lines, ParsedInput};
use crate::{gardener, k0s, k3d, openshift};

/// Reads a document of one of these platforms. `None` if it is not one.
pub(crate) fn read(
    root: Node<'_>,
    version: &str,
    kind: &str,
    lines: &Lines<'_>,
) -> Option<ParsedInput> {
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
        ("core.gardener.cloud", "Shoot") => Some(gardener::read(root, lines)),
        ("config.openshift.io", "APIServer") | ("hypershift.openshift.io", "HostedCluster") => {
            Some(openshift::read(root, lines))
        }
        _ => None,
    }
}
