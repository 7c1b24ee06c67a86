//! Totals as text.

use std::io::Write;

use audit_sim::sums::{RuleShare, Sums};
use audit_types::format::{bytes, count, counted};

use crate::error::Result;
use crate::files::print_unreadable;

/// Prints the totals, and the events of each rule.
pub(super) fn print(sums: &Sums, out: &mut impl Write) -> Result {
    let (read, written) = (&sums.tally.recorded, &sums.tally.written);
    writeln!(
        out,
        "{}: {} read ({}), {} written ({})",
        counted(sums.logs as f64, "log", "logs"),
        counted(read.events as f64, "event", "events"),
        bytes(read.bytes as f64),
        count(written.events),
        bytes(written.bytes as f64),
    )?;
    if let (Some(from), Some(to)) = (&sums.from, &sums.to) {
        writeln!(out, "from {from} to {to}")?;
    }
    if let Some(rate) = &sums.per_day {
        let (events, size) = (rate.events.round() as u64, bytes(rate.bytes));
        writeln!(out, "written per day: {} events, {size}", count(events))?;
    }
    if sums.tally.sizes_unknown > 0 {
        let number = count(sums.tally.sizes_unknown);
        writeln!(
            out,
            "of those written, {number} have an unknown size, which counts as 0"
        )?;
    }
    print_unreadable(sums.unreadable, out)?;
    writeln!(out)?;
    writeln!(
        out,
        "{:>6}  {:<15}  {:>14}  {:>14}  {:>10}",
        "rule", "level", "matched", "written", "bytes"
    )?;
    for RuleShare {
        rule,
        level,
        matched,
        written,
    } in &sums.tally.by_rule
    {
        let name = rule.map_or_else(|| "none".to_owned(), |rule| rule.number().to_string());
        writeln!(
            out,
            "{name:>6}  {level:<15}  {:>14}  {:>14}  {:>10}",
            count(*matched),
            count(written.events),
            bytes(written.bytes as f64),
        )?;
    }
    Ok(())
}
