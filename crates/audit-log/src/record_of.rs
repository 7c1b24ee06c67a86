//! Records of formats that drop fields, made of their events.

use crate::event::{Event, MissingFields, text};
use crate::extract::flat::quoted;
use crate::json;
use crate::reader::{LogItem, LogReader};

/// Prefix of the keys of flattened fields.
const PREFIX: &str = "audit.";

/// Returns a record, in one line, from which this event is read again with the same parts missing: an entry in Google's schema, or flattened
/// fields. `None` if nothing is missing, or if that record is not read as this event alone.
///
/// ```
/// use audit_log::{Event, MissingFields, record_of};
///
/// let event = Event {
///     path: Some("/healthz"),
///     missing: MissingFields { groups: true, query: true, size: true, is_response_stage: true },
///     ..Event::new(r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get"}"#)
/// };
/// assert!(record_of(&event).unwrap().contains(r#""methodName":"io.k8s.get""#));
/// ```
pub fn record_of(event: &Event<'_>) -> Option<String> {
    if event.missing == MissingFields::default() && event.path.is_none() {
        return None;
    }
    let record = if event.missing.query {
        google_entry(event)
    } else {
        flattened(event)
    };
    reads_as(&record, event).then_some(record)
}

/// Returns `true` if a record contains this event only.
fn reads_as(record: &str, event: &Event<'_>) -> bool {
    let (mut events, mut is_same) = (0_usize, true);
    let mut compare = |item: LogItem<'_>| match item {
        LogItem::Event(_, found) => {
            events += 1;
            is_same &=
                (found.raw, found.path, found.missing) == (event.raw, event.path, event.missing);
        }
        LogItem::Problem(_) => is_same = false,
    };
    let mut reader = LogReader::new();
    reader.push(record.as_bytes(), &mut compare);
    reader.finish(&mut compare);
    is_same && events == 1
}

/// Writes an entry in Google's schema.
fn google_entry(event: &Event<'_>) -> String {
    let verb = text(event.verb);
    let method = format!("io.k8s.{}", verb.as_deref().unwrap_or("unknown"));
    let user = event.user.and_then(|user| json::member(user, "username"));
    let address = event
        .source_ips
        .and_then(|list| json::elements(list).next());
    let metadata = object(&[
        ("callerIp", address),
        ("callerSuppliedUserAgent", event.user_agent),
    ]);
    let resource = resource_name(event).map(|name| quoted(&name));
    let payload = object(&[
        ("serviceName", Some("\"k8s.io\"")),
        ("methodName", Some(&quoted(&method))),
        ("resourceName", resource.as_deref()),
        (
            "authenticationInfo",
            user.map(|user| object(&[("principalEmail", Some(user))]))
                .as_deref(),
        ),
        ("requestMetadata", Some(&metadata)),
        ("request", event.request_object),
        ("response", event.response_object),
        ("status", event.missing.is_response_stage.then_some("{}")),
    ]);
    object(&[
        ("protoPayload", Some(&payload)),
        ("timestamp", event.stage_timestamp),
        ("labels", event.annotations),
    ])
}

/// Returns group, version and the rest of the URL's path, with the name of a created object; or the path of a request without a resource.
fn resource_name(event: &Event<'_>) -> Option<String> {
    let Some(reference) = event.object_ref else {
        return event
            .path
            .map(|path| path.trim_start_matches('/').to_owned());
    };
    let part = |name: &str| text(json::member(reference, name)).filter(|part| !part.is_empty());
    let mut parts = vec![
        part("apiGroup").unwrap_or_else(|| "core".into()),
        part("apiVersion")?,
    ];
    if let Some(namespace) = part("namespace") {
        parts.extend(["namespaces".into(), namespace]);
    }
    parts.extend(
        ["resource", "name", "subresource"]
            .into_iter()
            .filter_map(part),
    );
    Some(parts.join("/"))
}

/// Writes each field of an event with a key of its own.
fn flattened(event: &Event<'_>) -> String {
    let members: Vec<String> = json::members(event.raw)
        .filter(|(key, _)| !matches!(key.as_ref(), "kind" | "apiVersion"))
        .map(|(key, value)| format!("{}:{value}", quoted(&format!("{PREFIX}{key}"))))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// Writes an object of the members that have a value.
fn object(members: &[(&str, Option<&str>)]) -> String {
    let written: Vec<String> = members
        .iter()
        .filter_map(|(name, value)| Some(format!("\"{name}\":{}", (*value)?)))
        .collect();
    format!("{{{}}}", written.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_one_event_and_no_problem() {
        let record = |id: &str| {
            format!(
                "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"auditID\":\"{id}\",\"stage\":\"ResponseComplete\",\"verb\":\"get\",\"level\":\"Metadata\"}}\n"
            )
        };
        let (own, other) = (record("1"), record("2"));
        let event = Event::new(own.trim_end());
        for (text, expected) in [
            (own.clone(), true),
            (other.clone(), false),
            (format!("{other}{own}"), false),
            (format!("{own}{other}"), false),
            (format!("{own}{own}"), false),
            (format!("not a record\n{own}"), false),
            (String::new(), false),
        ] {
            assert_eq!(reads_as(&text, &event), expected, "{text}");
        }
    }
}
