//! Kinds of wrapper, with their names and limitations.

use std::fmt;

/// Format that contains an audit event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Wrapper {
    /// containerd and CRI-O: `time stream P|F text`.
    Cri,
    /// Docker's json-file driver: `{"log":"…\n","stream":…,"time":…}`.
    Docker,
    /// `kubectl logs --prefix`: `[pod/name/container] text`.
    Kubectl,
    /// A time before the event: `kubectl logs --timestamps`, CloudWatch's export to S3.
    Timed,
    /// `journalctl`'s text and syslog: `time host process[pid]: text`.
    Journal,
    /// `journalctl -o json`.
    JournalJson,
    /// Any other text before the event.
    Prefixed,
    /// An object of a log shipper with the event in one of its fields.
    Record,
    /// Azure's diagnostic records: `properties.log`.
    Azure,
    /// Results of queries of Log Analytics: rows of `tables`, or objects with `TableName`.
    LogAnalytics,
    /// CloudWatch Logs events: `message`.
    CloudWatch,
    /// CloudWatch Logs Insights results: `@message`.
    Insights,
    /// Elasticsearch or OpenSearch documents: `_source`.
    Elasticsearch,
    /// OpenTelemetry log records: `body`.
    Otlp,
    /// Loki's streams: pairs of time and line.
    Loki,
    /// OpenShift's flattened form, with the audit level in `k8s_audit_level`.
    OpenShift,
    /// Google Cloud's own schema, `protoPayload`, which is converted to an event.
    Google,
    /// Rows of Log Analytics' tables `AKSAudit` and `AKSAuditAdmin`, which are converted to events.
    AksTable,
    /// Records with a column per field, such as Kibana's `fields`, which are converted to events.
    Flat,
    /// Rows of a CSV file.
    Csv,
    /// Lines of the server's legacy text format, which are converted to events.
    Legacy,
}

