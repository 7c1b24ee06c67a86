//! A cluster that Rancher provisions with RKE2 or K3s. Source: the page "Enable the API audit log in downstream clusters" of Rancher's documentation:
//! a text in `audit-policy-file` is written to a file of the node.

use audit_policy::document::Node;

use crate::distributions;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput};

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
    let selected = selected
        .flat_map(Node::items)
        .filter_map(|item| item.get("config"));
    for part in config
        .get("machineGlobalConfig")
        .into_iter()
        .chain(selected)
    {
        let mut read = distributions::rancher(part, lines);
        for word in &mut read.words {
            if word.text.starts_with("--audit-policy-file=") && word.text.contains('\n') {
                let program = if is_k3s { "k3s" } else { "rke2" };
                word.text = format!(
                    "--audit-policy-file=/var/lib/rancher/{program}/etc/config-files/audit-policy-file"
                );
            }
        }
        if is_k3s {
            read.defaults.clear();
        }
        found.add(read);
    }
    found.format = InputFormat::RancherCluster;
    found
}
