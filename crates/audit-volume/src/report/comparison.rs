//! A policy compared with a baseline.

use audit_policy::{Level, Policy, RuleIndex};

use super::{Quantity, Row, Section, SectionKind, request_name, target_name};
use crate::compare::{Changes, Comparison, CoverageChange, RequestGroup, RuleChange};
use crate::metric::Unit;
use crate::volume::Volume;
use audit_types::format::counted;

/// Reports a comparison with a baseline of this name; both policies give the levels of their rules.
pub fn comparison(
    comparison: &Comparison,
    baseline_name: &str,
    baseline: &Policy,
    policy: &Policy,
) -> Vec<Section> {
    let mut sections = vec![
        totals(comparison, baseline_name),
        changes(
            &comparison.lost,
            SectionKind::LessRecorded,
            "No longer recorded, or with less detail",
        ),
        changes(
            &comparison.gained,
            SectionKind::MoreRecorded,
            "Newly recorded, or with more detail",
        ),
    ];
    let of_baseline = rules(
        &comparison.rules_before,
        baseline,
        format!("Changed rules of {baseline_name}"),
        |change| (change.own, change.other),
    );
    let of_policy = rules(
        &comparison.rules_after,
        policy,
        "Changed rules of this policy".to_owned(),
        |change| (change.other, change.own),
    );
    sections.extend([of_baseline, of_policy].into_iter().flatten());
    sections
}

fn totals(comparison: &Comparison, baseline_name: &str) -> Section {
    let title = format!("Compared with {baseline_name}");
    let mut section = Section::new(SectionKind::Comparison, title);
    for (label, volume) in [("Before", comparison.before), ("After", comparison.after)] {
        let row = Row::new(label).events_and_bytes(volume.events, volume.bytes);
        section.rows.push(row);
    }
    if comparison.unknowable > 0 {
        section.notes.push(format!(
            "{} can't be evaluated under both policies and count in neither total.",
            events(comparison.unknowable)
        ));
    }
    if comparison.sizes_unknown > 0 {
        section.notes.push(format!(
            "{} of the changed ones count without their size, which the log doesn't contain.",
            events(comparison.sizes_unknown)
        ));
    }
    section
}

fn events(count: u64) -> String {
    counted(count as f64, "event", "events")
}

/// Reports a change of volume.
pub fn volume_change(label: impl Into<String>, before: Volume, after: Volume) -> Row {
    change(Row::new(label), before, after)
}

fn change(row: Row, before: Volume, after: Volume) -> Row {
    row.value(Quantity::change(
        before.events as f64,
        after.events as f64,
        Unit::Events,
    ))
    .value(Quantity::change(
        before.bytes as f64,
        after.bytes as f64,
        Unit::Bytes,
    ))
}

fn changes(changes: &Changes, kind: SectionKind, title: &str) -> Section {
    let mut section = Section::new(kind, title);
    if changes.groups.is_empty() {
        section.notes.push("None.".to_owned());
        return section;
    }
    let total = volume_change("Total", changes.before, changes.after);
    section.rows.push(total);
    section
        .rows
        .extend(changes.groups.iter().map(changed_group));
    section.more_rows = changes.more_groups;
    if changes.protected_events > 0 {
        section.warnings.push(format!(
            "Security-relevant among them: {}.",
            events(changes.protected_events)
        ));
    }
    section
}

/// Reports the requests of a group, and how their level changes.
pub fn changed_group(group: &RequestGroup) -> Row {
    let target = target_name(&group.resource, &group.subresource, &group.path);
    let user = group.user.as_deref().unwrap_or("(no user)");
    let row = Row::new(request_name(user, &group.verb, &target))
        .detail(levels(group))
        .explanation(match group.protected {
            Some(reason) => format!("security-relevant: {}", reason.description()),
            None => String::new(),
        });
    change(row, group.before, group.after)
}

/// Describes how the level changes.
fn levels(group: &RequestGroup) -> String {
    let (from, to) = (group.from.level, group.to.level);
    match group.change {
        CoverageChange::FewerStages => format!("{from}, fewer stages"),
        CoverageChange::MoreStages => format!("{from}, more stages"),
        CoverageChange::WithoutManagedFields => format!("{from}, without managed fields"),
        CoverageChange::WithManagedFields => format!("{from}, with managed fields"),
        CoverageChange::Mixed => format!("{from} → {to}, other stages"),
        CoverageChange::NoLongerRecorded
        | CoverageChange::LowerLevel
        | CoverageChange::HigherLevel
        | CoverageChange::NewlyRecorded => format!("{from} → {to}"),
    }
}

/// Reports the rules whose requests are recorded differently; `None` if there are none.
fn rules(
    changes: &[RuleChange],
    policy: &Policy,
    title: String,
    before_and_after: impl Fn(&RuleChange) -> (Volume, Volume),
) -> Option<Section> {
    let mut section = Section::new(SectionKind::ChangedRules, title);
    for rule in changes.iter().filter(|change| change.own != change.other) {
        let (before, after) = before_and_after(rule);
        let level = rule.rule.and_then(|index| policy.rule(index));
        let name = rule_name(rule.rule, level.map(|rule| rule.level));
        section.rows.push(change(name, before, after));
    }
    (!section.rows.is_empty()).then_some(section)
}

/// Reports the requests that a rule of the baseline matches. The level is that of the rule; `None` if the index is.
pub fn changed_rule(rule: &RuleChange, level: Option<Level>) -> Row {
    change(rule_name(rule.rule, level), rule.own, rule.other)
}

fn rule_name(rule: Option<RuleIndex>, level: Option<Level>) -> Row {
    match (rule, level) {
        (Some(index), Some(level)) => Row::new(index.to_string()).detail(level.name()),
        _ => Row::new("no rule"),
    }
}
