//! Numbers of events by attribute, in one pass over the rows by id; texts are not compared.

use crate::verdicts::Verdicts;
use audit_policy::{Level, Stage, Verdict};
use audit_types::EventId;

use super::evaluation::{DERIVED, OutcomeCache, STAGES};
use super::event_table::{CHUNK, EventTable, RECEIVED, RECORDED, STARTED, row_and_kind};
use super::row::{Row, flag};
use crate::tally::{OUTCOMES, Sum};

/// Recorded events and their bytes, by attribute. Derived events count without bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// By id of the user with groups.
    pub by_subject: Vec<Sum>,
    /// By id of the verb, plus 1; 0 is for events without a verb.
    pub by_verb: Vec<Sum>,
    /// By id of the namespace.
    pub by_namespace: Vec<Sum>,
    /// By id of the resource or path.
    pub by_target: Vec<Sum>,
    /// By id of the source addresses.
    pub by_source: Vec<Sum>,
    /// By HTTP status; 0 is for events without one.
    pub by_code: Vec<Sum>,
    /// By stage, in the order of [`Stage::ALL`]; the last is for events without a stage.
    pub by_stage: [Sum; Stage::ALL.len() + 1],
    /// By rule, in the policy's order; then those that no rule matches, and those with an unknown verdict.
    pub by_rule: Vec<Sum>,
    /// By level of the verdict, in the order of [`Level::ALL`]; the last is for those with an unknown verdict.
    pub by_level: [Sum; Level::ALL.len() + 1],
    /// By outcome, in the order of [`OUTCOMES`].
    pub by_outcome: [Sum; OUTCOMES.len()],
}

/// Adds to the element at an index; appends elements if there are too few.
#[inline]
fn add(sums: &mut Vec<Sum>, number: usize, sum: Sum) {
    match sums.get_mut(number) {
        Some(slot) => *slot += sum,
        None => add_new(sums, number, sum),
    }
}

#[cold]
fn add_new(sums: &mut Vec<Sum>, number: usize, sum: Sum) {
    sums.resize(number, Sum::default());
    sums.push(sum);
}

/// Counts while rows are added.
struct Counter<'v> {
    counts: Counts,
    /// By id of the distinct request; distributed to its values at the end.
    by_request: Vec<Sum>,
    /// By id of the client; the same.
    by_client: Vec<Sum>,
    verdicts: &'v Verdicts,
    caches: Vec<OutcomeCache>,
    /// By index of the verdict and stage.
    cells: Vec<[Sum; STAGES]>,
}

impl EventTable {
    /// Counts all events to show, under a policy with these verdicts.
    pub fn count_shown(&self, verdicts: &Verdicts) -> Counts {
        let mut counter = Counter::new(self, verdicts);
        for (number, chunk) in self.chunks.iter().enumerate() {
            for (place, row) in chunk.iter().enumerate() {
                let verdict_index = counter.verdict_index(row);
                counter.add(
                    row,
                    RECORDED,
                    verdict_index,
                    self.bytes(number * CHUNK + place, row),
                );
                if row.has(flag::DERIVES_RECEIVED | flag::DERIVES_STARTED) {
                    counter.add_derived(row, verdict_index);
                }
            }
        }
        counter.finish(self)
    }

    /// Counts the events with these ids, under a policy with these verdicts.
    pub fn count(&self, ids: &[EventId], verdicts: &Verdicts) -> Counts {
        let mut counter = Counter::new(self, verdicts);
        for id in ids {
            let (index, kind) = row_and_kind(*id);
            let chunk = self.chunks.get(index / CHUNK);
            let Some(row) = chunk.and_then(|chunk| chunk.get(index % CHUNK)) else {
                continue;
            };
            let bytes = match kind {
                RECORDED => self.bytes(index, row),
                _ => 0,
            };
            counter.add(row, kind, counter.verdict_index(row), bytes);
        }
        counter.finish(self)
    }

    #[inline]
    fn bytes(&self, index: usize, row: &Row) -> u64 {
        let overflow = || self.overflow_of(u32::try_from(index).unwrap_or(u32::MAX));
        row.attributes(overflow).recorded_bytes()
    }
}

impl<'v> Counter<'v> {
    fn new(table: &EventTable, verdicts: &'v Verdicts) -> Self {
        let caches = OutcomeCache::for_rules(verdicts);
        Self {
            counts: Counts {
                by_source: vec![Sum::default(); table.sources().len()],
                ..Counts::default()
            },
            by_request: vec![Sum::default(); table.requests().len()],
            by_client: Vec::new(),
            verdicts,
            cells: vec![[Sum::default(); STAGES]; caches.len()],
            caches,
        }
    }

    #[inline]
    fn verdict_index(&self, row: &Row) -> usize {
        let unknowable = self.caches.len().saturating_sub(1);
        self.verdicts.verdict_index(row.request()).min(unknowable)
    }

    /// Adds one event of a row.
    #[inline]
    fn add(&mut self, row: &Row, kind: usize, verdict_index: usize, bytes: u64) {
        let sum = Sum { events: 1, bytes };
        let (stage, code) = match kind {
            RECEIVED => (Stage::RequestReceived as usize, None),
            STARTED => (Stage::ResponseStarted as usize, row.code()),
            _ => (row.stage_index(), row.code()),
        };
        let counts = &mut self.counts;
        add(&mut self.by_request, row.request().index(), sum);
        add(&mut self.by_client, usize::from(row.client()), sum);
        add(&mut counts.by_code, usize::from(code.unwrap_or(0)), sum);
        let cells = self.cells.get_mut(verdict_index);
        if let Some(cell) = cells.and_then(|cells| cells.get_mut(stage)) {
            *cell += sum;
        }
    }

    /// Adds the events derived from a row, if they are shown.
    fn add_derived(&mut self, row: &Row, verdict_index: usize) {
        for (kind, mark, stage) in DERIVED {
            let cache = self.caches.get(verdict_index);
            if row.has(mark) && cache.is_some_and(|cache| cache.writes(stage as usize)) {
                self.add(row, kind, verdict_index, 0);
            }
        }
    }

    fn finish(self, table: &EventTable) -> Counts {
        let Self {
            mut counts,
            by_request,
            by_client,
            caches,
            cells,
            ..
        } = self;
        let clients = table.interner.clients();
        for ((source, _), sum) in clients.pairs().zip(by_client) {
            add(&mut counts.by_source, usize::from(source), sum);
        }
        for (values, sum) in table.requests().value_ids().zip(&by_request) {
            if sum.events > 0 {
                let verb = values.verb.map_or(0, |verb| verb.saturating_add(1));
                add(&mut counts.by_subject, values.subject as usize, *sum);
                add(&mut counts.by_verb, verb as usize, *sum);
                add(&mut counts.by_namespace, values.namespace as usize, *sum);
                add(&mut counts.by_target, values.target as usize, *sum);
            }
        }
        counts.by_rule = vec![Sum::default(); caches.len()];
        for ((cache, cells), of_rule) in caches.iter().zip(&cells).zip(&mut counts.by_rule) {
            for (stage, sum) in cells.iter().enumerate() {
                *of_rule += *sum;
                cache.add_totals(stage, *sum, &mut counts.by_level, &mut counts.by_outcome);
                let stage = stage.min(Stage::ALL.len());
                if let Some(slot) = counts.by_stage.get_mut(stage) {
                    *slot += *sum;
                }
            }
        }
        counts
    }
}

impl OutcomeCache {
    fn add_totals(
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
