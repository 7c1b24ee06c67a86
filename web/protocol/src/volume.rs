//! Data of the volume panel.

use audit_types::{Edit, KubernetesVersion};
use serde::{Deserialize, Serialize};

use crate::export::ExportSettings;
use crate::ids::Generation;
use crate::sum::Sum;

/// Settings of an estimate, in addition to log and policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VolumeSettings {
    /// Version to emulate.
    pub version: KubernetesVersion,
    /// Settings of the audit backends.
    pub export: ExportSettings,
    /// Price of ingesting one gigabyte.
    pub price_ingested: Option<f64>,
    /// Price of storing one gigabyte for a month.
    pub price_stored: Option<f64>,
}

/// Estimate of the volume that a policy writes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct VolumeReport {
    /// Policy that it was made under.
    pub generation: Generation,
    /// Events of the log.
    pub recorded: Amount,
    /// Events written.
    pub written: Amount,
    /// Why sizes are ranges, as sentences; `None` if every size is known.
    pub missing_parts: Option<String>,
    /// Number of logs like this per day; `None` if the log's times don't show it.
    pub days_like_this: Option<f64>,
    /// Rates, with their formulas.
    pub rates: Vec<FigureView>,
    /// Reasons why the figures are unreliable, a sentence each.
    pub cautions: Vec<String>,
    /// Volume over time.
    pub buckets: Vec<TimeBucket>,
    /// Length of a bucket in seconds.
    pub bucket_seconds: f64,
    /// Time range of all buckets.
    pub time_range: Option<TimeRange>,
    /// Volume by dimension.
    pub by: Vec<BreakdownView>,
    /// Assumptions about sizes of bodies that the log doesn't contain, a sentence each; the largest first.
    pub body_estimates: Vec<String>,
    /// Number of further assumptions.
    pub more_body_estimates: usize,
    /// Consequences for disk, webhook and bill.
    pub consequences: Vec<MetricGroup>,
    /// Disk usage over time.
    pub timeline: Vec<DiskUsagePoint>,
    /// Comparison with the baseline policy.
    pub baseline: Option<BaselineView>,
}

/// Suggestions for smaller volume.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SuggestionReport {
    /// Policy that the rules fit into.
    pub generation: Generation,
    /// Rules that would save bytes, those that save most first.
    pub suggestions: Vec<SuggestionView>,
    /// Reasons why the noisiest other groups have no rule, a sentence each.
    pub rejected: Vec<String>,
    /// Effect of truncation with the server's default limits.
    pub truncation: MetricGroup,
}

/// Number of events and a range of their size.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Amount {
    /// Number of events.
    pub events: usize,
    /// Number of events whose size is estimated: the log doesn't contain a part that is written.
    pub incomplete_events: usize,
    /// Bytes of known size.
    pub bytes: f64,
    /// Lower bound in bytes.
    pub low: f64,
    /// Upper bound in bytes.
    pub high: f64,
}

/// A figure with the formula that it is computed by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FigureView {
    /// Label.
    pub label: String,
    /// Value with its unit.
    pub value: String,
    /// Formula; empty if the value needs none.
    pub formula: String,
}

/// Figures about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MetricGroup {
    /// Title.
    pub title: String,
    /// The figures.
    pub figures: Vec<FigureView>,
    /// Notes, a sentence each.
    pub notes: Vec<String>,
}

/// Range of time, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRange {
    /// Start.
    pub start: String,
    /// End.
    pub end: String,
}

/// Volume within one interval of time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TimeBucket {
    /// Start of the interval, in UTC.
    pub start: String,
    /// Events of the log.
    pub recorded: usize,
    /// Events written.
    pub events: usize,
    /// Bytes written at Metadata, Request and RequestResponse.
    pub bytes: [f64; 3],
}

/// Volume by the values of one dimension.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BreakdownView {
    /// Name of the dimension, such as `user`.
    pub name: String,
    /// The largest groups.
    pub groups: Vec<BreakdownGroup>,
    /// The other groups.
    pub more: Option<OtherGroups>,
}

/// Groups that are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OtherGroups {
    /// Number of groups.
    pub count: usize,
    /// Sum of their events.
    pub amount: Amount,
}

/// Volume of one value of a dimension.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BreakdownGroup {
    /// The value.
    pub key: String,
    /// Events written.
    pub amount: Amount,
}

/// Disk usage at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct DiskUsagePoint {
    /// Days since the first event.
    pub day: f64,
    /// Number of files.
    pub files: usize,
    /// Size of the files in bytes.
    pub bytes: f64,
}

/// Comparison of the policy with the baseline.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BaselineView {
    /// Events written under the baseline.
    pub written: Sum,
    /// Changes by rule of the baseline.
    pub rules: Vec<ChangeView>,
    /// Events no longer recorded.
    pub lost: Vec<ChangeView>,
    /// Events newly recorded.
    pub gained: Vec<ChangeView>,
}

/// One line of a comparison, with the texts of the command's report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChangeView {
    /// User, verb and resource, or a rule.
    pub label: String,
    /// Words about the level: `Metadata → None`; empty for sums.
    pub detail: String,
    /// Number of events under the baseline and under the current policy: `12 events → 0 events`.
    pub events: String,
    /// Bytes under the baseline and under the current policy.
    pub bytes: String,
    /// Filter terms that select the events.
    pub term: String,
}

/// A rule or a setting that would save bytes, with the texts of the command's report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SuggestionView {
    /// Events that it is about.
    pub title: String,
    /// Reason why the events can be dropped.
    pub reason: String,
    /// Number of events saved, with its unit.
    pub events: String,
    /// Bytes saved, with their unit.
    pub bytes: String,
    /// `true` if it drops writes, of a kind that is commonly dropped.
    pub is_write: bool,
    /// Text of the rule or setting.
    pub rule: String,
    /// Position in the policy, in a few words.
    pub place: String,
    /// Difference to the policy, in the format of `diff -u`.
    pub diff: String,
    /// Edit that inserts it, in UTF-16 units of the editor's text, if there is a place for it.
    pub edit: Option<Edit>,
}
