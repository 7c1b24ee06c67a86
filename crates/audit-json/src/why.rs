//! Reasons why each rule matches a request or not, as `evaluate --explain` and `simulate --explain` print them.

use audit_policy::{
    Explanation, MissingAttributes, Policy, Predicate, Request, RuleIndex, explain,
};
use serde::Serialize;

/// Result of a rule, whether the server evaluates it or not. Predicate, value and allowed values are those of the first predicate that fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleReport {
    /// The rule.
    pub rule: RuleIndex,
    /// `true` if it matches.
    pub matched: bool,
    /// `Some(false)` if an earlier rule matches, so that the server does not evaluate this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluated: Option<bool>,
    predicate: Option<Predicate>,
    value: Option<OneOrMany>,
    allowed: Option<Vec<String>>,
    /// The reason in words.
    pub text: String,
}

impl RuleReport {
    /// Returns `true` if the log lacks what the rule depends on.
    pub const fn is_unknown(&self) -> bool {
        self.predicate.is_some() && self.value.is_none()
    }
}

/// One value, or a list if a request can have several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Explains each rule of a policy for a request, in order.
pub fn why(policy: &Policy, request: &Request, missing: MissingAttributes) -> Vec<RuleReport> {
    let mut is_decided = false;
    explain(policy, request, missing)
        .into_iter()
        .enumerate()
        .map(|(index, answer)| (RuleIndex::new(index), answer))
        .map(|(rule, answer)| {
            let report = RuleReport {
                evaluated: is_decided.then_some(false),
                ..report(rule, answer)
            };
            is_decided |= report.matched;
            report
        })
        .collect()
}

fn report(rule: RuleIndex, answer: Explanation) -> RuleReport {
    match answer {
        Explanation::Matched { text } => RuleReport {
            rule,
            matched: true,
            evaluated: None,
            predicate: None,
            value: None,
            allowed: None,
            text,
        },
        Explanation::Failed(failure) => RuleReport {
            rule,
            matched: false,
            evaluated: None,
            predicate: Some(failure.predicate),
            value: Some(
                match (failure.predicate, <[String; 1]>::try_from(failure.value)) {
                    (Predicate::UserGroups, Ok([group])) => OneOrMany::Many(vec![group]),
                    (_, Ok([value])) => OneOrMany::One(value),
                    (_, Err(values)) => OneOrMany::Many(values),
                },
            ),
            allowed: Some(failure.allowed),
            text: failure.text,
        },
        Explanation::Undetermined(predicate) => RuleReport {
            rule,
            matched: false,
            evaluated: None,
            predicate: Some(predicate),
            value: None,
            allowed: None,
            text: format!("needs `{}`, which is unknown", predicate.field()),
        },
    }
}
