//! Changes of a policy that no case notices.

use audit_analysis::{Difference, request_words};

use crate::case::Case;
use crate::mutant::Mutant;
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

impl Runner<'_> {
    /// Tries each of the [`mutants`](crate::mutants) of the policy on the cases that pass. Numbers of rules that shift because another rule is
    /// removed are not noticed: only verdicts are. [`survey_steps`](Self::survey_steps) does the same in steps.
    pub fn survey(&self, cases: &[Case]) -> Survey {
        let mut steps = self.survey_steps(cases);
        while steps.next().is_some() {}
        steps.into_survey()
    }
}
