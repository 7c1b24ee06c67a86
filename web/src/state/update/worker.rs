//! A worker that stops or does not reply. Another one replaces it without reloading the page.

use playground_figures::numbers;
use playground_protocol::LogReport;

use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::notices::{Notice, NoticeKind};
use crate::state::opening::Skipped;
use crate::state::worker::{StopReason, WorkerAction, WorkerStatus};

/// After this number of stops in a row, the policy is not loaded before it changes: it may be the cause.
const MAX_STOPS_WITH_POLICY: u32 = 2;

/// After this number of stops in a row, no other worker starts automatically.
const MAX_STOPS: u32 = 4;

impl AppState {
    pub(super) fn update_worker(&mut self, action: WorkerAction) -> Vec<Effect> {
        match action {
            WorkerAction::Unavailable(sentence) => {
                self.reading = None;
                self.worker_status = WorkerStatus::Down;
                self.notify(Notice::new(NoticeKind::WorkerDown, sentence));
                return Vec::new();
            }
            WorkerAction::Busy(seconds) => {
                self.worker_busy(seconds);
                return Vec::new();
            }
            WorkerAction::Stopped(stop) => self.worker_stopped(&stop),
            WorkerAction::StartAgain => self.start_again(),
        }
        match self.worker_status {
            WorkerStatus::Starting => vec![Effect::RestartWorker],
            WorkerStatus::Ready | WorkerStatus::Down => Vec::new(),
        }
    }

    /// Handles a stopped worker: its data are lost, what is shown stays.
    pub(super) fn worker_stopped(&mut self, stop: &StopReason) {
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
        self.completion.cancel_pending();
        self.volume.reset_worker();
        self.analysis.cancel_pending();
        self.claims.cancel_pending();
        self.goals.answered.cancel_pending();
        self.lessons.cancel_pending();
        self.repair.report.cancel_pending();
        self.policy_check
            .end("The check was cancelled: the engine stopped.");
        self.log_scans.reset_worker();
        self.metrics.reset_worker();
        if self.downloads.current.take().is_some() {
            self.downloads.last_result = Some("Cancelled: the engine stopped.".to_owned());
        }
        self.dismiss(NoticeKind::WorkerBusy);
        if self.worker.stops >= MAX_STOPS {
            self.worker_status = WorkerStatus::Down;
            let sentence = sentence + " It will not restart automatically.";
            self.notify(Notice::new(NoticeKind::WorkerDown, sentence));
        } else {
            self.notify(Notice::new(NoticeKind::WorkerStopped, sentence));
        }
    }

    /// Ends the reading in progress.
    pub(super) fn end_reading(&mut self, is_full: bool) {
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
                .map_or(0, |answer| answer.recorded.events);
            self.log = Some(IdentityRc::new(LogReport {
                files: current.file_reports(progress.total_bytes),
                events: events.max(progress.events),
                out_of_memory: is_full,
                cancelled: !is_full,
                ..LogReport::default()
            }));
        }
    }

    pub(super) fn describe_stop(&self, stop: &StopReason) -> String {
        let mut sentence = match stop {
            StopReason::OutOfMemory => "This tab ran out of memory".to_owned(),
            StopReason::Failed(reason) => ["The engine has stopped (`", reason, "`)"].concat(),
            StopReason::Terminated => "The engine has ended without an error message".to_owned(),
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
        sentence.push_str(". Your policy is safe, and the engine restarts.");
        if self.worker.waits {
            sentence.push_str(" It will load the policy again when you change it.");
        }
        if self.worker.reopens {
            sentence.push_str(" The log is being reopened.");
        } else if self.openings.current().is_some() {
            sentence.push_str(
                " The figures cover what was read before and no longer follow the policy. Open a log to continue.",
            );
        }
        sentence
    }

    /// Returns the requests that bring a new worker to the state of the last one.
    pub(super) fn restore_worker(&mut self) -> Vec<Effect> {
        let is_first = !std::mem::replace(&mut self.worker.was_ready, true);
        self.dismiss(NoticeKind::WorkerDown);
        if is_first && self.worker.stops == 0 {
            return Vec::new();
        }
        let mut effects = Vec::new();
        if self.loading.is_none() && !self.worker.waits && !self.text.is_empty() {
            effects.extend(self.load());
        }
        if !self.worker.waits {
            effects.extend(self.send_baseline_again());
        }
        effects.extend(self.metrics.restore_worker().map(Effect::Send));
        if std::mem::take(&mut self.worker.reopens)
            && let Some(source) = self.openings.current().cloned()
        {
            effects.extend(self.open(source, false, Skipped::new()));
            self.openings.mark_as_reload();
        }
        effects
    }

    /// Resets the number of stops: a log was read to its end.
    pub(super) const fn reset_stop_count(&mut self) {
        self.worker.stops = 0;
    }

    /// Starts a worker on request of the user.
    pub(super) fn start_again(&mut self) {
        self.worker_status = WorkerStatus::Starting;
        self.worker.stops = 1;
        self.worker.waits = false;
        self.dismiss(NoticeKind::WorkerDown);
    }

    /// Reports that the worker has not replied for a while.
    pub(super) fn worker_busy(&mut self, seconds: u32) {
        let sentence = [
            "The engine hasn't responded for ",
            &numbers::duration(f64::from(seconds)),
            ". You can wait, or stop it; your policy is safe.",
        ];
        self.notify(Notice::new(NoticeKind::WorkerBusy, sentence.concat()));
    }
}
