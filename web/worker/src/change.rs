//! Comparison with the baseline policy, and suggestions for smaller volume.

use apiserver_config::Truncate;
use audit_policy::{Edit, Matcher, Span};
use audit_sim::{Sum, Verdicts};
use audit_text::diff::unified;
use audit_types::sort::SortShort;
use audit_volume::backend::BackendKind;
use audit_volume::compare::{self, Changes, EvaluatedPolicy, RuleChange, compare_evaluated};
use audit_volume::report::{self, Quantity, Row};
use audit_volume::suggest::{
    CandidateResult, SuggestOptions, SuggestedRule, SuggestedSetting, Suggestion, TextEdit, suggest,
};
use audit_volume::truncate;
use playground_protocol::volume::{
    BaselineView, ChangeView, MetricGroup, SuggestionReport, SuggestionView,
};
use playground_protocol::{Column, terms};

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

fn rule(change: &RuleChange, baseline: &Matcher) -> ChangeView {
    let level = change.rule.map(|_| baseline.verdict_of(change.rule).level);
    change_view(report::changed_rule(change, level), String::new())
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
        let row = report::volume_change(format!("{more} more"), before, after);
        views.push(change_view(row, String::new()));
    }
    views
}

fn group(group: &compare::RequestGroup) -> ChangeView {
    let user = group.user.as_deref().unwrap_or_default();
    let resource = report::target_name(&group.resource, &group.subresource, &group.path);
    let term = [
        (Column::User, user),
        (Column::Verb, group.verb.as_str()),
        (Column::Resource, resource.as_str()),
    ];
    let term = term.into_iter().filter(|(_, value)| !value.is_empty());
    let term = term
        .map(|(column, value)| terms::term(column, value))
        .collect::<Vec<_>>()
        .join(" ");
    change_view(report::changed_group(group), term)
}

fn change_view(row: Row, term: String) -> ChangeView {
    let [events, bytes] = texts(&row);
    ChangeView {
        label: row.label,
        detail: row.detail,
        events,
        bytes,
        term,
    }
}

/// Returns the values of a row, which are events and bytes.
fn texts(row: &Row) -> [String; 2] {
    let mut texts = row.values.iter().map(Quantity::text);
    [(); 2].map(|()| texts.next().unwrap_or_default())
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
    let mut offers: Vec<Offer> = found
        .settings
        .iter()
        .map(|setting| setting_offer(setting, accepted))
        .collect();
    for CandidateResult {
        candidate,
        suggestion,
    } in &found.groups
    {
        match suggestion {
            Suggestion::Rule(rule) => {
                offers.push(rule_offer(
                    report::suggested_rule(candidate, rule),
                    rule,
                    accepted,
                ));
            }
            Suggestion::None { explanation, .. } if report.rejected.len() < MAX_REJECTED => {
                let row = report::kept_group(candidate, explanation);
                report.rejected.push(format!(
                    "{}, {}: {}",
                    row.label,
                    row.value_text(),
                    row.explanation
                ));
            }
            Suggestion::None { .. } => {}
        }
    }
    offers.sort_short_by_key(|offer| (offer.view.is_write, std::cmp::Reverse(offer.bytes)));
    report.suggestions = offers.into_iter().map(|offer| offer.view).collect();
    report
}

/// A suggestion with the bytes that it saves.
struct Offer {
    bytes: u64,
    view: SuggestionView,
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

fn setting_offer(setting: &SuggestedSetting, accepted: &Accepted) -> Offer {
    let row = report::suggested_setting(setting);
    let place = match setting.rule {
        Some(rule) => format!("in {rule}"),
        None => "for all rules".to_owned(),
    };
    Offer {
        bytes: setting.saves.bytes,
        view: view(row, place, &setting.edit, accepted),
    }
}

fn rule_offer(row: Row, rule: &SuggestedRule, accepted: &Accepted) -> Offer {
    let place = format!("before {}", rule.before_rule);
    Offer {
        bytes: rule.saves.bytes,
        view: SuggestionView {
            is_write: rule.is_write,
            ..view(row, place, &rule.edit, accepted)
        },
    }
}

fn view(row: Row, place: String, edit: &TextEdit, accepted: &Accepted) -> SuggestionView {
    let [events, bytes] = texts(&row);
    SuggestionView {
        title: row.label,
        reason: report::sentence(&row.explanation),
        events,
        bytes,
        is_write: false,
        rule: row.code,
        place,
        diff: diff(accepted, edit),
        edit: unit_edit(accepted, edit),
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
fn unit_edit(accepted: &Accepted, edit: &TextEdit) -> Option<Edit> {
    let Edit { span, text } = editor_edit(accepted, edit)?;
    let whole = accepted.editor_text();
    let from = whole.get(..span.start)?.encode_utf16().count();
    let replaced = whole.get(span.start..span.end)?.encode_utf16().count();
    Some(Edit {
        span: Span::new(from, from + replaced),
        text,
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
