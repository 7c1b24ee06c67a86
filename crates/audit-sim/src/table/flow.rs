//! Events that a policy writes, by distinct request and over time, in one pass over the rows.

use std::collections::BTreeMap;

use crate::verdicts::Verdicts;
use audit_policy::{KubernetesVersion, Level, Stage, Verdict};
use audit_types::RequestId;

use super::evaluation::{Evaluation, OutcomeCache, Visitor};
use super::event_table::EventTable;
use super::row::{Row, flag};
use crate::outcome::{EventAttributes, Missing};
use crate::rate::Window;
use crate::sizes::{SizeBreakdown, VersionDifferences};
use crate::tally::Sum;

/// Events of a table that a policy writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    /// Written events of known size, by the id of the distinct request.
    pub by_request: Vec<Sum>,
    /// The same by stage, in the order of [`Stage::ALL`]; the last is for events without a stage.
    pub by_stage: [Sum; Stage::ALL.len() + 1],
    /// Written events of unknown size.
    pub unknown_sizes: BTreeMap<UnknownSizeKey, UnknownSizes>,
    /// Those of the written events of known size that the log lacks.
    pub derived: Sum,
    /// Number of events of the log whose record lacks fields of the server's line.
    pub recorded_without_fields: u64,
    /// Final events of patches that the log lacks altogether and that would be written at Metadata: the server does not write them at
    /// Request and above if a patch is not JSON. Their bytes are those that they share with their RequestReceived events.
    pub lost: Sum,
    /// Events over time.
    pub series: Series,
}

/// Request and stage of written events of unknown size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownSizeKey {
    /// Id of the distinct request.
    pub request: RequestId,
    /// Index of the stage in [`Stage::ALL`], or its length for events without a stage.
    pub stage: usize,
    /// The log lacks the events.
    pub is_derived: bool,
}

/// Written events without a part that the policy writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UnknownSizes {
    /// The events, and the known part of their bytes.
    pub known: Sum,
    /// Number of events without their request body.
    pub requests: u64,
    /// Number of events without their response body whose requests succeeded.
    pub responses: u64,
    /// Number of events without their response body, a `Status` with the reason, whose requests failed.
    pub failures: u64,
    /// Number of events without fields that every line has.
    pub lines: u64,
}

impl UnknownSizes {
    #[inline(never)]
    fn add(&mut self, row: &Row, known: Sum, missing: Missing) {
        self.known += known;
        self.requests += u64::from(missing.request);
        let has_failed = row.code().is_some_and(|code| code >= 400);
        self.responses += u64::from(missing.response && !has_failed);
        self.failures += u64::from(missing.response && has_failed);
        self.lines += u64::from(missing.line);
    }
}

/// Written events in equal steps of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Series {
    /// Start of the first step, in microseconds since 1970.
    pub start: i64,
    /// Length of a step, in microseconds; 0 if no event has a time.
    pub step: i64,
    /// The steps.
    pub steps: Vec<TimeStep>,
}

/// One step of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeStep {
    /// Events of the log, written or not.
    pub recorded: u32,
    /// Written events at each level above None. An event of unknown size counts with the bytes that are known.
    pub written: [Sum; 3],
    /// Written events of unknown size.
    pub incomplete: u32,
}

/// Maximum number of steps of a series.
const MAX_STEPS: i64 = 20_000;

/// Common lengths of a step, in seconds; longer steps are whole days.
const STEP_SECONDS: [i64; 17] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400,
];

const SECOND: i64 = 1_000_000;

impl Series {
    /// Creates empty steps over a window.
    fn over(window: &Window) -> Self {
        let Some((first, last)) = window.bounds() else {
            return Self::default();
        };
        let step = step_for(last.saturating_sub(first), MAX_STEPS);
        let start = first.div_euclid(step).saturating_mul(step);
        let cells = last.saturating_sub(start) / step + 1;
        Self {
            start,
            step,
            steps: vec![TimeStep::default(); usize::try_from(cells).unwrap_or(0)],
        }
    }

    fn place(&self, time: i64) -> Option<usize> {
        let place = time.checked_sub(self.start)?.checked_div(self.step)?;
        usize::try_from(place).ok()
    }

