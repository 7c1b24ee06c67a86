//! Texts about a policy's fields and names, which editors show: `data/fields.json` and `data/vocabulary.json`, from which the page's editor has them too.

use std::sync::LazyLock;

use audit_types::KubernetesVersion;
use serde::Deserialize;

use crate::vocabulary::{DATA as NAMES, Requests, VersionRange, subresources_of};

const DATA: &str = include_str!("../data/fields.json");

static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    // A test checks that the data is valid, so the default is never used.
    serde_json::from_str(DATA).unwrap_or_default()
});

static DESCRIBED: LazyLock<Described> = LazyLock::new(|| {
    // As above.
    serde_json::from_str(NAMES).unwrap_or_default()
});

/// A mapping of a policy whose fields are described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The policy itself.
    Policy,
    /// An item of `rules`.
    Rule,
    /// An item of a rule's `resources`.
    Resources,
}

/// Shape of the value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shape {
    /// One value.
    Scalar,
    /// `true` or `false`.
    Flag,
    /// A list of strings.
    Strings,
    /// A mapping, or a list of mappings.
    Mappings,
}

/// A field with what kube-apiserver does with it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FieldHelp {
    /// Name: `omitStages`.
    pub name: String,
    /// Shape of its value.
    pub shape: Shape,
    /// Sentences; code in backticks.
    pub about: String,
}

/// A name with what it means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct NameHelp {
    /// The name; empty for the core group, or for requests without a namespace.
    pub name: String,
    /// Meaning; code in backticks. May be empty.
    pub about: String,
}

/// An API group with an explanation: every group, or the core group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct GroupHelp {
    /// The group as the server reads it; empty for core.
    pub name: String,
    /// A word or two.
    pub detail: String,
    /// A sentence.
    pub about: String,
}

/// The texts of `fields.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Texts {
    fields: Fields,
    namespaces: Vec<NameHelp>,
    non_resource_urls: Vec<NameHelp>,
    groups: Groups,
    resource_patterns: ResourcePatterns,
}

#[derive(Debug, Default, Deserialize)]
struct Fields {
    policy: Vec<FieldHelp>,
    rule: Vec<FieldHelp>,
    resources: Vec<FieldHelp>,
}

#[derive(Debug, Default, Deserialize)]
struct Groups {
    all: GroupHelp,
    core: GroupHelp,
}

/// Meanings of the forms of a resource; `{}` is its name.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourcePatterns {
    all: String,
    nothing: String,
    subresource_of_all: String,
    with_subresources: String,
    wildcard_inside: String,
    subresource: String,
    resource: String,
}

/// Names of `vocabulary.json` with their meanings.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    levels: Vec<VersionedName>,
    stages: Vec<VersionedName>,
    verbs: Vec<VersionedName>,
    users: Vec<VersionedName>,
    user_groups: Vec<VersionedName>,
    resources: Vec<VersionedResource>,
    add_ons: Vec<VersionedResource>,
}

#[derive(Debug, Deserialize)]
struct VersionedName {
    #[serde(flatten)]
    help: NameHelp,
    versions: VersionRange,
    /// For verbs only.
    requests: Option<Requests>,
}

#[derive(Debug, Deserialize)]
struct VersionedResource {
    group: String,
    name: String,
    versions: VersionRange,
    subresources: serde_json::Map<String, serde_json::Value>,
}

/// Returns the fields of a mapping, in the order in which they are usually written.
///
/// ```
/// use audit_policy::help::{Scope, Shape, fields};
///
/// let verbs = fields(Scope::Rule).iter().find(|field| field.name == "verbs").unwrap();
/// assert_eq!(verbs.shape, Shape::Strings);
/// ```
pub fn fields(scope: Scope) -> &'static [FieldHelp] {
    match scope {
        Scope::Policy => &TEXTS.fields.policy,
        Scope::Rule => &TEXTS.fields.rule,
        Scope::Resources => &TEXTS.fields.resources,
    }
}

/// Kind of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// Levels of a rule.
    Level,
    /// Stages.
    Stage,
    /// Verbs of requests.
    Verb,
    /// Users of the system.
    User,
    /// Groups of users.
    UserGroup,
    /// Namespaces that every cluster has, and no namespace.
    Namespace,
    /// Patterns of paths that are not resources.
    NonResourceUrl,
}

/// Returns names of a kind with their meanings, as a version has them. Verbs without a meaning are left out.
///
/// ```
/// use audit_policy::KubernetesVersion;
/// use audit_policy::help::{NameKind, names};
///
/// let levels = names(NameKind::Level, KubernetesVersion::NEWEST);
/// assert_eq!(levels[0].about, "Logs nothing.");
/// ```
pub fn names(kind: NameKind, version: KubernetesVersion) -> Vec<&'static NameHelp> {
    let versioned = match kind {
        NameKind::Level => &DESCRIBED.levels,
        NameKind::Stage => &DESCRIBED.stages,
        NameKind::Verb => &DESCRIBED.verbs,
        NameKind::User => &DESCRIBED.users,
        NameKind::UserGroup => &DESCRIBED.user_groups,
        NameKind::Namespace => return TEXTS.namespaces.iter().collect(),
        NameKind::NonResourceUrl => return TEXTS.non_resource_urls.iter().collect(),
    };
    let known = versioned.iter().filter(|name| {
        name.versions.contains(version) && (kind != NameKind::Verb || !name.help.about.is_empty())
    });
    known.map(|name| &name.help).collect()
}

