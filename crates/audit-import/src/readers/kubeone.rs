//! A cluster of KubeOne. Sources: the API reference of KubeOne (`StaticAuditLogConfig`, `WebhookAuditLogConfig`) and the flags that it sets
//! (`pkg/features` of its source).

use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::policy_origin::PolicyOrigin;

/// Path that KubeOne copies the policy to.
const POLICY: (&str, &str) = ("audit-policy-file", "/etc/kubernetes/audit/policy.yaml");

/// Path that KubeOne copies the webhook's configuration to.
const WEBHOOK: (&str, &str) = (
    "audit-webhook-config-file",
    "/etc/kubernetes/audit/webhook-config.yaml",
);

/// Fields of `staticAuditLog.config` with their flags and defaults.
const LOG: [(&str, &str, &str); 4] = [
    ("logPath", "audit-log-path", "/var/log/kubernetes/audit.log"),
    ("logMaxAge", "audit-log-maxage", "30"),
    ("logMaxBackup", "audit-log-maxbackup", "3"),
    ("logMaxSize", "audit-log-maxsize", "100"),
];

/// Fields of `webhookAuditLog.config` with their flags.
const OF_WEBHOOK: [(&[&str], &str); 10] = [
    (&["mode"], "audit-webhook-mode"),
    (&["version"], "audit-webhook-version"),
    (&["batch", "bufferSize"], "audit-webhook-batch-buffer-size"),
    (&["batch", "maxSize"], "audit-webhook-batch-max-size"),
    (&["batch", "maxWait"], "audit-webhook-batch-max-wait"),
    (
        &["batch", "throttle", "burst"],
        "audit-webhook-batch-throttle-burst",
    ),
    (
        &["batch", "throttle", "qps"],
        "audit-webhook-batch-throttle-qps",
    ),
    (&["truncate", "enable"], "audit-webhook-truncate-enabled"),
    (
        &["truncate", "maxBatchSize"],
        "audit-webhook-truncate-max-batch-size",
    ),
    (
        &["truncate", "maxEventSize"],
        "audit-webhook-truncate-max-event-size",
    ),
];

/// Reads the features about auditing.
pub(super) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::KubeOne);
    // KubeOne copies the policy from the machine that it runs on.
    found.policy_origin = PolicyOrigin::Program;
    let feature = |name: &str| root.at_path(&["features", name]);
    if let Some(log) = enabled(
        feature("staticAuditLog"),
        "staticAuditLog",
        lines,
        &mut found,
    ) {
        found.defaults.push(POLICY);
        let config = log.get("config");
        required(log, "policyFilePath", "staticAuditLog", lines, &mut found);
        for (name, flag, default) in LOG {
            match config.and_then(|config| config.field(name)) {
                Some(field) => found.argument(flag, scalar(field.value), lines.at(field.key)),
                None => found.defaults.push((flag, default)),
            }
        }
    }
    if let Some(log) = enabled(
        feature("webhookAuditLog"),
        "webhookAuditLog",
        lines,
        &mut found,
    ) {
        found.defaults.extend([POLICY, WEBHOOK]);
        for name in ["policyFilePath", "configFilePath"] {
            required(log, name, "webhookAuditLog", lines, &mut found);
        }
        for (path, flag) in OF_WEBHOOK {
            let value = log.get("config").and_then(|config| config.at_path(path));
            let value = value
                .filter(|value| !matches!(value.kind(), Kind::Null | Kind::List | Kind::Object));
            if let Some(value) = value {
                found.argument(flag, scalar(value), lines.of(value));
            }
        }
    }
    if let Some(log) = feature("dynamicAuditLog")
        && log.get("enable").is_some_and(Node::is_true)
    {
        found.argument("audit-dynamic-configuration", "true", lines.of(log));
    }
    found
}

/// Returns a feature that is enabled, and reports one that is not.
fn enabled<'d>(
    feature: Option<Node<'d>>,
    name: &str,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) -> Option<Node<'d>> {
    let feature = feature?;
    if feature.get("enable").is_some_and(Node::is_true) {
        return Some(feature);
    }
    found.report(
        ImportCode::AuditingOff,
        Severity::Warning,
        lines.of(feature),
        format!("`features.{name}.enable` is not true, so KubeOne sets none of its audit flags"),
        "set `enable: true`; kube-apiserver then gets `--audit-policy-file` and a backend",
    );
    None
}

/// Reports a required field of a feature that is missing.
fn required(
    feature: Node<'_>,
    field: &str,
    name: &str,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let value = feature.at_path(&["config", field]);
    if value.is_none_or(|value| scalar(value).is_empty()) {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.of(feature),
            format!("`features.{name}.config.{}` is missing", excerpt(field)),
            "KubeOne rejects the cluster without it: it is the path of a file on the machine that runs KubeOne",
        );
    }
}
