//! Bodies that the server prints from its own Go types.

use std::borrow::Cow;

use audit_log::json;

/// API groups of kube-apiserver's own types. Custom resources keep null creation timestamps everywhere.
const OWN_GROUPS: [&str; 25] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "auditregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

/// Returns `kind` and `apiVersion` if they are the first two fields of a body, in this order: then the server encoded a Go type. Custom
/// resources are encoded from maps, with sorted keys.
pub(crate) fn printed_type(raw: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let mut members = json::raw_members(raw);
    let (kind_key, kind) = members.next()?;
    if kind_key != "\"kind\"" {
        return None;
    }
    let (version_key, version) = members.next()?;
    if version_key != "\"apiVersion\"" {
        return None;
    }
    Some((json::string(kind)?, json::string(version)?))
}

/// Returns `true` if the body is an object of one of the server's own types, printed from it.
pub(crate) fn has_own_type(raw: &str) -> bool {
    printed_type(raw).is_some_and(|(_, version)| {
        let group = version.split_once('/').map_or("", |(group, _)| group);
        OWN_GROUPS.contains(&group)
    })
}

/// Returns `true` if the body is a list or a status, whose own metadata has no creation timestamp.
pub(crate) fn is_list(raw: &str) -> bool {
    printed_type(raw).is_some_and(|(kind, _)| kind.ends_with("List") || kind == "Status")
}
