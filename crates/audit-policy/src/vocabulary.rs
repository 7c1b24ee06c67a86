//! Names of Kubernetes and the versions that have them: `data/vocabulary.json`, which the editor's completion reads too.

use std::collections::HashMap;
use std::sync::LazyLock;

use audit_types::KubernetesVersion;
use audit_types::sort::SortShort;
use serde::Deserialize;

pub(crate) const DATA: &str = include_str!("../data/vocabulary.json");

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    // A test checks that the data is valid, so the default is never used.
    serde_json::from_str(DATA).unwrap_or_default()
});

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vocabulary {
    verbs: Vec<Verb>,
    users: Vec<SystemName>,
    user_groups: Vec<SystemName>,
    resources: Vec<Resource>,
}

/// Returns the names that Kubernetes itself has in any version: of verbs, resources, subresources, API groups, and system users and groups.
/// Some are returned more than once.
///
/// ```
/// assert!(audit_policy::known_names().any(|name| name == "system:masters"));
/// ```
pub fn known_names() -> impl Iterator<Item = &'static str> {
    let resources = VOCABULARY.resources.iter().flat_map(|resource| {
        let subresources = resource.subresources.keys().map(String::as_str);
        [resource.name.as_str(), resource.group.as_str()]
            .into_iter()
            .chain(subresources)
    });
    let verbs = VOCABULARY.verbs.iter().map(|verb| verb.name.as_str());
    let system = VOCABULARY.users.iter().chain(&VOCABULARY.user_groups);
    resources
        .chain(verbs)
        .chain(system.map(|system| system.name.as_str()))
}

/// A resource of the built-in API, as one version serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownResource {
    /// The API group; empty is core.
    pub group: &'static str,
    /// The plural, as in URLs.
    pub name: &'static str,
    /// True if its objects belong to namespaces.
    pub is_namespaced: bool,
    /// Its subresources, in ascending order.
    pub subresources: Vec<&'static str>,
}

/// Returns the resources that kube-apiserver serves in a version, alpha and beta versions included; the most used ones first.
///
/// ```
/// use audit_policy::{KubernetesVersion, known_resources};
///
/// let first = known_resources(KubernetesVersion::NEWEST).next().unwrap();
/// assert_eq!((first.group, first.name, first.is_namespaced), ("", "pods", true));
/// assert!(first.subresources.contains(&"exec"));
/// ```
pub fn known_resources(version: KubernetesVersion) -> impl Iterator<Item = KnownResource> {
    let all = VOCABULARY.resources.iter();
    all.filter_map(move |resource| resource.served(version))
}

/// Returns a resource that kube-apiserver serves in a version, alpha and beta versions included.
///
/// ```
/// use audit_policy::known_resource;
///
/// let of = |version: &str| known_resource(version.parse().unwrap(), "policy", "podsecuritypolicies");
/// assert!(of("1.24").is_some() && of("1.25").is_none());
/// ```
pub fn known_resource(
    version: KubernetesVersion,
    group: &str,
    name: &str,
) -> Option<KnownResource> {
    let is_named = |resource: &&Resource| resource.name == name && resource.group == group;
    let mut named = VOCABULARY.resources.iter().filter(is_named);
    named.find_map(|resource| resource.served(version))
}

/// A user or group of the system.
#[derive(Debug, Deserialize)]
struct SystemName {
    name: String,
}

/// A verb of requests.
#[derive(Debug, Deserialize)]
struct Verb {
    name: String,
    requests: Requests,
    versions: VersionRange,
}

/// The requests that have a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Requests {
    Resource,
    NonResource,
    Both,
}

/// A resource of the built-in API.
#[derive(Debug, Deserialize)]
pub(crate) struct Resource {
    /// The API group; empty is core.
    pub(crate) group: String,
    /// The plural, as in URLs.
    pub(crate) name: String,
    /// True if its objects belong to namespaces.
    pub(crate) namespaced: bool,
    versions: VersionRange,
    subresources: HashMap<String, VersionRange>,
}

impl Resource {
    /// Returns the resource as a version serves it. `None` if it does not.
    fn served(&'static self, version: KubernetesVersion) -> Option<KnownResource> {
        if !self.versions.contains(version) {
            return None;
        }
        let subresources = self.subresources.iter();
        let mut subresources: Vec<&str> = subresources
            .filter(|(_, versions)| versions.contains(version))
            .map(|(name, _)| name.as_str())
            .collect();
        subresources.sort_short();
        Some(KnownResource {
            group: &self.group,
            name: &self.name,
            is_namespaced: self.namespaced,
            subresources,
        })
    }
}

