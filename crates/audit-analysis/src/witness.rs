//! Witnesses: a concrete request of a cube, as plausible as the cube allows.

use audit_policy::{KnownResource, Request};

use crate::alphabet::{Alphabet, Atom, account};
use crate::atoms::Atoms;
use crate::cube::{Cube, Dimension, Kind};
use crate::space::Space;
use crate::universe::{METHODS, is_url_path};

/// Verbs of requests for resources, in the order in which they are preferred.
pub(crate) const VERBS: [&str; 8] = [
    "get",
    "create",
    "update",
    "patch",
    "delete",
    "list",
    "watch",
    "deletecollection",
];

/// Names that an example may have for what no rule lists.
mod names {
    pub(super) const PEOPLE: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];
    pub(super) const NODES: [&str; 3] = ["worker-1", "worker-2", "worker-3"];
    pub(super) const ACCOUNTS: [&str; 3] = ["builder", "deployer", "reporter"];
    pub(super) const NAMESPACES: [&str; 4] = ["default", "team-a", "team-b", "team-c"];
    pub(super) const OBJECTS: [&str; 4] = ["example", "example-1", "example-2", "example-3"];
    pub(super) const GROUPS: [&str; 3] = ["developers", "operators", "auditors"];
    pub(super) const API_GROUPS: [&str; 3] = ["example.com", "example.org", "example.net"];
    pub(super) const RESOURCES: [&str; 3] = ["widgets", "gadgets", "gizmos"];
    pub(super) const SUBRESOURCES: [&str; 3] = ["details", "summary", "history"];
    pub(super) const VERBS: [&str; 3] = ["other", "another", "unknown"];
}

/// Creates witnesses for the cubes of a space.
#[derive(Debug, Clone)]
pub(crate) struct Witnesses<'s> {
    space: &'s Space,
    resources: &'s [KnownResource],
}

impl<'s> Witnesses<'s> {
    /// Prefers these resources in requests.
    pub(crate) const fn new(space: &'s Space, resources: &'s [KnownResource]) -> Self {
        Self { space, resources }
    }

    /// Returns a request of a cube, which must not be empty.
    pub(crate) fn request(&self, cube: &Cube) -> Request {
        let verb = self.verb(cube);
        let mut request = match cube.kind {
            Kind::Resource => self.resource(cube, verb),
            Kind::Url => Request::for_path(verb, self.path(cube)),
        };
        request.user = self.user(cube);
        if request.user.is_some() {
            request.groups = self.groups(cube, request.user.as_deref());
        }
        request
    }

    fn user(&self, cube: &Cube) -> Option<String> {
        let users = &self.space.users;
        let rank = |id: usize| match users.atom(id) {
            Atom::Other => 0,
            Atom::Value(name) if !name.starts_with("system:") => 1,
            Atom::OtherAccount(_) => 2,
            Atom::OtherNode => 3,
            Atom::Value(_) => 4,
            Atom::NoUser => 5,
        };
        let id = best(cube.set(Dimension::User), users.len(), rank)?;
        Some(match users.atom(id) {
            Atom::NoUser => return None,
            Atom::Value(name) => name.clone(),
            Atom::Other => unlisted(users, &names::PEOPLE, str::to_owned),
            Atom::OtherNode => unlisted(users, &names::NODES, |node| format!("system:node:{node}")),
            Atom::OtherAccount(Some(namespace)) => {
                unlisted(users, &names::ACCOUNTS, |name| account(namespace, name))
            }
            Atom::OtherAccount(None) => {
                let groups = &self.space.groups;
                let is_free =
                    |namespace: &&str| groups.namespaces_of_accounts().all(|own| own != *namespace);
                let namespace = names::NAMESPACES.into_iter().find(is_free);
                let namespace = namespace.unwrap_or("team-of-the-example");
                unlisted(users, &names::ACCOUNTS, |name| account(namespace, name))
            }
        })
    }

    /// Returns few groups that meet the conditions of the cube.
    fn groups(&self, cube: &Cube, user: Option<&str>) -> Vec<String> {
        let alphabet = &self.space.groups;
        let mut chosen: Vec<usize> = Vec::new();
        for list in &cube.groups {
            if !chosen.iter().any(|group| list.contains(*group)) {
                let rank = |id: usize| match alphabet.value(id) {
                    Some("system:authenticated") => 0,
                    Some(_) => 1,
                    None => 2,
                };
                chosen.extend(best(Some(list), alphabet.len(), rank));
            }
        }
        let own = match user {
            Some("system:anonymous") => "system:unauthenticated",
            Some("system:apiserver") => "system:masters",
            _ => "system:authenticated",
        };
        if let Some(id) = alphabet.id_of(own) {
            let is_free = cube
                .no_groups
                .as_ref()
                .is_none_or(|none| !none.contains(id));
            if is_free && !chosen.contains(&id) {
                chosen.push(id);
            }
        }
        let name = |id: usize| value_or(alphabet, id, &names::GROUPS);
        chosen.into_iter().map(name).collect()
    }

    fn verb(&self, cube: &Cube) -> String {
        let verbs = &self.space.verbs;
        let preferred: &[&str] = match cube.kind {
            Kind::Resource => &VERBS,
            Kind::Url => &METHODS,
        };
        let rank = |id: usize| {
            let name = verbs.value(id);
            let at = preferred.iter().position(|verb| Some(*verb) == name);
            at.unwrap_or(match name {
                Some("") => preferred.len() + 2,
                Some(_) => preferred.len(),
                None => preferred.len() + 1,
            })
        };
        let id = best(cube.set(Dimension::Verb), verbs.len(), rank).unwrap_or_default();
        value_or(verbs, id, &names::VERBS)
    }

