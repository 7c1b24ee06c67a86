//! Parameters of tools, and their JSON schema.

use rmcp::model::JsonObject;
use serde_json::{Map, Value, json};

use super::limits::MAX_VALUES;

/// A parameter of a tool, which becomes an argument of the command.
#[derive(Debug)]
pub(super) struct Parameter {
    /// Name in calls.
    pub(super) name: &'static str,
    /// Option of the command. `None` if the command takes the value without one.
    pub(super) option: Option<&'static str>,
    /// Type of its values.
    pub(super) kind: Kind,
    /// A call without it is wrong.
    pub(super) is_required: bool,
    /// Meaning.
    pub(super) help: &'static str,
}

/// Type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text that takes the place of a file, of at most this many bytes.
    Text(usize),
    /// One or more of them.
    Texts(usize),
    /// A request.
    Request,
    /// Requests, which the command reads as lines.
    Requests,
    /// A JSON object that takes the place of a file.
    Object,
    /// A name, a query or another short text.
    Word,
    /// Several of them.
    Words,
    /// An option without a value.
    Switch,
    /// A number.
    Number,
    /// A number of bytes.
    Bytes,
}

impl Parameter {
    /// Creates a required parameter.
    pub(super) const fn required(
        name: &'static str,
        option: Option<&'static str>,
        kind: Kind,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            option,
            kind,
            is_required: true,
            help,
        }
    }

    /// Creates a parameter that a call may leave out.
    pub(super) const fn optional(
        name: &'static str,
        option: Option<&'static str>,
        kind: Kind,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            option,
            kind,
            is_required: false,
            help,
        }
    }

    /// Returns the JSON schema of its values.
    fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Kind::Text(max_bytes) => json!({"type": "string", "maxLength": max_bytes}),
            Kind::Texts(max_bytes) => json!({
                "type": "array",
                "items": {"type": "string", "maxLength": max_bytes},
                "maxItems": MAX_VALUES,
            }),
            Kind::Request => request_schema(),
            Kind::Requests => json!({"type": "array", "items": request_schema()}),
            Kind::Object => json!({"type": "object"}),
            Kind::Word => json!({"type": "string"}),
            Kind::Words => {
                json!({"type": "array", "items": {"type": "string"}, "maxItems": MAX_VALUES})
            }
            Kind::Switch => json!({"type": "boolean"}),
            Kind::Number => json!({"type": "number", "minimum": 0}),
            Kind::Bytes => json!({"type": "integer", "minimum": 1}),
        };
        if let Some(members) = schema.as_object_mut() {
            members.insert("description".to_owned(), self.help.into());
        }
        schema
    }
}

/// Returns the JSON schema of a request as `evaluate` reads it.
fn request_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "user": {"type": "string", "description": "Name of the user; left out: not authenticated"},
            "groups": {"type": "array", "items": {"type": "string"}, "description": "Groups of the user, such as system:authenticated"},
            "verb": {"type": "string", "description": "Verb, such as get, list, watch, create, update, patch, delete; of a request for a URL, its method in lower case"},
            "namespace": {"type": "string"},
            "apiGroup": {"type": "string", "description": "API group; empty: the core group"},
            "resource": {"type": "string", "description": "Resource in the plural, such as secrets"},
            "subresource": {"type": "string", "description": "Subresource, such as status or exec"},
            "name": {"type": "string", "description": "Name of the object"},
            "path": {"type": "string", "description": "Path of the URL, such as /healthz, for a request that is not for a resource"},
            "isResourceRequest": {"type": "boolean", "description": "True for a request for a resource; otherwise only the path counts"},
        },
        "additionalProperties": false,
    })
}

/// Returns the JSON schema of a tool's arguments.
pub(super) fn schema(parameters: &[Parameter]) -> JsonObject {
    let properties: Map<String, Value> = parameters
        .iter()
        .map(|parameter| (parameter.name.to_owned(), parameter.schema()))
        .collect();
    let required: Vec<&str> = parameters
        .iter()
        .filter(|parameter| parameter.is_required)
        .map(|parameter| parameter.name)
        .collect();
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("required".to_owned(), required.into());
    schema.insert("additionalProperties".to_owned(), false.into());
    schema
}
