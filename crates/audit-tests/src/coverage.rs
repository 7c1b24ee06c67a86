//! Rules that no case reaches.

use std::collections::HashSet;

use audit_analysis::TooLarge;
use audit_types::RuleIndex;

use crate::case::{Case, Claim};
use crate::run::Runner;

impl Runner<'_> {
    /// Returns the rules that decide no request of any case, in order. Claims about flags reach no rule.
    ///
    /// # Errors
    ///
    /// Returns an error if that takes too long to decide.
    pub fn unreached_rules(&self, cases: &[Case]) -> Result<Vec<RuleIndex>, TooLarge> {
        let mut reached = HashSet::new();
        for case in cases {
            match &case.claim {
                Claim::Request { request, .. } => {
                    reached.insert(self.verdict(request).rule);
                }
                Claim::Class(claim) => {
                    // One more question for each rule that is new: all in all, one per case and one per rule.
                    while reached.len() <= self.rule_count() {
                        let is_known = |rule| reached.contains(&rule);
                        match self.counterexample(claim, &|verdict| is_known(verdict.rule))? {
                            Some(found) => reached.insert(found.verdict.rule),
                            None => break,
                        };
                    }
                }
                Claim::Setting(_) | Claim::Undecidable => {}
            }
        }
        let rules = (0..self.rule_count()).map(RuleIndex::new);
        Ok(rules
            .filter(|rule| !reached.contains(&Some(*rule)))
            .collect())
    }
}
