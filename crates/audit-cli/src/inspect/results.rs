//! Results of `inspect` before they are printed.

use audit_inspect::{ClientCounts, LogFinding, Timeline};
use audit_types::Severity;

use super::place::Place;
use super::requests::Request;
use crate::file_name::FileName;
use crate::files::LogReport;

/// Results of all logs.
pub(super) struct Results<'a> {
    pub(super) logs: &'a [FileName],
    pub(super) events: u64,
    /// First and last time, in microseconds since 1970.
    pub(super) range: Option<(i64, i64)>,
    pub(super) findings: Vec<LogFinding<Place>>,
    /// Parts that the findings leave out because of limits, a sentence each.
    pub(super) not_examined: Vec<String>,
    /// With `--who`.
    pub(super) clients: Option<ClientCounts>,
    /// With `--timeline`, sorted.
    pub(super) timeline: Option<Timeline<Place>>,
    /// With `--request`.
    pub(super) requests: Option<Vec<Request>>,
    /// Number of events of further requests.
    pub(super) omitted_request_events: u64,
    pub(super) files: &'a [LogReport],
}

impl Results<'_> {
    /// Returns the name of the log of a place.
    pub(super) fn file(&self, place: Place) -> &str {
        self.logs.get(place.file).map_or("", |name| name)
    }

    /// Returns the highest severity of a finding.
    pub(super) fn highest_severity(&self) -> Option<Severity> {
        let severities = self.findings.iter().map(|found| found.diagnostic.severity);
        severities.max()
    }
}
