//! Distinguishes RKE2's configuration from that of k3s, and reads what its profile sets.
//!
//! From RKE2's source (`pkg/executor/staticpod`, `pkg/podtemplate`): with a CIS profile and no `audit-policy-file`, the policy is
//! `/etc/rancher/rke2/audit-policy.yaml`. If the file does not exist, RKE2 writes one whose only rule has the level None. The profile `etcd` sets no audit flags.

use apiserver_config::platforms::{RKE2_LOG, RKE2_POLICY, ROTATION_FLAGS};
use audit_policy::document::{Field, Node};
use audit_types::excerpt::excerpt;
use audit_types::{KubernetesVersion, Severity};

use crate::cis_profile::{CisProfile, OwnPolicy};
use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, scalar};

/// Keys that only RKE2 has, from its reference of the server's configuration.
const OF_RKE2: [&str; 10] = [
    "audit-policy-file",
    "cni",
    "control-plane-probe-configuration",
    "control-plane-resource-limits",
    "control-plane-resource-requests",
    "ingress-controller",
    "kube-apiserver-extra-env",
    "kube-apiserver-extra-mount",
    "kube-apiserver-image",
    "pod-security-admission-config-file",
];

/// Keys that only k3s has.
const OF_K3S: [&str; 7] = [
    "cluster-init",
    "default-local-storage-path",
    "disable-network-policy",
    "docker",
    "flannel-backend",
    "flannel-iface",
    "servicelb-namespace",
];

/// Flags of a server that k3s and RKE2 share, from the references of their server's configuration. Agents do not have them.
const OF_SERVERS: [&str; 21] = [
    "cluster-cidr",
    "cluster-dns",
    "cluster-init",
    "cluster-reset",
    "cni",
    "datastore-endpoint",
    "disable",
    "disable-cloud-controller",
    "disable-kube-proxy",
    "etcd-expose-metrics",
    "etcd-snapshot-retention",
    "etcd-snapshot-schedule-cron",
    "flannel-backend",
    "kube-controller-manager-arg",
    "kube-scheduler-arg",
    "profile",
    "secrets-encryption",
    "service-cidr",
    "tls-san",
    "write-kubeconfig",
    "write-kubeconfig-mode",
];

/// Flags of servers and agents.
const OF_NODES: [&str; 11] = [
    "data-dir",
    "kubelet-arg",
    "node-ip",
    "node-label",
    "node-name",
    "node-taint",
    "private-registry",
    "protect-kernel-defaults",
    "selinux",
    "server",
    "token",
];

/// Names of CIS profiles with the first and the last minor version that accepts them. From RKE2's source (`isCISMode` in `pkg/rke2/rke2.go`): 1.25 replaced
/// `cis-1.5` and `cis-1.6` by `cis-1.23` (rancher/rke2#3282, #4481), to which October 2023's patch releases added `cis` (#4708); 1.30 made `cis-1.23` a
/// fatal error (#5781).
const CIS_PROFILES: [(&str, u8, u8); 4] = [
    ("cis-1.5", 0, 24),
    ("cis-1.6", 0, 24),
    ("cis-1.23", 25, 29),
    ("cis", 25, u8::MAX),
];

/// Maximum number of values that are searched for paths.
const MAX_VALUES: usize = 1_000;

/// Returns whether a document is the configuration of a k3s or RKE2 server: it passes flags to kube-apiserver, or has a profile, or two flags of
/// which one is only a server's.
pub(crate) fn is_configuration(root: Node<'_>) -> bool {
    let has = |name: &str| root.field(name).is_some();
    if [
        "kube-apiserver-arg",
        "kube-apiserver-arg+",
        "audit-policy-file",
    ]
    .iter()
    .any(|name| has(name))
    {
        return true;
    }
    let of_servers = OF_SERVERS.iter().filter(|name| has(name)).count();
    let of_nodes = OF_NODES.iter().filter(|name| has(name)).count();
    let has_two = of_servers > 0 && of_servers + of_nodes > 1;
    // Other programs have profiles next to other fields.
    let is_only_profile = is_profile(root) && root.fields().nth(1).is_none();
    !has("kind") && (has_two || is_only_profile)
}

/// Returns whether a document has a profile that RKE2 has or had.
fn is_profile(root: Node<'_>) -> bool {
    let profile = root.get("profile").map(scalar).unwrap_or_default();
    profile == "cis" || profile.starts_with("cis-") || profile == "etcd"
}

