//! A new policy as one JSON object.

use std::io::Write;

use audit_goals::{NewPolicy, NoPolicy};
use audit_policy::{Request, Rule};
use audit_tests::Case;
use audit_volume::estimate::Estimate;
use serde::Serialize;

use crate::error::Result;
use crate::output::Output;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    /// The text of the policy; null if there is none.
    policy: Option<&'a str>,
    rules: Vec<RuleReport<'a>>,
    claims: Vec<ClaimReport<'a>>,
    /// False if rules cannot distinguish some requests that no claim is about from others.
    exact: Option<bool>,
    contradictions: Vec<ContradictionReport<'a>>,
    /// Reason why no policy meets the claims, one line each.
    messages: Vec<String>,
    /// Estimate of the logs, as `estimate` prints it; null without a log.
    volume: Option<&'a Estimate>,
}

#[derive(Serialize)]
struct RuleReport<'a> {
    /// The rule in v1 form.
    rule: &'a Rule,
    /// Indexes of the claims about requests that the rule decides.
    claims: &'a [usize],
}

#[derive(Serialize)]
struct ClaimReport<'a> {
    id: Option<&'a str>,
    name: &'a str,
    /// True if it is proved; null if it is not about the policy.
    met: Option<bool>,
}

#[derive(Serialize)]
struct ContradictionReport<'a> {
    /// Indexes of the claims.
    claims: &'a [usize],
    message: String,
    witness: &'a Request,
    producible: bool,
}

/// Prints a policy.
pub(super) fn print(new: &NewPolicy, cases: &[Case], estimate: Option<&Estimate>) -> Result {
    let rules = new.policy.rules.iter().zip(&new.rules);
    write(&Report {
        policy: Some(&new.text),
        rules: rules
            .map(|(rule, claims)| RuleReport { rule, claims })
            .collect(),
        claims: claims(cases, |index| new.met.contains(&index).then_some(true)),
        exact: Some(new.is_exact),
        contradictions: Vec::new(),
        messages: Vec::new(),
        volume: estimate,
    })
}

/// Prints why no policy meets the claims.
pub(super) fn print_reason(reason: &NoPolicy, cases: &[Case]) -> Result {
    let found = match reason {
        NoPolicy::Contradictory(found) => found.as_slice(),
        _ => &[],
    };
    let contradictions = found.iter().map(|one| ContradictionReport {
        claims: &one.claims,
        message: one.words(cases),
        witness: &one.witness,
        producible: one.is_producible,
    });
    write(&Report {
        policy: None,
        rules: Vec::new(),
        claims: claims(cases, |_| None),
        exact: None,
        contradictions: contradictions.collect(),
        messages: reason.messages(cases),
        volume: None,
    })
}

fn claims(cases: &[Case], met: impl Fn(usize) -> Option<bool>) -> Vec<ClaimReport<'_>> {
    cases
        .iter()
        .enumerate()
        .map(|(index, case)| ClaimReport {
            id: case.id.as_deref(),
            name: &case.name,
            met: met(index),
        })
        .collect()
}

fn write(report: &Report<'_>) -> Result {
    let mut out = Output::json();
    serde_json::to_writer(&mut out, report)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}
