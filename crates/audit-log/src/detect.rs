//! Detection of audit events, lists of them, and other known JSON values.

use std::fmt;

use crate::event::text;
use crate::json;

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

/// A value that is not an audit event and contains none. Displays as one sentence that says what it is and why it cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnrecognizedKind {
    /// `kind: Event` of the core group or `events.k8s.io`.
    CoreEvent,
    /// A Google Cloud LogEntry.
    GoogleLogEntry,
    /// An Azure diagnostic record.
    AzureRecord,
    /// AWS CloudWatch output.
    CloudWatch,
    /// OpenTelemetry log records.
    Otlp,
    /// An Elasticsearch response or document.
    Elasticsearch,
    /// A journald entry without its message, which was omitted for its size.
    EmptyJournalEntry,
    /// Another Kubernetes object, by kind.
    KubernetesObject(String),
    /// JSON without the fields of an audit event.
    OtherJson,
    /// A value that is not an object.
    NotAnObject,
}

impl fmt::Display for UnrecognizedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CoreEvent => f.write_str(
                "this is a core Kubernetes Event, which describes what happened to an object, not who requested what; audit events have apiVersion `audit.k8s.io/v1`",
            ),
            Self::GoogleLogEntry => f.write_str(
                "this is a Google Cloud LogEntry, but not from the audit log of a Kubernetes API server (`protoPayload.methodName` starts with `io.k8s.`)",
            ),
            Self::AzureRecord => f.write_str(
                "this is an Azure diagnostic record without an audit event in `properties.log`: only the categories `kube-audit` and `kube-audit-admin` contain events",
            ),
            Self::CloudWatch => f.write_str(
                "this is CloudWatch output without an audit event in its messages: only the streams `kube-apiserver-audit-…` contain events, and a query has to return `@message`",
            ),
            Self::Otlp => f.write_str(
                "these are OpenTelemetry log records without an audit event in their bodies",
            ),
            Self::Elasticsearch => f.write_str(
                "this is an Elasticsearch response or document without an audit event in its `_source`",
            ),
            Self::EmptyJournalEntry => f.write_str(
                "this journald entry has no message: `journalctl -o json` omits fields over 4,096 bytes unless called with `--all`",
            ),
            Self::KubernetesObject(kind) => write!(
                f,
                "this is a Kubernetes `{kind}`, not an audit log"
            ),
            Self::OtherJson => f.write_str(
                "this is JSON but not an audit event: `auditID`, `stage` and `requestURI` are missing",
            ),
            Self::NotAnObject => f.write_str("this is JSON but not an object, so it cannot be an audit event"),
        }
    }
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

#[derive(Default)]
struct Markers<'a> {
    kind: Option<&'a str>,
    api_version: Option<&'a str>,
    audit_fields: u8,
    unrecognized: Option<UnrecognizedKind>,
}

impl<'a> Markers<'a> {
    fn note(&mut self, key: &str, member: &'a str) {
        let unrecognized = match key {
            "kind" => {
                self.kind = Some(member);
                return;
            }
            "apiVersion" => {
                self.api_version = Some(member);
                return;
            }
            "auditID" | "stage" | "requestURI" => {
                self.audit_fields += 1;
                return;
            }
            "protoPayload" | "jsonPayload" | "textPayload" | "insertId" => {
                UnrecognizedKind::GoogleLogEntry
            }
            "operationName" => UnrecognizedKind::AzureRecord,
            "properties" if json::member(member, "log").is_some() => UnrecognizedKind::AzureRecord,
            "logEvents" | "logStreamName" | "searchedLogStreams" => UnrecognizedKind::CloudWatch,
            "results" | "events" if member.starts_with('[') => UnrecognizedKind::CloudWatch,
            "resourceLogs" => UnrecognizedKind::Otlp,
            "hits" | "_source" => UnrecognizedKind::Elasticsearch,
            _ => return,
        };
        self.unrecognized.get_or_insert(unrecognized);
    }

    fn kind(self) -> ValueKind {
        let kind = text(self.kind).unwrap_or_default();
        let version = text(self.api_version).unwrap_or_default();
        let is_audit = version.starts_with("audit.k8s.io/");
        match kind.as_ref() {
            "Event" if is_audit => ValueKind::Event,
            "EventList" if is_audit => ValueKind::EventList,
            "Event" | "" if version.is_empty() && self.audit_fields >= 2 => ValueKind::Event,
            "Event" if version == "v1" || version.starts_with("events.k8s.io/") => {
                ValueKind::Unrecognized(UnrecognizedKind::CoreEvent)
            }
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
                r#"{"kind":"Pod","apiVersion":"v1"}"#,
                ValueKind::Unrecognized(UnrecognizedKind::KubernetesObject("Pod".to_owned())),
            ),
            (
                r#"{"kind":0}"#,
                ValueKind::Unrecognized(UnrecognizedKind::OtherJson),
            ),
            ("17", ValueKind::Unrecognized(UnrecognizedKind::NotAnObject)),
        ];
        for (value, kind) in rows {
            assert_eq!(detect_kind(value), kind, "{value}");
        }
    }
}
