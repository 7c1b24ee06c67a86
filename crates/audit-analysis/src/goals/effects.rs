//! Effects of verdicts: a level, omitted stages, and whether managed fields are omitted. There are 128, so a set is one number.

use audit_policy::Verdict;
use audit_types::{Level, Stage, StageSet};

/// Number of effects: four levels, each set of four stages, managed fields or not.
const COUNT: usize = 4 * 16 * 2;

/// A set of effects. The rule of a verdict does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Effects(u128);

impl Effects {
    /// Every effect.
    pub const ALL: Self = Self(u128::MAX);

    /// Returns the effects that meet a condition.
    ///
    /// ```
    /// use audit_analysis::Effects;
    /// use audit_policy::Level;
    ///
    /// let high = Effects::of(|verdict| verdict.level >= Level::Request);
    /// let low = Effects::of(|verdict| verdict.level <= Level::Metadata);
    /// assert!(!high.is_empty() && high.and(low).is_empty());
    /// ```
    pub fn of(is_met: impl Fn(Verdict) -> bool) -> Self {
        let met = (0..COUNT).filter(|index| is_met(verdict(*index)));
        Self(met.fold(0, |set, index| set | 1 << index))
    }

    /// Returns the effects of both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns true if no effect is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns true if every effect of this set is in the other.
    pub(super) const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    const fn has(self, index: usize) -> bool {
        self.0 >> index & 1 == 1
    }
}

/// Returns the effect with an index.
fn verdict(index: usize) -> Verdict {
    let levels = Level::ALL.into_iter().enumerate();
    let stages = Stage::ALL.into_iter().enumerate();
    let mut verdict = Verdict::default();
    verdict.level = levels
        .filter(|(at, _)| *at == index >> 5)
        .map(|(_, level)| level)
        .next()
        .unwrap_or_default();
    verdict.omit_stages = stages
        .filter(|(at, _)| index >> at & 1 == 1)
        .map(|(_, stage)| stage)
        .collect();
    verdict.omit_managed_fields = index >> 4 & 1 == 1;
    verdict
}

/// Effect that requests have unless a goal excludes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preferred {
    /// The level.
    pub level: Level,
    /// Stages that are not recorded.
    pub omit_stages: StageSet,
}

impl Default for Preferred {
    /// Level `None`, and without the stage `RequestReceived`, which logs each request twice. Managed fields are kept, as the server does.
    fn default() -> Self {
        Self {
            level: Level::None,
            omit_stages: [Stage::RequestReceived].into_iter().collect(),
        }
    }
}

impl Preferred {
    /// Sets the level.
    #[must_use]
    pub const fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

/// All effects, in the order in which they are preferred.
#[derive(Debug)]
pub(super) struct Order(Vec<usize>);

impl Order {
    /// Sorts the effects: those whose level is the nearest to the preferred one first, the lower one of two; then those whose stages are the nearest.
    /// Effects that record nothing at another level than `None` are last.
    pub(super) fn new(preferred: Preferred) -> Self {
        let rank_of = |level: Level| Level::ALL.iter().position(|own| *own == level);
        let distance = |verdict: Verdict| {
            let (own, wanted) = (rank_of(verdict.level), rank_of(preferred.level));
            own.zip(wanted).map(|(own, wanted)| own.abs_diff(wanted))
        };
        let changed_stages = |verdict: Verdict| {
            let is_changed = |stage: &Stage| {
                verdict.omit_stages.contains(*stage) != preferred.omit_stages.contains(*stage)
            };
            Stage::ALL.iter().filter(|stage| is_changed(stage)).count()
        };
        let key = |index: &usize| {
            let verdict = verdict(*index);
            let omitted = verdict.omit_stages.iter().count();
            let is_silent = verdict.level != Level::None && omitted == Stage::ALL.len();
            (
                is_silent,
                distance(verdict),
                verdict.level,
                changed_stages(verdict),
                omitted,
                verdict.omit_managed_fields,
            )
        };
        let mut order: Vec<usize> = (0..COUNT).collect();
        order.sort_by_key(key);
        Self(order)
    }

    /// Returns the rank of the first effect that is in a set. `None` if the set is empty.
    pub(super) fn first(&self, set: Effects) -> Option<usize> {
        self.0.iter().position(|index| set.has(*index))
    }

    /// Returns the effect of a rank.
    pub(super) fn verdict(&self, rank: usize) -> Verdict {
        verdict(self.0.get(rank).copied().unwrap_or_default())
    }

    /// Returns true if the effect of a rank is in a set.
    pub(super) fn is_in(&self, rank: usize, set: Effects) -> bool {
        self.0.get(rank).is_some_and(|index| set.has(*index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(preferred: Level, is_met: impl Fn(Verdict) -> bool) -> (Level, usize) {
        let order = Order::new(Preferred::default().with_level(preferred));
        let rank = order.first(Effects::of(is_met)).unwrap();
        let verdict = order.verdict(rank);
        (verdict.level, verdict.omit_stages.iter().count())
    }

    #[test]
    fn the_nearest_effect_is_first() {
        let only = |stage: Stage| move |omitted: StageSet| !omitted.contains(stage);
        let received = only(Stage::RequestReceived);
        for (found, expected) in [
            (first(Level::None, |_| true), (Level::None, 1)),
            (
                first(Level::None, |own| own.level >= Level::Metadata),
                (Level::Metadata, 1),
            ),
            (
                first(Level::RequestResponse, |own| own.level <= Level::Metadata),
                (Level::Metadata, 1),
            ),
            (
                first(Level::Metadata, |own| own.level <= Level::Metadata),
                (Level::Metadata, 1),
            ),
            // The stage has to be recorded.
            (
                first(Level::None, |own| {
                    own.level >= Level::Metadata && received(own.omit_stages)
                }),
                (Level::Metadata, 0),
            ),
            // Nothing is recorded: at the level `None`, not with all stages omitted.
            (
                first(Level::Metadata, |own| {
                    own.level == Level::None || own.omit_stages.iter().count() == 4
                }),
                (Level::None, 1),
            ),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn each_effect_has_one_index() {
        let mut all: Vec<Verdict> = (0..COUNT).map(verdict).collect();
        all.sort_by_key(|own| format!("{own:?}"));
        all.dedup();
        assert_eq!(all.len(), 128);
    }
}
