//! Reads a Shoot or a Garden of Gardener: the reference to its policy, and the flags that Gardener sets. Sources are those of the export.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use apiserver_config::platforms::GARDENER_FLAGS;
use audit_policy::document::Node;
use audit_types::Severity;

use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ObjectReference, ParsedInput, scalar};
use crate::policy_origin::PolicyOrigin;

/// The file with the webhook's address, where Gardener mounts it. From its source (`InjectAuditSettings`).
const WEBHOOK_FILE: &str = "/etc/kubernetes/webhook/audit/kubeconfig.yaml";

/// Fields of a Garden's `auditWebhook`, with their flags.
const WEBHOOK: [(&str, &str); 2] = [
    ("batchMaxSize", "audit-webhook-batch-max-size"),
    ("version", "audit-webhook-version"),
];

/// Returns whether the object is a Garden, whose server is that of its virtual cluster.
pub(crate) fn is_garden(root: Node<'_>) -> bool {
    root.get("kind").and_then(Node::text) == Some("Garden")
}

/// Returns the settings of the server.
pub(crate) fn server(root: Node<'_>) -> Option<Node<'_>> {
    let of_garden = ["spec", "virtualCluster", "kubernetes", "kubeAPIServer"];
    root.at_path(&["spec", "kubernetes", "kubeAPIServer"])
        .or_else(|| root.at_path(&of_garden))
}

/// Reads the webhook of a Garden, whose address is in a Secret.
fn webhook(server: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let Some(webhook) = server.get("auditWebhook") else {
        return;
    };
    if let Some(secret) = webhook.field("kubeconfigSecretName") {
        let line = lines.at(secret.key);
        found.argument("audit-webhook-config-file", WEBHOOK_FILE, line);
    }
    for (name, flag) in WEBHOOK {
        if let Some(field) = webhook.field(name) {
            found.argument(flag, scalar(field.value), lines.at(field.key));
        }
    }
}

/// Reads a Shoot or a Garden.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Gardener);
    found.defaults = GARDENER_FLAGS.to_vec();
    found.policy_origin = PolicyOrigin::Program;
    let object = if is_garden(root) { "Garden" } else { "Shoot" };
    let server = server(root);
    if let Some(server) = server.filter(|_| is_garden(root)) {
        webhook(server, lines, &mut found);
    }
    let flags = server.into_iter().flat_map(|server| {
        let extra = server.get("extraArgs").into_iter().flat_map(Node::fields);
        server.fields().chain(extra)
    });
    let flags = flags.filter(|field| field.name.starts_with("audit-"));
    for flag in flags {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.at(flag.key),
            format!("a {object} has no field for `{}`", flag.name),
            "Gardener sets the flags of kube-apiserver itself: remove it",
        );
    }
    let config = server.and_then(|server| server.get("auditConfig"));
    let name = config.and_then(|config| config.at_path(&["auditPolicy", "configMapRef", "name"]));
    if let Some(name) = name {
        let namespace = root.at_path(&["metadata", "namespace"]);
        found.policy_reference = Some(ObjectReference {
            kind: "ConfigMap",
            name: name.text().unwrap_or_default().to_owned(),
            namespace: namespace.and_then(Node::text).map(str::to_owned),
            line: lines.of(name),
        });
    } else if let Some(config) = config.filter(|config| config.fields().next().is_some()) {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.of(config),
            "`auditConfig` does not name a ConfigMap",
            format!(
                "a {object} has the name of a ConfigMap with the policy in `auditConfig.auditPolicy.configMapRef.name`"
            ),
        );
    } else {
        found.report(
            SettingCode::NothingRecorded,
            Severity::Info,
            server.map_or_else(|| lines.of(root), |server| lines.of(server)),
            format!("the {object} has no policy of its own, and Gardener's records nothing"),
            "name a ConfigMap with a policy in `auditConfig.auditPolicy.configMapRef.name`",
        );
    }
    found
}
