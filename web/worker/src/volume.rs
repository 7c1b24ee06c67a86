//! Data of the volume panel.

use apiserver_config::Settings;
use audit_types::sort::SortShort;
use audit_types::time::date_time;
use audit_volume::Unit;
use audit_volume::consequences::{Consequences, Prices};
use audit_volume::disk::{timeline, timeline_days};
use audit_volume::estimate::{self, Breakdown, Estimate, EventRate};
use audit_volume::report::{self, Row, Section};
use playground_protocol::volume::{
    Amount, BreakdownGroup, BreakdownView, DiskUsagePoint, FigureView, MetricGroup, OtherGroups,
    TimeBucket, TimeRange, VolumeReport, VolumeSettings,
};

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
    let section = report::volume(&estimate);
    // Rows without a formula repeat the sums.
    let rates = section.rows.into_iter();
    let rates = rates.filter(|row| !row.formula.is_empty());
    let mut assumptions = report::body_sizes(body_sizes);
    assumptions.truncate(MAX_BODY_ESTIMATES);
    let mut view = VolumeReport {
        generation,
        recorded: amount(recorded),
        written: amount(written),
        missing_parts: report::missing_parts(&estimate),
        days_like_this: rate.per_day_factor,
        rates: rates.map(figure).collect(),
        cautions: section.warnings,
        buckets: rate.buckets.iter().map(time_bucket).collect(),
        bucket_seconds: rate.bucket_seconds,
        time_range: time_range(rate),
        by: by.iter().map(breakdown).collect(),
        body_estimates: assumptions
            .rows
            .iter()
            .map(describe_body_estimate)
            .collect(),
        more_body_estimates: usize::try_from(assumptions.more_rows).unwrap_or(usize::MAX),
        ..VolumeReport::default()
    };
    if estimate.per_day.is_some() {
        let (settings, _) = export::settings(&requested.export, requested.version, &policy.text);
        let compression = settings.log.compress.then(|| log.compression()).flatten();
        add_consequences(&estimate, &settings, requested, compression, &mut view);
    }
    view
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

fn breakdown(breakdown: &Breakdown) -> BreakdownView {
    let mut groups: Vec<_> = breakdown
        .groups
        .iter()
        .filter(|group| group.volume.events > 0)
        .collect();
    // Rules are sorted by size as well: the editor shows them in their order.
    groups.sort_short_by_key(|group| std::cmp::Reverse(group.volume.high()));
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
        key: report::group_label(breakdown.dimension, &group.key),
        amount: amount(&group.volume),
    });
    BreakdownView {
        name: breakdown.dimension.name().to_owned(),
        groups: groups.collect(),
        more,
    }
}

/// Converts a section of a report for the page.
pub(crate) fn metric_group(section: Section) -> MetricGroup {
    let mut notes = section.warnings;
    notes.extend(section.notes);
    MetricGroup {
        title: section.title,
        figures: section.rows.into_iter().map(figure).collect(),
        notes,
    }
}

fn figure(row: Row) -> FigureView {
    FigureView {
        value: row.value_text(),
        label: row.label,
        formula: row.formula,
    }
}

/// Describes the size that is assumed for a kind of bodies.
fn describe_body_estimate(row: &Row) -> String {
    format!("{}: {}; {}", row.label, row.value_text(), row.explanation)
}

/// Adds the consequences for disk, webhook and cost.
fn add_consequences(
    estimate: &Estimate,
    settings: &Settings,
    requested: &VolumeSettings,
    compression: Option<CompressionSample>,
    view: &mut VolumeReport,
) {
    let Some(rate) = estimate.write_rate() else {
        return;
    };
    let ratio = compression.map(|sample| sample.ratio);
    let prices = Prices {
        ingested: requested.price_ingested,
        stored: requested.price_stored,
    };
    let consequences = Consequences::new(estimate, settings, ratio, prices);
    let mut disk = report::disk(consequences.disk.as_ref(), &settings.log, None);
    if let Some(CompressionSample { ratio, bytes }) = compression {
        disk.notes.push(format!(
            "Compressed with gzip, {} of this log become {}.",
            Unit::Bytes.format(bytes as f64),
            Unit::Bytes.format(bytes as f64 * ratio)
        ));
    }
    let webhook = consequences.webhook.as_ref();
    let sections = [
        Some(disk),
        webhook.map(|usage| report::backend(usage, settings.webhook.is_enabled())),
        consequences.cost.as_ref().map(report::cost),
    ];
    view.consequences = sections.into_iter().flatten().map(metric_group).collect();
    if let Some(usage) = &consequences.disk {
        let days = timeline_days(usage);
        let (log, version) = (&settings.log, settings.version);
        let points = timeline(&rate, log, version, ratio, days, TIMELINE_POINTS);
        view.timeline = points
            .into_iter()
            .map(|point| DiskUsagePoint {
                day: point.day,
                files: usize::try_from(point.files).unwrap_or(usize::MAX),
                bytes: point.bytes,
            })
            .collect();
    }
}