/// Returns whether a configuration is RKE2's: by its keys, or else by paths in its values.
pub(crate) fn is_rke2(root: Node<'_>) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| root.field(name).is_some());
    if has(&OF_RKE2) {
        return true;
    }
    let values = root
        .fields()
        .flat_map(|field| std::iter::once(field.value).chain(field.value.items()));
    let mut is_rke2 = false;
    for text in values.take(MAX_VALUES).map(scalar) {
        // Its charts, such as `rke2-ingress-nginx` in `disable`, have names of their own.
        is_rke2 |= text.contains("rancher/rke2") || text.starts_with("rke2-");
        if text.contains("rancher/k3s") {
            return false;
        }
    }
    is_rke2 || (root.field("profile").is_some() && !has(&OF_K3S))
}

/// Returns how a configuration sets the policy. `None` if it does not.
pub(crate) fn own_policy(root: Node<'_>) -> Option<OwnPolicy> {
    let lists = ["kube-apiserver-arg", "kube-apiserver-arg+"];
    let arguments = lists.iter().filter_map(|name| root.get(name));
    let mut arguments = arguments.flat_map(|list| list.items().chain(Some(list)));
    let is_policy = |text: &str| {
        let bare = text.trim_start_matches('-');
        bare.starts_with("audit-policy-file=")
    };
    // An argument comes after the flags that RKE2 adds, and the server uses the last one.
    if arguments.any(|item| item.text().is_some_and(is_policy)) {
        return Some(OwnPolicy::Argument);
    }
    let own = root.get("audit-policy-file")?;
    Some(if scalar(own).trim_end().contains('\n') {
        OwnPolicy::Text
    } else {
        OwnPolicy::Path
    })
}

/// Reads the profile. `policy` says how the configuration, or another part of it, sets the policy.
pub(crate) fn profile(
    root: Node<'_>,
    policy: Option<OwnPolicy>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let Some(field) = root.field("profile") else {
        return;
    };
    let line = lines.at(field.key);
    if found.format == InputFormat::K3s {
        found.report(
            ImportCode::Profile,
            Severity::Warning,
            line,
            "k3s has no profiles",
            "only RKE2 has: k3s sets no audit flags by itself, so add `audit-policy-file=…` and `audit-log-path=…` to `kube-apiserver-arg`",
        );
        return;
    }
    named(field, policy, lines, found);
}

/// Reads a profile of RKE2 by its name. `policy` says how the policy is set.
pub(crate) fn named(
    field: Field<'_>,
    policy: Option<OwnPolicy>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let (name, line) = (scalar(field.value), lines.at(field.key));
    let shown = excerpt(name);
    if name == "etcd" {
        found.report(
            ImportCode::Profile,
            Severity::Info,
            line,
            "the profile `etcd` sets no audit flags",
            "set `audit-policy-file`, which makes RKE2 write a log",
        );
        return;
    }
    let Some((_, since, until)) = CIS_PROFILES.iter().find(|(known, ..)| *known == name) else {
        found.report(
            ImportCode::Profile,
            Severity::Error,
            line,
            format!("unknown profile `{shown}`"),
            "RKE2 does not start with it: use `cis`; up to 1.29 also `cis-1.23`, and up to 1.24 `cis-1.6`",
        );
        return;
    };
    if policy.is_none() {
        found.defaults.push(("audit-policy-file", RKE2_POLICY));
    }
    if !matches!(policy, Some(OwnPolicy::Path | OwnPolicy::Text)) {
        found.defaults.push(("audit-log-path", RKE2_LOG));
        found.defaults.extend(ROTATION_FLAGS);
    }
    found.profiles.push(CisProfile {
        name: shown,
        versions: (*since, *until),
        policy,
        is_file_named: false,
        line,
    });
}

/// Reports what the CIS profiles of a text set, and whether RKE2 of a version has them.
pub(crate) fn report(text: &str, found: &mut ParsedInput, version: KubernetesVersion) {
    let is_file_named = text.contains(RKE2_POLICY);
    for mut profile in std::mem::take(&mut found.profiles) {
        profile.is_file_named = is_file_named;
        let CisProfile { name, line, .. } = &profile;
        let sets = profile.sets();
        let (severity, message, help) = match profile.unaccepted(version) {
            Some(accepted) => (
                Severity::Warning,
                format!("RKE2 {version} does not start with the profile `{name}`: {accepted}"),
                format!("{}; {}", usual_name(version), sets.join("; ")),
            ),
            None => {
                let [message, help] = sets;
                (Severity::Info, message, help + profile.until(version))
            }
        };
        found.report(ImportCode::Profile, severity, *line, message, help);
    }
}

/// Returns the name of the profile in a version.
fn usual_name(version: KubernetesVersion) -> &'static str {
    match version.minor() {
        ..=24 => "write `cis-1.6`",
        25..=28 => "write `cis`, or `cis-1.23` before the patch releases of October 2023",
        _ => "write `cis`",
    }
}
