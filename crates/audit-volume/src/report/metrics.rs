//! The volume that is estimated from metrics.

use audit_types::format::{count, counted, duration};

use super::{Quantity, Row, Section, SectionKind, sentence};
use crate::metric::Unit;
use crate::metrics::{
    MetricsBreakdown, MetricsDimension, MetricsEstimate, MetricsGroup, Range, ServerAudit,
    VolumeRange,
};

/// Reports what a policy writes of the requests that metrics count: the volume, then the breakdowns.
pub fn metrics(estimate: &MetricsEstimate) -> Vec<Section> {
    let mut sections = vec![volume(estimate)];
    sections.extend(estimate.by.iter().map(|by| breakdown(by, estimate)));
    sections
}

fn range(range: Range, unit: Unit) -> Quantity {
    Quantity::range(range.low, range.high, unit)
}

fn with_volume(row: Row, volume: VolumeRange) -> Row {
    row.value(range(volume.events, Unit::WholeEvents))
        .value(range(volume.bytes, Unit::Bytes))
}

fn volume(estimate: &MetricsEstimate) -> Section {
    let mut section = Section::new(SectionKind::Volume, "Volume, from metrics");
    let span = estimate.seconds.map(duration);
    let requests =
        Row::new("Requests counted").value(Quantity::new(estimate.requests, Unit::Count));
    section.rows.push(match &span {
        Some(span) => requests.explanation(format!("within {span}")),
        None => requests,
    });
    section
        .rows
        .push(with_volume(Row::new("Written"), estimate.written));
    if let Some(day) = estimate.per_day {
        section
            .rows
            .push(Row::new("Bytes per day").value(Quantity::range(day.low, day.high, Unit::Bytes)));
        section
            .rows
            .push(Row::new("Events per day").value(range(day.events, Unit::WholeEvents)));
    }
    if let Some(server) = &estimate.server {
        section.rows.push(current_policy(server, estimate));
    }
    if estimate.undecided > 0.0 {
        let share = estimate.undecided / estimate.requests.max(1.0) * 100.0;
        section.notes.push(format!(
            "{} of the requests ({}) may fall under more than one rule, because metrics don't contain users, names and namespaces; the range is from the rule that writes least to the one that writes most.",
            Unit::Percent.format(share),
            count(estimate.undecided.round() as u64)
        ));
    }
    if estimate.servers > 1 {
        section.notes.push(format!(
            "Total of {}.",
            counted(estimate.servers as f64, "API server", "API servers")
        ));
    }
    let cautions = estimate.cautions.iter();
    section
        .warnings
        .extend(cautions.map(|caution| sentence(caution)));
    section
}

/// Compares what the server wrote with what the policy would write.
fn current_policy(server: &ServerAudit, estimate: &MetricsEstimate) -> Row {
    let per_day = server
        .events_per_day
        .map(|events| format!("{} per day", Unit::WholeEvents.format(events)));
    let range = estimate.written.events;
    // Without all requests, the bounds are those of a part of them.
    let is_complete = !server.requests_by_level.is_empty();
    let comparison = if !is_complete {
        None
    } else if server.events > range.high {
        Some("more than this policy would write".to_owned())
    } else if server.events < range.low {
        Some("less than this policy would write".to_owned())
    } else {
        None
    };
    let explanation: Vec<String> = per_day.into_iter().chain(comparison).collect();
    Row::new("Written by the server under its current policy")
        .value(Quantity::new(server.events, Unit::Events))
        .explanation(explanation.join(", "))
}

/// Reports one breakdown: share of all bytes, events and bytes of each group, per day if the time is known.
fn breakdown(breakdown: &MetricsBreakdown, estimate: &MetricsEstimate) -> Section {
    let name = match breakdown.dimension {
        MetricsDimension::Rule => "rule",
        MetricsDimension::Level => "level",
        MetricsDimension::Request => "request",
    };
    let per_day = if estimate.per_day.is_some() {
        ", per day"
    } else {
        ""
    };
    let mut section = Section::new(SectionKind::Breakdown, format!("By {name}{per_day}"));
    for group in &breakdown.groups {
        if breakdown.dimension == MetricsDimension::Request && group.written.events.high <= 0.0 {
            continue;
        }
        let share = group.written.bytes.high / estimate.written.bytes.high.max(1.0) * 100.0;
        let row = Row::new(label(breakdown.dimension, group))
            .value(Quantity::new(share.min(100.0), Unit::Percent));
        let volume = group.per_day.filter(|_| estimate.per_day.is_some());
        section
            .rows
            .push(with_volume(row, volume.unwrap_or(group.written)));
    }
    section
}

fn label(dimension: MetricsDimension, group: &MetricsGroup) -> String {
    match (dimension, group.rule) {
        (MetricsDimension::Rule, None) => "no rule".to_owned(),
        (MetricsDimension::Rule, Some(_)) => {
            format!("rule {}, {}", group.key, group.level.unwrap_or_default())
        }
        _ => group.key.clone(),
    }
}
