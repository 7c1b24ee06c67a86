//! Reasons why each rule matches a request or not, as `evaluate --explain` and `simulate --explain` print them.

use audit_policy::{
    Explanation, MissingAttributes, Policy, Predicate, Request, RuleIndex, explain,
};
use serde::Serialize;

/// Result of a rule. The server does not evaluate those after the first that matches. Predicate, value and allowed values are those of the first predicate that fails.
#[derive(Serialize)]
pub(crate) struct RuleReport {
    pub(crate) rule: RuleIndex,
    /// `None` if an earlier rule matches.
    pub(crate) matched: Option<bool>,
    predicate: Option<Predicate>,
    value: Option<OneOrMany>,
    allowed: Option<Vec<String>>,
    pub(crate) text: String,
}

impl RuleReport {
    /// Creates the result of a rule behind the first one that matches.
    fn not_evaluated(rule: RuleIndex, first: RuleIndex) -> Self {
        Self {
            rule,
            matched: None,
            predicate: None,
            value: None,
            allowed: None,
            text: format!("not evaluated, because {first} matched"),
        }
    }

    /// Returns `true` if the log lacks what the rule depends on.
    pub(crate) const fn is_unknown(&self) -> bool {
        self.predicate.is_some() && self.value.is_none()
    }
}

/// One value, or a list if a request can have several.
#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Explains each rule of a policy for a request, in order.
pub(crate) fn why(
    policy: &Policy,
    request: &Request,
    missing: MissingAttributes,
) -> Vec<RuleReport> {
    let mut first = None;
    explain(policy, request, missing)
        .into_iter()
        .enumerate()
        .map(|(index, answer)| (RuleIndex::new(index), answer))
        .map(|(rule, answer)| {
            let report = report(rule, answer);
            if let Some(first) = first {
                return RuleReport::not_evaluated(rule, first);
            }
            first = (report.matched == Some(true)).then_some(rule);
            report
        })
        .collect()
}

fn report(rule: RuleIndex, answer: Explanation) -> RuleReport {
    match answer {
        Explanation::Matched { text } => RuleReport {
            rule,
            matched: Some(true),
            predicate: None,
            value: None,
            allowed: None,
            text,
        },
        Explanation::Failed(failure) => RuleReport {
            rule,
            matched: Some(false),
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
            matched: Some(false),
            predicate: Some(predicate),
            value: None,
            allowed: None,
            text: format!("needs `{}`, which is unknown", predicate.field()),
        },
    }
}
