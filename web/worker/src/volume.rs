//! How much the policy writes: estimates of the engine as the panel shows them.

use apiserver_config::{Settings, WebhookBackend};
use audit_sim::Sum;
use audit_types::format::precise_duration;
use audit_types::time::date_time;
use audit_volume::Metric;
use audit_volume::backend::{EventLoad, webhook_usage};
use audit_volume::cost::{CostInputs, estimate_cost};
use audit_volume::disk::{disk_usage, timeline, timeline_days};
use audit_volume::estimate::{
    self, BodyKind, BodySizeEstimate, Breakdown, Dimension, Estimate, EventRate, SizeSource,
};
use playground_protocol::volume::{
    Amount, BreakdownGroup, BreakdownView, DiskUsagePoint, FigureView, MetricGroup, TimeBucket,
    VolumeReport, VolumeSettings,
};

use crate::answer::sum;
use crate::export;
use crate::log::Log;
use crate::numbers::grouped;
use crate::packing::Packed;
use crate::policy::PolicyState;

/// How many groups of each kind are shown; the others are summed up.
const GROUPS_SHOWN: usize = 10;

/// How many kinds of lacking bodies are named.
const GUESSES_SHOWN: usize = 6;

/// Points of the disk's timeline.
const MOMENTS: usize = 120;

/// Estimates the log under the policy in force.
pub(crate) fn volume(
    log: &mut Log,
    policy: &PolicyState,
    asked: &VolumeSettings,
    generation: u32,
) -> VolumeReport {
    let estimate = log.estimate();
    let Estimate {
        recorded,
        written,
        rate: pace,
        by,
        body_sizes: guesses,
        ..
    } = &estimate;
    let mut report = VolumeReport {
        generation,
        recorded: sum(Sum {
            events: recorded.events,
            bytes: recorded.bytes,
        }),
        written: amount(written),
        days_like_this: pace.per_day_factor,
        rates: pace_figures(&estimate),
        cautions: pace.cautions.clone(),
        buckets: pace.buckets.iter().map(column).collect(),
        bucket_seconds: pace.bucket_seconds,
        time_range: ends(pace),
        by: by.iter().map(breakdown).collect(),
        body_estimates: guesses.iter().take(GUESSES_SHOWN).map(guess).collect(),
        more_body_estimates: guesses.len().saturating_sub(GUESSES_SHOWN),
        ..VolumeReport::default()
    };
    if estimate.per_day.is_some() {
        let (settings, _) = export::settings(&asked.export, &policy.text);
        let packed = settings.log.compress.then(|| log.packed()).flatten();
        consequences(&estimate, &settings, asked, packed, &mut report);
    }
    report
}

fn amount(amount: &estimate::EstimatedVolume) -> Amount {
    let count = |events: u64| usize::try_from(events).unwrap_or(usize::MAX);
    Amount {
        events: count(amount.events),
        incomplete_events: count(amount.incomplete_events),
        bytes: amount.bytes as f64,
        low: amount.low() as f64,
        high: amount.high() as f64,
    }
}

fn column(column: &estimate::TimeBucket) -> TimeBucket {
    TimeBucket {
        start: date_time(column.start),
        recorded: column.recorded as usize,
        events: usize::try_from(column.events).unwrap_or(usize::MAX),
        bytes: column.bytes.map(|bytes| bytes as f64),
    }
}

fn ends(pace: &EventRate) -> Option<(String, String)> {
    let (first, last) = (pace.buckets.first()?, pace.buckets.last()?);
    let end = last
        .start
        .saturating_add((pace.bucket_seconds * 1e6) as i64);
    Some((date_time(first.start), date_time(end)))
}

const fn name(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Level => "level",
        Dimension::Rule => "rule",
        Dimension::User => "user",
        Dimension::Group => "group",
        Dimension::Resource => "resource",
        Dimension::Verb => "verb",
        Dimension::Namespace => "namespace",
        Dimension::Stage => "stage",
    }
}

