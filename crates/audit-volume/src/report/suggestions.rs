//! Suggested settings and rules, and the groups for which there is none.

use super::{Quantity, Row, Section, SectionKind, request_name, sentence, target_name};
use crate::metric::Unit;
use crate::suggest::{
    CombinedRules, NoiseCandidate, SuggestedRule, SuggestedSetting, Suggestion, Suggestions,
};

/// Reports suggestions: settings and rules, the groups without one, and the totals with all of them.
pub fn suggestions(suggestions: &Suggestions, combined: Option<&CombinedRules>) -> Vec<Section> {
    let mut suggested = Section::new(
        SectionKind::SuggestedRules,
        "Suggested settings and rules, and their savings",
    );
    let mut kept = Section::new(SectionKind::KeptGroups, "Noisy, but kept");
    suggested
        .rows
        .extend(suggestions.settings.iter().map(suggested_setting));
    for result in &suggestions.groups {
        match &result.suggestion {
            Suggestion::Rule(rule) => {
                suggested.rows.push(suggested_rule(&result.candidate, rule));
            }
            Suggestion::None { explanation, .. } => {
                kept.rows.push(kept_group(&result.candidate, explanation));
            }
        }
    }
    let has_any = !suggested.rows.is_empty();
    if !has_any {
        let note =
            "No setting or rule would save bytes without losing events that matter for security.";
        suggested.notes.push(note.to_owned());
    }
    let mut sections = vec![suggested];
    if !kept.rows.is_empty() {
        sections.push(kept);
    }
    sections.extend(combined.filter(|_| has_any).map(totals));
    sections
}

/// Reports a suggested setting and what it saves.
pub fn suggested_setting(setting: &SuggestedSetting) -> Row {
    let mut row = Row::new(setting.kind.title(setting.rule))
        .events_and_bytes(setting.saves.events, setting.saves.bytes)
        .explanation(format!("{}; {}", setting.why, setting.proof.summary()));
    row.code = [&setting.setting, "\n"].concat();
    row
}

/// Reports requests that should stay in the log, with the reason.
pub fn kept_group(candidate: &NoiseCandidate, reason: &str) -> Row {
    Row::new(candidate_name(candidate))
        .value(Quantity::new(candidate.written.bytes as f64, Unit::Bytes))
        .explanation(reason)
}

/// Reports a suggested rule and what it saves.
pub fn suggested_rule(candidate: &NoiseCandidate, rule: &SuggestedRule) -> Row {
    let writes = if rule.is_write { ", drops writes" } else { "" };
    let mut explanation = rule.why.to_owned();
    if rule.failed > 0 {
        explanation.push_str(&format!(
            "; {} of them failed for a reason other than missing permissions",
            Unit::Events.format(rule.failed as f64)
        ));
    }
    let mut row = Row::new(candidate_name(candidate))
        .detail(format!("insert before {}{writes}", rule.before_rule))
        .events_and_bytes(rule.saves.events, rule.saves.bytes)
        .explanation(explanation);
    row.code.clone_from(&rule.rule);
    row
}

/// Names the requests of a candidate: `system:nodes: get nodes`.
pub(crate) fn candidate_name(candidate: &NoiseCandidate) -> String {
    let target = target_name(&candidate.resource, &candidate.subresource, &candidate.path);
    request_name(candidate.actor.name(), &candidate.verb, &target)
}

fn totals(combined: &CombinedRules) -> Section {
    let mut section = Section::new(SectionKind::SuggestionTotals, "With all suggestions");
    for (label, volume) in [("Before", combined.before), ("After", combined.after)] {
        let row = Row::new(label).events_and_bytes(volume.events, volume.bytes);
        section.rows.push(row);
    }
    section.notes.push(sentence(&combined.proof.summary()));
    section
}
