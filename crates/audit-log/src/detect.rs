//! Detection of audit events, lists of them, and other known JSON values.

use crate::event::text;
use crate::extract::flat::is_json_in_text;
use crate::extract::prefix;
use crate::json;
use crate::other_logs::{self, is_encoded};
use crate::unrecognized::UnrecognizedKind;

/// Kind of a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// An `audit.k8s.io` Event.
    Event,
    /// An `audit.k8s.io` EventList, as webhooks receive.
    EventList,
    /// Any other value.
    Unrecognized(UnrecognizedKind),
}

/// Detects the kind of a value from its top-level fields. The text must be valid as [`json::value`](crate::json::value) checks it.
pub fn detect_kind(value: &str) -> ValueKind {
    if !value.starts_with('{') {
        return ValueKind::Unrecognized(UnrecognizedKind::NotAnObject);
    }
    let mut markers = Markers::default();
    for (key, member) in json::members(value) {
        markers.note(&key, member);
    }
    markers.kind()
}

/// Returns `true` for a line that a Kubernetes program has logged with klog: a letter for the severity, month and day.
pub(crate) fn is_klog(text: &str) -> bool {
    let is_date = |date: &[u8]| date.iter().all(u8::is_ascii_digit);
    matches!(
        text.as_bytes(),
        [b'I' | b'W' | b'E' | b'F', date @ .., _] if date.first_chunk::<4>().is_some_and(|date| is_date(date)) && date.get(4) == Some(&b' ')
    )
}

/// Returns `true` for a line with which objects of Kubernetes start in YAML: `apiVersion: …`, or `kind: ` with a name.
fn is_yaml(line: &str) -> bool {
    let kind = line.strip_prefix("kind: ").map(str::trim_ascii);
    let is_name = |kind: &str| {
        kind.starts_with(|first: char| first.is_ascii_uppercase())
            && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    line.starts_with("apiVersion: ") || kind.is_some_and(is_name)
}

/// Returns what a line of text is that is not JSON, if that is certain.
pub(crate) fn detect_text(line: &str) -> Option<UnrecognizedKind> {
    if line.starts_with("type=") && line.contains(" msg=audit(") {
        return Some(UnrecognizedKind::Auditd);
    }
    let other = other_logs::of_text(line).or_else(|| other_logs::of_text(prefix::content(line)));
    if other.is_some() {
        return other;
    }
    if is_yaml(line) {
        return Some(UnrecognizedKind::Yaml);
    }
    if is_klog(line) || is_klog(prefix::content(line)) {
        return Some(UnrecognizedKind::Klog);
    }
    // Text that starts otherwise may be a part of damaged JSON.
    let words = line.split(' ').filter(|word| !word.is_empty());
    let is_text = line.starts_with(|first: char| first == '<' || first.is_alphabetic())
        && words.take(2).count() == 2
        && !line.contains("\":");
    is_text.then_some(UnrecognizedKind::Text)
}

/// Returns what a value is by one of its fields.
fn unrecognized_by(key: &str, member: &str) -> Option<UnrecognizedKind> {
    let kind = match key {
        "protoPayload" | "jsonPayload" | "textPayload" | "insertId" => {
            UnrecognizedKind::GoogleLogEntry
        }
        "operationName" => UnrecognizedKind::AzureRecord,
        "properties" if json::member(member, "log").is_some() => UnrecognizedKind::AzureRecord,
        "logEvents" | "logStreamName" | "searchedLogStreams" => UnrecognizedKind::CloudWatch,
        "results" | "events" if member.starts_with('[') => UnrecognizedKind::CloudWatch,
        "output_fields" if member.starts_with('{') => UnrecognizedKind::Falco,
        "awslogs" | "kinesis" if member.starts_with('{') => UnrecognizedKind::Encoded,
        "Records" if member.contains("\"kinesis\"") => UnrecognizedKind::Encoded,
        "data" | "Data" if is_encoded(member) => UnrecognizedKind::Encoded,
        "message" if json::member(member, "data").is_some_and(is_encoded) => {
            UnrecognizedKind::Encoded
        }
        "eventSource" if member.ends_with(".amazonaws.com\"") => UnrecognizedKind::CloudTrail,
        "Records" if member.contains("\"eventSource\"") => UnrecognizedKind::CloudTrail,
        "resourceLogs" => UnrecognizedKind::Otlp,
        "hits" | "_source" => UnrecognizedKind::Elasticsearch,
        _ => return None,
    };
    Some(kind)
}

#[derive(Default)]
struct Markers<'a> {
    kind: Option<&'a str>,
    api_version: Option<&'a str>,
    audit_fields: u8,
    /// The user is divided into members with names of their own.
    is_flattened: bool,
    has_user: bool,
    /// A field that is an object is a string that contains one.
    is_in_text: bool,
    /// Fields that together only Vault has.
    vault_fields: u8,
    unrecognized: Option<UnrecognizedKind>,
}

