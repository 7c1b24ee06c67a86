//! Evaluation of a policy over a whole table: the sums, and the events to show.
//!
//! One pass over the rows, of loads and additions: everything that depends on the policy alone is computed before it.

use audit_policy::{KubernetesVersion, Level, Stage, Verdict};
use audit_types::EventId;

use super::event_table::{CHUNK, EventTable, RECEIVED, RECORDED, STARTED, id_in_row};
use super::row::{Row, flag};
use crate::derive::{received_attributes, started_attributes};
use crate::outcome::{EventAttributes, Outcome};
use crate::sizes::VersionDifferences;
use crate::tally::{Share, Sum, Tally};
use crate::verdicts::Verdicts;

/// The four stages, unknown stages, and unknown stages other than RequestReceived.
pub(super) const STAGES: usize = 6;

/// Evaluation of a policy over a table: its sums, and the order of the events to show.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    /// The sums.
    pub tally: Tally,
    rule_outcomes: Vec<OutcomeCache>,
    /// For each chunk of the table, the number of events shown before it.
    shown_before: Vec<usize>,
    shown: usize,
}

/// Outcomes of one verdict by stage, computed once.
#[derive(Debug, Clone, Copy)]
pub(super) struct OutcomeCache {
    pub(super) verdict: Option<Verdict>,
    /// Outcome of an event, by the index of its stage.
    pub(super) outcomes: [Outcome; STAGES],
}

/// Sums of one verdict at one stage.
#[derive(Debug, Clone, Copy, Default)]
struct StageTotals {
    matched: u64,
    written: Sum,
    sizes_unknown: u64,
    derived: Sum,
}

impl OutcomeCache {
    /// Returns the caches of all rules, of "no rule", and last of an unknown verdict.
    pub(super) fn for_rules(verdicts: &Verdicts) -> Vec<Self> {
        let all = verdicts.rule_verdicts().iter().copied().map(Some);
        all.chain([None]).map(Self::of).collect()
    }

