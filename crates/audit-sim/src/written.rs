//! An event as the server writes it at a level, from the event as recorded.
//!
//! The order of the fields and the contents by level are those of `audit.k8s.io/v1` in k8s.io/apiserver 1.20 to 1.36.

use std::borrow::Cow;

use audit_log::{Attributes, Event, json, placeholder};
use audit_policy::{KubernetesVersion, Level, Verdict};
use audit_types::time;

use crate::body::{BodyKind, write_body};
use crate::encode::{
    List, Out, Style, Styled, compact, ordered, ordered_without, put_name, recode,
};
use crate::request_traits::RequestTraits;
use crate::status::{STATUS, omitted_status_members};
use crate::style::style_of;
use crate::versions::{
    LATENCY_ANNOTATION, encodes_cross_group, records_authentication, records_latency,
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
/// Prefix of the annotations that the server records from level Request on: they quote the change that a webhook made.
const PATCH_ANNOTATION: &str = "patch.webhook.admission.k8s.io/";

/// Annotation of an event whose bodies were left out because of its size.
pub const TRUNCATED_ANNOTATION: &str = "audit.k8s.io/truncated";

/// `--audit-log-version`: the version of `audit.k8s.io` in which events are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ApiVersion {
    /// The default since 1.12, and the only one since 1.24.
    #[default]
    V1,
    /// With `metadata` and a `timestamp`, both to the second.
    V1beta1,
    /// Like v1beta1, with `objectRef.apiGroup` as a part of `apiVersion`.
    V1alpha1,
}

impl ApiVersion {
    /// Returns the version's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1beta1 => "v1beta1",
            Self::V1alpha1 => "v1alpha1",
        }
    }

    /// Returns `true` if a server can print events in it.
    pub const fn is_known_to(self, version: KubernetesVersion) -> bool {
        matches!(self, Self::V1) || !version.at_least(24)
    }
}

const TRUNCATED_KEY: &str = "\"audit.k8s.io/truncated\"";

/// Format of a written event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendering {
    /// The level. An event of [`Level::None`] is never written; here it is formatted as one of level Metadata.
    pub level: Level,
    /// Bodies are written without `metadata.managedFields`.
    pub omit_managed_fields: bool,
    /// The event was too large: it has no bodies, and an annotation.
    pub truncated: bool,
    /// Version of the server that writes it.
    pub version: KubernetesVersion,
    /// Version of the API in which it is written.
    pub api_version: ApiVersion,
}

impl Rendering {
    /// Creates the rendering of an event under a verdict, by a server with the default backend.
    pub const fn new(verdict: Verdict, version: KubernetesVersion) -> Self {
        Self {
            level: verdict.level,
            omit_managed_fields: verdict.omit_managed_fields,
            truncated: false,
            version,
            api_version: ApiVersion::V1,
        }
    }

