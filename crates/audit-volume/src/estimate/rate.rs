//! Rate at which a policy writes, and cautions about the log's times.

use audit_sim::{Extrapolation, Series, Sum, Window};
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
    /// Bytes per second, averaged over the log.
    pub mean_bytes: Option<f64>,
    /// Events per second in the interval with the most events.
    pub peak_events: Option<f64>,
    /// Bytes per second in the interval with the most bytes.
    pub peak_bytes: Option<f64>,
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
    pub(super) fn of(series: &Series, window: &Window) -> Self {
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
        let total = series.steps.iter().fold(Sum::default(), |mut total, cell| {
            total += cell.all();
            total
        });
        if extrapolation.factor.is_some()
            && let Some(seconds) = extrapolation.seconds
        {
            pace.mean_events = Some(total.events as f64 / seconds);
            pace.mean_bytes = Some(total.bytes as f64 / seconds);
            // A log shorter than the interval counts as one interval.
            let step = step.min(seconds);
            let peak = |of: fn(Sum) -> u64| series.steps.iter().map(|cell| of(cell.all())).max();
            pace.peak_events = peak(|sum| sum.events).map(|events| events as f64 / step);
            pace.peak_bytes = peak(|sum| sum.bytes).map(|bytes| bytes as f64 / step);
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
