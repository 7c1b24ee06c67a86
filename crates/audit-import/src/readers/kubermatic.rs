//! A cluster of the Kubermatic Kubernetes Platform. Sources: the page "Audit Logging" of its documentation, and the types `AuditLoggingSettings` and
//! `AuditPolicyPreset` of its API.

use audit_policy::document::Node;
use audit_types::excerpt::excerpt;
use audit_types::{Severity, spelling};

use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::policy_origin::PolicyOrigin;

/// Flags of a server with audit logging.
const DEFAULTS: [(&str, &str); 5] = [
    ("audit-policy-file", "/etc/kubernetes/audit/policy.yaml"),
    ("audit-log-path", "/var/log/kubernetes/audit/audit.log"),
    ("audit-log-maxage", "30"),
    ("audit-log-maxbackup", "3"),
    ("audit-log-maxsize", "100"),
];

/// Policies that Kubermatic has.
const PRESETS: [&str; 3] = ["metadata", "recommended", "minimal"];

/// Maximum edit distance of a preset that is suggested.
const MAX_DISTANCE: usize = 4;

/// Reads `auditLogging`.
pub(super) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Kubermatic);
    found.policy_origin = PolicyOrigin::Program;
    let Some(log) = root.at_path(&["spec", "auditLogging"]) else {
        return found;
    };
    if log.get("enabled").is_some_and(Node::is_true) {
        found.defaults.extend(DEFAULTS);
    } else {
        found.report(
            ImportCode::AuditingOff,
            Severity::Warning,
            lines.of(log),
            "`auditLogging.enabled` is not true: auditing is off, unless the datacenter enforces it",
            "set `enabled: true`; kube-apiserver then gets `--audit-policy-file` and `--audit-log-path`",
        );
    }
    let preset = log
        .field("policyPreset")
        .filter(|field| !scalar(field.value).is_empty());
    if let Some(preset) = preset
        && !PRESETS.contains(&scalar(preset.value))
    {
        let name = scalar(preset.value);
        let nearest = spelling::nearest(name, PRESETS, MAX_DISTANCE);
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.at(preset.key),
            format!("Kubermatic has no audit policy preset `{}`", excerpt(name)),
            nearest.map_or_else(
                || "use `metadata`, `recommended` or `minimal`".to_owned(),
                |nearest| format!("did you mean `{nearest}`?"),
            ),
        );
    }
    found
}
