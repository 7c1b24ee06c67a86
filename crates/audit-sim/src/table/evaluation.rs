//! The answer of a policy over a whole table: sums, and which rows there are to show.
//!
//! One pass over the rows, of loads and additions: what depends on the policy alone is settled before it.

use audit_policy::{KubernetesVersion, Level, Stage, Verdict};

use super::event_table::{CHUNK, EventTable, IDS_PER_ROW, RECEIVED, RECORDED, STARTED};
use super::row::{Row, flag};
use crate::derive::{received_attributes, started_attributes};
use crate::outcome::{EventAttributes, Outcome};
use crate::sizes::VersionDifferences;
use crate::tally::{Share, Sum, Tally};
use crate::verdicts::Verdicts;

/// The four stages, events that do not say theirs, and those that do not say and are not the first of their request.
pub(super) const STAGES: usize = 6;

/// A policy's answer over a table: its sums, and the order of the rows that there are to show.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    /// The sums.
    pub tally: Tally,
    rule_outcomes: Vec<OutcomeCache>,
    /// For every chunk of the table, how many rows are shown before it.
    shown_before: Vec<usize>,
    shown: usize,
}

/// What a verdict means for events, whatever they are like.
#[derive(Debug, Clone, Copy)]
pub(super) struct OutcomeCache {
    pub(super) verdict: Option<Verdict>,
    /// What becomes of an event, by its stage.
    pub(super) outcomes: [Outcome; STAGES],
}

/// What a verdict matched at a stage, and what of that is written.
#[derive(Debug, Clone, Copy, Default)]
struct StageTotals {
    matched: u64,
    written: Sum,
    sizes_unknown: u64,
    derived: Sum,
}

impl OutcomeCache {
    /// For every rule, for "no rule", and last for what cannot be known.
    pub(super) fn for_rules(verdicts: &Verdicts) -> Vec<Self> {
        let all = verdicts.rule_verdicts().iter().copied().map(Some);
        all.chain([None]).map(Self::of).collect()
    }

    fn of(verdict: Option<Verdict>) -> Self {
        let outcomes = std::array::from_fn(|index| {
            let facts = EventAttributes {
                stage: Stage::ALL.get(index).copied(),
                is_late: index == STAGES - 1,
                ..EventAttributes::default()
            };
            facts.outcome(verdict, KubernetesVersion::NEWEST).outcome
        });
        Self { verdict, outcomes }
    }

    #[inline]
    pub(super) fn writes(&self, stage: usize) -> bool {
        self.outcomes.get(stage) == Some(&Outcome::Written)
    }
}

impl StageTotals {
    #[inline]
    fn write(&mut self, size: Option<u64>) {
        self.written.events += 1;
        self.written.bytes += size.unwrap_or(0);
        self.sizes_unknown += u64::from(size.is_none());
    }

    fn derive(&mut self, size: Option<u64>) {
        self.matched += 1;
        self.write(size);
        self.derived.events += 1;
        self.derived.bytes += size.unwrap_or(0);
    }
}

/// The two events that a row may stand for beside its own, as numbers within the row and as marks on it.
pub(super) const DERIVED: [(usize, u64, Stage); 2] = [
    (RECEIVED, flag::DERIVES_RECEIVED, Stage::RequestReceived),
    (STARTED, flag::DERIVES_STARTED, Stage::ResponseStarted),
];

/// What else is noted of the rows in the pass that adds them up.
pub(super) trait Visitor {
    /// Whether the version asked about may write events in another way than the newest.
    fn needs_differences(&self) -> bool;

    /// A row, before anything is asked of it.
    fn visit(&mut self, row: &Row);

    /// Whether the row last seen matters although nothing of it is written.
    fn needs_unwritten(&self, row: &Row) -> bool;

    /// A row that matters so.
    fn visit_unwritten(&mut self, facts: &EventAttributes, plan: &OutcomeCache);

    /// Something that is written of the row last seen; its size in bytes, where the record tells it.
    fn write(
        &mut self,
        row: &Row,
        facts: &EventAttributes,
        stage: usize,
        verdict: Verdict,
    ) -> Option<u64>;
}

/// Nothing but sizes, as a server of that version writes.
struct SizeVisitor(KubernetesVersion);

impl Visitor for SizeVisitor {
    #[inline]
    fn needs_differences(&self) -> bool {
        VersionDifferences::affect(self.0)
    }

    #[inline]
    fn visit(&mut self, _: &Row) {}

    #[inline]
    fn needs_unwritten(&self, _: &Row) -> bool {
        false
    }

    fn visit_unwritten(&mut self, _: &EventAttributes, _: &OutcomeCache) {}

    #[inline]
    fn write(
        &mut self,
        _: &Row,
        facts: &EventAttributes,
        _: usize,
        verdict: Verdict,
    ) -> Option<u64> {
        facts.size(verdict, self.0)
    }
}

impl EventTable {
    /// What a server of a version makes of the whole log under a policy, whose verdicts these are.
    pub fn evaluate(&self, verdicts: &Verdicts, version: KubernetesVersion) -> Evaluation {
        self.evaluate_with(verdicts, &mut SizeVisitor(version))
    }

