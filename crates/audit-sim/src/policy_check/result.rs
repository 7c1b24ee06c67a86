//! Results of a check whether a log was written by a policy, and their wording.

use audit_log::Location;
use audit_types::{ContradictionKind, RuleIndex, Stage, format};
use serde::{Serialize, Serializer};

use super::hints::Hint;

/// All contradictions of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contradiction {
    /// The kind.
    pub kind: ContradictionKind,
    /// Number of events; of [`ContradictionKind::MissingStage`], the number of requests without the stage.
    pub events: u64,
    /// The first such event in the order of the log.
    pub first: ContradictingEvent,
    /// The last such event; of [`ContradictionKind::MissingStage`], the first one of the last rule.
    pub last: ContradictingEvent,
}

/// An event that contradicts the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContradictingEvent {
    /// Index of the source that contains it.
    #[serde(skip)]
    pub source: usize,
    /// Position of the event among all that were checked, from 0.
    #[serde(skip)]
    pub position: u64,
    /// Its position in the file.
    #[serde(rename = "line", serialize_with = "line_of")]
    pub location: Location,
    /// Its audit ID.
    #[serde(rename = "auditID")]
    pub audit_id: Option<String>,
    /// Its stage.
    #[serde(serialize_with = "stage_name")]
    pub stage: Option<Stage>,
    /// The request in a few words, such as `get secrets/db in dev by alice`.
    pub request: String,
    /// Recorded value: a level, a stage or `managedFields`; `None` if the record lacks what the policy gives.
    pub recorded: Option<&'static str>,
    /// Value that the policy gives; `None` if it omits what is recorded.
    pub expected: Option<&'static str>,
    /// The rule that decides; `None` if no rule matches.
    pub rule: Option<RuleIndex>,
    /// Time at which the request was received, in microseconds since 1970.
    #[serde(skip)]
    pub time: Option<i64>,
}

fn line_of<S: Serializer>(location: &Location, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(location.line)
}

fn stage_name<S: Serializer>(stage: &Option<Stage>, serializer: S) -> Result<S::Ok, S::Error> {
    stage.map(Stage::name).serialize(serializer)
}

impl ContradictingEvent {
    /// Describes the contradiction in one sentence, without the event's position.
    pub fn describe(&self, kind: ContradictionKind) -> String {
        let rule = self.rule.map(|rule| rule.to_string());
        let rule = rule.unwrap_or_else(|| "the policy".to_owned());
        let recorded = self.recorded.unwrap_or_default();
        let expected = self.expected.unwrap_or_default();
        match (kind, self.rule) {
            (ContradictionKind::UnexpectedRequest, decided) => {
                let level = self.recorded.map(|level| format!(" at `{level}`"));
                let level = level.unwrap_or_default();
                match decided {
                    None => format!("recorded{level}, but no rule matches it: it is not logged"),
                    Some(_) => format!("recorded{level}, but {rule} does not log it"),
                }
            }
            (ContradictionKind::UnexpectedStage, _) => {
                format!("recorded at stage `{recorded}`, which is omitted for {rule}")
            }
            (ContradictionKind::LevelHigher | ContradictionKind::LevelLower, _) => {
                format!("recorded at `{recorded}`, but {rule} gives `{expected}`")
            }
            (ContradictionKind::ManagedFieldsPresent, _) => {
                format!("recorded with `managedFields`, which {rule} omits (since Kubernetes 1.23)")
            }
            (ContradictionKind::MissingStage, _) => format!(
                "{rule} keeps stage `{expected}`, but no request of that rule has it in this log"
            ),
        }
    }
}

/// Events of one source, such as a file or the log of one control-plane node.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceCheck {
    /// `true` if nothing contradicts the policy; `None` if no event could be checked.
    pub consistent: Option<bool>,
    /// Number of events that were checked.
    pub checked: u64,
    /// Number of events that contradict the policy.
    pub contradicting: u64,
    /// Number of events whose record lacks an attribute that the policy depends on.
    pub unknowable: u64,
    /// Number of events after the last one that contradicts the policy.
    pub checked_since_last: u64,
    /// Time of the earliest event after the last contradiction, in microseconds since 1970.
    #[serde(skip)]
    pub consistent_since: Option<i64>,
}

/// Result of a check whether a log was written by a server with a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyCheckResult {
    /// `true` if nothing contradicts the policy; `None` if no event could be checked.
    pub consistent: Option<bool>,
    /// Number of events that were checked.
    pub checked: u64,
    /// Number of events that contradict the policy, each counted once.
    pub contradicting: u64,
    /// Number of events whose record lacks an attribute that the policy depends on.
    pub unknowable: u64,
    /// Contradictions by kind, in the order of their first events.
    pub contradictions: Vec<Contradiction>,
    /// Reasons for doubt that prove nothing.
    pub hints: Vec<Hint>,
    /// Results by source.
    #[serde(skip)]
    pub sources: Vec<SourceCheck>,
}

impl PolicyCheckResult {
    /// Returns the kind of the first contradiction, and its event.
    pub fn first(&self) -> Option<(ContradictionKind, &ContradictingEvent)> {
        let first = self.contradictions.first()?;
        Some((first.kind, &first.first))
    }

    /// Answers the question in one sentence; `policy` names the policy.
    pub fn answer(&self, policy: &str) -> String {
        let events = |count: u64| format::counted(count as f64, "event", "events");
        match self.consistent {
            None => "No event could be checked against the policy.".to_owned(),
            Some(true) if self.checked == 1 => format!(
                "Nothing contradicts {policy}: it fits the only event that could be checked."
            ),
            Some(true) => format!(
                "Nothing contradicts {policy}: it fits all {} that could be checked.",
                events(self.checked)
            ),
            Some(false) if self.contradicting == 0 => format!(
                "The log was not written by {policy}, or it was filtered: it lacks events that the policy keeps."
            ),
            Some(false) => format!(
                "The log was not written by {policy}: {} of {} {} it.",
                format::count(self.contradicting),
                events(self.checked),
                if self.contradicting == 1 {
                    "contradicts"
                } else {
                    "contradict"
                }
            ),
        }
    }
}

/// Returns the index of the result that fits best: the fewest contradicting events, then the fewest kinds of contradiction and hints.
/// If several are equal, it is the first. `None` if there is no result.
pub fn best_fit<'a>(results: impl IntoIterator<Item = &'a PolicyCheckResult>) -> Option<usize> {
    results
        .into_iter()
        .enumerate()
        .min_by_key(|(index, result)| {
            (
                result.contradicting,
                result.contradictions.len(),
                result.hints.len(),
                *index,
            )
        })
        .map(|(index, _)| index)
}
