//! A policy against a baseline, for people.

use std::io::Write;

use audit_policy::Policy;
use audit_volume::Volume;
use audit_volume::compare::{Changes, Comparison, CoverageChange, RequestGroup, RuleChange};

use super::MOST_LISTED;
use crate::error::Result;
use crate::estimate::words::{bytes, count, counted, request, target};
use crate::terminal::safe;

/// Prints the comparison; the policies are the baseline and the other.
pub(super) fn print(
    comparison: &Comparison,
    file: &str,
    policies: [&Policy; 2],
    out: &mut impl Write,
) -> Result {
    let Comparison {
        before,
        after,
        rules_before,
        rules_after,
        lost,
        gained,
        unknowable,
        sizes_unknown,
    } = comparison;
    let file = safe(file);
    writeln!(out, "\nagainst `{file}`")?;
    writeln!(out, "  before: {}", amount(*before))?;
    writeln!(out, "  after: {}", amount(*after))?;
    if *unknowable > 0 {
        writeln!(
            out,
            "  {} cannot be judged under both, and count in neither",
            counted(*unknowable, "event", "events")
        )?;
    }
    if *sizes_unknown > 0 {
        writeln!(
            out,
            "  {} of those below count without their size, which the log does not tell",
            counted(*sizes_unknown, "event", "events")
        )?;
    }
    changes(lost, "no longer seen, or seen less of", out)?;
    changes(gained, "seen that was not, or more of it", out)?;
    let [old, new] = policies;
    rules(
        rules_before,
        old,
        &format!("rules of `{file}` that changed"),
        out,
    )?;
    let swapped: Vec<RuleChange> = rules_after
        .iter()
        .map(|change| RuleChange {
            own: change.other,
            other: change.own,
            ..*change
        })
        .collect();
    rules(&swapped, new, "rules of the policy that changed", out)
}

fn amount(amount: Volume) -> String {
    let events = counted(amount.events, "event", "events");
    format!("{events}, {}", bytes(amount.bytes))
}

fn changes(changes: &Changes, title: &str, out: &mut impl Write) -> Result {
    if changes.groups.is_empty() {
        writeln!(out, "\n{title}: nothing")?;
        return Ok(());
    }
    writeln!(
        out,
        "\n{title}: {} before, {} after",
        amount(changes.before),
        amount(changes.after)
    )?;
    if changes.protected_events > 0 {
        writeln!(
            out,
            "  {} among them are of the kind that an audit log is kept for",
            counted(changes.protected_events, "event", "events")
        )?;
    }
    for group in changes.groups.iter().take(MOST_LISTED) {
        line(group, out)?;
    }
    let hidden = changes.groups.len().saturating_sub(MOST_LISTED) as u64;
    let more = changes.more_groups + hidden;
    if more > 0 {
        writeln!(out, "  and {} more", count(more))?;
    }
    Ok(())
}

fn line(group: &RequestGroup, out: &mut impl Write) -> Result {
    let target = target(&group.resource, &group.subresource, &group.path);
    let what = request(group.user.as_deref(), &group.verb, &target);
    let guard = match group.protected {
        Some(guard) => format!(" (this is {})", guard.description()),
        None => String::new(),
    };
    writeln!(
        out,
        "  {what}{guard}: {}, {}, {} to {}",
        levels(group),
        counted(group.events, "event", "events"),
        bytes(group.before.bytes),
        bytes(group.after.bytes)
    )?;
    Ok(())
}

fn levels(group: &RequestGroup) -> String {
    let (from, to) = (group.from.level, group.to.level);
    match group.change {
        CoverageChange::FewerStages => format!("{from}, fewer stages"),
        CoverageChange::MoreStages => format!("{from}, more stages"),
        CoverageChange::WithoutManagedFields => format!("{from}, no managed fields"),
        CoverageChange::WithManagedFields => format!("{from}, with managed fields"),
        CoverageChange::Mixed => format!("{from} to {to}, other stages"),
        _ => format!("{from} to {to}"),
    }
}

/// Rules whose requests are written otherwise: `own` is before and `other` after.
fn rules(changes: &[RuleChange], policy: &Policy, title: &str, out: &mut impl Write) -> Result {
    let mut changed = changes
        .iter()
        .filter(|change| change.own != change.other)
        .peekable();
    if changed.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    for change in changed {
        let rule = change
            .rule
            .and_then(|place| Some((place, policy.rules.get(place)?)));
        let name = match rule {
            Some((place, rule)) => format!("rule {} ({})", place + 1, rule.level),
            None => "no rule".to_owned(),
        };
        let (own, other) = (amount(change.own), amount(change.other));
        writeln!(out, "  {name}: {own} before, {other} after")?;
    }
    Ok(())
}
