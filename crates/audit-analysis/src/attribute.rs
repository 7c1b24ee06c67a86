//! Attributes of requests, by the names that queries, test files and reports use.

use serde::Serialize;

/// An attribute of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Attribute {
    /// Name of the authenticated user.
    User,
    /// Groups of the user.
    UserGroup,
    /// Verb; the method in lowercase for a URL that is not of a resource.
    Verb,
    /// The API group; empty is core.
    ApiGroup,
    /// The resource; empty in a request for a URL that is not of a resource.
    Resource,
    /// The subresource; empty for the resource itself.
    Subresource,
    /// Namespace; empty for cluster-scoped requests and requests across all namespaces.
    Namespace,
    /// Name of the object in the URL.
    Name,
    /// Path of a URL that is not of a resource.
    Path,
}

impl Attribute {
    /// Every attribute, in the order in which classes list them.
    pub const ALL: [Self; 9] = [
        Self::User,
        Self::UserGroup,
        Self::Verb,
        Self::ApiGroup,
        Self::Resource,
        Self::Subresource,
        Self::Namespace,
        Self::Name,
        Self::Path,
    ];

    /// Returns the name, as in `userGroup`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::UserGroup => "userGroup",
            Self::Verb => "verb",
            Self::ApiGroup => "apiGroup",
            Self::Resource => "resource",
            Self::Subresource => "subresource",
            Self::Namespace => "namespace",
            Self::Name => "name",
            Self::Path => "path",
        }
    }

    /// Returns the attribute of a name. Case matters.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|attribute| attribute.name() == name)
    }
}
