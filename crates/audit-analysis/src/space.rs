//! The requests that a question can distinguish: an alphabet for each attribute, and rules and classes as cubes over them.

use audit_policy::{GroupResources, Policy, Rule};
use std::collections::BTreeMap;

use crate::alphabet::{Alphabet, Atom};
use crate::atoms::Atoms;
use crate::attribute::Attribute;
use crate::class::{Class, Condition, Values};
use crate::cube::{Cube, Dimension, Kind};
use crate::paths::Paths;
use crate::search::TooLarge;

/// Limit on the memory of all sets, in words of 8 bytes: 128 MB.
const MAX_WORDS: usize = 16_000_000;

/// Values that the server itself gives to requests, which the rules of what can come refer to.
mod known {
    pub(super) const USERS: [&str; 2] = ["system:anonymous", "system:apiserver"];
    pub(super) const GROUPS: [&str; 5] = [
        "system:authenticated",
        "system:unauthenticated",
        "system:serviceaccounts",
        "system:nodes",
        "system:masters",
    ];
    pub(super) const VERBS: [&str; 16] = [
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
        "proxy",
        "",
        "post",
        "put",
        "head",
        "options",
        "connect",
        "trace",
    ];
    pub(super) const RESOURCES: [&str; 1] = ["namespaces"];
    pub(super) const SUBRESOURCES: [&str; 3] = ["", "status", "finalize"];
}

/// The alphabets of a question.
#[derive(Debug, Clone)]
pub(crate) struct Space {
    pub(crate) users: Alphabet,
    pub(crate) groups: Alphabet,
    pub(crate) verbs: Alphabet,
    pub(crate) namespaces: Alphabet,
    pub(crate) api_groups: Alphabet,
    pub(crate) resources: Alphabet,
    pub(crate) subresources: Alphabet,
    pub(crate) names: Alphabet,
    pub(crate) paths: Paths,
}

impl Space {
    /// Creates the alphabets of all values that policies and classes list.
    pub(crate) fn new(policies: &[&Policy], classes: &[&Class]) -> Result<Self, TooLarge> {
        let rules = || policies.iter().flat_map(|policy| &policy.rules);
        let entries = || rules().flat_map(|rule| &rule.resources);
        let patterns = || entries().flat_map(|entry| &entry.resources);
        let listed = |attribute| listed(classes, attribute);
        let groups = Alphabet::new(
            known::GROUPS
                .into_iter()
                .chain(
                    rules()
                        .flat_map(|rule| &rule.user_groups)
                        .map(String::as_str),
                )
                .chain(listed(Attribute::UserGroup)),
        );
        let users = known::USERS
            .into_iter()
            .chain(rules().flat_map(|rule| &rule.users).map(String::as_str))
            .chain(listed(Attribute::User));
        // Names and namespaces have the same atoms, since a request for a namespace has its name as both.
        let objects = Alphabet::new(
            std::iter::once("")
                .chain(
                    rules()
                        .flat_map(|rule| &rule.namespaces)
                        .map(String::as_str),
                )
                .chain(
                    entries()
                        .flat_map(|entry| &entry.resource_names)
                        .map(String::as_str),
                )
                .chain(listed(Attribute::Namespace))
                .chain(listed(Attribute::Name)),
        );
        let parts = || patterns().map(|pattern| pattern.split_once('/').unwrap_or((pattern, "")));
        let space = Self {
            users: Alphabet::of_users(users, &groups),
            groups,
            verbs: Alphabet::new(
                known::VERBS
                    .into_iter()
                    .chain(rules().flat_map(|rule| &rule.verbs).map(String::as_str))
                    .chain(listed(Attribute::Verb)),
            ),
            names: objects.clone(),
            namespaces: objects,
            api_groups: Alphabet::new(
                std::iter::once("")
                    .chain(
                        entries()
                            .map(|entry| entry.group.as_str())
                            .filter(|group| *group != "*"),
                    )
                    .chain(listed(Attribute::ApiGroup)),
            ),
            resources: Alphabet::new(
                known::RESOURCES
                    .into_iter()
                    .chain(parts().map(|(resource, _)| resource))
                    .chain(listed(Attribute::Resource))
                    .filter(|resource| !resource.is_empty()),
            ),
            subresources: Alphabet::new(
                known::SUBRESOURCES
                    .into_iter()
                    .chain(parts().map(|(_, subresource)| subresource))
                    .filter(|subresource| !subresource.contains('/'))
                    .chain(listed(Attribute::Subresource)),
            ),
            paths: Paths::new(
                rules()
                    .flat_map(|rule| &rule.non_resource_urls)
                    .map(String::as_str)
                    .chain(listed(Attribute::Path)),
            ),
        };
        space.check_size(rules().count() + entries().count())?;
        Ok(space)
    }

