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

impl UnrecognizedKind {
    /// Returns the sentence about a kind without details. `None` for one with details.
    const fn sentence(&self) -> Option<&'static str> {
        Some(match self {
            Self::CoreEvent => sentence::CORE_EVENT,
            Self::GoogleLogEntry => sentence::GOOGLE_LOG_ENTRY,
            Self::AzureRecord => sentence::AZURE_RECORD,
            Self::CloudWatch => sentence::CLOUD_WATCH,
            Self::Otlp => sentence::OTLP,
            Self::Elasticsearch => sentence::ELASTICSEARCH,
            Self::EmptyJournalEntry => sentence::EMPTY_JOURNAL_ENTRY,
            Self::Policy => sentence::POLICY,
            Self::Vault => sentence::VAULT,
            Self::CloudTrail => sentence::CLOUD_TRAIL,
            Self::Auditd => sentence::AUDITD,
            Self::LegacyResponse => sentence::LEGACY_RESPONSE,
            Self::CsvRow => sentence::CSV_ROW,
            Self::Yaml => sentence::YAML,
            Self::Klog => sentence::KLOG,
            Self::AccessLog => sentence::ACCESS_LOG,
            Self::Falco => sentence::FALCO,
            Self::PythonDictionary => sentence::PYTHON_DICTIONARY,
            Self::GoogleYaml => sentence::GOOGLE_YAML,
            Self::Encoded => sentence::ENCODED,
            Self::Text => sentence::TEXT,
            Self::LogRecord => sentence::LOG_RECORD,
            Self::ListWithoutItems => sentence::LIST_WITHOUT_ITEMS,
            Self::DamagedList => sentence::DAMAGED_LIST,
            Self::OtherJson => sentence::OTHER_JSON,
            Self::NotAnObject => sentence::NOT_AN_OBJECT,
            Self::AzureCategory(..)
            | Self::CloudWatchStream(..)
            | Self::Csv(..)
            | Self::DamagedData(_)
            | Self::KubernetesObject(_) => return None,
        })
    }
}

impl fmt::Display for UnrecognizedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
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
            Self::Csv(columns, lacks) => write!(
                f,
                "this is CSV without audit events: the columns are {columns}; export the column that contains the whole event (Splunk `_raw`, Kibana `_source`, CloudWatch `@message`, Azure `log_s`), or add what is missing: {lacks}"
            ),
            Self::DamagedData(error) => error.fmt(f),
            Self::KubernetesObject(kind) => {
                write!(f, "this is a Kubernetes `{kind}`, not an audit log")
            }
            _ => f.write_str(self.sentence().unwrap_or_default()),
        }
    }
}

/// Sentences about kinds without details.
mod sentence {
    pub(super) const CORE_EVENT: &str = "this is a core Kubernetes Event, which describes what happened to an object, not who requested what; audit events have apiVersion `audit.k8s.io/v1`";
    pub(super) const GOOGLE_LOG_ENTRY: &str = "this is a Google Cloud LogEntry, but not from the audit log of a Kubernetes API server (`protoPayload.methodName` starts with `io.k8s.`)";
    pub(super) const AZURE_RECORD: &str = "this is an Azure diagnostic record without an audit event in `properties.log`: only the categories `kube-audit` and `kube-audit-admin` contain events";
    pub(super) const CLOUD_WATCH: &str = "this is CloudWatch output without an audit event in its messages: only the streams `kube-apiserver-audit-…` contain events, and a query has to return `@message`";
    pub(super) const OTLP: &str =
        "these are OpenTelemetry log records without an audit event in their bodies";
    pub(super) const ELASTICSEARCH: &str =
        "this is an Elasticsearch response or document without an audit event in its `_source`";
    pub(super) const EMPTY_JOURNAL_ENTRY: &str = "this journald entry has no message: `journalctl -o json` omits fields over 4,096 bytes unless called with `--all`";
    pub(super) const POLICY: &str =
        "this is an audit policy, not an audit log: open it as the policy";
    pub(super) const VAULT: &str =
        "this is a record of HashiCorp Vault's audit log, not of Kubernetes";
    pub(super) const CLOUD_TRAIL: &str = "these are AWS CloudTrail records, which contain calls to AWS; EKS sends Kubernetes audit events to CloudWatch Logs";
    pub(super) const AUDITD: &str =
        "this is a log of the Linux audit daemon (auditd), not of Kubernetes";
    pub(super) const LEGACY_RESPONSE: &str = "this line of the legacy text format has no `method` and `uri`: before Kubernetes 1.7, a second line had the status of a request";
    pub(super) const CSV_ROW: &str = "this row contains no audit event";
    pub(super) const YAML: &str = "this is YAML, not an audit log: audit events are JSON objects";
    pub(super) const KLOG: &str =
        "this is a log message of a Kubernetes program, not an audit event";
    pub(super) const ACCESS_LOG: &str = "this is the access log of a web server or proxy, not of Kubernetes: use the file that `--audit-log-path` of kube-apiserver names";
    pub(super) const FALCO: &str = "this is an alert of Falco, which contains only a part of an audit event: use the audit log of kube-apiserver";
    pub(super) const PYTHON_DICTIONARY: &str = "this is a dictionary as Python prints it: write events with `json.dumps`, or convert each line with `json.dumps(ast.literal_eval(line))`";
    pub(super) const GOOGLE_YAML: &str =
        "this is YAML of `gcloud logging read`: use `--format=json`, which can be read";
    pub(super) const ENCODED: &str = "this is a record of Kinesis, Firehose or a CloudWatch subscription whose data, in Base64, contains no audit event";
    pub(super) const TEXT: &str = "not JSON: this is text, and audit events are JSON objects";
    pub(super) const LOG_RECORD: &str =
        "this is JSON but not an audit event: a log record whose text contains none";
    pub(super) const LIST_WITHOUT_ITEMS: &str =
        "this is an audit `EventList` without `items`, so it contains no events";
    pub(super) const DAMAGED_LIST: &str =
        "this is a part of an `EventList` with damaged keys, of which only the events can be read";
    pub(super) const OTHER_JSON: &str = "this is JSON but not an audit event: an object without the fields of one (`auditID`, `stage`, `requestURI`)";
    pub(super) const NOT_AN_OBJECT: &str =
        "this is JSON but not an object, so it cannot be an audit event";
}
