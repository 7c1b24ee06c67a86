//! A cluster that Rancher provisions with RKE2 or K3s. Source: the page "Enable the API audit log in downstream clusters" of Rancher's documentation:
//! a text in `audit-policy-file` is written to a file of the node.

use audit_policy::document::Node;
use audit_types::{Severity, Span};

use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::objects::ObjectFile;
use crate::parsed_input::{Lines, ParsedInput, scalar};
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
    let of_servers = selected.iter().filter(|item| !is_of_others(config, **item));
    let of_selected = of_servers.filter_map(|item| item.get("config"));
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

/// Label of the machines that run workloads.
const WORKER: &str = "rke.cattle.io/worker-role";

/// Labels with the name of a machine's pool.
const POOL: [&str; 2] = [
    "rke.cattle.io/rke-machine-pool-name",
    "rke.cattle.io/machine-pool-name",
];

/// Returns the places of settings for machines without the control plane.
pub(crate) fn settings_of_others(root: Node<'_>) -> Vec<Span> {
    let Some(config) = root.at_path(&["spec", "rkeConfig"]) else {
        return Vec::new();
    };
    let items = config.get("machineSelectorConfig").into_iter();
    let items = items.flat_map(Node::items);
    items
        .filter(|item| is_of_others(config, *item))
        .map(Node::span)
        .collect()
}

/// Returns whether an item selects machines without the control plane only, as far as its labels and the pools say.
fn is_of_others(config: Node<'_>, item: Node<'_>) -> bool {
    let pools = || {
        let pools = config.get("machinePools").into_iter();
        pools.flat_map(Node::items)
    };
    let is_server = |pool: &Node<'_>| pool.get("controlPlaneRole").is_some_and(Node::is_true);
    let is_mixed = || {
        let mut servers = pools().filter(is_server);
        servers.any(|pool| pool.get("workerRole").is_some_and(Node::is_true))
    };
    let conditions = conditions(item);
    // Whether the selected machines have a label with this value; `None` if no condition is about it.
    let requires = |name: &str, value: &str| {
        let mut of_label = conditions.iter().filter(|one| one.name == name);
        let any = of_label.clone().next().is_some();
        any.then(|| of_label.all(|one| one.accepts(value)))
    };
    if requires(CONTROL_PLANE, "true") == Some(false) {
        return true;
    }
    let of_pool = conditions.iter().filter(|one| POOL.contains(&one.name));
    for condition in of_pool {
        let is_selected = |pool: &Node<'_>| {
            let name = pool.get("name").and_then(Node::text);
            condition.accepts(name.unwrap_or_default())
        };
        let mut selected = pools().filter(is_selected).peekable();
        if selected.peek().is_some() && !selected.any(|pool| is_server(&pool)) {
            return true;
        }
    }
    let is_windows = ["cattle.io/os", "kubernetes.io/os"]
        .iter()
        .any(|name| requires(name, "linux") == Some(false));
    let is_worker = requires(WORKER, "true") == Some(true);
    let names_server = conditions.iter().any(|one| one.name == CONTROL_PLANE);
    is_windows || (is_worker && !names_server && !is_mixed())
}

/// A condition of a selector on a label.
struct Condition<'n> {
    name: &'n str,
    values: Vec<&'n str>,
    /// `true` if the label must not have the values.
    is_negative: bool,
}

impl Condition<'_> {
    fn accepts(&self, value: &str) -> bool {
        let has = self.values.is_empty() || self.values.contains(&value);
        has != self.is_negative
    }
}

/// Returns the conditions of an item's selector.
fn conditions(item: Node<'_>) -> Vec<Condition<'_>> {
    let labels = item.at_path(&["machineLabelSelector", "matchLabels"]);
    let labels = labels.into_iter().flat_map(Node::fields);
    let of_labels = labels.map(|label| Condition {
        name: label.name,
        values: vec![scalar(label.value)],
        is_negative: false,
    });
    let expressions = item.at_path(&["machineLabelSelector", "matchExpressions"]);
    let expressions = expressions.into_iter().flat_map(Node::items);
    let of_expressions = expressions.filter_map(|expression| {
        let values = expression.get("values").into_iter().flat_map(Node::items);
        let operator = expression.get("operator").map(scalar).unwrap_or_default();
        let is_known = matches!(operator, "In" | "NotIn" | "Exists" | "DoesNotExist");
        is_known.then_some(())?;
        Some(Condition {
            name: expression.get("key").and_then(Node::text)?,
            values: values.map(scalar).collect(),
            is_negative: operator.ends_with("NotIn") || operator.ends_with("NotExist"),
        })
    });
    of_labels.chain(of_expressions).collect()
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
    let all_settings = || {
        selected
            .iter()
            .filter(|item| item.get("config").is_some_and(has_settings))
    };
    for item in all_settings().filter(|item| is_of_others(config, **item)) {
        found.report(
            ImportCode::SomeNodesOnly,
            Severity::Warning,
            lines.of(*item),
            "`machineLabelSelector` selects machines without the control plane: these audit settings are not those of a kube-apiserver",
            format!("use `machineGlobalConfig`, or the label `{CONTROL_PLANE}: \"true\"`"),
        );
    }
    if config.get("machineGlobalConfig").is_some_and(has_settings) {
        return;
    }
    let with_settings = || all_settings().filter(|item| !is_of_others(config, **item));
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
