//! Limitations of the wrappers, one sentence each. `FORMATS.md` has the same sentences.

pub(super) const CRI: &str = "the container runtime splits lines over 16 KiB; consecutive parts are joined, and a line with missing parts cannot be read";
pub(super) const DOCKER: &str = "Docker splits lines over 16 KiB; consecutive parts are joined, and a line with missing parts cannot be read";
pub(super) const KUBECTL: &str = "`kubectl logs` reads only a container's newest log file, and the kubelet starts a new one at 10 MiB by default: earlier events may be missing";
pub(super) const TIMED: &str = "exports by time and `kubectl logs` begin and end within requests: earlier or later stages may be missing";
pub(super) const JOURNAL: &str = "journald splits lines over 48 KiB by default (`LineMax`); consecutive parts are joined; lines dropped by its rate limit are missing";
pub(super) const JOURNAL_JSON: &str = "`journalctl -o json` omits messages over 4,096 bytes unless called with `--all`; lines dropped by journald's rate limit are missing";
pub(super) const PREFIXED: &str =
    "the text before the events is ignored, and events split over several lines cannot be read";
pub(super) const RECORD: &str = "log shippers skip or cut lines longer than their buffer (32 KiB by default in fluent-bit's tail input): large events may be missing";
pub(super) const AZURE: &str = "AKS cuts events at 16 KiB: a larger one can only be read if its rest follows, otherwise it is reported as cut";
/// Of the category, not of a wrapper.
pub(super) const ADMIN: &str = "the log has records of the category `kube-audit-admin`, which omits get and list requests: their volume cannot be estimated";
pub(super) const LOG_ANALYTICS: &str =
    "a query returns at most 500,000 rows or about 100 MB, so the file may be incomplete";
pub(super) const CLOUD_WATCH: &str = "CloudWatch limits the size of an event (1 MB, and 256 KB until April 2025): larger events may be missing or cut";
pub(super) const AWS_TAIL: &str = "`aws logs tail` prints the last ten minutes unless called with `--since`, and CloudWatch limits the size of an event: earlier events may be missing, larger ones cut";
pub(super) const INSIGHTS: &str = "Insights returns at most 10,000 rows per query, so the file may be incomplete; CloudWatch limits the size of an event, and larger events may be missing or cut";
pub(super) const ELASTICSEARCH: &str =
    "Elasticsearch returns at most 10,000 hits per query by default, so the file may be incomplete";
pub(super) const OTLP: &str = "the record's body contains the whole event; events that the collector filtered out are missing";
pub(super) const LOKI: &str = "Loki returns at most `limit` lines per query (100 by default) and rejects lines over 256 KB by default: events may be missing";
pub(super) const OPEN_SHIFT: &str = "OpenShift's forwarder overwrites `level` with a severity; the audit level is read from `k8s_audit_level`";
pub(super) const GOOGLE: &str = "GKE's entries have no user groups, request URI, query, stage or level: rules that depend on them cannot be evaluated, and sizes are unknown";
pub(super) const AKS_TABLE: &str = "these tables have a column per field: sizes are unknown, and AKS replaces large bodies by `skipped-too-big-size-object`";
pub(super) const FLAT: &str = "the fields were flattened: sizes are unknown, and every field without a column of its own is missing, such as bodies";
pub(super) const CSV: &str = "an export has only the rows of its query, and a spreadsheet cuts cells (Excel at 32,767 characters): events may be missing or cut";
pub(super) const LEGACY: &str = "the legacy format has no level and no bodies: sizes are unknown";
pub(super) const ENCODED: &str = "records that a stream keeps only for a time, or that a program skipped, are missing; data longer than 64 MiB is not decoded";
pub(super) const QUOTED: &str = "a program wrote the events as strings: it may have cut large ones";
pub(super) const COLORED: &str =
    "a program printed the events for a terminal: it may have left out or cut some";
pub(super) const IN_QUOTES: &str =
    "the quotes around the events are ignored, and events split over several lines cannot be read";
