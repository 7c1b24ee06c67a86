//! The sums of a simulation as one JSON object.

use std::collections::BTreeMap;

use audit_policy::{Level, RuleIndex, Stage};
use audit_sim::tally::OUTCOMES;
use audit_sim::{Share, Sum};
use serde::Serialize;

use super::simulation::Simulation;
use crate::files::{LogReport, unreadable};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    recorded: Amount,
    written: Amount,
    /// Of those written: events that the logs lack, with `--derive-stages`.
    derived: Amount,
    /// Events written whose size the logs do not tell; `written.bytes` lacks them.
    sizes_unknown: u64,
    by_level: Vec<LevelShare>,
    by_rule: Vec<RuleShare>,
    by_outcome: BTreeMap<&'static str, u64>,
    by_stage: Vec<StageShare>,
    unreadable: u64,
    /// Reports of the logs.
    files: &'a [LogReport],
}

#[derive(Serialize)]
struct Amount {
    events: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct LevelShare {
    level: &'static str,
    matched: u64,
    written: Amount,
}

#[derive(Serialize)]
struct RuleShare {
    /// From 0; null for "no rule matched".
    rule: Option<RuleIndex>,
    level: &'static str,
    matched: u64,
    written: Amount,
}

#[derive(Serialize)]
struct StageShare {
    /// Null for events that do not say.
    stage: Option<&'static str>,
    matched: u64,
    written: Amount,
}

impl From<Sum> for Amount {
    fn from(Sum { events, bytes }: Sum) -> Self {
        Self { events, bytes }
    }
}

/// The object and a line end.
pub(super) fn line(simulation: &Simulation) -> Result<Vec<u8>, serde_json::Error> {
    let tally = &simulation.tally;
    let rules = simulation.simulator.matcher().rule_count();
    let summary = Summary {
        recorded: tally.recorded.into(),
        written: tally.written.into(),
        derived: tally.derived.into(),
        sizes_unknown: tally.sizes_unknown,
        by_level: Level::ALL
            .into_iter()
            .map(|level| {
                let Share { matched, written } = tally.level(level);
                LevelShare {
                    level: level.name(),
                    matched,
                    written: written.into(),
                }
            })
            .collect(),
        by_rule: tally
            .by_rule
            .iter()
            .enumerate()
            .map(|(index, share)| {
                let rule = (index < rules).then_some(RuleIndex::new(index));
                RuleShare {
                    rule,
                    level: simulation.simulator.matcher().verdict_of(rule).level.name(),
                    matched: share.matched,
                    written: share.written.into(),
                }
            })
            .collect(),
        by_outcome: OUTCOMES
            .into_iter()
            .map(|outcome| (outcome.name(), tally.outcome(outcome)))
            .collect(),
        by_stage: tally
            .by_stage
            .iter()
            .zip(Stage::ALL.into_iter().map(Some).chain([None]))
            .map(|(share, stage)| StageShare {
                stage: stage.map(Stage::name),
                matched: share.matched,
                written: share.written.into(),
            })
            .collect(),
        unreadable: unreadable(&simulation.files),
        files: &simulation.files,
    };
    let mut line = serde_json::to_vec(&summary)?;
    line.push(b'\n');
    Ok(line)
}
