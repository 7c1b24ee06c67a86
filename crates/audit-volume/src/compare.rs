//! A policy compared with a baseline over the same log: the volume saved or added, and the requests that are no longer recorded.
//!
//! Each distinct request is evaluated once per policy; only events of requests with different verdicts are visited. Events that either
//! policy can't be evaluated on are counted separately and are in no other total.

mod groups;

use audit_policy::{KubernetesVersion, Level, Stage, StageSet, Verdict};
use audit_sim::{EventOutcome, EventRow, EventTable, Outcome, Tally, Verdicts};
use serde::{Serialize, Serializer};

use crate::protected::ProtectedReason;
use crate::volume::{ExampleEvents, Volume, for_each_event};
use groups::{GroupBuilder, Grouping, UNKNOWABLE};

pub(crate) use groups::NameIds;

/// Maximum number of groups that [`Changes`] lists.
pub const MAX_GROUPS: usize = 100;

/// A policy evaluated over a log.
#[derive(Debug, Clone, Copy)]
pub struct EvaluatedPolicy<'a> {
    /// Verdicts on the table's requests.
    pub verdicts: &'a Verdicts,
    /// Tally over the table, as [`EventTable::evaluate`] gives it.
    pub tally: &'a Tally,
}

/// A policy compared with a baseline over one log.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Volume that the baseline writes, of events that both policies can be evaluated on.
    pub before: Volume,
    /// Volume that the policy writes of the same events.
    pub after: Volume,
    /// Rules of the baseline in order, followed by "no rule".
    pub rules_before: Vec<RuleChange>,
    /// Rules of the policy in order, followed by "no rule".
    pub rules_after: Vec<RuleChange>,
    /// Requests that are no longer recorded, or with less detail; the most important first.
    pub lost: Changes,
    /// Requests that are newly recorded, or with more detail; those with the most bytes first.
    pub gained: Changes,
    /// Events that at least one policy can't be evaluated on, because the record lacks an attribute that a rule depends on.
    pub unknowable: u64,
    /// Changed events whose size under one of the policies is unknown.
    pub sizes_unknown: u64,
}

/// Events of the requests that a rule matches, under both policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleChange {
    /// Index of the rule; `None` for requests that no rule matches.
    pub rule: Option<usize>,
    /// Volume that the policy of the rule writes of the requests that it matches.
    pub own: Volume,
    /// Volume that the other policy writes of the same requests.
    pub other: Volume,
}

/// Groups of requests with different verdicts.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// At most [`MAX_GROUPS`] groups.
    pub groups: Vec<RequestGroup>,
    /// Number of groups that are not listed.
    pub more_groups: u64,
    /// Volume of all groups, listed or not, under the baseline.
    pub before: Volume,
    /// Volume of all groups, listed or not, under the policy.
    pub after: Volume,
    /// Volume of the groups that are not listed, under the baseline.
    pub rest_before: Volume,
    /// Volume of the groups that are not listed, under the policy.
    pub rest_after: Volume,
    /// Events of protected requests, listed or not.
    #[serde(rename = "guarded")]
    pub protected_events: u64,
}

/// Requests of one user, verb and resource whose verdicts change in the same way.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestGroup {
    /// The user; `None` if there was none or the record lacks it.
    pub user: Option<String>,
    /// The verb; empty if the record lacks it.
    pub verb: String,
    /// The API group; empty for the core group.
    pub api_group: String,
    /// The resource; empty for a non-resource request.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The path of a non-resource request.
    pub path: String,
    /// Number of namespaces, counting that of cluster-scoped requests.
    pub namespaces: u64,
    /// Number of distinct requests.
    pub requests: u64,
    /// Verdict of the baseline.
    pub from: EffectiveVerdict,
    /// Verdict of the policy.
    pub to: EffectiveVerdict,
    /// Effect of the change on what is recorded.
    #[serde(rename = "effect")]
    pub change: CoverageChange,
    /// Reason why these requests should stay in the log, if any.
    #[serde(rename = "guard")]
    pub protected: Option<ProtectedReason>,
    /// Events that are written differently, no longer, or newly.
    pub events: u64,
    /// Volume that the baseline writes of those.
    pub before: Volume,
    /// Volume that the policy writes of those.
    pub after: Volume,
    /// Number of those whose size under one of the policies is unknown.
    pub sizes_unknown: u64,
    /// Examples of those.
    pub examples: ExampleEvents,
}

