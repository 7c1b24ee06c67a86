//! Results that are computed from the whole log on request: findings about it, and the timeline of an object.

use playground_protocol::{
    AnalysisRequest, EventId, FoundEvents, LogFindingsView, LogScan, LogScanRequest, Severity,
    TimelineView,
};

use crate::identity_rc::IdentityRc;

/// State of the scans.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogScans {
    /// Findings about the log.
    pub findings: ScanState<LogFindingsView>,
    /// Number of warnings among the findings.
    pub warnings: usize,
    /// The log was considered for a search without a request: only a small one is searched.
    pub(super) is_considered: bool,
    /// Timeline of an object.
    pub timeline: ScanState<TimelineView>,
    count: u32,
}

/// State of the scans of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanState<T> {
    /// The scan in progress.
    pub running: Option<RunningScan>,
    /// Last result for the open log.
    pub shown: Option<IdentityRc<T>>,
    /// Reason why the last scan has no result: one sentence.
    pub failure: Option<String>,
}

/// A scan in progress.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunningScan {
    /// Number of the scan.
    pub(super) job: u32,
    /// Result to compute.
    pub(super) of: LogScan,
    /// Bytes read so far.
    pub bytes: f64,
    /// Bytes to read; 0 before they are known.
    pub total_bytes: f64,
}

/// Actions on the scans.
#[derive(Debug, Clone, PartialEq)]
pub enum LogScanAction {
    /// The log is to be searched for findings.
    Search,
    /// The search is to be cancelled.
    CancelSearch,
    /// The findings are to be shown.
    ShowFindings,
    /// The events of a finding are to be listed.
    List(FoundEvents),
    /// An event is to be shown, among all others.
    Open(EventId),
    /// Events are to be listed whether they belong to a finding or not.
    ClearFilter,
    /// The timeline of the object that an event is about is to be shown.
    ShowTimeline(EventId),
    /// The timeline is to be cancelled.
    CancelTimeline,
}

impl<T> Default for ScanState<T> {
    fn default() -> Self {
        Self {
            running: None,
            shown: None,
            failure: None,
        }
    }
}

impl<T> ScanState<T> {
    /// Ends the scan in progress without a result, and returns its number.
    pub(super) fn end(&mut self, reason: &str) -> Option<u32> {
        let running = self.running.take()?;
        self.failure = Some(reason.to_owned());
        Some(running.job)
    }

    /// Ends the scan in progress with a result.
    pub(super) fn finish(&mut self, result: T) {
        self.running = None;
        self.shown = Some(IdentityRc::new(result));
    }
}

impl RunningScan {
    /// Returns the request for the next part.
    pub(super) const fn request(self) -> AnalysisRequest {
        AnalysisRequest::ScanLog(LogScanRequest {
            job: self.job,
            of: self.of,
        })
    }
}

impl LogScans {
    /// Returns the state of another log.
    pub(super) fn for_new_log(&self) -> Self {
        Self {
            count: self.count,
            ..Self::default()
        }
    }

    /// Starts a scan and returns its first request.
    pub(super) fn start(&mut self, of: LogScan) -> AnalysisRequest {
        self.count = self.count.wrapping_add(1);
        let running = RunningScan {
            job: self.count,
            of,
            bytes: 0.0,
            total_bytes: 0.0,
        };
        match of {
            LogScan::Findings => {
                self.findings.failure = None;
                self.findings.running = Some(running);
            }
            LogScan::Timeline(_) => {
                self.timeline.failure = None;
                self.timeline.running = Some(running);
            }
        }
        running.request()
    }

    /// Returns the scan in progress with a number.
    pub(super) fn running(&mut self, job: u32) -> Option<&mut RunningScan> {
        let running = [&mut self.findings.running, &mut self.timeline.running];
        let mut running = running.into_iter().flatten();
        running.find(|running| running.job == job)
    }

    /// Keeps the findings.
    pub(super) fn receive_findings(&mut self, view: LogFindingsView) {
        let is_warning = |severity| severity != Severity::Info;
        let all = view.findings.iter();
        self.warnings = all
            .filter(|found| is_warning(found.finding.severity))
            .count();
        self.findings.finish(view);
    }

    /// Ends what is in progress: the engine stopped.
    pub(super) fn reset_worker(&mut self) {
        self.findings
            .end("The search was cancelled: the engine stopped.");
        self.timeline
            .end("The timeline was cancelled: the engine stopped.");
    }
}
