//! Reads configurations of programs that start a kube-apiserver: kind, Cluster API, k3s, RKE2, Talos.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use apiserver_config::paths::components;
use apiserver_config::platforms::{self, ROTATION_FLAGS};
use audit_policy::document::{Document, Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::input_format::InputFormat;
use crate::kubeadm::{self, Arguments};
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::pod::text_of;
use crate::rke2_profile;
use crate::shell_words::ShellWord;
use crate::talos_mounts;
use crate::volumes::{VolumeMount, VolumeSource, deepest};

/// Maximum number of patches of a kind cluster that are read.
const MAX_PATCHES: usize = 1_000;

/// Reads a kind cluster: its kubeadm patches and the mounts of its nodes.
pub(crate) fn kind(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Kind);
    let nodes = || root.get("nodes").into_iter().flat_map(Node::items);
    let holders = std::iter::once(root).chain(nodes());
    let patches = holders
        .filter_map(|holder| holder.get("kubeadmConfigPatches"))
        .flat_map(Node::items)
        .take(MAX_PATCHES);
    let mut version: Option<String> = None;
    for patch in patches {
        let Some((text, inner)) = lines.within(patch) else {
            continue;
        };
        let document = match Document::read(text) {
            Ok(document) => document,
            Err(error) => {
                found.report(
                    ImportCode::UnreadableText,
                    Severity::Error,
                    inner.at(error.span),
                    format!("the patch cannot be read: {}", error.message),
                    "kind does not create the cluster with it",
                );
                continue;
            }
        };
        let Some(patch) = document.root() else {
            continue;
        };
        // Of a patch in two versions, kind applies the one for its kubeadm.
        let its_version = text_of(patch, "apiVersion");
        if patch.field("apiServer").is_none() || version.as_ref().is_some_and(|v| *v != its_version)
        {
            continue;
        }
        let inner_found = kubeadm::read(patch, &inner);
        found.add(ParsedInput {
            format: InputFormat::Kind,
            ..inner_found
        });
        version = Some(its_version);
    }
    node_mounts(nodes(), lines, &mut found);
    found
}

/// Reports a policy that is not mounted into the node, which is a container itself.
fn node_mounts<'d>(
    nodes: impl Iterator<Item = Node<'d>>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let mut outer = Vec::new();
    for node in nodes {
        for mount in node.get("extraMounts").into_iter().flat_map(Node::items) {
            outer.push(VolumeMount {
                name: text_of(mount, "hostPath"),
                path: text_of(mount, "containerPath"),
                read_only: mount.get("readOnly").is_some_and(Node::is_true),
                sub_path: None,
                line: lines.of(mount),
            });
        }
    }
    let Some(mount) = policy_path(found).and_then(|path| deepest(path, &found.mounts)) else {
        return;
    };
    let (name, line) = (mount.name.clone(), mount.line);
    let volume = found.volumes.iter().find(|volume| volume.name == name);
    let Some(VolumeSource::Host { path, .. }) = volume.map(|volume| &volume.source) else {
        return;
    };
    let is_there = outer.iter().any(|mount| {
        let path = components(path);
        let mount = components(&mount.path);
        path.starts_with(&mount) || mount.starts_with(&path)
    });
    if !is_there {
        let message = format!(
            "the policy `{}` is not mounted into the node",
            excerpt(path)
        );
        found.report(
            SettingCode::OutsideMounts,
            Severity::Error,
            line,
            message,
            "a kind node is a container: mount the file with `extraMounts` of each control-plane node",
        );
    }
}

/// Returns the policy's path in the flags.
fn policy_path(found: &ParsedInput) -> Option<&str> {
    let words = found.words.iter().rev();
    words
        .filter_map(|word| word.text.strip_prefix("--audit-policy-file="))
        .find(|path| !path.is_empty())
}

/// Paths of kubeadm's configuration in Cluster API objects.
const SPECS: [&[&str]; 5] = [
    &["spec", "kubeadmConfigSpec"],
    &["spec", "template", "spec", "kubeadmConfigSpec"],
    &["spec", "template", "spec"],
    &["spec"],
    &["kubeadmConfigSpec"],
];

