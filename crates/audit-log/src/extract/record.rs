//! Objects with an audit event in one of their fields, as a string or object: those of log shippers, Azure, CloudWatch, Elasticsearch,
//! OpenTelemetry, Loki, Docker and journald.

use std::borrow::Cow;

use memchr::memmem;

use crate::detect::{ValueKind, detect_kind};
use crate::extract::split_lines::LineFragment;
use crate::extract::wrapper::Wrapper;
use crate::json;
use crate::placeholder;

/// Maximum depth of a field, and maximum number of fields that are tried.
const MAX_DEPTH: usize = 6;
const MAX_CANDIDATES: usize = 8;

/// Maximum length of a field's name in messages.
const MAX_PATH_CHARACTERS: usize = 64;

/// A field that may contain an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CandidateField<'a> {
    /// Keys that lead to the field. An empty key stands for the items of a list.
    pub(crate) keys: Vec<String>,
    /// Raw text: an object that is an event, or a string that may contain one.
    pub(crate) raw: &'a str,
}

/// Returns the fields of an object or array that may contain an event, in order. The text must be valid as [`json::value`] checks it.
pub(crate) fn candidates(value: &str) -> Vec<CandidateField<'_>> {
    let mut found = Vec::new();
    if holds_event(value) {
        search(value, &[], &mut found);
    }
    found
}

impl CandidateField<'_> {
    /// Name of the field for display: `properties.log`.
    pub(crate) fn path(&self) -> String {
        let keys: Vec<&str> = self
            .keys
            .iter()
            .map(String::as_str)
            .filter(|key| !key.is_empty())
            .collect();
        keys.join(".")
            .chars()
            .filter(|character| !character.is_control())
            .take(MAX_PATH_CHARACTERS)
            .collect()
    }
}

fn search<'a>(value: &'a str, keys: &[String], found: &mut Vec<CandidateField<'a>>) {
    let mut look = |key: &str, member: &'a str| {
        if found.len() >= MAX_CANDIDATES || !holds_event(member) {
            return;
        }
        let mut keys = keys.to_vec();
        keys.push(key.to_owned());
        match member.as_bytes().first() {
            Some(b'"') => found.push(CandidateField { keys, raw: member }),
            Some(b'{') if detect_kind(member) == ValueKind::Event => {
                found.push(CandidateField { keys, raw: member });
            }
            Some(b'{' | b'[') if keys.len() <= MAX_DEPTH => search(member, &keys, found),
            _ => {}
        }
    };
    json::members(value).for_each(|(key, member)| look(&key, member));
    json::elements(value).for_each(|element| look("", element));
}

/// Returns the raw strings that keys lead to. An empty key stands for each item of a list.
pub(crate) fn strings_at<'a>(value: &'a str, keys: &[String]) -> Vec<&'a str> {
    let mut values = vec![value];
    for key in keys {
        values = values
            .into_iter()
            .flat_map(|value| -> Vec<&'a str> {
                if key.is_empty() {
                    json::elements(value).collect()
                } else {
                    json::member(value, key).into_iter().collect()
                }
            })
            .collect();
    }
    values.retain(|value| value.starts_with('"'));
    values
}

/// Returns the raw strings of the fields that usually contain the event.
pub(crate) fn messages(value: &str) -> Vec<&str> {
    const FIELDS: [&[&str]; 11] = [
        &["properties", "log"],
        &["log_s"],
        &["message"],
        &["@message"],
        &["_raw"],
        &["log"],
        &["MESSAGE"],
        &["line"],
        &["_source", "message"],
        &["body", "stringValue"],
        &["", "value"],
    ];
    FIELDS
        .iter()
        .flat_map(|path| {
            let keys: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
            strings_at(value, &keys)
        })
        .collect()
}

/// Returns the lists of an object or array that contain several events. The text must be valid as [`json::value`] checks it.
pub(crate) fn lists(value: &str) -> Vec<CandidateField<'_>> {
    let mut found = Vec::new();
    find_lists(value, &[], &mut found);
    found
}

fn find_lists<'a>(value: &'a str, keys: &[String], found: &mut Vec<CandidateField<'a>>) {
    if keys.len() > MAX_DEPTH || !seems_to_hold(value, 2) {
        return;
    }
    if value.starts_with('[') {
        let holders = json::elements(value).filter(|item| seems_to_hold(item, 1));
        if holders.take(2).count() == 2 {
            let keys = keys.to_vec();
            found.push(CandidateField { keys, raw: value });
            return;
        }
    }
    let mut look = |key: &str, inside: &'a str| {
        let is_open = inside.starts_with(['{', '[']);
        if is_open && !matches!(detect_kind(inside), ValueKind::Event) {
            let mut keys = keys.to_vec();
            keys.push(key.to_owned());
            find_lists(inside, &keys, found);
        }
    };
    json::members(value).for_each(|(key, member)| look(&key, member));
    json::elements(value).for_each(|element| look("", element));
}

/// Returns `true` if a text has at least `events` audit IDs, and other fields that only complete events have: a record may have an event's
/// ID in a field of its own.
pub(crate) fn seems_to_hold(text: &str, events: usize) -> bool {
    let bytes = text.as_bytes();
    let has = |mark: &str| memmem::find_iter(bytes, mark).take(events).count() == events;
    has("protoPayload") || has("auditID") && has("stage")
}

/// Returns `true` if a text has the name of a field of an audit event, however often it is escaped.
pub(crate) fn holds_event(text: &str) -> bool {
    // The last ones are those of AKS's tables and of the legacy text format.
    [
        "audit.k8s.io/",
        "auditID",
        "requestURI",
        "protoPayload",
        "AuditId",
        "RequestUri",
        "AUDIT: id=",
    ]
    .into_iter()
    .any(|mark| memmem::find(text.as_bytes(), mark.as_bytes()).is_some())
}

