//! A policy against a baseline over the same log: what is saved or added, and just as plainly what is no longer seen.
//!
//! Each distinct request is judged once by either policy; only the events of those that the two see differently are looked at. What
//! either policy's verdict cannot be known of is counted apart and is in no other figure.

mod groups;

use audit_policy::{KubernetesVersion, Level, Stage, StageSet, Verdict};
use audit_sim::{EventRow, EventTable, Judgement, Outcome, Tally, Verdicts};
use serde::{Serialize, Serializer};

use crate::amount::{Amount, Examples, each_event};
use crate::guard::Guard;
use groups::{Building, Grouping, UNKNOWABLE};

pub(crate) use groups::Names;

/// Groups that a [`Changes`] lists.
pub const MOST_GROUPS: usize = 100;

/// One policy over a log.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// Its verdicts on the table's requests.
    pub verdicts: &'a Verdicts,
    /// Its tally over the table, as [`EventTable::reckon`] gives it.
    pub tally: &'a Tally,
}

/// Two policies over one log.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// What the baseline writes, of events that both can be judged on.
    pub before: Amount,
    /// What the other writes of them.
    pub after: Amount,
    /// The rules of the baseline, in order, and last "no rule".
    pub rules_before: Vec<RuleChange>,
    /// The rules of the other, in order, and last "no rule".
    pub rules_after: Vec<RuleChange>,
    /// What is no longer seen, or seen less of: the most important first.
    pub lost: Changes,
    /// What is seen that was not, or more of it: the most bytes first.
    pub gained: Changes,
    /// Events that one of the two or both cannot be judged on, since the record lacks what a rule asks about.
    pub unknowable: u64,
    /// Of all groups: events of which the log does not tell the size under one of the two.
    pub sizes_unknown: u64,
}

/// What becomes of the events of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleChange {
    /// The rule by its place, from 0; none where no rule matches.
    pub rule: Option<usize>,
    /// What its own policy writes of the requests that it decides.
    pub own: Amount,
    /// What the other policy writes of the same requests.
    pub other: Amount,
}

/// Groups of requests that are judged differently.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// At most [`MOST_GROUPS`].
    pub groups: Vec<Group>,
    /// How many groups there are beyond those.
    pub more_groups: u64,
    /// What all groups, listed or not, came to under the baseline.
    pub before: Amount,
    /// The same under the other policy.
    pub after: Amount,
    /// The same under the baseline, of groups that are not listed.
    pub rest_before: Amount,
    /// The same under the other policy, of groups that are not listed.
    pub rest_after: Amount,
    /// Events of guarded requests, listed or not.
    pub guarded: u64,
}

/// Requests of one user, verb and resource that go from one ruling to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The user; none where there was none, or where the record lacks it.
    pub user: Option<String>,
    /// The verb; empty where the record lacks it.
    pub verb: String,
    /// The API group; empty is core.
    pub api_group: String,
    /// The resource; empty for a non-resource request.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The path of a non-resource request.
    pub path: String,
    /// How many namespaces, that of cluster-wide requests included.
    pub namespaces: u64,
    /// Distinct requests.
    pub requests: u64,
    /// What the baseline says.
    pub from: Ruling,
    /// What the other policy says.
    pub to: Ruling,
    /// What that means.
    pub effect: Effect,
    /// Why these requests should not be lost unnoticed, if so.
    pub guard: Option<Guard>,
    /// Events that are written otherwise than before, or no longer, or only now.
    pub events: u64,
    /// What the baseline writes of those.
    pub before: Amount,
    /// What the other policy writes of those.
    pub after: Amount,
    /// Of those: events of which the log does not tell the size under one of the two.
    pub sizes_unknown: u64,
    /// Some of those, by number.
    pub examples: Examples,
}

/// How much of a request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ruling {
    /// The level; None where nothing is written, whatever the policy calls it.
    pub level: Level,
    /// Stages that are not written; all of them where the level is None.
    #[serde(serialize_with = "write_stages")]
    pub omit_stages: StageSet,
    /// Whether bodies lose `metadata.managedFields`; false where there are no bodies.
    pub omit_managed_fields: bool,
}

