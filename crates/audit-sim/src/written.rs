//! An event as the server writes it at a level, from the event as it was recorded.
//!
//! The field order and the contents by level are those of `audit.k8s.io/v1` in k8s.io/apiserver 1.20 to 1.36.

use std::borrow::Cow;

use audit_log::{Attributes, Event, json, stand_in, time};
use audit_policy::{KubernetesVersion, Level};

use crate::body::{Which, write_body};
use crate::encode::{Count, List, Out, Style, Styled, compact, ordered, ordered_without, recode};
use crate::outcome::Nature;
use crate::versions::{
    LATENCY_ANNOTATION, encodes_cross_group, has_short_controls, records_authentication,
    records_latency, status_gap,
};

pub use crate::body::body;
pub use crate::parts::{Changes, Parts};

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

/// `--audit-log-version`: the version of `audit.k8s.io` in which events are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApiVersion {
    /// The default since 1.12, and the only one since 1.24.
    #[default]
    V1,
    /// With `metadata` and a `timestamp`, both to the second.
    V1beta1,
    /// The same, with `objectRef.apiGroup` as a part of `apiVersion`.
    V1alpha1,
}

impl ApiVersion {
    /// The version's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1beta1 => "v1beta1",
            Self::V1alpha1 => "v1alpha1",
        }
    }

    /// Whether a server can print events in it.
    pub const fn is_known_to(self, version: KubernetesVersion) -> bool {
        matches!(self, Self::V1) || !version.at_least(24)
    }
}

const TRUNCATED_KEY: &str = "\"audit.k8s.io/truncated\"";

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
    /// The version of the API in which it writes.
    pub api_version: ApiVersion,
}

impl Rendering {
    /// At a level, with all that the newest server records there.
    pub const fn at(level: Level) -> Self {
        Self {
            level,
            omit_managed_fields: false,
            truncated: false,
            version: KubernetesVersion::NEWEST,
            api_version: ApiVersion::V1,
        }
    }
}

/// Writes the event as one line, line end included.
pub fn write(event: &Event<'_>, rendering: Rendering, out: &mut impl Out) {
    let style = style_of(event, rendering.version);
    if style == Style::default() {
        write_plain(event, rendering, None, out);
    } else {
        write_plain(event, rendering, None, &mut Styled { out, style });
    }
}

/// How the text of an event is to be read, and printed by a version.
pub(crate) const fn style_of(event: &Event<'_>, version: KubernetesVersion) -> Style {
    Style {
        has_stand_ins: event.has_stand_ins,
        has_long_controls: !has_short_controls(version),
    }
}

/// Writes the event; `recorded` is the level to name where bodies are to stay as they were recorded.
fn write_plain(
    event: &Event<'_>,
    rendering: Rendering,
    recorded: Option<Level>,
    out: &mut impl Out,
) {
    let Rendering {
        level,
        omit_managed_fields,
        truncated,
        version,
        api_version,
    } = rendering;
    put_head(event, recorded.unwrap_or(level), api_version, out);
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
    let combined = event
        .object_ref
        .filter(|_| api_version == ApiVersion::V1alpha1)
        .map(combined_reference);
    let reference = combined.as_deref().or(event.object_ref);
    field("objectRef", reference, &OBJECT_REF);
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
    for (name, which, raw) in [
        ("requestObject", Which::Request, request),
        ("responseObject", Which::Response, response),
    ] {
        let Some(raw) = raw else {
            continue;
        };
        put_name(name, out);
        if recorded.is_some() {
            compact(raw, out);
        } else {
            write_body(event, which, raw, omit_managed_fields, version, out);
        }
    }
    let mut field = |name: &str, raw: Option<&str>| {
        if let Some(raw) = raw {
            put_name(name, out);
            recode(raw, out);
        }
    };
    field("requestReceivedTimestamp", event.request_received);
    field("stageTimestamp", event.stage_timestamp);
    let kept = Kept {
        patches: level >= Level::Request,
        latency: records_latency(version),
    };
    annotations(event, kept, truncated, out);
    out.put("}\n");
}