/// Returns the wrapper of a record by the field that contains the event.
pub(crate) fn wrapper_of(record: &str, path: &str) -> Wrapper {
    let has = |key: &str| json::member(record, key).is_some();
    let first = path.split('.').next().unwrap_or_default();
    match first {
        "properties" if path.starts_with("properties.log") => Wrapper::Azure,
        _ if has("TableName") => Wrapper::LogAnalytics,
        "log_s" => Wrapper::Azure,
        "_source" => Wrapper::Elasticsearch,
        "body" if has("timeUnixNano") || has("observedTimeUnixNano") => Wrapper::Otlp,
        "@message" => Wrapper::Insights,
        "message" if has("logStreamName") || has("ingestionTime") => Wrapper::CloudWatch,
        "MESSAGE" => Wrapper::JournalJson,
        "log" if has("stream") && has("time") => Wrapper::Docker,
        "line" if has("labels") => Wrapper::Loki,
        _ => Wrapper::Record,
    }
}

/// Returns the part of a line in a record of a format that splits long lines: Docker and journald's JSON.
pub(crate) fn fragment(record: &str) -> Option<LineFragment<'_>> {
    let (mut text, mut stream, mut time) = (None, None, None);
    let (mut message, mut line_break, mut writer) = (None, None, None);
    for (key, member) in json::members(record) {
        match key.as_ref() {
            "log" => text = Some(member),
            "stream" => stream = Some(member),
            "time" => time = Some(member),
            "MESSAGE" => message = Some(member),
            "_LINE_BREAK" => line_break = Some(member),
            "_STREAM_ID" => writer = Some(member),
            _ => {}
        }
    }
    if let (Some(text), Some(stream), Some(_)) = (text, stream, time) {
        let text = json::string(text)?;
        return Some(LineFragment {
            wrapper: Wrapper::Docker,
            writer: stream,
            is_last: text.ends_with('\n'),
            text,
        });
    }
    Some(LineFragment {
        wrapper: Wrapper::JournalJson,
        writer: writer?,
        is_last: line_break != Some("\"line-max\""),
        text: match bytes_of_list(message?) {
            Some(bytes) => Cow::Owned(placeholder::decode(&bytes).into_owned()),
            None => json::string(message?)?,
        },
    })
}

/// Returns the message of a journald entry that is a list of bytes.
pub(crate) fn message_in_bytes(record: &str) -> Option<Vec<u8>> {
    json::member(record, "MESSAGE").and_then(bytes_of_list)
}

/// Returns the bytes of a list of numbers, as journald writes a message with characters that are not printable. `None` for any other value.
fn bytes_of_list(list: &str) -> Option<Vec<u8>> {
    let inside = list.strip_prefix('[')?.strip_suffix(']')?;
    inside
        .split(',')
        .map(|number| number.trim_ascii().parse().ok())
        .collect()
}

/// Returns `true` if a record is a journald entry without its message.
pub(crate) fn lacks_message(record: &str) -> bool {
    json::member(record, "MESSAGE") == Some("null") && json::member(record, "__CURSOR").is_some()
}

/// Returns `true` if a string contains the start of an object, however often it is escaped.
pub(crate) fn seems_damaged(raw: &str) -> bool {
    raw.split('{').skip(1).any(|inside| {
        inside
            .trim_start_matches([' ', '\\', 'n', 'r', 't'])
            .starts_with('"')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_events_determine_the_wrapper() {
        let rows = [
            (
                r#"{"properties":{"log":"{\"auditID\":1}"}}"#,
                "properties.log",
                Wrapper::Azure,
            ),
            (
                r#"{"properties":{"log":{"auditID":"1","stage":"Panic"}}}"#,
                "properties.log",
                Wrapper::Azure,
            ),
            (
                r#"{"_index":"i","_source":{"auditID":"1","stage":"Panic"}}"#,
                "_source",
                Wrapper::Elasticsearch,
            ),
            (
                r#"{"_source":{"message":"{\"auditID\":1}"}}"#,
                "_source.message",
                Wrapper::Elasticsearch,
            ),
            (
                r#"{"timeUnixNano":"1","body":{"stringValue":"{\"auditID\":1}"}}"#,
                "body.stringValue",
                Wrapper::Otlp,
            ),
            (
                r#"{"log":"{\"auditID\":1}\n","stream":"stdout","time":"x"}"#,
                "log",
                Wrapper::Docker,
            ),
            (
                r#"{"date":1.5,"log":"{\"auditID\":1}"}"#,
                "log",
                Wrapper::Record,
            ),
            (
                r#"["1700",{"a":["{\"auditID\":1}"]}]"#,
                "a",
                Wrapper::Record,
            ),
            (
                r#"{"labels":{},"line":"{\"auditID\":1}"}"#,
                "line",
                Wrapper::Loki,
            ),
        ];
        for (record, path, wrapper) in rows {
            let found = candidates(record);
            assert_eq!(found.len(), 1, "{record}");
            assert_eq!(found[0].path(), path);
            assert_eq!(wrapper_of(record, path), wrapper, "{record}");
        }
        for nothing in [
            r#"{"a":"{}"}"#,
            r#"{"auditID":1}"#,
            "[]",
            r#"{"a":[1,{"requestURI":2}]}"#,
        ] {
            assert_eq!(candidates(nothing), [], "{nothing}");
        }
    }
}