impl Ruling {
    /// What a verdict comes to: one that omits every stage writes as little as level None.
    pub fn of(verdict: Verdict) -> Self {
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

/// What a change of ruling means for what is seen. In the order of how much is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// Nothing is written any more.
    Vanishes,
    /// The level falls.
    LosesLevel,
    /// The level falls while stages are added, or rises while stages go.
    Mixed,
    /// Stages go, at the same level.
    LosesStages,
    /// Bodies lose `metadata.managedFields`.
    LosesManagedFields,
    /// Bodies keep `metadata.managedFields`.
    GainsManagedFields,
    /// Stages are added, at the same level.
    GainsStages,
    /// The level rises.
    GainsLevel,
    /// What was not written is.
    Appears,
}

impl Effect {
    /// What it means that a ruling follows another; none where they are the same.
    pub fn of(from: Ruling, to: Ruling) -> Option<Self> {
        if from == to {
            return None;
        }
        if to.level == Level::None {
            return Some(Self::Vanishes);
        }
        if from.level == Level::None {
            return Some(Self::Appears);
        }
        let loses = to.level < from.level || to.omits_beyond(from);
        let gains = to.level > from.level || from.omits_beyond(to);
        Some(match (loses, gains) {
            (true, true) => Self::Mixed,
            (true, false) if to.level < from.level => Self::LosesLevel,
            (true, false) => Self::LosesStages,
            (false, true) if to.level > from.level => Self::GainsLevel,
            (false, true) => Self::GainsStages,
            (false, false) if to.omit_managed_fields => Self::LosesManagedFields,
            (false, false) => Self::GainsManagedFields,
        })
    }

    /// Whether something is no longer seen.
    pub fn loses(self) -> bool {
        self <= Self::LosesManagedFields
    }
}

/// Compares a policy with a baseline, both judged over this table.
///
/// Where the tallies are at hand, [`compare_judged`] spares two passes over the table.
pub fn compare(
    table: &EventTable,
    before: &Verdicts,
    after: &Verdicts,
    version: KubernetesVersion,
) -> Comparison {
    let tallies = [before, after].map(|verdicts| table.reckon(verdicts, version).tally);
    let [tally_before, tally_after] = &tallies;
    let before = Judged {
        verdicts: before,
        tally: tally_before,
    };
    let after = Judged {
        verdicts: after,
        tally: tally_after,
    };
    compare_judged(table, before, after, version)
}

/// The same with tallies that were made before, for this table, these verdicts and this version.
pub fn compare_judged(
    table: &EventTable,
    before: Judged<'_>,
    after: Judged<'_>,
    version: KubernetesVersion,
) -> Comparison {
    let grouping = Grouping::new(table.requests(), before.verdicts, after.verdicts);
    let mut count = Count {
        before: Side::new(before),
        after: Side::new(after),
        version,
        groups: grouping.groups,
        unknowable: 0,
    };
    let group_of = |request: u32| grouping.of_request.get(request as usize).copied();
    let is_changed = |request: u32| group_of(request).is_some_and(|group| group != groups::SAME);
    each_event(table, is_changed, |number, row| {
        if let Some(group) = group_of(row.request_number) {
            count.add(number, row, group);
        }
    });
    count.finish(table)
}

/// A comparison under way.
struct Count<'a> {
    before: Side<'a>,
    after: Side<'a>,
    version: KubernetesVersion,
    groups: Vec<Building>,
    unknowable: u64,
}

/// What of a policy's tally is looked at closer.
struct Side<'a> {
    judged: Judged<'a>,
    /// By ruling: what it writes of events that cannot be compared.
    excluded: Vec<Amount>,
    /// By ruling: what it writes of events that are judged differently, and what the other policy writes of them.
    changed: Vec<(Amount, Amount)>,
}

