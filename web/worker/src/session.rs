//! What the worker knows, and how it answers. No browser here but for the files behind a log.

use audit_log::{Location, LogItem, LogReader};
use audit_policy::{KubernetesVersion, Matcher};
use playground_protocol::ClusterProfile;
use playground_protocol::volume::VolumeSettings;
use playground_protocol::{Facets, LineChunk, LineRequest, LogId, LogReport, ToPage, ToWorker};

use crate::answer::answer;
use crate::change::{against, proposals};
use crate::examples::{self, EXAMPLES};
use crate::export;
use crate::facets::facets;
use crate::inspect::{NotInspected, inspect};
use crate::lines::Errand;
use crate::log::Log;
use crate::model::Model;
use crate::policy::PolicyState;
use crate::source::Source;
use crate::view::Selection;
use crate::volume::volume;

/// A page's policy, log and view.
#[derive(Default)]
pub(crate) struct Session {
    policy: PolicyState,
    /// The open log, while it is read and after.
    pub(crate) log: Log,
    /// The files of the log before it that the browser keeps copies of: it may be opened again after they have changed.
    earlier: Vec<Source>,
    /// Whether the open log is still being read.
    is_reading: bool,
    /// A log that is being read and has no event yet, with the page's number for it. The open one stays until it has.
    opening: Option<(LogId, Log)>,
    selection: Selection,
    /// The lines under way.
    errand: Option<Errand>,
    /// What estimates are made for, while they are shown.
    volume: Option<VolumeSettings>,
    /// The policy that others are held against.
    pinned: Option<Matcher>,
}

impl Session {
    /// What the worker says first.
    pub(crate) fn greeting() -> ToPage {
        ToPage::Ready {
            examples: examples::titles(),
            versions: KubernetesVersion::all()
                .map(|version| version.to_string())
                .collect(),
        }
    }

    /// Answers; opening files and cancelling are the business of whoever reads the files.
    pub(crate) fn ask(&mut self, ask: ToWorker) -> Vec<ToPage> {
        match ask {
            ToWorker::Policy {
                generation,
                text,
                version,
            } => self.set_policy(generation, text, &version),
            ToWorker::Paste { log, text } => self.open_text(log, "pasted text", text.into_bytes()),
            ToWorker::Example {
                log,
                index,
                with_policy,
            } => self.open_example(log, index, with_policy),
            ToWorker::View(view) => {
                self.selection = Selection::of(view, &self.log);
                vec![self.rows(0, FIRST_ROWS)]
            }
            ToWorker::Rows { start, count } => vec![self.rows(start, count)],
            ToWorker::Facets => vec![self.facets()],
            ToWorker::Lines { job, lines } => vec![self.lines(job, lines)],
            ToWorker::CancelExport => {
                self.errand = None;
                Vec::new()
            }
            ToWorker::Inspect { event } => vec![self.inspect(event)],
            ToWorker::Export(asked) => {
                let volume = self.stream();
                let report = export::export(&asked, &self.policy.text, volume.as_ref());
                vec![ToPage::Export(Box::new(report))]
            }
            ToWorker::Archive(asked) => export::archive(&asked, &self.policy.text)
                .map(|(name, bytes)| ToPage::Archive(name, bytes))
                .into_iter()
                .collect(),
            ToWorker::Import { text, version } => {
                vec![ToPage::Imported(export::imported(&text, &version))]
            }
            ToWorker::Model {
                log,
                profile,
                version,
            } => self.open_model(log, &profile, &version),
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
            ToWorker::Suggestions => vec![ToPage::Suggestions(proposals(&self.log, &self.policy))],
            ToWorker::PinBaseline(pinned) => {
                let accepted = self.policy.accepted.as_ref().filter(|_| pinned);
                self.pinned = accepted.map(|accepted| accepted.matcher.clone());
                Vec::new()
            }
            ToWorker::Ping => vec![ToPage::Pong],
            ToWorker::Open { .. } | ToWorker::Cancel => Vec::new(),
        }
    }

