//! The requests that there are: all that rules can distinguish, or only those that some URL, method and identity produce.

use crate::alphabet::{Atom, NODE, group_of_accounts, namespace_of_account};
use crate::atoms::Atoms;
use crate::cube::{Cube, Dimension, Kind};
use crate::space::Space;

/// Methods of HTTP, as the verbs of requests for URLs. `get` first: examples use it.
pub(crate) const METHODS: [&str; 9] = [
    "get", "post", "put", "patch", "delete", "head", "options", "connect", "trace",
];

/// Verbs of requests that have the name of an object in the URL. The empty one is that of methods that the server does not know.
const NAMED: [&str; 5] = ["get", "update", "patch", "delete", ""];

/// Returns all requests that rules can distinguish: a request without a user is in no group.
pub(crate) fn everything(space: &Space, kind: Kind) -> Vec<Cube> {
    let no_user = space.no_user();
    let with_user = Cube::all(kind).within(Dimension::User, &no_user.complement());
    let without = Cube::all(kind)
        .within(Dimension::User, &no_user)
        .and_then(|cube| cube.outside_groups(&space.groups.all()));
    with_user.into_iter().chain(without).collect()
}

/// The requests that can come: for every way of authentication those that a URL and method lead to. Mirrors `RequestInfoFactory` and the
/// authenticators of k8s.io/apiserver, 1.20 to 1.36, without URLs that no client sends: an empty part, and `POST` to an object.
#[derive(Debug)]
pub(crate) struct Possible {
    identities: Vec<Cube>,
    targets: Vec<Cube>,
    /// Requests for a namespace, a cube for each name, and all requests for namespaces, of which these are a part.
    namespaces: (Vec<Cube>, Option<Cube>),
}

impl Possible {
    /// Computes the requests of both kinds.
    pub(crate) fn new(space: &Space) -> Self {
        let mut targets: Vec<Cube> = resources(space)
            .into_iter()
            .filter_map(|cube| of_segments(space, cube))
            .collect();
        targets.extend(urls(space));
        let guard = Cube::all(Kind::Resource)
            .within(Dimension::Resource, &space.resources.set(["namespaces"]));
        let of_kind = |kind| identities(space, kind);
        Self {
            identities: [Kind::Resource, Kind::Url]
                .into_iter()
                .flat_map(of_kind)
                .collect(),
            targets,
            namespaces: (
                namespaces(space)
                    .into_iter()
                    .filter_map(|cube| of_segments(space, cube))
                    .collect(),
                guard,
            ),
        }
    }

    /// Returns the requests of a cube that can come, in parts; the more usual ones first.
    pub(crate) fn parts<'c>(&'c self, cube: &'c Cube) -> impl Iterator<Item = Cube> + 'c {
        let (namespaces, guard) = &self.namespaces;
        let has_namespaces = guard.as_ref().is_some_and(|guard| guard.intersects(cube));
        let namespaces = namespaces.iter().filter(move |_| has_namespaces);
        self.targets
            .iter()
            .chain(namespaces)
            .filter_map(|target| target.and(cube))
            .flat_map(|part| self.identities.iter().filter_map(move |own| own.and(&part)))
    }

    /// Returns the number of comparisons that [`parts`](Self::parts) takes for a cube.
    pub(crate) fn effort(&self, cube: &Cube) -> usize {
        let (namespaces, guard) = &self.namespaces;
        let has_namespaces = guard.as_ref().is_some_and(|guard| guard.intersects(cube));
        let namespaces = if has_namespaces { namespaces.len() } else { 0 };
        self.targets.len() + self.identities.len() + namespaces
    }
}

/// Builds cubes of users and groups.
struct Identities<'s> {
    space: &'s Space,
    kind: Kind,
    cubes: Vec<Cube>,
}

impl Identities<'_> {
    /// Adds the users of these atoms, who are in exactly these groups.
    fn exactly<'g>(&mut self, users: &Atoms, groups: impl IntoIterator<Item = &'g str>) {
        let groups = &self.space.groups.set(groups);
        self.push(users, groups, &groups.complement());
    }

    /// Adds the users of these atoms, who are in all of some groups and in none of some others.
    fn push(&mut self, users: &Atoms, groups: &Atoms, none: &Atoms) {
        let mut cube = Cube::all(self.kind).within(Dimension::User, users);
        for group in groups.iter() {
            let one = Atoms::of(self.space.groups.len(), [group]);
            cube = cube.and_then(|cube| cube.in_groups(&one));
        }
        self.cubes
            .extend(cube.and_then(|cube| cube.outside_groups(none)));
    }
}

