//! The worker's life: it may stop, or keep silent while it works. Another one takes its place without the page being loaded again.

use playground_protocol::{Ask, LogReport};

use super::notices::{Notice, NoticeKind};
use super::opening::Skipped;
use super::{AppState, WorkerStatus};
use crate::identity_rc::IdentityRc;
use crate::numbers;

/// After so many stops in a row, the policy waits for a change: it may be the cause.
const MAX_STOPS_WITH_POLICY: u32 = 2;

/// After so many stops in a row, none is started by itself.
const MAX_STOPS: u32 = 4;

/// Reason for a worker's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// The browser gave it no memory.
    OutOfMemory,
    /// It failed: its own words.
    Failed(String),
    /// It ended without a message.
    Terminated,
    /// The person has stopped it.
    ByUser,
}

impl StopReason {
    /// The reason that a worker's script has given; the browser's own errors name memory, too.
    pub fn of(reason: String, is_memory: bool) -> Self {
        let said = reason.to_ascii_lowercase();
        if is_memory || said.contains("out of memory") || said.contains("allocation failed") {
            Self::OutOfMemory
        } else {
            Self::Failed(reason)
        }
    }
}

/// The worker's side of the state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkerState {
    /// The log that is shown is no longer with the worker: its figures stay as they are.
    pub has_lost_log: bool,
    /// How often workers have stopped since one has read a log to its end.
    stops: u32,
    /// The log that was whole is to be opened again.
    reopens: bool,
    /// The policy waits for a change.
    waits: bool,
    /// It was up before.
    was_ready: bool,
}

/// What can happen to the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerAction {
    /// It cannot start: one sentence.
    Unavailable(String),
    /// It has stopped.
    Stopped(StopReason),
    /// It has not answered for so many seconds.
    Busy(u32),
    /// One is wanted after none was started any more.
    StartAgain,
}

impl AppState {
    pub(super) fn update_worker(&mut self, action: WorkerAction) {
        match action {
            WorkerAction::Unavailable(sentence) => {
                self.reading = None;
                self.worker_status = WorkerStatus::Down;
                self.notify(Notice::new(NoticeKind::WorkerDown, sentence));
            }
            WorkerAction::Stopped(stop) => self.worker_stopped(&stop),
            WorkerAction::Busy(seconds) => self.worker_busy(seconds),
            WorkerAction::StartAgain => self.start_again(),
        }
    }

    /// The worker has stopped; what it knew is lost, what is shown stays.
    fn worker_stopped(&mut self, stop: &StopReason) {
        self.worker_status = WorkerStatus::Starting;
        let life = &mut self.worker;
        life.stops = life.stops.saturating_add(1);
        let was_whole = self.log.is_some() && self.openings.current().is_some();
        life.reopens = was_whole && life.stops == 1 && *stop != StopReason::ByUser;
        life.waits = *stop == StopReason::ByUser || life.stops >= MAX_STOPS_WITH_POLICY;
        let sentence = self.describe_stop(stop);
        self.end_reading(*stop == StopReason::OutOfMemory);
        self.worker.has_lost_log = self.openings.current().is_some();
        self.loading = None;
        self.inspecting = None;
        self.table.reset_worker();
        self.facets.cancel_pending();
        self.volume.reset_worker();
        if self.downloads.current.take().is_some() {
            self.downloads.last_result = Some("Cancelled: the engine has stopped.".to_owned());
        }
        self.dismiss(NoticeKind::WorkerBusy);
        if self.worker.stops >= MAX_STOPS {
            self.worker_status = WorkerStatus::Down;
            let sentence = sentence + " It does not start again by itself.";
            self.notify(Notice::new(NoticeKind::WorkerDown, sentence));
        } else {
            self.notify(Notice::new(NoticeKind::WorkerStopped, sentence));
        }
    }