    /// Begins to read another log. The open one stays as it is; where it was still being read, it ends here.
    pub(crate) fn begin_log(&mut self, number: LogId) -> Vec<ToPage> {
        self.opening = None;
        let tells = if self.is_reading {
            self.log.end();
            self.finish_log(true)
        } else {
            Vec::new()
        };
        self.opening = Some((number, Log::default()));
        tells
    }

    /// The log that is being read.
    pub(crate) fn being_read(&mut self) -> &mut Log {
        match &mut self.opening {
            Some((_, log)) => log,
            None => &mut self.log,
        }
    }

    /// What the browser keeps of a file that was opened before, in this log or the one before it.
    pub(crate) fn copy_of(&self, file: &web_sys::File) -> Option<web_sys::Blob> {
        let mut sources = self.earlier.iter().chain(&self.log.sources);
        sources.find_map(|source| source.copy_of(file))
    }

    /// A log with an event takes the place of the open one.
    fn open_what_has_events(&mut self) -> Vec<ToPage> {
        let has_events = |(_, log): &mut (LogId, Log)| log.table.recorded() > 0;
        let Some((number, log)) = self.opening.take_if(has_events) else {
            return Vec::new();
        };
        self.earlier = std::mem::replace(&mut self.log, log).sources;
        self.earlier
            .retain(|source| matches!(source, Source::File { copy: Some(_), .. }));
        self.log.is_estimated = self.volume.is_some();
        self.is_reading = true;
        self.errand = None;
        vec![ToPage::Opened { log: number }]
    }

    /// A log was read to its end, or as far as it goes.
    pub(crate) fn finish_log(&mut self, cancelled: bool) -> Vec<ToPage> {
        let mut tells = self.open_what_has_events();
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
        self.log.judge_new(self.policy.accepted.as_ref());
        self.select_again();
        tells.push(ToPage::Log(self.log.report.clone()));
        tells.extend(self.answers());
        tells
    }

    /// What is known of a log that is still being read.
    pub(crate) fn show_so_far(&mut self) -> Vec<ToPage> {
        let mut tells = self.open_what_has_events();
        self.log.judge_new(self.policy.accepted.as_ref());
        self.select_again();
        tells.extend(self.answers());
        tells.push(self.rows(0, FIRST_ROWS));
        tells
    }

    fn set_policy(&mut self, generation: u32, text: String, version: &str) -> Vec<ToPage> {
        let version = version.parse().unwrap_or_default();
        let report = self.policy.set(generation, text, version);
        if report.accepted {
            self.log.judge_all(self.policy.accepted.as_ref());
            self.select_again();
        }
        let mut tells = vec![ToPage::Policy(report)];
        tells.extend(self.answers());
        tells
    }

    fn select_again(&mut self) {
        let view = std::mem::take(&mut self.selection).view;
        self.selection = Selection::of(view, &self.log);
    }

    fn answer(&self) -> Option<ToPage> {
        let accepted = self.policy.accepted.as_ref()?;
        (!self.log.sources.is_empty())
            .then(|| ToPage::Answer(answer(&self.log, accepted, self.policy.is_stale())))
    }

    /// The answer, and an estimate where that is shown.
    fn answers(&mut self) -> Vec<ToPage> {
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
        if let Some(matcher) = &self.pinned {
            report.baseline = Some(against(&self.log, matcher));
        }
        Some(ToPage::Volume(Box::new(report)))
    }

    /// What the open log would write under the policy in force.
    fn stream(&mut self) -> Option<export::Volume> {
        self.policy.accepted.as_ref()?;
        let estimate = self.log.estimate();
        Some(export::Volume {
            stream: estimate.write_rate()?,
            packed: self.log.packed().map(|packed| packed.ratio),
            short: estimate.rate.short_log_caution,
        })
    }

    fn generation(&self) -> u32 {
        let accepted = self.policy.accepted.as_ref();
        accepted.map_or(0, |accepted| accepted.generation)
    }

    fn rows(&self, start: usize, count: usize) -> ToPage {
        let count = count.min(MOST_ROWS);
        let generation = self.generation();
        ToPage::Rows(self.selection.stretch(&self.log, generation, start, count))
    }

    fn facets(&self) -> ToPage {
        ToPage::Facets(Facets {
            generation: self.generation(),
            view: self.selection.view.clone(),
            fields: facets(&self.log, &self.selection.counts(&self.log)),
        })
    }

