//! An estimate for people.

mod changes;
mod means;
mod offers;

use std::io::Write;

use audit_types::format::precise_duration;
use audit_volume::estimate::{
    BodyKind, BodySizeEstimate, Breakdown, Dimension, Estimate, EventRate, SizeSource,
};
use audit_volume::metric::daily_events;
use audit_volume::{Metric, Unit};

use super::Answer;
use super::words::{between, bytes, count, counted, size, size_of};
use crate::arguments;
use crate::error::Result;
use crate::files::{print_unreadable, print_wrappers, unreadable};
use crate::terminal::safe;

/// Changes, proposals and kinds of bodies that are listed; the JSON object has them all.
const MOST_LISTED: usize = 20;

/// Prints all that was asked for.
pub(super) fn print(
    answer: &Answer<'_>,
    arguments: &arguments::Estimate,
    out: &mut impl Write,
) -> Result {
    let estimate = &answer.estimate;
    let mut page = Page {
        out,
        explains: arguments.explain,
    };
    head(answer, page.out)?;
    rates(estimate, &mut page)?;
    let all = estimate.written.high();
    if estimate.written.events > 0 {
        for breakdown in &estimate.by {
            groups(breakdown, all, arguments.top, page.out)?;
        }
    }
    guesses(&estimate.body_sizes, page.out)?;
    if let Some(truncation) = &answer.truncation {
        means::truncation(truncation, answer.settings, page.out)?;
    }
    means::print(answer, &mut page)?;
    if let (Some((other, comparison)), Some(file)) = (&answer.baseline, &arguments.baseline) {
        changes::print(comparison, file, [other, answer.policy], page.out)?;
    }
    if let Some(proposed) = &answer.proposed {
        offers::print(proposed, page.out)?;
    }
    let mut foot = Vec::new();
    print_unreadable(unreadable(&answer.logs.files), &mut foot)?;
    print_wrappers(&answer.logs.files, &mut |line| {
        Ok(writeln!(foot, "{line}")?)
    })?;
    if !foot.is_empty() {
        page.out.write_all(b"\n")?;
        page.out.write_all(&foot)?;
    }
    Ok(())
}

/// Where figures go, with their arithmetic or without.
struct Page<'o, W> {
    out: &'o mut W,
    explains: bool,
}

impl<W: Write> Page<'_, W> {
    /// A line with a figure, where there is one; the arithmetic below it where it is asked for and says more.
    fn figure(&mut self, label: &str, figure: Option<&Metric>) -> Result {
        let Some(figure) = figure else {
            return Ok(());
        };
        let value = figure.text();
        writeln!(self.out, "  {label}: {value}")?;
        if value == figure.formula {
            return Ok(());
        }
        self.formula(&figure.formula)
    }

    fn formula(&mut self, formula: &str) -> Result {
        if self.explains {
            writeln!(self.out, "      {formula}")?;
        }
        Ok(())
    }

    fn notes(&mut self, notes: &[String]) -> Result {
        for note in notes {
            writeln!(self.out, "  note: {}", safe(note))?;
        }
        Ok(())
    }
}

fn head(answer: &Answer<'_>, out: &mut impl Write) -> Result {
    let Estimate {
        recorded,
        written,
        unknowable,
        ..
    } = &answer.estimate;
    if recorded.events == 0 {
        writeln!(
            out,
            "the logs hold no events, so there is nothing to estimate"
        )?;
        return Ok(());
    }
    let derived = match answer.derived.events {
        0 => String::new(),
        events => format!(
            " and {} derived, since the log lacks their stage",
            count(events)
        ),
    };
    writeln!(
        out,
        "{} of {} written{derived}; {} of {}",
        count(written.events.saturating_sub(answer.derived.events)),
        counted(recorded.events, "event", "events"),
        size_of(*written),
        bytes(recorded.bytes)
    )?;
    if written.events == 0 {
        writeln!(out, "the policy writes nothing of these logs")?;
    }
    if !written.is_exact() {
        writeln!(
            out,
            "{} of them lack a body that the policy asks for: what is certain is {}",
            count(written.incomplete_events),
            bytes(written.bytes)
        )?;
    }
    if *unknowable > 0 {
        writeln!(
            out,
            "{} cannot be judged: the log lacks what the policy asks about",
            counted(*unknowable, "event", "events")
        )?;
    }
    Ok(())
}