    fn path(&self, cube: &Cube) -> String {
        let paths = &self.space.paths;
        let ids: Vec<usize> = match cube.set(Dimension::Path) {
            Some(set) => set.iter().collect(),
            None => (0..paths.len()).collect(),
        };
        let example =
            |fits: &dyn Fn(&str) -> bool| ids.iter().find_map(|id| paths.example(*id, fits));
        example(&is_url_path)
            .or_else(|| example(&|_| true))
            .unwrap_or_else(|| "/".to_owned())
    }

    fn resource(&self, cube: &Cube, verb: String) -> Request {
        let served = self
            .resources
            .iter()
            .find_map(|resource| self.served(cube, resource));
        let (group, resource, subresource) = served.unwrap_or_else(|| {
            let space = self.space;
            (
                self.listed_or(
                    cube,
                    Dimension::ApiGroup,
                    &space.api_groups,
                    &names::API_GROUPS,
                ),
                self.listed_or(
                    cube,
                    Dimension::Resource,
                    &space.resources,
                    &names::RESOURCES,
                ),
                self.listed_or(
                    cube,
                    Dimension::Subresource,
                    &space.subresources,
                    &names::SUBRESOURCES,
                ),
            )
        });
        let is_of_cluster = self
            .resources
            .iter()
            .any(|known| known.group == group && known.name == resource && !known.is_namespaced);
        let namespace = self.namespace(cube, is_of_cluster);
        let name = self.name(cube, &verb, &resource, &namespace);
        Request::for_resource(verb, group, resource)
            .with_subresource(subresource)
            .with_namespace(namespace)
            .with_name(name)
    }

    /// Returns the group, name and a subresource of a resource that the server has, if the cube allows it.
    fn served(&self, cube: &Cube, known: &KnownResource) -> Option<(String, String, String)> {
        let allows = |dimension, alphabet: &Alphabet, value: &str| {
            let id = alphabet.id_of(value).unwrap_or_default();
            cube.set(dimension).is_none_or(|set| set.contains(id))
        };
        let space = self.space;
        let is_allowed = allows(Dimension::ApiGroup, &space.api_groups, known.group)
            && allows(Dimension::Resource, &space.resources, known.name)
            && (known.is_namespaced || allows(Dimension::Namespace, &space.namespaces, ""));
        if !is_allowed {
            return None;
        }
        let subresource = std::iter::once("")
            .chain(known.subresources.iter().copied())
            .find(|name| allows(Dimension::Subresource, &space.subresources, name))?;
        Some((
            known.group.to_owned(),
            known.name.to_owned(),
            subresource.to_owned(),
        ))
    }

    fn namespace(&self, cube: &Cube, is_of_cluster: bool) -> String {
        let alphabet = &self.space.namespaces;
        let rank = |id: usize| match alphabet.value(id) {
            Some("") => {
                if is_of_cluster {
                    0
                } else {
                    3
                }
            }
            None => 1,
            Some(_) => 2,
        };
        let id = best(cube.set(Dimension::Namespace), alphabet.len(), rank).unwrap_or_default();
        value_or(alphabet, id, &names::NAMESPACES)
    }

    fn name(&self, cube: &Cube, verb: &str, resource: &str, namespace: &str) -> String {
        let alphabet = &self.space.names;
        let usually_named = matches!(verb, "get" | "update" | "patch" | "delete");
        let rank = |id: usize| match alphabet.value(id) {
            Some("") => {
                if usually_named {
                    3
                } else {
                    0
                }
            }
            None => 1,
            Some(_) => 2,
        };
        let id = best(cube.set(Dimension::Name), alphabet.len(), rank).unwrap_or_default();
        // The name of a namespace is its namespace, too; names and namespaces have the same atoms.
        let is_same = resource == "namespaces"
            && alphabet.value(id).is_none()
            && !namespace.is_empty()
            && !alphabet.lists(namespace);
        if is_same {
            return namespace.to_owned();
        }
        value_or(alphabet, id, &names::OBJECTS)
    }

    /// Returns a listed value that the cube allows, or one of these names.
    fn listed_or(
        &self,
        cube: &Cube,
        dimension: Dimension,
        alphabet: &Alphabet,
        others: &[&str],
    ) -> String {
        let rank = |id: usize| match alphabet.value(id) {
            Some("") => 0,
            Some("*") => 3,
            // A listed resource may well be of another group.
            Some(_) => 2,
            None => 1,
        };
        let id = best(cube.set(dimension), alphabet.len(), rank).unwrap_or_default();
        value_or(alphabet, id, others)
    }
}

/// Returns the atom of the lowest rank. `None` if there are no atoms.
fn best(set: Option<&Atoms>, len: usize, rank: impl Fn(usize) -> usize) -> Option<usize> {
    match set {
        Some(set) => set.iter().min_by_key(|id| rank(*id)),
        None => (0..len).min_by_key(|id| rank(*id)),
    }
}

/// Returns the listed value of an atom, or one of these names that is not listed.
fn value_or(alphabet: &Alphabet, id: usize, others: &[&str]) -> String {
    match alphabet.value(id) {
        Some(value) => value.to_owned(),
        None => unlisted(alphabet, others, str::to_owned),
    }
}

/// Returns the first of the names that is not listed.
fn unlisted(alphabet: &Alphabet, others: &[&str], name: impl Fn(&str) -> String) -> String {
    let numbered = (1..).map(|number| name(&format!("example-{number}")));
    let mut all = others.iter().map(|other| name(other)).chain(numbered);
    // The names never end, and a finite number of them is listed.
    all.find(|name| !alphabet.lists(name)).unwrap_or_default()
}