/// A verdict reduced to its effect on what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveVerdict {
    /// The level; None if nothing is written, even if the policy has another level.
    pub level: Level,
    /// Stages that are not written; all of them if the level is None.
    #[serde(serialize_with = "write_stages")]
    pub omit_stages: StageSet,
    /// Whether bodies lose `metadata.managedFields`; false if there are no bodies.
    pub omit_managed_fields: bool,
}

impl EffectiveVerdict {
    /// Reduces a verdict to its effect: one that omits every stage writes as little as level None.
    pub fn new(verdict: Verdict) -> Self {
        let omits_all = Stage::ALL
            .into_iter()
            .all(|stage| verdict.omit_stages.contains(stage));
        if verdict.level == Level::None || omits_all {
            return Self {
                level: Level::None,
                omit_stages: Stage::ALL.into_iter().collect(),
                omit_managed_fields: false,
            };
        }
        Self {
            level: verdict.level,
            omit_stages: verdict.omit_stages,
            omit_managed_fields: verdict.omit_managed_fields && verdict.level >= Level::Request,
        }
    }

    fn omits_beyond(self, other: Self) -> bool {
        self.omit_stages
            .iter()
            .any(|stage| !other.omit_stages.contains(stage))
    }
}

fn write_stages<S: Serializer>(stages: &StageSet, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(stages.iter())
}

/// Effect of a changed verdict on what is recorded, ordered by how much is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CoverageChange {
    /// Nothing is written anymore.
    #[serde(rename = "vanishes")]
    NoLongerRecorded,
    /// The level is lower.
    #[serde(rename = "losesLevel")]
    LowerLevel,
    /// The level is lower with more stages, or higher with fewer stages.
    Mixed,
    /// Fewer stages at the same level.
    #[serde(rename = "losesStages")]
    FewerStages,
    /// Bodies lose `metadata.managedFields`.
    #[serde(rename = "losesManagedFields")]
    WithoutManagedFields,
    /// Bodies keep `metadata.managedFields`.
    #[serde(rename = "gainsManagedFields")]
    WithManagedFields,
    /// More stages at the same level.
    #[serde(rename = "gainsStages")]
    MoreStages,
    /// The level is higher.
    #[serde(rename = "gainsLevel")]
    HigherLevel,
    /// Events are written that were not.
    #[serde(rename = "appears")]
    NewlyRecorded,
}

impl CoverageChange {
    /// Returns the effect of changing one verdict into another; `None` if they are equal.
    pub fn between(from: EffectiveVerdict, to: EffectiveVerdict) -> Option<Self> {
        if from == to {
            return None;
        }
        if to.level == Level::None {
            return Some(Self::NoLongerRecorded);
        }
        if from.level == Level::None {
            return Some(Self::NewlyRecorded);
        }
        let loses = to.level < from.level || to.omits_beyond(from);
        let gains = to.level > from.level || from.omits_beyond(to);
        Some(match (loses, gains) {
            (true, true) => Self::Mixed,
            (true, false) if to.level < from.level => Self::LowerLevel,
            (true, false) => Self::FewerStages,
            (false, true) if to.level > from.level => Self::HigherLevel,
            (false, true) => Self::MoreStages,
            (false, false) if to.omit_managed_fields => Self::WithoutManagedFields,
            (false, false) => Self::WithManagedFields,
        })
    }

    /// Returns whether something is no longer recorded.
    pub fn is_loss(self) -> bool {
        self <= Self::WithoutManagedFields
    }
}