/// Returns the object with `clusterConfiguration` in a Cluster API object.
pub(crate) fn kubeadm_spec(root: Node<'_>) -> Option<Node<'_>> {
    SPECS
        .iter()
        .filter_map(|path| root.at_path(path))
        .find(|spec| spec.field("clusterConfiguration").is_some())
}

/// Reads a Cluster API object.
pub(crate) fn cluster_api(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::ClusterApi);
    let Some(spec) = kubeadm_spec(root) else {
        return found;
    };
    let version = text_of(root, "apiVersion");
    let arguments = if version.ends_with("/v1beta2") {
        Arguments::List
    } else if version.contains("/v1") {
        Arguments::Map
    } else {
        Arguments::Either
    };
    if let Some(server) = spec.at_path(&["clusterConfiguration", "apiServer"]) {
        kubeadm::api_server(server, arguments, lines, &mut found);
        found.has_all_mounts = true;
        found.has_all_volumes = true;
    }
    found
}

/// Returns whether the configuration is one of k3s or of RKE2, by its keys or paths.
pub(crate) fn rancher_format(root: Node<'_>) -> InputFormat {
    if rke2_profile::is_rke2(root) {
        InputFormat::Rke2
    } else {
        InputFormat::K3s
    }
}

/// Reads the configuration of a k3s or RKE2 server. It has no mounts: the server is a process of the node, or gets them from RKE2.
pub(crate) fn rancher(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let own = root.field("audit-policy-file");
    let mut found = ParsedInput::new(rancher_format(root));
    rke2_profile::profile(root, lines, &mut found);
    if let Some(own) = own {
        // Flags that RKE2 sets by itself if there is a policy.
        found.defaults.push(("audit-log-path", platforms::RKE2_LOG));
        found.defaults.extend(ROTATION_FLAGS);
        found.argument(own.name, scalar(own.value), lines.at(own.key));
    }
    // The second adds to the first, also in the same file.
    let lists = ["kube-apiserver-arg", "kube-apiserver-arg+"];
    let lists = lists.into_iter().filter_map(|name| root.get(name));
    let items = lists.flat_map(|list| {
        let own = Some(list).filter(|node| node.kind() == Kind::Text);
        list.items().chain(own)
    });
    for item in items {
        let (text, line) = (scalar(item), lines.of(item));
        // Both remove dashes before they add their own.
        if let Some((name, value)) = text.trim_start_matches('-').split_once('=') {
            found.argument(name, value, line);
        } else if apiserver_config::placeholder(text).is_some() {
            // Arguments that the text does not contain.
            found.words.push(ShellWord {
                text: text.to_owned(),
                line,
            });
        } else if text.contains("audit-") {
            found.report(
                ImportCode::WrongFormat,
                Severity::Error,
                line,
                format!("the argument `{}` has no `=`", excerpt(text)),
                "write it as `name=value`, without dashes",
            );
        }
    }
    found
}

/// Reads a Talos machine configuration: it contains the policy, and Talos sets the paths of policy and log.
pub(crate) fn talos(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Talos);
    if text_of(root, "kind") == "KubeAuditPolicyConfig" {
        found.policy = root
            .field("configuration")
            .and_then(|field| lines.below(field));
        return found;
    }
    let Some(server) = root.at_path(&["cluster", "apiServer"]) else {
        return found;
    };
    found.defaults = vec![
        ("audit-policy-file", platforms::TALOS_POLICY),
        ("audit-log-path", platforms::TALOS_LOG),
    ];
    found.defaults.extend(ROTATION_FLAGS);
    if let Some(arguments) = server.get("extraArgs") {
        kubeadm::extra_args(arguments, Arguments::Either, lines, &mut found);
    }
    talos_mounts::read(server, lines, &mut found);
    found.policy = server
        .field("auditPolicy")
        .and_then(|field| lines.below(field));
    found
}
