//! Volume that is estimated from the metrics of API servers instead of a log.

use serde::{Deserialize, Serialize};

use crate::ids::Generation;
use crate::volume::FigureView;

/// Text of the metrics of an API server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricsFile {
    /// Name of the file; empty if it was pasted.
    pub name: String,
    /// The text.
    pub text: String,
}

/// Reason why metrics cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricsRejection {
    /// Name of the file; empty if it was pasted.
    pub name: String,
    /// Reason and remedy, without a full stop. Backticks as in findings.
    pub reason: String,
}

/// Volume that a policy writes of the requests that metrics count.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MetricsReport {
    /// Policy that it was made under.
    pub generation: Generation,
    /// Title.
    pub title: String,
    /// Totals and rates.
    pub figures: Vec<FigureView>,
    /// Reasons why the figures are unreliable, a sentence each.
    pub cautions: Vec<String>,
    /// Limits: what the metrics do not contain, and what follows, a sentence each.
    pub notes: Vec<String>,
    /// `true` if the time that the counters cover is known.
    pub has_time: bool,
    /// Volume by rule, level and request.
    pub by: Vec<RangeBreakdown>,
}

/// Ranges of volume by one attribute.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RangeBreakdown {
    /// Title, such as `By rule, per day`.
    pub title: String,
    /// Groups; those with the most bytes first, or in the order of rules and levels.
    pub groups: Vec<RangeGroup>,
    /// Number of further groups.
    pub more: usize,
}

/// Range of the volume of one group.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RangeGroup {
    /// Value that its requests share.
    pub key: String,
    /// Events, as text.
    pub events: String,
    /// Bytes, as text.
    pub bytes: String,
    /// Lower bound in bytes.
    pub low: f64,
    /// Upper bound in bytes.
    pub high: f64,
}
