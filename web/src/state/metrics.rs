//! Metrics of API servers, from which the volume is estimated without a log: the texts, the newest estimate, and the one request in
//! progress.

use playground_figures::numbers;
use playground_protocol::{MetricsFile, MetricsReport, ToWorker};

use crate::identity_rc::IdentityRc;

/// State of the metrics.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetricsState {
    /// The open metrics.
    pub(super) files: Option<IdentityRc<Vec<MetricsFile>>>,
    /// Metrics that the worker is reading.
    pub(super) opening: Option<IdentityRc<Vec<MetricsFile>>>,
    /// Metrics that were closed last.
    pub(super) closed: Option<IdentityRc<Vec<MetricsFile>>>,
    /// The worker has the open metrics.
    pub(super) is_loaded: bool,
    /// Newest estimate.
    pub shown: Option<IdentityRc<MetricsReport>>,
    /// Hours that the counters cover; `None` for what the metrics say.
    pub hours: Option<f64>,
    /// Increases with every reason to request an estimate.
    revision: u32,
    /// Revision of the shown estimate.
    shown_revision: Option<u32>,
    /// Revision of the request in progress.
    pending_revision: Option<u32>,
}

/// Actions on the metrics.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricsAction {
    /// Metrics were opened or pasted.
    Open(Vec<MetricsFile>),
    /// The metrics were closed: the volume is that of the log again.
    Close,
    /// The metrics that were closed last are to be opened again.
    Reopen,
    /// The hours that the counters cover.
    SetHours(Option<f64>),
}

impl MetricsState {
    /// Returns whether the volume is estimated from metrics.
    pub const fn is_open(&self) -> bool {
        self.files.is_some()
    }

    /// Returns a short title of the open metrics, with names in backticks.
    pub fn title(&self) -> String {
        self.files
            .as_ref()
            .map(|files| title(files))
            .unwrap_or_default()
    }

    /// Returns whether the shown estimate is up to date.
    pub fn is_fresh(&self) -> bool {
        self.shown_revision == Some(self.revision)
    }

    /// Marks the shown estimate as outdated.
    pub(super) const fn mark_outdated(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// Opens the metrics that the worker has read.
    pub(super) fn opened(&mut self) {
        self.files = self.opening.take();
        self.is_loaded = true;
        self.closed = None;
        self.shown = None;
        self.hours = None;
        self.mark_outdated();
    }

    /// Closes the metrics. They can be opened again.
    pub(super) fn close(&mut self) {
        let closed = self.files.take();
        *self = Self {
            closed,
            opening: self.opening.take(),
            revision: self.revision.wrapping_add(1),
            ..Self::default()
        };
    }

    /// Forgets the request in progress: there will be no response.
    pub(super) const fn cancel_pending(&mut self) {
        self.pending_revision = None;
    }

    /// Forgets what the worker had, which has stopped.
    pub(super) fn reset_worker(&mut self) {
        self.cancel_pending();
        self.opening = None;
        self.is_loaded = false;
    }

    /// Returns the message that brings a new worker to the state of the last one.
    pub(super) fn restore_worker(&mut self) -> Option<ToWorker> {
        let files = self.files.clone()?;
        self.opening = Some(files.clone());
        Some(ToWorker::OpenMetrics((*files).clone()))
    }

    pub(super) fn receive(&mut self, report: MetricsReport) {
        self.shown_revision = self.pending_revision.take();
        if self.is_open() {
            self.shown = Some(IdentityRc::new(report));
        }
    }

    /// Returns whether an estimate is to be requested, and marks it as in progress.
    pub(super) fn begin_request(&mut self) -> bool {
        if !self.is_open() || !self.is_loaded || self.is_fresh() || self.pending_revision.is_some()
        {
            return false;
        }
        self.pending_revision = Some(self.revision);
        true
    }
}

/// Returns a short title of metrics, with names in backticks.
pub(super) fn title(files: &[MetricsFile]) -> String {
    match files {
        [file] => name(&file.name),
        files => numbers::counted(files.len(), "file"),
    }
}

/// Returns the name of metrics in backticks, or that they were pasted.
pub(super) fn name(name: &str) -> String {
    if name.is_empty() {
        "the pasted metrics".to_owned()
    } else {
        ["`", name, "`"].concat()
    }
}
