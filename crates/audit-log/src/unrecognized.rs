//! Kinds of values and texts that are not audit events.

use std::fmt;

use crate::encoded_data::EncodedDataError;

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
    /// A record whose data is Base64 and contains no audit event.
    Encoded,
    /// A record whose data is Base64 that cannot be decoded.
    DamagedData(EncodedDataError),
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
            Self::Encoded => f.write_str(
                "this is a record of Kinesis, Firehose or a CloudWatch subscription whose data, in Base64, contains no audit event",
            ),
            Self::DamagedData(error) => error.fmt(f),
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
