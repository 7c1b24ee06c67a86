//! Rules that no case reaches.

use std::collections::HashSet;

use audit_analysis::{Class, TooLarge, counterexample};
use audit_policy::Verdict;
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
                    self.add_rules(&claim.classes, claim.is_every, &mut reached)?
                }
                Claim::Detection(detection) => {
                    let classes = detection.classes_for(self.policy());
                    self.add_rules(&classes, false, &mut reached)?;
                }
                Claim::Setting(_) | Claim::Undecidable => {}
            }
        }
        let rules = (0..self.rule_count()).map(RuleIndex::new);
        Ok(rules
            .filter(|rule| !reached.contains(&Some(*rule)))
            .collect())
    }
    /// Adds the rules that decide requests of classes: one more question for each rule that is new, so that there are one per case and one per rule.
    fn add_rules(
        &self,
        classes: &[Class],
        is_every: bool,
        reached: &mut HashSet<Option<RuleIndex>>,
    ) -> Result<(), TooLarge> {
        while reached.len() <= self.rule_count() {
            let is_known = |verdict: Verdict| reached.contains(&verdict.rule);
            let options = self.options(is_every);
            match counterexample(self.policy(), classes, options, is_known)? {
                Some(found) => reached.insert(found.verdict.rule),
                None => break,
            };
        }
        Ok(())
    }
}
