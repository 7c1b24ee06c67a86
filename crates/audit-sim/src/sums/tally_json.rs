//! The totals of a log under a policy as JSON, which can be read back and added up.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use audit_policy::{Level, Matcher, RuleIndex, Stage};
use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::tally::{OUTCOMES, Share, Sum, Tally};

/// A name that the program has, or that a file has.
type Name = Cow<'static, str>;

/// The totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TallyJson {
    /// All events, as recorded.
    pub recorded: Amount,
    /// Events that the policy writes.
    pub written: Amount,
    /// Of those written: events that the logs lack, with `--derive-stages`.
    pub derived: Amount,
    /// Events written whose size the logs do not tell; `written.bytes` lacks them.
    pub sizes_unknown: u64,
    /// By level.
    pub by_level: Vec<LevelShare>,
    /// By rule; the last is for "no rule matched".
    pub by_rule: Vec<RuleShare>,
    /// Number of events by outcome.
    pub by_outcome: BTreeMap<Name, u64>,
    /// By stage; the last is for events that do not say.
    pub by_stage: Vec<StageShare>,
}

/// A number of events, and of bytes with line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Events.
    pub events: u64,
    /// Bytes.
    pub bytes: u64,
}

/// The events at a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelShare {
    level: Name,
    matched: u64,
    written: Amount,
}

/// The events that a rule matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleShare {
    /// From 0; null for "no rule matched".
    pub rule: Option<RuleIndex>,
    /// Level of the rule.
    pub level: Name,
    /// Events that it matches.
    pub matched: u64,
    /// Events of those that are written.
    pub written: Amount,
}

/// The events of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageShare {
    /// Null for events that do not say.
    stage: Option<Name>,
    matched: u64,
    written: Amount,
}

/// Why totals cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// The lists have other rules, levels, stages or outcomes.
    #[error("the totals have other rules, levels, stages or outcomes")]
    Other,
    /// A sum exceeds 64 bits.
    #[error("the totals are too large: a sum exceeds 64 bits")]
    Overflow,
}

impl From<Sum> for Amount {
    fn from(Sum { events, bytes }: Sum) -> Self {
        Self { events, bytes }
    }
}

impl TallyJson {
    /// Returns the totals under the policy of a matcher.
    pub fn new(tally: &Tally, matcher: &Matcher) -> Self {
        let stages = Stage::ALL.into_iter().map(Some).chain([None]);
        Self {
            recorded: tally.recorded.into(),
            written: tally.written.into(),
            derived: tally.derived.into(),
            sizes_unknown: tally.sizes_unknown,
            by_level: Level::ALL
                .into_iter()
                .map(|level| {
                    let Share { matched, written } = tally.level(level);
                    LevelShare {
                        level: level.name().into(),
                        matched,
                        written: written.into(),
                    }
                })
                .collect(),
            by_rule: rules(tally, matcher),
            by_outcome: OUTCOMES
                .into_iter()
                .map(|outcome| (outcome.name().into(), tally.outcome(outcome)))
                .collect(),
            by_stage: tally
                .by_stage
                .iter()
                .zip(stages)
                .map(|(share, stage)| StageShare {
                    stage: stage.map(|stage| stage.name().into()),
                    matched: share.matched,
                    written: share.written.into(),
                })
                .collect(),
        }
    }

    /// Checks that the totals do not contradict each other: every list adds up to the events and bytes that are written, and has each rule,
    /// level and stage once.
    ///
    /// # Errors
    /// A sentence with the field.
    pub(super) fn check(&self) -> Result<(), String> {
        let levels = self.by_level.iter();
        let rules = self.by_rule.iter();
        let stages = self.by_stage.iter();
        check_distinct("byLevel", "level", levels.clone().map(|share| &share.level))?;
        check_distinct("byRule", "rule", rules.clone().map(|share| share.rule))?;
        check_distinct("byStage", "stage", stages.clone().map(|share| &share.stage))?;
        self.check_written("byLevel", levels.map(|share| share.written))?;
        self.check_written("byRule", rules.map(|share| share.written))?;
        self.check_written("byStage", stages.map(|share| share.written))?;
        let outcomes = self
            .by_outcome
            .values()
            .map(|count| u128::from(*count))
            .sum();
        let (recorded, derived) = (self.recorded.events, self.derived.events);
        let events = u128::from(recorded) + u128::from(derived);
        check_sum(
            "byOutcome",
            "events",
            outcomes,
            "`recorded` and `derived`",
            events,
        )?;
        let written = self.by_outcome.get(Outcome::Written.name());
        let written = u128::from(written.copied().unwrap_or(0));
        check_sum(
            "byOutcome.written",
            "events",
            written,
            "`written`",
            self.written.events.into(),
        )
    }

