//! State of the worker and its replies to messages. Independent of the browser, except for the files of a log.

use audit_policy::{KubernetesVersion, Matcher};
use playground_protocol::volume::VolumeSettings;
use playground_protocol::{LogId, LogReport, PolicyReport, ToPage, ToWorker, View};

use crate::answer::answer;
use crate::claims::ClaimChecks;
use crate::deferred;
use crate::examples::{self, Example};
use crate::goals::Goals;
use crate::lessons::Lessons;
use crate::lines::ExportJob;
use crate::log::Log;
use crate::log_scan::LogScans;
use crate::metrics::Metrics;
use crate::policy::PolicyState;
use crate::policy_check::PolicyCheckJob;
use crate::source::Source;
use crate::view::Selection;

pub(crate) mod rest;

/// Policy, log and view of the page.
#[derive(Default)]
pub(crate) struct Session {
    policy: PolicyState,
    /// The open log; reading may still be in progress.
    pub(crate) log: Log,
    /// Files of the previous log that the browser keeps copies of: they may be opened again after they have changed.
    previous_sources: Vec<Source>,
    /// `true` if the open log is still being read.
    is_reading: bool,
    /// A log that is being read and has no event yet, with the page's number for it. The open one stays until it has one.
    opening: Option<(LogId, Log)>,
    selection: Selection,
    /// Export in progress.
    export_job: Option<ExportJob>,
    /// Check of the log against the policy in progress.
    policy_check: Option<PolicyCheckJob>,
    /// Scans of the log in progress.
    scans: LogScans,
    /// Checks of claims in progress.
    claims: ClaimChecks,
    lessons: Lessons,
    goals: Goals,
    /// Metrics to estimate the volume from.
    metrics: Option<Metrics>,
    /// Settings of the estimate, while it is shown.
    volume: Option<VolumeSettings>,
    /// Policy to compare with.
    baseline: Option<Matcher>,
}

impl Session {
    /// Returns the first message of the worker.
    pub(crate) fn ready_message() -> ToPage {
        ToPage::Ready {
            examples: examples::titles(),
            versions: KubernetesVersion::all().collect(),
        }
    }

    /// Handles a message without the worker's second module, and returns the replies. `None` if the message needs that module: nothing
    /// has changed then, and [`Self::handle_message`] handles the message once the module is there.
    pub(crate) fn handle_first(&mut self, message: ToWorker) -> Option<Vec<ToPage>> {
        match message {
            ToWorker::Policy {
                generation,
                text,
                version,
                part,
            } => {
                let report = self.policy.set_plain(generation, text, version, part)?;
                Some(self.policy_set(report))
            }
            ToWorker::View(ref view) if !Selection::is_whole(view) => None,
            ToWorker::View(_)
            | ToWorker::Example { index: 0, .. }
            | ToWorker::Rows { .. }
            | ToWorker::Ping
            | ToWorker::Cancel => Some(self.handle_message(message)),
            _ => None,
        }
    }

    /// Handles a message and returns the replies. Opening files and cancelling are handled by the caller.
    pub(crate) fn handle_message(&mut self, message: ToWorker) -> Vec<ToPage> {
        match message {
            ToWorker::Policy {
                generation,
                text,
                version,
                part,
            } => {
                let report = self.policy.set(generation, &text, version, part);
                self.policy_set(report)
            }
            ToWorker::Example {
                log,
                index: 0,
                with_policy,
            } => self.open_example(log, 0, &examples::FIRST, with_policy),
            ToWorker::View(view) => {
                self.select(view);
                vec![self.rows(0, FIRST_ROWS)]
            }
            ToWorker::Rows { start, count } => vec![self.rows(start, count)],
            ToWorker::Ping => vec![ToPage::Pong],
            ToWorker::Open { .. } | ToWorker::Cancel => Vec::new(),
            other => deferred::handle(self, other),
        }
    }

    /// Reads the newest policy again if it was read without the lints, and returns the reports with them.
    pub(crate) fn lint_policy(&mut self) -> Vec<ToPage> {
        let policy = self.policy.take_not_linted();
        policy.map_or_else(Vec::new, |policy| self.handle_message(policy))
    }

    /// Begins to read another log. The open one stays as it is; if it was still being read, it ends here.
    pub(crate) fn begin_log(&mut self, number: LogId) -> Vec<ToPage> {
        self.opening = None;
        let messages = if self.is_reading {
            deferred::end_file(&mut self.log);
            self.finish_log(true)
        } else {
            Vec::new()
        };
        self.opening = Some((number, Log::default()));
        messages
    }

    /// Returns the log that is being read.
    pub(crate) fn log_being_read(&mut self) -> &mut Log {
        match &mut self.opening {
            Some((_, log)) => log,
            None => &mut self.log,
        }
    }

