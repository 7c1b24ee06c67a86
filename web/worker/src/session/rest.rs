//! Messages that the worker's second module handles: everything that the first answer does not need.

use audit_filter::{Field, parse};
use audit_lessons::lesson_template;
use audit_policy::KubernetesVersion;
use audit_types::EventId;
use playground_protocol::export::ExportRequest;
use playground_protocol::{
    AnalysisReply, AnalysisRequest, ClusterProfile, Facets, LineChunk, LineRequest, LogId,
    LogReport, LogScanRequest, LogScanStatus, LogScanStep, MetricsFile, PolicyCheckStatus,
    PolicyCheckStep, ShareReport, ShareRequest, ToPage, ToWorker, View, decode, encode,
};

use super::{Session, not_opened, request_failed};
use crate::ask::{ask, explain};
use crate::change::{compare_with_baseline, suggestions};
use crate::claims::{add_test, built_in};
use crate::codes::code_page;
use crate::compare::compare;
use crate::examples::OTHERS;
use crate::export;
use crate::facets::facets;
use crate::id_search;
use crate::inspect::{InspectError, inspect};
use crate::lessons;
use crate::lines::ExportJob;
use crate::logs_place::place;
use crate::metrics::Metrics;
use crate::model::Model;
use crate::options::values;
use crate::other_policy::OtherPolicy;
use crate::policy_check::PolicyCheckJob;
use crate::query_completion::complete;
use crate::repair::repair_text;
use crate::share::share;
use crate::simplify::simplify;
use crate::source::Source;
use crate::view::Selection;
use crate::volume::volume;

/// Handles a message and returns the replies.
pub(crate) fn handle(session: &mut Session, message: ToWorker) -> Vec<ToPage> {
    match message {
        ToWorker::Paste { log, text } => session.open_text(log, "pasted text", text.into_bytes()),
        ToWorker::Example {
            log,
            index,
            with_policy,
        } => session.open_other_example(log, index, with_policy),
        ToWorker::Facets => vec![session.facets()],
        ToWorker::Values(request) => vec![ToPage::Values(values(&session.log, request))],
        ToWorker::Inspect { event } => vec![session.inspect(event)],
        ToWorker::Lines { job, lines } => vec![session.lines(job, lines)],
        ToWorker::CancelExport => {
            session.export_job = None;
            Vec::new()
        }
        ToWorker::CheckPolicy { job } => session.check_policy(job),
        ToWorker::CancelPolicyCheck => {
            session.policy_check = None;
            Vec::new()
        }
        ToWorker::OpenMetrics(files) => vec![session.open_metrics(&files)],
        ToWorker::EstimateFromMetrics { hours, version } => {
            vec![session.estimate_from_metrics(hours, version)]
        }
        ToWorker::CloseMetrics => {
            session.metrics = None;
            Vec::new()
        }
        ToWorker::Export(request) => vec![session.export(&request)],
        ToWorker::Archive(request) => session.archive(&request).into_iter().collect(),
        ToWorker::Import { text, version } => {
            vec![ToPage::Imported(export::import_text(&text, version))]
        }
        ToWorker::Model {
            log,
            profile,
            version,
        } => session.open_model(log, &profile, version),
        ToWorker::Volume(settings) => {
            session.volume = Some(settings);
            session.log.is_estimated = true;
            estimate(session).into_iter().collect()
        }
        ToWorker::HideVolume => {
            session.volume = None;
            session.log.is_estimated = false;
            Vec::new()
        }
        ToWorker::Suggestions => {
            let report = suggestions(&session.log, &session.policy);
            vec![ToPage::Suggestions(report)]
        }
        ToWorker::SetBaseline(baseline) => {
            let other = baseline.and_then(|policy| OtherPolicy::load(&policy).ok());
            session.baseline = other.map(|other| other.matcher());
            Vec::new()
        }
        ToWorker::Share(request) => {
            let (request, is_policy_only) = without_document(session, request);
            let report = ShareReport {
                is_policy_only,
                ..share(&session.log, &session.selection, request)
            };
            vec![ToPage::Shared(Box::new(report))]
        }
        ToWorker::Analysis(request) => {
            let reply = decode(&request).and_then(|request| session.analyze(request));
            let message = reply.map(|reply| ToPage::Analysis(encode(&reply)));
            message.into_iter().collect()
        }
        ToWorker::Explain { code } => code_page(&code).map(ToPage::CodePage).into_iter().collect(),
        // The first module handles all others.
        _ => Vec::new(),
    }
}

/// Leaves the policy of a document only, if names are to be replaced: those in the document around it are not known. Returns whether it did.
fn without_document(session: &Session, mut request: ShareRequest) -> (ShareRequest, bool) {
    let accepted = session.policy.accepted.as_ref();
    let inner = accepted.filter(|accepted| {
        request.key.is_some()
            && accepted.editor_text() == request.policy
            && accepted.text != request.policy
    });
    if let Some(inner) = inner {
        request.policy.clone_from(&inner.text);
    }
    (request, inner.is_some())
}

/// Selects the rows of a view that has a filter, an order or groups.
pub(crate) fn select(session: &mut Session, view: View) {
    if session.log.is_complete() && has_audit_id(&view) {
        id_search::search(&mut session.log, &view.text);
    }
    session.selection = Selection::new(view, &session.log);
}

