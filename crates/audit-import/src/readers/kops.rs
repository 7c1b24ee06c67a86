//! A kOps cluster or instance group. Source: the pages "Cluster spec" (`kubeAPIServer`, `fileAssets`) of kOps' documentation and the type
//! `KubeAPIServerConfig` of its API.

use apiserver_config::paths::components;
use audit_policy::document::{Kind, Node};
use audit_types::excerpt::excerpt;
use audit_types::{Severity, spelling};

use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, ReadDocument, scalar};
use crate::readers::contents;

/// Fields of kOps whose flag is not the same word.
const RENAMED: [(&str, &str); 2] = [
    ("auditLogMaxAge", "audit-log-maxage"),
    ("auditLogMaxSize", "audit-log-maxsize"),
];

/// Fields of kOps about auditing, with their flags.
const FIELDS: [(&str, &str); 13] = [
    ("auditPolicyFile", "audit-policy-file"),
    ("auditLogPath", "audit-log-path"),
    ("auditLogMaxBackups", "audit-log-maxbackup"),
    ("auditLogFormat", "audit-log-format"),
    ("auditWebhookConfigFile", "audit-webhook-config-file"),
    (
        "auditWebhookInitialBackoff",
        "audit-webhook-initial-backoff",
    ),
    ("auditWebhookMode", "audit-webhook-mode"),
    (
        "auditWebhookBatchBufferSize",
        "audit-webhook-batch-buffer-size",
    ),
    ("auditWebhookBatchMaxSize", "audit-webhook-batch-max-size"),
    ("auditWebhookBatchMaxWait", "audit-webhook-batch-max-wait"),
    (
        "auditWebhookBatchThrottleEnable",
        "audit-webhook-batch-throttle-enable",
    ),
    (
        "auditWebhookBatchThrottleQps",
        "audit-webhook-batch-throttle-qps",
    ),
    (
        "auditWebhookBatchThrottleBurst",
        "audit-webhook-batch-throttle-burst",
    ),
];

/// Maximum edit distance of a field that is suggested.
const MAX_DISTANCE: usize = 4;

/// Reads the fields of the server.
pub(super) fn read(root: Node<'_>, lines: &Lines<'_>, read_document: ReadDocument) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Kops);
    if root.get("kind").and_then(Node::text) == Some("InstanceGroup") {
        instance_group(root, lines, &mut found);
        return found;
    }
    let fields = || FIELDS.iter().chain(&RENAMED);
    let server = root.at_path(&["spec", "kubeAPIServer"]);
    for field in server.into_iter().flat_map(Node::fields) {
        let line = lines.at(field.key);
        if field.name == "featureGates" {
            feature_gates(field.value, line, &mut found);
        }
        if !field.name.starts_with("audit") {
            continue;
        }
        if let Some((_, flag)) = fields().find(|(name, _)| *name == field.name) {
            if !matches!(field.value.kind(), Kind::Null | Kind::List | Kind::Object) {
                found.argument(flag, scalar(field.value), line);
            }
            continue;
        }
        let known = fields().map(|(name, _)| *name);
        let nearest = spelling::nearest(field.name, known, MAX_DISTANCE);
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            line,
            format!("kOps has no field `{}`", excerpt(field.name)),
            nearest.map_or_else(
                || {
                    "kOps rejects or ignores it: it has fields for a part of the flags only"
                        .to_owned()
                },
                |name| format!("did you mean `{name}`?"),
            ),
        );
    }
    other_roles(root, lines, &mut found);
    webhook(root, lines, read_document, &mut found);
    found
}

/// Reports settings of the server in an instance group: they are fields of the cluster only.
fn instance_group(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let server = root
        .get("spec")
        .and_then(|spec| spec.field("kubeAPIServer"));
    if let Some(server) = server {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.at(server.key),
            "an instance group of kOps has no field `kubeAPIServer`",
            "kOps rejects or ignores it: the settings are those of the Cluster",
        );
    }
}

/// Checks the webhook's configuration among the file assets.
fn webhook(
    root: Node<'_>,
    lines: &Lines<'_>,
    read_document: ReadDocument,
    found: &mut ParsedInput,
) {
    let path = root.at_path(&["spec", "kubeAPIServer", "auditWebhookConfigFile"]);
    let Some(path) = path.and_then(Node::text).map(components) else {
        return;
    };
    let is_it = |asset: &Node<'_>| {
        let file = asset.get("path").and_then(Node::text);
        file.is_some_and(|file| components(file) == path)
    };
    let assets = root.at_path(&["spec", "fileAssets"]).into_iter();
    for asset in assets.flat_map(Node::items).filter(is_it) {
        let read = contents::read(InputFormat::Kops, asset, lines, read_document);
        found.findings.extend(read.findings);
    }
}

/// Roles of instance groups with a kube-apiserver. `Master` is the name of `ControlPlane` before kOps 1.26.
const SERVER_ROLES: [&str; 3] = ["ControlPlane", "Master", "APIServer"];

/// Reports a policy that is written to instances without a kube-apiserver only.
fn other_roles(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let path = root.at_path(&["spec", "kubeAPIServer", "auditPolicyFile"]);
    let Some(path) = path.and_then(Node::text) else {
        return;
    };
    let assets = root.at_path(&["spec", "fileAssets"]).into_iter();
    let is_policy = |asset: &Node<'_>| {
        let file = asset.get("path").and_then(Node::text);
        file.is_some_and(|file| components(file) == components(path))
    };
    let roles = |asset: Node<'_>| -> Vec<String> {
        let roles = asset.get("roles").into_iter().flat_map(Node::items);
        roles.map(|role| scalar(role).to_owned()).collect()
    };
    let is_of_server = |asset: &Node<'_>| {
        let roles = roles(*asset);
        // Without roles, it is written everywhere.
        roles.is_empty()
            || roles
                .iter()
                .any(|role| SERVER_ROLES.contains(&role.as_str()))
    };
    let written: Vec<Node<'_>> = assets.flat_map(Node::items).filter(is_policy).collect();
    if let Some(first) = written.first()
        && !written.iter().any(is_of_server)
    {
        found.report(
            ImportCode::PolicyNotWritten,
            Severity::Error,
            lines.of(*first),
            format!(
                "the policy `{}` is only written to instances with the roles {}, where no kube-apiserver runs",
                excerpt(path),
                excerpt(&roles(*first).join(", "))
            ),
            "kube-apiserver does not start without the file: add `ControlPlane` to `roles`",
        );
    }
}

fn feature_gates(gates: Node<'_>, line: usize, found: &mut ParsedInput) {
    let gates: Vec<String> = gates
        .fields()
        .map(|gate| format!("{}={}", gate.name, scalar(gate.value)))
        .collect();
    if !gates.is_empty() {
        found.argument("feature-gates", &gates.join(","), line);
    }
}
