//! What a policy writes of a log: events and bytes, by what they share, over time, and a day.

mod amount;
mod bodies;
mod breakdown;
mod pace;
mod typical;

use audit_policy::KubernetesVersion;
use audit_sim::{EventTable, Flow, Sum, Verdicts, Window};
use serde::Serialize;

use crate::disk::Stream;
use crate::figure::Unit;

pub use amount::{Amount, Range};
pub use bodies::{Basis, Body, BodySizes, Guess};
pub use breakdown::{Breakdown, Dimension, Group};
pub use pace::{Column, Pace, said_of_gap};

/// What a policy writes of a log.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The log, as it was recorded.
    pub recorded: Amount,
    /// What is written of it.
    pub written: Amount,
    /// The same a day, at the log's own rate; none where the log's times do not tell.
    pub per_day: Option<DayAmount>,
    /// How fast it is written.
    pub pace: Pace,
    /// Last events of patches that the log lacks altogether, and the server would write; they are not in `written`.
    pub lost: Amount,
    /// Events whose verdict cannot be known, which are not in `written`.
    pub unknowable: u64,
    /// By what the events share, in the order of [`Dimension::ALL`].
    pub by: Vec<Breakdown>,
    /// For the bodies that the policy asks for and the log lacks: what their sizes are taken from.
    pub guesses: Vec<Guess>,
}

/// An amount a day. Rounded to whole events and bytes only when it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DayAmount {
    /// How many logs like this make a day.
    pub factor: f64,
    /// Events.
    pub events: f64,
    /// Bytes at the least.
    pub low: f64,
    /// Bytes at the most; the same where every size is known.
    pub high: f64,
}

impl Estimate {
    /// The same as a stream for the disk; none where there are no figures for a day. Where sizes are open, the larger end fills disks.
    pub fn stream(&self) -> Option<Stream> {
        let day = self.per_day?;
        Some(Stream {
            bytes_a_day: day.high,
            events_a_day: day.events,
            peak_bytes_a_second: self.pace.peak_bytes,
        })
    }

    /// Estimates a log under a policy whose verdicts these are. `window` spans the log's times; `bodies` are the sizes that the log
    /// itself tells, found once for a log and any policy.
    pub fn of(
        table: &EventTable,
        verdicts: &Verdicts,
        version: KubernetesVersion,
        window: &Window,
        bodies: &BodySizes,
    ) -> Self {
        let flow = table.flow(verdicts, version, window);
        Self::of_flow(&flow, table, verdicts, window, bodies)
    }

    /// The same from what is known already of what is written.
    pub fn of_flow(
        flow: &Flow,
        table: &EventTable,
        verdicts: &Verdicts,
        window: &Window,
        bodies: &BodySizes,
    ) -> Self {
        let mut tables = breakdown::Tables::new(table, verdicts);
        for (request, sum) in (0..).zip(&flow.by_request) {
            if sum.events > 0 {
                tables.add(request, (*sum).into());
            }
        }
        let mut guesses = bodies::Guesses::new(bodies, table.requests());
        for ((request, stage), open) in &flow.open {
            let verdict = verdicts.get(*request);
            let lean = verdict.is_some_and(|verdict| verdict.omit_managed_fields);
            let amount = guesses.amount(*request, open, lean);
            tables.add(*request, amount);
            tables.add_stage(*stage, amount);
        }
        for (stage, sum) in flow.by_stage.iter().enumerate() {
            tables.add_stage(stage, (*sum).into());
        }
        let written = tables.total();
        let mut pace = Pace::of(&flow.series, window);
        let lost = lost(flow.lost);
        pace.cautions.extend(said_of_lost(&lost));
        let per_day = pace.days_like_this.map(|factor| DayAmount {
            factor,
            events: factor * written.events as f64,
            low: factor * written.low() as f64,
            high: factor * written.high() as f64,
        });
        Self {
            recorded: table.recorded_sum().into(),
            written,
            per_day,
            lost,
            unknowable: unknowable(table, verdicts),
            pace,
            by: tables.breakdowns(),
            guesses: guesses.finish(),
        }
    }
}

/// What an answer adds to the RequestReceived event: a status that says no more than a code, and the authorizer's two annotations; at the
/// most with a status that says it failed, and a reason that names a binding, a role and a subject.
const ANSWER: Range = Range {
    low: 134,
    high: 260,
};

fn lost(sum: Sum) -> Amount {
    Amount {
        open_events: sum.events,
        missing: ANSWER.times(sum.events),
        ..sum.into()
    }
}

fn said_of_lost(lost: &Amount) -> Option<String> {
    (lost.events > 0).then(|| {
        format!(
            "{} patches have no last event in the log, since the server loses it at Request and above where a patch is not JSON; at Metadata it would write them: {} to {} more",
            lost.events,
            Unit::Bytes.spell(lost.low() as f64),
            Unit::Bytes.spell(lost.high() as f64)
        )
    })
}

/// Events whose verdict cannot be known; the rows are looked at only where there is such a request.
fn unknowable(table: &EventTable, verdicts: &Verdicts) -> u64 {
    let is_unjudged = |request: u32| verdicts.get(request).is_none();
    let requests = u32::try_from(table.requests().len()).unwrap_or(u32::MAX);
    if !(0..requests).any(is_unjudged) {
        return 0;
    }
    let numbers = table.recorded_numbers();
    let unjudged = numbers.filter_map(|number| table.request_of(number));
    unjudged.filter(|request| is_unjudged(*request)).count() as u64
}

#[cfg(test)]
mod tests;
