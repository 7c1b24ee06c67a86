//! Verdicts and reasons, as `audit-policy evaluate` prints them.

use audit_policy::{
    Explanation, MissingAttributes, Policy, Predicate, Request, RuleIndex, Stage, Verdict, explain,
};
use serde::Serialize;

/// A verdict.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerdictReport {
    level: &'static str,
    omit_stages: Vec<&'static str>,
    omit_managed_fields: bool,
    rule: Option<RuleIndex>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<Vec<RuleReport>>,
}

impl From<Verdict> for VerdictReport {
    fn from(verdict: Verdict) -> Self {
        let mut omit_stages: Vec<_> = verdict.omit_stages.iter().map(Stage::name).collect();
        omit_stages.sort_unstable();
        Self {
            level: verdict.level.name(),
            omit_stages,
            omit_managed_fields: verdict.omit_managed_fields,
            rule: verdict.rule,
            why: None,
        }
    }
}

/// Result of a rule. Predicate, value and allowed values are those of the first predicate that fails.
#[derive(Debug, Serialize)]
pub(crate) struct RuleReport {
    rule: RuleIndex,
    matched: bool,
    /// `Some(false)` if an earlier rule matches, so that the server does not evaluate this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluated: Option<bool>,
    predicate: Option<Predicate>,
    value: Option<OneOrMany>,
    allowed: Option<Vec<String>>,
    text: String,
}

/// One value, or a list if a request can have several.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Explains each rule of a policy for a request, in order.
pub(crate) fn why(policy: &Policy, request: &Request) -> Vec<RuleReport> {
    let mut is_decided = false;
    let mut reports = Vec::new();
    let answers = explain(policy, request, MissingAttributes::NONE);
    for (index, answer) in answers.into_iter().enumerate() {
        let mut report = report(RuleIndex::new(index), answer);
        report.evaluated = is_decided.then_some(false);
        is_decided |= report.matched;
        reports.push(report);
    }
    reports
}

fn report(rule: RuleIndex, answer: Explanation) -> RuleReport {
    let mut report = RuleReport {
        rule,
        matched: false,
        evaluated: None,
        predicate: None,
        value: None,
        allowed: None,
        text: String::new(),
    };
    match answer {
        Explanation::Matched { text } => {
            report.matched = true;
            report.text = text;
        }
        Explanation::Failed(failure) => {
            let is_list = failure.predicate == Predicate::UserGroups;
            report.value = Some(match <[String; 1]>::try_from(failure.value) {
                Ok([value]) if !is_list => OneOrMany::One(value),
                Ok([value]) => OneOrMany::Many(vec![value]),
                Err(values) => OneOrMany::Many(values),
            });
            report.predicate = Some(failure.predicate);
            report.allowed = Some(failure.allowed);
            report.text = failure.text;
        }
        Explanation::Undetermined(predicate) => {
            report.predicate = Some(predicate);
            report.text = format!("needs `{}`, which is unknown", predicate.field());
        }
    }
    report
}