/// Returns users with the groups that the server gives them; people first.
fn identities(space: &Space, kind: Kind) -> Vec<Cube> {
    let mut identities = Identities {
        space,
        kind,
        cubes: Vec::new(),
    };
    let users = |holds: &dyn Fn(&Atom) -> bool| space.users.filtered(holds);
    let is_named = |atom: &Atom, name: &str| matches!(atom, Atom::Value(value) if value == name);
    identities.push(
        &users(&is_person),
        &space.groups.set(["system:authenticated"]),
        &space.groups.filtered(is_group_of_others),
    );
    let mut namespaces: Vec<Option<&str>> =
        space.groups.namespaces_of_accounts().map(Some).collect();
    namespaces.push(None);
    for namespace in namespaces {
        let group = namespace.map(group_of_accounts);
        let is_account = |atom: &Atom| is_account_of(space, atom, namespace);
        identities.exactly(
            &users(&is_account),
            ["system:authenticated", "system:serviceaccounts"]
                .into_iter()
                .chain(group.as_deref()),
        );
    }
    identities.exactly(&users(&is_node), ["system:authenticated", "system:nodes"]);
    identities.exactly(
        &users(&|atom| is_named(atom, "system:anonymous")),
        ["system:unauthenticated"],
    );
    // Requests of the server to itself.
    identities.exactly(
        &users(&|atom| is_named(atom, "system:apiserver")),
        ["system:masters"],
    );
    // A failed authentication (401).
    identities.exactly(&space.no_user(), []);
    identities.cubes
}

fn is_node(atom: &Atom) -> bool {
    match atom {
        Atom::OtherNode => true,
        Atom::Value(name) => name.strip_prefix(NODE).is_some_and(|node| !node.is_empty()),
        _ => false,
    }
}

/// Returns true for service accounts of a namespace; `None` is any namespace whose group is not listed.
fn is_account_of(space: &Space, atom: &Atom, namespace: Option<&str>) -> bool {
    match atom {
        Atom::OtherAccount(own) => own.as_deref() == namespace,
        Atom::Value(name) => match namespace_of_account(name) {
            Some(own) if space.groups.lists(&group_of_accounts(own)) => namespace == Some(own),
            Some(_) => namespace.is_none(),
            None => false,
        },
        _ => false,
    }
}

fn is_person(atom: &Atom) -> bool {
    match atom {
        Atom::Other => true,
        Atom::Value(name) => {
            !name.is_empty()
                && !matches!(name.as_str(), "system:anonymous" | "system:apiserver")
                && !is_node(atom)
                && namespace_of_account(name).is_none()
        }
        _ => false,
    }
}

/// Returns true for groups that the server gives to service accounts and anonymous requests only.
fn is_group_of_others(atom: &Atom) -> bool {
    matches!(atom, Atom::Value(group) if group == "system:unauthenticated"
        || group == "system:serviceaccounts" || group.starts_with("system:serviceaccounts:"))
}

/// Builds the cubes of requests for resources.
struct Targets<'s> {
    space: &'s Space,
    cubes: Vec<Cube>,
}

/// Values of an attribute that a target can have.
#[derive(Clone, Copy)]
enum Allowed<'v> {
    Any,
    Only(&'v Atoms),
}

