//! The worker's life: it may stop, or keep silent while it works. Another one takes its place without the page being loaded again.

use playground_protocol::{LogReport, ToWorker};

use super::notices::{Notice, NoticeKind};
use super::opening::Skipped;
use super::{AppState, Worker};
use crate::numbers;
use crate::shared::Shared;

/// After so many stops in a row, the policy waits for a change: it may be the cause.
const MAX_STOPS_WITH_POLICY: u32 = 2;

/// After so many stops in a row, none is started by itself.
const MAX_STOPS: u32 = 4;

/// Reason for a worker's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The browser gave it no memory.
    Memory,
    /// It failed: its own words.
    Failed(String),
    /// It ended without a message.
    Silent,
    /// The person has stopped it.
    ByHand,
}

impl Stop {
    /// The reason that a worker's script has given; the browser's own errors name memory, too.
    pub fn of(reason: String, is_memory: bool) -> Self {
        let said = reason.to_ascii_lowercase();
        if is_memory || said.contains("out of memory") || said.contains("allocation failed") {
            Self::Memory
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
    Stopped(Stop),
    /// It has not answered for so many seconds.
    Busy(u32),
    /// One is wanted after none was started any more.
    StartAgain,
}

impl AppState {
    pub(super) fn apply_to_worker(&mut self, action: WorkerAction) {
        match action {
            WorkerAction::Unavailable(sentence) => {
                self.reading = None;
                self.worker = Worker::Down;
                self.notify(Notice::new(NoticeKind::Down, sentence));
            }
            WorkerAction::Stopped(stop) => self.worker_stopped(&stop),
            WorkerAction::Busy(seconds) => self.worker_busy(seconds),
            WorkerAction::StartAgain => self.start_again(),
        }
    }

    /// The worker has stopped; what it knew is lost, what is shown stays.
    fn worker_stopped(&mut self, stop: &Stop) {
        self.worker = Worker::Starting;
        let life = &mut self.life;
        life.stops = life.stops.saturating_add(1);
        let was_whole = self.log.is_some() && self.openings.current().is_some();
        life.reopens = was_whole && life.stops == 1 && *stop != Stop::ByHand;
        life.waits = *stop == Stop::ByHand || life.stops >= MAX_STOPS_WITH_POLICY;
        let sentence = self.said_of(stop);
        self.end_reading(*stop == Stop::Memory);
        self.life.has_lost_log = self.openings.current().is_some();
        self.loading = None;
        self.inspecting = None;
        self.table.forget_worker();
        self.facets.give_up();
        self.volume.forget_worker();
        if self.errands.current.take().is_some() {
            self.errands.said = Some("Cancelled: the engine has stopped.".to_owned());
        }
        self.dismiss(NoticeKind::Busy);
        if self.life.stops >= MAX_STOPS {
            self.worker = Worker::Down;
            let sentence = sentence + " It does not start again by itself.";
            self.notify(Notice::new(NoticeKind::Down, sentence));
        } else {
            self.notify(Notice::new(NoticeKind::Stopped, sentence));
        }
    }

    /// What was being read ends here.
    fn end_reading(&mut self, is_full: bool) {
        self.openings.forget_pending();
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
            self.log = Some(Shared::new(LogReport {
                files: current.file_reports(progress.total_bytes),
                events: events.max(progress.events),
                out_of_memory: is_full,
                cancelled: !is_full,
                ..LogReport::default()
            }));
        }
    }

    fn said_of(&self, stop: &Stop) -> String {
        let mut sentence = match stop {
            Stop::Memory => "The browser gives this tab no more memory".to_owned(),
            Stop::Failed(reason) => [
                "The engine, which reads the log, has stopped (`",
                reason,
                "`)",
            ]
            .concat(),
            Stop::Silent => {
                "The engine, which reads the log, has ended without a message".to_owned()
            }
            Stop::ByHand => "The engine was stopped".to_owned(),
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
        if self.life.waits {
            sentence.push_str(" It reads the policy again once you change it.");
        }
        if self.life.reopens {
            sentence.push_str(" The log is opened again.");
        } else if self.openings.current().is_some() {
            sentence.push_str(
                " The figures are of what was read before, and do not follow the policy any more. Open a log to go on.",
            );
        }
        sentence
    }

    /// A worker is up: what its predecessor knew of policy and log is told again.
    pub(super) fn tell_again(&mut self) -> Vec<ToWorker> {
        let is_first = !std::mem::replace(&mut self.life.was_ready, true);
        self.dismiss(NoticeKind::Down);
        if is_first && self.life.stops == 0 {
            return Vec::new();
        }
        let mut asks = Vec::new();
        if self.loading.is_none() && !self.life.waits && !self.text.is_empty() {
            asks.extend(self.load());
        }
        if std::mem::take(&mut self.life.reopens)
            && let Some(source) = self.openings.current().cloned()
        {
            asks.extend(self.open(source, false, Skipped::new()));
            self.openings.note_again();
        }
        asks
    }

    /// A log was read to its end: the worker is in health.
    pub(super) const fn note_health(&mut self) {
        self.life.stops = 0;
    }

    /// A worker is wanted after none was started any more.
    fn start_again(&mut self) {
        self.worker = Worker::Starting;
        self.life.stops = 1;
        self.life.waits = false;
        self.dismiss(NoticeKind::Down);
    }

    /// The worker has not answered for so many seconds.
    fn worker_busy(&mut self, seconds: u32) {
        let sentence = [
            "The engine has been working for ",
            &numbers::duration(f64::from(seconds)),
            " without an answer. You can wait, or stop it; your policy stays.",
        ];
        self.notify(Notice::new(NoticeKind::Busy, sentence.concat()));
    }

    /// What makes the figures partial: a sentence.
    pub fn partial(&self) -> Option<&'static str> {
        if self.life.has_lost_log {
            return Some(
                "Partial: the engine stopped. Figures are of what was read before, and do not follow the policy until a log is opened.",
            );
        }
        let log = self.log.as_deref()?;
        if log.out_of_memory {
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
