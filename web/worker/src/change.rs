//! Comparison with the baseline policy, and suggestions for smaller volume.

use apiserver_config::Truncate;
use audit_policy::{Edit, Matcher, Span};
use audit_sim::{Sum, Verdicts};
use audit_text::diff::unified;
use audit_types::sort::SortShort;
use audit_volume::Unit;
use audit_volume::backend::BackendKind;
use audit_volume::compare::{
    self, Changes, CoverageChange, EvaluatedPolicy, RuleChange, compare_evaluated,
};
use audit_volume::report;
use audit_volume::suggest::{
    CandidateResult, NoiseCandidate, SuggestOptions, SuggestedRule, SuggestedSetting, Suggestion,
    TextEdit, suggest,
};
use audit_volume::truncate;
use playground_protocol::volume::{
    BaselineView, ChangeView, MetricGroup, SuggestionReport, SuggestionView,
};
use playground_protocol::{Column, EditView, terms};

use crate::answer::sum;
use crate::log::Log;
use crate::policy::{Accepted, PolicyState};
use crate::volume::metric_group;

/// Maximum number of groups in a comparison.
const MAX_CHANGES: usize = 12;

/// Number of the noisiest groups for which a rule is tried.
const MAX_CANDIDATES: usize = 12;

/// Maximum number of groups listed as rejected.
const MAX_REJECTED: usize = 8;

