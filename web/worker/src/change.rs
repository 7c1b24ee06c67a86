//! What to change: the policy against a pinned one, and rules that would save bytes.

use apiserver_config::Truncate;
use audit_policy::Matcher;
use audit_sim::{Sum, Verdicts};
use audit_text::diff::unified;
use audit_volume::Unit;
use audit_volume::backend::BackendKind;
use audit_volume::compare::{
    self, Changes, CoverageChange, EvaluatedPolicy, RuleChange, compare_evaluated,
};
use audit_volume::suggest::{
    CandidateResult, NoiseCandidate, SuggestOptions, SuggestedRule, Suggestion, suggest,
};
use audit_volume::truncate::{self, Truncation};
use playground_protocol::volume::{
    BaselineView, ChangeView, FigureView, MetricGroup, SuggestionReport, SuggestionView,
};
use playground_protocol::{Column, EditView, terms};

use crate::answer::sum;
use crate::log::Log;
use crate::numbers::grouped;
use crate::policy::PolicyState;
use crate::volume::sentence;

/// How many groups of a comparison are shown.
const CHANGES_SHOWN: usize = 12;

/// How many of the noisiest groups are looked at.
const LOOKED_AT: usize = 12;

/// How many reasons against a rule are shown.
const REASONS_SHOWN: usize = 8;

/// Sets the policy in force against a pinned one.
pub(crate) fn against(log: &Log, pinned: &Matcher) -> BaselineView {
    let before = Verdicts::new(pinned, log.table.requests());
    let tally = log.table.evaluate(&before, log.version).tally;
    let comparison = compare_evaluated(
        &log.table,
        EvaluatedPolicy {
            verdicts: &before,
            tally: &tally,
        },
        EvaluatedPolicy {
            verdicts: &log.verdicts,
            tally: &log.reckoning.tally,
        },
        log.version,
    );
    BaselineView {
        written: amount(comparison.before),
        rules: comparison
            .rules_before
            .iter()
            .filter(|change| change.own != change.other)
            .map(|change| rule(change, pinned))
            .collect(),
        lost: changes(&comparison.lost),
        gained: changes(&comparison.gained),
    }
}

fn amount(amount: audit_volume::Volume) -> playground_protocol::Sum {
    sum(Sum {
        events: amount.events,
        bytes: amount.bytes,
    })
}

fn count(events: u64) -> usize {
    usize::try_from(events).unwrap_or(usize::MAX)
}

fn rule(change: &RuleChange, pinned: &Matcher) -> ChangeView {
    ChangeView {
        label: match change.rule {
            Some(rule) => format!("rule {}", rule + 1),
            None => "no rule".to_owned(),
        },
        levels: pinned.verdict_of(change.rule).level.to_string(),
        events: count(change.own.events),
        before: change.own.bytes as f64,
        after: change.other.bytes as f64,
        term: String::new(),
    }
}

fn changes(changes: &Changes) -> Vec<ChangeView> {
    let mut views: Vec<ChangeView> = changes
        .groups
        .iter()
        .take(CHANGES_SHOWN)
        .map(group)
        .collect();
    let hidden = changes.groups.get(CHANGES_SHOWN..).unwrap_or_default();
    let more = changes.more_groups + hidden.len() as u64;
    if more > 0 {
        let (mut before, mut after) = (changes.rest_before, changes.rest_after);
        for group in hidden {
            before += group.before;
            after += group.after;
        }
        views.push(ChangeView {
            label: format!("{more} more"),
            levels: String::new(),
            events: count(before.events.max(after.events)),
            before: before.bytes as f64,
            after: after.bytes as f64,
            term: String::new(),
        });
    }
    views
}

