//! Cubes: one condition on each attribute. A rule is a union of cubes, and so is whatever a question is about.

use crate::atoms::Atoms;

/// The kind of requests of a cube. No cube has both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Requests for a resource.
    Resource,
    /// Requests for a URL that is not of a resource.
    Url,
}

/// An attribute with one value for each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Dimension {
    Resource,
    ApiGroup,
    Verb,
    Namespace,
    Subresource,
    User,
    Name,
    Path,
}

impl Dimension {
    /// Every dimension; those that tell rules apart most often first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Resource,
        Self::ApiGroup,
        Self::Verb,
        Self::Namespace,
        Self::Subresource,
        Self::User,
        Self::Name,
        Self::Path,
    ];
}

/// A set of requests: the product of one set of atoms for each attribute, and a condition on the user's groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cube {
    pub(crate) kind: Kind,
    /// Allowed atoms by dimension. `None` are all.
    sets: [Option<Atoms>; 8],
    /// The dimensions with a set, a bit each: most comparisons end with it.
    limited: u8,
    /// The user is in a group of each of these sets.
    pub(crate) groups: Vec<Atoms>,
    /// The user is in none of these groups.
    pub(crate) no_groups: Option<Atoms>,
}

/// One condition of a cube.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Literal {
    Set(Dimension),
    /// The user is in a group of this one of the sets.
    Group(usize),
    NoGroups,
}

impl Cube {
    /// Creates the cube of all requests of a kind.
    pub(crate) const fn all(kind: Kind) -> Self {
        Self {
            kind,
            sets: [const { None }; 8],
            limited: 0,
            groups: Vec::new(),
            no_groups: None,
        }
    }

    /// Returns the allowed atoms. `None` are all.
    pub(crate) fn set(&self, dimension: Dimension) -> Option<&Atoms> {
        self.sets.get(dimension as usize).and_then(Option::as_ref)
    }

    /// Replaces the allowed atoms.
    pub(crate) fn replace(&mut self, dimension: Dimension, atoms: Option<Atoms>) {
        let atoms = atoms.filter(|atoms| !atoms.is_full());
        let bit = 1 << dimension as u8;
        if atoms.is_some() {
            self.limited |= bit;
        } else {
            self.limited &= !bit;
        }
        if let Some(own) = self.sets.get_mut(dimension as usize) {
            *own = atoms;
        }
    }

    /// Restricts the cube to some atoms of a dimension. `None` if nothing is left.
    pub(crate) fn within(mut self, dimension: Dimension, atoms: &Atoms) -> Option<Self> {
        let left = match self.set(dimension) {
            Some(own) => own.and(atoms),
            None => atoms.clone(),
        };
        let is_left = !left.is_empty();
        self.replace(dimension, Some(left));
        is_left.then_some(self)
    }

    /// Restricts the cube to users in one of these groups. `None` if nothing is left.
    pub(crate) fn in_groups(mut self, groups: &Atoms) -> Option<Self> {
        let groups = match &self.no_groups {
            Some(none) => groups.minus(none),
            None => groups.clone(),
        };
        if groups.is_empty() {
            return None;
        }
        if self.groups.iter().any(|own| own.is_within(&groups)) {
            return Some(self);
        }
        self.groups.retain(|own| !groups.is_within(own));
        self.groups.push(groups);
        Some(self)
    }

    /// Restricts the cube to users in none of these groups. `None` if nothing is left.
    pub(crate) fn outside_groups(mut self, groups: &Atoms) -> Option<Self> {
        let none = match &self.no_groups {
            Some(none) => none.or(groups),
            None => groups.clone(),
        };
        let lists = std::mem::take(&mut self.groups);
        self.no_groups = (!none.is_empty()).then_some(none.clone());
        for list in lists {
            self = self.in_groups(&list)?;
        }
        Some(self)
    }

