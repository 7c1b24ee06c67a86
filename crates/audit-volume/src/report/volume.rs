//! The volume, its breakdowns, and the body sizes that it is estimated from.

use audit_types::format::{counted, precise_duration};

use super::{Quantity, Row, Section, SectionKind, sentence};
use crate::estimate::{
    BodyKind, BodySizeEstimate, Breakdown, Dimension, Estimate, EstimatedVolume, EventRate,
    SizeSource,
};
use crate::metric::Unit;

/// Reports what the policy writes and how fast.
pub fn volume(estimate: &Estimate) -> Section {
    let mut section = Section::new(SectionKind::Volume, "Volume");
    let Estimate {
        recorded,
        written,
        derived,
        ..
    } = estimate;
    if recorded.events == 0 {
        let note = "The log contains no events, so there is nothing to estimate.";
        section.notes.push(note.to_owned());
        return section;
    }
    section
        .rows
        .push(estimated(Row::new("Recorded"), *recorded));
    section.rows.push(estimated(Row::new("Written"), *written));
    if derived.events > 0 {
        let explanation = "part of the written events; the log doesn't contain their stage";
        section
            .rows
            .push(estimated(Row::new("Derived"), *derived).explanation(explanation));
    }
    per_day(estimate, &mut section);
    rates(&estimate.rate, written.is_exact(), &mut section);
    notes(estimate, &mut section);
    let cautions = estimate.rate.cautions.iter();
    section
        .warnings
        .extend(cautions.map(|caution| sentence(caution)));
    section
}

fn estimated(row: Row, volume: EstimatedVolume) -> Row {
    row.value(Quantity::new(volume.events as f64, Unit::Events))
        .value(bytes(volume))
}

fn bytes(volume: EstimatedVolume) -> Quantity {
    Quantity::range(volume.low() as f64, volume.high() as f64, Unit::Bytes)
}

fn per_day(estimate: &Estimate, section: &mut Section) {
    let (Some(day), Some(seconds)) = (estimate.per_day, estimate.rate.seconds) else {
        return;
    };
    let span = precise_duration(seconds);
    let written = &estimate.written;
    section.rows.push(
        Row::new("Bytes per day")
            .value(Quantity::range(day.low, day.high, Unit::Bytes))
            .formula(format!("{} ÷ {span} × 1 day", bytes(*written).text())),
    );
    section.rows.push(
        Row::new("Events per day")
            .value(Quantity::new(day.events, Unit::WholeEvents))
            .formula(format!(
                "{} ÷ {span} × 1 day",
                Unit::Events.format(written.events as f64)
            )),
    );
}

fn rates(rate: &EventRate, is_exact: bool, section: &mut Section) {
    let row = |label: String, events: f64, low: f64, high: f64| {
        Row::new(label)
            .value(Quantity::new(events, Unit::EventsPerSecond))
            .value(Quantity::range(low, high, Unit::BytesPerSecond))
    };
    if let Some(((events, low), high)) = rate
        .mean_events
        .zip(rate.mean_bytes)
        .zip(rate.mean_bytes_high)
    {
        section.rows.push(
            row("Average rate".to_owned(), events, low, high)
                .formula("events and bytes ÷ the log's time span"),
        );
    }
    if let Some(((events, low), high)) = rate
        .peak_events
        .zip(rate.peak_bytes)
        .zip(rate.peak_bytes_high)
    {
        let step = Unit::Seconds.format(rate.step_seconds);
        let estimated = if is_exact {
            ""
        } else {
            ", where each body that the log doesn't contain counts with the average estimated size"
        };
        section.rows.push(
            row(format!("Peak rate, within {step}"), events, low, high).formula(format!(
                "events: the {step} with the most events; bytes: the {step} with the most bytes{estimated}"
            )),
        );
    }
}

fn notes(estimate: &Estimate, section: &mut Section) {
    let Estimate {
        written,
        unknowable,
        ..
    } = estimate;
    if written.events == 0 {
        let note = "The policy writes none of these events.";
        section.notes.push(note.to_owned());
    }
    section.notes.extend(missing_parts(estimate));
    if *unknowable > 0 {
        section.notes.push(format!(
            "{} can't be evaluated: the log doesn't contain an attribute that a rule depends on.",
            events(*unknowable)
        ));
    }
}

/// Returns the reason why sizes are ranges: bodies or other fields that the log lacks; `None` if every size is known.
pub fn missing_parts(estimate: &Estimate) -> Option<String> {
    let Estimate {
        written,
        body_sizes,
        without_fields,
        ..
    } = estimate;
    if written.is_exact() {
        return None;
    }
    let parts = match (body_sizes.is_empty(), *without_fields > 0) {
        (true, true) => {
            "The log's format may lack fields that are written at every level, such as annotations,"
        }
        (false, true) => {
            "The policy records parts that the log doesn't contain, such as bodies and annotations,"
        }
        (_, false) => "The policy records parts that the log doesn't contain, such as bodies,",
    };
    Some(format!(
        "{parts} for {}. Their sizes are estimated, so totals are ranges; {} are certain.",
        events(written.incomplete_events),
        Unit::Bytes.format(written.bytes as f64)
    ))
}

fn events(count: u64) -> String {
    counted(count as f64, "event", "events")
}

/// Reports one breakdown: share of all bytes, events and bytes of each group. Of levels, rules and stages, groups that write nothing are
/// listed as well.
pub fn breakdown(breakdown: &Breakdown, all: &EstimatedVolume) -> Section {
    let dimension = breakdown.dimension;
    let mut section = Section::new(SectionKind::Breakdown, format!("By {}", dimension.name()));
    for group in &breakdown.groups {
        let volume = group.volume;
        // That no event lacks its stage is not worth a row.
        if volume.events == 0 && (!dimension.is_complete() || group.key.is_empty()) {
            continue;
        }
        let share = volume.high() as f64 / all.high().max(1) as f64 * 100.0;
        let row =
            Row::new(group_label(dimension, &group.key)).value(Quantity::new(share, Unit::Percent));
        section.rows.push(estimated(row, volume));
    }
    section
}

/// Names a group of a breakdown: `rule 2`, `no rule`, `(none)` or its key.
pub fn group_label(dimension: Dimension, key: &str) -> String {
    match (dimension, key) {
        (Dimension::Rule, "none") => "no rule".to_owned(),
        (Dimension::Rule, number) => format!("rule {number}"),
        (_, "") => "(none)".to_owned(),
        (_, key) => key.to_owned(),
    }
}

/// Reports the sizes that are assumed for bodies that the log doesn't contain; the section is empty if there are none.
pub fn body_sizes(estimates: &[BodySizeEstimate]) -> Section {
    let mut section = Section::new(SectionKind::BodySizes, "Estimated body sizes");
    for estimate in estimates {
        let kind = match estimate.body {
            BodyKind::Request => "request bodies",
            BodyKind::Response => "response bodies",
            BodyKind::Failure => "bodies of failed responses",
        };
        let source = match estimate.source {
            SizeSource::Log { bodies } => format!(
                "measured on {} in the log",
                counted(bodies as f64, "similar body", "similar bodies")
            ),
            SizeSource::Typical => "typical size".to_owned(),
        };
        let (low, high) = (estimate.each.low as f64, estimate.each.high as f64);
        section.rows.push(
            Row::new(format!("{} {}, {kind}", estimate.verb, estimate.resource))
                .value(Quantity::new(estimate.events as f64, Unit::Events))
                .value(Quantity::range(low, high, Unit::BytesPerEvent))
                .explanation(source),
        );
    }
    section
}
