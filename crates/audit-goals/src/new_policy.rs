//! A policy that meets claims.

use audit_analysis::{Options, Preferred, Unmet, decided, meet};
use audit_policy::{KubernetesVersion, Policy, load};
use audit_tests::{Case, Runner};

use crate::goals::Goals;
use crate::no_policy::{Contradiction, NoPolicy};
use crate::text::Text;
use crate::wanted::Wanted;

/// A policy that meets claims.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewPolicy {
    /// The policy, as YAML with comments.
    pub text: String,
    /// The policy that the server loads from it. Nothing can be removed from it without changing what is recorded.
    pub policy: Policy,
    /// For each rule the claims about requests that it decides, by index.
    pub rules: Vec<Vec<usize>>,
    /// Claims about requests that no rule matches, by index.
    pub unmatched: Vec<usize>,
    /// Claims that were proved, by index.
    pub met: Vec<usize>,
    /// Claims that are not about the policy, by index.
    pub set_aside: Vec<usize>,
    /// Claims that name a rule, by index. The number does not count.
    pub named_rule: Vec<usize>,
    /// True if no request is recorded otherwise than the claims and [`Wanted::otherwise`] state. If not, rules cannot distinguish some requests
    /// that no claim is about from others.
    pub is_exact: bool,
}

impl NewPolicy {
    /// Finds a policy that meets claims, and proves each of them for it. Claims about flags, and those that cannot be decided, are set aside.
    ///
    /// # Errors
    ///
    /// Returns the reason if no policy meets the claims, or the search ended without one.
    pub fn new(cases: &[Case], wanted: Wanted) -> Result<Self, NoPolicy> {
        let wider = Goals::wider(cases).map(|goals| Self::of(cases, goals, wanted));
        match wider {
            Some(Ok(found)) => Ok(found),
            _ => Self::of(cases, Goals::new(cases), wanted),
        }
    }

    fn of(cases: &[Case], goals: Goals, wanted: Wanted) -> Result<Self, NoPolicy> {
        if goals.goals.is_empty() {
            return Err(match goals.named_rule.is_empty() {
                true => NoPolicy::NoClaim,
                false => NoPolicy::OnlyRules,
            });
        }
        let options = Options::default()
            .with_version(wanted.version)
            .only_possible(true);
        let preferred = Preferred::default().with_level(wanted.otherwise);
        let found =
            meet(&goals.goals, preferred, options).map_err(|unmet| no_policy(&goals, unmet))?;
        let is_exact = found.is_exact && !goals.is_wider;
        let mut about = decided(&found.policy, &goals.goals, options)?;
        for claims in &mut about {
            let indexes = claims.iter().filter_map(|goal| goals.cases.get(*goal));
            *claims = indexes.map(|(index, _)| *index).collect();
        }
        let unmatched = about.pop().unwrap_or_default();
        let text = Text {
            policy: &found.policy,
            cases,
            goals: &goals,
            rules: &about,
            unmatched: &unmatched,
            wanted,
            is_exact,
        };
        let text = text.to_string();
        let loaded = load(text.as_bytes(), wanted.version);
        let Some(policy) = loaded.policy else {
            let reason = loaded.error.map(|error| error.to_string());
            return Err(NoPolicy::Rejected(reason.unwrap_or_default()));
        };
        prove(&policy, &goals, wanted.version)?;
        Ok(Self {
            text,
            policy,
            rules: about,
            unmatched,
            met: goals.cases.iter().map(|(index, _)| *index).collect(),
            set_aside: goals.set_aside,
            named_rule: goals.named_rule,
            is_exact,
        })
    }
}

/// Proves each claim for the policy as the server loads it.
fn prove(policy: &Policy, goals: &Goals, version: KubernetesVersion) -> Result<(), NoPolicy> {
    let runner = Runner::new(policy, version);
    for (index, case) in &goals.cases {
        let outcome = runner.run(case);
        if !outcome.has_passed() {
            return Err(NoPolicy::NotProved(*index, outcome.message));
        }
    }
    Ok(())
}

fn no_policy(goals: &Goals, unmet: Unmet) -> NoPolicy {
    let index_of = |goal: &usize| goals.cases.get(*goal).map(|(index, _)| *index);
    match unmet {
        Unmet::Contradictory(conflicts) => {
            let contradiction = |conflict: audit_analysis::Conflict| Contradiction {
                claims: conflict.goals.iter().filter_map(index_of).collect(),
                witness: conflict.witness,
                is_producible: conflict.is_producible,
            };
            NoPolicy::Contradictory(conflicts.into_iter().map(contradiction).collect())
        }
        Unmet::Empty(goal) => NoPolicy::AboutNothing(index_of(&goal).unwrap_or_default()),
        Unmet::NotExpressible => NoPolicy::NotExpressible,
        _ => NoPolicy::TooLarge,
    }
}
