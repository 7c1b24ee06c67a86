//! Differences for people.

use std::io::Write;

use audit_analysis::{Difference, Summary, request_words};
use audit_text::escape;
use audit_types::format;
use audit_volume::class_counts::ClassCount;

use super::findings::Findings;
use crate::error::Result;
use crate::verdict::caution;

/// Maximum number of classes that are printed; the JSON object has them all.
const MAX_CLASSES: usize = 50;

pub(super) fn print(findings: &Findings<'_>, out: &mut impl Write) -> Result {
    let [old, new] = findings.files;
    let over = if findings.is_only_possible {
        "over every request that can come"
    } else {
        "over every request that rules can distinguish"
    };
    let count = findings.summaries.len();
    if count == 0 {
        writeln!(out, "{old} and {new} are equal, {over}")?;
        return Ok(());
    }
    let counted = format::counted(count as f64, "class of requests", "classes of requests");
    writeln!(
        out,
        "{counted} treated differently by {old} and {new}, {over}"
    )?;
    let mut last = None;
    for (at, summary) in findings.summaries.iter().enumerate().take(MAX_CLASSES) {
        if last != Some(summary.change) {
            writeln!(out, "\n{}", summary.change.title())?;
            last = Some(summary.change);
        }
        print_one(findings, at, summary, out)?;
    }
    if findings.log.is_some() && count > 1 {
        writeln!(
            out,
            "\nClasses can overlap: an event in several counts in each."
        )?;
    }
    if let Some(unknown) = findings
        .log
        .as_ref()
        .map(|log| log.unknown)
        .filter(|unknown| *unknown > 0)
    {
        let events = format::counted(unknown as f64, "event", "events");
        writeln!(
            out,
            "\n{events} could be in any class: the log lacks attributes that rules ask for"
        )?;
    }
    if count > MAX_CLASSES {
        writeln!(
            out,
            "\nand {} more: `--format json` prints all",
            count - MAX_CLASSES
        )?;
    }
    Ok(())
}

fn print_one(
    findings: &Findings<'_>,
    at: usize,
    summary: &Summary,
    out: &mut impl Write,
) -> Result {
    writeln!(
        out,
        "  {}: {}",
        findings.words(summary),
        escape(&summary.class.words())
    )?;
    let note = caution(&summary.witness, summary.is_producible, findings.version);
    writeln!(
        out,
        "    for example: {}{}",
        escape(&request_words(&summary.witness)),
        escape(&note)
    )?;
    if let Some(first) = findings.first(summary) {
        writeln!(out, "    {}", rules(findings, first))?;
    }
    if let Some(count) = findings.summary_count(at) {
        writeln!(out, "    in the log: {}", count_words(count))?;
    }
    let first = summary.differences.first().copied();
    if let Some(Some(since)) = first.and_then(|first| findings.since.get(first)) {
        writeln!(out, "    since Kubernetes {since}")?;
    }
    Ok(())
}

/// Returns the rules that decide, before and after.
pub(super) fn rules(findings: &Findings<'_>, difference: &Difference) -> String {
    let old = findings.old_lines.words(difference.before.rule);
    let new = findings.new_lines.words(difference.after.rule);
    format!("before: {old}; after: {new}")
}

/// Returns the events and bytes of a log in words: `214 events, −1.2 GB per day`.
pub(super) fn count_words(count: &ClassCount) -> String {
    let events = format::counted(count.events as f64, "event", "events");
    let bytes = match count.bytes_per_day {
        None => "bytes per day unknown".to_owned(),
        Some(bytes) if bytes < 0.0 => format!("−{} per day", format::bytes(-bytes)),
        Some(bytes) => format!("+{} per day", format::bytes(bytes)),
    };
    format!("{events}, {bytes}")
}