/// Returns whether only requests of non-resource URLs have a verb, such as `post`.
pub fn is_http_verb(verb: &str) -> bool {
    let is_http = |name: &&VersionedName| {
        name.help.name == verb && name.requests == Some(Requests::NonResource)
    };
    DESCRIBED.verbs.iter().any(|name| is_http(&name))
}

/// Returns the API groups of a version with their resources as a policy names them: subresources as `pods/exec`, after their resource. Groups and
/// resources are in the order of use, and those of common add-ons are included.
///
/// ```
/// use audit_policy::KubernetesVersion;
/// use audit_policy::help::group_resources;
///
/// let groups = group_resources(KubernetesVersion::NEWEST);
/// assert_eq!((groups[0].0, groups[0].1[0].as_str()), ("", "pods"));
/// ```
pub fn group_resources(version: KubernetesVersion) -> Vec<(&'static str, Vec<String>)> {
    let mut groups: Vec<(&'static str, Vec<String>)> = Vec::new();
    let all = DESCRIBED.resources.iter().chain(&DESCRIBED.add_ons);
    for resource in all.filter(|resource| resource.versions.contains(version)) {
        let place = groups
            .iter()
            .position(|(group, _)| *group == resource.group);
        let place = place.unwrap_or_else(|| {
            groups.push((&resource.group, Vec::new()));
            groups.len() - 1
        });
        let Some((_, names)) = groups.get_mut(place) else {
            continue;
        };
        names.push(resource.name.clone());
        let subresources = subresources_of(&resource.subresources, version);
        names.extend(subresources.map(|subresource| format!("{}/{subresource}", resource.name)));
    }
    groups
}

/// Returns the explanation of `*` as a group.
pub fn every_group() -> &'static GroupHelp {
    &TEXTS.groups.all
}

/// Returns the explanation of the core group.
pub fn core_group() -> &'static GroupHelp {
    &TEXTS.groups.core
}

/// Returns the meaning of an item of an entry's `resources`. Empty for an empty one.
///
/// ```
/// use audit_policy::help::resource_meaning;
///
/// assert_eq!(resource_meaning("pods/*"), "`pods` itself and every subresource of it.");
/// ```
pub fn resource_meaning(resource: &str) -> String {
    let texts = &TEXTS.resource_patterns;
    let filled = |text: &str, name: &str| text.replace("{}", name);
    if resource == "*" {
        texts.all.clone()
    } else if resource == "*/*" {
        texts.nothing.clone()
    } else if let Some(subresource) = resource.strip_prefix("*/") {
        filled(&texts.subresource_of_all, subresource)
    } else if let Some(name) = resource.strip_suffix("/*") {
        filled(&texts.with_subresources, name)
    } else if resource.contains('*') {
        texts.wildcard_inside.clone()
    } else if resource.contains('/') {
        texts.subresource.clone()
    } else if resource.is_empty() {
        String::new()
    } else {
        filled(&texts.resource, resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::schema::{GROUP_RESOURCES, POLICY, RULE};

    #[test]
    fn every_field_of_the_decoder_is_described_and_no_other() {
        let _: Texts = serde_json::from_str(DATA).unwrap();
        for (scope, schema) in [
            (Scope::Policy, &POLICY),
            (Scope::Rule, &RULE),
            (Scope::Resources, &GROUP_RESOURCES),
        ] {
            let mut described: Vec<&str> = fields(scope).iter().map(|field| &*field.name).collect();
            let mut decoded: Vec<&str> = schema.fields.iter().map(|field| field.name).collect();
            described.sort_unstable();
            decoded.sort_unstable();
            assert_eq!(described, decoded, "{scope:?}");
            assert!(fields(scope).iter().all(|field| field.about.ends_with('.')));
        }
    }

    #[test]
    fn names_follow_the_version() {
        let groups = |minor| group_resources(KubernetesVersion::from_minor(minor).unwrap());
        let has = |minor, group: &str, name: &str| {
            let groups = groups(minor);
            let mut found = groups.iter().filter(|(found, _)| *found == group);
            found.any(|(_, names)| names.iter().any(|found| found == name))
        };
        // Facts of the Kubernetes API reference and its deprecation guide.
        assert!(has(36, "", "pods/resize") && !has(31, "", "pods/resize"));
        assert!(has(21, "extensions", "ingresses") && !has(22, "extensions", "ingresses"));
        assert!(has(36, "metrics.k8s.io", "nodes"));
        assert!(is_http_verb("post") && !is_http_verb("get"));
    }

    #[test]
    fn resources_are_explained_by_their_form() {
        for (resource, part) in [
            ("*", "Every resource"),
            ("*/*", "Matches nothing"),
            ("*/scale", "`scale` of every"),
            ("pods/log", "This subresource only"),
            ("po*", "not a wildcard"),
            ("pods", "`pods/*` includes both"),
        ] {
            assert!(resource_meaning(resource).contains(part), "{resource}");
        }
        assert_eq!(resource_meaning(""), "");
    }
}
