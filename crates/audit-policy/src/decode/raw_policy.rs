//! The decoded policy before validation, with unchecked levels and stages.

use super::fields::{DecodedFields, Literal};
use super::schema::{self, FieldType, StructType};
use crate::policy::Metadata;
use kube_yaml::go;

/// A policy as decoded, before validation.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawPolicy {
    pub(crate) metadata: Metadata,
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

/// Converts fields that were decoded as [`schema::POLICY`].
pub(crate) fn policy(decoded: &DecodedFields) -> RawPolicy {
    let of = Fields {
        decoded: Some(decoded),
        schema: &schema::POLICY,
    };
    RawPolicy {
        metadata: Metadata::from_json(object(of.get("metadata"), &schema::OBJECT_META)),
        rules: of.items("rules").map(rule).collect(),
        omit_stages: of.texts("omitStages"),
        omit_managed_fields: of.flag("omitManagedFields") == Some(true),
    }
}

fn rule(decoded: &DecodedFields) -> RawRule {
    let of = Fields {
        decoded: Some(decoded),
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

fn resources(decoded: &DecodedFields) -> RawResources {
    let of = Fields {
        decoded: Some(decoded),
        schema: &schema::GROUP_RESOURCES,
    };
    RawResources {
        group: of.text("group"),
        resources: of.texts("resources"),
        resource_names: of.texts("resourceNames"),
    }
}

/// Decoded fields with their schema.
struct Fields<'a> {
    decoded: Option<&'a DecodedFields>,
    schema: &'static StructType,
}

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a DecodedFields> {
        let index = self
            .schema
            .fields
            .iter()
            .position(|field| field.name == name)?;
        self.decoded?.field(index)
    }

    fn text(&self, name: &str) -> String {
        self.get(name).map(DecodedFields::text).unwrap_or_default()
    }

    fn items(&self, name: &str) -> impl Iterator<Item = &'a DecodedFields> + use<'a> {
        self.get(name).into_iter().flat_map(DecodedFields::items)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        self.items(name).map(DecodedFields::text).collect()
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)?.literal {
            Some(Literal::Bool(value)) => Some(value),
            _ => None,
        }
    }
}

/// Formats an object as JSON, in the order of the schema, without empty fields.
fn object(decoded: Option<&DecodedFields>, schema: &'static StructType) -> String {
    let mut fields = Vec::new();
    for (index, field) in schema.fields.iter().enumerate() {
        let value = decoded
            .and_then(|decoded| decoded.field(index))
            .and_then(|decoded| json(decoded, &field.field_type));
        // Owner references print empty strings as well.
        let kept =
            schema.name == "OwnerReference" && matches!(field.field_type, FieldType::Text(_));
        let value = value.or_else(|| kept.then(|| "\"\"".to_owned()));
        fields.extend(value.map(|value| format!("\"{}\":{value}", field.name)));
    }
    format!("{{{}}}", fields.join(","))
}

/// Formats the value of a field as JSON. `None` if it is left out.
fn json(decoded: &DecodedFields, shape: &'static FieldType) -> Option<String> {
    let list = |items: Vec<String>| (!items.is_empty()).then(|| format!("[{}]", items.join(",")));
    match shape {
        FieldType::Texts(_) => {
            let texts = decoded.items().map(|item| go::json_string(&item.text()));
            return list(texts.collect());
        }
        FieldType::Objects(schema) => {
            let items = decoded.items().map(|item| object(Some(item), schema));
            return list(items.collect());
        }
        FieldType::TextMap => {
            let map = decoded.map().filter(|map| !map.is_empty())?;
            let fields = map.iter().map(|(key, value)| {
                let (key, value) = (go::json_string(key), go::json_string(value));
                format!("{key}:{value}")
            });
            let fields: Vec<String> = fields.collect();
            return Some(format!("{{{}}}", fields.join(",")));
        }
        _ => {}
    }
    match decoded.literal.as_ref()? {
        Literal::Bool(value) => Some(value.to_string()),
        Literal::Int(0) if matches!(shape, FieldType::Int) => None,
        Literal::Int(number) => Some(number.to_string()),
        Literal::Text(text) => (!text.is_empty()).then(|| go::json_string(text)),
        Literal::Json(text) => Some(text.clone()),
        Literal::ZeroTime => Some("null".to_owned()),
    }
}
