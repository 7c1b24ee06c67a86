//! Cubes as classes of requests.

use crate::alphabet::{Alphabet, Atom};
use crate::atoms::Atoms;
use crate::attribute::Attribute;
use crate::class::{Class, Values};
use crate::cube::{Cube, Dimension, Kind};
use crate::paths::UrlKind;
use crate::space::Space;

/// Attributes of requests for resources, in the order in which classes list them.
const OF_RESOURCES: [(Attribute, Dimension); 5] = [
    (Attribute::ApiGroup, Dimension::ApiGroup),
    (Attribute::Resource, Dimension::Resource),
    (Attribute::Subresource, Dimension::Subresource),
    (Attribute::Namespace, Dimension::Namespace),
    (Attribute::Name, Dimension::Name),
];

impl Space {
    /// Returns classes that have exactly the requests of a cube together. More than one only if paths alternate: some below a prefix, not those
    /// below a longer one, but again those below a third.
    pub(crate) fn describe(&self, cube: &Cube) -> Vec<Class> {
        let class = self.describe_subjects(cube);
        match cube.kind {
            Kind::Resource => vec![self.describe_resource(class, cube)],
            Kind::Url => self.describe_paths(class, cube),
        }
    }

    /// Returns the class of the cube's conditions on users, groups and verbs.
    pub(crate) fn describe_subjects(&self, cube: &Cube) -> Class {
        let mut class = Class::default();
        if let Some(users) = cube.set(Dimension::User) {
            // A user with a group is a user.
            let has_group = !cube.groups.is_empty();
            let with_none = users.or(&self.no_user());
            let is_open = users.iter().any(|id| self.users.atom(id).is_open());
            let users = match (has_group, is_open) {
                (false, _) => users.clone(),
                (true, true) => with_none,
                (true, false) => users.minus(&self.no_user()),
            };
            if !users.is_full() {
                class = class.with(Attribute::User, values(&self.users, &users));
            }
        }
        for groups in &cube.groups {
            class = class.with(Attribute::UserGroup, values(&self.groups, groups));
        }
        if let Some(groups) = &cube.no_groups {
            let listed = listed(&self.groups, groups);
            class = class.with(Attribute::UserGroup, Values::NotIn(listed));
        }
        if let Some(verbs) = cube.set(Dimension::Verb) {
            class = class.with(Attribute::Verb, values(&self.verbs, verbs));
        }
        class
    }

    fn describe_resource(&self, mut class: Class, cube: &Cube) -> Class {
        for (attribute, dimension) in OF_RESOURCES {
            let alphabet = self.alphabet(dimension);
            match (cube.set(dimension), alphabet) {
                (Some(atoms), Some(alphabet)) => {
                    let mut values = values(alphabet, atoms);
                    if let (Attribute::Resource, Values::NotIn(others)) = (attribute, &mut values) {
                        // Requests for URLs have no resource.
                        others.push(Some(String::new()));
                    }
                    class = class.with(attribute, values);
                }
                (None, _) if attribute == Attribute::Resource => {
                    class = class.with(attribute, Values::other_than([""]));
                }
                _ => {}
            }
        }
        class
    }

    fn describe_paths(&self, class: Class, cube: &Cube) -> Vec<Class> {
        let Some(atoms) = cube.set(Dimension::Path) else {
            return vec![class.with(Attribute::Resource, Values::among([""]))];
        };
        let (layers, holes) = self.layers(atoms);
        let urls = |ids: &[usize]| -> Vec<Option<String>> {
            let url = |id: &usize| match self.paths.atom(*id) {
                (text, UrlKind::Exact) => text.to_owned(),
                (text, UrlKind::Prefix) => format!("{text}*"),
            };
            ids.iter().map(|id| Some(url(id))).collect()
        };
        let mut classes = Vec::new();
        for (depth, roots) in layers.iter().enumerate() {
            let mut class = class.clone().with(Attribute::Path, Values::In(urls(roots)));
            if let Some(holes) = holes.get(depth).filter(|holes| !holes.is_empty()) {
                class = class.with(Attribute::Path, Values::NotIn(urls(holes)));
            }
            classes.push(class);
        }
        classes
    }

    /// Returns the atoms where the set begins, and those where it ends again below them, by how often it began before.
    fn layers(&self, atoms: &Atoms) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
        let parents = self.paths.parents();
        let mut depths = vec![0_usize; parents.len()];
        let mut layers: Vec<Vec<usize>> = Vec::new();
        let mut holes: Vec<Vec<usize>> = Vec::new();
        for (id, parent) in parents.iter().enumerate() {
            let is_in = atoms.contains(id);
            let was_in = parent.is_some_and(|parent| atoms.contains(parent));
            let depth = parent
                .and_then(|parent| depths.get(parent))
                .copied()
                .unwrap_or_default();
            let depth = if is_in && !was_in { depth + 1 } else { depth };
            if let Some(own) = depths.get_mut(id) {
                *own = depth;
            }
            let list = match (is_in, was_in) {
                (true, false) => &mut layers,
                (false, true) => &mut holes,
                _ => continue,
            };
            let at = depth.saturating_sub(1);
            if list.len() <= at {
                list.resize(at + 1, Vec::new());
            }
            if let Some(layer) = list.get_mut(at) {
                layer.push(id);
            }
        }
        (layers, holes)
    }
}

/// Returns a set of atoms as values, or as the values that are left out if the set has all that nobody lists.
fn values(alphabet: &Alphabet, atoms: &Atoms) -> Values {
    let is_open = atoms.iter().any(|id| alphabet.atom(id).is_open());
    if is_open {
        Values::NotIn(listed(alphabet, &atoms.complement()))
    } else {
        Values::In(listed(alphabet, atoms))
    }
}

/// Returns the listed values of a set.
fn listed(alphabet: &Alphabet, atoms: &Atoms) -> Vec<Option<String>> {
    let value = |id: usize| match alphabet.atom(id) {
        Atom::Value(value) => Some(Some(value.clone())),
        Atom::NoUser => Some(None),
        _ => None,
    };
    atoms.iter().filter_map(value).collect()
}
