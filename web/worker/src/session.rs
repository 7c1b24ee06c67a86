//! State of the worker and its replies to messages. Independent of the browser, except for the files of a log.

use audit_log::{Location, LogItem, LogReader};
use audit_policy::{KubernetesVersion, Matcher};
use playground_protocol::ClusterProfile;
use playground_protocol::volume::VolumeSettings;
use playground_protocol::{
    Facets, LineChunk, LineRequest, LogId, LogReport, MetricsFile, PolicyCheckStatus,
    PolicyCheckStep, ToPage, ToWorker, View,
};

use crate::answer::answer;
use crate::change::{compare_with_baseline, suggestions};
use crate::codes::code_page;
use crate::examples::{self, EXAMPLES};
use crate::export;
use crate::facets::facets;
use crate::id_search;
use crate::inspect::{InspectError, inspect};
use crate::lines::ExportJob;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::model::Model;
use crate::options::values;
use crate::policy::PolicyState;
use crate::policy_check::PolicyCheckJob;
use crate::source::Source;
use crate::view::Selection;
use crate::volume::volume;

/// Policy, log and view of the page.
#[derive(Default)]
pub(crate) struct Session {
    policy: PolicyState,
    /// The open log; it may still be being read.
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

    /// Handles a message and returns the replies. Opening files and cancelling are handled by the caller.
    pub(crate) fn handle_message(&mut self, message: ToWorker) -> Vec<ToPage> {
        match message {
            ToWorker::Policy {
                generation,
                text,
                version,
                part,
            } => self.set_policy(generation, &text, version, part),
            ToWorker::Paste { log, text } => self.open_text(log, "pasted text", text.into_bytes()),
            ToWorker::Example {
                log,
                index,
                with_policy,
            } => self.open_example(log, index, with_policy),
            ToWorker::View(view) => {
                self.select(view);
                vec![self.rows(0, FIRST_ROWS)]
            }
            ToWorker::Rows { start, count } => vec![self.rows(start, count)],
            ToWorker::Facets => vec![self.facets()],
            ToWorker::Values(request) => vec![ToPage::Values(values(&self.log, request))],
            ToWorker::Lines { job, lines } => vec![self.lines(job, lines)],
            ToWorker::CancelExport => {
                self.export_job = None;
                Vec::new()
            }
            ToWorker::CheckPolicy { job } => self.check_policy(job),
            ToWorker::CancelPolicyCheck => {
                self.policy_check = None;
                Vec::new()
            }
            ToWorker::OpenMetrics(files) => vec![self.open_metrics(&files)],
            ToWorker::EstimateFromMetrics { hours, version } => {
                vec![self.estimate_from_metrics(hours, version)]
            }
            ToWorker::CloseMetrics => {
                self.metrics = None;
                Vec::new()
            }
            ToWorker::Inspect { event } => vec![self.inspect(event)],
            ToWorker::Export(request) => {
                let volume = self.volume_of_log();
                let report = export::export(&request, &self.policy.text, volume.as_ref());
                vec![ToPage::Export(Box::new(report))]
            }
            ToWorker::Archive(request) => export::archive(&request, &self.policy.text)
                .map(|(name, bytes)| ToPage::Archive { name, bytes })
                .into_iter()
                .collect(),
            ToWorker::Import { text, version } => {
                vec![ToPage::Imported(export::import_text(&text, version))]
            }
            ToWorker::Model {
                log,
                profile,
                version,
            } => self.open_model(log, &profile, version),
            ToWorker::Volume(settings) => {
                self.volume = Some(settings);
                self.log.is_estimated = true;
                self.estimate().into_iter().collect()
            }
            ToWorker::HideVolume => {
                self.volume = None;
                self.log.is_estimated = false;
                Vec::new()
            }
            ToWorker::Suggestions => {
                vec![ToPage::Suggestions(suggestions(&self.log, &self.policy))]
            }
            ToWorker::PinBaseline(is_pinned) => {
                let accepted = self.policy.accepted.as_ref().filter(|_| is_pinned);
                self.baseline = accepted.map(|accepted| accepted.matcher.clone());
                Vec::new()
            }
            ToWorker::Explain { code } => {
                code_page(&code).map(ToPage::CodePage).into_iter().collect()
            }
            ToWorker::Ping => vec![ToPage::Pong],
            ToWorker::Open { .. } | ToWorker::Cancel => Vec::new(),
        }
    }

