//! The Go types behind a policy, as a table: what the decoder knows of fields, types and versions stands here and nowhere else.

use crate::version::KubernetesVersion;

/// What a field takes. Names of Go types are for messages; `%` stands for the package of the API version.
#[derive(Debug)]
pub(crate) enum Shape {
    Bool,
    /// A `*bool`: null and absent differ from false.
    OptionalBool,
    Int,
    /// A `*int64`.
    OptionalInt,
    /// A string, under its Go name.
    Text(&'static str),
    /// Strings, under the Go name of one.
    Texts(&'static str),
    /// A `map[string]string`.
    TextMap,
    Object(&'static Type),
    Objects(&'static Type),
    /// An RFC 3339 time.
    Time,
    /// A pointer to one: null and absent differ from the zero time.
    OptionalTime,
    /// Any JSON, kept as it is.
    Raw,
}

impl Shape {
    /// Go's name for it.
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

    /// Go's name for one of its items.
    pub(crate) fn go_item_name(&self) -> String {
        match self {
            Self::Texts(name) => (*name).to_owned(),
            Self::Objects(object) => object.go_name.to_owned(),
            _ => "string".to_owned(),
        }
    }

    /// What to write there, for people.
    pub(crate) const fn expectation(&self) -> &'static str {
        match self {
            Self::Bool | Self::OptionalBool => "true or false",
            Self::Int | Self::OptionalInt => "a whole number",
            Self::Text(_) => "text",
            Self::Texts(_) => "a list of text",
            Self::TextMap => "a mapping of text to text",
            Self::Object(_) => "a mapping",
            Self::Objects(_) => "a list of mappings",
            Self::Time | Self::OptionalTime => "a time such as `2026-01-02T03:04:05Z`",
            Self::Raw => "anything",
        }
    }
}

impl Shape {
    /// What to write as one of its items, for people.
    pub(crate) const fn item_expectation(&self) -> &'static str {
        match self {
            Self::Objects(_) => "a mapping",
            _ => "text",
        }
    }
}

/// A Go struct.
#[derive(Debug)]
pub(crate) struct Type {
    /// Without its package.
    pub(crate) name: &'static str,
    pub(crate) go_name: &'static str,
    pub(crate) fields: &'static [Field],
}

/// A field of a Go struct, under its JSON name.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// The minor version that brought it.
    pub(crate) since: u8,
    /// The first minor version without it.
    pub(crate) until: u8,
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        since: 0,
        until: u8::MAX,
    }
}

const fn since(name: &'static str, shape: Shape, since: u8) -> Field {
    Field {
        name,
        shape,
        since,
        until: u8::MAX,
    }
}

const fn until(name: &'static str, shape: Shape, until: u8) -> Field {
    Field {
        name,
        shape,
        since: 0,
        until,
    }
}

impl Field {
    /// Whether that version has the field.
    pub(crate) const fn is_in(&self, version: KubernetesVersion) -> bool {
        version.at_least(self.since) && !version.at_least(self.until)
    }
}

