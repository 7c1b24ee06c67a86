//! What the worker knows, and how it answers. No browser here but for the files behind a log.

use audit_log::{Item, LogReader, Place};
use audit_policy::{KubernetesVersion, Matcher};
use playground_protocol::volume::{ClusterProfile, VolumeSettings};
use playground_protocol::{Ask, Facets, Lines, Piece, Tell};

use crate::answer::answer;
use crate::change::{against, proposals};
use crate::examples::{self, EXAMPLES};
use crate::export;
use crate::facets::facets;
use crate::inspect::inspect;
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
    /// The log, while it is read and after.
    pub(crate) log: Log,
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
    pub(crate) fn greeting() -> Tell {
        Tell::Ready {
            examples: examples::titles(),
            versions: KubernetesVersion::all()
                .map(|version| version.to_string())
                .collect(),
        }
    }

    /// Answers; opening files and cancelling are the business of whoever reads the files.
    pub(crate) fn ask(&mut self, ask: Ask) -> Vec<Tell> {
        match ask {
            Ask::Policy {
                generation,
                text,
                version,
            } => self.set_policy(generation, text, &version),
            Ask::Paste { text } => self.open_text("pasted text", text.into_bytes()),
            Ask::Example { index } => self.open_example(index),
            Ask::View(view) => {
                self.selection = Selection::of(view, &self.log);
                vec![self.rows(0, FIRST_ROWS)]
            }
            Ask::Rows { start, count } => vec![self.rows(start, count)],
            Ask::Facets => vec![self.facets()],
            Ask::Lines { errand, lines } => vec![self.lines(errand, lines)],
            Ask::DropLines => {
                self.errand = None;
                Vec::new()
            }
            Ask::Inspect { event } => vec![self.inspect(event)],
            Ask::Export(asked) => {
                let volume = self.stream();
                let report = export::export(&asked, &self.policy.text, volume.as_ref());
                vec![Tell::Export(Box::new(report))]
            }
            Ask::Archive(asked) => export::archive(&asked, &self.policy.text)
                .map(|(name, bytes)| Tell::Archive(name, bytes))
                .into_iter()
                .collect(),
            Ask::Import { text, version } => {
                vec![Tell::Imported(export::imported(&text, &version))]
            }
            Ask::Model { profile, version } => self.open_model(&profile, &version),
            Ask::Volume(settings) => {
                self.volume = Some(settings);
                self.log.is_estimated = true;
                self.estimate().into_iter().collect()
            }
            Ask::DropVolume => {
                self.volume = None;
                self.log.is_estimated = false;
                Vec::new()
            }
            Ask::Proposals => vec![Tell::Proposals(proposals(&self.log, &self.policy))],
            Ask::Pin(pinned) => {
                let accepted = self.policy.accepted.as_ref().filter(|_| pinned);
                self.pinned = accepted.map(|accepted| accepted.matcher.clone());
                Vec::new()
            }
            Ask::Open { .. } | Ask::Cancel => Vec::new(),
        }
    }

    /// Another log takes the place of the one that is open.
    pub(crate) fn begin_log(&mut self) {
        self.log = Log::default();
        self.log.is_estimated = self.volume.is_some();
        self.errand = None;
    }

    /// A log was read to its end, or as far as it goes.
    pub(crate) fn finish_log(&mut self, cancelled: bool) -> Vec<Tell> {
        self.log.report.cancelled = cancelled;
        self.log.finish();
        self.log.judge_new(self.policy.accepted.as_ref());
        self.select_again();
        let mut tells = vec![Tell::Log(self.log.report.clone())];
        tells.extend(self.answers());
        tells
    }

    /// What is known of a log that is still being read.
    pub(crate) fn show_so_far(&mut self) -> Vec<Tell> {
        self.log.judge_new(self.policy.accepted.as_ref());
        self.select_again();
        let mut tells = self.answers();
        tells.push(self.rows(0, FIRST_ROWS));
        tells
    }

    fn set_policy(&mut self, generation: u32, text: String, version: &str) -> Vec<Tell> {
        let version = version.parse().unwrap_or_default();
        let report = self.policy.set(generation, text, version);
        if report.accepted {
            self.log.judge_all(self.policy.accepted.as_ref());
            self.select_again();
        }
        let mut tells = vec![Tell::Policy(report)];
        tells.extend(self.answers());
        tells
    }

    fn select_again(&mut self) {
        let view = std::mem::take(&mut self.selection).view;
        self.selection = Selection::of(view, &self.log);
    }

    fn answer(&self) -> Option<Tell> {
        let accepted = self.policy.accepted.as_ref()?;
        (!self.log.sources.is_empty())
            .then(|| Tell::Answer(answer(&self.log, accepted, self.policy.is_stale())))
    }

    /// The answer, and an estimate where that is shown.
    fn answers(&mut self) -> Vec<Tell> {
        let answer = self.answer();
        let estimate = answer.as_ref().and_then(|_| self.estimate());
        answer.into_iter().chain(estimate).collect()
    }

    fn estimate(&mut self) -> Option<Tell> {
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
        Some(Tell::Volume(Box::new(report)))
    }

    /// What the open log would write under the policy in force.
    fn stream(&mut self) -> Option<export::Volume> {
        self.policy.accepted.as_ref()?;
        let estimate = self.log.estimate();
        Some(export::Volume {
            stream: estimate.stream()?,
            packed: self.log.packed().map(|packed| packed.ratio),
            short: estimate.pace.short,
        })
    }

    fn generation(&self) -> u32 {
        let accepted = self.policy.accepted.as_ref();
        accepted.map_or(0, |accepted| accepted.generation)
    }

    fn rows(&self, start: usize, count: usize) -> Tell {
        let count = count.min(MOST_ROWS);
        let generation = self.generation();
        Tell::Rows(self.selection.stretch(&self.log, generation, start, count))
    }

    fn facets(&self) -> Tell {
        Tell::Facets(Facets {
            generation: self.generation(),
            view: self.selection.view.clone(),
            fields: facets(&self.log, &self.selection.counts(&self.log)),
        })
    }

    /// The next piece of an errand, which begins with it where it is a new one.
    fn lines(&mut self, number: u32, lines: Lines) -> Tell {
        let mut errand = match self.errand.take() {
            Some(errand) if errand.number == number => errand,
            _ => Errand::new(number, lines, &self.log, &self.selection),
        };
        let made = errand.next(&self.log);
        let (text, failure) = match made {
            Ok(text) => (text, None),
            Err(sentence) => (String::new(), Some(sentence)),
        };
        let piece = Piece {
            errand: number,
            text,
            account: errand.account,
            failure,
        };
        if !errand.is_done() && piece.failure.is_none() {
            self.errand = Some(errand);
        }
        Tell::Piece(piece)
    }

    fn inspect(&self, event: usize) -> Tell {
        let Some(accepted) = &self.policy.accepted else {
            let message = "no policy has been accepted yet, so there is no verdict to explain";
            return failure(message.to_owned());
        };
        match inspect(&self.log, accepted, event) {
            Ok(inspection) => Tell::Inspection(Box::new(inspection)),
            Err(message) => failure(message),
        }
    }

    fn open_text(&mut self, name: &str, bytes: Vec<u8>) -> Vec<Tell> {
        self.begin_log();
        self.log
            .begin(name, bytes.len() as f64, Source::Text(Vec::new()));
        self.log.push(&bytes);
        self.log.end();
        self.log.sources = vec![Source::Text(bytes)];
        self.finish_log(false)
    }

    fn open_model(&mut self, profile: &ClusterProfile, version: &str) -> Vec<Tell> {
        let model = match Model::of(profile, version) {
            Ok(model) => model,
            Err(sentence) => return self.keep_log(sentence),
        };
        let mut tells = vec![Tell::Model(model.report.clone())];
        self.begin_log();
        model.read_into(&mut self.log);
        tells.extend(self.finish_log(false));
        tells
    }

    /// Another log was asked for, and there is none: that which is open stays, and the page is told of it again.
    fn keep_log(&mut self, sentence: String) -> Vec<Tell> {
        let mut tells = Vec::new();
        if !self.log.sources.is_empty() {
            tells.push(Tell::Log(self.log.report.clone()));
            tells.extend(self.answers());
        }
        tells.push(failure(sentence));
        tells
    }

    fn open_example(&mut self, index: usize) -> Vec<Tell> {
        let Some(example) = EXAMPLES.get(index) else {
            return vec![failure(format!("there is no example {}", index + 1))];
        };
        let (name, bytes) = example.log;
        let after = self.open_text(name, bytes.to_vec());
        let mut tells = vec![Tell::Example {
            index,
            policy: example.policy.to_owned(),
            story: example.story.to_owned(),
            event: place_of(bytes, example.select).and_then(|place| self.log.event_at(place)),
        }];
        tells.extend(after);
        tells
    }
}

/// Rows sent with a new view, and at the most in one answer.
const FIRST_ROWS: usize = 100;
const MOST_ROWS: usize = 2_000;

fn failure(message: String) -> Tell {
    Tell::Failure { message }
}

/// Where the last event with an audit ID stands.
fn place_of(log: &[u8], id: &str) -> Option<Place> {
    let mut found = None;
    let mut note = |item: Item<'_>| {
        if let Item::Event(place, event) = item
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
