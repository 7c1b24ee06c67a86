//! The kinds of wrapper: what people call them, and what each loses.

use std::fmt;

/// What an audit event was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrapper {
    /// containerd and CRI-O: `time stream P|F text`.
    Cri,
    /// Docker's json-file driver: `{"log":"…\n","stream":…,"time":…}`.
    Docker,
    /// `kubectl logs --prefix`: `[pod/name/container] text`.
    Kubectl,
    /// A time and the event: `kubectl logs --timestamps`, CloudWatch's export to S3.
    Timed,
    /// `journalctl`'s text and syslog: `time host process[pid]: text`.
    Journal,
    /// `journalctl -o json`.
    JournalJson,
    /// Some other text in front of the event.
    Prefixed,
    /// An object of a log shipper with the event in one of its fields.
    Record,
    /// Azure's diagnostic records: `properties.log`.
    Azure,
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
    /// Google Cloud's own schema, `protoPayload`: no audit event inside, so one is made of what there is.
    Google,
}

impl Wrapper {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Cri,
        Self::Docker,
        Self::Kubectl,
        Self::Timed,
        Self::Journal,
        Self::JournalJson,
        Self::Prefixed,
        Self::Record,
        Self::Azure,
        Self::CloudWatch,
        Self::Insights,
        Self::Elasticsearch,
        Self::Otlp,
        Self::Loki,
        Self::OpenShift,
        Self::Google,
    ];

    /// Its name for people, in the plural and without commas.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cri => "CRI container log lines",
            Self::Docker => "Docker json-file lines",
            Self::Kubectl => "`kubectl logs` lines with the pod in front",
            Self::Timed => "lines with a time in front",
            Self::Journal => "journald or syslog lines",
            Self::JournalJson => "journald JSON entries",
            Self::Prefixed => "lines with text in front",
            Self::Record => "log shipper records",
            Self::Azure => "AKS diagnostic records",
            Self::CloudWatch => "CloudWatch log events",
            Self::Insights => "CloudWatch Insights results",
            Self::Elasticsearch => "Elasticsearch documents",
            Self::Otlp => "OTLP log records",
            Self::Loki => "Loki lines",
            Self::OpenShift => "OpenShift flattened events",
            Self::Google => "GKE audit log entries",
        }
    }

    /// What it loses, or may have lost, of what the server wrote: one sentence.
    pub const fn limitation(self) -> &'static str {
        match self {
            Self::Cri => {
                "the container runtime splits lines over 16 KiB: parts that follow each other are joined, and one whose rest is not in the file cannot be read"
            }
            Self::Docker => {
                "Docker splits lines over 16 KiB: parts that follow each other are joined, and one whose rest is not in the file cannot be read"
            }
            Self::Kubectl => {
                "`kubectl logs` reads a container's newest log file only, and the kubelet starts another at 10 MiB unless configured otherwise: earlier events may be missing"
            }
            Self::Timed => {
                "an export by time, or `kubectl logs`, begins and ends within requests: their earlier or later stages may be missing"
            }
            Self::Journal => {
                "journald splits lines over 48 KiB unless `LineMax` says otherwise: parts that follow each other are joined; what its rate limit dropped is not in the file"
            }
            Self::JournalJson => {
                "`journalctl -o json` leaves out messages over 4,096 bytes unless called with `--all`; what journald's rate limit dropped is not in the file"
            }
            Self::Prefixed => {
                "the text in front of the events is left out, and events that were split over lines cannot be read"
            }
            Self::Record => {
                "log shippers skip or cut lines longer than their buffer, 32 KiB in fluent-bit's tail by default: large events may be missing"
            }
            Self::Azure => {
                "records of the category `kube-audit-admin` leave out get and list requests, so their volume cannot be judged from them"
            }
            Self::CloudWatch => {
                "CloudWatch limits the size of an event, to 256 KB until 2025: larger ones may be missing or cut"
            }
            Self::Insights => {
                "Insights answers at most 10,000 rows a query, so the volume may be more than is in the file; CloudWatch limits the size of an event, and larger ones may be missing or cut"
            }
            Self::Elasticsearch => {
                "Elasticsearch answers at most 10,000 hits a query unless configured otherwise, so the volume may be more than is in the file"
            }
            Self::Otlp => {
                "the event is kept whole in the record's body; what the collector filtered out is not in the file"
            }
            Self::Loki => {
                "Loki answers at most `limit` lines a query, 100 unless it says more, and refuses lines over 256 KB unless configured otherwise: events may be missing"
            }
            Self::OpenShift => {
                "OpenShift's forwarder overwrites `level` with a severity: the audit level is read from `k8s_audit_level`"
            }
            Self::Google => {
                "GKE's entries keep no user groups, request URI, query, stage or level: what a rule asks of them cannot be known, nor can sizes"
            }
        }
    }

    /// Its bit in a set of kinds.
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
    fn every_kind_has_a_name_and_says_what_it_loses() {
        let mut names: Vec<_> = Wrapper::ALL.map(Wrapper::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Wrapper::ALL.len());
        for (index, kind) in Wrapper::ALL.into_iter().enumerate() {
            assert_eq!(kind.bit(), 1 << index);
            // The page shows what stands before the first comma as the kind.
            assert!(!kind.name().contains(','), "{kind}");
            let lost = kind.limitation();
            let page = include_str!("../../FORMATS.md");
            assert!(page.contains(&format!("| {kind} |")), "{kind}");
            assert!(page.contains(&format!("| {lost} |\n")), "{kind}");
            assert!(!lost.ends_with('.') && !lost.contains('\n'), "{lost}");
        }
    }
}
