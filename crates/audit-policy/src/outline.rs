//! Fields of the objects of a policy, for programs that read the text of one before it can be loaded.

use audit_types::KubernetesVersion;

use crate::decode::schema::{FieldType, GROUP_RESOURCES, OBJECT_META, POLICY, RULE, StructType};

/// An object of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyObject {
    /// The policy itself.
    Policy,
    /// Its metadata.
    Metadata,
    /// An item of `rules`.
    Rule,
    /// An item of a rule's `resources`.
    GroupResources,
}

/// Form of the value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldForm {
    /// A string, number, boolean or time.
    Scalar,
    /// A list of strings.
    Texts,
    /// A list of mappings.
    Objects,
    /// A mapping.
    Mapping,
}

impl PolicyObject {
    const fn schema(self) -> &'static StructType {
        match self {
            Self::Policy => &POLICY,
            Self::Metadata => &OBJECT_META,
            Self::Rule => &RULE,
            Self::GroupResources => &GROUP_RESOURCES,
        }
    }
}

/// Returns the form of a field's value. `None` if the object has no field of that exact name in the version.
///
/// ```
/// use audit_policy::{FieldForm, KubernetesVersion, PolicyObject, field_form};
///
/// let form = |object| field_form(object, "resources", KubernetesVersion::NEWEST);
/// assert_eq!(form(PolicyObject::Rule), Some(FieldForm::Objects));
/// assert_eq!(form(PolicyObject::GroupResources), Some(FieldForm::Texts));
/// assert_eq!(form(PolicyObject::Policy), None);
/// ```
pub fn field_form(
    object: PolicyObject,
    name: &str,
    version: KubernetesVersion,
) -> Option<FieldForm> {
    let (_, field) = object.schema().find(name, version)?;
    Some(match field.field_type {
        FieldType::Texts(_) => FieldForm::Texts,
        FieldType::Objects(_) => FieldForm::Objects,
        FieldType::TextMap | FieldType::Object(_) | FieldType::Raw => FieldForm::Mapping,
        FieldType::Bool
        | FieldType::OptionalBool
        | FieldType::Int
        | FieldType::OptionalInt
        | FieldType::Text(_)
        | FieldType::Time
        | FieldType::OptionalTime => FieldForm::Scalar,
    })
}
