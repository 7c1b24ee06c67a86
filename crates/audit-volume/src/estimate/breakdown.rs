//! Written volume by attribute. Sums are kept by id; names are resolved once at the end.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use audit_policy::{Level, Stage};
use audit_sim::{EventTable, ValueIds, Verdicts};
use audit_types::RequestId;
use audit_types::sort::SortShort;
use serde::Serialize;

use super::volume::EstimatedVolume;

/// Attribute by which events are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Dimension {
    /// Level of the verdict.
    Level,
    /// The matching rule.
    Rule,
    /// User name.
    User,
    /// Group of the user; an event counts once per group.
    Group,
    /// Resource with subresource, or path.
    Resource,
    /// The verb.
    Verb,
    /// The namespace.
    Namespace,
    /// The stage.
    Stage,
}

impl Dimension {
    /// All dimensions, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Level,
        Self::Rule,
        Self::User,
        Self::Group,
        Self::Resource,
        Self::Verb,
        Self::Namespace,
        Self::Stage,
    ];

    /// Returns the name of the attribute: `user`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Rule => "rule",
            Self::User => "user",
            Self::Group => "group",
            Self::Resource => "resource",
            Self::Verb => "verb",
            Self::Namespace => "namespace",
            Self::Stage => "stage",
        }
    }

    /// Returns whether a breakdown lists all values in their own order, including those without events.
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Level | Self::Rule | Self::Stage)
    }
}

/// Written volume by one dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Breakdown {
    /// The attribute that events of a group share.
    pub dimension: Dimension,
    /// Groups with the most bytes first; levels, rules and stages are complete and in their own order.
    pub groups: Vec<BreakdownGroup>,
}

/// Events that share a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BreakdownGroup {
    /// The value; empty if events have none. For rules, the number counted from 1, or `none`.
    pub key: String,
    /// Written volume.
    #[serde(flatten)]
    pub volume: EstimatedVolume,
}

/// Sums by id.
pub(super) struct BreakdownBuilder<'t> {
    table: &'t EventTable,
    verdicts: &'t Verdicts,
    values: Vec<ValueIds>,
    total: EstimatedVolume,
    levels: [EstimatedVolume; Level::ALL.len()],
    rules: Vec<EstimatedVolume>,
    subjects: Vec<EstimatedVolume>,
    verbs: Vec<EstimatedVolume>,
    namespaces: Vec<EstimatedVolume>,
    targets: Vec<EstimatedVolume>,
    stages: [EstimatedVolume; Stage::ALL.len() + 1],
}

fn add(sums: &mut Vec<EstimatedVolume>, number: usize, amount: EstimatedVolume) {
    if sums.len() <= number {
        sums.resize(number + 1, EstimatedVolume::default());
    }
    if let Some(sum) = sums.get_mut(number) {
        *sum += amount;
    }
}

impl<'t> BreakdownBuilder<'t> {
    pub(super) fn new(table: &'t EventTable, verdicts: &'t Verdicts) -> Self {
        Self {
            table,
            verdicts,
            values: table.requests().value_ids().collect(),
            total: EstimatedVolume::default(),
            levels: [EstimatedVolume::default(); Level::ALL.len()],
            rules: vec![EstimatedVolume::default(); verdicts.rule_verdicts().len()],
            subjects: Vec::new(),
            verbs: Vec::new(),
            namespaces: Vec::new(),
            targets: Vec::new(),
            stages: [EstimatedVolume::default(); Stage::ALL.len() + 1],
        }
    }

    /// Adds written volume of a request's events.
    pub(super) fn add(&mut self, request: RequestId, amount: EstimatedVolume) {
        self.total += amount;
        if let Some(verdict) = self.verdicts.get(request)
            && let Some(level) = self.levels.get_mut(verdict.level as usize)
        {
            *level += amount;
        }
        if let Some(rule) = self.rules.get_mut(self.verdicts.verdict_index(request)) {
            *rule += amount;
        }
        let Some(values) = self.values.get(request.index()) else {
            return;
        };
        let verb = values.verb.map_or(0, |verb| verb.saturating_add(1));
        add(&mut self.subjects, values.subject as usize, amount);
        add(&mut self.verbs, verb as usize, amount);
        add(&mut self.namespaces, values.namespace as usize, amount);
        add(&mut self.targets, values.target as usize, amount);
    }

    pub(super) fn add_stage(&mut self, stage: usize, amount: EstimatedVolume) {
        if let Some(sum) = self.stages.get_mut(stage) {
            *sum += amount;
        }
    }

    pub(super) const fn total(&self) -> EstimatedVolume {
        self.total
    }

    pub(super) fn breakdowns(&self) -> Vec<Breakdown> {
        let of = |dimension| Breakdown {
            dimension,
            groups: self.groups(dimension),
        };
        Dimension::ALL.into_iter().map(of).collect()
    }

    fn groups(&self, dimension: Dimension) -> Vec<BreakdownGroup> {
        let requests = self.table.requests();
        match dimension {
            Dimension::Level => {
                let names = Level::ALL.iter().map(|level| level.name().to_owned());
                in_order(names.zip(self.levels).skip(1))
            }
            Dimension::Rule => {
                let last = self.rules.len().saturating_sub(1);
                let name = |rule: usize| match rule {
                    rule if rule == last => "none".to_owned(),
                    rule => (rule + 1).to_string(),
                };
                in_order(
                    self.rules
                        .iter()
                        .enumerate()
                        .map(|(rule, amount)| (name(rule), *amount)),
                )
            }
            Dimension::Stage => {
                let names = Stage::ALL.iter().map(|stage| stage.name().to_owned());
                in_order(names.chain([String::new()]).zip(self.stages))
            }
            Dimension::User => by_size(
                requests
                    .subjects()
                    .zip(&self.subjects)
                    .map(|(subject, amount)| {
                        (subject.user().unwrap_or_default().to_owned(), *amount)
                    }),
            ),
            Dimension::Group => by_size(requests.subjects().zip(&self.subjects).flat_map(
                |(subject, amount)| {
                    let groups: Vec<&str> = subject.groups().collect();
                    groups.into_iter().map(|group| (group.to_owned(), *amount))
                },
            )),
            Dimension::Resource => by_size(
                requests
                    .targets()
                    .zip(&self.targets)
                    .map(|(target, amount)| (target.target().into_owned(), *amount)),
            ),
            Dimension::Verb => {
                let names = [""].into_iter().chain(requests.verbs());
                by_size(
                    names
                        .zip(&self.verbs)
                        .map(|(verb, amount)| (verb.to_owned(), *amount)),
                )
            }
            Dimension::Namespace => {
                let names = requests.namespaces().zip(&self.namespaces);
                by_size(names.map(|(name, amount)| (name.to_owned(), *amount)))
            }
        }
    }
}

fn in_order(amounts: impl Iterator<Item = (String, EstimatedVolume)>) -> Vec<BreakdownGroup> {
    amounts
        .map(|(key, amount)| BreakdownGroup {
            key,
            volume: amount,
        })
        .collect()
}

fn by_size(amounts: impl Iterator<Item = (String, EstimatedVolume)>) -> Vec<BreakdownGroup> {
    let mut by_key = BTreeMap::<String, EstimatedVolume>::new();
    for (key, amount) in amounts.filter(|(_, amount)| amount.events > 0) {
        *by_key.entry(key).or_default() += amount;
    }
    let mut groups = in_order(by_key.into_iter());
    groups.sort_short_by_key(|group| Reverse((group.volume.high(), group.volume.events)));
    groups
}
