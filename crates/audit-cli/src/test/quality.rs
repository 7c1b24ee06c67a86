//! Gaps in the cases of a file: rules that they do not reach, and changes of the policy for which they all pass.

use audit_policy::{Request, RuleIndex};
use audit_tests::{Runner, Unnoticed};
use serde::Serialize;

use super::source::{Source, Tested};
use crate::arguments::Test;

/// Gaps in the cases of a file.
#[derive(Serialize)]
pub(super) struct Quality {
    /// Name of the file of the policy.
    #[serde(rename = "policy")]
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Coverage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mutations: Option<Mutations>,
}

#[derive(Serialize)]
struct Coverage {
    /// Number of rules.
    rules: usize,
    /// Rules that no case reaches. `None` if that takes too long to decide.
    unreached: Option<Vec<RulePlace>>,
}

#[derive(Serialize)]
struct Mutations {
    noticed: usize,
    /// Changes that leave every verdict as it is.
    equal: usize,
    unnoticed: Vec<UnnoticedReport>,
    /// Changes that take too long to decide.
    undecided: Vec<String>,
}

#[derive(Serialize)]
struct UnnoticedReport {
    #[serde(flatten)]
    place: RulePlace,
    change: String,
    /// A request with another verdict, of which a case can be made.
    witness: Request,
    #[serde(skip)]
    words: String,
}

/// A rule with its place.
#[derive(Serialize)]
struct RulePlace {
    /// `None` if the whole policy is changed.
    rule: Option<RuleIndex>,
    /// Line in the file of the policy, from 1.
    line: Option<usize>,
}

impl RulePlace {
    fn of(rule: Option<RuleIndex>, tested: &Tested) -> Self {
        let line = rule.and_then(|rule| tested.rule_lines.get(rule.get()));
        Self {
            rule,
            line: line.copied(),
        }
    }

    /// Returns the place in words: `policy.yaml:12`.
    fn words(&self, file: &str) -> Option<String> {
        self.line.map(|line| format!("{file}:{line}"))
    }
}

impl Quality {
    /// Finds what the call asks for.
    pub(super) fn of(source: &Source, runner: &Runner<'_>, arguments: &Test) -> Self {
        let (tests, tested) = (&source.tests.tests, &source.tested);
        let coverage = arguments.coverage.then(|| Coverage {
            rules: tested.policy.rules.len(),
            unreached: runner.unreached_rules(tests).ok().map(|rules| {
                let places = rules
                    .into_iter()
                    .map(|rule| RulePlace::of(Some(rule), tested));
                places.collect()
            }),
        });
        let mutations = arguments.mutations.then(|| {
            let survey = runner.survey(tests);
            let report = |unnoticed: Unnoticed| {
                let place = RulePlace::of(unnoticed.mutant.changed_rule(), tested);
                let words = unnoticed.words(place.words(&tested.file).as_deref());
                UnnoticedReport {
                    place,
                    change: unnoticed.mutant.to_string(),
                    words,
                    witness: unnoticed.difference.witness,
                }
            };
            Mutations {
                noticed: survey.noticed,
                equal: survey.equal,
                unnoticed: survey.unnoticed.into_iter().map(report).collect(),
                undecided: survey.undecided.iter().map(ToString::to_string).collect(),
            }
        });
        Self {
            file: tested.file.clone(),
            coverage,
            mutations,
        }
    }

    /// Returns lines for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(Coverage { rules, unreached }) = &self.coverage {
            match unreached {
                None => lines.push("coverage: too large to decide".to_owned()),
                Some(unreached) => {
                    let reached = rules - unreached.len();
                    lines.push(format!("coverage: {reached} of {rules} rules are reached"));
                    lines.extend(unreached.iter().filter_map(|place| {
                        let words = place.words(&self.file);
                        let words = words.map_or_else(String::new, |words| format!(" ({words})"));
                        Some(format!("  no case reaches {}{words}", place.rule?))
                    }));
                }
            }
        }
        if let Some(mutations) = &self.mutations {
            let Mutations { noticed, equal, .. } = mutations;
            let total = noticed + mutations.unnoticed.len();
            lines.push(format!(
                "mutations: {noticed} of {total} changes of the policy are noticed; {equal} more change no verdict"
            ));
            let unnoticed = mutations.unnoticed.iter();
            lines.extend(unnoticed.map(|report| format!("  {}", report.words)));
            for change in &mutations.undecided {
                lines.push(format!("  too large to decide: {change}"));
            }
        }
        lines
    }
}
