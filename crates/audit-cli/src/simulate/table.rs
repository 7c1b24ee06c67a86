//! A simulation as a human-readable table.

use std::io::Write;

use audit_json::why;
use audit_policy::{Policy, Request};
use audit_redact::secret_notes;
use audit_sim::{Outcome, Tally, impersonation_note};
use audit_types::time;

use super::simulated::Simulated;
use crate::error::Result;
use crate::files::print_unreadable;
use crate::terminal::safe;

/// The headings.
pub(super) fn head(out: &mut impl Write) -> Result {
    writeln!(
        out,
        "{:<12}  {:<8}  {:<34}  {:<30}  {:<16}  {:>4}  {:>4}  {:<15}  {:>9}  {:>9}",
        "TIME", "VERB", "RESOURCE", "USER", "STAGE", "CODE", "RULE", "LEVEL", "RECORDED", "WRITTEN"
    )?;
    Ok(())
}

/// One event. Rules are counted from 1, as in the page.
pub(super) fn row(simulated: &Simulated<'_>, out: &mut impl Write) -> Result {
    let request = &simulated.result.request.request;
    let resource = resource(request);
    let written = match (
        simulated.result.outcome.outcome,
        simulated.result.outcome.written_bytes,
    ) {
        (Outcome::Written, Some(bytes)) => bytes.to_string(),
        (Outcome::Written | Outcome::Unknowable, _) => "?".to_owned(),
        _ => "dropped".to_owned(),
    };
    let recorded = if simulated.result.derived_stage.is_some() {
        "derived".to_owned()
    } else {
        simulated.result.attributes.recorded_bytes().to_string()
    };
    writeln!(
        out,
        "{:<12}  {:<8}  {:<34}  {:<30}  {:<16}  {:>4}  {:>4}  {:<15}  {:>9}  {:>9}",
        simulated
            .event
            .time()
            .map(time::time_of_day)
            .unwrap_or_default(),
        fitted(&request.verb, 8),
        fitted(&resource, 34),
        fitted(request.user_name().unwrap_or("(no user)"), 30),
        simulated
            .result
            .attributes
            .stage
            .map(|stage| stage.name())
            .unwrap_or_default(),
        simulated
            .event
            .code()
            .map(|code| code.to_string())
            .unwrap_or_default(),
        simulated
            .result
            .verdict
            .and_then(|verdict| verdict.rule)
            .map_or_else(|| "-".to_owned(), |rule| rule.number().to_string()),
        simulated
            .result
            .verdict
            .map_or("?", |verdict| verdict.level.name()),
        recorded,
        written
    )?;
    Ok(())
}

/// Returns the resource with the object's name, or the path.
fn resource(request: &Request) -> String {
    if !request.is_resource_request {
        request.path.clone()
    } else if request.name.is_empty() {
        request.full_resource()
    } else {
        format!("{} {}", request.full_resource(), request.name)
    }
}

/// Why each rule matches the request or not, a line each.
pub(super) fn reasons(simulated: &Simulated<'_>, policy: &Policy, out: &mut impl Write) -> Result {
    if let Some(note) = impersonation_note(simulated.event) {
        writeln!(out, "    {}", safe(&note))?;
    }
    for note in secret_notes(simulated.event.raw, None) {
        writeln!(out, "    {}", safe(&note))?;
    }
    let seen = &simulated.result.request;
    let verdict = simulated.result.verdict;
    let matched = verdict.and_then(|verdict| verdict.rule);
    for answer in why(policy, &seen.request, seen.unknown) {
        if answer.evaluated == Some(false) {
            let rule = answer.rule;
            let decided =
                matched.map_or_else(String::new, |first| format!(", because {first} matched"));
            writeln!(out, "    {rule} and later: not evaluated{decided}")?;
            break;
        }
        let result = match answer.matched {
            true => "matches",
            false if answer.is_unknown() => "may match",
            false => "does not match",
        };
        // The page has the reason without the rule in front of it.
        let reason = answer.text.strip_prefix("matches ");
        let reason = reason.unwrap_or(&answer.text);
        writeln!(out, "    {} {result}: {}", answer.rule, safe(reason))?;
    }
    if verdict.is_some() && matched.is_none() {
        writeln!(out, "    no rule matches: not logged")?;
    }
    Ok(())
}

/// The sums under the table. `lacking_bodies` of the written events have an unknown size because the log lacks their bodies.
pub(super) fn foot(
    tally: &Tally,
    lacking_bodies: u64,
    unreadable: u64,
    out: &mut impl Write,
) -> Result {
    let (recorded, written) = (tally.recorded, tally.written);
    writeln!(out)?;
    let derived = match tally.derived.events {
        0 => String::new(),
        events => format!(" and {events} derived, whose stages the log does not contain"),
    };
    let bytes = match tally.sizes_unknown {
        0 => format!("{} of {} bytes", written.bytes, recorded.bytes),
        unknown if unknown == written.events => {
            format!("size as written unknown, {} bytes recorded", recorded.bytes)
        }
        _ => format!("at least {} of {} bytes", written.bytes, recorded.bytes),
    };
    writeln!(
        out,
        "{} of {} events written{derived}; {bytes}",
        written.events - tally.derived.events,
        recorded.events,
    )?;
    let lacking_fields = tally.sizes_unknown.saturating_sub(lacking_bodies);
    for (events, lacks) in [
        (lacking_bodies, "their bodies"),
        (lacking_fields, "some of their fields"),
    ] {
        if events > 0 {
            writeln!(
                out,
                "size unknown, because the log lacks {lacks}: {events} of the written events"
            )?;
        }
    }
    let unknowable = tally.outcome(Outcome::Unknowable);
    if unknowable > 0 {
        let events = if unknowable == 1 { "event" } else { "events" };
        writeln!(
            out,
            "{unknowable} {events} with unknown outcome: the log lacks attributes that the policy depends on"
        )?;
    }
    print_unreadable(unreadable, out)
}

/// The text cut to a width in characters.
fn fitted(text: &str, width: usize) -> String {
    let text = safe(text);
    if text.chars().count() <= width {
        return text.into_owned();
    }
    text.chars()
        .take(width.saturating_sub(1))
        .chain(['…'])
        .collect()
}
