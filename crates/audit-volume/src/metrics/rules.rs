//! Rules that may decide the requests of a class.

use std::collections::BTreeSet;

use audit_policy::{Matcher, Policy, Rule, RuleIndex, Verdict, has_possible_subjects};

use super::requests::{RequestClass, SOME_NAMESPACE, SOME_PATH};

/// A policy, prepared to find the rules that may decide.
pub(super) struct RuleFinder {
    /// The policy. A namespace or path that is not known matches no list.
    certain: Matcher,
    /// The policy with what is not known added to each list that it may be in.
    possible: Matcher,
    /// Rules that match no request.
    dead: BTreeSet<RuleIndex>,
}

/// Returns whether a value of a list may be in a request: `*` is not a wildcard in it, and no verb or namespace contains one.
fn is_possible(value: &str) -> bool {
    !value.contains('*')
}

/// Returns `true` if a rule matches no request, because no request has any of the values of a list.
fn is_dead(rule: &Rule) -> bool {
    let is_impossible =
        |list: &[String]| !list.is_empty() && !list.iter().any(|value| is_possible(value));
    is_impossible(&rule.verbs) || is_impossible(&rule.namespaces) || !has_possible_subjects(rule)
}

impl RuleFinder {
    pub(super) fn new(policy: &Policy) -> Self {
        let mut widened = policy.clone();
        for rule in &mut widened.rules {
            if rule
                .namespaces
                .iter()
                .any(|namespace| !namespace.is_empty() && is_possible(namespace))
            {
                rule.namespaces.push(SOME_NAMESPACE.to_owned());
            }
            if !rule.non_resource_urls.is_empty() {
                rule.non_resource_urls.push(SOME_PATH.to_owned());
            }
        }
        Self {
            certain: Matcher::new(policy),
            possible: Matcher::new(&widened),
            dead: policy
                .rules
                .iter()
                .enumerate()
                .filter(|(_, rule)| is_dead(rule))
                .map(|(index, _)| RuleIndex::new(index))
                .collect(),
        }
    }

    /// Returns the rules that may decide, in order; `None` stands for requests that no rule matches.
    pub(super) fn candidates(&self, class: &RequestClass) -> BTreeSet<Option<RuleIndex>> {
        let mut candidates = BTreeSet::new();
        for (request, missing) in class.possible() {
            let certain = self
                .certain
                .rules_that_match(&request, missing)
                .first()
                .copied();
            let may = self.possible.rules_that_may_match(&request, missing);
            candidates.extend(
                may.into_iter()
                    .filter(|rule| certain.is_none_or(|certain| *rule < certain))
                    .filter(|rule| !self.dead.contains(rule))
                    .map(Some),
            );
            candidates.insert(certain);
        }
        candidates
    }

    pub(super) fn verdict(&self, rule: Option<RuleIndex>) -> Verdict {
        self.certain.verdict_of(rule)
    }
}