    /// Returns the series in longer steps, so that there are at most `max_steps`.
    pub fn coarser(&self, max_steps: usize) -> Self {
        let span = self.step.saturating_mul(self.steps.len() as i64);
        if self.step == 0 || self.steps.len() <= max_steps.max(1) {
            return self.clone();
        }
        // One step may be cut off at either end.
        let max_steps = i64::try_from(max_steps.max(3)).unwrap_or(i64::MAX) - 1;
        let step = step_for(span, max_steps);
        let start = self.start.div_euclid(step).saturating_mul(step);
        let mut coarser = Self {
            start,
            step,
            steps: Vec::new(),
        };
        let mut time = self.start;
        for cell in &self.steps {
            let place = usize::try_from(time.saturating_sub(start) / step).unwrap_or(0);
            if coarser.steps.len() <= place {
                coarser.steps.resize(place + 1, TimeStep::default());
            }
            if let Some(sum) = coarser.steps.get_mut(place) {
                sum.add(cell);
            }
            time = time.saturating_add(self.step);
        }
        coarser
    }
}

/// Returns the shortest common length of a step of which a span has at most `max_steps`.
fn step_for(span: i64, max_steps: i64) -> i64 {
    let fits = |step: &i64| span / (step * SECOND) < max_steps;
    let days = || span / max_steps / (86_400 * SECOND) + 1;
    let seconds = STEP_SECONDS.into_iter().find(fits);
    seconds.unwrap_or_else(|| days().saturating_mul(86_400)) * SECOND
}

impl TimeStep {
    fn add(&mut self, other: &Self) {
        self.recorded = self.recorded.saturating_add(other.recorded);
        self.incomplete = self.incomplete.saturating_add(other.incomplete);
        for (sum, more) in self.written.iter_mut().zip(other.written) {
            *sum += more;
        }
    }

    /// Returns the written events at all levels.
    pub fn all(&self) -> Sum {
        let mut all = Sum::default();
        self.written.into_iter().for_each(|sum| all += sum);
        all
    }
}

/// The step of the previous row. The next one is usually in the same step, and needs no division.
#[derive(Default)]
struct LastStep {
    start: i64,
    place: usize,
}

/// Collects a [`Flow`] in the pass over the rows.
struct FlowCollector {
    version: KubernetesVersion,
    flow: Flow,
    last: Option<LastStep>,
    /// Index of the step of the current row; beyond the last if it is in none.
    place: usize,
}

impl EventTable {
    /// Returns the events that a policy with these verdicts writes, on a server of a version; `window` is the log's time window.
    pub fn flow(&self, verdicts: &Verdicts, version: KubernetesVersion, window: &Window) -> Flow {
        self.evaluate_with_flow(verdicts, version, window).1
    }

    /// [`EventTable::evaluate`] and [`EventTable::flow`] in one pass over the rows, which takes hardly longer than either.
    pub fn evaluate_with_flow(
        &self,
        verdicts: &Verdicts,
        version: KubernetesVersion,
        window: &Window,
    ) -> (Evaluation, Flow) {
        let mut collector = FlowCollector {
            version,
            flow: Flow {
                by_request: vec![Sum::default(); self.requests().len()],
                series: Series::over(window),
                ..Flow::default()
            },
            last: None,
            place: usize::MAX,
        };
        let evaluation = self.evaluate_with(verdicts, &mut collector);
        (evaluation, collector.flow)
    }

    /// Iterates over the events with bodies: the id of the request, `true` if it failed, and the sizes.
    pub fn bodies(&self) -> impl Iterator<Item = (RequestId, bool, SizeBreakdown)> {
        let rows = self.chunks.iter().flatten();
        rows.filter_map(|row| {
            // Sizes of bodies are never in the overflow.
            let sizes = row.sizes(Default::default);
            let has_failed = row.code().is_some_and(|code| code >= 400);
            (sizes.request > 0 || sizes.response > 0).then(|| (row.request(), has_failed, sizes))
        })
    }
}

impl FlowCollector {
    /// Returns the index of the step for a time, or one beyond the last if it is in none.
    #[inline]
    fn place(&mut self, time: Option<i64>) -> usize {
        let Some(time) = time else {
            return usize::MAX;
        };
        let series = &self.flow.series;
        if let Some(last) = &self.last
            && (0..series.step).contains(&time.wrapping_sub(last.start))
        {
            return last.place;
        }
        let Some(place) = series.place(time) else {
            return usize::MAX;
        };
        let into = time.saturating_sub(series.start) % series.step.max(1);
        self.last = Some(LastStep {
            start: time.saturating_sub(into),
            place,
        });
        place
    }
}