    /// What was being read ends here.
    fn end_reading(&mut self, is_full: bool) {
        self.openings.clear_pending();
        let Some(progress) = self.reading.take() else {
            return;
        };
        if self.log.is_none()
            && let Some(current) = self.openings.current()
        {
            let events = self
                .answer
                .as_ref()
                .map_or(0, |answer| answer.in_sum.events);
            self.log = Some(IdentityRc::new(LogReport {
                files: current.file_reports(progress.total_bytes),
                events: events.max(progress.events),
                full: is_full,
                cancelled: !is_full,
                ..LogReport::default()
            }));
        }
    }

    fn describe_stop(&self, stop: &StopReason) -> String {
        let mut sentence = match stop {
            StopReason::OutOfMemory => "The browser gives this tab no more memory".to_owned(),
            StopReason::Failed(reason) => [
                "The engine, which reads the log, has stopped (`",
                reason,
                "`)",
            ]
            .concat(),
            StopReason::Terminated => {
                "The engine, which reads the log, has ended without a message".to_owned()
            }
            StopReason::ByUser => "The engine was stopped".to_owned(),
        };
        if let Some(progress) = self
            .reading
            .as_deref()
            .filter(|progress| progress.bytes > 0.0)
        {
            let read = [
                " after ",
                &numbers::bytes(progress.bytes),
                " of ",
                &numbers::bytes(progress.total_bytes),
                " (`",
                &progress.file,
                "`)",
            ];
            sentence.push_str(&read.concat());
        }
        sentence.push_str(". Your policy is kept, and a fresh engine takes over.");
        if self.worker.waits {
            sentence.push_str(" It reads the policy again once you change it.");
        }
        if self.worker.reopens {
            sentence.push_str(" The log is opened again.");
        } else if self.openings.current().is_some() {
            sentence.push_str(
                " The figures are of what was read before, and do not follow the policy any more. Open a log to go on.",
            );
        }
        sentence
    }

    /// A worker is up: what its predecessor knew of policy and log is told again.
    pub(super) fn restore_worker(&mut self) -> Vec<Ask> {
        let is_first = !std::mem::replace(&mut self.worker.was_ready, true);
        self.dismiss(NoticeKind::WorkerDown);
        if is_first && self.worker.stops == 0 {
            return Vec::new();
        }
        let mut asks = Vec::new();
        if self.loading.is_none() && !self.worker.waits && !self.text.is_empty() {
            asks.extend(self.load());
        }
        if std::mem::take(&mut self.worker.reopens)
            && let Some(source) = self.openings.current().cloned()
        {
            asks.extend(self.open(source, false, Skipped::new()));
            self.openings.mark_as_reload();
        }
        asks
    }

    /// A log was read to its end: the worker is in health.
    pub(super) const fn reset_stop_count(&mut self) {
        self.worker.stops = 0;
    }

    /// A worker is wanted after none was started any more.
    fn start_again(&mut self) {
        self.worker_status = WorkerStatus::Starting;
        self.worker.stops = 1;
        self.worker.waits = false;
        self.dismiss(NoticeKind::WorkerDown);
    }

    /// The worker has not answered for so many seconds.
    fn worker_busy(&mut self, seconds: u32) {
        let sentence = [
            "The engine has been working for ",
            &numbers::duration(f64::from(seconds)),
            " without an answer. You can wait, or stop it; your policy stays.",
        ];
        self.notify(Notice::new(NoticeKind::WorkerBusy, sentence.concat()));
    }

    /// What makes the figures partial: a sentence.
    pub fn partial(&self) -> Option<&'static str> {
        if self.worker.has_lost_log {
            return Some(
                "Partial: the engine stopped. Figures are of what was read before, and do not follow the policy until a log is opened.",
            );
        }
        let log = self.log.as_deref()?;
        if log.full {
            Some(
                "Partial: this tab has no more memory. Figures are of what was read before; the rest of the log was not read.",
            )
        } else if log.cancelled {
            Some("Partial: reading was cancelled. Figures are of what was read before.")
        } else {
            None
        }
    }
}
