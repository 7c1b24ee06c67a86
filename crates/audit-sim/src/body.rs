//! A body as a server of a version writes it.
//!
//! The encoder of the server printed the recorded body; a patch is recorded as it came. What differs between servers and policies is a
//! list of edits to the recorded text.

use std::borrow::Cow;
use std::ops::Range;

use audit_log::{CreationTimestamps, Event, json};
use audit_policy::KubernetesVersion;

use crate::delete_options::{DeleteOptionsVersion, delete_options};
use crate::encode::{Out, compact, encoded, quote};
use crate::own_types::has_own_type;
use crate::versions::omits_null_times;

/// Members whose content is recorded as it came or describes objects, so the server does not print metadata in them.
const OPAQUE_MEMBERS: [&str; 3] = ["\"data\"", "\"parameters\"", "\"openAPIV3Schema\""];

/// One of an event's two bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    Request,
    Response,
}

pub(crate) fn is_patch(event: &Event<'_>) -> bool {
    event.verb == Some("\"patch\"")
}

/// Writes a body of an event.
pub(crate) fn write_body(
    event: &Event<'_>,
    kind: BodyKind,
    raw: &str,
    omit_managed_fields: bool,
    version: KubernetesVersion,
    out: &mut impl Out,
) {
    // A patch is recorded as the client sent it, managed fields included.
    if kind == BodyKind::Request && is_patch(event) {
        return compact(raw, out);
    }
    let mut edits = Vec::new();
    let is_stamped = omits_null_times(version) && has_own_type(raw);
    let is_lean = omit_managed_fields && raw.contains("managedFields");
    if is_lean || is_stamped && raw.contains("creationTimestamp") {
        edits = removals(raw, is_lean.then(|| BodyShape::of(raw)), is_stamped);
    }
    if kind == BodyKind::Request
        && let DeleteOptionsVersion::Group(group) = delete_options(event, version)
        && let Some(recorded) = json::member(raw, "apiVersion")
    {
        let mut text = String::new();
        quote(&group, &mut text);
        let start = offset_in(raw, recorded);
        let edit = (start..start + recorded.len(), Cow::Owned(text));
        let at = edits.partition_point(|(range, _)| range.start < start);
        edits.insert(at, edit);
    }
    edited(raw, &edits, out);
}

type Edit = (Range<usize>, Cow<'static, str>);

fn edited(raw: &str, edits: &[Edit], out: &mut impl Out) {
    let mut at = 0;
    for (range, text) in edits {
        encoded(raw.get(at..range.start).unwrap_or_default(), out);
        out.put(text);
        at = range.end;
    }
    encoded(raw.get(at..).unwrap_or_default(), out);
}

fn offset_in(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}

/// Properties of a body that the removal of managed fields depends on (`copyWithoutManagedFields`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct BodyShape {
    /// A `Table` of `meta.k8s.io`: only its `rows` are rows.
    is_table: bool,
    /// One of the items is not an object: the copy fails, and the body stays as it is.
    has_bare_items: bool,
}

impl BodyShape {
    fn of(raw: &str) -> Self {
        let (mut kind, mut version, mut items) = (None, None, None);
        if raw.contains("\"rows\"") || raw.contains("\"items\"") {
            for (key, value) in json::raw_members(raw) {
                match key {
                    "\"kind\"" => kind = Some(value),
                    "\"apiVersion\"" => version = Some(value),
                    "\"items\"" => items = Some(value),
                    _ => {}
                }
            }
        }
        let is_meta = matches!(
            version,
            Some("\"meta.k8s.io/v1\"" | "\"meta.k8s.io/v1beta1\"")
        );
        Self {
            is_table: is_meta && kind == Some("\"Table\""),
            has_bare_items: items
                .is_some_and(|items| json::elements(items).any(|item| !item.starts_with('{'))),
        }
    }
}

