//! The totals of a log under a policy as JSON, which can be read back and added up.

use std::borrow::Cow;
use std::collections::BTreeMap;

use audit_policy::{Level, Matcher, RuleIndex, Stage};
use audit_sim::tally::OUTCOMES;
use audit_sim::{Share, Sum, Tally};
use serde::{Deserialize, Serialize};

/// A name that the program has, or that a file has.
type Name = Cow<'static, str>;

/// The totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TallyJson {
    pub(crate) recorded: Amount,
    pub(crate) written: Amount,
    /// Of those written: events that the logs lack, with `--derive-stages`.
    pub(crate) derived: Amount,
    /// Events written whose size the logs do not tell; `written.bytes` lacks them.
    pub(crate) sizes_unknown: u64,
    pub(crate) by_level: Vec<LevelShare>,
    pub(crate) by_rule: Vec<RuleShare>,
    pub(crate) by_outcome: BTreeMap<Name, u64>,
    pub(crate) by_stage: Vec<StageShare>,
}

/// A number of events, and of bytes with line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Amount {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
}

/// The events at a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LevelShare {
    level: Name,
    matched: u64,
    written: Amount,
}

/// The events that a rule matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuleShare {
    /// From 0; null for "no rule matched".
    pub(crate) rule: Option<RuleIndex>,
    pub(crate) level: Name,
    pub(crate) matched: u64,
    pub(crate) written: Amount,
}

/// The events of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StageShare {
    /// Null for events that do not say.
    stage: Option<Name>,
    matched: u64,
    written: Amount,
}

/// Why totals cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddError {
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
    pub(crate) fn new(tally: &Tally, matcher: &Matcher) -> Self {
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

    /// Adds the totals of other events under the same policy.
    ///
    /// # Errors
    /// If they are not of the same policy, or a sum exceeds 64 bits; some sums may then be added.
    pub(crate) fn add(&mut self, other: &Self) -> Result<(), AddError> {
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
