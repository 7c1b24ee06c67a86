//! Effect of the policy on the log, in sums.

use audit_types::{Level, RuleIndex};
use serde::{Deserialize, Serialize};

use crate::ids::Generation;
use crate::sum::Sum;

/// Effect of the policy on the log. Counts are events; sizes are bytes of the server's own lines, line ends included.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AnswerReport {
    /// Policy that it was made under.
    pub generation: Generation,
    /// `true` if the newest text is rejected, so that this is the answer of the last accepted one.
    pub stale: bool,
    /// Events of the log.
    pub recorded: Sum,
    /// Events written under this policy, derived ones included.
    pub written: Sum,
    /// Written events that the log doesn't contain: they are derived from a later stage of the same request.
    pub derived: usize,
    /// Written events whose size is uncertain because the log doesn't contain bodies that the policy would record.
    pub sizes_unknown: usize,
    /// Events whose verdict can't be determined from the log.
    pub unknowable: usize,
    /// Sums for each of the four levels.
    pub by_level: Vec<LevelSum>,
    /// Sums for each rule, in order; the last entry, without an index, is "no rule matched".
    pub by_rule: Vec<RuleSum>,
    /// Volume per day at this rate.
    pub per_day: PerDay,
}

/// Sums of one level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LevelSum {
    /// Level of the verdict.
    pub level: Level,
    /// Events with this level, omitted stages included.
    pub matched: usize,
    /// Events written at this level.
    pub written: Sum,
}

/// Sums of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RuleSum {
    /// The rule; `None` for "no rule matched".
    pub rule: Option<RuleIndex>,
    /// Level of the rule.
    pub level: Level,
    /// Events that the rule matched, omitted stages included.
    pub matched: usize,
    /// Events written under the rule.
    pub written: Sum,
}

/// Extrapolation from the log's own time window.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PerDay {
    /// Bytes per day; `None` if the log has no time window.
    pub bytes: Option<f64>,
    /// Events per day; `None` if the log has no time window.
    pub events: Option<f64>,
    /// Seconds from the first to the last event.
    pub window_seconds: Option<f64>,
    /// Reason why the figures are unreliable, as a sentence; `None` if they are sound.
    pub caution: Option<String>,
}
