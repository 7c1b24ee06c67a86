//! An event as the server writes it at a level, from the event as it was recorded.
//!
//! The field order and the contents by level are those of `audit.k8s.io/v1` in k8s.io/apiserver 1.20 to 1.36.

use std::borrow::Cow;

use audit_log::{Attributes, Canonical, Event, json};
use audit_policy::{KubernetesVersion, Level};

use crate::encode::{Count, List, Out, compact, ordered, ordered_without, quote, recode};
use crate::outcome::Nature;
use crate::versions::{
    authentication, encodes_cross_group, records_authentication, status_gap, status_text,
};

const USER: [&str; 4] = ["username", "uid", "groups", "extra"];
const OBJECT_REF: [&str; 8] = [
    "resource",
    "namespace",
    "name",
    "uid",
    "apiGroup",
    "apiVersion",
    "resourceVersion",
    "subresource",
];
pub(crate) const STATUS: [&str; 6] = ["metadata", "status", "message", "reason", "details", "code"];

/// Annotations that the server records from level Request on only: they quote the change that a webhook made.
const PATCH_ANNOTATION: &str = "patch.webhook.admission.k8s.io/";

/// The annotation of an event whose bodies were left out for its size.
pub const TRUNCATED_ANNOTATION: &str = "audit.k8s.io/truncated";

/// How an event is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendering {
    /// The level; `None` prints as Metadata does, since such an event is not written at all.
    pub level: Level,
    /// Whether bodies lose `metadata.managedFields`.
    pub omit_managed_fields: bool,
    /// Whether the event was too large: bodies go, and an annotation says so.
    pub truncated: bool,
    /// The version of the server that writes.
    pub version: KubernetesVersion,
}

impl Rendering {
    /// At a level, with all that the newest server records there.
    pub const fn at(level: Level) -> Self {
        Self {
            level,
            omit_managed_fields: false,
            truncated: false,
            version: KubernetesVersion::NEWEST,
        }
    }
}

