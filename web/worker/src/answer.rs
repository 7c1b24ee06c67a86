//! Effect of the policy on the log, in sums.

use audit_policy::{Level, RuleIndex};
use audit_sim::{Outcome, Share, Sum, Tally};
use audit_volume::estimate::gap_caution;
use playground_protocol::{AnswerReport, LevelSum, PerDay, RuleSum};

use crate::log::Log;
use crate::policy::Accepted;

/// Returns the sums of the log under a policy.
pub(crate) fn answer(log: &Log, accepted: &Accepted, stale: bool) -> AnswerReport {
    let tally = &log.evaluation.tally;
    let extrapolation = log.window.extrapolate();
    let gap = gap_caution(&extrapolation);
    let a_day = |amount: u64| extrapolation.factor.map(|factor| factor * amount as f64);
    AnswerReport {
        generation: accepted.generation,
        stale,
        recorded: sum(tally.recorded),
        written: sum(tally.written),
        derived: count(tally.derived.events),
        sizes_unknown: count(tally.sizes_unknown),
        unknowable: count(tally.outcome(Outcome::Unknowable)),
        by_level: Level::ALL
            .into_iter()
            .map(|level| {
                let share = tally.level(level);
                LevelSum {
                    level,
                    matched: count(share.matched),
                    written: sum(share.written),
                }
            })
            .collect(),
        by_rule: by_rule(tally, accepted),
        per_day: PerDay {
            bytes: a_day(tally.written.bytes),
            events: a_day(tally.written.events),
            window_seconds: extrapolation.seconds,
            caution: extrapolation.caution.or(gap),
        },
    }
}

fn by_rule(tally: &Tally, accepted: &Accepted) -> Vec<RuleSum> {
    let rules = accepted.matcher.rule_count();
    let row = |(index, share): (usize, &Share)| {
        let rule = (index < rules).then_some(RuleIndex::new(index));
        let verdict = accepted.matcher.verdict_of(rule);
        RuleSum {
            rule,
            level: verdict.level,
            matched: count(share.matched),
            written: sum(share.written),
        }
    };
    tally.by_rule.iter().enumerate().map(row).collect()
}

/// Converts a sum for the page.
pub(crate) fn sum(sum: Sum) -> playground_protocol::Sum {
    playground_protocol::Sum {
        events: count(sum.events),
        bytes: sum.bytes as f64,
    }
}

fn count(events: u64) -> usize {
    usize::try_from(events).unwrap_or(usize::MAX)
}
