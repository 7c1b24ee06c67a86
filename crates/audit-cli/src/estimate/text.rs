//! The report of an estimate as human-readable text.

use std::io::Write;

use apiserver_config::Mode;
use audit_volume::Unit;
use audit_volume::report::{self, Report, Row, Section, SectionKind};

use super::results::Results;
use crate::arguments;
use crate::error::Result;
use crate::files::{print_unreadable, print_wrappers, unreadable};
use crate::terminal::safe;

/// Rows of a section that are printed; the JSON object has them all.
const MAX_ROWS: usize = 20;

/// Prints the report and what could not be read.
pub(super) fn print(
    results: &Results<'_>,
    arguments: &arguments::Estimate,
    out: &mut impl Write,
) -> Result {
    for (index, section) in report(results, arguments).sections.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        print_section(section, arguments.explain, out)?;
    }
    let mut foot = Vec::new();
    print_unreadable(unreadable(&results.logs.files), &mut foot)?;
    print_wrappers(&results.logs.files, &mut |line| {
        Ok(writeln!(foot, "{line}")?)
    })?;
    if !foot.is_empty() {
        out.write_all(b"\n")?;
        out.write_all(&foot)?;
    }
    Ok(())
}

/// Collects the sections that were asked for.
fn report(results: &Results<'_>, arguments: &arguments::Estimate) -> Report {
    let estimate = &results.estimate;
    let mut sections = vec![report::volume(estimate)];
    if estimate.written.events > 0 {
        sections.extend(breakdowns(results, arguments.top));
    }
    sections.push(limited(report::body_sizes(&estimate.body_sizes)));
    if let Some(truncation) = &results.truncation {
        let settings = &results.settings.log.truncate;
        sections.push(limited(report::truncation(truncation, settings)));
    }
    sections.extend(consequences(results));
    if let (Some((baseline, comparison)), Some(file)) = (&results.baseline, &arguments.baseline) {
        let name = format!("`{file}`");
        let compared = report::comparison(comparison, &name, baseline, results.policy);
        sections.extend(compared.into_iter().map(limited));
    }
    if let Some(suggested) = &results.suggestions {
        sections.extend(report::suggestions(
            &suggested.found,
            Some(&suggested.together),
        ));
    }
    sections.retain(|section| !section.rows.is_empty() || !section.notes.is_empty());
    Report { sections }
}

/// Limits a section to what fits on a screen.
fn limited(mut section: Section) -> Section {
    section.truncate(MAX_ROWS);
    section
}

/// Builds the breakdowns. Levels, rules and stages are complete, the others are limited to the `top` groups.
fn breakdowns(results: &Results<'_>, top: usize) -> Vec<Section> {
    let estimate = &results.estimate;
    let section = |breakdown| {
        let mut section = report::breakdown(breakdown, &estimate.written);
        if !breakdown.dimension.is_complete() {
            section.truncate(top);
        }
        section
    };
    estimate.by.iter().map(section).collect()
}

fn consequences(results: &Results<'_>) -> Vec<Section> {
    let consequences = &results.consequences;
    let settings = results.settings;
    let mut sections = vec![report::disk(
        consequences.disk.as_ref(),
        &settings.log,
        results.compression.as_ref(),
    )];
    if let Some(webhook) = &consequences.webhook {
        sections.push(report::backend(webhook, settings.webhook.is_enabled()));
    }
    if let Some(log) = consequences
        .log
        .as_ref()
        .filter(|log| log.mode == Mode::Batch)
    {
        sections.push(report::backend(log, true));
    }
    if let Some(cost) = &consequences.cost
        && results.prices.are_given()
    {
        sections.push(report::cost(cost));
    }
    sections
}

pub(super) fn print_section(section: &Section, explains: bool, out: &mut impl Write) -> Result {
    writeln!(out, "{}", safe(&section.title))?;
    for row in &section.rows {
        if section.kind == SectionKind::Breakdown {
            print_aligned(row, out)?;
        } else {
            print_row(row, explains, out)?;
        }
    }
    if section.more_rows > 0 {
        let more = Unit::Count.format(section.more_rows as f64);
        writeln!(out, "  and {more} more")?;
    }
    for warning in &section.warnings {
        writeln!(out, "  Warning: {}", safe(warning))?;
    }
    for note in &section.notes {
        writeln!(out, "  {}", safe(note))?;
    }
    Ok(())
}

/// Prints a row of a table: share of the bytes, events, bytes, and then the name, which may be long.
fn print_aligned(row: &Row, out: &mut impl Write) -> Result {
    let mut line = String::new();
    for (quantity, width) in row.values.iter().zip([14, 17, 22]) {
        let mut text = quantity.text();
        if quantity.unit == Unit::Percent {
            text.push_str(" of bytes");
        }
        line.push_str(&format!("  {text:>width$}"));
    }
    writeln!(out, "{line}  {}", safe(&row.label))?;
    Ok(())
}

/// Prints a row with its explanation; the formula only where `explains` is set.
fn print_row(row: &Row, explains: bool, out: &mut impl Write) -> Result {
    writeln!(out, "  {}: {}", safe(&row.label), safe(&row.value_text()))?;
    for line in row.code.lines() {
        writeln!(out, "      {}", safe(line))?;
    }
    if explains && !row.formula.is_empty() {
        writeln!(out, "      {}", safe(&row.formula))?;
    }
    if !row.explanation.is_empty() {
        writeln!(out, "      {}", safe(&row.explanation))?;
    }
    Ok(())
}