/// Compares a policy with a baseline over a table.
///
/// If the tallies are available, [`compare_evaluated`] saves two passes over the table.
pub fn compare(
    table: &EventTable,
    before: &Verdicts,
    after: &Verdicts,
    version: KubernetesVersion,
) -> Comparison {
    let tallies = [before, after].map(|verdicts| table.evaluate(verdicts, version).tally);
    let [tally_before, tally_after] = &tallies;
    let before = EvaluatedPolicy {
        verdicts: before,
        tally: tally_before,
    };
    let after = EvaluatedPolicy {
        verdicts: after,
        tally: tally_after,
    };
    compare_evaluated(table, before, after, version)
}

/// Compares a policy with a baseline, given their tallies for this table and version.
pub fn compare_evaluated(
    table: &EventTable,
    before: EvaluatedPolicy<'_>,
    after: EvaluatedPolicy<'_>,
    version: KubernetesVersion,
) -> Comparison {
    let grouping = Grouping::new(table.requests(), before.verdicts, after.verdicts);
    let mut count = ComparisonBuilder {
        before: PolicySide::new(before),
        after: PolicySide::new(after),
        version,
        groups: grouping.groups,
        unknowable: 0,
    };
    let group_of = |request: u32| grouping.of_request.get(request as usize).copied();
    let is_changed =
        |request: u32| group_of(request).is_some_and(|group| group != groups::UNCHANGED);
    for_each_event(table, is_changed, |number, row| {
        if let Some(group) = group_of(row.request_id) {
            count.add(number, row, group);
        }
    });
    count.finish(table)
}

/// Collects the events of a comparison.
struct ComparisonBuilder<'a> {
    before: PolicySide<'a>,
    after: PolicySide<'a>,
    version: KubernetesVersion,
    groups: Vec<GroupBuilder>,
    unknowable: u64,
}

/// Totals by rule of one of the two policies.
struct PolicySide<'a> {
    judged: EvaluatedPolicy<'a>,
    /// By rule: volume of events that can't be compared.
    excluded: Vec<Volume>,
    /// By rule: volume of events with different verdicts, under its own and under the other policy.
    changed: Vec<(Volume, Volume)>,
}

impl<'a> PolicySide<'a> {
    fn new(judged: EvaluatedPolicy<'a>) -> Self {
        let rulings = judged.verdicts.rule_verdicts().len();
        Self {
            judged,
            excluded: vec![Volume::default(); rulings],
            changed: vec![<(Volume, Volume)>::default(); rulings],
        }
    }

    fn outcome(&self, row: &EventRow<'_>, version: KubernetesVersion) -> EventOutcome {
        row.outcome(self.judged.verdicts, version)
    }

    fn exclude(&mut self, request: u32, own: Volume) {
        if let Some(slot) = self
            .excluded
            .get_mut(self.judged.verdicts.verdict_index(request))
        {
            *slot += own;
        }
    }

    fn change(&mut self, request: u32, own: Volume, other: Volume) {
        if let Some(slot) = self
            .changed
            .get_mut(self.judged.verdicts.verdict_index(request))
        {
            slot.0 += own;
            slot.1 += other;
        }
    }

    fn rules(&self) -> Vec<RuleChange> {
        let no_rule = self.excluded.len().saturating_sub(1);
        let sums = self.excluded.iter().zip(&self.changed).enumerate();
        sums.map(|(ruling, (excluded, (changed, changed_other)))| {
            let share = self.judged.tally.by_rule.get(ruling);
            let written = share.map_or(Volume::default(), |share| share.written.into());
            let own = written.saturating_sub(*excluded);
            let mut other = own.saturating_sub(*changed);
            other += *changed_other;
            RuleChange {
                rule: (ruling < no_rule).then_some(ruling),
                own,
                other,
            }
        })
        .collect()
    }
}

/// Returns the written volume of an event: zero if it is dropped, and no bytes if their number is unknown.
fn written(judgement: &EventOutcome) -> Volume {
    if judgement.outcome == Outcome::Written {
        Volume::single_event(judgement.written_bytes.unwrap_or(0))
    } else {
        Volume::default()
    }
}

