//! Reads the configuration of talhelper (`talconfig.yaml`): patches of Talos machine configurations, for all nodes, for control-plane nodes, and for each node.
//! Source: the page "Configuration" of talhelper's documentation (`patches`, `controlPlane.patches`, `nodes[].patches`).

use audit_policy::document::{Document, Kind, Node};
use audit_types::Severity;

use crate::codes::ImportCode;
use crate::distributions;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput};

/// Maximum number of patches that are read.
const MAX_PATCHES: usize = 1_000;

/// Returns whether a document is such a configuration: it lists nodes of Talos.
pub(crate) fn is_configuration(root: Node<'_>) -> bool {
    let nodes = root.get("nodes").into_iter().flat_map(Node::items);
    let is_node = |node: Node<'_>| {
        node.field("hostname").is_some()
            && ["controlPlane", "installDisk", "patches"]
                .iter()
                .any(|name| node.field(name).is_some())
    };
    root.field("clusterName").is_some() && nodes.take(MAX_PATCHES).any(is_node)
}

/// Reads the patches that control-plane nodes get.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Talos);
    let of_all = [Some(root), root.get("controlPlane")];
    for holder in of_all.into_iter().flatten() {
        patches(holder, lines, &mut found);
    }
    let has_shared = found.sets_audit() || found.policy.is_some();
    let nodes = root.get("nodes").into_iter().flat_map(Node::items);
    let is_control_plane = |node: &Node<'_>| node.get("controlPlane").is_some_and(Node::is_true);
    let (mut total, mut with) = (0_usize, 0_usize);
    let mut line = None;
    for node in nodes.filter(is_control_plane).take(MAX_PATCHES) {
        total += 1;
        let mut own = ParsedInput::new(InputFormat::Talos);
        patches(node, lines, &mut own);
        if !own.sets_audit() && own.policy.is_none() {
            continue;
        }
        with += 1;
        if line.is_none() {
            line = Some(lines.of(node));
            found.add(own);
        }
    }
    if let Some(line) = line.filter(|_| with < total) {
        let help = if has_shared {
            "each server records the requests that it handles, so the servers record differently: move them to `controlPlane.patches`"
        } else {
            "each server records the requests that it handles: move them to `controlPlane.patches`"
        };
        found.report(
            ImportCode::SomeNodesOnly,
            Severity::Warning,
            line,
            format!("{with} of {total} control-plane nodes have audit settings of their own"),
            help,
        );
    }
    found
}

/// Reads the patches of an object: texts, or mappings.
fn patches(holder: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let items = holder.get("patches").into_iter().flat_map(Node::items);
    for item in items.take(MAX_PATCHES) {
        if item.kind() == Kind::Object {
            add(item, lines, found);
        } else if let Some((text, inner)) = lines.within(item)
            && let Ok(document) = Document::read(text)
            && let Some(root) = document.root()
        {
            add(root, &inner, found);
        }
    }
}

/// Adds a patch, if it is about the server.
fn add(patch: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let Some(server) = patch.at_path(&["cluster", "apiServer"]) else {
        return;
    };
    let arguments = server.get("extraArgs").into_iter().flat_map(Node::fields);
    let mut names = arguments.map(|field| field.name);
    let is_about_audit =
        server.field("auditPolicy").is_some() || names.any(|name| name.starts_with("audit-"));
    if is_about_audit {
        found.add(distributions::talos(patch, lines));
    }
}
