//! A policy as the server has it after loading.

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use audit_types::{Level, RuleIndex, Stage};

/// A policy. Serializes as the v1 object that the server would print: fields in the order of its type, empty ones left out.
///
/// Deserializing accepts that object and rejects unknown fields. It does not validate values; [`load`](crate::load()) does, and accepts
/// whatever the server accepts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Policy {
    /// `metadata`, in v1 form. The server decodes it but does not use it.
    pub metadata: Metadata,
    /// Rules, of which the first that matches decides.
    pub rules: Vec<Rule>,
    /// Stages omitted for every request.
    pub omit_stages: Vec<Stage>,
    /// True if `metadata.managedFields` is removed from bodies unless a rule overrides it. Since 1.23.
    pub omit_managed_fields: bool,
}

impl Policy {
    /// Creates a policy of rules that omits no stage.
    pub fn new(rules: Vec<Rule>) -> Self {
        Self {
            rules,
            ..Self::default()
        }
    }

    /// Returns a rule. `None` if the policy has fewer.
    pub fn rule(&self, rule: RuleIndex) -> Option<&Rule> {
        self.rules.get(rule.get())
    }
}

/// Metadata of a policy, as JSON that keeps the spelling of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata(String);

impl Metadata {
    /// Creates metadata from the text of a JSON object.
    pub(crate) const fn from_json(text: String) -> Self {
        Self(text)
    }

    /// Returns the text of the JSON object.
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

/// A rule. An empty list matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Rule {
    /// Level of the requests that the rule matches.
    pub level: Level,
    /// Exact user names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// Exact groups; the user must be in one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_groups: Vec<String>,
    /// Exact verbs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// API groups and resources; one entry must match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<GroupResources>,
    /// Exact namespaces; the empty string stands for requests without one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// URL paths; a trailing `*` matches any suffix.
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
    /// Stages omitted in addition to those of the policy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub omit_stages: Vec<Stage>,
    /// Overrides the `omitManagedFields` of the policy. Since 1.23.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omit_managed_fields: Option<bool>,
}

impl Rule {
    /// Creates a rule that matches every request.
    ///
    /// ```
    /// use audit_policy::{GroupResources, Level, Matcher, Policy, Request, Rule};
    ///
    /// let mut rule = Rule::new(Level::Request);
    /// rule.resources = vec![GroupResources::new("apps", ["deployments"])];
    /// let matcher = Matcher::new(&Policy::new(vec![rule]));
    /// let request = Request::for_resource("create", "apps", "deployments");
    /// assert_eq!(matcher.evaluate(&request).level, Level::Request);
    /// ```
    pub fn new(level: Level) -> Self {
        Self {
            level,
            ..Self::default()
        }
    }

    /// Returns true if the rule has no conditions, so that it matches every request.
    ///
    /// ```
    /// use audit_policy::{Level, Rule};
    ///
    /// let mut rule = Rule::new(Level::Metadata);
    /// assert!(rule.is_unconditional());
    /// rule.verbs = vec!["get".to_owned()];
    /// assert!(!rule.is_unconditional());
    /// ```
    pub fn is_unconditional(&self) -> bool {
        self.users.is_empty()
            && self.user_groups.is_empty()
            && self.verbs.is_empty()
            && self.namespaces.is_empty()
            && self.resources.is_empty()
            && self.non_resource_urls.is_empty()
    }
}

/// Resources of one API group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GroupResources {
    /// The API group; empty is core, `*` any (since 1.36).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// `pods`, `pods/log`, `pods/*`, `*/scale` or `*`; empty matches all resources of the group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Exact object names, as in the URL.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
}

impl GroupResources {
    /// Creates an entry for resources of a group, with any object name.
    pub fn new<R: Into<String>>(
        group: impl Into<String>,
        resources: impl IntoIterator<Item = R>,
    ) -> Self {
        Self {
            group: group.into(),
            resources: resources.into_iter().map(Into::into).collect(),
            resource_names: Vec::new(),
        }
    }
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

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = serde_json::Map::deserialize(deserializer)?;
        Ok(Self(serde_json::Value::Object(fields).to_string()))
    }
}

/// A policy as JSON, with its type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PolicyObject {
    kind: String,
    api_version: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default)]
    omit_stages: Vec<Stage>,
    #[serde(default)]
    omit_managed_fields: bool,
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = PolicyObject::deserialize(deserializer)?;
        if (object.api_version.as_str(), object.kind.as_str()) != ("audit.k8s.io/v1", "Policy") {
            let message = format!(
                "not an audit policy: {} {}",
                object.api_version, object.kind
            );
            return Err(serde::de::Error::custom(message));
        }
        Ok(Self {
            metadata: object.metadata,
            rules: object.rules,
            omit_stages: object.omit_stages,
            omit_managed_fields: object.omit_managed_fields,
        })
    }
}

/// Error of parsing a policy that the server rejects.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParsePolicyError(pub(crate) String);