impl ComparisonBuilder<'_> {
    fn add(&mut self, number: usize, row: &EventRow<'_>, group: u32) {
        let before = self.before.outcome(row, self.version);
        let after = self.after.outcome(row, self.version);
        let (own, other) = (written(&before), written(&after));
        let request = row.request_id;
        let is_open = |judgement: &EventOutcome| judgement.outcome == Outcome::Unknowable;
        if group == UNKNOWABLE || is_open(&before) || is_open(&after) {
            // Events that the baseline can't be evaluated on are already in its tally.
            self.unknowable += u64::from(!row.is_derived && !is_open(&before));
            self.before.exclude(request, own);
            self.after.exclude(request, other);
            return;
        }
        self.before.change(request, own, other);
        self.after.change(request, other, own);
        let Some(group) = self.groups.get_mut(group as usize) else {
            return;
        };
        let is_written = own.events + other.events > 0;
        let level_changes = group.from.level != group.to.level;
        if !is_written || (own == other && !level_changes && !is_unsized(&before, &after)) {
            return;
        }
        group.before += own;
        group.after += other;
        group.events += 1;
        group.sizes_unknown += u64::from(is_unsized(&before, &after));
        if row.is_derived {
            group.derived_examples.push(number);
        } else {
            group.examples.push(number);
        }
    }

    fn finish(self, table: &EventTable) -> Comparison {
        let mut comparison = Comparison {
            rules_before: self.before.rules(),
            rules_after: self.after.rules(),
            unknowable: self.unknowable + self.before.judged.tally.outcome(Outcome::Unknowable),
            ..Comparison::default()
        };
        for rule in &comparison.rules_before {
            comparison.before += rule.own;
        }
        for rule in &comparison.rules_after {
            comparison.after += rule.own;
        }
        let (mut lost, mut gained) = (Vec::new(), Vec::new());
        for building in self.groups {
            // Without events at the affected stages, the change has no effect on this log.
            if building.events == 0 {
                continue;
            }
            comparison.sizes_unknown += building.sizes_unknown;
            let Some(group) = building.build(table.requests()) else {
                continue;
            };
            if group.change.is_loss() {
                lost.push(group);
            } else {
                gained.push(group);
            }
        }
        comparison.lost = Changes::of(lost);
        comparison.gained = Changes::of(gained);
        comparison
    }
}

fn is_unsized(before: &EventOutcome, after: &EventOutcome) -> bool {
    before.written_bytes.is_none() || after.written_bytes.is_none()
}

impl Changes {
    fn of(mut groups: Vec<RequestGroup>) -> Self {
        groups.sort_by(|one, other| one.importance().cmp(&other.importance()));
        let mut changes = Self::default();
        for (place, group) in groups.iter().enumerate() {
            changes.before += group.before;
            changes.after += group.after;
            changes.protected_events += if group.protected.is_some() {
                group.events
            } else {
                0
            };
            if place >= MAX_GROUPS {
                changes.more_groups += 1;
                changes.rest_before += group.before;
                changes.rest_after += group.after;
            }
        }
        groups.truncate(MAX_GROUPS);
        changes.groups = groups;
        changes
    }
}

impl RequestGroup {
    /// Sort key. Losses: protected requests first, then by severity and events. Gains: by bytes. Then by name, so that the order is
    /// deterministic.
    fn importance(&self) -> impl Ord + '_ {
        let loses = self.change.is_loss();
        let (unprotected, change) = if loses {
            (self.protected.is_none(), Some(self.change))
        } else {
            (false, None)
        };
        let bytes = self.before.bytes.abs_diff(self.after.bytes);
        let sizes = if loses {
            [self.events, bytes]
        } else {
            [bytes, self.events]
        };
        (
            unprotected,
            change,
            sizes.map(std::cmp::Reverse),
            (&self.user, &self.verb, &self.api_group),
            (&self.resource, &self.subresource, &self.path),
            (self.from.level, self.to.level),
        )
    }
}

#[cfg(test)]
mod tests;
