//! JSON schemas of a policy, from the decoder's own description of its fields.
//!
//! A schema is of draft 7, which editors, kubeconform and SchemaStore read. It says what the decoder and the validation of a version accept, except what JSON
//! Schema cannot express: duplicate keys, scalars that YAML 1.1 reads as another type, dates that do not exist, numbers out of range, and a policy without
//! `apiVersion`, which the server reads with other names of fields.

use audit_types::{KubernetesVersion, Level, Stage};
use serde_json::{Map, Value, json};

use crate::decode::schema::{Field, FieldType, POLICY, StructType};
use crate::help::{Scope, fields};

/// First minor version that does not read v1beta1 and v1alpha1.
const V1_ONLY_SINCE: u8 = 24;

/// First minor version that accepts `*` as an API group.
const ANY_GROUP_SINCE: u8 = 36;

/// First minor version whose times can have a comma before the fraction.
const COMMA_SINCE: u8 = 23;

/// Unknown fields in a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownFields {
    /// They are errors. From 1.26 on, kube-apiserver warns about each; before, it ignores them silently.
    Rejected,
    /// They are valid, as for kube-apiserver, which ignores them.
    Ignored,
}

/// Returns the schema of a policy for a version.
///
/// ```
/// use audit_policy::KubernetesVersion;
/// use audit_policy::json_schema::{UnknownFields, json_schema};
///
/// let schema = json_schema(KubernetesVersion::NEWEST, UnknownFields::Rejected);
/// let rule = &schema["properties"]["rules"]["items"];
/// assert_eq!(rule["required"][0], "level");
/// assert_eq!(rule["additionalProperties"], false);
/// ```
pub fn json_schema(version: KubernetesVersion, unknown: UnknownFields) -> Value {
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": format!("audit policy of Kubernetes {version}"),
    });
    let form = Form { version, unknown };
    if let (Some(schema), Value::Object(policy)) = (schema.as_object_mut(), form.object(&POLICY)) {
        schema.extend(policy);
    }
    schema
}

/// Returns the versions of the API that a policy can have, the newest first: `v1`.
pub fn api_versions(version: KubernetesVersion) -> &'static [&'static str] {
    if version.at_least(V1_ONLY_SINCE) {
        &["v1"]
    } else {
        &["v1", "v1beta1", "v1alpha1"]
    }
}

/// Version and strictness of a schema.
#[derive(Debug, Clone, Copy)]
struct Form {
    version: KubernetesVersion,
    unknown: UnknownFields,
}

impl Form {
    /// Returns the schema of an object.
    fn object(self, object: &'static StructType) -> Value {
        let fields = object.fields.iter();
        let fields = fields.filter(|field| field.is_in(self.version));
        let properties: Map<String, Value> = fields
            .map(|field| (field.name.to_owned(), self.field(object, field)))
            .collect();
        let mut schema = json!({"type": "object", "properties": properties});
        if self.unknown == UnknownFields::Rejected {
            insert(&mut schema, "additionalProperties", json!(false));
        }
        for (name, value) in constraints(object) {
            insert(&mut schema, name, value);
        }
        schema
    }

    /// Returns the schema of a field of an object, with its description.
    fn field(self, object: &StructType, field: &'static Field) -> Value {
        let special = self.special(object, field);
        let mut schema = special.unwrap_or_else(|| self.of_type(&field.field_type));
        if let Some(text) = description(object.name, field.name) {
            insert(&mut schema, "description", json!(text));
        }
        schema
    }

