//! Classes of requests: conditions on attributes that hold together.

use audit_types::Request;
use serde::Serialize;

use crate::attribute::Attribute;

/// A class of requests: those that meet all conditions. Without conditions, every request.
///
/// Serializes as a list of `{"attribute", "in": […]}` and `{"attribute", "notIn": […]}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Class {
    /// The conditions. Those of one attribute hold together as well.
    pub conditions: Vec<Condition>,
}

/// A condition on one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Condition {
    /// The attribute.
    pub attribute: Attribute,
    /// The values that meet the condition, or those that do not.
    #[serde(flatten)]
    pub values: Values,
}

/// Values of a condition. `None`, in JSON null, is a request without a user.
///
/// For [`Attribute::UserGroup`], `In` holds if the user is in one of the groups, and `NotIn` if in none. A trailing `*` of a
/// [`Attribute::Path`] stands for any continuation, as in a rule; other values are compared exactly. Requests for a URL have the resource
/// `""`, and requests for a resource no path, so `{"attribute": "resource", "notIn": [""]}` are all requests for resources.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Values {
    /// One of these.
    In(Vec<Option<String>>),
    /// None of these.
    NotIn(Vec<Option<String>>),
}

impl Values {
    /// Creates the condition that a value is one of these.
    pub fn among<V: Into<String>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::In(values.into_iter().map(|value| Some(value.into())).collect())
    }

    /// Creates the condition that a value is none of these.
    pub fn other_than<V: Into<String>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::NotIn(values.into_iter().map(|value| Some(value.into())).collect())
    }

    /// Returns the listed values.
    pub fn listed(&self) -> &[Option<String>] {
        match self {
            Self::In(values) | Self::NotIn(values) => values,
        }
    }

    fn hold(&self, fits: impl FnMut(&Option<String>) -> bool) -> bool {
        match self {
            Self::In(values) => values.iter().any(fits),
            Self::NotIn(values) => !values.iter().any(fits),
        }
    }
}

impl Class {
    /// Adds a condition.
    #[must_use]
    pub fn with(mut self, attribute: Attribute, values: Values) -> Self {
        self.conditions.push(Condition { attribute, values });
        self
    }

    /// Returns true if the request is in the class.
    ///
    /// ```
    /// use audit_analysis::{Attribute, Class, Values};
    /// use audit_policy::Request;
    ///
    /// let class = Class::default()
    ///     .with(Attribute::Resource, Values::among(["secrets"]))
    ///     .with(Attribute::UserGroup, Values::other_than(["system:nodes"]));
    /// let request = Request::for_resource("get", "", "secrets").with_user("alice");
    /// assert!(class.contains(&request));
    /// assert!(!class.contains(&request.with_groups(["system:nodes"])));
    /// ```
    pub fn contains(&self, request: &Request) -> bool {
        self.conditions
            .iter()
            .all(|condition| condition.holds(request))
    }
}

impl Condition {
    fn holds(&self, request: &Request) -> bool {
        let of_resource = |value: &'_ str| -> String {
            if request.is_resource_request {
                value.to_owned()
            } else {
                String::new()
            }
        };
        let value = match self.attribute {
            Attribute::UserGroup => {
                return self.values.hold(|listed| {
                    listed
                        .as_ref()
                        .is_some_and(|group| request.groups.contains(group))
                });
            }
            Attribute::Path => {
                let path = if request.is_resource_request {
                    ""
                } else {
                    &request.path
                };
                return self
                    .values
                    .hold(|listed| listed.as_deref().is_some_and(|spec| path_fits(spec, path)));
            }
            Attribute::User => request.user_name().map(str::to_owned),
            Attribute::Verb => Some(request.verb.clone()),
            Attribute::ApiGroup => Some(of_resource(&request.api_group)),
            Attribute::Resource => Some(of_resource(&request.resource)),
            Attribute::Subresource => Some(of_resource(&request.subresource)),
            Attribute::Namespace => Some(of_resource(&request.namespace)),
            Attribute::Name => Some(of_resource(&request.name)),
        };
        self.values.hold(|listed| *listed == value)
    }
}

/// Returns true if a path fits a URL of a rule: it is the same, or the URL ends in `*` and the path starts with the rest.
fn path_fits(spec: &str, path: &str) -> bool {
    let prefix = spec.trim_end_matches('*');
    if prefix.len() < spec.len() {
        !path.is_empty() && path.starts_with(prefix)
    } else {
        path == spec
    }
}
