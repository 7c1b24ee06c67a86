//! A policy compared with a baseline over the same log: the volume saved or added, and the requests that are no longer recorded.
//!
//! Each distinct request is evaluated once per policy; only events of requests with different verdicts are visited. Events that either
//! policy can't be evaluated on are counted separately and are in no other total.

mod change;
mod groups;

use audit_policy::{KubernetesVersion, RuleIndex};
use audit_sim::{EventOutcome, EventRow, EventTable, Outcome, Tally, Verdicts};
use audit_types::sort::SortShort;
use audit_types::{EventId, RequestId};
use serde::Serialize;

use crate::volume::{Volume, for_each_event};
use groups::{GroupBuilder, Grouping, UNKNOWABLE};

pub use change::{CoverageChange, EffectiveVerdict, RequestGroup};
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
    /// The rule; `None` for requests that no rule matches.
    pub rule: Option<RuleIndex>,
    /// Volume of these requests under the policy that has the rule.
    pub own: Volume,
    /// Volume of the same requests under the other policy.
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
    let group_of = |request: RequestId| grouping.of_request.get(request.index()).copied();
    let is_changed =
        |request: RequestId| group_of(request).is_some_and(|group| group != groups::UNCHANGED);
    for_each_event(table, is_changed, |event, row| {
        if let Some(group) = group_of(row.request_id) {
            count.add(event, row, group);
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
    evaluated: EvaluatedPolicy<'a>,
    /// By rule: volume of events that can't be compared.
    excluded: Vec<Volume>,
    /// By rule: volume of events with different verdicts, under its own and under the other policy.
    changed: Vec<(Volume, Volume)>,
}

impl<'a> PolicySide<'a> {
    fn new(evaluated: EvaluatedPolicy<'a>) -> Self {
        let rules = evaluated.verdicts.rule_verdicts().len();
        Self {
            evaluated,
            excluded: vec![Volume::default(); rules],
            changed: vec![<(Volume, Volume)>::default(); rules],
        }
    }

    fn outcome(&self, row: &EventRow<'_>, version: KubernetesVersion) -> EventOutcome {
        row.outcome(self.evaluated.verdicts, version)
    }

    fn exclude(&mut self, request: RequestId, own: Volume) {
        if let Some(slot) = self
            .excluded
            .get_mut(self.evaluated.verdicts.verdict_index(request))
        {
            *slot += own;
        }
    }

    fn change(&mut self, request: RequestId, own: Volume, other: Volume) {
        if let Some(slot) = self
            .changed
            .get_mut(self.evaluated.verdicts.verdict_index(request))
        {
            slot.0 += own;
            slot.1 += other;
        }
    }

    fn rules(&self) -> Vec<RuleChange> {
        let no_rule = self.excluded.len().saturating_sub(1);
        let sums = self.excluded.iter().zip(&self.changed).enumerate();
        sums.map(|(index, (excluded, (changed, changed_other)))| {
            let share = self.evaluated.tally.by_rule.get(index);
            let written = share.map_or(Volume::default(), |share| share.written.into());
            let own = written.saturating_sub(*excluded);
            let mut other = own.saturating_sub(*changed);
            other += *changed_other;
            RuleChange {
                rule: (index < no_rule).then_some(RuleIndex::new(index)),
                own,
                other,
            }
        })
        .collect()
    }
}

/// Returns the written volume of an event: zero if it is dropped, and no bytes if their number is unknown.
fn written(outcome: &EventOutcome) -> Volume {
    if outcome.outcome == Outcome::Written {
        Volume::single_event(outcome.written_bytes.unwrap_or(0))
    } else {
        Volume::default()
    }
}

impl ComparisonBuilder<'_> {
    fn add(&mut self, event: EventId, row: &EventRow<'_>, group: u32) {
        let before = self.before.outcome(row, self.version);
        let after = self.after.outcome(row, self.version);
        let (own, other) = (written(&before), written(&after));
        let request = row.request_id;
        let is_unknowable = |outcome: &EventOutcome| outcome.outcome == Outcome::Unknowable;
        if group == UNKNOWABLE || is_unknowable(&before) || is_unknowable(&after) {
            // Events that the baseline can't be evaluated on are already in its tally.
            self.unknowable += u64::from(!row.is_derived && !is_unknowable(&before));
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
            group.derived_examples.push(event);
        } else {
            group.examples.push(event);
        }
    }

    fn finish(self, table: &EventTable) -> Comparison {
        let mut comparison = Comparison {
            rules_before: self.before.rules(),
            rules_after: self.after.rules(),
            unknowable: self.unknowable + self.before.evaluated.tally.outcome(Outcome::Unknowable),
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
        groups.sort_short_by(|one, other| one.importance().cmp(&other.importance()));
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

#[cfg(test)]
mod tests;
