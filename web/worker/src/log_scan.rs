//! Scans of the log that the page asks for: findings about it, and the timeline of an object.

use playground_protocol::{LogScan, LogScanRequest, LogScanStatus, LogScanStep};

use crate::log::Log;
use crate::log_findings::FindingsScan;
use crate::log_pass::LogPass;
use crate::scan::Scan;
use crate::timeline::TimelineScan;

/// Scans in progress, at most one of each kind.
#[derive(Default)]
pub(crate) struct LogScans {
    findings: Option<Job<FindingsScan>>,
    timeline: Option<Job<TimelineScan>>,
}

/// A scan in progress.
struct Job<T> {
    /// The page's number of the scan.
    number: u32,
    pass: LogPass,
    scan: T,
}

impl LogScans {
    /// Reads the next part of the log, and starts the scan if its number is new.
    pub(crate) fn next(&mut self, request: LogScanRequest, log: &mut Log) -> LogScanStep {
        let LogScanRequest { job, of } = request;
        let status = match of {
            LogScan::Findings => next(
                &mut self.findings,
                job,
                log,
                |_| Ok(FindingsScan::default()),
            ),
            LogScan::Timeline(event) => next(&mut self.timeline, job, log, |log| {
                TimelineScan::new(log, event)
            }),
        };
        LogScanStep { job, status }
    }

    /// Forgets the scan with a number.
    pub(crate) fn cancel(&mut self, number: u32) {
        self.findings.take_if(|job| job.number == number);
        self.timeline.take_if(|job| job.number == number);
    }
}

/// Reads the next part of the log for a scan. `start` begins it, or returns a sentence that says why it cannot begin.
fn next<T: Scan>(
    current: &mut Option<Job<T>>,
    number: u32,
    log: &mut Log,
    start: impl FnOnce(&Log) -> Result<T, String>,
) -> LogScanStatus {
    let job = current.take().filter(|job| job.number == number);
    let job = job.map_or_else(
        || {
            let pass = LogPass::new(log);
            start(log).map(|scan| Job { number, pass, scan })
        },
        Ok,
    );
    let mut job = match job {
        Ok(job) => job,
        Err(reason) => return LogScanStatus::Failed(reason),
    };
    let read = {
        let log = &*log;
        job.pass.next(log, &mut |item| job.scan.push(item, log))
    };
    if let Err(reason) = read {
        let sentence = format!("The log can't be read again: {reason}. Open it again.");
        return LogScanStatus::Failed(sentence);
    }
    let is_whole = !log.report.cancelled && !log.report.out_of_memory;
    if job.pass.is_done(log) && (job.pass.is_at_end(log) || !(T::READS_TO_THE_END && is_whole)) {
        return job.scan.finish(log);
    }
    let (bytes, total_bytes) = job.pass.progress();
    *current = Some(job);
    LogScanStatus::Running { bytes, total_bytes }
}
