//! The event table's filter, order and grouping.

use serde::{Deserialize, Serialize};

/// Selection and order of the table's rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct View {
    /// Words that must all occur, and `field:value` terms, of which those of one field are alternatives. Parsed by [`crate::terms`].
    pub text: String,
    /// Shows only events with this outcome.
    pub outcome: Option<OutcomeTag>,
    /// Shows only events that this rule matched; `Some(None)` is "no rule".
    pub rule: Option<Option<usize>>,
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

/// Outcome of an event, without the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OutcomeTag {
    /// It is written.
    Written,
    /// The level is None.
    DroppedLevel,
    /// Its stage is omitted.
    DroppedStage,
    /// Any of the dropped ones; for filters.
    Dropped,
    /// The log doesn't contain what the policy depends on.
    Unknowable,
}