    fn of(verdict: Option<Verdict>) -> Self {
        let outcomes = std::array::from_fn(|index| {
            let attributes = EventAttributes {
                stage: Stage::ALL.get(index).copied(),
                is_late: index == STAGES - 1,
                ..EventAttributes::default()
            };
            attributes
                .outcome(verdict, KubernetesVersion::NEWEST)
                .outcome
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

/// The two events that may be derived from a row: their index within the row, their flag and their stage.
pub(super) const DERIVED: [(usize, u64, Stage); 2] = [
    (RECEIVED, flag::DERIVES_RECEIVED, Stage::RequestReceived),
    (STARTED, flag::DERIVES_STARTED, Stage::ResponseStarted),
];

/// Collects more data in the pass that computes the sums.
pub(super) trait Visitor {
    /// Returns `true` if the version may write events in another way than the newest.
    fn needs_differences(&self) -> bool;

    /// Called for every row, first.
    fn visit(&mut self, row: &Row);

    /// Returns `true` if the current row is needed although nothing of it may be written.
    fn needs_unwritten(&self, row: &Row) -> bool;

    /// Called for a row that is needed for that reason.
    fn visit_unwritten(&mut self, attributes: &EventAttributes, cache: &OutcomeCache);

    /// Called for every written event of the current row, the one in the log or one derived from it; returns its size in bytes, `None` if unknown.
    fn write(
        &mut self,
        row: &Row,
        attributes: &EventAttributes,
        stage: usize,
        is_derived: bool,
        verdict: Verdict,
    ) -> Option<u64>;
}

/// Computes sizes only, as a server of that version writes them.
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
        attributes: &EventAttributes,
        _: usize,
        _: bool,
        verdict: Verdict,
    ) -> Option<u64> {
        attributes.size(verdict, self.0)
    }
}

impl EventTable {
    /// Evaluates a policy with these verdicts over the whole log, on a server of a version.
    pub fn evaluate(&self, verdicts: &Verdicts, version: KubernetesVersion) -> Evaluation {
        self.evaluate_with(verdicts, &mut SizeVisitor(version))
    }

    /// Evaluates the policy, and calls the visitor in the same pass.
    pub(super) fn evaluate_with<W: Visitor>(
        &self,
        verdicts: &Verdicts,
        visitor: &mut W,
    ) -> Evaluation {
        let caches = OutcomeCache::for_rules(verdicts);
        let needs_changes = visitor.needs_differences();
        let mut cells = vec![[StageTotals::default(); STAGES]; caches.len()];
        let mut shown_before = Vec::with_capacity(self.chunks.len());
        let mut shown = 0;
        for (number, chunk) in self.chunks.iter().enumerate() {
            shown_before.push(shown);
            for (place, row) in chunk.iter().enumerate() {
                let verdict_index = verdicts.verdict_index(row.request()).min(caches.len() - 1);
                // Invariant: there is a cache and a row of totals for every rule, for "no rule" and for an unknown verdict.
                let (Some(cache), Some(cells)) =
                    (caches.get(verdict_index), cells.get_mut(verdict_index))
                else {
                    continue;
                };
                let index = number * CHUNK + place;
                shown += if needs_changes {
                    self.evaluate_row::<W, true>(index, row, cache, cells, visitor)
                } else {
                    self.evaluate_row::<W, false>(index, row, cache, cells, visitor)
                };
            }
        }
        let mut tally = Tally::new(caches.len().saturating_sub(2));
        tally.recorded = self.recorded_sum();
        for (verdict_index, (cache, cells)) in caches.iter().zip(&cells).enumerate() {
            for (stage, cell) in cells.iter().enumerate() {
                add(&mut tally, verdict_index, cache, stage, cell);
            }
        }
        Evaluation {
            tally,
            rule_outcomes: caches,
            shown_before,
            shown,
        }
    }

    /// Adds a row and the events derived from it; returns the number of events to show.
    #[inline]
    fn evaluate_row<W: Visitor, const NEEDS_CHANGES: bool>(
        &self,
        index: usize,
        row: &Row,
        cache: &OutcomeCache,
        cells: &mut [StageTotals; STAGES],
        visitor: &mut W,
    ) -> usize {
        visitor.visit(row);
        let stage = row.stage_index();
        let (Some(cell), Some(verdict)) = (cells.get_mut(stage), cache.verdict) else {
            // An event with an unknown verdict is shown, and nothing is derived from it.
            if let Some(cell) = cells.get_mut(stage) {
                cell.matched += 1;
            }
            return 1;
        };
        cell.matched += 1;
        if verdict.level == Level::None {
            return 1;
        }
        let is_written = cache.writes(stage);
        let derives = row.has(flag::DERIVES_RECEIVED | flag::DERIVES_STARTED);
        let is_wanted = visitor.needs_unwritten(row);
        if !is_written && !derives && !is_wanted {
            return 1;
        }
        let overflow = || self.overflow_of(u32::try_from(index).unwrap_or(u32::MAX));
        let attributes = if NEEDS_CHANGES {
            row.attributes(overflow)
        } else {
            row.newest_attributes(overflow)
        };
        if is_wanted {
            visitor.visit_unwritten(&attributes, cache);
        }
        if is_written {
            cell.write(visitor.write(row, &attributes, stage, false, verdict));
        }
        let mut shown = 1;
        if derives {
            for (kind, mark, stage) in DERIVED {
                if row.has(mark) && cache.writes(stage as usize) {
                    let attributes = if kind == RECEIVED {
                        received_attributes(&attributes, row.received_bytes())
                    } else {
                        started_attributes(&attributes)
                    };
                    let size = visitor.write(row, &attributes, stage as usize, true, verdict);
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

/// Adds the totals of one verdict at one stage.
fn add(
    tally: &mut Tally,
    verdict_index: usize,
    cache: &OutcomeCache,
    stage: usize,
    cell: &StageTotals,
) {
    if let Some(outcome) = cache.outcomes.get(stage)
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
    if let Some(verdict) = cache.verdict {
        note(tally.by_level.get_mut(verdict.level as usize));
        note(tally.by_rule.get_mut(verdict_index));
    }
}

impl Evaluation {
    /// Returns the number of events to show: those of the log, and the derived ones that the server would write.
    pub const fn shown(&self) -> usize {
        self.shown
    }

    /// Iterates over the ids of the events to show, from an index on. The table and the verdicts are those of the evaluation.
    pub fn ids_from(
        &self,
        table: &EventTable,
        verdicts: &Verdicts,
        start: usize,
    ) -> impl Iterator<Item = EventId> {
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
            let verdict_index = verdicts
                .verdict_index(row.request())
                .min(self.rule_outcomes.len().saturating_sub(1));
            let cache = self.rule_outcomes.get(verdict_index);
            let derived = DERIVED.into_iter().filter_map(move |(kind, mark, stage)| {
                let is_shown =
                    row.has(mark) && cache.is_some_and(|cache| cache.writes(stage as usize));
                is_shown.then_some(id_in_row(index, kind))
            });
            derived.chain([id_in_row(index, RECORDED)])
        })
        .skip(start - before)
    }
}