fn group(group: &compare::RequestGroup) -> ChangeView {
    let user = group.user.as_deref().unwrap_or_default();
    let resource = target(&group.resource, &group.subresource, &group.path);
    let label = match user {
        "" => format!("{} {resource}", group.verb),
        user => format!("{user}: {} {resource}", group.verb),
    };
    let term = [
        (Column::User, user),
        (Column::Verb, group.verb.as_str()),
        (Column::Resource, resource.as_str()),
    ];
    let term = term.into_iter().filter(|(_, value)| !value.is_empty());
    ChangeView {
        label,
        levels: levels(group),
        events: count(group.events),
        before: group.before.bytes as f64,
        after: group.after.bytes as f64,
        term: term
            .map(|(column, value)| terms::term(column, value))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn target(resource: &str, subresource: &str, path: &str) -> String {
    match (resource, subresource) {
        ("", _) => path.to_owned(),
        (resource, "") => resource.to_owned(),
        (resource, subresource) => format!("{resource}/{subresource}"),
    }
}

fn levels(group: &compare::RequestGroup) -> String {
    let (from, to) = (group.from.level, group.to.level);
    match group.change {
        CoverageChange::FewerStages => format!("{from}, fewer stages"),
        CoverageChange::MoreStages => format!("{from}, more stages"),
        CoverageChange::WithoutManagedFields => format!("{from}, no managed fields"),
        CoverageChange::WithManagedFields => format!("{from}, with managed fields"),
        CoverageChange::Mixed => format!("{from} → {to}, other stages"),
        _ => format!("{from} → {to}"),
    }
}

/// Rules that would save bytes under the policy in force.
pub(crate) fn proposals(log: &Log, policy: &PolicyState) -> SuggestionReport {
    let Some(accepted) = policy.accepted.as_ref().filter(|_| !policy.is_stale()) else {
        return SuggestionReport::default();
    };
    let asked = SuggestOptions {
        version: accepted.version,
        max_groups: LOOKED_AT,
        include_writes: true,
        impersonated: log.table.impersonated().collect(),
    };
    let found = suggest(accepted.text.as_bytes(), &log.table, &asked);
    let mut report = SuggestionReport {
        generation: accepted.generation,
        truncation: truncation(log),
        ..SuggestionReport::default()
    };
    for CandidateResult {
        candidate: noise,
        suggestion: offer,
    } in &found.groups
    {
        match offer {
            Suggestion::Rule(proposal) => {
                report
                    .suggestions
                    .push(view(noise, proposal, &accepted.text))
            }
            Suggestion::None { explanation, .. } if report.rejected.len() < REASONS_SHOWN => {
                report.rejected.push(format!(
                    "{}, {}: {explanation}",
                    spoken(noise),
                    Unit::Bytes.format(noise.written.bytes as f64)
                ));
            }
            Suggestion::None { .. } => {}
        }
    }
    report
        .suggestions
        .sort_by_key(|offer| (offer.is_write, std::cmp::Reverse(offer.bytes as u64)));
    report
}

/// What truncation would cut, with the limits that the server has where it is turned on.
fn truncation(log: &Log) -> MetricGroup {
    let settings = Truncate {
        enabled: true,
        ..Truncate::default()
    };
    let Truncation {
        totals: cut,
        unknown,
        by_resource,
        ..
    } = truncate::truncation(
        &log.table,
        &log.verdicts,
        BackendKind::Log,
        &settings,
        log.version,
    );
    let figure = |label: &str, amount: audit_volume::Volume| FigureView {
        label: label.to_owned(),
        value: Unit::Events.format(amount.events as f64),
        formula: format!(
            "{} of events longer than {} bytes",
            Unit::Bytes.format(amount.bytes as f64),
            grouped(u64::try_from(settings.max_event_size).unwrap_or(0))
        ),
    };
    let mut notes = Vec::new();
    let resources: Vec<String> = by_resource
        .iter()
        .take(3)
        .map(|cut| format!("`{}`", cut.resource))
        .collect();
    if !resources.is_empty() {
        notes.push(format!("Most of them are of {}.", resources.join(", ")));
    }
    if unknown > 0 {
        notes.push(format!(
            "Of {} more the log does not tell how long they would be.",
            Unit::Events.format(unknown as f64)
        ));
    }
    MetricGroup {
        title: "If truncation were on, with the server's own limits".to_owned(),
        figures: vec![
            figure("Would lose their bodies", cut.bodies_removed),
            figure("Would be discarded", cut.discarded),
        ],
        notes,
    }
}

fn spoken(noise: &NoiseCandidate) -> String {
    let target = target(&noise.resource, &noise.subresource, &noise.path);
    format!("{}: {} {target}", noise.actor.name(), noise.verb)
}

fn view(noise: &NoiseCandidate, proposal: &SuggestedRule, text: &str) -> SuggestionView {
    // The editor counts in UTF-16 units.
    let before = text.get(..proposal.edit.at);
    let edit = before.map(|before| {
        let at = before.encode_utf16().count();
        EditView {
            from: at,
            to: at,
            text: proposal.edit.insert.clone(),
        }
    });
    SuggestionView {
        title: spoken(noise),
        reason: sentence(proposal.why),
        events: count(proposal.saves.events),
        bytes: proposal.saves.bytes as f64,
        is_write: proposal.is_write,
        rule: proposal.rule.clone(),
        place: format!("before rule {}", proposal.before_rule + 1),
        diff: with_edit(text, proposal)
            .map(|changed| unified(text, &changed, "policy.yaml"))
            .unwrap_or_default(),
        edit,
    }
}

/// The policy with a rule in it; none where there is no place for it.
fn with_edit(text: &str, proposal: &SuggestedRule) -> Option<String> {
    let (before, after) = text.split_at_checked(proposal.edit.at)?;
    Some([before, &proposal.edit.insert, after].concat())
}