    /// Returns the schema of a field that validation restricts further.
    fn special(self, object: &StructType, field: &'static Field) -> Option<Value> {
        let stages = || {
            let names: Vec<&str> = Stage::ALL.iter().map(|stage| stage.name()).collect();
            json!({"type": ["array", "null"], "items": {"enum": names}})
        };
        let schema = match (object.name, field.name) {
            // Without a kind, the server takes it for a policy.
            ("Policy", "kind") => json!({"enum": ["Policy", "", null]}),
            ("Policy", "apiVersion") => {
                let versions = api_versions(self.version).iter();
                let versions = versions.map(|version| ["audit.k8s.io/", version].concat());
                json!({"enum": versions.collect::<Vec<_>>()})
            }
            ("Policy", "rules") => {
                let FieldType::Objects(rule) = field.field_type else {
                    return None;
                };
                json!({"type": "array", "minItems": 1, "items": self.object(rule)})
            }
            ("Policy" | "PolicyRule", "omitStages") => stages(),
            ("PolicyRule", "level") => {
                let names: Vec<&str> = Level::ALL.iter().map(|level| level.name()).collect();
                json!({"enum": names})
            }
            ("PolicyRule", "nonResourceURLs") => json!({
                "type": ["array", "null"],
                "items": {"type": "string", "pattern": r"^(\*|/[^*]*\*?)$"},
            }),
            ("GroupResources", "group") => {
                let label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
                let any = if self.version.at_least(ANY_GROUP_SINCE) {
                    r"|\*"
                } else {
                    ""
                };
                let pattern = format!(r"^({label}(\.{label})*{any})?$");
                json!({"type": ["string", "null"], "maxLength": 253, "pattern": pattern})
            }
            _ => return None,
        };
        Some(schema)
    }

    /// Returns the schema of a type. null is the same as no value.
    fn of_type(self, field_type: &FieldType) -> Value {
        match field_type {
            FieldType::Bool | FieldType::OptionalBool => json!({"type": ["boolean", "null"]}),
            FieldType::Int | FieldType::OptionalInt => json!({"type": ["integer", "null"]}),
            FieldType::Text(_) => json!({"type": ["string", "null"]}),
            FieldType::Texts(_) => {
                json!({"type": ["array", "null"], "items": {"type": ["string", "null"]}})
            }
            FieldType::TextMap => json!({
                "type": ["object", "null"],
                "additionalProperties": {"type": ["string", "null"]},
            }),
            FieldType::Object(object) => or_null(self.object(object)),
            FieldType::Objects(object) => {
                json!({"type": ["array", "null"], "items": or_null(self.object(object))})
            }
            FieldType::Time | FieldType::OptionalTime => {
                let point = if self.version.at_least(COMMA_SINCE) {
                    "[.,]"
                } else {
                    r"\."
                };
                let pattern =
                    format!(r"^\d{{4}}-\d\d-\d\dT\d?\d:\d\d:\d\d({point}\d+)?(Z|[+-]\d\d:\d\d)$");
                json!({"type": ["string", "null"], "pattern": pattern})
            }
            FieldType::Raw => json!({}),
        }
    }
}

/// Makes null valid in the place of an object.
fn or_null(mut schema: Value) -> Value {
    insert(&mut schema, "type", json!(["object", "null"]));
    schema
}

fn insert(schema: &mut Value, name: &str, value: Value) {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert(name.to_owned(), value);
    }
}

/// Returns what validation demands of an object as a whole.
fn constraints(object: &StructType) -> Vec<(&'static str, Value)> {
    let has = |name: &str| {
        json!({
            "required": [name],
            "properties": {name: {"type": "array", "minItems": 1}},
        })
    };
    match object.name {
        "Policy" => vec![("required", json!(["apiVersion", "rules"]))],
        "PolicyRule" => vec![
            ("required", json!(["level"])),
            (
                "not",
                json!({
                    "allOf": [has("nonResourceURLs")],
                    "anyOf": [has("resources"), has("namespaces")],
                }),
            ),
        ],
        "GroupResources" => vec![("if", has("resourceNames")), ("then", has("resources"))],
        _ => Vec::new(),
    }
}

/// Returns what a field of a policy means, in the words of the editor's help.
fn description(object: &str, field: &str) -> Option<&'static str> {
    let scope = match object {
        "Policy" => Scope::Policy,
        "PolicyRule" => Scope::Rule,
        "GroupResources" => Scope::Resources,
        _ => return None,
    };
    let help = fields(scope).iter().find(|help| help.name == field)?;
    Some(&help.about)
}