    /// Begins to read another log. The open one stays as it is; if it was still being read, it ends here.
    pub(crate) fn begin_log(&mut self, number: LogId) -> Vec<ToPage> {
        self.opening = None;
        let messages = if self.is_reading {
            self.log.end_file();
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

    fn set_policy(
        &mut self,
        generation: u32,
        text: &str,
        version: KubernetesVersion,
        part: usize,
    ) -> Vec<ToPage> {
        let report = self.policy.set(generation, text, version, part);
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
        if self.log.is_complete() {
            id_search::search(&mut self.log, &view.text);
        }
        self.selection = Selection::new(view, &self.log);
    }

    fn answer(&self) -> Option<ToPage> {
        let accepted = self.policy.accepted.as_ref()?;
        (!self.log.sources.is_empty())
            .then(|| ToPage::Answer(answer(&self.log, accepted, self.policy.is_stale())))
    }

    /// Returns the answer, and an estimate if that is shown.
    fn reports(&mut self) -> Vec<ToPage> {
        let answer = self.answer();
        let estimate = answer.as_ref().and_then(|_| self.estimate());
        answer.into_iter().chain(estimate).collect()
    }

    fn estimate(&mut self) -> Option<ToPage> {
        let settings = self.volume.as_ref()?;
        let generation = self
            .policy
            .accepted
            .as_ref()
            .map_or(0, |accepted| accepted.generation);
        let mut report = volume(&mut self.log, &self.policy, settings, generation);
        if let Some(matcher) = &self.baseline {
            report.baseline = Some(compare_with_baseline(&self.log, matcher));
        }
        Some(ToPage::Volume(Box::new(report)))
    }

    /// Returns the volume that the current policy writes of the open log.
    fn volume_of_log(&mut self) -> Option<export::LogVolume> {
        self.policy.accepted.as_ref()?;
        let estimate = self.log.estimate();
        Some(export::LogVolume {
            stream: estimate.write_rate()?,
            compression_ratio: self.log.compression().map(|sample| sample.ratio),
            caution: estimate.rate.short_log_caution,
        })
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

    fn facets(&self) -> ToPage {
        ToPage::Facets(Facets {
            generation: self.generation(),
            view: self.selection.view.clone(),
            fields: facets(&self.log, &self.selection),
        })
    }

    /// Returns the next lines of an export, and starts it if its number is new.
    fn lines(&mut self, number: u32, lines: LineRequest) -> ToPage {
        let mut job = match self.export_job.take() {
            Some(job) if job.number == number => job,
            _ => ExportJob::new(number, lines, &self.log, &self.selection),
        };
        let (text, error) = match job.next(&self.log) {
            Ok(text) => (text, None),
            Err(error) => (String::new(), Some(error)),
        };
        let chunk = LineChunk {
            job: number,
            text,
            summary: job.summary,
            changed: job
                .changed
                .iter()
                .map(|file| self.log.file_name(*file))
                .collect(),
            error,
        };
        if !job.is_done() && chunk.error.is_none() {
            self.export_job = Some(job);
        }
        ToPage::Lines(chunk)
    }

    /// Checks the next part of the log, and starts the check if its number is new.
    fn check_policy(&mut self, number: u32) -> Vec<ToPage> {
        let step = |status| {
            vec![ToPage::PolicyCheck(PolicyCheckStep {
                job: number,
                status,
            })]
        };
        let job = self.policy_check.take();
        let mut job = match (job, &self.policy.accepted) {
            (Some(job), _) if job.number == number => job,
            (_, Some(accepted)) => PolicyCheckJob::new(number, &self.log, accepted),
            (_, None) => {
                let reason = "No policy has been accepted yet, so there is nothing to compare.";
                return step(PolicyCheckStatus::Failed(reason.to_owned()));
            }
        };
        if let Err(reason) = job.next(&self.log) {
            return step(PolicyCheckStatus::Failed(reason));
        }
        if !job.is_done(&self.log) {
            let (bytes, total_bytes) = job.progress();
            self.policy_check = Some(job);
            return step(PolicyCheckStatus::Running { bytes, total_bytes });
        }
        let (view, contradictions) = job.finish();
        self.log.contradictions = contradictions;
        self.update_selection();
        step(PolicyCheckStatus::Finished(Box::new(view)))
    }

    fn open_metrics(&mut self, files: &[MetricsFile]) -> ToPage {
        match Metrics::read(files) {
            Ok(metrics) => {
                self.metrics = Some(metrics);
                ToPage::MetricsOpened
            }
            Err(rejection) => ToPage::MetricsNotOpened(rejection),
        }
    }

    fn estimate_from_metrics(&mut self, hours: Option<f64>, version: KubernetesVersion) -> ToPage {
        match (&mut self.metrics, &self.policy.accepted) {
            (Some(metrics), Some(accepted)) => {
                ToPage::Metrics(Box::new(metrics.estimate(hours, version, accepted)))
            }
            _ => request_failed("there are no metrics, or no policy to estimate".to_owned()),
        }
    }

    fn inspect(&self, event: usize) -> ToPage {
        let Some(accepted) = &self.policy.accepted else {
            let message = "no policy has been accepted yet, so there is no verdict to explain";
            return request_failed(message.to_owned());
        };
        match inspect(&self.log, accepted, event) {
            Ok(inspection) => ToPage::Inspection(Box::new(inspection)),
            Err(InspectError::NoEvent) => ToPage::NoEvent { event },
            Err(InspectError::Unreadable(message)) => request_failed(message),
        }
    }

    fn open_text(&mut self, number: LogId, name: &str, bytes: Vec<u8>) -> Vec<ToPage> {
        let mut messages = self.begin_log(number);
        let log = self.log_being_read();
        log.begin_file(name, bytes.len() as f64, Source::Text(Vec::new()));
        log.push(&bytes);
        log.end_file();
        log.sources = vec![Source::Text(bytes)];
        messages.extend(self.open_if_it_has_events());
        messages.extend(self.finish_log(false));
        messages
    }

    fn open_model(
        &mut self,
        number: LogId,
        profile: &ClusterProfile,
        version: KubernetesVersion,
    ) -> Vec<ToPage> {
        let model = match Model::plan(profile, version) {
            Ok(model) => model,
            Err(reason) => return vec![not_opened(number, LogReport::default(), reason)],
        };
        let mut messages = self.begin_log(number);
        let report = ToPage::Model(model.report.clone());
        model.read_into(self.log_being_read());
        let opened = self.open_if_it_has_events();
        if !opened.is_empty() {
            messages.extend(opened);
            messages.push(report);
        }
        messages.extend(self.finish_log(false));
        messages
    }

    fn open_example(&mut self, number: LogId, index: usize, with_policy: bool) -> Vec<ToPage> {
        let Some(example) = EXAMPLES.get(index) else {
            let reason = format!("there is no example {}", index + 1);
            return vec![not_opened(number, LogReport::default(), reason)];
        };
        let (name, bytes) = example.log;
        let mut messages = self.open_text(number, name, bytes.to_vec());
        let is_opened = |message: &ToPage| matches!(message, ToPage::Opened { .. });
        if with_policy && let Some(at) = messages.iter().position(is_opened) {
            let policy = ToPage::Example {
                index,
                policy: example.policy.to_owned(),
                hint: example.hint.to_owned(),
                event: find_event(bytes, example.select).and_then(|place| self.log.event_at(place)),
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

/// Returns the place of the last event with an audit ID.
fn find_event(log: &[u8], id: &str) -> Option<Location> {
    let mut found = None;
    let mut visit = |item: LogItem<'_>| {
        if let LogItem::Event(place, event) = item
            && event.id().as_deref() == Some(id)
        {
            found = Some(place);
        }
    };
    let mut reader = LogReader::new();
    reader.push(log, &mut visit);
    reader.finish(&mut visit);
    found
}

#[cfg(test)]
mod tests;
