//! A result as labelled data: built once here, shown by the page and printed by the command, so that their words cannot differ.

use audit_types::{ContradictionKind, RuleIndex, Stage, format, time};

use super::result::{Contradiction, PolicyCheckResult, SourceCheck};
use super::source::LogSource;

/// Report of a check whether a log was written by a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyCheckReport {
    /// `true` if nothing contradicts the policy; `None` if no event could be checked.
    pub consistent: Option<bool>,
    /// Answer in one sentence.
    pub answer: String,
    /// Sentence about events that cannot be checked; `None` if there are none.
    pub unknowable: Option<String>,
    /// Contradictions by kind, in the order of their first events.
    pub contradictions: Vec<ContradictionReport>,
    /// Results by file and node; empty if there is one, which nothing contradicts.
    pub sources: Vec<SourceReport>,
    /// Reasons for doubt that prove nothing, one sentence each.
    pub hints: Vec<String>,
}

/// All contradictions of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContradictionReport {
    /// The kind.
    pub kind: ContradictionKind,
    /// Count and label: `3 events recorded at a higher level than the policy gives`.
    pub title: String,
    /// The first such event.
    pub first: EventReport,
}

/// An event that contradicts the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventReport {
    /// Position of the event among all that were checked, from 0.
    pub position: u64,
    /// File and line: `audit.log:12`.
    pub place: String,
    /// The request in a few words.
    pub request: String,
    /// Sentence with what was recorded, what the policy gives, and the rule that decides.
    pub message: String,
    /// Audit ID and stage: `audit ID 5f0e2ab9, stage ResponseComplete`.
    pub identity: String,
    /// Index of the rule that decides, from 0; `None` if no rule matches.
    pub rule: Option<RuleIndex>,
}

/// Events of one file, or of one node in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReport {
    /// File and node.
    pub label: String,
    /// `true` if nothing contradicts the policy; `None` if no event could be checked.
    pub consistent: Option<bool>,
    /// Result in a few words.
    pub text: String,
}

impl PolicyCheckReport {
    /// Title of the contradictions.
    pub const CONTRADICTIONS: &'static str = "Contradictions";

    /// Title of the results by file and node.
    pub const SOURCES: &'static str = "By file";

    /// Title of a hint.
    pub const HINT: &'static str = "Hint";

    /// Returns the sentence about events that were cut, and about other parts of such events. `None` if there are none.
    pub fn cut((events, rests): (u64, u64)) -> Option<String> {
        let start = match events {
            0 => None,
            1 => Some("1 event was cut and can't be checked".to_owned()),
            _ => Some(format!(
                "{} events were cut and can't be checked",
                format::count(events)
            )),
        };
        let rests = (rests > 0).then(|| {
            let other = if events > 0 { "other " } else { "" };
            let parts = if rests == 1 {
                "part of a cut event"
            } else {
                "parts of cut events"
            };
            format!(
                "{} {other}{parts} can't be joined with the start",
                format::count(rests)
            )
        });
        let sentence: Vec<String> = start.into_iter().chain(rests).collect();
        (!sentence.is_empty()).then(|| sentence.join("; ") + ".")
    }

    /// Describes a result. `policy` names the policy, and `sources` has the sources that the events were checked with.
    pub fn new(result: &PolicyCheckResult, policy: &str, sources: &[LogSource]) -> Self {
        let shows_sources = result.sources.len() > 1 || result.consistent == Some(false);
        let checks = result.sources.iter().zip(sources);
        let checks = checks.filter(|_| shows_sources);
        Self {
            consistent: result.consistent,
            answer: result.answer(policy),
            unknowable: (result.unknowable > 0).then(|| unknowable(result.unknowable)),
            contradictions: result
                .contradictions
                .iter()
                .map(|found| contradiction(found, sources))
                .collect(),
            sources: checks
                .map(|(check, source)| source_report(check, source))
                .collect(),
            hints: result
                .hints
                .iter()
                .map(|hint| hint.message.clone())
                .collect(),
        }
    }
}

fn unknowable(events: u64) -> String {
    format!(
        "{} can't be checked: the log doesn't contain what the policy depends on.",
        format::counted(events as f64, "event", "events")
    )
}

fn contradiction(found: &Contradiction, sources: &[LogSource]) -> ContradictionReport {
    let (one, many) = match found.kind {
        ContradictionKind::MissingStage => ("request", "requests"),
        _ => ("event", "events"),
    };
    let first = &found.first;
    let file = sources.get(first.source).map_or("", |source| &source.file);
    ContradictionReport {
        kind: found.kind,
        title: format!(
            "{} {}",
            format::counted(found.events as f64, one, many),
            found.kind.label()
        ),
        first: EventReport {
            position: first.position,
            place: format!("{file}:{}", first.location.line),
            request: first.request.clone(),
            message: first.describe(found.kind),
            identity: format!(
                "audit ID {}, stage {}",
                first.audit_id.as_deref().unwrap_or("none"),
                first.stage.map_or("none", Stage::name)
            ),
            rule: first.rule,
        },
    }
}

fn source_report(check: &SourceCheck, source: &LogSource) -> SourceReport {
    let text = match check.consistent {
        None => "no event could be checked".to_owned(),
        Some(true) => format!(
            "consistent, {}",
            format::counted(check.checked as f64, "event", "events")
        ),
        Some(false) => {
            let mut text = contradicting(check.contradicting, check.checked);
            if check.contradicting > 0 && check.checked_since_last > 0 {
                text.push_str(&match check.checked_since_last {
                    1 => "; the last event does not".to_owned(),
                    last => format!("; the last {} events do not", format::count(last)),
                });
                if let Some(since) = check.consistent_since {
                    text.push_str(&format!(", since {} UTC", time::date_time(since)));
                }
            }
            text
        }
    };
    SourceReport {
        label: source.label(),
        consistent: check.consistent,
        text,
    }
}

/// States how many events contradict a policy: `3 of 5 events contradict it`.
pub fn contradicting(events: u64, checked: u64) -> String {
    if events == 0 {
        return "lacks events that the policy keeps".to_owned();
    }
    format!(
        "{} of {} {} it",
        format::count(events),
        format::counted(checked as f64, "event", "events"),
        if events == 1 {
            "contradicts"
        } else {
            "contradict"
        }
    )
}
