//! `evaluate`: which rule each request meets.

use std::io::{self, BufRead, Write};

use audit_policy::{
    Answer, KubernetesVersion, Matcher, Policy, Predicate, Request, Unknown, Verdict, explain,
};
use serde::Serialize;

use crate::Outcome;
use crate::arguments::Evaluate;
use crate::failure::Failure;
use crate::input::{failed, open, policy};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    level: &'static str,
    omit_stages: Vec<&'static str>,
    omit_managed_fields: bool,
    rule: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Vec<Why>>,
}

/// What a rule says. Its predicate, value and allowed values are those of the first predicate that fails.
#[derive(Serialize)]
struct Why {
    rule: usize,
    matched: bool,
    predicate: Option<Predicate>,
    value: Option<Value>,
    allowed: Option<Vec<String>>,
    text: String,
}

/// One value, or the list where a request may have several.
#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    One(String),
    Many(Vec<String>),
}

/// Judges the requests line by line.
pub(crate) fn run(arguments: &Evaluate, version: KubernetesVersion) -> Outcome {
    let policy = policy(&arguments.policy, version)?;
    let matcher = Matcher::new(&policy);
    let file = &arguments.requests;
    let input = io::BufReader::with_capacity(1 << 16, open(file)?);
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (index, line) in input.lines().enumerate() {
        let line = line.map_err(|error| failed(file, error))?;
        if line.trim().is_empty() {
            continue;
        }
        let request: Request = serde_json::from_str(&line).map_err(|error| Failure::Input {
            file: file.clone(),
            line: index + 1,
            error: format!("not a request: {error}"),
        })?;
        let mut report = report(matcher.evaluate(&request));
        if arguments.explain {
            report.why = Some(why(&policy, &request));
        }
        serde_json::to_writer(&mut out, &report)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

fn report(verdict: Verdict) -> Report {
    let mut omit_stages: Vec<_> = verdict
        .omit_stages
        .iter()
        .map(|stage| stage.name())
        .collect();
    omit_stages.sort_unstable();
    Report {
        level: verdict.level.name(),
        omit_stages,
        omit_managed_fields: verdict.omit_managed_fields,
        rule: verdict.rule,
        why: None,
    }
}

fn why(policy: &Policy, request: &Request) -> Vec<Why> {
    explain(policy, request, Unknown::NOTHING)
        .into_iter()
        .enumerate()
        .map(|(rule, answer)| match answer {
            Answer::Matched { text } => Why {
                rule,
                matched: true,
                predicate: None,
                value: None,
                allowed: None,
                text,
            },
            Answer::Failed(failure) => Why {
                rule,
                matched: false,
                predicate: Some(failure.predicate),
                value: Some(
                    match (failure.predicate, <[String; 1]>::try_from(failure.value)) {
                        (Predicate::UserGroups, Ok([group])) => Value::Many(vec![group]),
                        (_, Ok([value])) => Value::One(value),
                        (_, Err(values)) => Value::Many(values),
                    },
                ),
                allowed: Some(failure.allowed),
                text: failure.text,
            },
            Answer::Unknowable(predicate) => Why {
                rule,
                matched: false,
                predicate: Some(predicate),
                value: None,
                allowed: None,
                text: format!("asks for `{}`, which is not known", predicate.field()),
            },
        })
        .collect()
}