/// An object or list that is open during the walk through a body.
struct OpenValue<'a> {
    is_object: bool,
    /// Its key, if it is a member.
    key: &'a str,
    /// It, or a value around it, is recorded as it came.
    is_raw: bool,
    /// End of the last member that is kept.
    kept: Option<usize>,
    /// Start of the key of the current member, and the key.
    member: (usize, &'a str),
    /// Index of the removal of the first members, which ends at the next key.
    cut: Option<usize>,
}

impl<'a> OpenValue<'a> {
    /// Opens a value inside another.
    fn new(is_object: bool, around: Option<&Self>) -> Self {
        let key = around
            .filter(|around| around.is_object)
            .map_or("", |around| around.member.1);
        Self {
            is_object,
            key,
            is_raw: around.is_some_and(|around| around.is_raw) || OPAQUE_MEMBERS.contains(&key),
            kept: None,
            member: (0, ""),
            cut: None,
        }
    }
}

/// Finds what a server leaves out of a body: managed fields, if there is a shape, and null creation timestamps.
fn removals(raw: &str, shape: Option<BodyShape>, times: bool) -> Vec<Edit> {
    let mut cuts: Vec<Edit> = Vec::new();
    walk(raw, &mut |open, value, end| {
        let Some((parent, owners)) = open.split_last_mut() else {
            return;
        };
        let (start, key) = parent.member;
        let goes = parent.key == "\"metadata\""
            && match key {
                "\"managedFields\"" => shape.is_some_and(|shape| shape.drops(owners)),
                "\"creationTimestamp\"" => times && value == "null" && !parent.is_raw,
                _ => false,
            };
        if let Some(cut) = parent.cut.take()
            && let Some((range, _)) = cuts.get_mut(cut)
        {
            range.end = start;
        }
        if !goes {
            parent.kept = Some(end);
            return;
        }
        // Removals inside this one are part of it.
        while cuts.last().is_some_and(|(cut, _)| cut.start >= start) {
            cuts.pop();
        }
        parent.cut = parent.kept.is_none().then_some(cuts.len());
        cuts.push((parent.kept.unwrap_or(start)..end, Cow::Borrowed("")));
    });
    cuts
}

impl BodyShape {
    /// Returns `true` if managed fields are removed from the metadata inside these values.
    fn drops(self, owners: &[OpenValue<'_>]) -> bool {
        let is_list = |open: &OpenValue<'_>, key| !open.is_object && open.key == key;
        !self.has_bare_items
            && match owners {
                [body] => body.is_object,
                [_, list, item] => is_list(list, "\"items\"") && item.is_object,
                [_, list, row, object] => {
                    self.is_table
                        && is_list(list, "\"rows\"")
                        && row.is_object
                        && object.is_object
                        && object.key == "\"object\""
                }
                _ => false,
            }
    }
}

/// Counts the creation timestamps in a body.
pub(crate) fn times(raw: &str) -> CreationTimestamps {
    let mut times = CreationTimestamps::default();
    if !raw.contains("\"metadata\"") {
        return times;
    }
    walk(raw, &mut |open, value, _| {
        let Some(parent) = open.last() else {
            return;
        };
        match parent.member.1 {
            "\"metadata\"" if value.starts_with('{') && !parent.is_raw => times.metadata += 1,
            "\"creationTimestamp\"" if parent.key == "\"metadata\"" && !parent.is_raw => {
                times.with_timestamp += 1;
            }
            _ => {}
        }
    });
    let nulls = removals(raw, None, true);
    let written = |edits: &[Edit]| {
        let mut count = crate::encode::Count::default();
        edited(raw, edits, &mut count);
        count.0
    };
    if !nulls.is_empty() {
        let bytes = written(&[]).saturating_sub(written(&nulls));
        times.null_bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    }
    times
}

/// Walks through a value that [`json::value`] has accepted, in one pass and without recursion. Calls `member` at the end of every member
/// with the open values around it, its value and its end. The value of an object or list is its first byte only.
fn walk<'a>(raw: &'a str, member: &mut impl FnMut(&mut [OpenValue<'a>], &'a str, usize)) {
    let bytes = raw.as_bytes();
    let mut open: Vec<OpenValue<'a>> = Vec::new();
    let mut at = 0;
    let mut expects_key = false;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        let value = match byte {
            b'{' | b'[' => {
                open.push(OpenValue::new(*byte == b'{', open.last()));
                expects_key = *byte == b'{';
                at += 1;
                continue;
            }
            b'}' | b']' => {
                let closed = open.pop();
                at += 1;
                closed.map_or("", |closed| if closed.is_object { "{" } else { "[" })
            }
            b'"' => {
                at = string_end(bytes, at);
                let text = raw.get(start..at).unwrap_or_default();
                if expects_key && let Some(around) = open.last_mut() {
                    around.member = (start, text);
                    expects_key = false;
                    continue;
                }
                text
            }
            b',' => {
                expects_key = open.last().is_some_and(|around| around.is_object);
                at += 1;
                continue;
            }
            b':' | b' ' | b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            _ => {
                let rest = bytes.get(at..).unwrap_or_default();
                let ends =
                    |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
                at += rest.iter().position(ends).unwrap_or(rest.len());
                raw.get(start..at).unwrap_or_default()
            }
        };
        if open.last().is_some_and(|around| around.is_object) {
            member(&mut open, value, at);
        }
    }
}

