//! The Go types of a policy: fields, types and the versions that have them.

use audit_types::KubernetesVersion;

/// Type of a field. Names of Go types are used in messages; `%` stands for the package of the API version.
#[derive(Debug)]
pub(crate) enum FieldType {
    Bool,
    /// A `*bool`: null and absent differ from false.
    OptionalBool,
    Int,
    /// A `*int64`.
    OptionalInt,
    /// A string, with its Go type.
    Text(&'static str),
    /// A list of strings, with the Go type of an item.
    Texts(&'static str),
    /// A `map[string]string`.
    TextMap,
    Object(&'static StructType),
    Objects(&'static StructType),
    /// An RFC 3339 time.
    Time,
    /// A pointer to one: null and absent differ from the zero time.
    OptionalTime,
    /// Any JSON, unchanged.
    Raw,
}

impl FieldType {
    /// Returns the name of the Go type.
    pub(crate) fn go_name(&self) -> String {
        match self {
            Self::Bool | Self::OptionalBool => "bool".to_owned(),
            Self::Int | Self::OptionalInt => "int64".to_owned(),
            Self::Text(name) => (*name).to_owned(),
            Self::Texts(name) => format!("[]{name}"),
            Self::TextMap => "map[string]string".to_owned(),
            Self::Object(object) => object.go_name.to_owned(),
            Self::Objects(object) => format!("[]{}", object.go_name),
            Self::Time | Self::OptionalTime => "string".to_owned(),
            Self::Raw => "json.RawMessage".to_owned(),
        }
    }

    /// Returns the name of the Go type of an item.
    pub(crate) fn go_item_name(&self) -> String {
        match self {
            Self::Texts(name) => (*name).to_owned(),
            Self::Objects(object) => object.go_name.to_owned(),
            _ => "string".to_owned(),
        }
    }

    /// Returns the expected value, for messages.
    pub(crate) const fn expectation(&self) -> &'static str {
        match self {
            Self::Bool | Self::OptionalBool => "`true` or `false`",
            Self::Int | Self::OptionalInt => "an integer",
            Self::Text(_) => "a string",
            Self::Texts(_) => "a list of strings",
            Self::TextMap => "a mapping of strings to strings",
            Self::Object(_) => "a mapping",
            Self::Objects(_) => "a list of mappings",
            Self::Time | Self::OptionalTime => "a time such as `2026-01-02T03:04:05Z`",
            Self::Raw => "anything",
        }
    }
}

impl FieldType {
    /// Returns the expected item, for messages.
    pub(crate) const fn item_expectation(&self) -> &'static str {
        match self {
            Self::Objects(_) => "a mapping",
            _ => "a string",
        }
    }
}

/// A Go struct.
#[derive(Debug)]
pub(crate) struct StructType {
    /// Without its package.
    pub(crate) name: &'static str,
    pub(crate) go_name: &'static str,
    pub(crate) fields: &'static [Field],
}

/// A field of a Go struct, under its JSON name.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) field_type: FieldType,
    /// First minor version with the field.
    pub(crate) since: u8,
    /// First minor version without the field.
    pub(crate) until: u8,
}

const fn field(name: &'static str, shape: FieldType) -> Field {
    Field {
        name,
        field_type: shape,
        since: 0,
        until: u8::MAX,
    }
}

const fn since(name: &'static str, shape: FieldType, since: u8) -> Field {
    Field {
        name,
        field_type: shape,
        since,
        until: u8::MAX,
    }
}

const fn until(name: &'static str, shape: FieldType, until: u8) -> Field {
    Field {
        name,
        field_type: shape,
        since: 0,
        until,
    }
}

impl Field {
    /// Returns true if the version has the field.
    pub(crate) const fn is_in(&self, version: KubernetesVersion) -> bool {
        version.at_least(self.since) && !version.at_least(self.until)
    }
}

impl StructType {
    /// Returns the field with the exact name and its index.
    pub(crate) fn find(
        &self,
        name: &str,
        version: KubernetesVersion,
    ) -> Option<(usize, &'static Field)> {
        let fields: &'static [Field] = self.fields;
        fields
            .iter()
            .enumerate()
            .find(|(_, field)| field.name == name && field.is_in(version))
    }
}

const STRING: &str = "string";

/// A policy with an apiVersion.
pub(crate) static POLICY_SHAPE: FieldType = FieldType::Object(&POLICY);
/// A policy without apiVersion.
pub(crate) static INTERNAL_SHAPE: FieldType = FieldType::Object(&INTERNAL_POLICY);

/// `audit.k8s.io/v1` Policy; v1beta1 and v1alpha1 have the same fields.
pub(crate) static POLICY: StructType = StructType {
    name: "Policy",
    go_name: "%.Policy",
    fields: &[
        field("kind", FieldType::Text(STRING)),
        field("apiVersion", FieldType::Text(STRING)),
        field("metadata", FieldType::Object(&OBJECT_META)),
        field("rules", FieldType::Objects(&RULE)),
        field("omitStages", FieldType::Texts("%.Stage")),
        since("omitManagedFields", FieldType::Bool, 23),
    ],
};

pub(crate) static RULE: StructType = StructType {
    name: "PolicyRule",
    go_name: "%.PolicyRule",
    fields: &[
        field("level", FieldType::Text("%.Level")),
        field("users", FieldType::Texts(STRING)),
        field("userGroups", FieldType::Texts(STRING)),
        field("verbs", FieldType::Texts(STRING)),
        field("resources", FieldType::Objects(&GROUP_RESOURCES)),
        field("namespaces", FieldType::Texts(STRING)),
        field("nonResourceURLs", FieldType::Texts(STRING)),
        field("omitStages", FieldType::Texts("%.Stage")),
        since("omitManagedFields", FieldType::OptionalBool, 23),
    ],
};

pub(crate) static GROUP_RESOURCES: StructType = StructType {
    name: "GroupResources",
    go_name: "%.GroupResources",
    fields: &[
        field("group", FieldType::Text(STRING)),
        field("resources", FieldType::Texts(STRING)),
        field("resourceNames", FieldType::Texts(STRING)),
    ],
};

pub(crate) static OBJECT_META: StructType = StructType {
    name: "ObjectMeta",
    go_name: "v1.ObjectMeta",
    fields: &[
        field("name", FieldType::Text(STRING)),
        field("generateName", FieldType::Text(STRING)),
        field("namespace", FieldType::Text(STRING)),
        field("selfLink", FieldType::Text(STRING)),
        field("uid", FieldType::Text("types.UID")),
        field("resourceVersion", FieldType::Text(STRING)),
        field("generation", FieldType::Int),
        field("creationTimestamp", FieldType::Time),
        field("deletionTimestamp", FieldType::OptionalTime),
        field("deletionGracePeriodSeconds", FieldType::OptionalInt),
        field("labels", FieldType::TextMap),
        field("annotations", FieldType::TextMap),
        field("ownerReferences", FieldType::Objects(&OWNER_REFERENCE)),
        field("finalizers", FieldType::Texts(STRING)),
        until("clusterName", FieldType::Text(STRING), 25),
        field("managedFields", FieldType::Objects(&MANAGED_FIELDS_ENTRY)),
    ],
};

static OWNER_REFERENCE: StructType = StructType {
    name: "OwnerReference",
    go_name: "v1.OwnerReference",
    fields: &[
        field("apiVersion", FieldType::Text(STRING)),
        field("kind", FieldType::Text(STRING)),
        field("name", FieldType::Text(STRING)),
        field("uid", FieldType::Text("types.UID")),
        field("controller", FieldType::OptionalBool),
        field("blockOwnerDeletion", FieldType::OptionalBool),
    ],
};

static MANAGED_FIELDS_ENTRY: StructType = StructType {
    name: "ManagedFieldsEntry",
    go_name: "v1.ManagedFieldsEntry",
    fields: &[
        field("manager", FieldType::Text(STRING)),
        field(
            "operation",
            FieldType::Text("v1.ManagedFieldsOperationType"),
        ),
        field("apiVersion", FieldType::Text(STRING)),
        field("time", FieldType::OptionalTime),
        field("fieldsType", FieldType::Text(STRING)),
        field("fieldsV1", FieldType::Raw),
        since("subresource", FieldType::Text(STRING), 22),
    ],
};

/// The internal type, for policies without an apiVersion: Go's field names, with the fields of the metadata at the top level.
pub(crate) static INTERNAL_POLICY: StructType = StructType {
    name: "Policy",
    go_name: "audit.Policy",
    fields: &[
        field("kind", FieldType::Text(STRING)),
        field("apiVersion", FieldType::Text(STRING)),
        field("name", FieldType::Text(STRING)),
        field("generateName", FieldType::Text(STRING)),
        field("namespace", FieldType::Text(STRING)),
        field("selfLink", FieldType::Text(STRING)),
        field("uid", FieldType::Text("types.UID")),
        field("resourceVersion", FieldType::Text(STRING)),
        field("generation", FieldType::Int),
        field("creationTimestamp", FieldType::Time),
        field("deletionTimestamp", FieldType::OptionalTime),
        field("deletionGracePeriodSeconds", FieldType::OptionalInt),
        field("labels", FieldType::TextMap),
        field("annotations", FieldType::TextMap),
        field("ownerReferences", FieldType::Objects(&OWNER_REFERENCE)),
        field("finalizers", FieldType::Texts(STRING)),
        until("clusterName", FieldType::Text(STRING), 25),
        field("managedFields", FieldType::Objects(&MANAGED_FIELDS_ENTRY)),
        field("Rules", FieldType::Objects(&INTERNAL_RULE)),
        field("OmitStages", FieldType::Texts("audit.Stage")),
        since("OmitManagedFields", FieldType::Bool, 23),
    ],
};

static INTERNAL_RULE: StructType = StructType {
    name: "PolicyRule",
    go_name: "audit.PolicyRule",
    fields: &[
        field("Level", FieldType::Text("audit.Level")),
        field("Users", FieldType::Texts(STRING)),
        field("UserGroups", FieldType::Texts(STRING)),
        field("Verbs", FieldType::Texts(STRING)),
        field("Resources", FieldType::Objects(&INTERNAL_GROUP_RESOURCES)),
        field("Namespaces", FieldType::Texts(STRING)),
        field("NonResourceURLs", FieldType::Texts(STRING)),
        field("OmitStages", FieldType::Texts("audit.Stage")),
        since("OmitManagedFields", FieldType::OptionalBool, 23),
    ],
};

static INTERNAL_GROUP_RESOURCES: StructType = StructType {
    name: "GroupResources",
    go_name: "audit.GroupResources",
    fields: &[
        field("Group", FieldType::Text(STRING)),
        field("Resources", FieldType::Texts(STRING)),
        field("ResourceNames", FieldType::Texts(STRING)),
    ],
};