impl Wrapper {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::Cri,
        Self::Docker,
        Self::Kubectl,
        Self::Timed,
        Self::Journal,
        Self::JournalJson,
        Self::Prefixed,
        Self::Record,
        Self::Azure,
        Self::LogAnalytics,
        Self::CloudWatch,
        Self::Insights,
        Self::Elasticsearch,
        Self::Otlp,
        Self::Loki,
        Self::OpenShift,
        Self::Google,
        Self::AksTable,
        Self::Flat,
        Self::Csv,
        Self::Legacy,
    ];

    /// Name for display, in the plural and without commas.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cri => "CRI container log lines",
            Self::Docker => "Docker json-file lines",
            Self::Kubectl => "`kubectl logs` lines with a pod prefix",
            Self::Timed => "lines with a time prefix",
            Self::Journal => "journald or syslog lines",
            Self::JournalJson => "journald JSON entries",
            Self::Prefixed => "lines with a text prefix",
            Self::Record => "log shipper records",
            Self::Azure => "AKS diagnostic records",
            Self::LogAnalytics => "Log Analytics query results",
            Self::CloudWatch => "CloudWatch log events",
            Self::Insights => "CloudWatch Insights results",
            Self::Elasticsearch => "Elasticsearch documents",
            Self::Otlp => "OTLP log records",
            Self::Loki => "Loki lines",
            Self::OpenShift => "OpenShift flattened events",
            Self::Google => "GKE audit log entries",
            Self::AksTable => "rows of `AKSAudit` or `AKSAuditAdmin`",
            Self::Flat => "records with flattened fields",
            Self::Csv => "CSV rows",
            Self::Legacy => "legacy text lines",
        }
    }

    /// Describes in one sentence what is or may be missing from events in this wrapper.
    pub const fn limitation(self) -> &'static str {
        match self {
            Self::Cri => {
                "the container runtime splits lines over 16 KiB; consecutive parts are joined, and a line with missing parts cannot be read"
            }
            Self::Docker => {
                "Docker splits lines over 16 KiB; consecutive parts are joined, and a line with missing parts cannot be read"
            }
            Self::Kubectl => {
                "`kubectl logs` reads only a container's newest log file, and the kubelet starts a new one at 10 MiB by default: earlier events may be missing"
            }
            Self::Timed => {
                "exports by time and `kubectl logs` begin and end within requests: earlier or later stages may be missing"
            }
            Self::Journal => {
                "journald splits lines over 48 KiB by default (`LineMax`); consecutive parts are joined; lines dropped by its rate limit are missing"
            }
            Self::JournalJson => {
                "`journalctl -o json` omits messages over 4,096 bytes unless called with `--all`; lines dropped by journald's rate limit are missing"
            }
            Self::Prefixed => {
                "the text before the events is ignored, and events split over several lines cannot be read"
            }
            Self::Record => {
                "log shippers skip or cut lines longer than their buffer (32 KiB by default in fluent-bit's tail input): large events may be missing"
            }
            Self::Azure => {
                "records of the category `kube-audit-admin` omit get and list requests, so their volume cannot be estimated"
            }
            Self::LogAnalytics => {
                "a query returns at most 500,000 rows or about 100 MB, so the file may be incomplete; rows of the category `kube-audit-admin` omit get and list requests"
            }
            Self::CloudWatch => {
                "CloudWatch limits the size of an event (1 MB, and 256 KB until April 2025): larger events may be missing or cut"
            }
            Self::Insights => {
                "Insights returns at most 10,000 rows per query, so the file may be incomplete; CloudWatch limits the size of an event, and larger events may be missing or cut"
            }
            Self::Elasticsearch => {
                "Elasticsearch returns at most 10,000 hits per query by default, so the file may be incomplete"
            }
            Self::Otlp => {
                "the record's body contains the whole event; events that the collector filtered out are missing"
            }
            Self::Loki => {
                "Loki returns at most `limit` lines per query (100 by default) and rejects lines over 256 KB by default: events may be missing"
            }
            Self::OpenShift => {
                "OpenShift's forwarder overwrites `level` with a severity; the audit level is read from `k8s_audit_level`"
            }
            Self::Google => {
                "GKE's entries have no user groups, request URI, query, stage or level: rules that depend on them cannot be evaluated, and sizes are unknown"
            }
            Self::AksTable => {
                "these tables have a column per field: sizes are unknown, and AKS replaces large bodies by `skipped-too-big-size-object`; `AKSAuditAdmin` omits get and list requests, so their volume cannot be estimated"
            }
            Self::Flat => {
                "the fields were flattened: sizes are unknown, bodies are missing, and so is every field that is not a column"
            }
            Self::Csv => {
                "an export has only the rows of its query, and a spreadsheet cuts cells (Excel at 32,767 characters): events may be missing or cut"
            }
            Self::Legacy => "the legacy format has no level and no bodies: sizes are unknown",
        }
    }

    /// Returns `true` if a record of a document is a row: an array.
    pub(crate) const fn has_rows(self) -> bool {
        matches!(self, Self::Insights | Self::Loki | Self::LogAnalytics)
    }

    /// Bit of this kind in a set.
    pub(crate) const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Wrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_and_a_limitation() {
        let mut names: Vec<_> = Wrapper::ALL.map(Wrapper::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Wrapper::ALL.len());
        for (index, kind) in Wrapper::ALL.into_iter().enumerate() {
            assert_eq!(kind.bit(), 1 << index);
            // The page uses the text before the first comma as the kind.
            assert!(!kind.name().contains(','), "{kind}");
            let lost = kind.limitation();
            let page = include_str!("../../FORMATS.md");
            assert!(page.contains(&format!("| {kind} |")), "{kind}");
            assert!(page.contains(&format!("| {lost} |\n")), "{kind}");
            assert!(!lost.ends_with('.') && !lost.contains('\n'), "{lost}");
        }
    }
}
