//! The event table's filter, order and grouping.

use audit_types::{LogFindingKind, Outcome, RuleIndex};
use serde::{Deserialize, Serialize};

use crate::policy_check::ContradictionFilter;

/// Selection and order of the table's rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct View {
    /// Words and `field:value` terms, parsed by [`audit_filter::parse`].
    pub text: String,
    /// Shows only events with this outcome.
    pub outcome: Option<OutcomeFilter>,
    /// Shows only events that this rule matched.
    pub rule: Option<RuleFilter>,
    /// Shows only events that contradicted the policy in the last check.
    pub contradiction: Option<ContradictionFilter>,
    /// Shows only events that belong to this finding about the log.
    pub finding: Option<LogFindingKind>,
    /// Column to sort by; `None` for the log's own order.
    pub sort: Option<Column>,
    /// Sorts the largest or latest first.
    pub descending: bool,
    /// Groups the events by this column instead of listing them: [`crate::Rows::groups`] is filled and `rows` is empty.
    pub group_by: Option<Column>,
}

/// A column of the event table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Column {
    /// Time at which the request was received.
    Time,
    /// Verb of the request.
    Verb,
    /// Resource and name, or path.
    Resource,
    /// Name of the user.
    User,
    /// Groups of the user. An event has one value per group.
    Group,
    /// Namespace of the object.
    Namespace,
    /// Stage of the event.
    Stage,
    /// HTTP status of the response.
    Code,
    /// Addresses that the request came from. An event has one value per entry of its `sourceIPs`.
    Source,
    /// Rule that matched.
    Rule,
    /// Level of the verdict.
    Level,
    /// Outcome under the policy.
    Outcome,
    /// Size as recorded, in bytes.
    Recorded,
    /// Size as written under the policy, in bytes.
    Written,
}

/// Condition on the outcome of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OutcomeFilter {
    /// Exactly this outcome.
    Is(Outcome),
    /// Any outcome without a written event.
    Dropped,
}

impl OutcomeFilter {
    /// Returns the name, as in an `outcome:` term.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Is(outcome) => outcome.name(),
            Self::Dropped => "dropped",
        }
    }

    /// Returns `true` if an outcome satisfies the condition.
    pub fn matches(self, outcome: Outcome) -> bool {
        match self {
            Self::Is(wanted) => outcome == wanted,
            Self::Dropped => outcome.is_dropped(),
        }
    }
}

/// Condition on the rule that matched an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RuleFilter {
    /// This rule.
    Rule(RuleIndex),
    /// No rule.
    NoRule,
}

impl From<Option<RuleIndex>> for RuleFilter {
    /// Converts the rule that matched, if one did.
    fn from(rule: Option<RuleIndex>) -> Self {
        rule.map_or(Self::NoRule, Self::Rule)
    }
}
