//! Claims with their results, as the page shows them.

use audit_analysis::request_words;
use audit_policy::RuleIndex;
use audit_tests::{Case, Outcome};
use playground_protocol::{ClaimStatus, ClaimView, Decision, Example, RulePlace};

use crate::ask::{decision, example};
use crate::policy::Accepted;

/// Returns a claim with its result.
pub(super) fn claim_view(
    case: &Case,
    outcome: &Outcome,
    status: ClaimStatus,
    accepted: &Accepted,
) -> ClaimView {
    ClaimView {
        id: case.id.clone().unwrap_or_default(),
        name: case.name.clone(),
        claim: case.claim.words().unwrap_or_default(),
        why: case.why.clone().unwrap_or_default(),
        source: case.source.clone().unwrap_or_default(),
        from: 0,
        line: 0,
        status,
        message: outcome.message.clone(),
        is_proved: outcome.is_proved,
        decision: decision_of(outcome, accepted),
        example: example_of(outcome, accepted),
        change: String::new(),
    }
}

fn decision_of(outcome: &Outcome, accepted: &Accepted) -> Option<Decision> {
    let verdict = outcome.verdict?;
    Some(decision(verdict, &accepted.lines))
}

fn example_of(outcome: &Outcome, accepted: &Accepted) -> Option<Example> {
    let witness = outcome.witness.as_ref()?;
    Some(example(
        witness,
        outcome.is_witness_producible,
        accepted.version,
    ))
}

/// Returns a rule with its line in the editor.
pub(super) fn rule_place(rule: RuleIndex, accepted: &Accepted) -> RulePlace {
    RulePlace {
        rule,
        line: accepted.lines.get(rule.get()).copied().unwrap_or_default(),
    }
}

/// Returns a request in words, or nothing.
pub(super) fn words(request: Option<&audit_policy::Request>) -> String {
    request.map(request_words).unwrap_or_default()
}
