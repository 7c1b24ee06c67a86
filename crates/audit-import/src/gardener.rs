//! Reads a Shoot of Gardener: the reference to its policy, and the flags that Gardener sets. Sources are those of the export.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use apiserver_config::platforms::GARDENER_FLAGS;
use audit_policy::document::Node;
use audit_types::Severity;

use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ObjectReference, ParsedInput};
use crate::policy_origin::PolicyOrigin;

/// Reads a Shoot.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Gardener);
    found.defaults = GARDENER_FLAGS.to_vec();
    found.policy_origin = PolicyOrigin::Program;
    // A Garden has the same fields for its own cluster.
    let server = root
        .at_path(&["spec", "kubernetes", "kubeAPIServer"])
        .or(root.at_path(&["spec", "virtualCluster", "kubernetes", "kubeAPIServer"]));
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
            format!("a Shoot has no field for `{}`", flag.name),
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
            "a Shoot has the name of a ConfigMap with the policy in `auditConfig.auditPolicy.configMapRef.name`",
        );
    } else {
        found.report(
            SettingCode::NothingRecorded,
            Severity::Info,
            server.map_or_else(|| lines.of(root), |server| lines.of(server)),
            "the Shoot has no policy of its own, and Gardener's records nothing",
            "name a ConfigMap with a policy in `auditConfig.auditPolicy.configMapRef.name`",
        );
    }
    found
}
