//! Changes of a policy that no case notices.

use audit_analysis::{Difference, Options, TooLarge, counterexample, diff, request_words};
use audit_policy::{Matcher, Verdict};

use crate::case::{Case, Claim};
use crate::mutant::{Mutant, mutants};
use crate::run::Runner;

/// Result of trying every small change of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Survey {
    /// Number of changes that some case notices.
    pub noticed: usize,
    /// Number of changes that leave every verdict as it is, by proof. No case can notice them.
    pub equal: usize,
    /// Changes that no case notices, in the order of the rules.
    pub unnoticed: Vec<Unnoticed>,
    /// Changes that take too long to decide.
    pub undecided: Vec<Mutant>,
}

/// A change that no case notices.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unnoticed {
    /// The changed policy.
    pub mutant: Mutant,
    /// Requests that it treats differently, of which a case could be made.
    pub difference: Difference,
}

impl Unnoticed {
    /// Describes the change with an example. `place` is that of the rule, such as `policy.yaml:12`.
    pub fn words(&self, place: Option<&str>) -> String {
        let place = place.map_or_else(String::new, |place| format!(" ({place})"));
        let example = request_words(&self.difference.witness);
        let mutant = &self.mutant;
        format!("no case notices that {mutant}{place}, for example for {example}")
    }
}

/// Effect of a change.
enum Effect {
    Equal,
    Noticed,
    Unnoticed(Box<Difference>),
}

impl Runner<'_> {
    /// Tries each of the [`mutants`] of the policy on the cases that pass. Numbers of rules that shift because another rule is removed are not
    /// noticed: only verdicts are.
    pub fn survey(&self, cases: &[Case]) -> Survey {
        let passing: Vec<&Case> = cases
            .iter()
            .filter(|case| self.run(case).has_passed())
            .collect();
        let mut survey = Survey::default();
        for mutant in mutants(self.policy()) {
            match self.effect(&mutant, &passing) {
                Ok(Effect::Equal) => survey.equal += 1,
                Ok(Effect::Noticed) => survey.noticed += 1,
                Ok(Effect::Unnoticed(difference)) => survey.unnoticed.push(Unnoticed {
                    mutant,
                    difference: *difference,
                }),
                Err(_) => survey.undecided.push(mutant),
            }
        }
        survey
    }

    fn effect(&self, mutant: &Mutant, cases: &[&Case]) -> Result<Effect, TooLarge> {
        let is_every = |case: &&Case| matches!(&case.claim, Claim::Class(claim) if claim.is_every);
        let has_every = cases.iter().any(is_every);
        let options = self.options(has_every);
        let differences = diff(self.policy(), &mutant.policy, &[], options)?;
        let Some(first) = differences.first() else {
            return Ok(Effect::Equal);
        };
        let is_noticed = cases
            .iter()
            .any(|case| notices_example(case, mutant, &differences))
            || self.is_noticed(mutant, cases)?;
        Ok(match is_noticed {
            true => Effect::Noticed,
            false => Effect::Unnoticed(Box::new(first.clone())),
        })
    }

    fn is_noticed(&self, mutant: &Mutant, cases: &[&Case]) -> Result<bool, TooLarge> {
        let matcher = Matcher::new(&mutant.policy);
        for case in cases {
            let is_noticed = match &case.claim {
                Claim::Request { request, expected } => {
                    !expected.is_met(original(mutant, matcher.evaluate(request)))
                }
                Claim::Class(claim) => {
                    let options: Options = self.options(claim.is_every);
                    let is_met = |verdict| claim.expected.is_met(original(mutant, verdict));
                    counterexample(&mutant.policy, &claim.classes, options, is_met)?.is_some()
                }
                Claim::Setting(_) | Claim::Undecidable => false,
            };
            if is_noticed {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Returns a verdict of a changed policy with the number that its rule has in the original one.
fn original(mutant: &Mutant, verdict: Verdict) -> Verdict {
    let mut verdict = verdict;
    verdict.rule = verdict.rule.map(|rule| mutant.original(rule));
    verdict
}

/// Returns true if an example of a difference is in the class of a case and does not meet it: much faster than a proof.
fn notices_example(case: &Case, mutant: &Mutant, differences: &[Difference]) -> bool {
    let Claim::Class(claim) = &case.claim else {
        return false;
    };
    differences.iter().any(|difference| {
        (claim.is_every || difference.is_producible)
            && !claim.expected.is_met(original(mutant, difference.after))
            && claim
                .classes
                .iter()
                .any(|class| class.contains(&difference.witness))
    })
}