    /// Returns an error if the sets of that many rules and entries need too much memory.
    fn check_size(&self, sets: usize) -> Result<(), TooLarge> {
        let words: usize = Dimension::ALL
            .into_iter()
            .map(|dimension| self.len(dimension) / 64 + 1)
            .chain([self.groups.len() / 64 + 1])
            .sum();
        match words.checked_mul(sets) {
            Some(words) if words <= MAX_WORDS => Ok(()),
            _ => Err(TooLarge),
        }
    }

    fn len(&self, dimension: Dimension) -> usize {
        self.alphabet(dimension)
            .map_or_else(|| self.paths.len(), Alphabet::len)
    }

    /// Returns the alphabet of a dimension. `None` for paths.
    pub(crate) const fn alphabet(&self, dimension: Dimension) -> Option<&Alphabet> {
        Some(match dimension {
            Dimension::User => &self.users,
            Dimension::Verb => &self.verbs,
            Dimension::Namespace => &self.namespaces,
            Dimension::ApiGroup => &self.api_groups,
            Dimension::Resource => &self.resources,
            Dimension::Subresource => &self.subresources,
            Dimension::Name => &self.names,
            Dimension::Path => return None,
        })
    }

    /// Returns true if every value of a rule is listed in its alphabet.
    pub(crate) fn lists(&self, rule: &Rule) -> bool {
        let all = |alphabet: &Alphabet, values: &[String]| {
            values.iter().all(|value| alphabet.lists(value))
        };
        let pattern = |pattern: &String| {
            let (resource, subresource) = pattern.split_once('/').unwrap_or((pattern, ""));
            (resource.is_empty() || self.resources.lists(resource))
                && (subresource.contains('/') || self.subresources.lists(subresource))
        };
        let entry = |entry: &GroupResources| {
            (entry.group == "*" || self.api_groups.lists(&entry.group))
                && entry.resources.iter().all(pattern)
                && all(&self.names, &entry.resource_names)
        };
        let urls = &rule.non_resource_urls;
        all(&self.users, &rule.users)
            && all(&self.groups, &rule.user_groups)
            && all(&self.verbs, &rule.verbs)
            && all(&self.namespaces, &rule.namespaces)
            && rule.resources.iter().all(entry)
            && urls.iter().all(|url| self.paths.lists(url))
    }

    /// Returns the requests that a rule matches. Mirrors `ruleMatches` of k8s.io/apiserver, 1.10 to 1.36.
    pub(crate) fn rule(&self, rule: &Rule) -> Vec<Cube> {
        let is_for_resources = !rule.namespaces.is_empty() || !rule.resources.is_empty();
        let is_for_urls = !rule.non_resource_urls.is_empty();
        let mut cubes = Vec::new();
        if !is_for_urls && let Some(cube) = self.subjects(Kind::Resource, rule) {
            let namespaces = &rule.namespaces;
            if let Some(cube) = self.listed(cube, Dimension::Namespace, namespaces) {
                cubes.extend(self.resources(&cube, &rule.resources));
            }
        }
        if !is_for_resources && let Some(mut cube) = self.subjects(Kind::Url, rule) {
            if is_for_urls {
                let urls = rule.non_resource_urls.iter().map(String::as_str);
                cube.replace(Dimension::Path, Some(self.paths.fitting(urls)));
            }
            cubes.push(cube);
        }
        cubes
    }

    /// Returns the requests of a kind that a rule matches, as far as users, groups and verbs go.
    fn subjects(&self, kind: Kind, rule: &Rule) -> Option<Cube> {
        let mut cube = self.listed(Cube::all(kind), Dimension::User, &rule.users)?;
        if !rule.user_groups.is_empty() {
            let groups = rule.user_groups.iter().map(String::as_str);
            cube = cube
                .in_groups(&self.groups.set(groups))?
                .within(Dimension::User, &self.no_user().complement())?;
        }
        self.listed(cube, Dimension::Verb, &rule.verbs)
    }

    /// Restricts a cube to listed values. An empty list allows everything.
    fn listed(&self, cube: Cube, dimension: Dimension, values: &[String]) -> Option<Cube> {
        let Some(alphabet) = self.alphabet(dimension).filter(|_| !values.is_empty()) else {
            return Some(cube);
        };
        cube.within(dimension, &alphabet.set(values.iter().map(String::as_str)))
    }

    /// Returns the requests of a cube that one of the entries matches. Entries that differ in the group only share a cube.
    fn resources(&self, cube: &Cube, entries: &[GroupResources]) -> Vec<Cube> {
        if entries.is_empty() {
            return vec![cube.clone()];
        }
        let mut groups_of: BTreeMap<(&[String], &[String]), Vec<&str>> = BTreeMap::new();
        for entry in entries {
            let names: &[String] = if entry.resources.is_empty() {
                &[]
            } else {
                &entry.resource_names
            };
            groups_of
                .entry((&entry.resources, names))
                .or_default()
                .push(&entry.group);
        }
        let mut cubes = Vec::new();
        for ((patterns, names), groups) in groups_of {
            let mut cube = cube.clone();
            if !groups.contains(&"*") {
                cube.replace(Dimension::ApiGroup, Some(self.api_groups.set(groups)));
            }
            if let Some(cube) = self.listed(cube, Dimension::Name, names) {
                cubes.extend(self.patterns(&cube, patterns));
            }
        }
        cubes
    }

