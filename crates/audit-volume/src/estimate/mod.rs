//! Volume that a policy writes of a log: events and bytes by attribute, over time and per day.

mod bodies;
mod breakdown;
mod rate;
mod typical;
mod volume;

use audit_policy::KubernetesVersion;
use audit_sim::{EventTable, Flow, Sum, Verdicts, Window};
use audit_types::RequestId;
use serde::Serialize;

use crate::disk::WriteRate;
use crate::metric::Unit;

pub use bodies::{BodyKind, BodySizeEstimate, BodySizes, SizeSource};
pub use breakdown::{Breakdown, BreakdownGroup, Dimension};
pub use rate::{EventRate, TimeBucket, gap_caution};
pub(crate) use typical::size as typical_body_size;
pub use volume::{EstimatedVolume, SizeRange};

/// Volume that a policy writes of a log.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Volume of the log as it was recorded.
    pub recorded: EstimatedVolume,
    /// Volume that the policy writes of it.
    pub written: EstimatedVolume,
    /// Written volume per day, at the rate of the log; `None` if the log's times give no rate.
    pub per_day: Option<DailyVolume>,
    /// Rate at which it is written.
    #[serde(rename = "pace")]
    pub rate: EventRate,
    /// Last events of patches that the server would write, but that the log lacks because kube-apiserver loses them. Not part of `written`.
    #[serde(rename = "lost")]
    pub unrecorded_patches: EstimatedVolume,
    /// Number of events whose verdict can't be determined. Not part of `written`.
    pub unknowable: u64,
    /// Breakdowns in the order of [`Dimension::ALL`].
    pub by: Vec<Breakdown>,
    /// Assumed sizes of bodies that the policy records and the log lacks.
    #[serde(rename = "guesses")]
    pub body_sizes: Vec<BodySizeEstimate>,
    /// Part of `written`: events that the log lacks, derived from later ones.
    pub derived: EstimatedVolume,
    /// Number of written events whose record lacks fields of the server's line, because of the log's format.
    pub without_fields: u64,
}

/// Volume per day, not rounded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DailyVolume {
    /// Factor from the log to a day.
    pub factor: f64,
    /// Number of events.
    pub events: f64,
    /// Lower bound of the bytes.
    pub low: f64,
    /// Upper bound of the bytes; equal to `low` if every size is known.
    pub high: f64,
}

impl Estimate {
    /// Returns the write rate for computing disk usage; `None` if there is no volume per day. Sizes are upper bounds.
    pub fn write_rate(&self) -> Option<WriteRate> {
        let day = self.per_day?;
        Some(WriteRate {
            bytes_per_day: day.high,
            events_per_day: day.events,
            peak_bytes_per_second: self.rate.peak_bytes_high,
        })
    }

    /// Estimates the volume of a log under a policy with these verdicts. `window` covers the log's times; `bodies` are the body sizes in the
    /// log, which don't depend on the policy.
    pub fn new(
        table: &EventTable,
        verdicts: &Verdicts,
        version: KubernetesVersion,
        window: &Window,
        bodies: &BodySizes,
    ) -> Self {
        let flow = table.flow(verdicts, version, window);
        Self::from_flow(&flow, table, verdicts, window, bodies)
    }

    /// Estimates the volume, given its [`Flow`].
    pub fn from_flow(
        flow: &Flow,
        table: &EventTable,
        verdicts: &Verdicts,
        window: &Window,
        bodies: &BodySizes,
    ) -> Self {
        let mut tables = breakdown::BreakdownBuilder::new(table, verdicts);
        for (request, sum) in table.requests().ids().zip(&flow.by_request) {
            if sum.events > 0 {
                tables.add(request, (*sum).into());
            }
        }
        let mut guesses = bodies::BodySizeEstimator::new(bodies, table.requests());
        let mut derived = EstimatedVolume::from(flow.derived);
        let mut without_fields = 0;
        for (key, open) in &flow.unknown_sizes {
            let verdict = verdicts.get(key.request);
            let lean = verdict.is_some_and(|verdict| verdict.omit_managed_fields);
            let amount = guesses.amount(key.request, open, lean);
            tables.add(key.request, amount);
            tables.add_stage(key.stage, amount);
            without_fields += open.lines;
            if key.is_derived {
                derived += amount;
            }
        }
        for (stage, sum) in flow.by_stage.iter().enumerate() {
            tables.add_stage(stage, (*sum).into());
        }
        let written = tables.total();
        let mut pace = EventRate::of(&flow.series, window, written.missing_each());
        let lost = lost(flow.lost);
        pace.cautions.extend(patch_caution(&lost));
        let per_day = pace.per_day_factor.map(|factor| DailyVolume {
            factor,
            events: factor * written.events as f64,
            low: factor * written.low() as f64,
            high: factor * written.high() as f64,
        });
        Self {
            recorded: recorded(table, flow),
            written,
            derived,
            without_fields,
            per_day,
            unrecorded_patches: lost,
            unknowable: unknowable(table, verdicts),
            rate: pace,
            by: tables.breakdowns(),
            body_sizes: guesses.finish(),
        }
    }
}

/// Returns the volume of the log. The size of an event is a range if its record lacks fields.
fn recorded(table: &EventTable, flow: &Flow) -> EstimatedVolume {
    let incomplete_events = flow.recorded_without_fields;
    EstimatedVolume {
        incomplete_events,
        missing_bytes: typical::LINE.times(incomplete_events),
        ..table.recorded_sum().into()
    }
}

/// Bytes that a response adds to the RequestReceived event: at least a status with only a code and the authorizer's two annotations; at most
/// a failure status and a reason that names a binding, a role and a subject.
const RESPONSE: SizeRange = SizeRange {
    low: 134,
    high: 260,
};

fn lost(sum: Sum) -> EstimatedVolume {
    EstimatedVolume {
        incomplete_events: sum.events,
        missing_bytes: RESPONSE.times(sum.events),
        ..sum.into()
    }
}

fn patch_caution(lost: &EstimatedVolume) -> Option<String> {
    (lost.events > 0).then(|| {
        format!(
            "{} patches have no last event in the log, because kube-apiserver loses it at level Request and above if the patch is not JSON; at level Metadata it would write {} to {} more",
            lost.events,
            Unit::Bytes.format(lost.low() as f64),
            Unit::Bytes.format(lost.high() as f64)
        )
    })
}

/// Returns the number of events whose verdict can't be determined; rows are only visited if there is such a request.
fn unknowable(table: &EventTable, verdicts: &Verdicts) -> u64 {
    let is_unknown = |request: RequestId| verdicts.get(request).is_none();
    if !table.requests().ids().any(is_unknown) {
        return 0;
    }
    let numbers = table.recorded_ids();
    let unknown = numbers.filter_map(|number| table.request_of(number));
    unknown.filter(|request| is_unknown(*request)).count() as u64
}

#[cfg(test)]
mod tests;