/// The fields in front of the audit ID. The two older versions have the times to the second in fields of their own
/// (`Convert_audit_Event_To_v1beta1_Event`).
fn put_head(event: &Event<'_>, level: Level, api_version: ApiVersion, out: &mut impl Out) {
    out.put("{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/");
    out.put(api_version.name());
    let is_old = api_version != ApiVersion::V1;
    if is_old {
        out.put("\",\"metadata\":{\"creationTimestamp\":");
        put_seconds(event.stage_timestamp, out);
        out.put("},\"level\":\"");
    } else {
        out.put("\",\"level\":\"");
    }
    out.put(level.name());
    out.put("\"");
    if is_old {
        put_name("timestamp", out);
        put_seconds(event.request_received, out);
    }
}

/// A time as `metav1.Time` prints it: to the second, and null where there is none.
fn put_seconds(raw: Option<&str>, out: &mut impl Out) {
    let micros = raw
        .and_then(json::string)
        .and_then(|text| time::parse(&text));
    match micros {
        Some(micros) => {
            let stamp = time::stamp(micros).replacen(' ', "T", 1);
            out.put("\"");
            out.put(&stamp);
            out.put("Z\"");
        }
        None => out.put("null"),
    }
}

/// An object reference with group and version in one field (`Convert_audit_ObjectReference_To_v1alpha1_ObjectReference`).
fn combined_reference(raw: &str) -> String {
    let member = |name: &str| {
        let raw = json::member(raw, name)?;
        raw.strip_prefix('"')?.strip_suffix('"')
    };
    let group = member("apiGroup").filter(|group| !group.is_empty());
    let mut text = String::new();
    let mut list = List::new("{", &mut text);
    for (key, value) in json::raw_members(raw) {
        if key == "\"apiGroup\"" || key == "\"apiVersion\"" && group.is_some() {
            continue;
        }
        list.item();
        list.out.push_str(key);
        list.out.push(':');
        list.out.push_str(value);
    }
    if let Some(group) = group {
        let version = member("apiVersion").unwrap_or_default();
        list.item();
        list.out
            .push_str(&format!("\"apiVersion\":\"{group}/{version}\""));
    }
    list.end("}");
    text
}

/// The event at a level as one line, with all that the record holds of it, as it holds it.
pub fn recorded_line(event: &Event<'_>, level: Level) -> String {
    let all = Rendering::at(Level::RequestResponse);
    let mut text = String::with_capacity(event.raw.len() + 1);
    let style = style_of(event, all.version);
    let out = &mut Styled {
        out: &mut text,
        style,
    };
    write_plain(event, all, Some(level), out);
    text
}

/// The line as bytes: a patch may hold some that are not UTF-8.
pub fn line_bytes(event: &Event<'_>, rendering: Rendering) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(event.raw.len() + 1);
    write(event, rendering, &mut bytes);
    bytes
}

/// The line as text, with U+FFFD for bytes that are not UTF-8.
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

fn is_cross_group(event: &Event<'_>) -> bool {
    let Attributes {
        request, unknown, ..
    } = Attributes::of(event);
    Nature::of(&request, unknown).cross_group
}

/// Which annotations are written of those that not every server writes at every level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) patches: bool,
    pub(crate) latency: bool,
}

