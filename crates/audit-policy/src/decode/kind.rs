//! `apiVersion` and `kind` of a document, and how the server resolves them.

use audit_types::KubernetesVersion;
use audit_types::Span;
use kube_yaml::go;
use kube_yaml::tree::{NodeRef, Tree, Value};

/// API group of audit policies.
pub(crate) const GROUP: &str = "audit.k8s.io";
/// Version of the server's internal types.
const INTERNAL: &str = "__internal";

/// apiVersion and kind, with the defaults of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GroupVersionKind {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    /// Key and value of `apiVersion`.
    pub(crate) version_node: Option<(Span, NodeRef)>,
    pub(crate) kind_node: Option<(Span, NodeRef)>,
}

/// Error of reading the version and kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KindError {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// `apiVersion` or `kind`, if one of them is invalid.
    pub(crate) field: Option<&'static str>,
}

/// Type that the server resolves a group, version and kind to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KindResolution {
    /// A policy of a version of the audit API.
    Policy,
    /// The internal type; it is decoded and then rejected.
    Internal,
    /// Not a policy, with the server's error.
    Rejected(String),
}

impl GroupVersionKind {
    /// Returns group and version as an apiVersion.
    pub(crate) fn group_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Resolves the kind as the server does.
    pub(crate) fn resolve(&self, version: KubernetesVersion, source: &str) -> KindResolution {
        if self.version.is_empty() {
            return KindResolution::Rejected(format!(
                "Object 'apiVersion' is missing in '{source}'"
            ));
        }
        let ours = self.group == GROUP;
        let known_version = matches!(self.version.as_str(), "v1")
            || !version.at_least(24) && matches!(self.version.as_str(), "v1beta1" | "v1alpha1");
        if ours && self.kind == "Policy" {
            if self.version == INTERNAL {
                return KindResolution::Internal;
            }
            if known_version {
                return KindResolution::Policy;
            }
        }
        match self.other_type(ours && known_version, version) {
            Some(go_type) => KindResolution::Rejected(format!(
                "converting ({go_type}) to (audit.Policy): unknown conversion"
            )),
            None => KindResolution::Rejected(self.not_registered(version)),
        }
    }

    /// Returns the Go type of a known kind that is not a policy.
    fn other_type(&self, ours_and_known: bool, version: KubernetesVersion) -> Option<String> {
        let kind = self.kind.as_str();
        let is_core = self.group.is_empty() && self.version == "v1";
        let is_internal = self.group == GROUP && self.version == INTERNAL;
        match kind {
            "Event" | "EventList" | "PolicyList" if ours_and_known => {
                Some(format!("{}.{kind}", self.version))
            }
            "Event" | "EventList" | "PolicyList" if is_internal => Some(format!("audit.{kind}")),
            "WatchEvent" if is_internal || self.group.is_empty() && self.version == INTERNAL => {
                Some("v1.InternalEvent".to_owned())
            }
            "WatchEvent" | "ListOptions" | "GetOptions" | "DeleteOptions" | "CreateOptions"
            | "UpdateOptions" | "PatchOptions"
                if ours_and_known || is_core =>
            {
                Some(format!("v1.{kind}"))
            }
            "ExportOptions" if !version.at_least(21) && (ours_and_known || is_core) => {
                Some("v1.ExportOptions".to_owned())
            }
            "Status" | "APIVersions" | "APIGroup" | "APIGroupList" | "APIResourceList" => {
                Some(format!("v1.{kind}"))
            }
            _ => None,
        }
    }

    fn not_registered(&self, version: KubernetesVersion) -> String {
        // The line number changed when the imports of the old API versions were removed.
        let line = if version.at_least(24) { 30 } else { 32 };
        let kind = go::quote(&self.kind);
        let scheme = format!("in scheme \"k8s.io/apiserver/pkg/audit/scheme.go:{line}\"");
        if self.version == INTERNAL {
            let group = go::quote(&self.group);
            return format!(
                "no kind {kind} is registered for the internal version of group {group} {scheme}"
            );
        }
        let group_version = go::quote(&self.group_version());
        format!("no kind {kind} is registered for version {group_version} {scheme}")
    }
}

/// Reads apiVersion and kind; case does not matter and the last one wins. Adds defaults.
pub(crate) fn read(tree: &Tree) -> Result<GroupVersionKind, KindError> {
    let mut found = GroupVersionKind::default();
    let mut api_version = String::new();
    let Some(root) = tree.root else {
        return Ok(complete(found));
    };
    let entries = match tree.get(root) {
        Value::Null => return Ok(complete(found)),
        Value::Object(entries) => entries,
        other => {
            return Err(KindError {
                text: format!(
                    "couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go value of type {}",
                    other.json_kind(),
                    r#"struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#,
                ),
                span: root.span,
                field: None,
            });
        }
    };
    for entry in entries {
        let (name, text, location) = if folds_to(&entry.key, "apiVersion") {
            ("apiVersion", &mut api_version, &mut found.version_node)
        } else if folds_to(&entry.key, "kind") {
            ("kind", &mut found.kind, &mut found.kind_node)
        } else {
            continue;
        };
        *location = Some((entry.key_span, entry.node));
        match tree.get(entry.node) {
            Value::Null => {}
            Value::Text(value) => value.clone_into(text),
            other => {
                return Err(KindError {
                    text: format!(
                        "couldn't get version/kind; json parse error: json: cannot unmarshal {} into Go struct field .{name} of type string",
                        other.json_kind(),
                    ),
                    span: entry.node.span,
                    field: Some(name),
                });
            }
        }
    }
    let mut parts = api_version.split('/');
    (found.group, found.version) = match (parts.next(), parts.next(), parts.next()) {
        (Some(""), Some(""), None) => (String::new(), String::new()),
        (Some(group), Some(version), None) => (group.to_owned(), version.to_owned()),
        (_, _, None) => (String::new(), api_version),
        (_, _, Some(_)) => {
            return Err(KindError {
                text: format!("unexpected GroupVersion string: {api_version}"),
                span: found.version_node.map_or(root.span, |(_, node)| node.span),
                field: Some("apiVersion"),
            });
        }
    };
    Ok(complete(found))
}

/// Creates the kind from a protobuf envelope; an invalid apiVersion counts as missing.
pub(crate) fn from_parts(api_version: &str, kind: String) -> GroupVersionKind {
    let mut found = GroupVersionKind {
        kind,
        ..GroupVersionKind::default()
    };
    let parts: Vec<&str> = api_version.split('/').collect();
    match parts.as_slice() {
        ["", ""] => {}
        [version] => (*version).clone_into(&mut found.version),
        [group, version] => {
            (*group).clone_into(&mut found.group);
            (*version).clone_into(&mut found.version);
        }
        _ => {}
    }
    // Unlike in JSON, a group without a version is replaced by that of the internal type.
    if found.version.is_empty() {
        found.group.clear();
    }
    complete(found)
}

/// Adds the defaults of the server: the internal Policy.
fn complete(mut found: GroupVersionKind) -> GroupVersionKind {
    if found.kind.is_empty() {
        "Policy".clone_into(&mut found.kind);
    }
    if found.version.is_empty() && (found.group.is_empty() || found.group == GROUP) {
        GROUP.clone_into(&mut found.group);
        INTERNAL.clone_into(&mut found.version);
    }
    found
}

/// Compares names as Go's JSON decoder folds case, including the long s and the Kelvin sign.
fn folds_to(key: &str, name: &str) -> bool {
    let fold = |character: char| match character {
        'ſ' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    key.chars().map(fold).eq(name.chars().map(fold))
}
