//! Progress reports while a log is read.

use playground_protocol::{Progress, ToPage};

use crate::browser::now;
use crate::runtime::{post, post_all, with_session};
use crate::session::Session;

/// Milliseconds between two reports of progress.
const REPORT_INTERVAL_MS: f64 = 100.0;

/// Reports progress to the page at intervals, with rows and sums of what was read so far.
pub(crate) struct ProgressReporter {
    started: f64,
    last_report: f64,
    bytes: f64,
    total_bytes: f64,
    /// Number of events from which on rows and sums are sent next.
    next_update: usize,
}

impl ProgressReporter {
    /// Starts at zero of `total_bytes`.
    pub(crate) fn new(total_bytes: f64) -> Self {
        let started = now();
        Self {
            started,
            last_report: started,
            bytes: 0.0,
            total_bytes,
            next_update: 1,
        }
    }

    /// Adds bytes read of a file.
    pub(crate) fn add(&mut self, file: &str, bytes: f64) {
        self.bytes += bytes;
        let time = now();
        let events = with_session(|session| session.log_being_read().table.recorded());
        // An update takes time in proportion to the events. With twice as many events each time, all updates together do.
        if events >= self.next_update {
            self.next_update = events * 2;
            post_all(&with_session(Session::show_so_far));
        }
        if time - self.last_report > REPORT_INTERVAL_MS {
            self.last_report = time;
            post(&ToPage::Progress(Progress {
                file: file.to_owned(),
                bytes: self.bytes,
                total_bytes: self.total_bytes,
                events,
                seconds: (time - self.started) / 1000.0,
            }));
        }
    }
}