pub(crate) fn annotations(event: &Event<'_>, with: Kept, truncated: bool, out: &mut impl Out) {
    let mut kept: Vec<(Cow<'_, str>, &str, &str)> = event
        .annotations
        .map(|raw| {
            json::raw_members(raw)
                .filter_map(|(key, value)| Some((json::held(key)?, key, value)))
                .collect()
        })
        .unwrap_or_default();
    kept.retain(|(key, ..)| with.patches || !key.starts_with(PATCH_ANNOTATION));
    kept.retain(|(key, ..)| with.latency || !key.starts_with(LATENCY_ANNOTATION));
    if truncated {
        kept.retain(|(key, ..)| key != TRUNCATED_ANNOTATION);
        kept.push((
            Cow::Borrowed(TRUNCATED_ANNOTATION),
            TRUNCATED_KEY,
            "\"true\"",
        ));
    }
    if kept.is_empty() {
        return;
    }
    // Go prints maps by key; of duplicates it has kept the last.
    kept.sort_by(|(one, ..), (other, ..)| one.as_bytes().cmp(other.as_bytes()));
    put_name("annotations", out);
    let mut list = List::new("{", out);
    for (index, (key, raw_key, value)) in kept.iter().enumerate() {
        // Keys that differ in a byte of which the record does not say the value look alike.
        let is_known = !key.contains(stand_in::UNKNOWN);
        if is_known && kept.get(index + 1).is_some_and(|(next, ..)| next == key) {
            continue;
        }
        list.item();
        recode(raw_key, list.out);
        list.out.put(":");
        recode(value, list.out);
    }
    list.end("}");
}

pub(crate) fn size(write: &dyn Fn(&mut Count)) -> u32 {
    let mut count = Count::default();
    write(&mut count);
    u32::try_from(count.0).unwrap_or(u32::MAX)
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

    const OLD: &str = r#"{"stage":"ResponseComplete","verb":"create","userAgent":"a\b\u000c","requestObject":{"kind":"Pod","apiVersion":"v1","metadata":{
        "name":"x\b","creationTimestamp":null},"spec":{"a":"\u0008"}},"responseObject":{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"creationTimestamp":"t",
        "managedFields":[1]},"spec":{"template":{"metadata":{"creationTimestamp":null,"labels":{"a":"\f"}}}}}}"#;
    const OPTIONS: &str = r#"{"stage":"ResponseComplete","verb":"delete","requestURI":"/apis/apps/v1/namespaces/d/deployments/x","user":{"username":"u"},
        "requestObject":{"kind":"DeleteOptions","apiVersion":"meta.k8s.io/__internal","propagationPolicy":"Background"}}"#;
    const SLOW: &str = r#"{"stage":"ResponseComplete","verb":"list","annotations":{"apiserver.latency.k8s.io/total":"1s",
        "patch.webhook.admission.k8s.io/r":"\b"}}"#;

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
    fn a_null_patch_is_a_body() {
        let raw =
            r#"{"level":"Request","stage":"ResponseComplete","verb":"patch","requestObject":null}"#;
        let of = |level| line(&Event::new(raw), Rendering::at(level));
        assert!(of(Level::Request).ends_with(",\"verb\":\"patch\",\"requestObject\":null}\n"));
        assert!(of(Level::Metadata).ends_with(",\"verb\":\"patch\"}\n"));
    }

    #[test]
    fn bytes_of_a_patch_are_written_as_they_came() {
        let recorded = b"{\"level\":\"Request\",\"verb\":\"patch\",\"userAgent\":\"caf\xe9\",\"requestObject\":{ \"a\":\"\xff<\"}}";
        let text = stand_in::text(recorded);
        let event = Event {
            has_stand_ins: true,
            ..Event::new(&text)
        };
        let written = |level| line_bytes(&event, Rendering::at(level));
        let head = |level| {
            format!(
                "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"{level}\",\"verb\":\"patch\",\"userAgent\":\"caf\\ufffd\""
            )
        };
        let body = b",\"requestObject\":{\"a\":\"\xff\\u003c\"}}\n";
        assert_eq!(
            written(Level::Request),
            [head("Request").as_bytes(), body].concat()
        );
        assert_eq!(
            written(Level::Metadata),
            [head("Metadata").as_bytes(), b"}\n"].concat()
        );
    }

    #[test]
    fn delete_options_have_the_version_that_a_server_gives_them() {
        let of = |minor, raw: &str| {
            let text = written_by(minor, raw);
            let (_, after) = text
                .split_once("DeleteOptions\",\"apiVersion\":\"")
                .unwrap();
            after.split_once('"').unwrap().0.to_owned()
        };
        for (minor, version) in [
            (20, "apps/v1"),
            (21, "apps/v1"),
            (23, "meta.k8s.io/__internal"),
            (24, "meta.k8s.io/__internal"),
            (36, "meta.k8s.io/__internal"),
        ] {
            assert_eq!(of(minor, OPTIONS), version, "{minor}");
        }
        let own = OPTIONS.replace("meta.k8s.io/__internal", "v1");
        assert_eq!(of(22, &own), "v1");
        assert_eq!(of(36, &own), "meta.k8s.io/__internal");
        // Only a body that the server has printed from the type is one.
        let sorted = own.replace(
            "\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"",
            "\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\"",
        );
        assert!(written_by(36, &sorted).contains("\"apiVersion\":\"v1\",\"kind\""));
    }

    #[test]
    fn slow_requests_are_annotated_since_1_24() {
        assert!(written_by(24, SLOW).contains("apiserver.latency.k8s.io/total"));
        assert!(!written_by(23, SLOW).contains("apiserver.latency.k8s.io/total"));
        let only = SLOW.replace("patch.webhook", "apiserver.latency.k8s.io/x");
        assert!(!written_by(23, &only).contains("annotations"));
    }

    #[test]
    fn control_characters_are_longer_before_1_30() {
        for minor in [20, 29] {
            let text = written_by(minor, OLD);
            assert!(text.contains(r#""userAgent":"a\u0008\u000c""#), "{text}");
            assert!(text.contains(r#""name":"x\u0008""#) && text.contains(r#"{"a":"\u000c"}"#));
        }
        let text = written_by(30, OLD);
        assert!(text.contains(r#""userAgent":"a\b\f""#), "{text}");
        assert!(text.contains(r#""name":"x\b""#) && text.contains(r#""spec":{"a":"\b"}"#));
    }

    #[test]
    fn older_api_versions_have_fields_of_their_own() {
        let raw = r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/apis/apps/v1/deployments","verb":"list","user":{"username":"u"},
            "sourceIPs":["10.0.0.1"],"userAgent":"k","objectRef":{"resource":"deployments","apiGroup":"apps","apiVersion":"v1","subresource":"scale"},
            "requestReceivedTimestamp":"2024-01-02T03:04:05.999999Z","stageTimestamp":"2024-01-02T03:04:06.000001Z"}"#;
        let of = |api_version, raw: &str| {
            let rendering = Rendering {
                version: KubernetesVersion::from_minor(23).unwrap(),
                api_version,
                ..Rendering::at(Level::Metadata)
            };
            line(&Event::new(raw), rendering)
        };
        let line = |version: &str, reference: &str| {
            format!(
                "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/{version}\",\"metadata\":{{\"creationTimestamp\":\"2024-01-02T03:04:06Z\"}},\"level\":\"Metadata\",\
                 \"timestamp\":\"2024-01-02T03:04:05Z\",\"auditID\":\"1\",\"stage\":\"ResponseComplete\",\"requestURI\":\"/apis/apps/v1/deployments\",\"verb\":\"list\",\
                 \"user\":{{\"username\":\"u\"}},\"sourceIPs\":[\"10.0.0.1\"],\"userAgent\":\"k\",\"objectRef\":{reference},\
                 \"requestReceivedTimestamp\":\"2024-01-02T03:04:05.999999Z\",\"stageTimestamp\":\"2024-01-02T03:04:06.000001Z\"}}\n"
            )
        };
        assert_eq!(
            of(ApiVersion::V1beta1, raw),
            line(
                "v1beta1",
                r#"{"resource":"deployments","apiGroup":"apps","apiVersion":"v1","subresource":"scale"}"#
            )
        );
        assert_eq!(
            of(ApiVersion::V1alpha1, raw),
            line(
                "v1alpha1",
                r#"{"resource":"deployments","apiVersion":"apps/v1","subresource":"scale"}"#
            )
        );
        let core = raw.replace("\"apiGroup\":\"apps\",", "");
        assert!(of(ApiVersion::V1alpha1, &core).contains("\"apiVersion\":\"v1\",\"subresource\""));
        let timeless = of(ApiVersion::V1beta1, r#"{"auditID":"1"}"#);
        assert!(timeless.contains("\"metadata\":{\"creationTimestamp\":null}"));
        assert!(timeless.contains("\"timestamp\":null"));
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
        let null_patch = patch.replace("\"requestObject\":{", "\"requestObject\":null,\"x\":{");
        let bytes = RECORDED.as_bytes().iter().flat_map(|byte| match byte {
            b'n' => vec![0xE9],
            byte => vec![*byte],
        });
        let bytes: Vec<u8> = bytes.collect();
        let spelled = stand_in::text(&bytes);
        let mut rows: Vec<Event<'_>> = [
            RECORDED,
            &patch,
            &null_patch,
            REFUSED,
            &impersonated,
            ENDED,
            OLD,
            OPTIONS,
            SLOW,
            "{}",
        ]
        .into_iter()
        .map(Event::new)
        .collect();
        rows.push(Event {
            has_stand_ins: true,
            ..Event::new(&spelled)
        });
        for event in rows {
            let raw = event.raw;
            let parts = Parts::measure(&event);
            for level in Level::ALL {
                for omit_managed_fields in [false, true] {
                    for version in KubernetesVersion::all() {
                        let rendering = Rendering {
                            level,
                            omit_managed_fields,
                            truncated: false,
                            version,
                            api_version: ApiVersion::V1,
                        };
                        let length = line_bytes(&event, rendering).len() as u64;
                        let size = parts.size(level, omit_managed_fields, version);
                        assert_eq!(size, length, "{version} {level} {raw}");
                    }
                }
            }
        }
    }
}
