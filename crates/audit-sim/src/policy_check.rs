//! Check whether a log was written by a server with a policy.
//!
//! A server decides level and omitted stages of a request once, before it handles the request, so each recorded event confirms or
//! contradicts the policy by itself. Neither truncation nor a failed request changes the level. What a log lacks proves less, because logs
//! are cut, rotated and filtered: only a stage that all requests of a rule lack counts (see `stages`), and absent requests give hints.

mod hints;
mod node;
mod record;
mod report;
mod result;
mod source;
mod stages;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use audit_log::{Attributes, Event, Location, ProblemReason, json};
use audit_policy::{Level, Matcher, Policy, Stage, Verdict};
use audit_types::sort::SortShort;

use audit_types::{ContradictionKind, ContradictionKinds, Request, time};

pub use hints::{Hint, HintKind};
pub use report::{
    ContradictionReport, EventReport, PolicyCheckReport, SourceReport, contradicting,
};
pub use result::{ContradictingEvent, Contradiction, PolicyCheckResult, SourceCheck, best_fit};
pub use source::{LogSource, SourceFinder};

use crate::outcome::verdict;
use crate::sizes::SizeBreakdown;
use hints::{LeaseWatch, ManagedFieldsWatch};
use stages::{CutStages, StageEvidence, StageFacts};

/// Maximum characters of a name in the description of a request.
const MAX_NAME_CHARS: usize = 120;

/// Compares the events of a log with what a policy gives for their requests.
///
/// ```
/// use audit_log::{Event, Location};
/// use audit_policy::{KubernetesVersion, load};
/// use audit_sim::policy_check::PolicyCheck;
/// use audit_types::ContradictionKind;
///
/// let policy = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n";
/// let mut check = PolicyCheck::new(&load(policy, KubernetesVersion::NEWEST).policy.unwrap());
/// let event = Event::new(
///     r#"{"level":"Request","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"alice"}}"#,
/// );
/// check.push(0, Location::default(), &event);
/// let result = check.finish();
/// assert_eq!(result.consistent, Some(false));
/// assert_eq!(result.contradictions[0].kind, ContradictionKind::LevelHigher);
/// ```
#[derive(Debug, Clone)]
pub struct PolicyCheck {
    matcher: Matcher,
    /// Number of events so far.
    events: u64,
    sources: Vec<Source>,
    contradictions: BTreeMap<ContradictionKind, Contradiction>,
    leases: LeaseWatch,
    cut: CutStages,
}

/// Events of one source.
#[derive(Debug, Clone, Default)]
struct Source {
    check: SourceCheck,
    stages: StageEvidence,
    managed_fields: ManagedFieldsWatch,
}

impl PolicyCheck {
    /// Creates a check of a log that has not been read yet. The policy is loaded for the version of the server.
    pub fn new(policy: &Policy) -> Self {
        Self {
            matcher: Matcher::new(policy),
            events: 0,
            sources: Vec::new(),
            contradictions: BTreeMap::new(),
            leases: LeaseWatch::default(),
            cut: CutStages::default(),
        }
    }

    /// Records a part of the log that is not an event. One that was cut contradicts nothing, but the log does not lack its stage.
    pub fn push_problem(&mut self, reason: &ProblemReason) {
        self.cut.add(reason);
    }

    /// Checks the next event of a source, such as a file or a control-plane node. Sources are numbered from 0, by the caller; their events
    /// may alternate. Returns the ways in which the event contradicts the policy by itself.
    pub fn push(
        &mut self,
        source: usize,
        location: Location,
        event: &Event<'_>,
    ) -> ContradictionKinds {
        let position = self.events;
        self.events += 1;
        let attributes = Attributes::from_event(event);
        let Some(verdict) = verdict(&self.matcher, &attributes) else {
            self.source(source).check.unknowable += 1;
            return ContradictionKinds::EMPTY;
        };
        let (level, stage) = (event.recorded_level(), event.recorded_stage());
        if level.is_none() && stage.is_none() && verdict.level != Level::None {
            // Such a record, like that of a cloud's own schema, shows only that the request is logged.
            self.source(source).check.unknowable += 1;
            return ContradictionKinds::EMPTY;
        }
        let time = event.time();
        self.leases.observe(&attributes.request, time);
        let checked = CheckedEvent {
            source,
            position,
            location,
            event,
            request: &attributes.request,
            verdict,
            stage,
            time,
        };
        let found = self.compare(&checked, level);
        let state = &mut self.source(source).check;
        state.checked += 1;
        if found.is_empty() {
            state.checked_since_last += 1;
            state.consistent_since = state.consistent_since.or(time);
        } else {
            state.contradicting += 1;
            state.checked_since_last = 0;
            state.consistent_since = None;
        }
        found
    }

