//! Stages that a policy keeps and a log lacks.
//!
//! That one request lacks a stage proves little: a log begins and ends within requests, and full queues drop events. That every request
//! of a rule lacks it does.

use audit_log::ProblemReason;
use audit_policy::{RuleIndex, Stage, Verdict};

use super::result::ContradictingEvent;

/// A server ends a request that is not long-running after this time, in microseconds (`--request-timeout`).
const REQUEST_TIMEOUT: i64 = 60_000_000;

/// Number of requests without a stage from which on it counts as missing.
const MIN_REQUESTS: u64 = 2;

/// The same if requests of other rules have it: a full queue may have dropped the events of a few.
const MIN_OF_ONE_RULE: u64 = 10;

/// Number of unfinished requests from which on their end counts as missing in a log shorter than [`REQUEST_TIMEOUT`].
const MANY_UNFINISHED: u64 = 100;

/// Facts about the stages of a request, from one of its events.
#[derive(Debug, Clone, Copy)]
pub(super) struct StageFacts {
    pub(super) stage: Stage,
    pub(super) verdict: Verdict,
    /// Time at which the request was received, and at which the stage was reached.
    pub(super) received: Option<i64>,
    pub(super) reached: Option<i64>,
    /// A watch that the server accepted.
    pub(super) is_watch: bool,
    /// The server writes the last event of such a request within [`REQUEST_TIMEOUT`]. Patches are none: that of one that is not JSON is lost.
    pub(super) is_short: bool,
}

/// Stages of the requests in one source.
#[derive(Debug, Clone, Default)]
pub(super) struct StageEvidence {
    rules: Vec<RuleStages>,
    earliest: Option<i64>,
    latest: Option<i64>,
    /// Stage times of the first and the last event.
    ends: Option<(i64, i64)>,
}

/// Stages of the requests that one rule decides.
#[derive(Debug, Clone, Default)]
struct RuleStages {
    received: Absence,
    started: Absence,
    completed: Absence,
}

/// Evidence for the absence of a stage.
#[derive(Debug, Clone, Default)]
struct Absence {
    /// Events at the stage.
    present: u64,
    /// Requests that must have had it, and have another.
    requests: u64,
    /// Those of them that were received after the start of the log, as far as it had been read then.
    certain: u64,
    /// First of these; or else the first of all.
    first: Option<Box<ContradictingEvent>>,
    is_certain: bool,
    received: Option<i64>,
}

impl Absence {
    fn add(&mut self, is_certain: bool, received: i64, event: impl FnOnce() -> ContradictingEvent) {
        self.requests += 1;
        self.certain += u64::from(is_certain);
        if self.first.is_none() || is_certain && !self.is_certain {
            self.first = Some(Box::new(event()));
            self.is_certain = is_certain;
            self.received = Some(received);
        }
    }
}

/// Events of a log that were cut, by stage. Their requests and rules are unknown.
#[derive(Debug, Clone, Default)]
pub(super) struct CutStages {
    known: [u64; Stage::ALL.len()],
    /// Events whose stage is in the missing part.
    unknown: u64,
}

impl CutStages {
    pub(super) fn add(&mut self, reason: &ProblemReason) {
        let stage = match reason.without_row() {
            ProblemReason::Cut(event) => event.stage.as_deref(),
            reason if reason.is_cut_event() || reason.is_rest_of_cut_event() => None,
            _ => return,
        };
        let stage = stage.and_then(|name| Stage::ALL.iter().position(|known| known.name() == name));
        match stage.and_then(|index| self.known.get_mut(index)) {
            Some(events) => *events += 1,
            None => self.unknown += 1,
        }
    }

    /// Returns the number of events that may be at a stage.
    fn at(&self, stage: Stage) -> u64 {
        let known = self.known.get(stage as usize).copied().unwrap_or(0);
        known + self.unknown
    }
}

/// A stage that all requests of a rule lack.
pub(super) struct MissingStage {
    /// Number of requests.
    pub(super) requests: u64,
    pub(super) first: ContradictingEvent,
}

