//! How fast a policy writes, and how far the log's times can be relied on.

use audit_sim::{Extrapolation, Series, Sum, Window};
use serde::Serialize;

use audit_types::format::duration;

/// How fast it is written.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pace {
    /// From the first event to the last, in seconds; none where no event bears a time.
    pub seconds: Option<f64>,
    /// How many days like this the log makes; none where its times do not tell.
    pub days_like_this: Option<f64>,
    /// Events a second over the whole window.
    pub mean_events: Option<f64>,
    /// Bytes a second over the whole window.
    pub mean_bytes: Option<f64>,
    /// Events a second in the busiest step.
    pub peak_events: Option<f64>,
    /// Bytes a second in the step that writes most.
    pub peak_bytes: Option<f64>,
    /// How long such a step is, in seconds.
    pub step_seconds: f64,
    /// The longest time without any event of the log, in seconds.
    pub longest_gap: f64,
    /// What makes the figures doubtful: a sentence each.
    pub cautions: Vec<String>,
    /// The first of these, where it says that the log is too short for its rates to mean much.
    #[serde(skip)]
    pub short: Option<String>,
    /// What is written when, in columns for a picture.
    pub columns: Vec<Column>,
    /// How long a column is, in seconds.
    pub column_seconds: f64,
}

/// One column of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// When it begins: microseconds since 1970.
    pub start: i64,
    /// Events of the log, written or not.
    pub recorded: u32,
    /// Events written.
    pub events: u64,
    /// Bytes written at Metadata, Request and RequestResponse.
    pub bytes: [u64; 3],
}

/// Columns of a picture.
const MOST_COLUMNS: usize = 96;

const MICROS: f64 = 1_000_000.0;

impl Pace {
    pub(super) fn of(series: &Series, window: &Window) -> Self {
        let extrapolation = window.extrapolate();
        let mut pace = Self {
            seconds: extrapolation.seconds,
            days_like_this: extrapolation.factor,
            cautions: extrapolation.caution.iter().cloned().collect(),
            short: extrapolation.caution.clone(),
            ..Self::default()
        };
        if window.untimed() > 0 && window.bounds().is_some() {
            pace.cautions.push(format!(
                "{} events bear no time: they count in the sums, and not in the rates over time",
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
            // A window shorter than a step is a step.
            let step = step.min(seconds);
            let peak = |of: fn(Sum) -> u64| series.steps.iter().map(|cell| of(cell.all())).max();
            pace.peak_events = peak(|sum| sum.events).map(|events| events as f64 / step);
            pace.peak_bytes = peak(|sum| sum.bytes).map(|bytes| bytes as f64 / step);
        }
        pace.step_seconds = step;
        pace.note_gap(series, step);
        pace.cautions.extend(said_of_gap(&extrapolation));
        let coarse = series.coarser(MOST_COLUMNS);
        pace.column_seconds = coarse.step as f64 / MICROS;
        let starts = (0..).map(|place| {
            coarse
                .start
                .saturating_add(coarse.step.saturating_mul(place))
        });
        let columns = coarse.steps.iter().zip(starts).map(|(cell, start)| Column {
            start,
            recorded: cell.recorded,
            events: cell.all().events,
            bytes: cell.written.map(|sum| sum.bytes),
        });
        pace.columns = columns.collect();
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

/// What a long time without events means for the rate, in one sentence; `None` without such a gap.
pub fn said_of_gap(extrapolation: &Extrapolation) -> Option<String> {
    let (gap, seconds) = extrapolation.gap.zip(extrapolation.seconds)?;
    Some(format!(
        "no events for {} of the {} between the first and the last: the rate per day counts that time too",
        duration(gap),
        duration(seconds)
    ))
}