    fn check_written(
        &self,
        field: &str,
        shares: impl Iterator<Item = Amount> + Clone,
    ) -> Result<(), String> {
        let Amount { events, bytes } = self.written;
        for (unit, sum, whole) in [
            (
                "events",
                shares.clone().map(|share| u128::from(share.events)).sum(),
                events,
            ),
            (
                "bytes",
                shares.map(|share| u128::from(share.bytes)).sum(),
                bytes,
            ),
        ] {
            check_sum(field, unit, sum, "`written`", whole.into())?;
        }
        Ok(())
    }

    /// Adds the totals of other events under the same policy.
    ///
    /// # Errors
    /// If they are not of the same policy, or a sum exceeds 64 bits; some sums may then be added.
    pub fn add(&mut self, other: &Self) -> Result<(), AddError> {
        if !self.is_like(other) {
            return Err(AddError::Other);
        }
        self.recorded.add(other.recorded)?;
        self.written.add(other.written)?;
        self.derived.add(other.derived)?;
        add(&mut self.sizes_unknown, other.sizes_unknown)?;
        for (share, other) in self.by_level.iter_mut().zip(&other.by_level) {
            add(&mut share.matched, other.matched)?;
            share.written.add(other.written)?;
        }
        for (share, other) in self.by_rule.iter_mut().zip(&other.by_rule) {
            add(&mut share.matched, other.matched)?;
            share.written.add(other.written)?;
        }
        for (share, other) in self.by_stage.iter_mut().zip(&other.by_stage) {
            add(&mut share.matched, other.matched)?;
            share.written.add(other.written)?;
        }
        for (count, other) in self.by_outcome.values_mut().zip(other.by_outcome.values()) {
            add(count, *other)?;
        }
        Ok(())
    }

    /// Returns whether the lists have the same rules, levels, stages and outcomes.
    fn is_like(&self, other: &Self) -> bool {
        let levels = |of: &Self| {
            of.by_level
                .iter()
                .map(|share| share.level.clone())
                .collect()
        };
        let rules = |of: &Self| {
            let rules = of.by_rule.iter();
            rules
                .map(|share| (share.rule, share.level.clone()))
                .collect()
        };
        let stages = |of: &Self| {
            of.by_stage
                .iter()
                .map(|share| share.stage.clone())
                .collect()
        };
        let [levels_one, levels_other]: [Vec<Name>; 2] = [self, other].map(levels);
        let [rules_one, rules_other]: [Vec<(Option<RuleIndex>, Name)>; 2] =
            [self, other].map(rules);
        let [stages_one, stages_other]: [Vec<Option<Name>>; 2] = [self, other].map(stages);
        levels_one == levels_other
            && rules_one == rules_other
            && stages_one == stages_other
            && self.by_outcome.keys().eq(other.by_outcome.keys())
    }
}

fn check_sum(field: &str, unit: &str, sum: u128, other: &str, whole: u128) -> Result<(), String> {
    if sum == whole {
        return Ok(());
    }
    Err(format!(
        "`{field}` adds up to {sum} {unit}, and {other} to {whole}"
    ))
}

fn check_distinct<T: Ord>(
    field: &str,
    key: &str,
    values: impl Iterator<Item = T>,
) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for (index, value) in values.enumerate() {
        if !seen.insert(value) {
            return Err(format!("`{field}[{index}].{key}` is there twice"));
        }
    }
    Ok(())
}

impl Amount {
    fn add(&mut self, other: Self) -> Result<(), AddError> {
        add(&mut self.events, other.events)?;
        add(&mut self.bytes, other.bytes)
    }
}

fn add(sum: &mut u64, other: u64) -> Result<(), AddError> {
    *sum = sum.checked_add(other).ok_or(AddError::Overflow)?;
    Ok(())
}

fn rules(tally: &Tally, matcher: &Matcher) -> Vec<RuleShare> {
    let rules = matcher.rule_count();
    let shares = tally.by_rule.iter().enumerate();
    let shares = shares.map(|(index, share)| {
        let rule = (index < rules).then_some(RuleIndex::new(index));
        RuleShare {
            rule,
            level: matcher.verdict_of(rule).level.name().into(),
            matched: share.matched,
            written: share.written.into(),
        }
    });
    shares.collect()
}
