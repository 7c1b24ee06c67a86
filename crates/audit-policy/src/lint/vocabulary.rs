//! The built-in API: groups, resources and subresources with the minor versions that serve them.

use std::collections::HashMap;

use crate::version::KubernetesVersion;

const TABLE: &str = include_str!("resources.txt");

/// A resource of the built-in API.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// The API group; empty is core.
    pub group: &'static str,
    /// The plural, as in URLs.
    pub name: &'static str,
    /// True if its objects belong to namespaces.
    pub namespaced: bool,
    versions: VersionRange,
    subresources: Vec<(&'static str, VersionRange)>,
}

/// Range of minor versions, both ends included.
#[derive(Debug, Clone, Copy)]
struct VersionRange {
    since: u8,
    until: u8,
}

impl VersionRange {
    /// Parses `20-` or `20-24`.
    fn read(text: &str) -> Option<Self> {
        let (since, until) = text.split_once('-')?;
        Some(Self {
            since: since.parse().ok()?,
            until: if until.is_empty() {
                u8::MAX
            } else {
                until.parse().ok()?
            },
        })
    }

    const fn contains(self, version: KubernetesVersion) -> bool {
        self.since <= version.minor() && version.minor() <= self.until
    }
}

/// Availability of a name in one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Availability {
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
pub(super) struct ApiVocabulary {
    version: KubernetesVersion,
    /// Resources by group, in the order of the data file.
    groups: HashMap<&'static str, Vec<Resource>>,
    /// Groups by the name of a resource.
    groups_with: HashMap<&'static str, Vec<&'static str>>,
}

impl ApiVocabulary {
    pub fn of(version: KubernetesVersion) -> Self {
        let mut groups: HashMap<_, Vec<_>> = HashMap::new();
        let mut groups_with: HashMap<_, Vec<_>> = HashMap::new();
        for resource in TABLE
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(read)
        {
            if resource.versions.contains(version) {
                let named = groups_with.entry(resource.name).or_default();
                named.push(resource.group);
            }
            groups.entry(resource.group).or_default().push(resource);
        }
        groups_with
            .values_mut()
            .for_each(|groups| groups.sort_unstable());
        Self {
            version,
            groups,
            groups_with,
        }
    }

    /// Returns true if any version has the group.
    pub fn has_group(&self, group: &str) -> bool {
        self.groups.contains_key(group)
    }

    /// Returns the names of the groups of all versions.
    pub fn group_names(&self) -> impl Iterator<Item = &'static str> {
        self.groups.keys().copied()
    }

    /// Returns a resource of a group, in any version.
    pub fn resource(&self, group: &str, name: &str) -> Option<&Resource> {
        self.groups
            .get(group)?
            .iter()
            .find(|resource| resource.name == name)
    }

    /// Returns the resources of a group in all versions.
    pub fn resources(&self, group: &str) -> &[Resource] {
        self.groups.get(group).map_or(&[], Vec::as_slice)
    }

    /// Returns the groups that have a resource of that name in this version, in alphabetical order.
    pub fn groups_with(&self, name: &str) -> &[&'static str] {
        self.groups_with.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the availability of the group: of any resource in it.
    pub fn group(&self, group: &str) -> Availability {
        let lives = self
            .resources(group)
            .iter()
            .map(|resource| resource.versions);
        let whole = lives.reduce(|a, b| VersionRange {
            since: a.since.min(b.since),
            until: a.until.max(b.until),
        });
        ApiVocabulary::known(self, whole)
    }

    /// Returns the availability of a resource, or of its subresource if that is not empty.
    pub fn lookup(&self, group: &str, name: &str, subresource: &str) -> Availability {
        let Some(resource) = self.resource(group, name) else {
            return Availability::Unknown;
        };
        if subresource.is_empty() {
            return ApiVocabulary::known(self, Some(resource.versions));
        }
        let mut subresources = resource.subresources.iter();
        let found = subresources.find(|(name, _)| *name == subresource);
        ApiVocabulary::known(self, found.map(|(_, life)| *life))
    }

    fn known(availability: &Self, life: Option<VersionRange>) -> Availability {
        match life {
            None => Availability::Unknown,
            Some(life) if life.contains(availability.version) => Availability::Available,
            Some(life) if life.since > availability.version.minor() => {
                Availability::AddedIn(life.since)
            }
            Some(life) => Availability::RemovedAfter(life.until),
        }
    }
}

fn read(parse_line: &'static str) -> Option<Resource> {
    let mut words = parse_line.split(' ');
    let group = words.next()?;
    let name = words.next()?;
    let scope = words.next()?;
    let life = VersionRange::read(words.next()?)?;
    Some(Resource {
        group: if group == "core" { "" } else { group },
        name,
        namespaced: scope == "n",
        versions: life,
        subresources: words
            .map(|word| match word.split_once(':') {
                Some((name, own)) => (name, VersionRange::read(own).unwrap_or(life)),
                None => (word, life),
            })
            .collect(),
    })
}

/// Returns true if two words differ by at most two letters, and by one if the shorter has fewer than six.
pub(super) fn is_similar(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let shorter = a.len().min(b.len());
    if a.len().abs_diff(b.len()) > 2 || !(3..=64).contains(&shorter) {
        return false;
    }
    let allowed = if shorter < 6 { 1 } else { 2 };
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut last = i + 1;
        let mut next = vec![last];
        for (above, right) in row.iter().skip(1).zip(b) {
            let cost = diagonal + usize::from(left != right);
            diagonal = *above;
            last = cost.min(last + 1).min(above + 1);
            next.push(last);
        }
        row = next;
    }
    row.last().is_some_and(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minor: u8) -> ApiVocabulary {
        ApiVocabulary::of(KubernetesVersion::from_minor(minor).unwrap())
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
    fn every_line_parses() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            assert!(read(line).is_some(), "{line}");
        }
    }

    #[test]
    fn similar_words_differ_by_few_letters() {
        for (a, b, near) in [
            ("secret", "secrets", true),
            ("deployemnts", "deployments", true),
            ("pods", "nodes", false),
            ("apps", "app", true),
            ("jobs", "cronjobs", false),
            ("roles", "rules", true),
            ("", "a", false),
        ] {
            assert_eq!(is_similar(a, b), near, "{a} {b}");
        }
    }
}