    /// Returns the requests of a cube that one of the patterns matches.
    fn patterns(&self, cube: &Cube, patterns: &[String]) -> Vec<Cube> {
        if patterns.is_empty() || patterns.iter().any(|pattern| pattern == "*") {
            return vec![cube.clone()];
        }
        // Resources by subresource. `None` as a subresource or as the resources is any.
        let mut plain: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
        let mut any_resource = Vec::new();
        for pattern in patterns {
            match pattern.split_once('/') {
                Some(("*", subresource)) => any_resource.push(subresource),
                Some((resource, "*")) => plain.entry(None).or_default().push(resource),
                Some((_, "")) => {}
                Some((resource, subresource)) => {
                    plain.entry(Some(subresource)).or_default().push(resource);
                }
                None => plain.entry(Some("")).or_default().push(pattern),
            }
            if pattern == "*/*" {
                plain.entry(None).or_default().push("*");
            }
        }
        let mut cubes = Vec::new();
        for (subresource, resources) in plain {
            let resources = self.resources.set(resources);
            cubes.extend(
                cube.clone()
                    .within(Dimension::Resource, &resources)
                    .and_then(|cube| match subresource {
                        Some(name) => {
                            cube.within(Dimension::Subresource, &self.subresources.set([name]))
                        }
                        None => Some(cube),
                    }),
            );
        }
        let named = any_resource.into_iter().filter(|name| !name.is_empty());
        let subresources = self.subresources.set(named);
        cubes.extend(cube.clone().within(Dimension::Subresource, &subresources));
        cubes
    }

    /// Returns the atom of requests without a user.
    pub(crate) fn no_user(&self) -> Atoms {
        Atoms::of(self.users.len(), self.users.id(&Atom::NoUser))
    }

    /// Returns the requests of a class.
    pub(crate) fn class(&self, class: &Class) -> Vec<Cube> {
        let of_kind = |kind| {
            let mut cube = Some(Cube::all(kind));
            for condition in &class.conditions {
                cube = cube.and_then(|cube| self.condition(cube, condition));
            }
            cube
        };
        [Kind::Resource, Kind::Url]
            .into_iter()
            .filter_map(of_kind)
            .collect()
    }

    /// Restricts a cube to a condition of a class.
    fn condition(&self, cube: Cube, condition: &Condition) -> Option<Cube> {
        let listed = condition
            .values
            .listed()
            .iter()
            .flatten()
            .map(String::as_str);
        let is_in = matches!(condition.values, Values::In(_));
        let dimension = match condition.attribute {
            Attribute::UserGroup => {
                let groups = self.groups.set(listed);
                return if is_in {
                    cube.in_groups(&groups)?
                        .within(Dimension::User, &self.no_user().complement())
                } else {
                    cube.outside_groups(&groups)
                };
            }
            Attribute::User => Dimension::User,
            Attribute::Verb => Dimension::Verb,
            Attribute::Namespace => Dimension::Namespace,
            Attribute::ApiGroup => Dimension::ApiGroup,
            Attribute::Resource => Dimension::Resource,
            Attribute::Subresource => Dimension::Subresource,
            Attribute::Name => Dimension::Name,
            Attribute::Path => Dimension::Path,
        };
        let has_empty = condition.values.listed().contains(&Some(String::new()));
        if let Some(is_met) = is_met_by_kind(cube.kind, dimension, has_empty == is_in) {
            return is_met.then_some(cube);
        }
        let mut atoms = match self.alphabet(dimension) {
            Some(alphabet) => alphabet.set(listed),
            None => self.paths.fitting(listed),
        };
        if dimension == Dimension::User && condition.values.listed().contains(&None) {
            atoms = atoms.or(&self.no_user());
        }
        let atoms = if is_in { atoms } else { atoms.complement() };
        cube.within(dimension, &atoms)
    }
}

/// Returns whether requests of a kind meet a condition on an attribute that they do not have, whose value is then empty. `None` if they have it.
const fn is_met_by_kind(kind: Kind, dimension: Dimension, fits_empty: bool) -> Option<bool> {
    match (kind, dimension) {
        (_, Dimension::User | Dimension::Verb)
        | (Kind::Url, Dimension::Path)
        | (
            Kind::Resource,
            Dimension::Namespace
            | Dimension::ApiGroup
            | Dimension::Resource
            | Dimension::Subresource
            | Dimension::Name,
        ) => None,
        _ => Some(fits_empty),
    }
}

fn listed<'c>(classes: &[&'c Class], attribute: Attribute) -> impl Iterator<Item = &'c str> {
    let conditions: Vec<&Condition> = classes
        .iter()
        .flat_map(|class| &class.conditions)
        .filter(|condition| condition.attribute == attribute)
        .collect();
    conditions
        .into_iter()
        .flat_map(|condition| condition.values.listed().iter().flatten())
        .map(String::as_str)
}
