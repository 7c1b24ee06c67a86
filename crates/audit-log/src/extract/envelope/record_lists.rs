//! Known lists of records, by the names that lead to them.

use crate::extract::wrapper::Wrapper;

/// Path of a list of records; `*` stands for every item of a list.
struct RecordList {
    path: &'static [&'static str],
    /// Wrapper that the list implies. `None` if it depends on the records.
    wrapper: Option<Wrapper>,
}

const fn anchor(path: &'static [&'static str], wrapper: Option<Wrapper>) -> RecordList {
    RecordList { path, wrapper }
}

/// Known lists, at most 32: those in the output of `aws logs`, Elasticsearch, Loki, OpenTelemetry, Azure's Event Hubs and Log Analytics,
/// Google's `entries.list`, SQS and the audit webhook.
const RECORD_LISTS: [RecordList; 22] = [
    anchor(&["items"], None),
    anchor(&["records"], None),
    anchor(&["Records"], None),
    anchor(&["entries"], None),
    anchor(&["value"], None),
    anchor(&["messages"], None),
    anchor(&["Messages"], None),
    anchor(&["tables", "*", "rows"], Some(Wrapper::LogAnalytics)),
    anchor(&["hits", "hits"], Some(Wrapper::Elasticsearch)),
    anchor(
        &["rawResponse", "hits", "hits"],
        Some(Wrapper::Elasticsearch),
    ),
    anchor(
        &["responses", "*", "hits", "hits"],
        Some(Wrapper::Elasticsearch),
    ),
    anchor(
        &["resourceLogs", "*", "scopeLogs", "*", "logRecords"],
        Some(Wrapper::Otlp),
    ),
    anchor(
        &["resourceLogs", "*", "scopeLogs", "*", "log_records"],
        Some(Wrapper::Otlp),
    ),
    anchor(
        &[
            "resourceLogs",
            "*",
            "instrumentationLibraryLogs",
            "*",
            "logRecords",
        ],
        Some(Wrapper::Otlp),
    ),
    anchor(
        &["resource_logs", "*", "scope_logs", "*", "log_records"],
        Some(Wrapper::Otlp),
    ),
    anchor(&["events"], Some(Wrapper::CloudWatch)),
    anchor(&["logEvents"], Some(Wrapper::CloudWatch)),
    anchor(&["results"], Some(Wrapper::Insights)),
    anchor(&["data", "result", "*", "values"], Some(Wrapper::Loki)),
    anchor(&["streams", "*", "values"], Some(Wrapper::Loki)),
    anchor(&["result", "*", "values"], Some(Wrapper::Loki)),
    anchor(&["logs"], None),
];

pub(super) const ALL_RECORD_LISTS: u32 = (1 << RECORD_LISTS.len()) - 1;

/// Returns the lists of a set that have a name at a depth.
pub(super) fn below(mask: u32, depth: usize, name: &str) -> u32 {
    chosen(mask)
        .filter(|(_, anchor)| anchor.path.get(depth) == Some(&name))
        .fold(0, |set, (index, _)| set | 1 << index)
}

/// Returns the list of a set whose path has a length.
pub(super) fn ending_at(mask: u32, depth: usize) -> Option<Option<Wrapper>> {
    chosen(mask)
        .find(|(_, anchor)| anchor.path.len() == depth)
        .map(|(_, anchor)| anchor.wrapper)
}

fn chosen(mask: u32) -> impl Iterator<Item = (usize, &'static RecordList)> {
    RECORD_LISTS
        .iter()
        .enumerate()
        .filter(move |(index, _)| mask & 1 << index != 0)
}

/// Returns `true` if a list of the set has a name after a depth, and its records have columns.
pub(super) fn has_columns(mask: u32, depth: usize) -> bool {
    ending_at(below(mask, depth, "rows"), depth + 1) == Some(Some(Wrapper::LogAnalytics))
}
