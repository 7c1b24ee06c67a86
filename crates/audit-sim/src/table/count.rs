//! How many events of a table share what: one pass of loads and additions, by numbers, so that texts are looked at once each.

use audit_policy::{Level, Stage, Verdict, Verdicts};

use super::reckon::{Plan, STAGES};
use super::row::Row;
use super::{CHUNK, EventTable, NUMBERS, RECEIVED, STARTED};
use crate::tally::{OUTCOMES, Sum};

/// Events and their bytes as recorded, by what they share. Derived events count without bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// By number of the distinct request.
    pub by_request: Vec<Sum>,
    /// By number of the source addresses.
    pub by_source: Vec<Sum>,
    /// By status; 0 is for events without one.
    pub by_code: Vec<Sum>,
    /// By stage, in the order of [`Stage::ALL`]; the last is for events that do not say.
    pub by_stage: [Sum; Stage::ALL.len() + 1],
    /// By rule, in the policy's order; then those of no rule, and those whose verdict cannot be known.
    pub by_rule: Vec<Sum>,
    /// By level of the verdict, in the order of [`Level::ALL`]; the last is for those whose verdict cannot be known.
    pub by_level: [Sum; Level::ALL.len() + 1],
    /// By outcome, in the order of [`OUTCOMES`].
    pub by_outcome: [Sum; OUTCOMES.len()],
}

/// Adds to the place of a number; what has no place is new.
#[inline]
fn add(sums: &mut Vec<Sum>, number: usize, sum: Sum) {
    if number >= sums.len() {
        sums.resize(number + 1, Sum::default());
    }
    if let Some(slot) = sums.get_mut(number) {
        *slot += sum;
    }
}

impl EventTable {
    /// Counts events by their numbers, under a policy whose verdicts these are.
    pub fn count(&self, numbers: impl Iterator<Item = usize>, verdicts: &Verdicts) -> Counts {
        let mut counts = Counts {
            by_request: vec![Sum::default(); self.requests().len()],
            by_source: vec![Sum::default(); self.sources().len()],
            ..Counts::default()
        };
        let plans = Plan::all(verdicts);
        let mut cells = vec![[Sum::default(); STAGES]; plans.len()];
        for number in numbers {
            let (index, kind) = (number / NUMBERS, number % NUMBERS);
            let row = self
                .chunks
                .get(index / CHUNK)
                .and_then(|chunk| chunk.get(index % CHUNK));
            let Some(row) = row else {
                continue;
            };
            let (stage, sum) = self.share(index, row, kind);
            add(&mut counts.by_request, row.request() as usize, sum);
            add(&mut counts.by_source, usize::from(row.source()), sum);
            let code = row.code().filter(|_| kind != RECEIVED);
            add(&mut counts.by_code, usize::from(code.unwrap_or(0)), sum);
            let ruling = verdicts.ruling(row.request()).min(plans.len() - 1);
            let cell = cells.get_mut(ruling).and_then(|cells| cells.get_mut(stage));
            if let Some(cell) = cell {
                *cell += sum;
            }
        }
        counts.by_rule = vec![Sum::default(); plans.len()];
        for ((plan, cells), of_rule) in plans.iter().zip(&cells).zip(&mut counts.by_rule) {
            for (stage, sum) in cells.iter().enumerate() {
                *of_rule += *sum;
                plan.share_out(stage, *sum, &mut counts.by_level, &mut counts.by_outcome);
                let stage = stage.min(Stage::ALL.len());
                if let Some(slot) = counts.by_stage.get_mut(stage) {
                    *slot += *sum;
                }
            }
        }
        counts
    }

    /// The stage of one of a row's events, and what it counts for.
    #[inline]
    fn share(&self, index: usize, row: &Row, kind: usize) -> (usize, Sum) {
        let derived = Sum {
            events: 1,
            bytes: 0,
        };
        match kind {
            RECEIVED => (Stage::RequestReceived as usize, derived),
            STARTED => (Stage::ResponseStarted as usize, derived),
            _ => {
                let wide = || self.wide_of(u32::try_from(index).unwrap_or(u32::MAX));
                let bytes = row.facts(wide).recorded_bytes();
                (row.stage_index(), Sum { events: 1, bytes })
            }
        }
    }
}

impl Plan {
    fn share_out(
        &self,
        stage: usize,
        sum: Sum,
        by_level: &mut [Sum; Level::ALL.len() + 1],
        by_outcome: &mut [Sum; OUTCOMES.len()],
    ) {
        let unknowable = Level::ALL.len();
        let level = self
            .verdict
            .map_or(unknowable, |Verdict { level, .. }| level as usize);
        if let Some(slot) = by_level.get_mut(level) {
            *slot += sum;
        }
        let outcome = self.outcomes.get(stage).map(|outcome| *outcome as usize);
        if let Some(slot) = outcome.and_then(|outcome| by_outcome.get_mut(outcome)) {
            *slot += sum;
        }
    }
}