    /// Returns true if the cubes have a request in common.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        self.intersects_except(other, None)
    }

    /// Returns true if the cubes have a request in common once a condition is left out.
    pub(crate) fn intersects_except(&self, other: &Self, left_out: Option<Literal>) -> bool {
        if self.kind != other.kind {
            return false;
        }
        let mut both = self.limited & other.limited;
        if let Some(Literal::Set(dimension)) = left_out {
            both &= !(1 << dimension as u8);
        }
        while both != 0 {
            let at = both.trailing_zeros() as usize;
            both &= both - 1;
            if let (Some(Some(own)), Some(Some(others))) = (self.sets.get(at), other.sets.get(at))
                && !own.intersects(others)
            {
                return false;
            }
        }
        left_out == Some(Literal::NoGroups) || self.groups_intersect(other)
    }

    fn groups_intersect(&self, other: &Self) -> bool {
        let allowed_by = |none: &Option<Atoms>, list: &Atoms| match none {
            Some(none) => !list.is_within(none),
            None => true,
        };
        if self.groups.is_empty() && other.groups.is_empty() {
            return true;
        }
        match (&self.no_groups, &other.no_groups) {
            (Some(own), Some(others)) => {
                let none = Some(own.or(others));
                let mut lists = self.groups.iter().chain(&other.groups);
                lists.all(|list| allowed_by(&none, list))
            }
            (own, others) => {
                self.groups.iter().all(|list| allowed_by(others, list))
                    && other.groups.iter().all(|list| allowed_by(own, list))
            }
        }
    }

    /// Returns the requests that both cubes have. `None` if there are none.
    pub(crate) fn and(&self, other: &Self) -> Option<Self> {
        if !self.intersects(other) {
            return None;
        }
        let mut both = self.clone();
        for literal in other.literals() {
            both = both.restricted(other, literal)?;
        }
        Some(both)
    }

    /// Returns the conditions of the cube.
    pub(crate) fn literals(&self) -> impl Iterator<Item = Literal> + '_ {
        let limited = self.limited;
        let sets = Dimension::ALL
            .into_iter()
            .filter(move |dimension| limited >> *dimension as u8 & 1 == 1)
            .map(Literal::Set);
        let none = self.no_groups.is_some().then_some(Literal::NoGroups);
        let groups = (0..self.groups.len()).map(Literal::Group);
        sets.chain(none).chain(groups)
    }

    /// Returns true if all requests of this cube meet a condition of the other.
    pub(crate) fn implies(&self, other: &Self, literal: Literal) -> bool {
        match literal {
            Literal::Set(dimension) => match (self.set(dimension), other.set(dimension)) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(own), Some(others)) => own.is_within(others),
            },
            Literal::Group(at) => other
                .groups
                .get(at)
                .is_none_or(|list| self.groups.iter().any(|own| own.is_within(list))),
            Literal::NoGroups => match (&self.no_groups, &other.no_groups) {
                (_, None) => true,
                (None, Some(others)) => others.is_empty(),
                (Some(own), Some(others)) => others.is_within(own),
            },
        }
    }

    /// Returns the number of conditions of the other cube that requests of this one may not meet; at most the limit.
    pub(crate) fn count_open(&self, other: &Self, limit: usize) -> usize {
        let mut count = 0;
        for literal in other.literals() {
            if !self.implies(other, literal) {
                count += 1;
                if count == limit {
                    break;
                }
            }
        }
        count
    }

    /// Returns true if the other cube has all requests of this one.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.kind == other.kind && other.literals().all(|literal| self.implies(other, literal))
    }

    /// Returns the requests that meet a condition of the other cube. `None` if there are none.
    pub(crate) fn restricted(self, other: &Self, literal: Literal) -> Option<Self> {
        match literal {
            Literal::Set(dimension) => match other.set(dimension) {
                Some(atoms) => self.within(dimension, atoms),
                None => Some(self),
            },
            Literal::Group(at) => match other.groups.get(at) {
                Some(list) => self.in_groups(list),
                None => Some(self),
            },
            Literal::NoGroups => match &other.no_groups {
                Some(none) => self.outside_groups(none),
                None => Some(self),
            },
        }
    }

    /// Returns the requests that do not meet a condition of the other cube. `None` if there are none.
    pub(crate) fn excluded(self, other: &Self, literal: Literal) -> Option<Self> {
        match literal {
            Literal::Set(dimension) => self.within(dimension, &other.set(dimension)?.complement()),
            Literal::Group(at) => self.outside_groups(other.groups.get(at)?),
            Literal::NoGroups => self.in_groups(other.no_groups.as_ref()?),
        }
    }
}