/// Range of minor versions, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct VersionRange {
    since: u8,
    until: u8,
}

impl VersionRange {
    /// Returns whether a version is in the range.
    pub(crate) const fn contains(self, version: KubernetesVersion) -> bool {
        self.since <= version.minor() && version.minor() <= self.until
    }
}

impl TryFrom<String> for VersionRange {
    type Error = &'static str;

    /// Parses `20-` or `20-24`.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parse = || {
            let (since, until) = text.split_once('-')?;
            Some(Self {
                since: since.parse().ok()?,
                until: if until.is_empty() {
                    u8::MAX
                } else {
                    until.parse().ok()?
                },
            })
        };
        parse().ok_or("not a range of minor versions such as `20-` or `20-24`")
    }
}

/// Returns the subresources of a version, in the order of the data.
pub(crate) fn subresources_of(
    subresources: &'static serde_json::Map<String, serde_json::Value>,
    version: KubernetesVersion,
) -> impl Iterator<Item = &'static str> {
    let is_in = move |range: &serde_json::Value| {
        let range = range
            .as_str()
            .map(str::to_owned)
            .map(VersionRange::try_from);
        matches!(range, Some(Ok(range)) if range.contains(version))
    };
    let all = subresources.iter();
    all.filter(move |(_, range)| is_in(range))
        .map(|(name, _)| name.as_str())
}

/// Availability of a name in one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Availability {
    /// Available.
    Available,
    /// Added in that minor version.
    AddedIn(u8),
    /// Last available in that minor version.
    RemovedAfter(u8),
    /// Not available in any version since 1.20.
    Unknown,
}

/// The built-in API as one version serves it.
pub(crate) struct ApiVocabulary {
    version: KubernetesVersion,
    /// Resources of all versions by group, in the order of the data file.
    groups: HashMap<&'static str, Vec<&'static Resource>>,
    /// Groups by the name of a resource, in this version.
    groups_with: HashMap<&'static str, Vec<&'static str>>,
}

impl ApiVocabulary {
    /// Creates the vocabulary of a version.
    pub(crate) fn new(version: KubernetesVersion) -> Self {
        let mut groups: HashMap<_, Vec<_>> = HashMap::new();
        let mut groups_with: HashMap<_, Vec<_>> = HashMap::new();
        for resource in &VOCABULARY.resources {
            let group = resource.group.as_str();
            if resource.versions.contains(version) {
                let named = groups_with.entry(resource.name.as_str()).or_default();
                named.push(group);
            }
            groups.entry(group).or_default().push(resource);
        }
        groups_with
            .values_mut()
            .for_each(|groups| groups.sort_short());
        Self {
            version,
            groups,
            groups_with,
        }
    }