impl Type {
    /// The field of that exact name, and its place among the fields.
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

/// A policy of a version that is spelled out.
pub(crate) static POLICY_SHAPE: Shape = Shape::Object(&POLICY);
/// A policy without apiVersion.
pub(crate) static INTERNAL_SHAPE: Shape = Shape::Object(&INTERNAL_POLICY);

/// `audit.k8s.io/v1` Policy; v1beta1 and v1alpha1 have the same fields.
pub(crate) static POLICY: Type = Type {
    name: "Policy",
    go_name: "%.Policy",
    fields: &[
        field("kind", Shape::Text(STRING)),
        field("apiVersion", Shape::Text(STRING)),
        field("metadata", Shape::Object(&OBJECT_META)),
        field("rules", Shape::Objects(&RULE)),
        field("omitStages", Shape::Texts("%.Stage")),
        since("omitManagedFields", Shape::Bool, 23),
    ],
};

pub(crate) static RULE: Type = Type {
    name: "PolicyRule",
    go_name: "%.PolicyRule",
    fields: &[
        field("level", Shape::Text("%.Level")),
        field("users", Shape::Texts(STRING)),
        field("userGroups", Shape::Texts(STRING)),
        field("verbs", Shape::Texts(STRING)),
        field("resources", Shape::Objects(&GROUP_RESOURCES)),
        field("namespaces", Shape::Texts(STRING)),
        field("nonResourceURLs", Shape::Texts(STRING)),
        field("omitStages", Shape::Texts("%.Stage")),
        since("omitManagedFields", Shape::OptionalBool, 23),
    ],
};

pub(crate) static GROUP_RESOURCES: Type = Type {
    name: "GroupResources",
    go_name: "%.GroupResources",
    fields: &[
        field("group", Shape::Text(STRING)),
        field("resources", Shape::Texts(STRING)),
        field("resourceNames", Shape::Texts(STRING)),
    ],
};

pub(crate) static OBJECT_META: Type = Type {
    name: "ObjectMeta",
    go_name: "v1.ObjectMeta",
    fields: &[
        field("name", Shape::Text(STRING)),
        field("generateName", Shape::Text(STRING)),
        field("namespace", Shape::Text(STRING)),
        field("selfLink", Shape::Text(STRING)),
        field("uid", Shape::Text("types.UID")),
        field("resourceVersion", Shape::Text(STRING)),
        field("generation", Shape::Int),
        field("creationTimestamp", Shape::Time),
        field("deletionTimestamp", Shape::OptionalTime),
        field("deletionGracePeriodSeconds", Shape::OptionalInt),
        field("labels", Shape::TextMap),
        field("annotations", Shape::TextMap),
        field("ownerReferences", Shape::Objects(&OWNER_REFERENCE)),
        field("finalizers", Shape::Texts(STRING)),
        until("clusterName", Shape::Text(STRING), 25),
        field("managedFields", Shape::Objects(&MANAGED_FIELDS_ENTRY)),
    ],
};

static OWNER_REFERENCE: Type = Type {
    name: "OwnerReference",
    go_name: "v1.OwnerReference",
    fields: &[
        field("apiVersion", Shape::Text(STRING)),
        field("kind", Shape::Text(STRING)),
        field("name", Shape::Text(STRING)),
        field("uid", Shape::Text("types.UID")),
        field("controller", Shape::OptionalBool),
        field("blockOwnerDeletion", Shape::OptionalBool),
    ],
};

static MANAGED_FIELDS_ENTRY: Type = Type {
    name: "ManagedFieldsEntry",
    go_name: "v1.ManagedFieldsEntry",
    fields: &[
        field("manager", Shape::Text(STRING)),
        field("operation", Shape::Text("v1.ManagedFieldsOperationType")),
        field("apiVersion", Shape::Text(STRING)),
        field("time", Shape::OptionalTime),
        field("fieldsType", Shape::Text(STRING)),
        field("fieldsV1", Shape::Raw),
        since("subresource", Shape::Text(STRING), 22),
    ],
};

/// The type that a policy without an apiVersion is read into: Go's own field names, and the metadata's fields at the top.
pub(crate) static INTERNAL_POLICY: Type = Type {
    name: "Policy",
    go_name: "audit.Policy",
    fields: &[
        field("kind", Shape::Text(STRING)),
        field("apiVersion", Shape::Text(STRING)),
        field("name", Shape::Text(STRING)),
        field("generateName", Shape::Text(STRING)),
        field("namespace", Shape::Text(STRING)),
        field("selfLink", Shape::Text(STRING)),
        field("uid", Shape::Text("types.UID")),
        field("resourceVersion", Shape::Text(STRING)),
        field("generation", Shape::Int),
        field("creationTimestamp", Shape::Time),
        field("deletionTimestamp", Shape::OptionalTime),
        field("deletionGracePeriodSeconds", Shape::OptionalInt),
        field("labels", Shape::TextMap),
        field("annotations", Shape::TextMap),
        field("ownerReferences", Shape::Objects(&OWNER_REFERENCE)),
        field("finalizers", Shape::Texts(STRING)),
        until("clusterName", Shape::Text(STRING), 25),
        field("managedFields", Shape::Objects(&MANAGED_FIELDS_ENTRY)),
        field("Rules", Shape::Objects(&INTERNAL_RULE)),
        field("OmitStages", Shape::Texts("audit.Stage")),
        since("OmitManagedFields", Shape::Bool, 23),
    ],
};

static INTERNAL_RULE: Type = Type {
    name: "PolicyRule",
    go_name: "audit.PolicyRule",
    fields: &[
        field("Level", Shape::Text("audit.Level")),
        field("Users", Shape::Texts(STRING)),
        field("UserGroups", Shape::Texts(STRING)),
        field("Verbs", Shape::Texts(STRING)),
        field("Resources", Shape::Objects(&INTERNAL_GROUP_RESOURCES)),
        field("Namespaces", Shape::Texts(STRING)),
        field("NonResourceURLs", Shape::Texts(STRING)),
        field("OmitStages", Shape::Texts("audit.Stage")),
        since("OmitManagedFields", Shape::OptionalBool, 23),
    ],
};

static INTERNAL_GROUP_RESOURCES: Type = Type {
    name: "GroupResources",
    go_name: "audit.GroupResources",
    fields: &[
        field("Group", Shape::Text(STRING)),
        field("Resources", Shape::Texts(STRING)),
        field("ResourceNames", Shape::Texts(STRING)),
    ],
};
