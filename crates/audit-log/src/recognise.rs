//! What a JSON value is: an audit event, a list of them, or something else that can be named.

use std::fmt;

use crate::event::text;
use crate::json;

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// An `audit.k8s.io` Event.
    Event,
    /// An `audit.k8s.io` EventList, as webhooks receive.
    EventList,
    /// Something that cannot be used.
    Foreign(Foreign),
}

/// A value that is no audit event. Prints as one sentence: what it is, and why it cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Foreign {
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
    /// An Elasticsearch answer or document.
    Elasticsearch,
    /// An object whose `message` or `log` holds the event as a string.
    Wrapped(&'static str),
    /// Another Kubernetes object, by kind.
    Object(String),
    /// JSON without the marks of an audit event.
    Json,
    /// A value that is no object.
    NotAnObject,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CoreEvent => f.write_str(
                "this is a core Kubernetes Event: it tells what happened to an object and not who asked for what, so no audit policy applies to it; audit events have apiVersion `audit.k8s.io/v1`",
            ),
            Self::GoogleLogEntry => f.write_str(
                "this is a Google Cloud LogEntry: it keeps neither the request URI nor the user's groups, so the rule that matched cannot be found",
            ),
            Self::AzureRecord => f.write_str(
                "this is an Azure diagnostic record with the event inside `properties.log`: take the events out first (`jq -r '(.records[]? // .) | .properties.log'`)",
            ),
            Self::CloudWatch => f.write_str(
                "this is CloudWatch output with the events inside its messages: take them out first (`jq -r '.events[]?.message'`, or `.results[][] | select(.field == \"@message\").value`)",
            ),
            Self::Otlp => f.write_str(
                "these are OpenTelemetry log records with the events inside their bodies: take them out first (`jq -r '.resourceLogs[].scopeLogs[].logRecords[].body.stringValue'`)",
            ),
            Self::Elasticsearch => f.write_str(
                "this is an Elasticsearch answer with the events inside its hits: take them out first (`jq -c '.hits.hits[]._source'`)",
            ),
            Self::Wrapped(field) => write!(
                f,
                "this is a log shipper's record with the event as a string in `{field}`: take the events out first (`jq -r .{field}`)"
            ),
            Self::Object(kind) => write!(
                f,
                "this is a Kubernetes `{kind}`, not an audit log: nothing in it was requested by anyone"
            ),
            Self::Json => f.write_str(
                "this is JSON but not an audit event: it has no `auditID`, `stage` and `requestURI`",
            ),
            Self::NotAnObject => f.write_str("this is JSON but not an object, so it cannot be an audit event"),
        }
    }
}

/// Tells what a value is by its own top-level fields. The text must have passed [`json::value`].
pub fn recognise(value: &str) -> Kind {
    if !value.starts_with('{') {
        return Kind::Foreign(Foreign::NotAnObject);
    }
    let mut marks = Marks::default();
    for (key, member) in json::members(value) {
        marks.note(&key, member);
    }
    marks.kind()
}

#[derive(Default)]
struct Marks<'a> {
    kind: Option<&'a str>,
    api_version: Option<&'a str>,
    audit_fields: u8,
    foreign: Option<Foreign>,
}

impl<'a> Marks<'a> {
    fn note(&mut self, key: &str, member: &'a str) {
        let foreign = match key {
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
            "protoPayload" | "jsonPayload" | "textPayload" | "insertId" => Foreign::GoogleLogEntry,
            "records" => Foreign::AzureRecord,
            "properties" if json::member(member, "log").is_some() => Foreign::AzureRecord,
            "logEvents" | "logStreamName" | "searchedLogStreams" => Foreign::CloudWatch,
            "results" | "events" if member.starts_with('[') => Foreign::CloudWatch,
            "resourceLogs" => Foreign::Otlp,
            "hits" | "_source" => Foreign::Elasticsearch,
            "message" if member.starts_with("\"{") => Foreign::Wrapped("message"),
            "log" if member.starts_with("\"{") => Foreign::Wrapped("log"),
            _ => return,
        };
        self.foreign.get_or_insert(foreign);
    }

    fn kind(self) -> Kind {
        let kind = text(self.kind).unwrap_or_default();
        let version = text(self.api_version).unwrap_or_default();
        let is_audit = version.starts_with("audit.k8s.io/");
        match kind.as_ref() {
            "Event" if is_audit => Kind::Event,
            "EventList" if is_audit => Kind::EventList,
            "Event" | "" if version.is_empty() && self.audit_fields >= 2 => Kind::Event,
            "Event" if version == "v1" || version.starts_with("events.k8s.io/") => {
                Kind::Foreign(Foreign::CoreEvent)
            }
            "" => Kind::Foreign(self.foreign.unwrap_or(Foreign::Json)),
            _ if version.is_empty() => Kind::Foreign(self.foreign.unwrap_or(Foreign::Json)),
            kind => Kind::Foreign(Foreign::Object(kind.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_apart() {
        let rows = [
            (
                r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"x"}"#,
                Kind::Event,
            ),
            (
                r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1beta1"}"#,
                Kind::Event,
            ),
            (
                r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[]}"#,
                Kind::EventList,
            ),
            (r#"{"auditID":"x","stage":"Panic"}"#, Kind::Event),
            (
                r#"{"kind":"Event","apiVersion":"v1","reason":"Pulled"}"#,
                Kind::Foreign(Foreign::CoreEvent),
            ),
            (
                r#"{"protoPayload":{},"logName":"x"}"#,
                Kind::Foreign(Foreign::GoogleLogEntry),
            ),
            (r#"{"records":[]}"#, Kind::Foreign(Foreign::AzureRecord)),
            (
                r#"{"message":"{\"kind\":\"Event\"}"}"#,
                Kind::Foreign(Foreign::Wrapped("message")),
            ),
            (
                r#"{"kind":"Pod","apiVersion":"v1"}"#,
                Kind::Foreign(Foreign::Object("Pod".to_owned())),
            ),
            (r#"{"kind":0}"#, Kind::Foreign(Foreign::Json)),
            ("17", Kind::Foreign(Foreign::NotAnObject)),
        ];
        for (value, kind) in rows {
            assert_eq!(recognise(value), kind, "{value}");
        }
    }
}
