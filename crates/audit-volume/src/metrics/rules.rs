//! Rules that may decide the requests of a class.

use std::collections::BTreeSet;

use audit_policy::{Matcher, Policy, RuleIndex, Verdict};

use super::requests::{RequestClass, SOME_NAMESPACE, SOME_PATH};

/// A policy, prepared to find the rules that may decide.
pub(super) struct RuleFinder {
    /// The policy. A namespace or path that is not known matches no list.
    certain: Matcher,
    /// The policy with what is not known added to each list that it may be in.
    possible: Matcher,
}

impl RuleFinder {
    pub(super) fn new(policy: &Policy) -> Self {
        let mut widened = policy.clone();
        for rule in &mut widened.rules {
            if rule
                .namespaces
                .iter()
                .any(|namespace| !namespace.is_empty())
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