    fn source(&mut self, index: usize) -> &mut Source {
        if self.sources.len() <= index {
            self.sources.resize_with(index + 1, Source::default);
        }
        // The line above makes the vector long enough.
        #[allow(clippy::indexing_slicing, reason = "resized above")]
        &mut self.sources[index]
    }

    /// Compares an event with its verdict. Returns the ways in which it contradicts the policy.
    fn compare(&mut self, checked: &CheckedEvent<'_>, level: Option<Level>) -> ContradictionKinds {
        let verdict = checked.verdict;
        let mut found = ContradictionKinds::EMPTY;
        if verdict.level == Level::None {
            let recorded = level.map(Level::name);
            let described = checked.describe(
                recorded.or(Some("an unknown level")),
                Some(Level::None.name()),
            );
            self.add(ContradictionKind::UnexpectedRequest, described, &mut found);
            return found;
        }
        let omitted = checked
            .stage
            .filter(|stage| verdict.omit_stages.contains(*stage));
        if let Some(stage) = omitted {
            let described = checked.describe(Some(stage.name()), None);
            self.add(ContradictionKind::UnexpectedStage, described, &mut found);
        }
        if let Some(level) = level.filter(|level| *level != verdict.level) {
            let kind = if level > verdict.level {
                ContradictionKind::LevelHigher
            } else {
                ContradictionKind::LevelLower
            };
            let described = checked.describe(Some(level.name()), Some(verdict.level.name()));
            self.add(kind, described, &mut found);
        }
        if level == Some(verdict.level) && level >= Some(Level::Request) {
            self.compare_managed_fields(checked, &mut found);
        }
        if omitted.is_none()
            && let Some(facts) = checked.stage_facts()
        {
            let stages = &mut self.source(checked.source).stages;
            stages.add(&facts, |stage| checked.describe(None, Some(stage.name())));
        }
        found
    }

    fn compare_managed_fields(
        &mut self,
        checked: &CheckedEvent<'_>,
        found: &mut ContradictionKinds,
    ) {
        let (event, verdict) = (checked.event, checked.verdict);
        if event.request_object.is_none() && event.response_object.is_none() {
            return;
        }
        let sizes = SizeBreakdown::measure(event);
        let has_managed_fields = sizes.request_managed > 0 || sizes.response_managed > 0;
        if verdict.omit_managed_fields {
            if has_managed_fields {
                let described = checked.describe(Some("managedFields"), None);
                self.add(ContradictionKind::ManagedFieldsPresent, described, found);
            }
            return;
        }
        let watch = &mut self.source(checked.source).managed_fields;
        watch.full += u64::from(has_managed_fields);
        if !has_managed_fields && checked.has_created_object() {
            watch.rule = watch.rule.or(verdict.rule);
            watch.bare += 1;
        }
    }

    fn add(
        &mut self,
        kind: ContradictionKind,
        event: ContradictingEvent,
        found: &mut ContradictionKinds,
    ) {
        found.insert(kind);
        self.add_all(kind, 1, event);
    }

    fn add_all(&mut self, kind: ContradictionKind, events: u64, event: ContradictingEvent) {
        self.contradictions
            .entry(kind)
            .and_modify(|known| {
                known.events += events;
                known.last.clone_from(&event);
                if event.position < known.first.position {
                    known.first.clone_from(&event);
                }
            })
            .or_insert_with(|| Contradiction {
                kind,
                events,
                first: event.clone(),
                last: event,
            });
    }