    /// Creates the rendering at a level, with everything that the newest server records there.
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

/// Writes the event; `recorded` is the level to print if bodies stay as recorded.
fn write_plain(
    event: &Event<'_>,
    rendering: Rendering,
    recorded: Option<Level>,
    out: &mut impl Out,
) {
    let Rendering { level, version, .. } = rendering;
    put_head(event, recorded.unwrap_or(level), rendering.api_version, out);
    put_request(event, rendering, out);
    if let Some(raw) = event.response_status {
        put_name("responseStatus", out);
        ordered_without(raw, &STATUS, omitted_status_members(event, version), out);
    }
    put_bodies(event, rendering, recorded.is_some(), out);
    put_field("requestReceivedTimestamp", event.request_received, &[], out);
    put_field("stageTimestamp", event.stage_timestamp, &[], out);
    let kept = KeptAnnotations {
        patches: level >= Level::Request,
        latency: records_latency(version),
    };
    annotations(event, kept, rendering.truncated, out);
    out.put("}\n");
}

/// Writes a field if it is present, with its members in an order if there is one.
fn put_field(name: &str, raw: Option<&str>, order: &[&str], out: &mut impl Out) {
    let Some(raw) = raw else {
        return;
    };
    put_name(name, out);
    if order.is_empty() {
        recode(raw, out);
    } else {
        ordered(raw, order, out);
    }
}

/// Writes the fields that describe the request.
fn put_request(event: &Event<'_>, rendering: Rendering, out: &mut impl Out) {
    let authentication = event
        .authentication_metadata
        .filter(|_| records_authentication(rendering.version));
    let combined = event
        .object_ref
        .filter(|_| rendering.api_version == ApiVersion::V1alpha1)
        .map(combined_reference);
    let fields: [(&str, Option<&str>, &[&str]); 10] = [
        ("auditID", event.audit_id, &[]),
        ("stage", event.stage, &[]),
        ("requestURI", event.request_uri, &[]),
        ("verb", event.verb, &[]),
        ("user", event.user, &USER),
        ("impersonatedUser", event.impersonated_user, &USER),
        ("authenticationMetadata", authentication, &[]),
        ("sourceIPs", event.source_ips, &[]),
        ("userAgent", event.user_agent, &[]),
        (
            "objectRef",
            combined.as_deref().or(event.object_ref),
            &OBJECT_REF,
        ),
    ];
    for (name, raw, order) in fields {
        put_field(name, raw, order, out);
    }
}

fn put_bodies(event: &Event<'_>, rendering: Rendering, as_recorded: bool, out: &mut impl Out) {
    let Rendering {
        level,
        omit_managed_fields,
        truncated,
        version,
        ..
    } = rendering;
    let request = event
        .request_object
        .filter(|_| level >= Level::Request && !truncated)
        .filter(|_| encodes_cross_group(version) || !is_cross_group(event));
    let response = event
        .response_object
        .filter(|_| level >= Level::RequestResponse && !truncated);
    for (name, kind, raw) in [
        ("requestObject", BodyKind::Request, request),
        ("responseObject", BodyKind::Response, response),
    ] {
        let Some(raw) = raw else {
            continue;
        };
        put_name(name, out);
        if as_recorded {
            compact(raw, out);
        } else {
            write_body(event, kind, raw, omit_managed_fields, version, out);
        }
    }
}

/// Writes the fields before the audit ID. The two older versions have the times, to the second, in fields of their own
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

/// Writes a time as `metav1.Time` prints it: to the second, or null if there is none.
fn put_seconds(raw: Option<&str>, out: &mut impl Out) {
    let micros = raw
        .and_then(json::string)
        .and_then(|text| time::parse(&text));
    match micros {
        Some(micros) => {
            let mut text = String::new();
            time::write_rfc_3339(micros.div_euclid(1_000_000), &mut text);
            out.put("\"");
            out.put(&text);
            out.put("\"");
        }
        None => out.put("null"),
    }
}

/// Returns an object reference with group and version in one field (`Convert_audit_ObjectReference_To_v1alpha1_ObjectReference`).
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

/// Returns the event at a level as one line, with everything that the record contains, as recorded.
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

/// Returns the line as bytes: a patch may contain bytes that are not UTF-8.
pub(crate) fn line_bytes(event: &Event<'_>, rendering: Rendering) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(event.raw.len() + 1);
    write(event, rendering, &mut bytes);
    bytes
}

/// Returns the line as text, with U+FFFD for bytes that are not UTF-8.
pub fn line(event: &Event<'_>, rendering: Rendering) -> String {
    let mut text = String::with_capacity(event.raw.len() + 1);
    write(event, rendering, &mut text);
    text
}

fn is_cross_group(event: &Event<'_>) -> bool {
    let Attributes {
        request, unknown, ..
    } = Attributes::from_event(event);
    RequestTraits::new(&request, unknown).cross_group
}

/// Annotations to write of those that not every server writes at every level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeptAnnotations {
    pub(crate) patches: bool,
    pub(crate) latency: bool,
}

/// An annotation: its key as text, its position among the recorded ones, and key and value as recorded.
type Annotation<'a> = (Cow<'a, str>, usize, &'a str, &'a str);

/// Returns the annotations to write by key, as Go prints maps. Duplicate keys stay in their order.
fn sorted_annotations<'a>(
    event: &Event<'a>,
    with: KeptAnnotations,
    truncated: bool,
) -> Vec<Annotation<'a>> {
    let recorded = event.annotations.into_iter().flat_map(json::raw_members);
    let mut kept: Vec<Annotation<'_>> = recorded
        .enumerate()
        .filter_map(|(position, (raw_key, value))| {
            let key = json::string_with_placeholders(raw_key)?;
            Some((key, position, raw_key, value))
        })
        .collect();
    kept.retain(|(key, ..)| with.patches || !key.starts_with(PATCH_ANNOTATION));
    kept.retain(|(key, ..)| with.latency || !key.starts_with(LATENCY_ANNOTATION));
    if truncated {
        kept.retain(|(key, ..)| key != TRUNCATED_ANNOTATION);
        kept.push((
            Cow::Borrowed(TRUNCATED_ANNOTATION),
            kept.len(),
            TRUNCATED_KEY,
            "\"true\"",
        ));
    }
    // The position makes the order complete, so a stable sort, which is more code, is not needed.
    kept.sort_unstable_by(|(one, first, ..), (other, second, ..)| {
        (one.as_bytes(), first).cmp(&(other.as_bytes(), second))
    });
    kept
}

pub(crate) fn annotations(
    event: &Event<'_>,
    with: KeptAnnotations,
    truncated: bool,
    out: &mut impl Out,
) {
    let kept = sorted_annotations(event, with, truncated);
    if kept.is_empty() {
        return;
    }
    put_name("annotations", out);
    let mut list = List::new("{", out);
    for (index, (key, _, raw_key, value)) in kept.iter().enumerate() {
        // Go keeps the last of duplicate keys. Keys that differ only in unknown bytes are equal as text.
        let is_known = !key.contains(placeholder::UNKNOWN_BYTE);
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

#[cfg(test)]
mod tests;
