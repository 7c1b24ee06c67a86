//! Result of checking an answer.

use audit_types::{Level, Request, RuleIndex, Span};
use serde::{Deserialize, Serialize};

/// Result of checking an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Outcome {
    /// True if the answer is right.
    pub passed: bool,
    /// Reason, without a full stop; code and names are in backticks: "`patch` of `configmaps` by `admin` is `Metadata` (rule 5)".
    pub reason: String,
    /// A request that shows why the answer is wrong.
    pub witness: Option<Request>,
    /// Level of the witness under the answer's policy.
    pub level: Option<Level>,
    /// Rule that decides about the witness. `None` without a witness, or if no rule matches it.
    pub rule: Option<RuleIndex>,
    /// The event that shows it, if the log has one: its index, from 0.
    pub event: Option<usize>,
    /// Place in the answer's policy, flags or manifest.
    pub place: Option<Span>,
}

impl Outcome {
    /// Returns the outcome of a right answer.
    pub(crate) fn right(reason: impl Into<String>) -> Self {
        Self {
            passed: true,
            reason: reason.into(),
            ..Self::default()
        }
    }

    /// Returns the outcome of a wrong answer.
    pub(crate) fn wrong(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            ..Self::default()
        }
    }
}
