//! Data of the volume panel.

use apiserver_config::{Settings, WebhookBackend};
use audit_sim::Sum;
use audit_types::format;
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
    Amount, BreakdownGroup, BreakdownView, DiskUsagePoint, FigureView, MetricGroup, OtherGroups,
    TimeBucket, TimeRange, VolumeReport, VolumeSettings,
};

use crate::answer::sum;
use crate::export;
use crate::log::Log;
use crate::policy::PolicyState;
use crate::reader::compression::CompressionSample;

/// Maximum number of groups per dimension; the others are summed up.
const MAX_GROUPS: usize = 10;

/// Maximum number of assumptions listed.
const MAX_BODY_ESTIMATES: usize = 6;

/// Number of points of the disk's timeline.
const TIMELINE_POINTS: usize = 120;

/// Estimates the volume of the current policy.
pub(crate) fn volume(
    log: &mut Log,
    policy: &PolicyState,
    requested: &VolumeSettings,
    generation: u32,
) -> VolumeReport {
    let estimate = log.estimate();
    let Estimate {
        recorded,
        written,
        rate,
        by,
        body_sizes,
        ..
    } = &estimate;
    let mut report = VolumeReport {
        generation,
        recorded: sum(Sum {
            events: recorded.events,
            bytes: recorded.bytes,
        }),
        written: amount(written),
        days_like_this: rate.per_day_factor,
        rates: rate_figures(&estimate),
        cautions: rate.cautions.clone(),
        buckets: rate.buckets.iter().map(time_bucket).collect(),
        bucket_seconds: rate.bucket_seconds,
        time_range: time_range(rate),
        by: by.iter().map(breakdown).collect(),
        body_estimates: body_sizes
            .iter()
            .take(MAX_BODY_ESTIMATES)
            .map(describe_body_estimate)
            .collect(),
        more_body_estimates: body_sizes.len().saturating_sub(MAX_BODY_ESTIMATES),
        ..VolumeReport::default()
    };
    if estimate.per_day.is_some() {
        let (settings, _) = export::settings(&requested.export, requested.version, &policy.text);
        let compression = settings.log.compress.then(|| log.compression()).flatten();
        consequences(&estimate, &settings, requested, compression, &mut report);
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

fn time_bucket(bucket: &estimate::TimeBucket) -> TimeBucket {
    TimeBucket {
        start: date_time(bucket.start),
        recorded: bucket.recorded as usize,
        events: usize::try_from(bucket.events).unwrap_or(usize::MAX),
        bytes: bucket.bytes.map(|bytes| bytes as f64),
    }
}

fn time_range(rate: &EventRate) -> Option<TimeRange> {
    let (first, last) = (rate.buckets.first()?, rate.buckets.last()?);
    let end = last
        .start
        .saturating_add((rate.bucket_seconds * 1e6) as i64);
    Some(TimeRange {
        start: date_time(first.start),
        end: date_time(end),
    })
}

const fn dimension_name(dimension: Dimension) -> &'static str {
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
    // Rules are sorted by size as well: the editor shows them in their order.
    groups.sort_by_key(|group| std::cmp::Reverse(group.volume.high()));
    let rest = groups.split_off(groups.len().min(MAX_GROUPS));
    let more = (!rest.is_empty()).then(|| {
        let mut sum = estimate::EstimatedVolume::default();
        rest.iter().for_each(|group| sum += group.volume);
        OtherGroups {
            count: rest.len(),
            amount: amount(&sum),
        }
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
        name: dimension_name(breakdown.dimension).to_owned(),
        groups: groups.collect(),
        more,
    }
}

fn describe_body_estimate(estimate: &BodySizeEstimate) -> String {
    let body = match estimate.body {
        BodyKind::Request => "request bodies",
        BodyKind::Response => "response bodies",
        BodyKind::Failure => "bodies of error responses",
    };
    let (low, high) = (
        size(estimate.each.low as f64),
        size(estimate.each.high as f64),
    );
    let basis = match estimate.source {
        SizeSource::Log { bodies } => {
            format!(
                "based on {} similar bodies in the log",
                format::count(bodies as u64)
            )
        }
        SizeSource::Typical => "typical size".to_owned(),
    };
    format!(
        "{} {body} of `{} {}`: {low} to {high} each, {basis}",
        format::count(estimate.events),
        estimate.verb,
        estimate.resource
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

fn rate_figures(estimate: &Estimate) -> Vec<FigureView> {
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
    let per_second = audit_volume::Unit::EventsPerSecond;
    if let (Some(day), Some(seconds)) = (estimate.per_day, seconds) {
        let window = precise_duration(seconds);
        figures.push(plain(
            "Bytes per day",
            between(day.low, day.high),
            format!("{bytes} ÷ {window} × 1 day"),
        ));
        figures.push(plain(
            "Events per day",
            audit_volume::Unit::WholeEvents.format(day.events),
            format!(
                "{} ÷ {window} × 1 day",
                events.format(written.events as f64)
            ),
        ));
    }
    let rate = |events: f64, bytes: f64| {
        format!("{}, {} per second", per_second.format(events), size(bytes))
    };
    if let (Some(events), Some(bytes)) = (mean_events, mean_bytes) {
        figures.push(plain(
            "On average",
            rate(events, bytes),
            "events and bytes of known size ÷ time span of the log".to_owned(),
        ));
    }
    if let (Some(events), Some(bytes)) = (peak_events, peak_bytes) {
        let step = audit_volume::Unit::Seconds.format(step_seconds);
        figures.push(plain(
            "At the peak",
            rate(events, bytes),
            format!("the {step} with most events, and the {step} with most bytes"),
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

/// Makes a phrase a sentence: upper-case first letter and full stop.
pub(crate) fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters.next().map(|letter| letter.to_uppercase());
    let mut sentence: String = first.into_iter().flatten().chain(letters).collect();
    sentence.push('.');
    sentence
}

/// Adds the consequences for disk, webhook and bill.
fn consequences(
    estimate: &Estimate,
    settings: &Settings,
    requested: &VolumeSettings,
    compression: Option<CompressionSample>,
    report: &mut VolumeReport,
) {
    let Some(stream) = estimate.write_rate() else {
        return;
    };
    let ratio = compression.map(|sample| sample.ratio);
    let disk = disk_usage(&stream, &settings.log, settings.version, ratio);
    let figures = [
        figure("Maximum disk usage", &disk.bytes),
        figure("Files", &disk.files),
        figure("History kept", &disk.history),
        figure("Rotated every", &disk.rotates_every),
        figure("Rotated at peak every", &disk.rotates_every_at_peak),
        figure("Growth", &disk.growth),
    ];
    let mut notes = vec![sentence(disk.limit.explanation())];
    notes.extend(disk.notes.iter().map(|note| sentence(note)));
    if let Some(CompressionSample { ratio, bytes }) = compression {
        notes.push(format!(
            "Compressed with gzip, {} of this log become {}.",
            size(bytes as f64),
            size(bytes as f64 * ratio)
        ));
    }
    report.consequences.push(MetricGroup {
        title: "Disk of each control-plane node".to_owned(),
        figures: figures.into_iter().flatten().collect(),
        notes,
    });
    let moments = timeline(
        &stream,
        &settings.log,
        settings.version,
        ratio,
        timeline_days(&disk),
        TIMELINE_POINTS,
    );
    report.timeline = moments
        .into_iter()
        .map(|moment| DiskUsagePoint {
            day: moment.day,
            files: usize::try_from(moment.files).unwrap_or(usize::MAX),
            bytes: moment.bytes,
        })
        .collect();
    report
        .consequences
        .push(webhook_metrics(estimate, &settings.webhook));
    let cost = estimate_cost(&CostInputs {
        bytes_per_day: stream.bytes_per_day,
        retention_days: disk.history.as_ref().map(|history| history.value),
        storage_ratio: None,
        ingestion_price: requested.price_ingested,
        storage_price: requested.price_stored,
    });
    let figures = [
        figure("Ingested", &cost.ingested),
        figure("Stored", &cost.stored),
        figure("Ingestion cost", &cost.ingestion_cost),
        figure("Storage cost", &cost.storage_cost),
        figure("Total cost", &cost.total_cost),
    ];
    report.consequences.push(MetricGroup {
        title: "Cost of a log service".to_owned(),
        figures: figures.into_iter().flatten().collect(),
        notes: cost.notes.iter().map(|note| sentence(note)).collect(),
    });
}

/// Returns the load of the webhook, with the server's default settings if it is not configured.
fn webhook_metrics(estimate: &Estimate, settings: &WebhookBackend) -> MetricGroup {
    let EventRate {
        mean_events,
        peak_events,
        step_seconds,
        ..
    } = estimate.rate;
    let events = estimate.written.events.max(1) as f64;
    let load = EventLoad {
        mean: mean_events.unwrap_or(0.0),
        peak: peak_events.unwrap_or(0.0),
        peak_seconds: step_seconds,
        bytes_per_event: estimate.written.high() as f64 / events,
    };
    let usage = webhook_usage(&load, settings);
    let at_mean = usage.at_mean.as_ref().map(|flow| flow.batches.clone());
    let at_peak = usage.at_peak.as_ref().map(|flow| flow.batches.clone());
    let peak = usage.peak.as_ref();
    let figures = [
        figure("Batches, on average", &at_mean),
        figure("Batches at the peak", &at_peak),
        figure("Throttle limit", &usage.throttle_limit),
        figure("Headroom at the peak", &usage.headroom_at_peak),
        figure(
            "Queued at the peak",
            &peak.and_then(|peak| peak.queued.clone()),
        ),
        figure(
            "Dropped at the peak",
            &peak.and_then(|peak| peak.dropped.clone()),
        ),
        figure("Memory used by a full queue", &usage.queue_memory),
    ];
    MetricGroup {
        title: if settings.is_enabled() {
            "Webhook".to_owned()
        } else {
            "Webhook, with the server's default settings".to_owned()
        },
        figures: figures.into_iter().flatten().collect(),
        notes: usage.notes.iter().map(|note| sentence(note)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_with_equal_ends_is_one_figure() {
        assert_eq!(between(1000.0, 1000.0), "1.00 KB");
        assert_eq!(between(1000.0, 1000.4), "1.00 KB");
        assert_eq!(between(1000.0, 2000.0), "1.00 KB to 2.00 KB");
    }
}
