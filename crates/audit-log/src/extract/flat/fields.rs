//! Fields of an event, and their members, as columns.

/// Type of a field of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldType {
    Text,
    Time,
    List,
    Object,
    /// An object whose members are not columns.
    Body,
}

/// Fields of an event in the server's order: name, name without case and underscores, other names, type.
pub(super) const FIELDS: [(&str, &str, &str, FieldType); 17] = [
    ("level", "level", "", FieldType::Text),
    ("auditID", "auditid", "", FieldType::Text),
    ("stage", "stage", "", FieldType::Text),
    ("requestURI", "requesturi", "", FieldType::Text),
    ("verb", "verb", "", FieldType::Text),
    ("user", "user", "", FieldType::Object),
    (
        "impersonatedUser",
        "impersonateduser",
        "",
        FieldType::Object,
    ),
    (
        "authenticationMetadata",
        "authenticationmetadata",
        "",
        FieldType::Object,
    ),
    ("sourceIPs", "sourceips", "", FieldType::List),
    ("userAgent", "useragent", "", FieldType::Text),
    ("objectRef", "objectref", "", FieldType::Object),
    ("responseStatus", "responsestatus", "", FieldType::Object),
    ("requestObject", "requestobject", "", FieldType::Body),
    ("responseObject", "responseobject", "", FieldType::Body),
    (
        "requestReceivedTimestamp",
        "requestreceivedtimestamp",
        "requestreceivedtime",
        FieldType::Time,
    ),
    (
        "stageTimestamp",
        "stagetimestamp",
        "stagereceivedtime",
        FieldType::Time,
    ),
    ("annotations", "annotations", "", FieldType::Object),
];

/// Members of objects that are columns, in the server's order. Annotations have any key.
const MEMBERS: [(&str, &[&str]); 5] = [
    ("user", &["username", "uid", "groups", "extra"]),
    ("impersonatedUser", &["username", "uid", "groups", "extra"]),
    ("authenticationMetadata", &["impersonationConstraint"]),
    (
        "objectRef",
        &[
            "resource",
            "namespace",
            "name",
            "uid",
            "apiGroup",
            "apiVersion",
            "resourceVersion",
            "subresource",
        ],
    ),
    (
        "responseStatus",
        &["metadata", "status", "message", "reason", "details", "code"],
    ),
];

/// Returns the members of a field that are columns. `None` if they are not.
pub(super) fn members_of(field: &str) -> Option<&'static [&'static str]> {
    MEMBERS
        .iter()
        .find(|(name, _)| *name == field)
        .map(|(_, members)| *members)
}