/// Returns the index of the byte after the string that starts at an index.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(stop) if rest.get(stop) == Some(&b'"') => return at + stop + 1,
            Some(stop) => at += stop + 2,
            None => return bytes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(raw: &str, omit: bool, minor: u8) -> String {
        let version = KubernetesVersion::from_minor(minor).unwrap();
        let event = Event::new(r#"{"verb":"update"}"#);
        let mut text = String::new();
        write_body(&event, BodyKind::Response, raw, omit, version, &mut text);
        text
    }

    #[test]
    fn managed_fields_are_removed_where_the_server_finds_objects() {
        let rows = [
            (
                r#"{"apiVersion":"e/v1","kind":"T","metadata":{"managedFields":[1],"name":"x"},"rows":[{"object":{"metadata":{"managedFields":[2]}}}]}"#,
                r#"{"apiVersion":"e/v1","kind":"T","metadata":{"name":"x"},"rows":[{"object":{"metadata":{"managedFields":[2]}}}]}"#,
            ),
            (
                r#"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"rows":[{"object":{"metadata":{"managedFields":[2]}}},{"object":null}]}"#,
                r#"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"rows":[{"object":{"metadata":{}}},{"object":null}]}"#,
            ),
            (
                r#"{"kind":"Table","apiVersion":"e/v1","metadata":{},"rows":[{"object":{"metadata":{"managedFields":[2]}}}]}"#,
                r#"{"kind":"Table","apiVersion":"e/v1","metadata":{},"rows":[{"object":{"metadata":{"managedFields":[2]}}}]}"#,
            ),
            // A custom resource whose items are not all objects cannot be copied, and stays as it is.
            (
                r#"{"items":["a"],"metadata":{"managedFields":[1]}}"#,
                r#"{"items":["a"],"metadata":{"managedFields":[1]}}"#,
            ),
            (
                r#"{"items":[{"metadata":{"managedFields":[1]}},[]],"metadata":{"managedFields":[1]}}"#,
                r#"{"items":[{"metadata":{"managedFields":[1]}},[]],"metadata":{"managedFields":[1]}}"#,
            ),
            (
                r#"{"items":[{"metadata":{"managedFields":[1],"a":1}}],"metadata":{"b":2,"managedFields":[1]}}"#,
                r#"{"items":[{"metadata":{"a":1}}],"metadata":{"b":2}}"#,
            ),
            // Only a list under that name counts as items.
            (
                r#"{"items":"a","metadata":{"managedFields":[1]}}"#,
                r#"{"items":"a","metadata":{}}"#,
            ),
            (
                r#"{"spec":{"items":["a"],"metadata":{"managedFields":[3]}},"metadata":{"managedFields":null}}"#,
                r#"{"spec":{"items":["a"],"metadata":{"managedFields":[3]}},"metadata":{}}"#,
            ),
        ];
        for (raw, lean) in rows {
            assert_eq!(written(raw, true, 36), lean);
            assert_eq!(written(raw, false, 36), raw);
        }
    }

    #[test]
    fn null_creation_timestamps_are_removed_from_own_types_since_1_34() {
        let rows = [
            (
                r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","creationTimestamp":null},"spec":{}}"#,
                r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"},"spec":{}}"#,
            ),
            (
                r#"{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"creationTimestamp":null},"spec":{"template":{"metadata":{"creationTimestamp":null,"labels":{"a":"b"}}}}}"#,
                r#"{"kind":"Deployment","apiVersion":"apps/v1","metadata":{},"spec":{"template":{"metadata":{"labels":{"a":"b"}}}}}"#,
            ),
            (
                r#"{"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{},"items":[{"metadata":{"creationTimestamp":"t"},"spec":{"template":{"metadata":{"creationTimestamp":null}}}}]}"#,
                r#"{"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{},"items":[{"metadata":{"creationTimestamp":"t"},"spec":{"template":{"metadata":{}}}}]}"#,
            ),
            // A part that is recorded as it came keeps it.
            (
                r#"{"kind":"ControllerRevision","apiVersion":"apps/v1","metadata":{"creationTimestamp":null},"data":{"spec":{"template":{"metadata":{"creationTimestamp":null}}}}}"#,
                r#"{"kind":"ControllerRevision","apiVersion":"apps/v1","metadata":{},"data":{"spec":{"template":{"metadata":{"creationTimestamp":null}}}}}"#,
            ),
            // So does a custom resource, and a member that only has the same name.
            (
                r#"{"apiVersion":"example.com/v1","kind":"Rollout","spec":{"template":{"metadata":{"creationTimestamp":null}}}}"#,
                r#"{"apiVersion":"example.com/v1","kind":"Rollout","spec":{"template":{"metadata":{"creationTimestamp":null}}}}"#,
            ),
            (
                r#"{"kind":"ConfigMap","apiVersion":"v1","creationTimestamp":null,"metadata":{"annotations":{"a":"\"creationTimestamp\":null"}}}"#,
                r#"{"kind":"ConfigMap","apiVersion":"v1","creationTimestamp":null,"metadata":{"annotations":{"a":"\"creationTimestamp\":null"}}}"#,
            ),
        ];
        for (raw, newer) in rows {
            assert_eq!(written(raw, false, 34), newer);
            assert_eq!(written(raw, false, 33), raw);
            if has_own_type(raw) {
                assert_eq!(times(raw).null_bytes as usize, raw.len() - newer.len());
            }
        }
    }

    #[test]
    fn adjacent_removals_leave_the_right_commas() {
        let rows = [
            (
                r#"{"kind":"A","apiVersion":"v1","metadata":{"creationTimestamp":null,"managedFields":[]}}"#,
                r#"{"kind":"A","apiVersion":"v1","metadata":{}}"#,
            ),
            (
                r#"{"kind":"A","apiVersion":"v1","metadata":{"creationTimestamp":null,"managedFields":[],"z":1}}"#,
                r#"{"kind":"A","apiVersion":"v1","metadata":{"z":1}}"#,
            ),
            (
                r#"{"kind":"A","apiVersion":"v1","metadata":{"a":1,"creationTimestamp":null,"managedFields":[]}}"#,
                r#"{"kind":"A","apiVersion":"v1","metadata":{"a":1}}"#,
            ),
            (
                r#"{"kind":"A","apiVersion":"v1","metadata":{"creationTimestamp":null,"x":{"metadata":{"creationTimestamp":null}}}}"#,
                r#"{"kind":"A","apiVersion":"v1","metadata":{"x":{"metadata":{}}}}"#,
            ),
        ];
        for (raw, lean) in rows {
            assert_eq!(written(raw, true, 36), lean);
        }
    }
}