impl<'a> Side<'a> {
    fn new(judged: Judged<'a>) -> Self {
        let rulings = judged.verdicts.of_rules().len();
        Self {
            judged,
            excluded: vec![Amount::default(); rulings],
            changed: vec![<(Amount, Amount)>::default(); rulings],
        }
    }

    fn judge(&self, row: &EventRow<'_>, version: KubernetesVersion) -> Judgement {
        row.judge(self.judged.verdicts, version)
    }

    fn exclude(&mut self, request: u32, own: Amount) {
        if let Some(slot) = self.excluded.get_mut(self.judged.verdicts.ruling(request)) {
            *slot += own;
        }
    }

    fn change(&mut self, request: u32, own: Amount, other: Amount) {
        if let Some(slot) = self.changed.get_mut(self.judged.verdicts.ruling(request)) {
            slot.0 += own;
            slot.1 += other;
        }
    }

    fn rules(&self) -> Vec<RuleChange> {
        let no_rule = self.excluded.len().saturating_sub(1);
        let sums = self.excluded.iter().zip(&self.changed).enumerate();
        sums.map(|(ruling, (excluded, (changed, changed_other)))| {
            let share = self.judged.tally.by_rule.get(ruling);
            let written = share.map_or(Amount::default(), |share| share.written.into());
            let own = written.less(*excluded);
            let mut other = own.less(*changed);
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

/// What is written of an event; nothing where it is dropped, and no bytes where their number is not known.
fn written(judgement: &Judgement) -> Amount {
    if judgement.outcome == Outcome::Written {
        Amount::one(judgement.written_bytes.unwrap_or(0))
    } else {
        Amount::default()
    }
}

impl Count<'_> {
    fn add(&mut self, number: usize, row: &EventRow<'_>, group: u32) {
        let before = self.before.judge(row, self.version);
        let after = self.after.judge(row, self.version);
        let (own, other) = (written(&before), written(&after));
        let request = row.request_number;
        let is_open = |judgement: &Judgement| judgement.outcome == Outcome::Unknowable;
        if group == UNKNOWABLE || is_open(&before) || is_open(&after) {
            // Those that the baseline cannot be judged on are in its tally, also where the other sees them alike.
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
            group.derived_examples.note(number);
        } else {
            group.examples.note(number);
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
            // A stage that no event of the log is at changes nothing here.
            if building.events == 0 {
                continue;
            }
            comparison.sizes_unknown += building.sizes_unknown;
            let Some(group) = building.named(table.requests()) else {
                continue;
            };
            if group.effect.loses() {
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

fn is_unsized(before: &Judgement, after: &Judgement) -> bool {
    before.written_bytes.is_none() || after.written_bytes.is_none()
}

impl Changes {
    fn of(mut groups: Vec<Group>) -> Self {
        groups.sort_by(|one, other| one.importance().cmp(&other.importance()));
        let mut changes = Self::default();
        for (place, group) in groups.iter().enumerate() {
            changes.before += group.before;
            changes.after += group.after;
            changes.guarded += if group.guard.is_some() {
                group.events
            } else {
                0
            };
            if place >= MOST_GROUPS {
                changes.more_groups += 1;
                changes.rest_before += group.before;
                changes.rest_after += group.after;
            }
        }
        groups.truncate(MOST_GROUPS);
        changes.groups = groups;
        changes
    }
}

impl Group {
    /// Of what is lost: guarded first and by what is lost of it; of what is gained: by bytes. Then by events, and last by name, so that the
    /// order is one.
    fn importance(&self) -> impl Ord + '_ {
        let loses = self.effect.loses();
        let (guard, effect) = if loses {
            (self.guard.is_none(), Some(self.effect))
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
            guard,
            effect,
            sizes.map(std::cmp::Reverse),
            (&self.user, &self.verb, &self.api_group),
            (&self.resource, &self.subresource, &self.path),
            (self.from.level, self.to.level),
        )
    }
}

#[cfg(test)]
mod tests;