impl StageEvidence {
    /// Adds an event that the policy writes. `event` describes it, with the missing stage as what is expected.
    pub(super) fn add(&mut self, facts: &StageFacts, event: impl Fn(Stage) -> ContradictingEvent) {
        let Some(index) = facts.verdict.rule.map(RuleIndex::get) else {
            return;
        };
        if self.rules.len() <= index {
            self.rules.resize_with(index + 1, RuleStages::default);
        }
        let earliest = self.earliest;
        self.observe(facts.reached.or(facts.received));
        let Some(rule) = self.rules.get_mut(index) else {
            return;
        };
        let keeps = |stage| !facts.verdict.omit_stages.contains(stage);
        let received = facts.received;
        let is_certain = received
            .zip(earliest)
            .is_some_and(|(received, earliest)| received > earliest);
        match facts.stage {
            Stage::RequestReceived => {
                rule.received.present += 1;
                if let Some(time) = received
                    && facts.is_short
                    && keeps(Stage::ResponseComplete)
                {
                    rule.completed
                        .add(false, time, || event(Stage::ResponseComplete));
                }
            }
            Stage::ResponseStarted => rule.started.present += 1,
            Stage::ResponseComplete | Stage::Panic => {
                rule.completed.present += 1;
                let Some(time) = received else {
                    return;
                };
                if keeps(Stage::RequestReceived) {
                    rule.received
                        .add(is_certain, time, || event(Stage::RequestReceived));
                }
                if facts.is_watch && keeps(Stage::ResponseStarted) {
                    rule.started
                        .add(is_certain, time, || event(Stage::ResponseStarted));
                }
            }
            _ => {}
        }
    }

    fn observe(&mut self, time: Option<i64>) {
        let Some(time) = time else {
            return;
        };
        self.earliest = Some(self.earliest.map_or(time, |earliest| earliest.min(time)));
        self.latest = Some(self.latest.map_or(time, |latest| latest.max(time)));
        self.ends = Some(self.ends.map_or((time, time), |(first, _)| (first, time)));
    }

    /// Returns the stages that are missing, by rule. A cut event may be the one that a request lacks.
    pub(super) fn missing(self, cut: &CutStages) -> Vec<MissingStage> {
        let is_descending = self.ends.is_some_and(|(first, last)| first > last);
        let (earliest, latest) = (self.earliest, self.latest);
        let present =
            |of: fn(&RuleStages) -> &Absence| self.rules.iter().any(|rule| of(rule).present > 0);
        let (has_received, has_started) = (
            present(|rule| &rule.received),
            present(|rule| &rule.started),
        );
        let has_completed = present(|rule| &rule.completed);
        let mut missing = Vec::new();
        let needs = |stage, others_have_it| min_requests(others_have_it) + cut.at(stage);
        let received = needs(Stage::RequestReceived, has_received);
        let started = needs(Stage::ResponseStarted, has_started);
        let completed = needs(Stage::ResponseComplete, has_completed);
        for rule in self.rules {
            missing.extend(earlier(rule.received, is_descending, earliest, received));
            missing.extend(earlier(rule.started, is_descending, earliest, started));
            missing.extend(last(rule.completed, latest, completed));
        }
        missing
    }
}

const fn min_requests(others_have_it: bool) -> u64 {
    if others_have_it {
        MIN_OF_ONE_RULE
    } else {
        MIN_REQUESTS
    }
}

/// Returns a stage before the recorded ones if every request lacks it. It may only be before the start of the log if the request was
/// received before that.
fn earlier(
    absence: Absence,
    is_descending: bool,
    earliest: Option<i64>,
    min_requests: u64,
) -> Option<MissingStage> {
    let is_within = absence
        .received
        .zip(earliest)
        .is_some_and(|(received, start)| received > start);
    // In a log with the newest event first, the start is known only at its end; the oldest request may be from before it.
    let requests = if is_descending {
        absence.requests.saturating_sub(1)
    } else {
        absence.certain
    };
    let is_missing = absence.present == 0 && is_within && requests >= min_requests;
    is_missing.then_some(())?;
    Some(MissingStage {
        requests,
        first: *absence.first?,
    })
}

/// Returns the last stage if every request lacks it, although the log goes on for long enough.
fn last(absence: Absence, latest: Option<i64>, min_requests: u64) -> Option<MissingStage> {
    let is_over = absence
        .received
        .zip(latest)
        .is_some_and(|(received, end)| end.saturating_sub(received) >= REQUEST_TIMEOUT);
    let is_missing = absence.present == 0
        && (is_over || absence.requests >= MANY_UNFINISHED)
        && absence.requests >= min_requests;
    is_missing.then_some(())?;
    Some(MissingStage {
        requests: absence.requests,
        first: *absence.first?,
    })
}