fn breakdown(breakdown: &Breakdown) -> BreakdownView {
    let mut groups: Vec<_> = breakdown
        .groups
        .iter()
        .filter(|group| group.volume.events > 0)
        .collect();
    // Rules, too, are shown by what they write: the editor has them in their order.
    groups.sort_by_key(|group| std::cmp::Reverse(group.volume.high()));
    let rest = groups.split_off(groups.len().min(GROUPS_SHOWN));
    let more = (!rest.is_empty()).then(|| {
        let mut sum = estimate::EstimatedVolume::default();
        rest.iter().for_each(|group| sum += group.volume);
        (rest.len(), amount(&sum))
    });
    let groups = groups.into_iter().map(|group| BreakdownGroup {
        key: match (breakdown.dimension, group.key.as_str()) {
            (Dimension::Rule, "none") => "no rule".to_owned(),
            (Dimension::Rule, number) => format!("rule {number}"),
            (_, "") => "(none)".to_owned(),
            (_, key) => key.to_owned(),
        },
        amount: amount(&group.volume),
    });
    BreakdownView {
        name: name(breakdown.dimension).to_owned(),
        groups: groups.collect(),
        more,
    }
}

fn guess(guess: &BodySizeEstimate) -> String {
    let body = match guess.body {
        BodyKind::Request => "request bodies",
        BodyKind::Response => "answers",
        BodyKind::Failure => "answers to what failed",
    };
    let (low, high) = (size(guess.each.low as f64), size(guess.each.high as f64));
    let basis = match guess.source {
        SizeSource::Log { bodies } => {
            format!("as {} like them in the log", grouped(bodies as u64))
        }
        SizeSource::Typical => "as is typical of them".to_owned(),
    };
    format!(
        "{} {body} of `{} {}`: {low} to {high} each, {basis}",
        grouped(guess.events),
        guess.verb,
        guess.resource
    )
}

fn size(bytes: f64) -> String {
    audit_volume::Unit::Bytes.format(bytes)
}

fn between(low: f64, high: f64) -> String {
    let (low, high) = (size(low), size(high));
    if low == high {
        low
    } else {
        format!("{low} to {high}")
    }
}

fn plain(label: &str, value: String, formula: String) -> FigureView {
    FigureView {
        label: label.to_owned(),
        value,
        formula,
    }
}

fn pace_figures(estimate: &Estimate) -> Vec<FigureView> {
    let mut figures = Vec::new();
    let EventRate {
        seconds,
        mean_events,
        mean_bytes,
        peak_events,
        peak_bytes,
        step_seconds,
        ..
    } = estimate.rate;
    let written = &estimate.written;
    let bytes = between(written.low() as f64, written.high() as f64);
    let events = audit_volume::Unit::Events;
    let a_second = audit_volume::Unit::EventsPerSecond;
    if let (Some(day), Some(seconds)) = (estimate.per_day, seconds) {
        let window = precise_duration(seconds);
        figures.push(plain(
            "Bytes a day",
            between(day.low, day.high),
            format!("{bytes} ÷ {window} × 1 day"),
        ));
        figures.push(plain(
            "Events a day",
            audit_volume::metric::daily_events(day.events),
            format!(
                "{} ÷ {window} × 1 day",
                events.format(written.events as f64)
            ),
        ));
    }
    let rate =
        |events: f64, bytes: f64| format!("{}, {} a second", a_second.format(events), size(bytes));
    if let (Some(events), Some(bytes)) = (mean_events, mean_bytes) {
        figures.push(plain(
            "On average",
            rate(events, bytes),
            "events and bytes of known size ÷ the log's own time".to_owned(),
        ));
    }
    if let (Some(events), Some(bytes)) = (peak_events, peak_bytes) {
        let step = audit_volume::Unit::Seconds.format(step_seconds);
        figures.push(plain(
            "At the peak",
            rate(events, bytes),
            format!("the busiest stretch of {step}, and the one that writes most"),
        ));
    }
    figures
}

fn figure(label: &str, figure: &Option<Metric>) -> Option<FigureView> {
    let figure = figure.as_ref()?;
    let value = figure.text();
    let formula = if figure.formula == value {
        String::new()
    } else {
        figure.formula.clone()
    };
    Some(plain(label, value, formula))
}

/// A remark of the engine as a sentence of its own.
pub(crate) fn sentence(remark: &str) -> String {
    let mut letters = remark.chars();
    let first = letters.next().map(|letter| letter.to_uppercase());
    let mut sentence: String = first.into_iter().flatten().chain(letters).collect();
    sentence.push('.');
    sentence
}

