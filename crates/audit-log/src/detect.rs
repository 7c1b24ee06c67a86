//! Detection of audit events, lists of them, and other known JSON values.

use std::fmt;

use crate::event::text;
use crate::extract::flat::is_json_in_text;
use crate::extract::prefix;
use crate::json;
use crate::other_logs::{self, is_encoded};

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
    /// A record of an Azure category, by its name. `true` if the category contains audit events.
    AzureCategory(String, bool),
    /// AWS CloudWatch output.
    CloudWatch,
    /// A message of a CloudWatch stream, by its name. `true` if the stream contains audit events.
    CloudWatchStream(String, bool),
    /// OpenTelemetry log records.
    Otlp,
    /// An Elasticsearch response or document.
    Elasticsearch,
    /// A journald entry without its message, which was omitted for its size.
    EmptyJournalEntry,
    /// An audit policy.
    Policy,
    /// A record of HashiCorp Vault's audit device.
    Vault,
    /// AWS CloudTrail records.
    CloudTrail,
    /// A record of the Linux audit daemon.
    Auditd,
    /// The second line of a request in the legacy text format before Kubernetes 1.7.
    LegacyResponse,
    /// CSV without an event: names of the columns, and names of the fields that are missing to rebuild one.
    Csv(String, String),
    /// A row of a CSV file or of Log Analytics without an event, although a CSV file has a column for events, or the columns to rebuild one.
    CsvRow,
    /// A YAML document.
    Yaml,
    /// A line that a Kubernetes program has logged.
    Klog,
    /// A line of the access log of a web server or proxy.
    AccessLog,
    /// An alert of Falco.
    Falco,
    /// A dictionary as Python prints it.
    PythonDictionary,
    /// YAML of `gcloud logging read`.
    GoogleYaml,
    /// A record whose data is Base64, with the filter of `jq` that returns the data of all records.
    Encoded(&'static str),
    /// Other text.
    Text,
    /// Another Kubernetes object, by kind.
    KubernetesObject(String),
    /// An audit `EventList` without its items.
    ListWithoutItems,
    /// The text around the events of an `EventList` whose keys are damaged.
    DamagedList,
    /// A record of a log whose text contains no audit event.
    LogRecord,
    /// JSON without the fields of an audit event.
    OtherJson,
    /// A value that is not an object.
    NotAnObject,
}

