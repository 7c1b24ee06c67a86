//! Attributes of a request that rules can match.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// Attributes of a request as kube-apiserver's audit filter has them: from the URL and the authenticated user, before the body is read and
/// before impersonation.
///
/// ```
/// use audit_types::Request;
///
/// let request = Request::for_resource("create", "", "pods")
///     .with_subresource("exec")
///     .with_namespace("default")
///     .with_name("web-0")
///     .with_user("alice")
///     .with_groups(["system:authenticated"]);
/// assert_eq!(request.full_resource(), "pods/exec");
/// assert!(!Request::for_path("get", "/healthz").is_resource_request);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
#[non_exhaustive]
pub struct Request {
    /// Name of the authenticated user. `None` if authentication failed.
    pub user: Option<String>,
    /// Groups of the user, including those that the authenticator adds.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "null_is_default"))]
    pub groups: Vec<String>,
    /// Verb such as `get`, `list`, `watch` or `create`; the lowercase HTTP method of a non-resource request.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "null_is_default"))]
    pub verb: String,
    /// Namespace; empty for cluster-scoped requests and requests across all namespaces.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "null_is_default"))]
    pub namespace: String,
    /// The API group; empty is core.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "null_is_default"))]
    pub api_group: String,
    /// The resource, plural and lowercase.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "null_is_default"))]
    pub resource: String,
    /// The subresource; empty for the resource itself.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "null_is_default"))]
    pub subresource: String,
    /// Name of the object in the URL; empty for create, list and deletecollection.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "null_is_default"))]
    pub name: String,
    /// Path of the URL, percent-decoded, without the query.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "null_is_default"))]
    pub path: String,
    /// True if the path is that of an API resource.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "null_is_default"))]
    pub is_resource_request: bool,
}

impl Request {
    /// Creates a request for a resource of an API group; the core group is empty.
    pub fn for_resource(
        verb: impl Into<String>,
        api_group: impl Into<String>,
        resource: impl Into<String>,
    ) -> Self {
        Self {
            verb: verb.into(),
            api_group: api_group.into(),
            resource: resource.into(),
            is_resource_request: true,
            ..Self::default()
        }
    }

    /// Creates a non-resource request for a URL path. The verb is the HTTP method in lowercase.
    pub fn for_path(verb: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            verb: verb.into(),
            path: path.into(),
            ..Self::default()
        }
    }

    /// Sets the user's name.
    #[must_use]
    pub fn with_user(mut self, name: impl Into<String>) -> Self {
        self.user = Some(name.into());
        self
    }

    /// Sets the user's groups.
    #[must_use]
    pub fn with_groups<G: Into<String>>(mut self, groups: impl IntoIterator<Item = G>) -> Self {
        self.groups = groups.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the namespace.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Sets the subresource.
    #[must_use]
    pub fn with_subresource(mut self, subresource: impl Into<String>) -> Self {
        self.subresource = subresource.into();
        self
    }

    /// Sets the object's name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Returns the name that `users` is compared with. `None` if there is no user; a request with groups but no name has a user with
    /// an empty name.
    pub fn user_name(&self) -> Option<&str> {
        match &self.user {
            Some(name) => Some(name),
            None if self.groups.is_empty() => None,
            None => Some(""),
        }
    }

    /// Returns the resource as in rules: `pods`, or `pods/exec`.
    pub fn full_resource(&self) -> String {
        if self.subresource.is_empty() {
            self.resource.clone()
        } else {
            format!("{}/{}", self.resource, self.subresource)
        }
    }

    /// Returns the resource as in rules, or the path of a request that is not for a resource.
    pub fn target(&self) -> String {
        match self.is_resource_request {
            true => self.full_resource(),
            false => self.path.clone(),
        }
    }
}

#[cfg(feature = "serde")]
fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
