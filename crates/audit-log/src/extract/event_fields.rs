//! Names of the fields of an event.

/// Names of fields that an event has and an `EventList` has not.
const EVENT_FIELDS: [&str; 16] = [
    "level",
    "auditID",
    "stage",
    "requestURI",
    "verb",
    "user",
    "impersonatedUser",
    "sourceIPs",
    "userAgent",
    "objectRef",
    "responseStatus",
    "requestObject",
    "responseObject",
    "requestReceivedTimestamp",
    "stageTimestamp",
    "annotations",
];

/// Returns `true` for a field that an `EventList` has only if damage has moved it out of an event.
pub(super) fn is_event_field(key: &str) -> bool {
    EVENT_FIELDS.contains(&key)
}
