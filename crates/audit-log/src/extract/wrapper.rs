//! Kinds of wrapper, with their names and limitations.

use std::fmt;

use crate::extract::limitations;

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
    /// `aws logs tail`: time, stream and text.
    AwsTail,
    /// CloudWatch Logs Insights results: `@message`.
    Insights,
    /// Elasticsearch or OpenSearch documents: `_source`.
    Elasticsearch,
    /// OpenTelemetry log records: `body`.
    Otlp,
    /// Loki's streams: pairs of time and line, and the labels that `logcli` prints before a line.
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
    /// Records with data in Base64: Kinesis, Firehose, Pub/Sub, and CloudWatch's subscriptions.
    Encoded,
    /// JSON strings.
    Quoted,
    /// Color codes of a terminal, around an event or in it: `grep --color`, `jq -C`.
    Colored,
    /// Quotes before or after an event.
    InQuotes,
}

impl Wrapper {
    /// Every kind.
    pub const ALL: [Self; 26] = [
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
        Self::AwsTail,
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
        Self::Encoded,
        Self::Quoted,
        Self::Colored,
        Self::InQuotes,
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
            Self::AwsTail => "`aws logs tail` lines",
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
            Self::Encoded => "records with Base64 data",
            Self::Quoted => "JSON strings",
            Self::Colored => "lines with color codes",
            Self::InQuotes => "lines in quotes",
        }
    }

    /// Describes in one sentence what is or may be missing from events in this wrapper.
    pub const fn limitation(self) -> &'static str {
        match self {
            Self::Cri => limitations::CRI,
            Self::Docker => limitations::DOCKER,
            Self::Kubectl => limitations::KUBECTL,
            Self::Timed => limitations::TIMED,
            Self::Journal => limitations::JOURNAL,
            Self::JournalJson => limitations::JOURNAL_JSON,
            Self::Prefixed => limitations::PREFIXED,
            Self::Record => limitations::RECORD,
            Self::Azure => limitations::AZURE,
            Self::LogAnalytics => limitations::LOG_ANALYTICS,
            Self::CloudWatch => limitations::CLOUD_WATCH,
            Self::AwsTail => limitations::AWS_TAIL,
            Self::Insights => limitations::INSIGHTS,
            Self::Elasticsearch => limitations::ELASTICSEARCH,
            Self::Otlp => limitations::OTLP,
            Self::Loki => limitations::LOKI,
            Self::OpenShift => limitations::OPEN_SHIFT,
            Self::Google => limitations::GOOGLE,
            Self::AksTable => limitations::AKS_TABLE,
            Self::Flat => limitations::FLAT,
            Self::Csv => limitations::CSV,
            Self::Legacy => limitations::LEGACY,
            Self::Encoded => limitations::ENCODED,
            Self::Quoted => limitations::QUOTED,
            Self::Colored => limitations::COLORED,
            Self::InQuotes => limitations::IN_QUOTES,
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
