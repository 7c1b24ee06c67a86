//! A cluster that Rancher provisions with RKE2 or K3s. Source: the page "Enable the API audit log in downstream clusters" of Rancher's documentation:
//! a text in `audit-policy-file` is written to a file of the node.

use audit_policy::document::Node;
use audit_types::Severity;

use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::objects::ObjectFile;
use crate::parsed_input::{Lines, ParsedInput};
use crate::policy_origin::PolicyOrigin;
use crate::{distributions, rke2_profile};

/// The flag with the policy's path.
const POLICY_FLAG: &str = "--audit-policy-file=";

/// Label of the machines that run the control plane.
const CONTROL_PLANE: &str = "rke.cattle.io/control-plane-role";

/// Reads the configuration that Rancher gives to all machines, then those of selected machines.
pub(super) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::RancherCluster);
    let version = root.at_path(&["spec", "kubernetesVersion"]);
    let is_k3s = version
        .and_then(Node::text)
        .is_some_and(|version| version.contains("k3s"));
    let Some(config) = root.at_path(&["spec", "rkeConfig"]) else {
        return found;
    };
    let selected = config.get("machineSelectorConfig").into_iter();
    let selected: Vec<Node<'_>> = selected.flat_map(Node::items).collect();
    let of_selected = selected.iter().filter_map(|item| item.get("config"));
    let parts: Vec<Node<'_>> = config
        .get("machineGlobalConfig")
        .into_iter()
        .chain(of_selected)
        .collect();
    // A machine gets the parts merged, so the policy of one counts for the profile of another.
    let policy = parts
        .iter()
        .find_map(|part| rke2_profile::own_policy(*part));
    for part in &parts {
        let mut read = distributions::rancher_part(*part, is_k3s, policy, lines);
        for word in &mut read.words {
            if word.text.starts_with(POLICY_FLAG) && word.text.contains('\n') {
                let program = if is_k3s { "k3s" } else { "rke2" };
                word.text = format!(
                    "{POLICY_FLAG}/var/lib/rancher/{program}/etc/config-files/audit-policy-file"
                );
                read.policy_origin = PolicyOrigin::Field(&["audit-policy-file"]);
            }
        }
        if is_k3s {
            read.defaults.clear();
        }
        found.add(read);
    }
    found.format = InputFormat::RancherCluster;
    if let Some(files) = config.get("machineSelectorFiles") {
        found.object_files = ObjectFile::of_sources(files, &|node: Node<'_>| lines.of(node));
    }
    some_machines(config, &selected, lines, &mut found);
    found
}

/// Reports audit settings of selected machines only, if the selection is not all control-plane machines.
fn some_machines(
    config: Node<'_>,
    selected: &[Node<'_>],
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let has_settings = |config: Node<'_>| {
        let of_arguments = config
            .get("kube-apiserver-arg")
            .into_iter()
            .flat_map(Node::items)
            .filter_map(Node::text)
            .any(|text| text.trim_start_matches('-').starts_with("audit-"));
        of_arguments || rke2_profile::own_policy(config).is_some()
    };
    let is_of_some = |item: &&Node<'_>| {
        let labels = item.at_path(&["machineLabelSelector", "matchLabels"]);
        let expressions = item.at_path(&["machineLabelSelector", "matchExpressions"]);
        let mut labels = labels.into_iter().flat_map(Node::fields);
        expressions.is_some_and(|list| list.items().next().is_some())
            || labels.any(|label| label.name != CONTROL_PLANE)
    };
    if config.get("machineGlobalConfig").is_some_and(has_settings) {
        return;
    }
    let with_settings = || {
        selected
            .iter()
            .filter(|item| item.get("config").is_some_and(has_settings))
    };
    let is_of_all = with_settings().any(|item| !is_of_some(&item));
    if let Some(item) = with_settings().find(is_of_some).filter(|_| !is_of_all) {
        found.report(
            ImportCode::SomeNodesOnly,
            Severity::Warning,
            lines.of(*item),
            "only the machines that `machineLabelSelector` selects get these audit settings",
            format!("each server records the requests that it handles: use `machineGlobalConfig`, or the label `{CONTROL_PLANE}: \"true\"`"),
        );
    }
}