impl UnrecognizedKind {
    /// Returns `true` for text that is not JSON.
    pub(crate) const fn is_text(&self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::Klog
                | Self::Yaml
                | Self::GoogleYaml
                | Self::AccessLog
                | Self::PythonDictionary
                | Self::Auditd
                | Self::Csv(..)
        )
    }
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
            Self::AzureCategory(name, true) => write!(
                f,
                "this Azure diagnostic record of the category `{name}` contains no audit event"
            ),
            Self::AzureCategory(name, false) => write!(
                f,
                "this Azure diagnostic record is of the category `{name}`: only the categories `kube-audit` and `kube-audit-admin` contain audit events"
            ),
            Self::CloudWatchStream(name, true) => write!(
                f,
                "this message of the CloudWatch stream `{name}` contains no audit event"
            ),
            Self::CloudWatchStream(name, false) => write!(
                f,
                "this message is from the CloudWatch stream `{name}`: only the streams `kube-apiserver-audit-…` contain audit events"
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
            Self::Policy => f.write_str(
                "this is an audit policy, not an audit log: open it as the policy",
            ),
            Self::Vault => f.write_str(
                "this is a record of HashiCorp Vault's audit log, not of Kubernetes",
            ),
            Self::CloudTrail => f.write_str(
                "these are AWS CloudTrail records, which contain calls to AWS; EKS sends Kubernetes audit events to CloudWatch Logs",
            ),
            Self::Auditd => f.write_str(
                "this is a log of the Linux audit daemon (auditd), not of Kubernetes",
            ),
            Self::LegacyResponse => f.write_str(
                "this line of the legacy text format has no `method` and `uri`: before Kubernetes 1.7, a second line had the status of a request",
            ),
            Self::Csv(columns, lacks) => write!(
                f,
                "this is CSV without audit events: the columns are {columns}; export the column that contains the whole event (Splunk `_raw`, Kibana `_source`, CloudWatch `@message`, Azure `log_s`), or add what is missing: {lacks}"
            ),
            Self::CsvRow => f.write_str(
                "this row contains no audit event",
            ),
            Self::Yaml => f.write_str(
                "this is YAML, not an audit log: audit events are JSON objects",
            ),
            Self::Klog => f.write_str(
                "this is a log message of a Kubernetes program, not an audit event",
            ),
            Self::AccessLog => f.write_str(
                "this is the access log of a web server or proxy, not of Kubernetes: use the file that `--audit-log-path` of kube-apiserver names",
            ),
            Self::Falco => f.write_str(
                "this is an alert of Falco, which contains only a part of an audit event: use the audit log of kube-apiserver",
            ),
            Self::PythonDictionary => f.write_str(
                "this is a dictionary as Python prints it: write events with `json.dumps`, or convert each line with `json.dumps(ast.literal_eval(line))`",
            ),
            Self::GoogleYaml => f.write_str(
                "this is YAML of `gcloud logging read`: use `--format=json`, which can be read",
            ),
            Self::Encoded(filter) => write!(
                f,
                "this is a record of Kinesis, Firehose or a CloudWatch subscription, whose data is Base64: decode it first, with `jq -r '{filter}' FILE | base64 -d | zcat -f`"
            ),
            Self::Text => f.write_str("not JSON: this is text, and audit events are JSON objects"),
            Self::LogRecord => f.write_str(
                "this is JSON but not an audit event: a log record whose text contains none",
            ),
            Self::KubernetesObject(kind) => write!(
                f,
                "this is a Kubernetes `{kind}`, not an audit log"
            ),
            Self::ListWithoutItems => f.write_str(
                "this is an audit `EventList` without `items`, so it contains no events",
            ),
            Self::DamagedList => f.write_str(
                "this is a part of an `EventList` with damaged keys, of which only the events can be read",
            ),
            Self::OtherJson => f.write_str(
                "this is JSON but not an audit event: an object without the fields of one (`auditID`, `stage`, `requestURI`)",
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

/// Returns `true` for a line that a Kubernetes program has logged with klog: a letter for the severity, month and day.
pub(crate) fn is_klog(text: &str) -> bool {
    let is_date = |date: &[u8]| date.iter().all(u8::is_ascii_digit);
    matches!(
        text.as_bytes(),
        [b'I' | b'W' | b'E' | b'F', date @ .., _] if date.first_chunk::<4>().is_some_and(|date| is_date(date)) && date.get(4) == Some(&b' ')
    )
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
    if line.starts_with("apiVersion: ") {
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
                // Kibana's fields are lists.
                self.audit_fields += u8::from(!member.starts_with('['));
                return;
            }
            "user.username" | "user_username" => {
                self.is_flattened = true;
                return;
            }
            "user" => {
                self.has_user = true;
                self.is_in_text |= is_json_in_text(member);
                return;
            }
            "impersonatedUser"
            | "authenticationMetadata"
            | "sourceIPs"
            | "objectRef"
            | "responseStatus"
            | "annotations" => {
                self.is_in_text |= is_json_in_text(member);
                return;
            }
            "protoPayload" | "jsonPayload" | "textPayload" | "insertId" => {
                UnrecognizedKind::GoogleLogEntry
            }
            "operationName" => UnrecognizedKind::AzureRecord,
            "properties" if json::member(member, "log").is_some() => UnrecognizedKind::AzureRecord,
            "logEvents" | "logStreamName" | "searchedLogStreams" => UnrecognizedKind::CloudWatch,
            "results" | "events" if member.starts_with('[') => UnrecognizedKind::CloudWatch,
            "request" | "response" => {
                self.vault_fields += u8::from(member.starts_with('{'));
                return;
            }
            "auth" => {
                self.vault_fields += u8::from(member.contains("accessor"));
                return;
            }
            "output_fields" if member.starts_with('{') => UnrecognizedKind::Falco,
            "awslogs" if member.starts_with('{') => UnrecognizedKind::Encoded(".awslogs.data"),
            "kinesis" if member.starts_with('{') => {
                UnrecognizedKind::Encoded(".Records[].kinesis.data")
            }
            "Records" if member.contains("\"kinesis\"") => {
                UnrecognizedKind::Encoded(".Records[].kinesis.data")
            }
            "data" if is_encoded(member) => UnrecognizedKind::Encoded(".records[].data"),
            "Data" if is_encoded(member) => UnrecognizedKind::Encoded(".Records[].Data"),
            "eventSource" if member.ends_with(".amazonaws.com\"") => UnrecognizedKind::CloudTrail,
            "Records" if member.contains("\"eventSource\"") => UnrecognizedKind::CloudTrail,
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
                ValueKind::Unrecognized(UnrecognizedKind::Encoded(".awslogs.data")),
            ),
            (
                r#"{"recordId":"1","data":"H4sIAAAAAAAAADWOwQrCMBBE"}"#,
                ValueKind::Unrecognized(UnrecognizedKind::Encoded(".records[].data")),
            ),
            (
                r#"{"kinesis":{"data":"H4sI"},"eventSource":"aws:kinesis"}"#,
                ValueKind::Unrecognized(UnrecognizedKind::Encoded(".Records[].kinesis.data")),
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
