//! Check whether the open log was written by the policy.

use audit_types::{ContradictionKind, ContradictionKinds, EventId, RuleIndex};
use serde::{Deserialize, Serialize};

use crate::ids::Generation;

/// State of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyCheckStep {
    /// The page's number of the check.
    pub job: u32,
    /// Progress, or how it has ended.
    pub status: PolicyCheckStatus,
}

/// Progress of a check, or how it has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PolicyCheckStatus {
    /// More of the log is to be read.
    Running {
        /// Bytes read so far, of all files.
        bytes: f64,
        /// Size of all files in bytes.
        total_bytes: f64,
    },
    /// The whole log was checked.
    Finished(Box<PolicyCheckView>),
    /// The log cannot be checked: one sentence.
    Failed(String),
}

/// Result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PolicyCheckView {
    /// Policy that the log was checked against.
    pub generation: Generation,
    /// `true` if nothing contradicts the policy; `None` if no event could be checked.
    pub consistent: Option<bool>,
    /// Answer in one sentence.
    pub answer: String,
    /// Sentence about events that cannot be checked; `None` if there are none.
    pub unknowable: Option<String>,
    /// Sentence about events that were cut, so that they cannot be checked; `None` if there are none.
    pub cut: Option<String>,
    /// Title of the contradictions.
    pub contradictions_title: String,
    /// Contradictions by kind, in the order of their first events.
    pub contradictions: Vec<ContradictionView>,
    /// Title of the likely secrets.
    pub secrets_title: String,
    /// Sentence for a log without likely secrets.
    pub no_secrets: String,
    /// Likely secrets in the events, by kind.
    pub secrets: Vec<SecretView>,
    /// Title of the results by file and node.
    pub sources_title: String,
    /// Results by file and node; empty if there is one, which nothing contradicts.
    pub sources: Vec<SourceView>,
    /// Title of a hint.
    pub hint_title: String,
    /// Reasons for doubt that prove nothing, one sentence each.
    pub hints: Vec<String>,
}

/// Events with likely secrets of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretView {
    /// Count and kind.
    pub title: String,
    /// File and line of the first such event.
    pub place: String,
    /// Id of that event.
    pub event: EventId,
    /// The secret without its value and where it is in the event, with backticks as in findings.
    pub first: String,
}

/// All contradictions of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContradictionView {
    /// The kind.
    pub kind: ContradictionKind,
    /// Count and label, with backticks as in findings.
    pub title: String,
    /// File and line of the first such event.
    pub place: String,
    /// Its request in a few words.
    pub request: String,
    /// Sentence with what was recorded, what the policy gives, and why; with backticks as in findings.
    pub message: String,
    /// Its audit ID and stage.
    pub identity: String,
    /// Id of the event.
    pub event: EventId,
    /// Rule that decides; `None` if no rule matches.
    pub rule: Option<RuleIndex>,
}

/// Events of one file, or of one node in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceView {
    /// File and node.
    pub label: String,
    /// `true` if nothing contradicts the policy; `None` if no event could be checked.
    pub consistent: Option<bool>,
    /// Result in a few words.
    pub text: String,
}

/// Condition on the contradictions that the last check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContradictionFilter {
    /// The event contradicts the policy in any way.
    Any,
    /// The event contradicts the policy in this way.
    Kind(ContradictionKind),
}

impl ContradictionFilter {
    /// Returns `true` if the contradictions of an event satisfy the condition.
    pub fn matches(self, kinds: ContradictionKinds) -> bool {
        match self {
            Self::Any => !kinds.is_empty(),
            Self::Kind(kind) => kinds.contains(kind),
        }
    }
}
