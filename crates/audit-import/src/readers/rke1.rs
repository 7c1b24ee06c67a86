//! The `cluster.yml` of RKE1, and Rancher's clusters that RKE1 creates. Source: the page "Audit Log" of RKE's documentation, and its defaults
//! (`cluster/defaults.go`).

use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::policy_origin::PolicyOrigin;
use crate::recognize::kind::rke1_server;

/// Path of the policy that RKE writes.
const POLICY: (&str, &str) = ("audit-policy-file", "/etc/kubernetes/audit-policy.yaml");

/// Values without `configuration`.
const DEFAULTS: [(&str, &str); 4] = [
    ("audit-log-path", "/var/log/kube-audit/audit-log.json"),
    ("audit-log-maxage", "30"),
    ("audit-log-maxbackup", "10"),
    ("audit-log-maxsize", "100"),
];

/// Fields of `configuration`, in both spellings, with their flags.
const FIELDS: [(&str, &str, &str); 5] = [
    ("path", "path", "audit-log-path"),
    ("max_age", "maxAge", "audit-log-maxage"),
    ("max_backup", "maxBackup", "audit-log-maxbackup"),
    ("max_size", "maxSize", "audit-log-maxsize"),
    ("format", "format", "audit-log-format"),
];

/// Reads the settings of the server.
pub(super) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Rke1);
    let Some(server) = rke1_server(root) else {
        return found;
    };
    let log = server.get("audit_log").or_else(|| server.get("auditLog"));
    // Without the block, RKE enables the log for every version that it still supports.
    let is_enabled = log.is_none_or(|log| log.get("enabled").is_some_and(Node::is_true));
    if is_enabled {
        audit_log(log, lines, &mut found);
    }
    arguments(server, lines, &mut found);
    let sets_flags = found.audit_words().next().is_some();
    if let Some(log) = log.filter(|_| !is_enabled && !sets_flags) {
        let field = log.field("enabled");
        let line = field.map_or_else(|| lines.of(log), |field| lines.at(field.key));
        found.report(
            ImportCode::AuditingOff,
            Severity::Warning,
            line,
            "`audit_log.enabled` is not true here, so RKE sets no audit flags: auditing is off",
            "set `enabled: true`; kube-apiserver then gets `--audit-policy-file` and `--audit-log-path`",
        );
    }
    found
}

/// Reads `audit_log` of a server whose log is enabled.
fn audit_log(log: Option<Node<'_>>, lines: &Lines<'_>, found: &mut ParsedInput) {
    found.defaults.push(POLICY);
    found.policy_origin = PolicyOrigin::Field(&["configuration.policy"]);
    let configuration = log
        .and_then(|log| log.get("configuration"))
        .filter(|configuration| configuration.kind() == Kind::Object);
    let Some(configuration) = configuration else {
        return found.defaults.extend(DEFAULTS);
    };
    for (name, other, flag) in FIELDS {
        let field = configuration
            .field(name)
            .or_else(|| configuration.field(other));
        if let Some(field) = field {
            found.argument(flag, scalar(field.value), lines.at(field.key));
        }
    }
}

/// Reads `extra_args`, a map of values, and `extra_args_array`, a map of lists, in both spellings. Of a flag that is in several places, RKE uses
/// `extra_args_array` first, then `extra_args`, then `audit_log`: the last of these words counts.
fn arguments(server: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let map = |name: &str, other: &str| {
        let map = server.get(name).or_else(|| server.get(other));
        map.into_iter().flat_map(Node::fields)
    };
    for field in map("extra_args", "extraArgs") {
        if field.value.kind() != Kind::Null {
            found.argument(field.name, scalar(field.value), lines.at(field.key));
        }
    }
    for field in map("extra_args_array", "extraArgsArray") {
        match field.value.kind() {
            Kind::List => {
                for item in field.value.items() {
                    found.argument(field.name, scalar(item), lines.of(item));
                }
            }
            Kind::Null => {}
            _ if field.name.starts_with("audit-") => {
                let line = lines.at(field.key);
                found.argument(field.name, scalar(field.value), line);
                found.report(
                    ImportCode::WrongFormat,
                    Severity::Error,
                    line,
                    format!("`{}` in `extra_args_array` is not a list", excerpt(field.name)),
                    "RKE rejects the file: write a list of values, or move the flag to `extra_args`; it is read here",
                );
            }
            _ => {}
        }
    }
}