/// Estimates the volume, for the settings that the page has sent.
pub(crate) fn estimate(session: &mut Session) -> Option<ToPage> {
    let settings = session.volume.as_ref()?;
    let generation = session
        .policy
        .accepted
        .as_ref()
        .map_or(0, |accepted| accepted.generation);
    let mut report = volume(&mut session.log, &session.policy, settings, generation);
    if let Some(matcher) = &session.baseline {
        report.baseline = Some(compare_with_baseline(&session.log, matcher));
    }
    Some(ToPage::Volume(Box::new(report)))
}

impl Session {
    /// Opens an example other than the first.
    fn open_other_example(&mut self, log: LogId, index: usize, with_policy: bool) -> Vec<ToPage> {
        match index.checked_sub(1).and_then(|at| OTHERS.get(at)) {
            Some(example) => self.open_example(log, index, example, with_policy),
            None => {
                let (number, last) = (index.saturating_add(1), OTHERS.len().saturating_add(1));
                let reason = format!("example {number} does not exist: the last one is {last}");
                vec![not_opened(log, LogReport::default(), reason)]
            }
        }
    }

    /// Returns the form of the settings and one target's document.
    fn export(&mut self, request: &ExportRequest) -> ToPage {
        let volume = self.volume_of_log();
        let report = export::export(request, &self.policy.text, volume.as_ref());
        ToPage::Export(Box::new(report))
    }

    /// Returns the files of one target as an archive; `None` if that fails.
    fn archive(&self, request: &ExportRequest) -> Option<ToPage> {
        let (name, bytes) = export::archive(request, &self.policy.text)?;
        Some(ToPage::Archive { name, bytes })
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

    /// Handles a request of *Ask*, *Compare*, *Tests*, *Requirements* or *New from goals*. `None` if it has no reply: it cancels a check, continues one that was cancelled, or has no policy to explain.
    fn analyze(&mut self, request: AnalysisRequest) -> Option<AnalysisReply> {
        let accepted = self.policy.accepted.as_ref();
        Some(match request {
            AnalysisRequest::Ask(request) => AnalysisReply::Asked(ask(accepted, request)),
            AnalysisRequest::Complete(request) => {
                AnalysisReply::Completions(complete(accepted, &self.log, request))
            }
            AnalysisRequest::Why(request) => AnalysisReply::Why(explain(accepted?, request)),
            AnalysisRequest::Compare(request) => {
                AnalysisReply::Compared(compare(accepted, &self.log, &request))
            }
            AnalysisRequest::Simplify(number) => {
                AnalysisReply::Simplified(simplify(accepted, number))
            }
            AnalysisRequest::Claims(request) => {
                AnalysisReply::Claims(self.claims.handle(accepted, request)?)
            }
            AnalysisRequest::CancelClaims(list) => {
                self.claims.cancel(list);
                return None;
            }
            AnalysisRequest::AddTest(request) => {
                AnalysisReply::AddedTest(add_test(accepted, &self.log, request))
            }
            AnalysisRequest::BuiltInTests(tests) => {
                AnalysisReply::BuiltInTests(tests, built_in(tests))
            }
            AnalysisRequest::Repair(request) => AnalysisReply::Repaired(repair_text(request)),
            AnalysisRequest::Goals(request) => {
                let report = self.goals.new_policy(&mut self.log, &request);
                AnalysisReply::Goals(Box::new(report))
            }
            AnalysisRequest::Place(request) => {
                let policy = accepted.map(|accepted| &accepted.policy);
                AnalysisReply::Place(Box::new(place(policy, &request)?))
            }
            AnalysisRequest::ScanLog(request) => AnalysisReply::Scanned(self.scan(request)),
            AnalysisRequest::CancelScan(number) => {
                self.scans.cancel(number);
                return None;
            }
            AnalysisRequest::Lessons => AnalysisReply::Lessons(lessons::titles()),
            AnalysisRequest::Lesson(source) => {
                AnalysisReply::Lesson(Box::new(self.lessons.open(source)))
            }
            AnalysisRequest::LessonTemplate => AnalysisReply::LessonTemplate(lesson_template()),
            AnalysisRequest::CheckLesson(request) => {
                AnalysisReply::LessonChecked(Box::new(self.lessons.check(accepted, request)?))
            }
        })
    }

    /// Reads the next part of the log for findings or a timeline.
    fn scan(&mut self, request: LogScanRequest) -> LogScanStep {
        let step = self.scans.next(request, &mut self.log);
        if matches!(step.status, LogScanStatus::Findings(_)) {
            self.update_selection();
        }
        step
    }

    fn facets(&self) -> ToPage {
        ToPage::Facets(Facets {
            generation: self.generation(),
            view: self.selection.view.clone(),
            fields: facets(&self.log, &self.selection),
        })
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
                let reason = "No policy has been accepted yet, and the log is compared with one.";
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
        let (view, contradictions) = job.finish(&self.log);
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
            _ => request_failed(
                "metrics or an accepted policy are missing, so nothing can be estimated".to_owned(),
            ),
        }
    }

    fn inspect(&self, event: EventId) -> ToPage {
        let Some(accepted) = &self.policy.accepted else {
            let message = "no policy has been accepted yet, so the event has no verdict";
            return request_failed(message.to_owned());
        };
        match inspect(&self.log, accepted, event) {
            Ok(inspection) => ToPage::Inspection(Box::new(inspection)),
            Err(InspectError::NoEvent) => ToPage::NoEvent { event },
            Err(InspectError::Unreadable(message)) => request_failed(message),
        }
    }
}

/// Returns `true` if the filter of a view searches for an audit ID.
fn has_audit_id(view: &View) -> bool {
    let terms = parse(&view.text).filter.terms;
    terms.iter().any(|term| term.field == Some(Field::AuditId))
}