    /// Returns the result for all events so far.
    pub fn finish(mut self) -> PolicyCheckResult {
        let mut hints = self.leases.hints(&self.matcher);
        let mut sources = Vec::new();
        let mut bare = ManagedFieldsWatch::default();
        for source in std::mem::take(&mut self.sources) {
            let Source {
                mut check,
                stages,
                managed_fields,
            } = source;
            bare.add(&managed_fields);
            let missing = stages.missing(&self.cut);
            let is_complete = missing.is_empty();
            for stage in missing {
                self.add_all(ContradictionKind::MissingStage, stage.requests, stage.first);
            }
            check.consistent = match (check.contradicting, check.checked) {
                (0, 0) => None,
                (contradicting, _) => Some(contradicting == 0 && is_complete),
            };
            sources.push(check);
        }
        hints.extend(bare.hint());
        let sum = |of: fn(&SourceCheck) -> u64| sources.iter().map(of).sum();
        let (checked, contradicting) = (sum(|one| one.checked), sum(|one| one.contradicting));
        let mut contradictions: Vec<Contradiction> = self.contradictions.into_values().collect();
        contradictions.sort_short_by_key(|found| (found.first.position, found.kind));
        PolicyCheckResult {
            consistent: (checked > 0).then_some(contradictions.is_empty()),
            checked,
            contradicting,
            unknowable: sum(|one| one.unknowable),
            contradictions,
            hints,
            sources,
        }
    }
}

/// An event with its verdict.
struct CheckedEvent<'e> {
    source: usize,
    position: u64,
    location: Location,
    event: &'e Event<'e>,
    request: &'e Request,
    verdict: Verdict,
    stage: Option<Stage>,
    time: Option<i64>,
}

impl CheckedEvent<'_> {
    fn describe(
        &self,
        recorded: Option<&'static str>,
        expected: Option<&'static str>,
    ) -> ContradictingEvent {
        ContradictingEvent {
            source: self.source,
            position: self.position,
            location: self.location,
            audit_id: self.event.id().map(|id| shortened(&id)),
            stage: self.stage,
            request: request_text(self.request),
            recorded,
            expected,
            rule: self.verdict.rule,
            time: self.time,
        }
    }

    fn stage_facts(&self) -> Option<StageFacts> {
        let time_of = |raw: Option<&str>| json::string(raw?).and_then(|text| time::parse(&text));
        let verb = self.request.verb.as_str();
        Some(StageFacts {
            stage: self.stage?,
            verdict: self.verdict,
            received: time_of(self.event.request_received),
            reached: time_of(self.event.stage_timestamp),
            is_watch: self.request.is_resource_request
                && verb == "watch"
                && self.event.code() == Some(200),
            is_short: verb != "patch" && !crate::is_long_running(self.request),
        })
    }

    /// Returns `true` if the response is a new object, which a server gives `managedFields`.
    fn has_created_object(&self) -> bool {
        self.request.verb == "create"
            && self.stage == Some(Stage::ResponseComplete)
            && self.event.code() == Some(201)
            && self
                .event
                .response_object
                .and_then(|body| json::member(body, "metadata"))
                .is_some_and(|metadata| json::member(metadata, "uid").is_some())
    }
}

/// Describes a request in a few words.
fn request_text(request: &Request) -> String {
    let mut text = request.verb.clone();
    if request.is_resource_request {
        text.push(' ');
        text.push_str(&shortened(&request.full_resource()));
        if !request.name.is_empty() {
            text.push(' ');
            text.push_str(&shortened(&request.name));
        }
        if !request.namespace.is_empty() {
            text.push_str(" in ");
            text.push_str(&shortened(&request.namespace));
        }
    } else {
        text.push(' ');
        text.push_str(&shortened(&request.path));
    }
    match request.user_name() {
        Some(user) => text.push_str(&format!(" by {}", shortened(user))),
        None => text.push_str(" without a user"),
    }
    text
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_NAME_CHARS {
        return text.to_owned();
    }
    text.chars().take(MAX_NAME_CHARS - 1).chain(['…']).collect()
}
