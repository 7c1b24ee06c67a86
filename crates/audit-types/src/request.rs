//! What a rule asks about: the attributes of one request.

use serde::{Deserialize, Serialize};

/// The attributes of a request as the audit filter sees them: taken from the URL and the authenticated user, before the body is
/// read and before impersonation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Request {
    /// The authenticated user's name; none where authentication failed.
    pub user: Option<String>,
    /// The user's groups, those that the authenticator added included.
    #[serde(deserialize_with = "null_is_default")]
    pub groups: Vec<String>,
    /// The verb: `get`, `list`, `watch`, `create`…, or the lowercase HTTP method of a non-resource request.
    #[serde(deserialize_with = "null_is_default")]
    pub verb: String,
    /// The namespace; empty for cluster-scoped and all-namespace requests.
    #[serde(deserialize_with = "null_is_default")]
    pub namespace: String,
    /// The API group; empty is core.
    #[serde(deserialize_with = "null_is_default")]
    pub api_group: String,
    /// The resource, plural and lowercase.
    #[serde(deserialize_with = "null_is_default")]
    pub resource: String,
    /// The subresource; empty for the resource itself.
    #[serde(deserialize_with = "null_is_default")]
    pub subresource: String,
    /// The object's name from the URL; empty on create, list and deletecollection.
    #[serde(deserialize_with = "null_is_default")]
    pub name: String,
    /// The URL path, percent-decoded, without the query.
    #[serde(deserialize_with = "null_is_default")]
    pub path: String,
    /// Whether the path names an API resource.
    #[serde(deserialize_with = "null_is_default")]
    pub is_resource_request: bool,
}

impl Request {
    /// The name that `users` is compared with; none where there is no user at all. Groups are a user's, so a request with groups
    /// and no name has a user whose name is empty.
    pub fn user_name(&self) -> Option<&str> {
        match &self.user {
            Some(name) => Some(name),
            None if self.groups.is_empty() => None,
            None => Some(""),
        }
    }

    /// The resource as rules write it: `pods`, or `pods/exec`.
    pub fn full_resource(&self) -> String {
        if self.subresource.is_empty() {
            self.resource.clone()
        } else {
            format!("{}/{}", self.resource, self.subresource)
        }
    }
}

fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