    /// The same, with all that the watch notes in the one pass.
    pub(super) fn evaluate_with<W: Visitor>(
        &self,
        verdicts: &Verdicts,
        watch: &mut W,
    ) -> Evaluation {
        let plans = OutcomeCache::for_rules(verdicts);
        let needs_changes = watch.needs_differences();
        let mut cells = vec![[StageTotals::default(); STAGES]; plans.len()];
        let mut shown_before = Vec::with_capacity(self.chunks.len());
        let mut shown = 0;
        for (number, chunk) in self.chunks.iter().enumerate() {
            shown_before.push(shown);
            for (place, row) in chunk.iter().enumerate() {
                let ruling = verdicts.verdict_index(row.request()).min(plans.len() - 1);
                // Invariant: there is a plan and a row of cells for every rule, for "no rule" and for what cannot be known.
                let (Some(plan), Some(cells)) = (plans.get(ruling), cells.get_mut(ruling)) else {
                    continue;
                };
                let index = number * CHUNK + place;
                shown += if needs_changes {
                    self.evaluate_row::<W, true>(index, row, plan, cells, watch)
                } else {
                    self.evaluate_row::<W, false>(index, row, plan, cells, watch)
                };
            }
        }
        let mut tally = Tally::new(plans.len().saturating_sub(2));
        tally.recorded = self.recorded_sum();
        for (ruling, (plan, cells)) in plans.iter().zip(&cells).enumerate() {
            for (stage, cell) in cells.iter().enumerate() {
                add(&mut tally, ruling, plan, stage, cell);
            }
        }
        Evaluation {
            tally,
            rule_outcomes: plans,
            shown_before,
            shown,
        }
    }

    /// Adds a row and what is derived from it; how many events it shows.
    #[inline]
    fn evaluate_row<W: Visitor, const NEEDS_CHANGES: bool>(
        &self,
        index: usize,
        row: &Row,
        plan: &OutcomeCache,
        cells: &mut [StageTotals; STAGES],
        watch: &mut W,
    ) -> usize {
        watch.visit(row);
        let stage = row.stage_index();
        let (Some(cell), Some(verdict)) = (cells.get_mut(stage), plan.verdict) else {
            // What cannot be known is shown, and nothing is derived from it.
            if let Some(cell) = cells.get_mut(stage) {
                cell.matched += 1;
            }
            return 1;
        };
        cell.matched += 1;
        if verdict.level == Level::None {
            return 1;
        }
        let is_written = plan.writes(stage);
        let derives = row.has(flag::DERIVES_RECEIVED | flag::DERIVES_STARTED);
        let is_wanted = watch.needs_unwritten(row);
        if !is_written && !derives && !is_wanted {
            return 1;
        }
        let wide = || self.overflow_of(u32::try_from(index).unwrap_or(u32::MAX));
        let facts = if NEEDS_CHANGES {
            row.attributes(wide)
        } else {
            row.newest_attributes(wide)
        };
        if is_wanted {
            watch.visit_unwritten(&facts, plan);
        }
        if is_written {
            cell.write(watch.write(row, &facts, stage, verdict));
        }
        let mut shown = 1;
        if derives {
            for (kind, mark, stage) in DERIVED {
                if row.has(mark) && plan.writes(stage as usize) {
                    let facts = if kind == RECEIVED {
                        received_attributes(&facts, row.received_bytes())
                    } else {
                        started_attributes(&facts)
                    };
                    let size = watch.write(row, &facts, stage as usize, verdict);
                    if let Some(cell) = cells.get_mut(stage as usize) {
                        cell.derive(size);
                    }
                    shown += 1;
                }
            }
        }
        shown
    }
}

/// Adds what a verdict came to at a stage.
fn add(tally: &mut Tally, ruling: usize, plan: &OutcomeCache, stage: usize, cell: &StageTotals) {
    if let Some(outcome) = plan.outcomes.get(stage)
        && let Some(count) = tally.by_outcome.get_mut(*outcome as usize)
    {
        *count += cell.matched;
    }
    tally.written += cell.written;
    tally.derived += cell.derived;
    tally.sizes_unknown += cell.sizes_unknown;
    let note = |share: Option<&mut Share>| {
        if let Some(share) = share {
            share.matched += cell.matched;
            share.written += cell.written;
        }
    };
    note(tally.by_stage.get_mut(stage.min(Stage::ALL.len())));
    if let Some(verdict) = plan.verdict {
        note(tally.by_level.get_mut(verdict.level as usize));
        note(tally.by_rule.get_mut(ruling));
    }
}

impl Evaluation {
    /// How many events there are to show: those of the log, and those that it lacks and the server would write.
    pub const fn shown(&self) -> usize {
        self.shown
    }

    /// The numbers of the events that are shown, from a place in their order on; the table and the verdicts are those it was made of.
    pub fn ids_from(
        &self,
        table: &EventTable,
        verdicts: &Verdicts,
        start: usize,
    ) -> impl Iterator<Item = usize> {
        let chunk = self
            .shown_before
            .partition_point(|before| *before <= start)
            .saturating_sub(1);
        let before = self.shown_before.get(chunk).copied().unwrap_or(0);
        let rows = table.chunks.iter().enumerate().skip(chunk);
        rows.flat_map(|(number, chunk)| {
            let rows = chunk.iter().enumerate();
            rows.map(move |(place, row)| (number * CHUNK + place, row))
        })
        .flat_map(move |(index, row)| {
            let ruling = verdicts
                .verdict_index(row.request())
                .min(self.rule_outcomes.len().saturating_sub(1));
            let plan = self.rule_outcomes.get(ruling);
            let derived = DERIVED.into_iter().filter_map(move |(kind, mark, stage)| {
                let is_shown =
                    row.has(mark) && plan.is_some_and(|plan| plan.writes(stage as usize));
                is_shown.then_some(index * IDS_PER_ROW + kind)
            });
            derived.chain([index * IDS_PER_ROW + RECORDED])
        })
        .skip(start - before)
    }
}
