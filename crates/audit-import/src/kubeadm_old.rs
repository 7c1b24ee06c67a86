//! Reads the `auditPolicy` of kubeadm's alpha configurations, with which kubeadm 1.10 to 1.12 set the audit flags itself.
//!
//! In Kubernetes' history: added with v1alpha1 in 1.10 (`AuditPolicyConfiguration`), in v1alpha2 (1.11) and v1alpha3 (1.12), gone with v1beta1 (1.13). It only
//! counted with the feature gate `Auditing` of kubeadm, which was off by default.

use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::codes::ImportCode;
use crate::parsed_input::{Lines, ParsedInput, scalar};

/// Versions of kubeadm's configuration with `auditPolicy`.
const ALPHA: [&str; 3] = [
    "kubeadm.k8s.io/v1alpha1",
    "kubeadm.k8s.io/v1alpha2",
    "kubeadm.k8s.io/v1alpha3",
];

/// Name of the log in its directory, which could not be changed.
const LOG_NAME: &str = "audit.log";

/// Policy that kubeadm wrote if no other was given, with the level Metadata for all requests.
const OWN_POLICY: &str = "/etc/kubernetes/audit/audit.yaml";

/// Returns whether a configuration is older than v1beta1.
pub(crate) fn is_alpha(root: Node<'_>) -> bool {
    let version = root.get("apiVersion").map(scalar).unwrap_or_default();
    ALPHA.contains(&version) || root.get("kind").map(scalar) == Some("MasterConfiguration")
}

/// Reads `auditPolicy`, if there is one.
pub(crate) fn audit_policy(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let Some(block) = root.field("auditPolicy") else {
        return;
    };
    let line = lines.at(block.key);
    if !is_alpha(root) {
        let help = "kubeadm 1.13 and newer ignore or reject it: set `audit-policy-file` and `audit-log-path` in `apiServer.extraArgs`";
        found.report(
            ImportCode::OldAuditPolicy,
            Severity::Warning,
            line,
            "`auditPolicy` was removed from kubeadm's configuration in v1beta1",
            help,
        );
        return;
    }
    let gate = root.at_path(&["featureGates", "Auditing"]);
    let version = root.get("apiVersion").map(scalar).unwrap_or_default();
    let what = if version.is_empty() {
        "an alpha version".to_owned()
    } else {
        format!("`{}`", excerpt(version))
    };
    let help = if gate.is_some_and(Node::is_true) {
        "kubeadm 1.10 to 1.12 set the flags from it; 1.13 removed it: set `audit-policy-file`, `audit-log-path` and `audit-log-maxage` in `apiServer.extraArgs`, and mount both with `extraVolumes`"
    } else {
        "only kubeadm 1.10 to 1.12 read it, and only with `featureGates: {Auditing: true}`, so nothing is recorded; 1.13 removed it: set `audit-policy-file`, `audit-log-path` and `audit-log-maxage` in `apiServer.extraArgs` instead"
    };
    found.report(
        ImportCode::OldAuditPolicy,
        Severity::Warning,
        line,
        format!("`auditPolicy` is of {what}, which no supported kubeadm reads"),
        help,
    );
    fields(block.value, lines, found);
    let has_path = block
        .value
        .get("path")
        .is_some_and(|path| !scalar(path).is_empty());
    if gate.is_some_and(Node::is_true) && !has_path {
        // kubeadm wrote a policy of its own then.
        found.argument("audit-policy-file", OWN_POLICY, line);
    }
}

/// Reads the fields as the flags that kubeadm set from them.
fn fields(block: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let text = |name: &str| {
        let value = block.get(name)?;
        let is_set = !matches!(value.kind(), Kind::Null | Kind::List | Kind::Object);
        let text = scalar(value);
        (is_set && !text.is_empty()).then(|| (text, lines.of(value)))
    };
    if let Some((path, line)) = text("path") {
        found.argument("audit-policy-file", path, line);
    }
    if let Some((directory, line)) = text("logDir") {
        let path = format!("{}/{LOG_NAME}", directory.trim_end_matches('/'));
        found.argument("audit-log-path", &path, line);
    }
    if let Some((days, line)) = text("logMaxAge") {
        found.argument("audit-log-maxage", days, line);
    }
}
