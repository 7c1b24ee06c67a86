//! Rate at which a policy writes, and cautions about the log's times.

use audit_sim::{Extrapolation, Series, TimeStep, Window};
use serde::Serialize;

use audit_types::format::duration;

/// Rate at which a policy writes.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRate {
    /// Seconds from the first event to the last; `None` if no event has a time.
    pub seconds: Option<f64>,
    /// Factor from the log to a day; `None` if its times give no rate.
    #[serde(rename = "daysLikeThis")]
    pub per_day_factor: Option<f64>,
    /// Events per second, averaged over the log.
    pub mean_events: Option<f64>,
    /// Lower bound of the bytes per second, averaged over the log.
    pub mean_bytes: Option<f64>,
    /// Upper bound of the bytes per second, averaged over the log; equal to the lower one if every size is known.
    pub mean_bytes_high: Option<f64>,
    /// Events per second in the interval with the most events.
    pub peak_events: Option<f64>,
    /// Lower bound of the bytes per second in the interval with the most bytes. Each missing part of an event counts with the average of all.
    pub peak_bytes: Option<f64>,
    /// Upper bound of the bytes per second in the interval with the most bytes; equal to the lower one if every size is known.
    pub peak_bytes_high: Option<f64>,
    /// Length of such an interval in seconds.
    pub step_seconds: f64,
    /// Longest gap without events in the log, in seconds.
    pub longest_gap: f64,
    /// Reasons to doubt the rates, one message each.
    pub cautions: Vec<String>,
    /// The message that says that the log is too short for reliable rates, if so.
    #[serde(skip)]
    pub short_log_caution: Option<String>,
    /// Written volume over time, for a chart.
    #[serde(rename = "columns")]
    pub buckets: Vec<TimeBucket>,
    /// Length of a time bucket in seconds.
    #[serde(rename = "columnSeconds")]
    pub bucket_seconds: f64,
}

/// Written volume in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeBucket {
    /// Start in microseconds since 1970.
    pub start: i64,
    /// Number of events in the log, written or not.
    pub recorded: u32,
    /// Number of written events.
    pub events: u64,
    /// Bytes written at levels Metadata, Request and RequestResponse.
    pub bytes: [u64; 3],
}

/// Maximum number of time buckets.
const MAX_BUCKETS: usize = 96;

const MICROS: f64 = 1_000_000.0;

impl EventRate {
    /// Computes the rates; an incomplete event lacks `missing_each` bytes on average, as lower and upper bound.
    pub(super) fn of(series: &Series, window: &Window, missing_each: (f64, f64)) -> Self {
        let extrapolation = window.extrapolate();
        let mut pace = Self {
            seconds: extrapolation.seconds,
            per_day_factor: extrapolation.factor,
            cautions: extrapolation.caution.iter().cloned().collect(),
            short_log_caution: extrapolation.caution.clone(),
            ..Self::default()
        };
        if window.untimed() > 0 && window.bounds().is_some() {
            pace.cautions.push(format!(
                "{} events have no time: they count in totals, but not in rates",
                window.untimed()
            ));
        }
        if series.step == 0 {
            return pace;
        }
        let step = series.step as f64 / MICROS;
        if extrapolation.factor.is_some()
            && let Some(seconds) = extrapolation.seconds
        {
            pace.add_rates(series, seconds, missing_each);
        }
        pace.step_seconds = step;
        pace.note_gap(series, step);
        pace.cautions.extend(gap_caution(&extrapolation));
        let coarse = series.coarser(MAX_BUCKETS);
        pace.bucket_seconds = coarse.step as f64 / MICROS;
        let starts = (0..).map(|place| {
            coarse
                .start
                .saturating_add(coarse.step.saturating_mul(place))
        });
        let columns = coarse
            .steps
            .iter()
            .zip(starts)
            .map(|(cell, start)| TimeBucket {
                start,
                recorded: cell.recorded,
                events: cell.all().events,
                bytes: cell.written.map(|sum| sum.bytes),
            });
        pace.buckets = columns.collect();
        pace
    }

    /// Adds averages over the log's `seconds`, and peaks.
    fn add_rates(&mut self, series: &Series, seconds: f64, missing_each: (f64, f64)) {
        // A log shorter than the interval counts as one interval.
        let step = (series.step as f64 / MICROS).min(seconds);
        let rates = |of: &dyn Fn(&TimeStep) -> f64| {
            let (sum, most) = series.steps.iter().map(of).fold(
                (0.0, None),
                |(sum, most): (f64, Option<f64>), value| {
                    (
                        sum + value,
                        Some(most.map_or(value, |most| most.max(value))),
                    )
                },
            );
            (Some(sum / seconds), most.map(|most| most / step))
        };
        let bytes = |cell: &TimeStep, each: f64| {
            cell.all().bytes as f64 + f64::from(cell.incomplete) * each
        };
        let (low, high) = missing_each;
        (self.mean_events, self.peak_events) = rates(&|cell| cell.all().events as f64);
        (self.mean_bytes, self.peak_bytes) = rates(&|cell| bytes(cell, low));
        (self.mean_bytes_high, self.peak_bytes_high) = rates(&|cell| bytes(cell, high));
    }

    fn note_gap(&mut self, series: &Series, step: f64) {
        let (mut longest, mut run) = (0_usize, 0_usize);
        for cell in &series.steps {
            run = if cell.recorded == 0 { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        self.longest_gap = longest as f64 * step;
    }
}

/// Returns a message about a long gap without events; `None` without such a gap.
pub fn gap_caution(extrapolation: &Extrapolation) -> Option<String> {
    let (gap, seconds) = extrapolation.gap.zip(extrapolation.seconds)?;
    Some(format!(
        "no events for {} of the {} between the first and the last event: rates per day include that time",
        duration(gap),
        duration(seconds)
    ))
}