/// Compares the current policy with the baseline.
pub(crate) fn compare_with_baseline(log: &Log, baseline: &Matcher) -> BaselineView {
    let before = Verdicts::new(baseline, log.table.requests());
    let tally = log.table.evaluate(&before, log.version).tally;
    let comparison = compare_evaluated(
        &log.table,
        EvaluatedPolicy {
            verdicts: &before,
            tally: &tally,
        },
        EvaluatedPolicy {
            verdicts: &log.verdicts,
            tally: &log.evaluation.tally,
        },
        log.version,
    );
    BaselineView {
        written: amount(comparison.before),
        rules: comparison
            .rules_before
            .iter()
            .filter(|change| change.own != change.other)
            .map(|change| rule(change, baseline))
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

fn rule(change: &RuleChange, baseline: &Matcher) -> ChangeView {
    ChangeView {
        label: match change.rule {
            Some(rule) => rule.to_string(),
            None => "no rule".to_owned(),
        },
        levels: baseline.verdict_of(change.rule).level.to_string(),
        events: count(change.own.events),
        before: change.own.bytes as f64,
        after: change.other.bytes as f64,
        term: String::new(),
    }
}

fn changes(changes: &Changes) -> Vec<ChangeView> {
    let mut views: Vec<ChangeView> = changes.groups.iter().take(MAX_CHANGES).map(group).collect();
    let hidden = changes.groups.get(MAX_CHANGES..).unwrap_or_default();
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
    let resource = report::target_name(&group.resource, &group.subresource, &group.path);
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

/// Returns rules that would save bytes under the current policy.
pub(crate) fn suggestions(log: &Log, policy: &PolicyState) -> SuggestionReport {
    let Some(accepted) = policy.accepted.as_ref().filter(|_| !policy.is_stale()) else {
        return SuggestionReport::default();
    };
    let options = SuggestOptions {
        version: accepted.version,
        max_groups: MAX_CANDIDATES,
        include_writes: true,
        impersonated: log.table.impersonated().collect(),
    };
    let found = suggest(accepted.text.as_bytes(), &log.table, &options);
    let mut report = SuggestionReport {
        generation: accepted.generation,
        truncation: truncation(log),
        ..SuggestionReport::default()
    };
    let settings = found.settings.iter();
    report
        .suggestions
        .extend(settings.map(|setting| setting_view(setting, accepted)));
    for CandidateResult {
        candidate,
        suggestion,
    } in &found.groups
    {
        match suggestion {
            Suggestion::Rule(rule) => {
                let view = view(candidate, rule, accepted);
                report.suggestions.push(view);
            }
            Suggestion::None { explanation, .. } if report.rejected.len() < MAX_REJECTED => {
                report.rejected.push(format!(
                    "{}, {}: {explanation}",
                    describe(candidate),
                    Unit::Bytes.format(candidate.written.bytes as f64)
                ));
            }
            Suggestion::None { .. } => {}
        }
    }
    report
        .suggestions
        .sort_short_by_key(|offer| (offer.is_write, std::cmp::Reverse(offer.bytes as u64)));
    report
}

/// Returns the effect of truncation with the limits that the server has if it is enabled.
fn truncation(log: &Log) -> MetricGroup {
    let settings = Truncate {
        enabled: true,
        ..Truncate::default()
    };
    let truncation = truncate::truncation(
        &log.table,
        &log.verdicts,
        BackendKind::Log,
        &settings,
        log.version,
    );
    let mut section = report::truncation(&truncation, &settings);
    let note = "These are the effects of enabling truncation with the server's default limits.";
    section.notes.insert(0, note.to_owned());
    metric_group(section)
}

fn describe(candidate: &NoiseCandidate) -> String {
    let target = report::target_name(&candidate.resource, &candidate.subresource, &candidate.path);
    format!("{}: {} {target}", candidate.actor.name(), candidate.verb)
}

fn setting_view(setting: &SuggestedSetting, accepted: &Accepted) -> SuggestionView {
    let place = match setting.rule {
        Some(rule) => format!("in {rule}"),
        None => "for all rules".to_owned(),
    };
    SuggestionView {
        title: setting.kind.title(setting.rule),
        reason: format!(
            "{} {}",
            report::sentence(setting.why),
            report::sentence(&setting.proof.summary())
        ),
        events: count(setting.saves.events),
        bytes: setting.saves.bytes as f64,
        is_write: false,
        rule: setting.setting.clone(),
        place,
        diff: diff(accepted, &setting.edit),
        edit: edit_view(accepted, &setting.edit),
    }
}

fn view(
    candidate: &NoiseCandidate,
    suggested: &SuggestedRule,
    accepted: &Accepted,
) -> SuggestionView {
    SuggestionView {
        title: describe(candidate),
        reason: report::sentence(suggested.why),
        events: count(suggested.saves.events),
        bytes: suggested.saves.bytes as f64,
        is_write: suggested.is_write,
        rule: suggested.rule.clone(),
        place: format!("before {}", suggested.before_rule),
        diff: diff(accepted, &suggested.edit),
        edit: edit_view(accepted, &suggested.edit),
    }
}

/// Returns an insertion as an edit of the editor's text. `None` if it cannot be written there with certainty.
fn editor_edit(accepted: &Accepted, edit: &TextEdit) -> Option<Edit> {
    accepted.editor_edit(&Edit {
        span: Span::new(edit.at, edit.at),
        text: edit.insert.clone(),
    })
}

/// Returns an insertion for the editor, which counts in UTF-16 units; `None` if it is not for this text.
fn edit_view(accepted: &Accepted, edit: &TextEdit) -> Option<EditView> {
    let edit = editor_edit(accepted, edit)?;
    let text = accepted.editor_text();
    let from = text.get(..edit.span.start)?.encode_utf16().count();
    let replaced = text.get(edit.span.start..edit.span.end)?;
    Some(EditView {
        from,
        to: from + replaced.encode_utf16().count(),
        text: edit.text,
    })
}

/// Returns the difference that an insertion makes; empty if it is not for this text.
fn diff(accepted: &Accepted, edit: &TextEdit) -> String {
    let text = accepted.editor_text();
    let changed = editor_edit(accepted, edit).and_then(|edit| {
        let before = text.get(..edit.span.start)?;
        Some([before, &edit.text, text.get(edit.span.end..)?].concat())
    });
    changed
        .map(|changed| unified(text, &changed, "policy.yaml"))
        .unwrap_or_default()
}
