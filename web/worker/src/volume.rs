//! Data of the volume panel.

use apiserver_config::Settings;
use audit_sim::Sum;
use audit_types::format;
use audit_types::time::date_time;
use audit_volume::consequences::{Consequences, Prices};
use audit_volume::disk::{timeline, timeline_days};
use audit_volume::estimate::{
    self, BodyKind, BodySizeEstimate, Breakdown, Dimension, Estimate, EventRate, SizeSource,
};
use audit_volume::report::{self as sections, Row, Section};
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

/// Converts the rows of a report's section.
fn figures(rows: &[Row]) -> Vec<FigureView> {
    let figure = |row: &Row| FigureView {
        label: row.label.clone(),
        value: row.value_text(),
        formula: row.formula.clone(),
    };
    rows.iter().map(figure).collect()
}

fn metrics(section: Section) -> MetricGroup {
    MetricGroup {
        figures: figures(&section.rows),
        title: section.title,
        notes: section.notes,
    }
}

/// Returns the rates of the report: all rows but the totals, which the page shows itself.
fn rate_figures(estimate: &Estimate) -> Vec<FigureView> {
    let section = sections::volume(estimate, audit_volume::Volume::default());
    figures(section.rows.get(2..).unwrap_or_default())
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
    let prices = Prices {
        ingested: requested.price_ingested,
        stored: requested.price_stored,
    };
    let consequences = Consequences::new(estimate, settings, ratio, prices);
    let Some(disk) = &consequences.disk else {
        return;
    };
    let mut section = sections::disk(Some(disk), &settings.log, None);
    if let Some(CompressionSample { ratio, bytes }) = compression {
        section.notes.push(format!(
            "Compressed with gzip, {} of this log become {}.",
            size(bytes as f64),
            size(bytes as f64 * ratio)
        ));
    }
    report.consequences.push(metrics(section));
    let moments = timeline(
        &stream,
        &settings.log,
        settings.version,
        ratio,
        timeline_days(disk),
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
    let webhook = consequences.webhook.as_ref();
    let is_enabled = settings.webhook.is_enabled();
    let sections = [
        webhook.map(|usage| sections::backend(usage, is_enabled)),
        consequences.cost.as_ref().map(sections::cost),
    ];
    let groups = sections.into_iter().flatten().map(metrics);
    report.consequences.extend(groups);
}
