//! Reads a kind cluster: its kubeadm patches, of both forms, and the mounts of its nodes. Source: the page "Configuration" of kind's documentation
//! (`kubeadmConfigPatches`, `kubeadmConfigPatchesJSON6902`, `extraMounts`).

use apiserver_config::SettingCode;
use apiserver_config::paths::components;
use audit_policy::document::{Document, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput};
use crate::pod::text_of;
use crate::volumes::{VolumeMount, VolumeSource, deepest};
use crate::{json_patch, kubeadm};

/// Maximum number of patches of a kind cluster that are read.
const MAX_PATCHES: usize = 1_000;

/// Reads a kind cluster.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Kind);
    let nodes: Vec<Node<'_>> = root
        .get("nodes")
        .into_iter()
        .flat_map(Node::items)
        .collect();
    let holders = || std::iter::once(root).chain(nodes.iter().copied());
    let of_holders = |name: &'static str| {
        let lists = holders().filter_map(move |holder| holder.get(name));
        lists.flat_map(Node::items).take(MAX_PATCHES)
    };
    let mut version: Option<String> = None;
    for patch in of_holders("kubeadmConfigPatches") {
        merge_patch(patch, lines, &mut version, &mut found);
    }
    // Older versions of kind spell it in the second way.
    for name in [
        "kubeadmConfigPatchesJSON6902",
        "kubeadmConfigPatchesJson6902",
    ] {
        for patch in of_holders(name) {
            operations(patch, lines, &mut version, &mut found);
        }
    }
    node_mounts(&nodes, lines, &mut found);
    found
}

/// Reads the text of a patch. An error is reported.
fn document<'t>(text: &'t str, inner: &Lines<'_>, found: &mut ParsedInput) -> Option<Document<'t>> {
    match Document::read(text) {
        Ok(document) => Some(document),
        Err(error) => {
            found.report(
                ImportCode::UnreadableText,
                Severity::Error,
                inner.at(error.span),
                format!("the patch cannot be read: {}", error.message),
                "kind does not create the cluster with it",
            );
            None
        }
    }
}

/// Reads a merge patch, a part of kubeadm's configuration.
fn merge_patch(
    patch: Node<'_>,
    lines: &Lines<'_>,
    version: &mut Option<String>,
    found: &mut ParsedInput,
) {
    let Some((text, inner)) = lines.within(patch) else {
        return;
    };
    let Some(document) = document(text, &inner, found) else {
        return;
    };
    let Some(patch) = document.root() else {
        return;
    };
    if patch.field("apiServer").is_none() || is_of_other_version(patch, "apiVersion", version) {
        return;
    }
    let read = kubeadm::read(patch, &inner);
    found.add(ParsedInput {
        format: InputFormat::Kind,
        ..read
    });
}

/// Returns `true` if a patch has another `apiVersion` than the patches before it. kind applies those of the version that its kubeadm uses, and
/// those without a version always.
fn is_of_other_version(patch: Node<'_>, field: &str, version: &mut Option<String>) -> bool {
    let its = text_of(patch, field);
    let its = its.rsplit('/').next().unwrap_or_default();
    if its.is_empty() {
        return false;
    }
    let known = version.get_or_insert_with(|| its.to_owned());
    *known != its
}

/// Reads a patch of operations (RFC 6902) for kubeadm's ClusterConfiguration.
fn operations(
    item: Node<'_>,
    lines: &Lines<'_>,
    version: &mut Option<String>,
    found: &mut ParsedInput,
) {
    let is_of_cluster = text_of(item, "kind") == "ClusterConfiguration";
    let Some((text, inner)) = item
        .get("patch")
        .filter(|_| is_of_cluster)
        .and_then(|patch| lines.within(patch))
    else {
        return;
    };
    let Some(document) = document(text, &inner, found) else {
        return;
    };
    let Some(list) = document.root() else {
        return;
    };
    let is_of_server = |operation: Node<'_>| text_of(operation, "path").starts_with("/apiServer");
    if !list.items().any(is_of_server) || is_of_other_version(item, "version", version) {
        return;
    }
    let mut read = json_patch::read(list, &inner);
    read.format = InputFormat::Kind;
    kubeadm::own_mounts(inner.of(list), &mut read);
    read.has_all_mounts = true;
    read.has_all_volumes = true;
    found.add(read);
}