impl Visitor for FlowCollector {
    #[inline]
    fn needs_differences(&self) -> bool {
        VersionDifferences::affect(self.version)
    }

    #[inline]
    fn visit(&mut self, row: &Row) {
        self.place = self.place(row.time());
        if let Some(cell) = self.flow.series.steps.get_mut(self.place) {
            cell.recorded += 1;
        }
        self.flow.recorded_without_fields += u64::from(row.has(flag::LACKS_LINE));
    }

    /// A patch with no event but the first.
    #[inline]
    fn needs_unwritten(&self, row: &Row) -> bool {
        row.has(flag::PATCHES)
            && !row.has(flag::HAS_MORE)
            && row.stage_index() == Stage::RequestReceived as usize
    }

    /// If it was recorded with its body, the final event of such a patch is lost.
    #[cold]
    fn visit_unwritten(&mut self, attributes: &EventAttributes, cache: &OutcomeCache) {
        let was_recorded_with_bodies = attributes
            .level
            .is_some_and(|level| level >= Level::Request);
        let complete = Stage::ResponseComplete;
        if was_recorded_with_bodies
            && cache.writes(complete as usize)
            && let Some(verdict) = cache
                .verdict
                .filter(|verdict| verdict.level == Level::Metadata)
        {
            let (shared, _) = attributes.known_bytes(verdict, self.version);
            let longer = complete.name().len() - Stage::RequestReceived.name().len();
            self.flow.lost += Sum {
                events: 1,
                bytes: shared + longer as u64,
            };
        }
    }

    #[inline(always)]
    fn write(
        &mut self,
        row: &Row,
        attributes: &EventAttributes,
        stage: usize,
        is_derived: bool,
        verdict: Verdict,
    ) -> Option<u64> {
        let stage = stage.min(Stage::ALL.len());
        let (known, missing) = attributes.known_bytes(verdict, self.version);
        let sum = Sum {
            events: 1,
            bytes: known,
        };
        let flow = &mut self.flow;
        if let Some(cell) = flow.series.steps.get_mut(self.place) {
            if let Some(of_level) = cell.written.get_mut(verdict.level as usize - 1) {
                *of_level += sum;
            }
            cell.incomplete = cell.incomplete.saturating_add(u32::from(missing.any()));
        }
        if missing.any() {
            let key = UnknownSizeKey {
                request: row.request(),
                stage,
                is_derived,
            };
            let unknown = flow.unknown_sizes.entry(key).or_default();
            unknown.add(row, sum, missing);
            return None;
        }
        if is_derived {
            flow.derived += sum;
        }
        if let Some(of_request) = flow.by_request.get_mut(row.request().index()) {
            *of_request += sum;
        }
        if let Some(of_stage) = flow.by_stage.get_mut(stage) {
            *of_stage += sum;
        }
        Some(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_have_common_lengths() {
        for (seconds, max_steps, step) in [
            (0, 100, 1),
            (99, 100, 1),
            (100, 100, 2),
            (3_600, 100, 60),
            (86_400, 100, 900),
            (86_400 * 365, 100, 86_400 * 4),
        ] {
            assert_eq!(
                step_for(seconds * SECOND, max_steps),
                step * SECOND,
                "{seconds}"
            );
        }
        assert!(step_for(i64::MAX, MAX_STEPS) > 0);
    }

    #[test]
    fn a_coarser_series_has_the_same_sums() {
        let cells = (0..1000).map(|n| TimeStep {
            recorded: n,
            written: [
                Sum {
                    events: 1,
                    bytes: u64::from(n),
                },
                Sum::default(),
                Sum::default(),
            ],
            incomplete: 1,
        });
        let fine = Series {
            start: 1_700_000_007 * SECOND,
            step: SECOND,
            steps: cells.collect(),
        };
        let coarse = fine.coarser(100);
        assert_eq!(coarse.step, 15 * SECOND);
        assert!(coarse.steps.len() <= 100);
        let total = |series: &Series| {
            let recorded: u32 = series.steps.iter().map(|cell| cell.recorded).sum();
            let bytes: u64 = series.steps.iter().map(|cell| cell.all().bytes).sum();
            let incomplete: u32 = series.steps.iter().map(|cell| cell.incomplete).sum();
            (recorded, bytes, incomplete)
        };
        assert_eq!(total(&fine), (499_500, 499_500, 1000));
        assert_eq!(total(&coarse), total(&fine));
    }
}
