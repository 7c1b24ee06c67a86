//! Check whether the log was written by the policy, and whether it contains likely secrets, in chunks: the bytes of the log are read again, as
//! when it was opened.
//!
//! A check keeps the policy that was current when it began.

use audit_redact::{LogSecrets, SecretCount};
use audit_sim::policy_check::{PolicyCheck, PolicyCheckReport, SourceFinder};
use audit_types::{ContradictionKinds, EventId};
use playground_protocol::{ContradictionView, PolicyCheckView, SecretView, SourceView};

use crate::event_marks::EventMarks;
use crate::log::Log;
use crate::log_pass::{LogPass, PassItem};
use crate::policy::Accepted;

/// Name of the policy in the report.
const POLICY: &str = "this policy";

/// Place of an event: its id, the index of its file, and its line.
type Place = (EventId, usize, u64);

/// A check in progress.
pub(crate) struct PolicyCheckJob {
    /// The page's number of the check.
    pub(crate) number: u32,
    generation: u32,
    check: PolicyCheck,
    finder: SourceFinder,
    contradictions: EventMarks<ContradictionKinds>,
    secrets: LogSecrets<Place>,
    pass: LogPass,
}

impl PolicyCheckJob {
    /// Begins a check.
    pub(crate) fn new(number: u32, log: &Log, accepted: &Accepted) -> Self {
        Self {
            number,
            generation: accepted.generation,
            check: PolicyCheck::new(&accepted.policy),
            finder: SourceFinder::default(),
            contradictions: EventMarks::default(),
            secrets: LogSecrets::default(),
            pass: LogPass::new(log),
        }
    }

    /// Returns the number of bytes read so far, and that of all files.
    pub(crate) fn progress(&self) -> (f64, f64) {
        self.pass.progress()
    }

    /// Returns `true` if all events were checked. Reading of the log may have been cancelled before its end.
    pub(crate) fn is_done(&self, log: &Log) -> bool {
        self.pass.is_done(log)
    }

    /// Reads and checks the next part of the log.
    ///
    /// # Errors
    /// A sentence if a file can no longer be read.
    pub(crate) fn next(&mut self, log: &Log) -> Result<(), String> {
        let Self {
            check,
            finder,
            contradictions,
            secrets,
            pass,
            ..
        } = self;
        let mut visit = |item: PassItem<'_>| match item {
            PassItem::File(file) => finder.begin_file(&log.file_name(file)),
            PassItem::Bytes(bytes) => finder.push(bytes),
            PassItem::Problem { problem, .. } => check.push_problem(&problem.reason),
            PassItem::Event {
                id,
                file,
                location,
                event,
            } => {
                let kinds = check.push(finder.source_of(location, event), location, event);
                if !kinds.is_empty() {
                    contradictions.set(id, kinds);
                }
                secrets.push(event.raw, || (id, file, location.line));
            }
        };
        pass.next(log, &mut visit)
            .map_err(|reason| format!("The log can't be checked: {reason}. Open it again."))
    }

    /// Ends the check: returns its report, and the contradictions of each event.
    pub(crate) fn finish(self, log: &Log) -> (PolicyCheckView, EventMarks<ContradictionKinds>) {
        let Self {
            generation,
            check,
            finder,
            contradictions,
            secrets,
            pass,
            ..
        } = self;
        let secrets = secrets.into_counts().into_iter();
        let secrets = secrets.map(|found| secret_view(&found, log)).collect();
        let report = PolicyCheckReport::new(&check.finish(), POLICY, finder.sources());
        let cut = PolicyCheckReport::cut(log.cut);
        let view = PolicyCheckView {
            secrets_title: LogSecrets::<Place>::TITLE.to_owned(),
            no_secrets: LogSecrets::<Place>::NONE.to_owned(),
            secrets,
            ..view(report, cut, generation, &pass)
        };
        (view, contradictions)
    }
}

fn secret_view(found: &SecretCount<Place>, log: &Log) -> SecretView {
    let (event, file, line) = found.place;
    SecretView {
        title: found.title(),
        place: format!("{}:{line}", log.file_name(file)),
        event,
        first: found.describe_first(),
    }
}

fn view(
    report: PolicyCheckReport,
    cut: Option<String>,
    generation: u32,
    pass: &LogPass,
) -> PolicyCheckView {
    let contradictions = report.contradictions.into_iter().map(|found| {
        let first = found.first;
        let position = usize::try_from(first.position).unwrap_or(usize::MAX);
        ContradictionView {
            kind: found.kind,
            title: found.title,
            place: first.place,
            request: first.request,
            message: first.message,
            identity: first.identity,
            event: pass.id_at(position),
            rule: first.rule,
        }
    });
    let sources = report.sources.into_iter().map(|source| SourceView {
        label: source.label,
        consistent: source.consistent,
        text: source.text,
    });
    PolicyCheckView {
        generation,
        consistent: report.consistent,
        answer: report.answer,
        unknowable: report.unknowable,
        cut,
        contradictions_title: PolicyCheckReport::CONTRADICTIONS.to_owned(),
        contradictions: contradictions.collect(),
        sources_title: PolicyCheckReport::SOURCES.to_owned(),
        sources: sources.collect(),
        hint_title: PolicyCheckReport::HINT.to_owned(),
        hints: report.hints,
        ..PolicyCheckView::default()
    }
}