impl Targets<'_> {
    fn push(&mut self, verbs: &[&str], conditions: &[(Dimension, Allowed<'_>)]) {
        let verbs = self.space.verbs.set(verbs.iter().copied());
        let mut cube = Cube::all(Kind::Resource).within(Dimension::Verb, &verbs);
        for (dimension, allowed) in conditions {
            if let Allowed::Only(atoms) = allowed {
                cube = cube.and_then(|cube| cube.within(*dimension, atoms));
            }
        }
        self.cubes.extend(cube);
    }
}

/// Returns the requests for resources that URLs and methods lead to.
fn resources(space: &Space) -> Vec<Cube> {
    use Allowed::{Any, Only};
    use Dimension::{Name, Namespace, Resource, Subresource};

    let namespaces = space.resources.set(["namespaces"]);
    let rest = namespaces.complement();
    let itself = space.subresources.set([""]);
    let below = itself.complement();
    let unnamed = space.names.set([""]);
    let named = unnamed.complement();
    let mut targets = Targets {
        space,
        cubes: Vec::new(),
    };
    let others = (Resource, Only(&rest));
    targets.push(&NAMED, &[others, (Name, Only(&named)), (Subresource, Any)]);
    targets.push(
        &["list", "watch", "proxy"],
        &[others, (Subresource, Only(&itself))],
    );
    let collection = [(Name, Only(&unnamed)), (Subresource, Only(&itself))];
    let of_collection = ["create", "deletecollection", "update", "patch", ""];
    targets.push(&of_collection, &[&[others], &collection[..]].concat());
    targets.push(
        &["create"],
        &[others, (Name, Only(&named)), (Subresource, Only(&below))],
    );
    // The deprecated `/api/v1/watch/…` has the verb in its path, and a subresource after the name.
    targets.push(
        &["watch"],
        &[others, (Name, Only(&named)), (Subresource, Only(&below))],
    );
    // `/api/v1/namespaces` has no namespace.
    let is_namespaces = (Resource, Only(&namespaces));
    let cluster = (Namespace, Only(&unnamed));
    targets.push(
        &of_collection,
        &[&[is_namespaces, cluster], &collection[..]].concat(),
    );
    targets.push(
        &["list", "watch", "proxy"],
        &[is_namespaces, cluster, (Subresource, Only(&itself))],
    );
    targets.cubes
}

/// Returns the requests for a namespace, a cube for each name: `/api/v1/namespaces/x` has the namespace x.
fn namespaces(space: &Space) -> Vec<Cube> {
    use Allowed::Only;
    use Dimension::{Name, Namespace, Resource, Subresource};

    let namespaces = space.resources.set(["namespaces"]);
    let is_namespaces = (Resource, Only(&namespaces));
    let named = space.names.set([""]).complement();
    let itself = space.subresources.set([""]);
    let mut targets = Targets {
        space,
        cubes: Vec::new(),
    };
    let own = space.subresources.set(["", "status", "finalize"]);
    let own_below = space.subresources.set(["status", "finalize"]);
    for name in named.iter() {
        let name = Atoms::of(space.names.len(), [name]);
        let same = [is_namespaces, (Namespace, Only(&name)), (Name, Only(&name))];
        targets.push(&NAMED, &[&same[..], &[(Subresource, Only(&own))]].concat());
        // `/api/v1/watch/namespaces/x` and `/api/v1/proxy/namespaces/x`.
        targets.push(
            &["watch"],
            &[&same[..], &[(Subresource, Only(&own))]].concat(),
        );
        targets.push(
            &["proxy"],
            &[&same[..], &[(Subresource, Only(&itself))]].concat(),
        );
        targets.push(
            &["create"],
            &[&same[..], &[(Subresource, Only(&own_below))]].concat(),
        );
    }
    targets.cubes
}

/// Returns the requests for URLs that are not of a resource.
fn urls(space: &Space) -> Vec<Cube> {
    let paths = (0..space.paths.len()).filter(|id| space.paths.example(*id, is_url_path).is_some());
    Cube::all(Kind::Url)
        .within(Dimension::Verb, &space.verbs.filtered(is_method))
        .and_then(|cube| cube.within(Dimension::Path, &Atoms::of(space.paths.len(), paths)))
        .into_iter()
        .collect()
}

/// Returns true for verbs that a method in lowercase can be. Servers take any token for a method.
fn is_method(atom: &Atom) -> bool {
    match atom {
        Atom::Value(verb) => {
            let is_token = |byte: u8| {
                byte.is_ascii_graphic()
                    && !byte.is_ascii_uppercase()
                    && !b"()<>@,;:\\\"/[]?={}".contains(&byte)
            };
            !verb.is_empty() && verb.bytes().all(is_token)
        }
        _ => true,
    }
}

/// Restricts requests for resources to values that can be parts of a URL's path.
fn of_segments(space: &Space, cube: Cube) -> Option<Cube> {
    [
        Dimension::ApiGroup,
        Dimension::Resource,
        Dimension::Subresource,
        Dimension::Namespace,
        Dimension::Name,
    ]
    .into_iter()
    .try_fold(cube, |cube, dimension| match space.alphabet(dimension) {
        Some(alphabet) => cube.within(dimension, &alphabet.filtered(is_segment)),
        None => Some(cube),
    })
}

/// Returns true for values that can be a part of a URL's path.
fn is_segment(atom: &Atom) -> bool {
    !matches!(atom, Atom::Value(value) if value.contains('/'))
}

/// Returns true if a path is one of a URL, and not that of a resource: `/api/V/…` and `/apis/G/V/…` are, if something follows.
pub(crate) fn is_url_path(path: &str) -> bool {
    if !path.starts_with('/') || path.contains('?') {
        return false;
    }
    let mut parts = path.trim_matches('/').split('/');
    let versions = match parts.next() {
        Some("api") => 1,
        Some("apis") => 2,
        _ => return true,
    };
    let after = parts.skip(versions).collect::<Vec<_>>();
    // `/api/v1/watch` itself is a URL: the verb without anything to watch.
    matches!(after.as_slice(), [] | ["watch" | "proxy"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_resources_are_not_urls() {
        for (path, is_url) in [
            ("/", true),
            ("/healthz", true),
            ("/api", true),
            ("/api/v1", true),
            ("/api/v1/", true),
            ("/api/v1/pods", false),
            ("/api/v1/watch", true),
            ("/api/v1/watch/pods", false),
            ("/apis/apps", true),
            ("/apis/apps/v1", true),
            ("/apis/apps/v1/deployments", false),
            ("/apisx/apps/v1/deployments", true),
            ("healthz", false),
        ] {
            assert_eq!(is_url_path(path), is_url, "{path}");
        }
    }
}
