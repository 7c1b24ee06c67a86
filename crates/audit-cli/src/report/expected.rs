//! Claims in words.

use audit_policy::{Stage, StageSet};
use audit_tests::{Claim, Expectation, ExpectedRule, ExpectedStages, SettingClaim};
use audit_types::excerpt::quote;

/// Maximum number of classes that are described.
const MAX_CLASSES: usize = 6;

/// Describes what a claim demands, and of which requests. `None` if it cannot be decided.
pub(super) fn claim_words(claim: &Claim) -> Option<String> {
    match claim {
        Claim::Class(claim) => {
            let mut classes: Vec<String> = claim
                .classes
                .iter()
                .take(MAX_CLASSES)
                .map(|class| class.words())
                .collect();
            if claim.classes.len() > MAX_CLASSES {
                classes.push(format!("{} more", claim.classes.len() - MAX_CLASSES));
            }
            let expected = expected_words(&claim.expected);
            Some(format!("{}: {expected}", classes.join("; ")))
        }
        Claim::Request { request, expected } => Some(format!(
            "{}: {}",
            audit_analysis::request_words(request),
            expected_words(expected)
        )),
        Claim::Setting(claim) => Some(setting_words(claim)),
        _ => None,
    }
}

fn expected_words(expected: &Expectation) -> String {
    let mut parts = Vec::new();
    if let Some(level) = expected.level {
        parts.push(format!("the level `{level}`"));
    }
    if let Some(level) = expected.at_least {
        parts.push(format!("at least `{level}`"));
    }
    if let Some(level) = expected.at_most {
        parts.push(format!("at most `{level}`"));
    }
    match expected.stages {
        Some(ExpectedStages::Exactly(stages)) => {
            parts.push(format!("events of {} only", stage_words(stages)));
        }
        Some(ExpectedStages::Some { recorded, not }) => {
            if recorded != StageSet::default() {
                parts.push(format!("events of {}", stage_words(recorded)));
            }
            if not != StageSet::default() {
                parts.push(format!("no events of {}", stage_words(not)));
            }
        }
        None => {}
    }
    if let Some(omit) = expected.omit_managed_fields {
        let verb = if omit { "without" } else { "with" };
        parts.push(format!("bodies {verb} `managedFields`"));
    }
    match expected.not_recorded {
        Some(true) => parts.push("no event".to_owned()),
        Some(false) => parts.push("some event".to_owned()),
        None => {}
    }
    match expected.rule {
        Some(ExpectedRule::Rule(rule)) => parts.push(rule.to_string()),
        Some(ExpectedRule::NoRule) => parts.push("no rule".to_owned()),
        None => {}
    }
    parts.join(", ")
}

fn stage_words(stages: StageSet) -> String {
    let names: Vec<String> = stages
        .iter()
        .map(|stage| format!("`{}`", Stage::name(stage)))
        .collect();
    match names.is_empty() {
        true => "no stage".to_owned(),
        false => names.join(", "),
    }
}

fn setting_words(claim: &SettingClaim) -> String {
    let mut parts = Vec::new();
    match claim.is_set {
        Some(true) => parts.push("set".to_owned()),
        Some(false) => parts.push("not set".to_owned()),
        None => {}
    }
    parts.extend(claim.value.as_ref().map(|value| quote(value)));
    parts.extend(claim.at_least.map(|least| format!("at least `{least}`")));
    parts.extend(claim.at_most.map(|most| format!("at most `{most}`")));
    format!(
        "flag {}: {}",
        quote(&format!("--{}", claim.flag)),
        parts.join(", ")
    )
}
