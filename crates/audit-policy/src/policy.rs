//! A policy as the server holds it after loading.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use audit_types::{Level, Stage};

/// A loaded policy. Serialises as the v1 object that the server would print: fields in the type's order, empty ones left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// `metadata`, in v1 form. Decoded by the server, and without effect.
    pub metadata: Metadata,
    /// The rules; the first that matches decides.
    pub rules: Vec<Rule>,
    /// Stages omitted for every request.
    pub omit_stages: Vec<Stage>,
    /// Whether `metadata.managedFields` is left out of bodies, where a rule does not say otherwise. Since 1.23.
    pub omit_managed_fields: bool,
}

/// The metadata of a policy, as JSON that keeps numbers as they are spelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata(String);

impl Metadata {
    /// Metadata from the text of a JSON object.
    pub(crate) const fn from_json(text: String) -> Self {
        Self(text)
    }

    /// The text of the JSON object.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl Default for Metadata {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// One rule. An empty list is no constraint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The level of the requests that the rule matches.
    pub level: Level,
    /// Exact user names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// Groups, one of which the user must be in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_groups: Vec<String>,
    /// Exact verbs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// API groups and resources, one of which must fit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<GroupResources>,
    /// Exact namespaces; the empty string stands for requests without one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// URL paths, a trailing `*` matching any rest.
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
    /// Stages omitted in addition to the policy's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub omit_stages: Vec<Stage>,
    /// Overrides the policy's `omitManagedFields`, either way. Since 1.23.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omit_managed_fields: Option<bool>,
}

/// Resources of one API group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupResources {
    /// The API group; empty is core, `*` any (since 1.36).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// `pods`, `pods/log`, `pods/*`, `*/scale` or `*`; empty is everything in the group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Exact object names, as the URL gives them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", "Policy")?;
        map.serialize_entry("apiVersion", "audit.k8s.io/v1")?;
        map.serialize_entry("metadata", &self.metadata)?;
        map.serialize_entry("rules", &self.rules)?;
        if !self.omit_stages.is_empty() {
            map.serialize_entry("omitStages", &self.omit_stages)?;
        }
        if self.omit_managed_fields {
            map.serialize_entry("omitManagedFields", &true)?;
        }
        map.end()
    }
}
