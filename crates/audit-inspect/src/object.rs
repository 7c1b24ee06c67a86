//! The object that a request is about.

use std::borrow::Cow;

use audit_filter::{Field, term};
use audit_log::{Attributes, Event, json};
use serde::{Deserialize, Serialize};

/// An object of the API.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectKey {
    /// API group; empty is core.
    pub api_group: String,
    /// The resource, without a subresource.
    pub resource: String,
    /// Namespace; empty for objects without one.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl ObjectKey {
    /// Returns the object of an event. `None` if the request is not about one object.
    ///
    /// The name of a created object is not in the URL: it comes from `objectRef`, which kube-apiserver completes from the body.
    pub fn from_event(event: &Event<'_>) -> Option<Self> {
        Self::from_attributes(event, &Attributes::from_event(event))
    }

    /// Returns the object of an event whose attributes are known.
    pub(crate) fn from_attributes(event: &Event<'_>, attributes: &Attributes) -> Option<Self> {
        let request = &attributes.request;
        if !request.is_resource_request {
            return None;
        }
        let name = match request.name.as_str() {
            "" if request.verb == "create" => recorded_name(event)?,
            "" => return None,
            name => name.to_owned(),
        };
        Some(Self {
            api_group: request.api_group.clone(),
            resource: request.resource.clone(),
            namespace: request.namespace.clone(),
            name,
        })
    }

    /// Returns the filter for requests about the object and its subresources. It selects by URL, so it does not select the request that created
    /// the object.
    pub fn filter(&self) -> String {
        let resource = term(Field::Resource, &self.resource);
        let value = resource.split_once(':').map_or("", |(_, value)| value);
        [
            format!("{resource},{value}/*"),
            term(Field::ApiGroup, &self.api_group),
            term(Field::Namespace, &self.namespace),
            term(Field::Name, &self.name),
        ]
        .join(" ")
    }
}

/// Returns the name in `objectRef`, unless it is empty.
pub(crate) fn recorded_name(event: &Event<'_>) -> Option<String> {
    let name = json::string_with_placeholders(json::member(event.object_ref?, "name")?)?;
    Some(name)
        .filter(|name| !name.is_empty())
        .map(Cow::into_owned)
}
