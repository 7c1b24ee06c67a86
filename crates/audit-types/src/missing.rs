//! Attributes that the record of a request lacks.

/// Attributes of a request that its record does not contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MissingAttributes {
    /// The user name, and whether the request was authenticated.
    pub user: bool,
    /// The user's groups.
    pub groups: bool,
    /// The verb.
    pub verb: bool,
    /// The URL, which determines namespace, API group, resource, subresource, name and path.
    pub url: bool,
    /// Only the object's name.
    pub name: bool,
}

impl MissingAttributes {
    /// No attribute is missing.
    pub const NONE: Self = Self {
        user: false,
        groups: false,
        verb: false,
        url: false,
        name: false,
    };

    /// Returns true if any attribute is missing.
    pub const fn any(self) -> bool {
        self.user || self.groups || self.verb || self.url || self.name
    }

    /// Returns the names of the event fields that contain the missing attributes.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        [
            (self.user, "user"),
            (self.groups, "user.groups"),
            (self.verb, "verb"),
            (self.url || self.name, "requestURI"),
        ]
        .into_iter()
        .filter_map(|(is_missing, name)| is_missing.then_some(name))
    }
}
