//! Results that are computed from the whole log on request: findings about it, and the timeline of an object.

use audit_types::{Diagnostic, EventId, Level, LogFindingKind};
use serde::{Deserialize, Serialize};

/// A request for the next part of a scan: a new number starts one, the same number continues it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogScanRequest {
    /// The page's number for the scan.
    pub job: u32,
    /// Result to compute.
    pub of: LogScan,
}

/// Result of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogScan {
    /// Findings about the log.
    Findings,
    /// The timeline of the object that this event is about.
    Timeline(EventId),
}

/// State of a scan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogScanStep {
    /// The page's number of the scan.
    pub job: u32,
    /// Progress, or how it has ended.
    pub status: LogScanStatus,
}

/// Progress of a scan, or how it has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum LogScanStatus {
    /// More of the log is to be read.
    Running {
        /// Bytes read so far, of all files.
        bytes: f64,
        /// Size of all files in bytes.
        total_bytes: f64,
    },
    /// Findings about the log.
    Findings(LogFindingsView),
    /// Timeline of an object.
    Timeline(TimelineView),
    /// The log cannot be read again: one sentence.
    Failed(String),
}

/// Findings about the log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogFindingsView {
    /// The findings, in the order of their codes.
    pub findings: Vec<LogFindingView>,
    /// Parts that were not examined because of limits, a sentence each.
    pub not_examined: Vec<String>,
    /// Number of events of the log.
    pub events: usize,
}

/// A finding about the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFindingView {
    /// Code, severity, message and help.
    pub finding: Diagnostic,
    /// Number of events, gaps or names.
    pub count: usize,
    /// Events to list.
    pub events: FoundEvents,
    /// The first events.
    pub first: Vec<FoundPlace>,
}

/// Events that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FoundEvents {
    /// They cannot be listed.
    Unlisted,
    /// Those that [`View::finding`](crate::View::finding) selects.
    Kind(LogFindingKind),
    /// Those that a filter selects.
    Filter(String),
    /// Parts of the log that are not events: the list of unreadable places has them.
    Problems,
}

/// Place of an event of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPlace {
    /// File and line.
    pub place: String,
    /// Id of the event. `None` if it is a part of the log that is not an event.
    pub event: Option<EventId>,
}

/// Timeline of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TimelineView {
    /// The object: resource, name and namespace, with backticks as in findings.
    pub object: String,
    /// Filter that selects its events.
    pub filter: String,
    /// Number of requests.
    pub requests: usize,
    /// Number of events of further requests, beyond the limit of a timeline.
    pub omitted_events: usize,
    /// The first requests, in the order of time; all of them if there are few.
    pub first: Vec<TimelineRequest>,
    /// Number of requests that are left out after the first ones.
    pub omitted: usize,
    /// The last requests; empty if there are few.
    pub last: Vec<TimelineRequest>,
    /// Counts over time, for a picture; empty if no request has a time.
    pub buckets: Vec<TimelineBucket>,
    /// Length of a part of the picture in seconds.
    pub bucket_seconds: u64,
    /// Times of the first and of the last request (UTC); empty if no request has a time.
    pub range: (String, String),
}

/// A request of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineRequest {
    /// Time at which it was received (UTC); empty if that is unknown.
    pub time: String,
    /// Verb.
    pub verb: String,
    /// Resource and subresource.
    pub resource: String,
    /// The user. `None` if there is none.
    pub user: Option<String>,
    /// The user that it acted as.
    pub impersonated: Option<String>,
    /// HTTP status of the response.
    pub code: Option<u16>,
    /// Level that it was recorded at.
    pub level: Option<Level>,
    /// Stages in the log.
    pub stages: String,
    /// Its event of the stage `ResponseComplete`; without it, the first one.
    pub event: EventId,
}

/// A part of the time of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineBucket {
    /// Its start (UTC).
    pub start: String,
    /// Requests that change something.
    pub writes: usize,
    /// Requests that change nothing.
    pub reads: usize,
    /// Requests whose response has a status of 400 or higher; they are among the others, too.
    pub failed: usize,
}
