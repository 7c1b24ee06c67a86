//! An estimate for people.

use std::io::Write;

use audit_volume::estimate::{Amount, Basis, Body, Breakdown, Dimension, Estimate, Guess, Pace};

use crate::Outcome;
use crate::terminal::safe;

/// Prints the whole estimate; `top` groups of each kind.
pub(super) fn print(estimate: &Estimate, top: usize, out: &mut impl Write) -> Outcome {
    let Estimate {
        recorded, written, ..
    } = estimate;
    writeln!(
        out,
        "{} of {} events written; {} of {}",
        written.events,
        recorded.events,
        size(*written),
        bytes(recorded.bytes as f64)
    )?;
    if !written.is_exact() {
        writeln!(
            out,
            "{} of them lack a body that the policy asks for: what is certain is {}",
            written.open_events,
            bytes(written.bytes as f64)
        )?;
    }
    if estimate.unknowable > 0 {
        writeln!(
            out,
            "{} events cannot be judged: the log lacks what the policy asks about",
            estimate.unknowable
        )?;
    }
    rates(estimate, out)?;
    for breakdown in &estimate.by {
        groups(breakdown, written.high(), top, out)?;
    }
    guesses(&estimate.guesses, top, out)
}

fn rates(estimate: &Estimate, out: &mut impl Write) -> Outcome {
    let Pace {
        mean_events,
        mean_bytes,
        peak_events,
        peak_bytes,
        step_seconds,
        cautions,
        ..
    } = &estimate.pace;
    if let Some(day) = estimate.per_day {
        writeln!(
            out,
            "a day: {:.0} events, {}",
            day.events,
            between(day.low, day.high)
        )?;
    }
    if let (Some(events), Some(mean)) = (mean_events, mean_bytes) {
        writeln!(
            out,
            "mean: {events:.1} events and {} a second",
            bytes(*mean)
        )?;
    }
    if let (Some(events), Some(peak)) = (peak_events, peak_bytes) {
        writeln!(
            out,
            "peak: {events:.1} events and {} a second, within {step_seconds:.0} s",
            bytes(*peak)
        )?;
    }
    for caution in cautions {
        writeln!(out, "caution: {caution}")?;
    }
    Ok(())
}

fn groups(breakdown: &Breakdown, all: u64, top: usize, out: &mut impl Write) -> Outcome {
    let name = match breakdown.dimension {
        Dimension::Level => "level",
        Dimension::Rule => "rule",
        Dimension::User => "user",
        Dimension::Group => "group",
        Dimension::Resource => "resource",
        Dimension::Verb => "verb",
        Dimension::Namespace => "namespace",
        Dimension::Stage => "stage",
    };
    let written = breakdown
        .groups
        .iter()
        .filter(|group| group.amount.events > 0);
    let count = written.clone().count();
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "\nby {name}")?;
    for group in written.take(top) {
        let key = match group.key.as_str() {
            "" => "(none)".to_owned(),
            key => safe(key),
        };
        let share = share(group.amount.high(), all);
        writeln!(
            out,
            "  {share:>3} %  {:>10} events  {:>22}  {key}",
            group.amount.events,
            size(group.amount)
        )?;
    }
    if count > top {
        writeln!(out, "  and {} more", count - top)?;
    }
    Ok(())
}

fn guesses(guesses: &[Guess], top: usize, out: &mut impl Write) -> Outcome {
    if guesses.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nbodies that the log lacks, and their size")?;
    for guess in guesses.iter().take(top) {
        let body = match guess.body {
            Body::Request => "request",
            Body::Response => "response",
            Body::Failure => "failure",
        };
        let basis = match guess.basis {
            Basis::Log { bodies } => format!("as {bodies} like it in the log"),
            Basis::Typical => "as is typical".to_owned(),
        };
        writeln!(
            out,
            "  {:>10} of {:<22} each, {basis}: {body} of {} {}",
            guess.events,
            between(guess.each.low as f64, guess.each.high as f64),
            safe(&guess.verb),
            safe(&guess.resource)
        )?;
    }
    if guesses.len() > top {
        writeln!(out, "  and {} more kinds", guesses.len() - top)?;
    }
    Ok(())
}

fn share(part: u64, all: u64) -> u64 {
    let hundredfold = u128::from(part) * 100 + u128::from(all) / 2;
    u64::try_from(hundredfold / u128::from(all.max(1))).unwrap_or(0)
}

fn size(amount: Amount) -> String {
    if amount.is_exact() {
        bytes(amount.bytes as f64)
    } else {
        between(amount.low() as f64, amount.high() as f64)
    }
}

fn between(low: f64, high: f64) -> String {
    let (low, high) = (bytes(low), bytes(high));
    if low == high {
        low
    } else {
        format!("{low} to {high}")
    }
}

/// Bytes in decimal units, three digits: `6.14 KB`.
fn bytes(amount: f64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    let mut amount = amount;
    let mut unit = "B";
    for next in UNITS {
        if amount < 999.5 {
            break;
        }
        amount /= 1000.0;
        unit = next;
    }
    let digits = match amount {
        _ if unit == "B" => 0,
        amount if amount < 9.995 => 2,
        amount if amount < 99.95 => 1,
        _ => 0,
    };
    format!("{amount:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits_and_a_unit() {
        for (amount, text) in [
            (0.0, "0 B"),
            (999.0, "999 B"),
            (1_000.0, "1.00 KB"),
            (9_994.0, "9.99 KB"),
            (9_996.0, "10.0 KB"),
            (123_456.0, "123 KB"),
            (999_700.0, "1.00 MB"),
            (5.3e18, "5300 PB"),
        ] {
            assert_eq!(bytes(amount), text);
        }
    }
}
