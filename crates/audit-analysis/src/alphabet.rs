//! Atoms of the attributes whose values are compared exactly: a listed value is an atom, and all values that nobody lists are one.

use std::collections::HashMap;

use crate::atoms::Atoms;

/// Prefix of the names of service accounts.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// Prefix of the group of the service accounts of a namespace.
const NAMESPACE_ACCOUNTS: &str = "system:serviceaccounts:";

/// Prefix of the names of nodes.
pub(crate) const NODE: &str = "system:node:";

/// Values that an atom stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Atom {
    /// A listed value.
    Value(String),
    /// Every value that is not listed; of users, those of people.
    Other,
    /// Only of users: authentication failed.
    NoUser,
    /// Only of users: a node that is not listed.
    OtherNode,
    /// Only of users: a service account that is not listed, of a namespace; `None` for all namespaces without an atom.
    OtherAccount(Option<String>),
}

impl Atom {
    /// Returns true if the atom stands for values that are not listed.
    pub(crate) const fn is_open(&self) -> bool {
        !matches!(self, Self::Value(_) | Self::NoUser)
    }
}

/// The atoms of one attribute.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alphabet {
    atoms: Vec<Atom>,
    ids: HashMap<Atom, usize>,
}

impl Alphabet {
    /// Creates the alphabet of an attribute, from the values that are listed somewhere.
    pub(crate) fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let mut alphabet = Self::default();
        alphabet.insert(Atom::Other);
        for value in values {
            alphabet.insert(Atom::Value(value.to_owned()));
        }
        alphabet
    }

    /// Creates the alphabet of users. Nodes, and service accounts of namespaces whose group is listed, have atoms of their own.
    pub(crate) fn of_users<'v>(users: impl IntoIterator<Item = &'v str>, groups: &Self) -> Self {
        let mut alphabet = Self::default();
        for atom in [
            Atom::Other,
            Atom::NoUser,
            Atom::OtherNode,
            Atom::OtherAccount(None),
        ] {
            alphabet.insert(atom);
        }
        for namespace in groups.namespaces_of_accounts() {
            alphabet.insert(Atom::OtherAccount(Some(namespace.to_owned())));
        }
        for user in users {
            alphabet.insert(Atom::Value(user.to_owned()));
        }
        alphabet
    }

    fn insert(&mut self, atom: Atom) {
        if !self.ids.contains_key(&atom) {
            self.ids.insert(atom.clone(), self.atoms.len());
            self.atoms.push(atom);
        }
    }

    /// Returns the namespaces whose service accounts are a listed group.
    pub(crate) fn namespaces_of_accounts(&self) -> impl Iterator<Item = &str> {
        self.values()
            .filter_map(|group| group.strip_prefix(NAMESPACE_ACCOUNTS))
    }

    fn values(&self) -> impl Iterator<Item = &str> {
        self.atoms.iter().filter_map(|atom| match atom {
            Atom::Value(value) => Some(value.as_str()),
            _ => None,
        })
    }

    /// Returns the number of atoms.
    pub(crate) fn len(&self) -> usize {
        self.atoms.len()
    }

    /// Returns what an atom stands for.
    pub(crate) fn atom(&self, id: usize) -> &Atom {
        self.atoms.get(id).unwrap_or(&Atom::Other)
    }

    /// Returns the listed value of an atom. `None` if it stands for others.
    pub(crate) fn value(&self, id: usize) -> Option<&str> {
        match self.atom(id) {
            Atom::Value(value) => Some(value),
            _ => None,
        }
    }

    /// Returns the atom of a value.
    pub(crate) fn id_of(&self, value: &str) -> Option<usize> {
        self.id(&Atom::Value(value.to_owned()))
    }

    /// Returns the number of an atom.
    pub(crate) fn id(&self, atom: &Atom) -> Option<usize> {
        self.ids.get(atom).copied()
    }

    /// Returns true if the value is listed.
    pub(crate) fn lists(&self, value: &str) -> bool {
        self.id_of(value).is_some()
    }

    /// Returns the set of listed values. Those without an atom are ignored.
    pub(crate) fn set<'v>(&self, values: impl IntoIterator<Item = &'v str>) -> Atoms {
        Atoms::of(
            self.len(),
            values.into_iter().filter_map(|value| self.id_of(value)),
        )
    }

    /// Returns the set of the atoms for which a condition holds.
    pub(crate) fn filtered(&self, holds: impl Fn(&Atom) -> bool) -> Atoms {
        let atoms = self.atoms.iter().enumerate();
        Atoms::of(
            self.len(),
            atoms.filter(|(_, atom)| holds(atom)).map(|(id, _)| id),
        )
    }

    /// Returns every atom.
    pub(crate) fn all(&self) -> Atoms {
        Atoms::of(self.len(), 0..self.len())
    }
}

/// Returns the namespace of a service account's user name. `None` if the name is none of a service account.
pub(crate) fn namespace_of_account(user: &str) -> Option<&str> {
    let (namespace, name) = user.strip_prefix(SERVICE_ACCOUNT)?.split_once(':')?;
    (!namespace.is_empty() && !name.is_empty() && !name.contains(':')).then_some(namespace)
}

/// Returns the group of the service accounts of a namespace.
pub(crate) fn group_of_accounts(namespace: &str) -> String {
    format!("{NAMESPACE_ACCOUNTS}{namespace}")
}

/// Returns the user name of a service account.
pub(crate) fn account(namespace: &str, name: &str) -> String {
    format!("{SERVICE_ACCOUNT}{namespace}:{name}")
}