impl<'a> Markers<'a> {
    fn note(&mut self, key: &str, member: &'a str) {
        match key {
            "kind" => self.kind = Some(member),
            "apiVersion" => self.api_version = Some(member),
            // Kibana's fields are lists.
            "auditID" | "stage" | "requestURI" => {
                self.audit_fields += u8::from(!member.starts_with('['));
            }
            "user.username" | "user_username" => self.is_flattened = true,
            "user" => {
                self.has_user = true;
                self.is_in_text |= is_json_in_text(member);
            }
            "impersonatedUser"
            | "authenticationMetadata"
            | "sourceIPs"
            | "objectRef"
            | "responseStatus"
            | "annotations" => self.is_in_text |= is_json_in_text(member),
            "request" | "response" => self.vault_fields += u8::from(member.starts_with('{')),
            "auth" => self.vault_fields += u8::from(member.contains("accessor")),
            _ => {
                if let Some(unrecognized) = unrecognized_by(key, member) {
                    self.unrecognized.get_or_insert(unrecognized);
                }
            }
        }
    }

    fn kind(self) -> ValueKind {
        let kind = text(self.kind).unwrap_or_default();
        let version = text(self.api_version).unwrap_or_default();
        let is_audit = version.starts_with("audit.k8s.io/");
        match kind.as_ref() {
            "Event" | "" if self.is_in_text || self.is_flattened && !self.has_user => {
                ValueKind::Unrecognized(self.unrecognized.unwrap_or(UnrecognizedKind::OtherJson))
            }
            "Event" if is_audit => ValueKind::Event,
            "EventList" if is_audit => ValueKind::EventList,
            "Event" | "" if version.is_empty() && self.audit_fields >= 2 => ValueKind::Event,
            "Policy" if is_audit => ValueKind::Unrecognized(UnrecognizedKind::Policy),
            "Event" | "EventList" if version == "v1" || version.starts_with("events.k8s.io/") => {
                ValueKind::Unrecognized(UnrecognizedKind::CoreEvent)
            }
            "" if self.vault_fields >= 2 => ValueKind::Unrecognized(UnrecognizedKind::Vault),
            "" => ValueKind::Unrecognized(self.unrecognized.unwrap_or(UnrecognizedKind::OtherJson)),
            _ if version.is_empty() => {
                ValueKind::Unrecognized(self.unrecognized.unwrap_or(UnrecognizedKind::OtherJson))
            }
            kind => ValueKind::Unrecognized(UnrecognizedKind::KubernetesObject(kind.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_values_are_detected() {
        let rows = [
            (
                r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"x"}"#,
                ValueKind::Event,
            ),
            (
                r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1beta1"}"#,
                ValueKind::Event,
            ),
            (
                r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[]}"#,
                ValueKind::EventList,
            ),
            (r#"{"auditID":"x","stage":"Panic"}"#, ValueKind::Event),
            (
                r#"{"kind":"Event","apiVersion":"v1","reason":"Pulled"}"#,
                ValueKind::Unrecognized(UnrecognizedKind::CoreEvent),
            ),
            (
                r#"{"protoPayload":{},"logName":"x"}"#,
                ValueKind::Unrecognized(UnrecognizedKind::GoogleLogEntry),
            ),
            (
                r#"{"properties":{"log":""}}"#,
                ValueKind::Unrecognized(UnrecognizedKind::AzureRecord),
            ),
            (
                r#"{"message":"{\"kind\":\"Event\"}"}"#,
                ValueKind::Unrecognized(UnrecognizedKind::OtherJson),
            ),
            (
                r#"{"rule":"a","output":"b","output_fields":{}}"#,
                ValueKind::Unrecognized(UnrecognizedKind::Falco),
            ),
            (
                r#"{"awslogs":{"data":"H4sI"}}"#,
                ValueKind::Unrecognized(UnrecognizedKind::Encoded),
            ),
            (
                r#"{"recordId":"1","data":"H4sIAAAAAAAAADWOwQrCMBBE"}"#,
                ValueKind::Unrecognized(UnrecognizedKind::Encoded),
            ),
            (
                r#"{"kinesis":{"data":"H4sI"},"eventSource":"aws:kinesis"}"#,
                ValueKind::Unrecognized(UnrecognizedKind::Encoded),
            ),
            (
                r#"{"kind":"Pod","apiVersion":"v1"}"#,
                ValueKind::Unrecognized(UnrecognizedKind::KubernetesObject("Pod".to_owned())),
            ),
            (
                r#"{"kind":0}"#,
                ValueKind::Unrecognized(UnrecognizedKind::OtherJson),
            ),
            (
                r#"{"kind":"EventList","apiVersion":"v1","items":[]}"#,
                ValueKind::Unrecognized(UnrecognizedKind::CoreEvent),
            ),
            (
                r#"{"kind":"Policy","apiVersion":"audit.k8s.io/v1","rules":[]}"#,
                ValueKind::Unrecognized(UnrecognizedKind::Policy),
            ),
            (
                r#"{"type":"request","auth":{"accessor":"x"},"request":{"path":"secret/x"}}"#,
                ValueKind::Unrecognized(UnrecognizedKind::Vault),
            ),
            (
                r#"{"Records":[{"eventSource":"eks.amazonaws.com"}]}"#,
                ValueKind::Unrecognized(UnrecognizedKind::CloudTrail),
            ),
            ("17", ValueKind::Unrecognized(UnrecognizedKind::NotAnObject)),
        ];
        for (value, kind) in rows {
            assert_eq!(detect_kind(value), kind, "{value}");
        }
    }
}