/// What the volume means for the disk, the wires and the cost.
fn consequences(
    estimate: &Estimate,
    settings: &Settings,
    asked: &VolumeSettings,
    packed: Option<Packed>,
    report: &mut VolumeReport,
) {
    let Some(stream) = estimate.write_rate() else {
        return;
    };
    let ratio = packed.map(|packed| packed.ratio);
    let disk = disk_usage(&stream, &settings.log, settings.version, ratio);
    let figures = [
        figure("On the disk, at the most", &disk.bytes),
        figure("Files", &disk.files),
        figure("History kept", &disk.history),
        figure("A file is full after", &disk.rotates_every),
        figure("At the peak after", &disk.rotates_every_at_peak),
        figure("Growth", &disk.growth),
    ];
    let mut notes = vec![sentence(disk.limit.explanation())];
    notes.extend(disk.notes.iter().map(|note| sentence(note)));
    if let Some(Packed { ratio, bytes }) = packed {
        notes.push(format!(
            "Packed with gzip, {} of this log become {}.",
            size(bytes as f64),
            size(bytes as f64 * ratio)
        ));
    }
    report.consequences.push(MetricGroup {
        title: "On the disk of each control-plane node".to_owned(),
        figures: figures.into_iter().flatten().collect(),
        notes,
    });
    let moments = timeline(
        &stream,
        &settings.log,
        settings.version,
        ratio,
        timeline_days(&disk),
        MOMENTS,
    );
    report.timeline = moments
        .into_iter()
        .map(|moment| DiskUsagePoint {
            day: moment.day,
            files: usize::try_from(moment.files).unwrap_or(usize::MAX),
            bytes: moment.bytes,
        })
        .collect();
    report.consequences.push(wires(estimate, &settings.webhook));
    let cost = estimate_cost(&CostInputs {
        bytes_per_day: stream.bytes_per_day,
        retention_days: disk.history.as_ref().map(|history| history.value),
        storage_ratio: None,
        ingestion_price: asked.price_ingested,
        storage_price: asked.price_stored,
    });
    let figures = [
        figure("Taken in", &cost.ingested),
        figure("In store", &cost.stored),
        figure("Taking in costs", &cost.ingestion_cost),
        figure("Storing costs", &cost.storage_cost),
        figure("Together", &cost.total_cost),
    ];
    report.consequences.push(MetricGroup {
        title: "On the bill of a log service".to_owned(),
        figures: figures.into_iter().flatten().collect(),
        notes: cost.notes.iter().map(|note| sentence(note)).collect(),
    });
}

/// What the webhook makes of it; where it is off, as the server would have it.
fn wires(estimate: &Estimate, settings: &WebhookBackend) -> MetricGroup {
    let EventRate {
        mean_events,
        peak_events,
        step_seconds,
        ..
    } = estimate.rate;
    let events = estimate.written.events.max(1) as f64;
    let traffic = EventLoad {
        mean: mean_events.unwrap_or(0.0),
        peak: peak_events.unwrap_or(0.0),
        peak_seconds: step_seconds,
        bytes_per_event: estimate.written.high() as f64 / events,
    };
    let wire = webhook_usage(&traffic, settings);
    let at_mean = wire.at_mean.as_ref().map(|flow| flow.batches.clone());
    let at_peak = wire.at_peak.as_ref().map(|flow| flow.batches.clone());
    let peak = wire.peak.as_ref();
    let figures = [
        figure("Batches, on average", &at_mean),
        figure("Batches at the peak", &at_peak),
        figure("The throttle lets out", &wire.throttle_limit),
        figure("Headroom at the peak", &wire.headroom_at_peak),
        figure(
            "Queued in the peak",
            &peak.and_then(|peak| peak.queued.clone()),
        ),
        figure(
            "Dropped in the peak",
            &peak.and_then(|peak| peak.dropped.clone()),
        ),
        figure("A full queue takes", &wire.queue_memory),
    ];
    MetricGroup {
        title: if settings.is_enabled() {
            "By webhook".to_owned()
        } else {
            "By webhook, with the server's own settings".to_owned()
        },
        figures: figures.into_iter().flatten().collect(),
        notes: wire.notes.iter().map(|note| sentence(note)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_figure_where_its_ends_read_alike() {
        assert_eq!(between(1000.0, 1000.0), "1.00 KB");
        assert_eq!(between(1000.0, 1000.4), "1.00 KB");
        assert_eq!(between(1000.0, 2000.0), "1.00 KB to 2.00 KB");
    }
}