    /// Returns the copy of a file that was opened before, in this log or the previous one.
    pub(crate) fn copy_of(&self, file: &web_sys::File) -> Option<web_sys::Blob> {
        let mut sources = self.previous_sources.iter().chain(&self.log.sources);
        sources.find_map(|source| source.copy_of(file))
    }

    /// Replaces the open log by the one being read if that has an event.
    fn open_if_it_has_events(&mut self) -> Vec<ToPage> {
        let has_events = |(_, log): &mut (LogId, Log)| log.table.recorded() > 0;
        let Some((number, log)) = self.opening.take_if(has_events) else {
            return Vec::new();
        };
        self.previous_sources = std::mem::replace(&mut self.log, log).sources;
        self.previous_sources
            .retain(|source| matches!(source, Source::File { copy: Some(_), .. }));
        self.log.is_estimated = self.volume.is_some();
        self.is_reading = true;
        self.export_job = None;
        self.policy_check = None;
        self.scans = LogScans::default();
        vec![ToPage::Opened { log: number }]
    }

    /// Ends the log that was read, to its end or as far as possible.
    pub(crate) fn finish_log(&mut self, cancelled: bool) -> Vec<ToPage> {
        let mut messages = self.open_if_it_has_events();
        if let Some((log, opening)) = self.opening.take() {
            let report = LogReport {
                cancelled,
                ..opening.report
            };
            return vec![not_opened(log, report, String::new())];
        }
        self.is_reading = false;
        self.log.report.cancelled = cancelled;
        self.log.finish();
        self.log.evaluate_new(self.policy.accepted.as_ref());
        self.update_selection();
        messages.push(ToPage::Log(self.log.report.clone()));
        messages.extend(self.reports());
        messages
    }

    /// Returns reports of a log that is still being read.
    pub(crate) fn show_so_far(&mut self) -> Vec<ToPage> {
        let mut messages = self.open_if_it_has_events();
        self.log.evaluate_new(self.policy.accepted.as_ref());
        self.update_selection();
        messages.extend(self.reports());
        messages.push(self.rows(0, FIRST_ROWS));
        messages
    }

    /// Evaluates the log with the policy that was set, and returns all reports.
    fn policy_set(&mut self, report: PolicyReport) -> Vec<ToPage> {
        if report.accepted {
            self.log.evaluate_all(self.policy.accepted.as_ref());
            self.update_selection();
        }
        let mut messages = vec![ToPage::Policy(report)];
        messages.extend(self.reports());
        messages
    }

    fn update_selection(&mut self) {
        let view = std::mem::take(&mut self.selection).view;
        self.select(view);
    }

    fn select(&mut self, view: View) {
        if Selection::is_whole(&view) {
            self.selection = Selection::whole(view);
        } else {
            deferred::select(self, view);
        }
    }

    fn answer(&self) -> Option<ToPage> {
        let accepted = self.policy.accepted.as_ref()?;
        (!self.log.sources.is_empty())
            .then(|| ToPage::Answer(answer(&self.log, accepted, self.policy.is_stale())))
    }

    /// Returns the answer, and an estimate if that is shown.
    fn reports(&mut self) -> Vec<ToPage> {
        let answer = self.answer();
        let estimate = answer
            .as_ref()
            .filter(|_| self.volume.is_some())
            .and_then(|_| deferred::estimate(self));
        answer.into_iter().chain(estimate).collect()
    }

    fn generation(&self) -> u32 {
        let accepted = self.policy.accepted.as_ref();
        accepted.map_or(0, |accepted| accepted.generation)
    }

    fn rows(&self, start: usize, count: usize) -> ToPage {
        let count = count.min(MAX_ROWS);
        let generation = self.generation();
        ToPage::Rows(self.selection.rows(&self.log, generation, start, count))
    }

    fn open_example(
        &mut self,
        number: LogId,
        index: usize,
        example: &Example,
        with_policy: bool,
    ) -> Vec<ToPage> {
        let mut messages = self.begin_log(number);
        let log = self.log_being_read();
        let (name, bytes) = example.log;
        log.read_plain(name, bytes);
        messages.extend(self.open_if_it_has_events());
        messages.extend(self.finish_log(false));
        let is_opened = |message: &ToPage| matches!(message, ToPage::Opened { .. });
        if with_policy && let Some(at) = messages.iter().position(is_opened) {
            let policy = ToPage::Example {
                index,
                policy: example.policy.to_owned(),
                hint: example.hint.to_owned(),
                event: self.log.last_event_of(bytes, example.select),
            };
            messages.insert(at + 1, policy);
        }
        messages
    }
}

fn not_opened(log: LogId, report: LogReport, reason: String) -> ToPage {
    ToPage::NotOpened {
        log,
        report,
        reason,
    }
}

/// Number of rows sent with a new view.
const FIRST_ROWS: usize = 100;

/// Maximum number of rows in one message.
const MAX_ROWS: usize = 2_000;

fn request_failed(message: String) -> ToPage {
    ToPage::RequestFailed { message }
}

#[cfg(test)]
mod tests;
