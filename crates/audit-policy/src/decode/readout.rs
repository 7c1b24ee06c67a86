//! Decoded memory as a policy: with raw levels and stages for validation, and in v1 form.

use serde_json::{Map, Value as Json};

use super::memory::{Literal, Memory};
use super::schema::{self, Shape, Type};

/// A policy as decoded, before validation.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawPolicy {
    pub(crate) metadata: Map<String, Json>,
    pub(crate) rules: Vec<RawRule>,
    pub(crate) omit_stages: Vec<String>,
    pub(crate) omit_managed_fields: bool,
}

/// A rule as decoded, before validation.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawRule {
    pub(crate) level: String,
    pub(crate) users: Vec<String>,
    pub(crate) user_groups: Vec<String>,
    pub(crate) verbs: Vec<String>,
    pub(crate) resources: Vec<RawResources>,
    pub(crate) namespaces: Vec<String>,
    pub(crate) non_resource_urls: Vec<String>,
    pub(crate) omit_stages: Vec<String>,
    pub(crate) omit_managed_fields: Option<bool>,
}

/// An entry of a rule's `resources`.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawResources {
    pub(crate) group: String,
    pub(crate) resources: Vec<String>,
    pub(crate) resource_names: Vec<String>,
}

/// Reads a policy out of memory that was decoded as [`schema::POLICY`].
pub(crate) fn policy(memory: &Memory) -> RawPolicy {
    let of = Fields {
        memory: Some(memory),
        schema: &schema::POLICY,
    };
    RawPolicy {
        metadata: object(of.get("metadata"), &schema::OBJECT_META),
        rules: of.items("rules").map(rule).collect(),
        omit_stages: of.texts("omitStages"),
        omit_managed_fields: of.flag("omitManagedFields") == Some(true),
    }
}

fn rule(memory: &Memory) -> RawRule {
    let of = Fields {
        memory: Some(memory),
        schema: &schema::RULE,
    };
    RawRule {
        level: of.text("level"),
        users: of.texts("users"),
        user_groups: of.texts("userGroups"),
        verbs: of.texts("verbs"),
        resources: of.items("resources").map(resources).collect(),
        namespaces: of.texts("namespaces"),
        non_resource_urls: of.texts("nonResourceURLs"),
        omit_stages: of.texts("omitStages"),
        omit_managed_fields: of.flag("omitManagedFields"),
    }
}

fn resources(memory: &Memory) -> RawResources {
    let of = Fields {
        memory: Some(memory),
        schema: &schema::GROUP_RESOURCES,
    };
    RawResources {
        group: of.text("group"),
        resources: of.texts("resources"),
        resource_names: of.texts("resourceNames"),
    }
}

/// Memory with the names of its fields.
struct Fields<'a> {
    memory: Option<&'a Memory>,
    schema: &'static Type,
}

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a Memory> {
        let index = self
            .schema
            .fields
            .iter()
            .position(|field| field.name == name)?;
        self.memory?.field(index)
    }

    fn text(&self, name: &str) -> String {
        self.get(name).map(Memory::text).unwrap_or_default()
    }

    fn items(&self, name: &str) -> impl Iterator<Item = &'a Memory> + use<'a> {
        self.get(name).into_iter().flat_map(Memory::items)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.items(name).map(Memory::text).collect()
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)?.literal {
            Some(Literal::Bool(value)) => Some(value),
            _ => None,
        }
    }
}

/// An object in JSON, in the type's order, empty fields left out.
fn object(memory: Option<&Memory>, schema: &'static Type) -> Map<String, Json> {
    let mut out = Map::new();
    for (index, field) in schema.fields.iter().enumerate() {
        let value = memory
            .and_then(|memory| memory.field(index))
            .and_then(|memory| json(memory, &field.shape));
        // Owners print their names even when empty.
        let kept = schema.name == "OwnerReference" && matches!(field.shape, Shape::Text(_));
        match value {
            Some(value) => out.insert(field.name.to_owned(), value),
            None if kept => out.insert(field.name.to_owned(), Json::String(String::new())),
            None => None,
        };
    }
    out
}

/// A field's value in JSON; none where it is left out.
fn json(memory: &Memory, shape: &'static Shape) -> Option<Json> {
    match shape {
        Shape::Texts(_) => {
            let texts: Vec<String> = memory.items().map(Memory::text).collect();
            return (!texts.is_empty()).then(|| texts.into());
        }
        Shape::Objects(schema) => {
            let items: Vec<Json> = memory
                .items()
                .map(|item| Json::Object(object(Some(item), schema)))
                .collect();
            return (!items.is_empty()).then(|| items.into());
        }
        Shape::TextMap => {
            let map = memory.map().filter(|map| !map.is_empty())?;
            let fields = map
                .iter()
                .map(|(key, value)| (key.clone(), value.clone().into()));
            return Some(Json::Object(fields.collect()));
        }
        _ => {}
    }
    match memory.literal.as_ref()? {
        Literal::Bool(value) => Some((*value).into()),
        Literal::Int(0) if matches!(shape, Shape::Int) => None,
        Literal::Int(number) => Some((*number).into()),
        Literal::Text(text) => (!text.is_empty()).then(|| text.clone().into()),
        Literal::Json(value) => Some(value.clone()),
    }
}