    /// The next piece of an errand, which begins with it where it is a new one.
    fn lines(&mut self, number: u32, lines: LineRequest) -> ToPage {
        let mut errand = match self.errand.take() {
            Some(errand) if errand.number == number => errand,
            _ => Errand::new(number, lines, &self.log, &self.selection),
        };
        let made = errand.next(&self.log);
        let (text, error) = match made {
            Ok(text) => (text, None),
            Err(sentence) => (String::new(), Some(sentence)),
        };
        let piece = LineChunk {
            job: number,
            text,
            summary: errand.account,
            changed: errand
                .changed
                .iter()
                .map(|file| self.log.name(*file))
                .collect(),
            error,
        };
        if !errand.is_done() && piece.error.is_none() {
            self.errand = Some(errand);
        }
        ToPage::Lines(piece)
    }

    fn inspect(&self, event: usize) -> ToPage {
        let Some(accepted) = &self.policy.accepted else {
            let message = "no policy has been accepted yet, so there is no verdict to explain";
            return failure(message.to_owned());
        };
        match inspect(&self.log, accepted, event) {
            Ok(inspection) => ToPage::Inspection(Box::new(inspection)),
            Err(NotInspected::NoEvent) => ToPage::NoEvent { event },
            Err(NotInspected::Unreadable(message)) => failure(message),
        }
    }

    fn open_text(&mut self, number: LogId, name: &str, bytes: Vec<u8>) -> Vec<ToPage> {
        let mut tells = self.begin_log(number);
        let log = self.being_read();
        log.begin(name, bytes.len() as f64, Source::Text(Vec::new()));
        log.push(&bytes);
        log.end();
        log.sources = vec![Source::Text(bytes)];
        tells.extend(self.open_what_has_events());
        tells.extend(self.finish_log(false));
        tells
    }

    fn open_model(
        &mut self,
        number: LogId,
        profile: &ClusterProfile,
        version: &str,
    ) -> Vec<ToPage> {
        let model = match Model::of(profile, version) {
            Ok(model) => model,
            Err(reason) => return vec![not_opened(number, LogReport::default(), reason)],
        };
        let mut tells = self.begin_log(number);
        let report = ToPage::Model(model.report.clone());
        model.read_into(self.being_read());
        let opened = self.open_what_has_events();
        if !opened.is_empty() {
            tells.extend(opened);
            tells.push(report);
        }
        tells.extend(self.finish_log(false));
        tells
    }

    fn open_example(&mut self, number: LogId, index: usize, with_policy: bool) -> Vec<ToPage> {
        let Some(example) = EXAMPLES.get(index) else {
            let reason = format!("there is no example {}", index + 1);
            return vec![not_opened(number, LogReport::default(), reason)];
        };
        let (name, bytes) = example.log;
        let mut tells = self.open_text(number, name, bytes.to_vec());
        let opened = |tell: &ToPage| matches!(tell, ToPage::Opened { .. });
        if with_policy && let Some(at) = tells.iter().position(opened) {
            let story = ToPage::Example {
                index,
                policy: example.policy.to_owned(),
                hint: example.story.to_owned(),
                event: place_of(bytes, example.select).and_then(|place| self.log.event_at(place)),
            };
            tells.insert(at + 1, story);
        }
        tells
    }
}

fn not_opened(log: LogId, report: LogReport, reason: String) -> ToPage {
    ToPage::NotOpened {
        log,
        report,
        reason,
    }
}

/// Rows sent with a new view, and at the most in one answer.
const FIRST_ROWS: usize = 100;
const MOST_ROWS: usize = 2_000;

fn failure(message: String) -> ToPage {
    ToPage::RequestFailed { message }
}

/// Where the last event with an audit ID stands.
fn place_of(log: &[u8], id: &str) -> Option<Location> {
    let mut found = None;
    let mut note = |item: LogItem<'_>| {
        if let LogItem::Event(place, event) = item
            && event.id().as_deref() == Some(id)
        {
            found = Some(place);
        }
    };
    let mut reader = LogReader::new();
    reader.push(log, &mut note);
    reader.finish(&mut note);
    found
}

#[cfg(test)]
mod tests;
