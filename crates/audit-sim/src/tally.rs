//! Sums over the outcomes of events: by level, by rule, by stage, and in total.

use audit_policy::{Level, RuleIndex, Stage, Verdict};

use crate::outcome::{EventOutcome, Outcome};

/// A number of events and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Number of events.
    pub events: u64,
    /// Bytes of the server's lines, line ends included. Unknown sizes count as 0.
    pub bytes: u64,
}

impl std::ops::AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.bytes += other.bytes;
    }
}

impl Sum {
    fn add(&mut self, bytes: u64) {
        self.events += 1;
        self.bytes += bytes;
    }
}

/// Events that were matched, and those of them that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Matched events, those of omitted stages included.
    pub matched: u64,
    /// Written events.
    pub written: Sum,
}

/// Sums over the outcomes of a log under a policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// All events, as recorded.
    pub recorded: Sum,
    /// Written events, derived ones included.
    pub written: Sum,
    /// Events that the log lacks and the policy writes; they are part of `written` and not of `recorded`.
    pub derived: Sum,
    /// Number of written events whose size is unknown.
    pub sizes_unknown: u64,
    /// By outcome, in the order of [`OUTCOMES`].
    pub by_outcome: [u64; OUTCOMES.len()],
    /// By level, in the order of [`Level::ALL`].
    pub by_level: [Share; 4],
    /// By stage, in the order of [`Stage::ALL`]; the last is for events without a stage.
    pub by_stage: [Share; 5],
    /// By rule, in the policy's order; the last is for events that no rule matches.
    pub by_rule: Vec<Share>,
}

/// Every outcome, in a fixed order.
pub const OUTCOMES: [Outcome; 5] = [
    Outcome::Written,
    Outcome::DroppedLevel,
    Outcome::DroppedStage,
    Outcome::DroppedTruncation,
    Outcome::Unknowable,
];

impl std::ops::AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.matched += other.matched;
        self.written += other.written;
    }
}

/// Adds the sums of another part of a log under the same policy.
impl std::ops::AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.recorded += other.recorded;
        self.written += other.written;
        self.derived += other.derived;
        self.sizes_unknown += other.sizes_unknown;
        for (count, other) in self.by_outcome.iter_mut().zip(other.by_outcome) {
            *count += other;
        }
        let shares = self.by_level.iter_mut().zip(&other.by_level);
        let shares = shares.chain(self.by_stage.iter_mut().zip(&other.by_stage));
        for (share, other) in shares.chain(self.by_rule.iter_mut().zip(&other.by_rule)) {
            *share += *other;
        }
    }
}

impl Tally {
    /// Creates empty sums for a policy with this number of rules.
    pub fn new(rules: usize) -> Self {
        Self {
            by_rule: vec![Share::default(); rules + 1],
            ..Self::default()
        }
    }

    /// Adds an event.
    pub fn add(
        &mut self,
        stage: Option<Stage>,
        recorded_bytes: u64,
        verdict: Option<Verdict>,
        event_outcome: &EventOutcome,
    ) {
        self.recorded.add(recorded_bytes);
        self.count(stage, verdict, event_outcome);
    }

    /// Adds an event that the log lacks, if the policy writes it.
    pub(crate) fn add_derived(
        &mut self,
        stage: Stage,
        verdict: Option<Verdict>,
        event_outcome: &EventOutcome,
    ) {
        if event_outcome.outcome == Outcome::Written {
            self.derived.add(event_outcome.written_bytes.unwrap_or(0));
            self.count(Some(stage), verdict, event_outcome);
        }
    }

    fn count(
        &mut self,
        stage: Option<Stage>,
        verdict: Option<Verdict>,
        event_outcome: &EventOutcome,
    ) {
        if let Some(count) = self.by_outcome.get_mut(event_outcome.outcome as usize) {
            *count += 1;
        }
        let written =
            (event_outcome.outcome == Outcome::Written).then_some(event_outcome.written_bytes);
        if let Some(bytes) = written {
            self.written.add(bytes.unwrap_or(0));
            self.sizes_unknown += u64::from(bytes.is_none());
        }
        let note = |share: Option<&mut Share>| {
            if let Some(share) = share {
                share.matched += 1;
                if let Some(bytes) = written {
                    share.written.add(bytes.unwrap_or(0));
                }
            }
        };
        note(
            self.by_stage
                .get_mut(stage.map_or(Stage::ALL.len(), |stage| stage as usize)),
        );
        if let Some(verdict) = verdict {
            note(self.by_level.get_mut(verdict.level as usize));
            let no_rule = self.by_rule.len().saturating_sub(1);
            note(
                self.by_rule
                    .get_mut(verdict.rule.map_or(no_rule, RuleIndex::get)),
            );
        }
    }

    /// Returns the number of events with an outcome.
    pub fn outcome(&self, outcome: Outcome) -> u64 {
        self.by_outcome.get(outcome as usize).copied().unwrap_or(0)
    }

    /// Returns the sums of a level.
    pub fn level(&self, level: Level) -> Share {
        self.by_level
            .get(level as usize)
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Missing;

    #[test]
    fn outcomes_are_indexed_by_their_order() {
        for (index, outcome) in OUTCOMES.into_iter().enumerate() {
            assert_eq!(outcome as usize, index);
        }
    }

    #[test]
    fn events_are_counted_by_outcome_level_and_rule() {
        let mut tally = Tally::new(2);
        let verdict = |level, rule: Option<usize>| {
            let mut verdict = Verdict::default();
            verdict.level = level;
            verdict.rule = rule.map(RuleIndex::new);
            Some(verdict)
        };
        let event_outcome = |outcome, written_bytes| EventOutcome {
            outcome,
            written_bytes,
            missing: Missing::default(),
        };
        let received = Some(Stage::RequestReceived);
        tally.add(
            received,
            100,
            verdict(Level::Metadata, Some(1)),
            &event_outcome(Outcome::Written, Some(80)),
        );
        tally.add(
            received,
            50,
            verdict(Level::None, None),
            &event_outcome(Outcome::DroppedLevel, Some(0)),
        );
        tally.add(
            None,
            10,
            verdict(Level::Request, Some(0)),
            &event_outcome(Outcome::Written, None),
        );
        tally.add(None, 10, None, &event_outcome(Outcome::Unknowable, None));
        assert_eq!(
            tally.recorded,
            Sum {
                events: 4,
                bytes: 170
            }
        );
        assert_eq!(
            tally.written,
            Sum {
                events: 2,
                bytes: 80
            }
        );
        assert_eq!(tally.sizes_unknown, 1);
        assert_eq!(
            tally
                .by_rule
                .iter()
                .map(|share| share.matched)
                .collect::<Vec<_>>(),
            [1, 1, 1]
        );
        assert_eq!(tally.level(Level::Metadata).written.bytes, 80);
        assert_eq!(tally.outcome(Outcome::Unknowable), 1);
    }
}
