//! Rows, groups and facets of the event table.

use audit_types::{EventId, Level, Outcome, RuleIndex};
use serde::{Deserialize, Serialize};

use crate::ids::Generation;
use crate::sum::Sum;
use crate::view::{Column, View};

/// A range of the view's rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rows {
    /// Policy that they were made under.
    pub generation: Generation,
    /// View that they belong to.
    pub view: View,
    /// Number of rows in the view.
    pub total: usize,
    /// Position of the first row below.
    pub start: usize,
    /// The rows.
    pub rows: Vec<RowView>,
    /// The groups, if the view groups: largest first, at most 500.
    pub groups: Vec<EventGroup>,
    /// Bytes recorded of all the view's events, if it groups.
    pub grouped_bytes: f64,
}

/// One event in the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowView {
    /// Id of the event in the log.
    pub event: EventId,
    /// Time such as `09:14:02.118`; empty if the log does not contain it.
    pub time: String,
    /// Verb; may be empty.
    pub verb: String,
    /// Resource such as `pods/exec`, or a path.
    pub resource: String,
    /// Name of the object; may be empty.
    pub name: String,
    /// Namespace of the object; may be empty.
    pub namespace: String,
    /// Name of the user; `None` if authentication failed.
    pub user: Option<String>,
    /// Stage, such as `ResponseComplete`.
    pub stage: String,
    /// HTTP status, if the stage has one.
    pub code: Option<u16>,
    /// Rule that matched.
    pub rule: Option<RuleIndex>,
    /// Level of the verdict; `None` if it can't be determined.
    pub level: Option<Level>,
    /// Outcome under the policy.
    pub outcome: Outcome,
    /// Bytes recorded.
    pub recorded: f64,
    /// Bytes written; `None` if they can't be determined.
    pub written: Option<f64>,
    /// `true` if the log doesn't contain this event: it is derived from a later stage of its request, and written.
    pub derived: bool,
}

/// A group of the view's events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventGroup {
    /// Value that its events share.
    pub key: String,
    /// Filter term that selects them: `user:alice`.
    pub term: String,
    /// Events of the log.
    pub recorded: Sum,
    /// Events written.
    pub written: Sum,
}

/// Numbers of the view's events by value of each field.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facets {
    /// Policy that they were made under.
    pub generation: Generation,
    /// View whose events were counted.
    pub view: View,
    /// Fields in display order.
    pub fields: Vec<Facet>,
}

/// The values of one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facet {
    /// The field.
    pub column: Column,
    /// Most frequent values, the most frequent first, and those that the view selects. An event is counted if it satisfies the other
    /// conditions of the view; those on this field are ignored.
    pub values: Vec<FacetValue>,
    /// Number of further values.
    pub more: usize,
}

/// A value and the view's events that have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FacetValue {
    /// The value; may be empty.
    pub key: String,
    /// Filter term that selects it: `user:alice`.
    pub term: String,
    /// Rows with this value, and their bytes as recorded.
    pub sum: Sum,
}