fn rates(estimate: &Estimate, page: &mut Page<'_, impl Write>) -> Result {
    let EventRate {
        seconds,
        mean_events,
        mean_bytes,
        peak_events,
        peak_bytes,
        step_seconds,
        cautions,
        ..
    } = &estimate.rate;
    if let (Some(day), Some(seconds)) = (estimate.per_day, seconds) {
        writeln!(
            page.out,
            "a day: {}, {}",
            daily_events(day.events),
            between(day.low, day.high)
        )?;
        let window = precise_duration(*seconds);
        let written = &estimate.written;
        page.formula(&format!(
            "{} and {} ÷ {window} × 1 day",
            counted(written.events, "event", "events"),
            size_of(*written)
        ))?;
    }
    let rate = |events: f64, bytes: f64| {
        let events = Unit::Events.format(events);
        format!("{events} and {} a second", size(bytes))
    };
    if let (Some(events), Some(mean)) = (mean_events, mean_bytes) {
        writeln!(page.out, "mean: {}", rate(*events, *mean))?;
        page.formula("events and bytes of known size ÷ the log's own time")?;
    }
    if let (Some(events), Some(peak)) = (peak_events, peak_bytes) {
        let step = Unit::Seconds.format(*step_seconds);
        writeln!(page.out, "peak: {}, within {step}", rate(*events, *peak))?;
        page.formula(&format!(
            "the busiest stretch of {step}, and the one that writes most"
        ))?;
    }
    for caution in cautions {
        writeln!(page.out, "caution: {caution}")?;
    }
    Ok(())
}

fn groups(breakdown: &Breakdown, all: u64, top: usize, out: &mut impl Write) -> Result {
    let (name, is_whole) = match breakdown.dimension {
        Dimension::Level => ("level", true),
        Dimension::Rule => ("rule", true),
        Dimension::User => ("user", false),
        Dimension::Group => ("group", false),
        Dimension::Resource => ("resource", false),
        Dimension::Verb => ("verb", false),
        Dimension::Namespace => ("namespace", false),
        Dimension::Stage => ("stage", true),
    };
    // Of levels, rules and stages what writes nothing is worth a line, too; but not that no event lacks its stage.
    let shown = breakdown
        .groups
        .iter()
        .filter(|group| group.volume.events > 0 || (is_whole && !group.key.is_empty()));
    let total = shown.clone().count();
    if total == 0 {
        return Ok(());
    }
    writeln!(out, "\nby {name}")?;
    let most = if is_whole { total } else { top };
    for group in shown.take(most) {
        let key = match group.key.as_str() {
            "" => "(none)".to_owned(),
            key => safe(key).into_owned(),
        };
        writeln!(
            out,
            "  {:>3} %  {:>17}  {:>22}  {key}",
            share(group.volume.high(), all),
            counted(group.volume.events, "event", "events"),
            size_of(group.volume)
        )?;
    }
    if total > most {
        writeln!(out, "  and {} more", count((total - most) as u64))?;
    }
    Ok(())
}

fn guesses(guesses: &[BodySizeEstimate], out: &mut impl Write) -> Result {
    if guesses.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nbodies that the log lacks, and their size")?;
    for guess in guesses.iter().take(MOST_LISTED) {
        let body = match guess.body {
            BodyKind::Request => "request",
            BodyKind::Response => "response",
            BodyKind::Failure => "failure",
        };
        let basis = match guess.source {
            SizeSource::Log { bodies } => format!("as {} like it in the log", count(bodies as u64)),
            SizeSource::Typical => "as is typical".to_owned(),
        };
        writeln!(
            out,
            "  {:>10} of {:<22} each, {basis}: {body} of {} {}",
            count(guess.events),
            between(guess.each.low as f64, guess.each.high as f64),
            safe(&guess.verb),
            safe(&guess.resource)
        )?;
    }
    more(guesses.len(), out)
}

/// How many are not listed, if any.
fn more(all: usize, out: &mut impl Write) -> Result {
    if all > MOST_LISTED {
        let hidden = count((all - MOST_LISTED) as u64);
        writeln!(out, "  and {hidden} more, in the JSON object")?;
    }
    Ok(())
}

/// A part in hundredths.
fn share(part: u64, all: u64) -> u64 {
    let hundredfold = u128::from(part) * 100 + u128::from(all) / 2;
    u64::try_from(hundredfold / u128::from(all.max(1))).unwrap_or(0)
}