    /// Returns the verbs of resource requests in this version.
    pub(crate) fn resource_verbs(&self) -> impl Iterator<Item = &'static str> {
        self.verbs(Requests::Resource)
    }

    /// Returns the verbs of non-resource requests in this version: HTTP methods in lowercase.
    pub(crate) fn http_verbs(&self) -> impl Iterator<Item = &'static str> {
        self.verbs(Requests::NonResource)
    }

    fn verbs(&self, requests: Requests) -> impl Iterator<Item = &'static str> + use<> {
        let version = self.version;
        let verbs = VOCABULARY.verbs.iter();
        verbs
            .filter(move |verb| verb.requests == requests || verb.requests == Requests::Both)
            .filter(move |verb| verb.versions.contains(version))
            .map(|verb| verb.name.as_str())
    }

    /// Returns true if any version has the group.
    pub(crate) fn has_group(&self, group: &str) -> bool {
        self.groups.contains_key(group)
    }

    /// Returns the names of the groups of all versions.
    pub(crate) fn group_names(&self) -> impl Iterator<Item = &'static str> {
        self.groups.keys().copied()
    }

    /// Returns a resource of a group, in any version.
    pub(crate) fn resource(&self, group: &str, name: &str) -> Option<&'static Resource> {
        let mut resources = self.resources(group).iter();
        resources.find(|resource| resource.name == name).copied()
    }

    /// Returns the resources of a group in all versions.
    pub(crate) fn resources(&self, group: &str) -> &[&'static Resource] {
        self.groups.get(group).map_or(&[], Vec::as_slice)
    }

    /// Returns the subresources of a resource in this version, in alphabetical order.
    pub(crate) fn subresources(&self, group: &str, name: &str) -> Vec<&'static str> {
        let resource = self.resource(group, name).into_iter();
        let all = resource.flat_map(|resource| &resource.subresources);
        let mut served: Vec<&'static str> = all
            .filter(|(_, versions)| versions.contains(self.version))
            .map(|(name, _)| name.as_str())
            .collect();
        served.sort_short();
        served
    }

    /// Returns true if any resource of a group has a subresource of that name, in any version.
    pub(crate) fn has_subresource(&self, group: &str, subresource: &str) -> bool {
        let mut resources = self.resources(group).iter();
        resources.any(|resource| resource.subresources.contains_key(subresource))
    }

    /// Returns the groups that have a resource of that name in this version, in alphabetical order.
    pub(crate) fn groups_with(&self, name: &str) -> &[&'static str] {
        self.groups_with.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the availability of the group: of any resource in it.
    pub(crate) fn group(&self, group: &str) -> Availability {
        let ranges = self.resources(group).iter();
        let all = ranges
            .map(|resource| resource.versions)
            .reduce(|a, b| VersionRange {
                since: a.since.min(b.since),
                until: a.until.max(b.until),
            });
        self.availability(all)
    }

    /// Returns the availability of a resource, or of its subresource if that is not empty.
    pub(crate) fn lookup(&self, group: &str, name: &str, subresource: &str) -> Availability {
        let Some(resource) = self.resource(group, name) else {
            return Availability::Unknown;
        };
        if subresource.is_empty() {
            return self.availability(Some(resource.versions));
        }
        self.availability(resource.subresources.get(subresource).copied())
    }

    fn availability(&self, versions: Option<VersionRange>) -> Availability {
        match versions {
            None => Availability::Unknown,
            Some(range) if range.contains(self.version) => Availability::Available,
            Some(range) if range.since > self.version.minor() => Availability::AddedIn(range.since),
            Some(range) => Availability::RemovedAfter(range.until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_types::{Level, Stage};

    fn at(minor: u8) -> ApiVocabulary {
        ApiVocabulary::new(KubernetesVersion::from_minor(minor).unwrap())
    }

    #[test]
    fn availability_follows_the_version() {
        // Facts of the Kubernetes API reference and its deprecation guide.
        for (group, name, subresource, minor, known) in [
            ("", "pods", "", 36, Availability::Available),
            ("", "pods", "exec", 20, Availability::Available),
            ("", "pods", "resize", 31, Availability::AddedIn(32)),
            ("", "pods", "resize", 32, Availability::Available),
            ("", "deployments", "", 36, Availability::Unknown),
            ("apps", "deployments", "scale", 36, Availability::Available),
            (
                "policy",
                "podsecuritypolicies",
                "",
                24,
                Availability::Available,
            ),
            (
                "policy",
                "podsecuritypolicies",
                "",
                25,
                Availability::RemovedAfter(24),
            ),
            (
                "extensions",
                "ingresses",
                "",
                22,
                Availability::RemovedAfter(21),
            ),
            (
                "networking.k8s.io",
                "networkpolicies",
                "status",
                28,
                Availability::RemovedAfter(27),
            ),
        ] {
            let found = at(minor).lookup(group, name, subresource);
            assert_eq!(found, known, "{group}/{name}/{subresource} in 1.{minor}");
        }
        assert_eq!(at(21).group("extensions"), Availability::Available);
        assert_eq!(at(22).group("extensions"), Availability::RemovedAfter(21));
        assert_eq!(at(36).group("metrics.k8s.io"), Availability::Unknown);
        assert_eq!(at(36).groups_with("events"), ["", "events.k8s.io"]);
        assert_eq!(at(36).groups_with("ingresses"), ["networking.k8s.io"]);
        assert_eq!(
            at(20).groups_with("ingresses"),
            ["extensions", "networking.k8s.io"]
        );
    }

    #[test]
    fn the_data_is_valid() {
        let data: Vocabulary = serde_json::from_str(DATA).unwrap();
        assert!(data.resources.len() > 80);
        let raw: serde_json::Value = serde_json::from_str(DATA).unwrap();
        let names = |key: &str| -> Vec<&str> {
            let list = raw[key].as_array().unwrap();
            list.iter()
                .filter_map(|entry| entry["name"].as_str())
                .collect()
        };
        assert_eq!(names("levels"), Level::ALL.map(Level::name));
        assert_eq!(names("stages"), Stage::ALL.map(Stage::name));
        for key in [
            "levels",
            "stages",
            "verbs",
            "users",
            "userGroups",
            "resources",
            "addOns",
        ] {
            for entry in raw[key].as_array().unwrap() {
                let versions = entry["versions"].as_str().unwrap();
                assert!(
                    VersionRange::try_from(versions.to_owned()).is_ok(),
                    "{key}: {entry}"
                );
            }
        }
    }
}
