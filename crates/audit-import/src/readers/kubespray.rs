//! Variables of kubespray. Source: the page on configurable parameters of kubespray's documentation (`kubernetes_audit` and what follows it), and the
//! defaults and templates of its control-plane role.

use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::kubeconfig;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::policy_origin::PolicyOrigin;
use crate::recognize::kind::{has_variables, kubespray_hosts, kubespray_variables};

/// Variables of the log, with their flags.
const LOG: [(&str, &str); 5] = [
    ("audit_policy_file", "audit-policy-file"),
    ("audit_log_path", "audit-log-path"),
    ("audit_log_maxage", "audit-log-maxage"),
    ("audit_log_maxbackups", "audit-log-maxbackup"),
    ("audit_log_maxsize", "audit-log-maxsize"),
];

/// Values of the log that kubespray sets by itself.
const LOG_DEFAULTS: [(&str, &str); 5] = [
    (
        "audit-policy-file",
        "/etc/kubernetes/audit-policy/apiserver-audit-policy.yaml",
    ),
    ("audit-log-path", "/var/log/audit/kube-apiserver-audit.log"),
    ("audit-log-maxage", "30"),
    ("audit-log-maxbackup", "10"),
    ("audit-log-maxsize", "100"),
];

/// Variables of the webhook, with their flags.
const WEBHOOK: [(&str, &str); 5] = [
    ("audit_policy_file", "audit-policy-file"),
    ("audit_webhook_config_file", "audit-webhook-config-file"),
    ("audit_webhook_mode", "audit-webhook-mode"),
    (
        "audit_webhook_batch_max_size",
        "audit-webhook-batch-max-size",
    ),
    (
        "audit_webhook_batch_max_wait",
        "audit-webhook-batch-max-wait",
    ),
];

/// Values of the webhook that kubespray sets by itself.
const WEBHOOK_DEFAULTS: [(&str, &str); 2] = [
    (
        "audit-policy-file",
        "/etc/kubernetes/audit-policy/apiserver-audit-policy.yaml",
    ),
    (
        "audit-webhook-config-file",
        "/etc/kubernetes/audit-policy/apiserver-audit-webhook-config.yaml",
    ),
];

/// Maximum number of hosts that a message lists.
const MAX_NAMES: usize = 3;

/// Reads the variables.
pub(super) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Kubespray);
    let Some(variables) = kubespray_variables(root) else {
        return found;
    };
    some_hosts(root, variables, lines, &mut found);
    let root = variables;
    let is_on = |name: &str| root.get(name).is_some_and(is_true);
    let (log, webhook) = (is_on("kubernetes_audit"), is_on("kubernetes_audit_webhook"));
    let mut variables: Vec<(&str, &str)> = Vec::new();
    if log {
        found.defaults.extend(LOG_DEFAULTS);
        variables.extend(LOG);
    }
    if webhook {
        found.defaults.extend(WEBHOOK_DEFAULTS);
        variables.extend(
            WEBHOOK
                .iter()
                .filter(|(name, _)| !log || *name != "audit_policy_file"),
        );
    }
    for (name, flag) in variables {
        let Some(field) = root.field(name) else {
            continue;
        };
        if !matches!(field.value.kind(), Kind::Null | Kind::List | Kind::Object) {
            found.argument(flag, scalar(field.value), lines.at(field.key));
        }
    }
    let url = root.get("audit_webhook_server_url");
    if let Some(url) = url.filter(|url| webhook && url.kind() == Kind::Text) {
        kubeconfig::check_address(url, lines, &mut found);
    }
    let extra = root.get("kube_kubeadm_apiserver_extra_args");
    for field in extra.into_iter().flat_map(Node::fields) {
        found.argument(field.name, scalar(field.value), lines.at(field.key));
    }
    if log || webhook {
        found.policy_origin = PolicyOrigin::Field(&["audit_policy_custom_rules"]);
    } else {
        off(root, lines, &mut found);
    }
    found
}

/// Reports variables of some hosts of the control plane only.
fn some_hosts(root: Node<'_>, variables: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let hosts = kubespray_hosts(root);
    let is_of_host = hosts
        .iter()
        .any(|(_, of_host)| of_host.span() == variables.span());
    let with: Vec<&str> = hosts
        .iter()
        .filter(|(_, of_host)| has_variables(*of_host))
        .map(|(name, _)| *name)
        .collect();
    if !is_of_host || with.len() == hosts.len() {
        return;
    }
    let names: Vec<String> = with
        .iter()
        .take(MAX_NAMES)
        .map(|name| format!("`{}`", excerpt(name)))
        .collect();
    found.report(
        ImportCode::SomeNodesOnly,
        Severity::Warning,
        lines.of(variables),
        format!(
            "{} of {} hosts of the control plane have audit variables of their own: {}",
            with.len(),
            hosts.len(),
            names.join(", ")
        ),
        "each server records the requests that it handles: set them for the group `kube_control_plane` or `all`",
    );
}

/// Returns whether Ansible reads a value as true.
fn is_true(value: Node<'_>) -> bool {
    value.is_true()
        || value
            .text()
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Reports variables that count for nothing.
fn off(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let is_audit = |name: &str| name.starts_with("audit_") || name.starts_with("kubernetes_audit");
    let Some(field) = root.fields().find(|field| is_audit(field.name)) else {
        return;
    };
    // Another file of the inventory may set a variable that this one does not.
    let stated = root.field("kubernetes_audit");
    let severity = match stated {
        Some(_) => Severity::Warning,
        None => Severity::Info,
    };
    found.report(
        ImportCode::AuditingOff,
        severity,
        lines.at(stated.unwrap_or(field).key),
        "`kubernetes_audit` is not true here, so kubespray sets no audit flags",
        "set `kubernetes_audit: true`, here or in another file of the inventory",
    );
}