/// Reports a policy that is not mounted into the control-plane nodes, which are containers themselves.
fn node_mounts(nodes: &[Node<'_>], lines: &Lines<'_>, found: &mut ParsedInput) {
    let Some(mount) = policy_path(found).and_then(|path| deepest(path, &found.mounts)) else {
        return;
    };
    let line = mount.line;
    let Some(path) = path_on_node(mount, found) else {
        return;
    };
    let has_policy = |node: &Node<'_>| {
        let mut mounts = mounted(node).into_iter();
        mounts.any(|mount| components(&path).starts_with(&components(&mount)))
    };
    let control_planes = || {
        let is_control_plane = |node: &&Node<'_>| text_of(**node, "role") != "worker";
        nodes.iter().filter(is_control_plane)
    };
    // A file of the same directory, with another name.
    let sibling = control_planes()
        .flat_map(mounted)
        .find(|mount| directory(mount) == directory(&path));
    let is_on_worker = nodes.iter().any(&has_policy);
    let total = control_planes().count();
    let without = control_planes().filter(|node| !has_policy(node)).count();
    let first_without = control_planes().find(|node| !has_policy(node));
    let help = match sibling {
        _ if is_on_worker => "it is mounted into worker nodes only, where no kube-apiserver runs: move the mount to the `extraMounts` of each control-plane node".to_owned(),
        Some(mount) => format!(
            "`extraMounts` has `{}`: use the same name there and in the flag",
            excerpt(&mount)
        ),
        None => "a kind node is a container: mount the file with `extraMounts` of each control-plane node".to_owned(),
    };
    match first_without {
        Some(node) if without < total => found.report(
            ImportCode::SomeNodesOnly,
            Severity::Warning,
            lines.of(*node),
            format!(
                "{without} of {total} control-plane nodes do not mount the policy `{}`",
                excerpt(&path)
            ),
            "all of them get the flags, and a server does not start without its policy: add the mount to `extraMounts` of each control-plane node",
        ),
        None if total > 0 => {}
        _ => found.report(
            SettingCode::OutsideMounts,
            Severity::Error,
            line,
            format!(
                "the policy `{}` is not mounted into the node",
                excerpt(&path)
            ),
            help,
        ),
    }
}

/// Returns the path on the node of the policy that is in a mount of the server. `None` if the volume is not a path of the node.
fn path_on_node(mount: &VolumeMount, found: &ParsedInput) -> Option<String> {
    let mut volumes = found.volumes.iter();
    let volume = volumes.find(|volume| volume.name == mount.name)?;
    let VolumeSource::Host { path, .. } = &volume.source else {
        return None;
    };
    let below = components(policy_path(found).unwrap_or_default());
    let below = below.get(components(&mount.path).len()..);
    let path = [components(path).as_slice(), below.unwrap_or_default()].concat();
    Some(format!("/{}", path.join("/")))
}

/// Returns the paths that a node mounts from the host.
fn mounted(node: &Node<'_>) -> Vec<String> {
    let mounts = node.get("extraMounts").into_iter().flat_map(Node::items);
    mounts
        .map(|mount| text_of(mount, "containerPath"))
        .collect()
}

/// Returns the directory of a path.
fn directory(path: &str) -> String {
    let mut parts = components(path);
    parts.pop();
    parts.join("/")
}

/// Returns the policy's path in the flags.
fn policy_path(found: &ParsedInput) -> Option<&str> {
    let words = found.words.iter().rev();
    words
        .filter_map(|word| word.text.strip_prefix("--audit-policy-file="))
        .find(|path| !path.is_empty())
}
