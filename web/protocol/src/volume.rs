//! How much the policy writes: what the volume panel shows.

use serde::{Deserialize, Serialize};

use crate::export::ExportSettings;
use crate::{EditView, Generation, Sum};

/// What the panel is made for, beside log and policy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct VolumeSettings {
    /// The log backend, as it is exported.
    pub export: ExportSettings,
    /// Price of a gigabyte taken in.
    pub price_ingested: Option<f64>,
    /// Price of a gigabyte in store for a month.
    pub price_stored: Option<f64>,
}

/// What a policy writes of the log.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct VolumeReport {
    /// The policy edit it is made under.
    pub generation: Generation,
    /// The log as it was recorded.
    pub recorded: Sum,
    /// What is written of it.
    pub written: Amount,
    /// How many logs like this make a day; none where its times do not tell.
    pub days_like_this: Option<f64>,
    /// How fast it is written: figures with their arithmetic.
    pub pace: Vec<FigureView>,
    /// What makes the figures doubtful: a sentence each.
    pub cautions: Vec<String>,
    /// What is written when.
    pub columns: Vec<ColumnView>,
    /// How long a column is, in seconds.
    pub column_seconds: f64,
    /// When the first column begins and the last ends, in UTC.
    pub ends: Option<(String, String)>,
    /// By what the events share.
    pub by: Vec<BreakdownView>,
    /// What the sizes of lacking bodies are taken from, a sentence each; the largest first.
    pub guesses: Vec<String>,
    /// How many more there are.
    pub more_guesses: usize,
    /// What it means for the disk, the wires and the bill.
    pub means: Vec<Means>,
    /// The disk day by day.
    pub timeline: Vec<MomentView>,
    /// The policy against the one that is pinned.
    pub baseline: Option<BaselineView>,
}

/// What to change.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Proposals {
    /// The policy edit that the rules fit into.
    pub generation: Generation,
    /// Rules that would save bytes, those that save most first.
    pub offers: Vec<ProposalView>,
    /// The noisiest groups for which there is no rule, and why: a sentence each.
    pub refusals: Vec<String>,
    /// What truncation would cut, were it on with the server's own limits.
    pub truncation: Means,
}

/// Events and bytes, the bytes between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Amount {
    /// Events.
    pub events: usize,
    /// Of these: events that lack a part which is written.
    pub open: usize,
    /// Bytes that are certain.
    pub bytes: f64,
    /// Bytes at the least.
    pub low: f64,
    /// Bytes at the most.
    pub high: f64,
}

/// A figure that opens to its arithmetic.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FigureView {
    /// What it is.
    pub label: String,
    /// The value with its unit.
    pub value: String,
    /// How it comes about; empty where the value says all.
    pub formula: String,
}

/// Figures of one matter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Means {
    /// A few words.
    pub title: String,
    /// The figures.
    pub figures: Vec<FigureView>,
    /// What else is to be known, a sentence each.
    pub notes: Vec<String>,
}

/// A column of the picture over time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ColumnView {
    /// When it begins, in UTC.
    pub start: String,
    /// Events of the log.
    pub recorded: usize,
    /// Events written.
    pub events: usize,
    /// Bytes written at Metadata, Request and RequestResponse.
    pub bytes: [f64; 3],
}

/// What is written by one dimension.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BreakdownView {
    /// `user`, say.
    pub name: String,
    /// The largest groups.
    pub groups: Vec<GroupView>,
    /// How many more there are, and what they come to.
    pub more: Option<(usize, Amount)>,
}

/// Events that share a value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct GroupView {
    /// The value.
    pub key: String,
    /// What is written of them.
    pub amount: Amount,
}

/// The disk at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct MomentView {
    /// Days since the first event.
    pub day: f64,
    /// Files.
    pub files: usize,
    /// Bytes.
    pub bytes: f64,
}

/// The policy against the one that is pinned.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BaselineView {
    /// What the pinned policy writes.
    pub written: Sum,
    /// By rule of the pinned policy: its number and level, what it writes, and what becomes of that.
    pub rules: Vec<ChangeView>,
    /// What is no longer seen.
    pub lost: Vec<ChangeView>,
    /// What is seen that was not.
    pub gained: Vec<ChangeView>,
}

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ChangeView {
    /// Who and what, in words.
    pub what: String,
    /// From which level to which; empty for sums.
    pub levels: String,
    /// Events.
    pub events: usize,
    /// Bytes before.
    pub before: f64,
    /// Bytes after.
    pub after: f64,
    /// Filter terms that list them.
    pub term: String,
}

/// A rule that would save bytes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProposalView {
    /// Which events it is about.
    pub title: String,
    /// Why nothing is lost that matters.
    pub why: String,
    /// Events saved.
    pub events: usize,
    /// Bytes saved.
    pub bytes: f64,
    /// It drops writes of a kind that people do drop.
    pub is_write: bool,
    /// The rule's text.
    pub rule: String,
    /// Where it goes: a few words.
    pub place: String,
    /// The policy's difference with it, as `diff -u` prints it.
    pub diff: String,
    /// What puts it into the policy, where it works.
    pub edit: Option<EditView>,
}

/// A cluster to make a log of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClusterProfile {
    /// Nodes with an API server.
    pub control_plane_nodes: u32,
    /// The other nodes.
    pub nodes: u32,
    /// Pods.
    pub pods: u32,
    /// Pods replaced an hour; none is what is usual for so many pods.
    pub pods_replaced_per_hour: Option<f64>,
    /// People at work.
    pub people: u32,
    /// Pipelines that deploy.
    pub pipelines: u32,
    /// What one busy controller reads a minute, beside the usual ones.
    pub busy_controller: f64,
}

impl Default for ClusterProfile {
    fn default() -> Self {
        Self {
            control_plane_nodes: 3,
            nodes: 3,
            pods: 100,
            pods_replaced_per_hour: None,
            people: 3,
            pipelines: 1,
            busy_controller: 0.0,
        }
    }
}

/// The largest numbers of a [`ClusterProfile`]; the least is one control-plane node, and zero of everything else.
pub mod limit {
    /// Control-plane nodes.
    pub const CONTROL_PLANE_NODES: u32 = 15;
    /// Other nodes.
    pub const NODES: u32 = 20_000;
    /// Pods.
    pub const PODS: u32 = 600_000;
    /// People, and pipelines.
    pub const PEOPLE: u32 = 10_000;
    /// Anything an hour or a minute.
    pub const PACE: u32 = 10_000_000;
}

/// What a modelled log is made of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelReport {
    /// What it is, in a sentence or two.
    pub story: String,
    /// Who asks what how often, the most frequent first.
    pub rates: Vec<RateView>,
}

/// Requests of one kind.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RateView {
    /// What they are for.
    pub name: String,
    /// Who makes them.
    pub client: String,
    /// How many there are a minute.
    pub per_minute: String,
    /// What that is made of.
    pub formula: String,
    /// Where that comes from.
    pub source: String,
    /// It is an assumption of ours.
    pub is_assumed: bool,
}