/// Writes the event as one line, line end included.
pub fn write(event: &Event<'_>, rendering: Rendering, out: &mut impl Out) {
    let Rendering {
        level,
        omit_managed_fields,
        truncated,
        version,
    } = rendering;
    out.put("{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"");
    out.put(level.name());
    out.put("\"");
    let mut field = |name: &str, raw: Option<&str>, order: &[&str]| {
        if let Some(raw) = raw {
            put_name(name, out);
            if order.is_empty() {
                recode(raw, out);
            } else {
                ordered(raw, order, out);
            }
        }
    };
    field("auditID", event.audit_id, &[]);
    field("stage", event.stage, &[]);
    field("requestURI", event.request_uri, &[]);
    field("verb", event.verb, &[]);
    field("user", event.user, &USER);
    field("impersonatedUser", event.impersonated_user, &USER);
    let authentication = event
        .authentication_metadata
        .filter(|_| records_authentication(version));
    field("authenticationMetadata", authentication, &[]);
    field("sourceIPs", event.source_ips, &[]);
    field("userAgent", event.user_agent, &[]);
    field("objectRef", event.object_ref, &OBJECT_REF);
    if let Some(raw) = event.response_status {
        put_name("responseStatus", out);
        ordered_without(raw, &STATUS, status_gap(event, version), out);
    }
    let request = event
        .request_object
        .filter(|_| level >= Level::Request && !truncated)
        .filter(|_| encodes_cross_group(version) || !is_cross_group(event));
    let response = event
        .response_object
        .filter(|_| level >= Level::RequestResponse && !truncated);
    if let Some(raw) = request {
        put_name("requestObject", out);
        // A patch is recorded as the client sent it, managed fields included.
        body(raw, omit_managed_fields && !is_patch(event), out);
    }
    if let Some(raw) = response {
        put_name("responseObject", out);
        body(raw, omit_managed_fields, out);
    }
    let mut field = |name: &str, raw: Option<&str>| {
        if let Some(raw) = raw {
            put_name(name, out);
            recode(raw, out);
        }
    };
    field("requestReceivedTimestamp", event.request_received);
    field("stageTimestamp", event.stage_timestamp);
    annotations(event, level >= Level::Request, truncated, out);
    out.put("}\n");
}

/// The line as text.
pub fn line(event: &Event<'_>, rendering: Rendering) -> String {
    let mut text = String::with_capacity(event.raw.len() + 1);
    write(event, rendering, &mut text);
    text
}

pub(crate) fn put_name(name: &str, out: &mut impl Out) {
    out.put(",\"");
    out.put(name);
    out.put("\":");
}

fn is_patch(event: &Event<'_>) -> bool {
    event.verb == Some("\"patch\"")
}

fn is_cross_group(event: &Event<'_>) -> bool {
    let Attributes {
        request, unknown, ..
    } = Attributes::of(event);
    Nature::of(&request, unknown).cross_group
}

fn annotations(event: &Event<'_>, with_patches: bool, truncated: bool, out: &mut impl Out) {
    let mut kept: Vec<(Cow<'_, str>, &str)> = event
        .annotations
        .map(|raw| json::members(raw).collect())
        .unwrap_or_default();
    kept.retain(|(key, _)| with_patches || !key.starts_with(PATCH_ANNOTATION));
    if truncated {
        kept.retain(|(key, _)| key != TRUNCATED_ANNOTATION);
        kept.push((Cow::Borrowed(TRUNCATED_ANNOTATION), "\"true\""));
    }
    if kept.is_empty() {
        return;
    }
    // Go prints maps by key; of duplicates it has kept the last.
    kept.sort_by(|(one, _), (other, _)| one.as_bytes().cmp(other.as_bytes()));
    put_name("annotations", out);
    let mut list = List::new("{", out);
    for (index, (key, value)) in kept.iter().enumerate() {
        if kept.get(index + 1).is_some_and(|(next, _)| next == key) {
            continue;
        }
        list.item();
        quote(key, list.out);
        list.out.put(":");
        recode(value, list.out);
    }
    list.end("}");
}

/// A body, with or without the managed fields of the object, of a list's items and of a table's row objects.
pub fn body(raw: &str, omit_managed_fields: bool, out: &mut impl Out) {
    if !omit_managed_fields || !raw.starts_with('{') || !raw.contains("managedFields") {
        return compact(raw, out);
    }
    object(raw, out, |key, value, out| match key {
        "\"metadata\"" => metadata(value, out),
        "\"items\"" => list(value, out, own_metadata),
        "\"rows\"" => list(value, out, |row, out| {
            object(row, out, |key, value, out| match key {
                "\"object\"" => own_metadata(value, out),
                _ => compact(value, out),
            });
        }),
        _ => compact(value, out),
    });
}

fn own_metadata<O: Out>(raw: &str, out: &mut O) {
    object(raw, out, |key, value, out| match key {
        "\"metadata\"" => metadata(value, out),
        _ => compact(value, out),
    });
}

fn metadata<O: Out>(raw: &str, out: &mut O) {
    if !raw.starts_with('{') {
        return compact(raw, out);
    }
    let mut list = List::new("{", out);
    for (key, value) in json::raw_members(raw) {
        if key != "\"managedFields\"" {
            list.item();
            compact(key, list.out);
            list.out.put(":");
            compact(value, list.out);
        }
    }
    list.end("}");
}

fn object<O: Out>(raw: &str, out: &mut O, mut value_of: impl FnMut(&str, &str, &mut O)) {
    if !raw.starts_with('{') {
        return compact(raw, out);
    }
    let mut list = List::new("{", out);
    for (key, value) in json::raw_members(raw) {
        list.item();
        compact(key, list.out);
        list.out.put(":");
        value_of(key, value, list.out);
    }
    list.end("}");
}

fn list<O: Out>(raw: &str, out: &mut O, mut item_of: impl FnMut(&str, &mut O)) {
    if !raw.starts_with('[') {
        return compact(raw, out);
    }
    let mut list = List::new("[", out);
    for item in json::elements(raw) {
        list.item();
        item_of(item, list.out);
    }
    list.end("]");
}

/// The bytes of an event's line by the parts that a policy keeps or drops, so that the size at any level is a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    /// The line at Metadata, line end included, without the level's name and without patch annotations.
    pub metadata: u32,
    /// What webhook patch annotations add.
    pub patch_annotations: u32,
    /// What the request body adds, key and comma included.
    pub request: u32,
    /// Of `request`: what goes with managed fields.
    pub request_managed: u32,
    /// What the response body adds, key and comma included.
    pub response: u32,
    /// Of `response`: what goes with managed fields.
    pub response_managed: u32,
    /// Of `metadata`: message and details of the status, as far as only servers since 1.24 write them.
    pub status_text: u32,
    /// Of `metadata`: what only servers since 1.35 write of the authentication.
    pub authentication: u16,
}

impl Parts {
    /// Measures an event. A part of 4 GiB or more counts as 4 GiB less one byte.
    pub fn measure(event: &Event<'_>) -> Self {
        match event.canonical {
            Some(canonical) => Self::by_length(event, canonical),
            None => Self::by_encoding(event),
        }
    }

    /// What is the server's own text need not be encoded to be measured.
    fn by_length(event: &Event<'_>, canonical: Canonical) -> Self {
        let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        let part = |name: &str, raw: Option<&str>| {
            raw.map_or(0, |raw| length(",\"\":".len() + name.len() + raw.len()))
        };
        let request = part("requestObject", event.request_object);
        let response = part("responseObject", event.response_object);
        let patch_annotations = if canonical.has_special_annotations {
            patch_annotations(event)
        } else {
            0
        };
        let level = event.level.map_or(0, |level| level.len() - "\"\"".len());
        let rest = request + response + patch_annotations + length(level);
        Self {
            metadata: length(event.raw.len() + 1).saturating_sub(rest),
            patch_annotations,
            request,
            request_managed: if is_patch(event) {
                0
            } else {
                canonical.request_managed
            },
            response,
            response_managed: canonical.response_managed,
            status_text: status_text(event),
            authentication: authentication(event),
        }
    }

    fn by_encoding(event: &Event<'_>) -> Self {
        let bare = Event {
            request_object: None,
            response_object: None,
            ..event.clone()
        };
        let metadata = size(&|out| write(&bare, Rendering::at(Level::Metadata), out));
        let part = |name: &str, raw: Option<&str>, may_omit: bool| match raw {
            None => (0, 0),
            Some(raw) => {
                let full = size(&|out| {
                    put_name(name, out);
                    body(raw, false, out);
                });
                let lean = if may_omit {
                    size(&|out| {
                        put_name(name, out);
                        body(raw, true, out);
                    })
                } else {
                    full
                };
                (full, full.saturating_sub(lean))
            }
        };
        let (request, request_managed) =
            part("requestObject", event.request_object, !is_patch(event));
        let (response, response_managed) = part("responseObject", event.response_object, true);
        Self {
            metadata: metadata.saturating_sub(Level::Metadata.name().len() as u32),
            patch_annotations: patch_annotations(event),
            request,
            request_managed,
            response,
            response_managed,
            status_text: status_text(event),
            authentication: authentication(event),
        }
    }

    /// The size in bytes of the line that a server of a version writes at a level.
    pub fn size(&self, level: Level, omit_managed_fields: bool, version: KubernetesVersion) -> u64 {
        let lean = |full: u32, managed: u32| {
            u64::from(if omit_managed_fields {
                full.saturating_sub(managed)
            } else {
                full
            })
        };
        let mut size = u64::from(self.metadata) + level.name().len() as u64;
        if !version.at_least(24) {
            size = size.saturating_sub(u64::from(self.status_text));
        }
        if !records_authentication(version) {
            size = size.saturating_sub(u64::from(self.authentication));
        }
        if level >= Level::Request {
            size += u64::from(self.patch_annotations) + lean(self.request, self.request_managed);
        }
        if level >= Level::RequestResponse {
            size += lean(self.response, self.response_managed);
        }
        size
    }
}

pub(crate) fn size(write: &dyn Fn(&mut Count)) -> u32 {
    let mut count = Count::default();
    write(&mut count);
    u32::try_from(count.0).unwrap_or(u32::MAX)
}

/// What goes with the annotations that quote a webhook's patch.
fn patch_annotations(event: &Event<'_>) -> u32 {
    let with = size(&|out| annotations(event, true, false, out));
    let without = size(&|out| annotations(event, false, false, out));
    with.saturating_sub(without)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = r#"{"annotations":{"z":"1","patch.webhook.admission.k8s.io/r0":"p","a":"<"},"verb":"create",
        "user":{"groups":["g"],"username":"u"},"auditID":"1","stage":"ResponseComplete","level":"RequestResponse",
        "responseObject":{"kind":"PodList","items":[{"metadata":{"managedFields":[1],"name":"n"}}]},
        "requestObject":{"metadata":{"name":"n","managedFields":[{"a":1}]},"spec":{"metadata":{"managedFields":[]}}}}"#;

    #[test]
    fn fields_stand_in_the_servers_order_and_by_level() {
        let event = Event::new(RECORDED);
        assert_eq!(
            line(&event, Rendering::at(Level::Metadata)),
            "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"auditID\":\"1\",\"stage\":\"ResponseComplete\",\
             \"verb\":\"create\",\"user\":{\"username\":\"u\",\"groups\":[\"g\"]},\"annotations\":{\"a\":\"\\u003c\",\"z\":\"1\"}}\n"
        );
        let lean = Rendering {
            omit_managed_fields: true,
            ..Rendering::at(Level::RequestResponse)
        };
        let text = line(&event, lean);
        assert!(text.contains(
            r#""requestObject":{"metadata":{"name":"n"},"spec":{"metadata":{"managedFields":[]}}}"#
        ));
        assert!(text.contains(
            r#""responseObject":{"kind":"PodList","items":[{"metadata":{"name":"n"}}]}"#
        ));
        assert!(text.contains(r#""patch.webhook.admission.k8s.io/r0":"p""#));
    }

    const REFUSED: &str = r#"{"stage":"ResponseComplete","verb":"get","responseStatus":{"metadata":{},"status":"Failure",
        "message":"pods \"p\" not found","reason":"NotFound","details":{"name":"p","kind":"pods"},"code":404}}"#;
    const ENDED: &str = r#"{"stage":"ResponseComplete","verb":"watch","responseStatus":{"metadata":{},"status":"Success",
        "message":"Connection closed early","code":200}}"#;

    fn written_by(minor: u8, raw: &str) -> String {
        let rendering = Rendering {
            version: KubernetesVersion::from_minor(minor).unwrap(),
            ..Rendering::at(Level::RequestResponse)
        };
        line(&Event::new(raw), rendering)
    }

    #[test]
    fn older_servers_record_less() {
        let bounded =
            r#""responseStatus":{"metadata":{},"status":"Failure","reason":"NotFound","code":404}"#;
        let full = r#""responseStatus":{"metadata":{},"status":"Failure","message":"pods \"p\" not found","reason":"NotFound","details":{"name":"p","kind":"pods"},"code":404}"#;
        assert!(written_by(23, REFUSED).contains(bounded));
        assert!(written_by(24, REFUSED).contains(full));
        let panic = REFUSED.replace("ResponseComplete", "Panic");
        assert!(written_by(20, &panic).contains(full));
        assert!(written_by(20, ENDED).contains("Connection closed early"));

        let metadata =
            r#"{"authenticationMetadata":{"impersonationConstraint":"impersonate:user-info"}}"#;
        assert!(!written_by(34, metadata).contains("authenticationMetadata"));
        assert!(written_by(35, metadata).contains(
            r#","authenticationMetadata":{"impersonationConstraint":"impersonate:user-info"}"#
        ));
    }

    #[test]
    fn bodies_of_another_group_are_recorded_since_1_22() {
        let event = |verb: &str, uri: &str| {
            format!(
                r#"{{"verb":"{verb}","user":{{}},"requestURI":"{uri}","requestObject":{{"a":1}}}}"#
            )
        };
        let deployment = "/apis/apps/v1/namespaces/a/deployments/d";
        for (verb, uri, is_recorded) in [
            ("update", format!("{deployment}/scale"), false),
            ("patch", format!("{deployment}/scale"), true),
            ("update", format!("{deployment}/status"), true),
            (
                "create",
                "/api/v1/namespaces/a/pods/p/eviction".to_owned(),
                false,
            ),
            (
                "create",
                "/api/v1/namespaces/a/serviceaccounts/s/token".to_owned(),
                false,
            ),
            (
                "create",
                "/api/v1/namespaces/a/pods/p/binding".to_owned(),
                true,
            ),
        ] {
            let raw = event(verb, &uri);
            let has_body = |minor| written_by(minor, &raw).contains("requestObject");
            assert_eq!(
                (has_body(21), has_body(22)),
                (is_recorded, true),
                "{verb} {uri}"
            );
        }
    }

    #[test]
    fn sizes_are_the_lengths_of_the_lines() {
        let patch = RECORDED.replace("\"create\"", "\"patch\"");
        let impersonated = REFUSED.replace("\"verb\"", "\"authenticationMetadata\":{\"impersonationConstraint\":\"impersonate:user-info\"},\"verb\"");
        for raw in [RECORDED, &patch, REFUSED, &impersonated, ENDED, "{}"] {
            let event = Event::new(raw);
            let parts = Parts::measure(&event);
            for level in Level::ALL {
                for omit_managed_fields in [false, true] {
                    for version in KubernetesVersion::all() {
                        let rendering = Rendering {
                            level,
                            omit_managed_fields,
                            truncated: false,
                            version,
                        };
                        let length = line(&event, rendering).len() as u64;
                        let size = parts.size(level, omit_managed_fields, version);
                        assert_eq!(size, length, "{version} {level} {raw}");
                    }
                }
            }
        }
    }
}
