//! Small changes of the policy that the tests should notice.

use audit_tests::{SurveySteps, Unnoticed};
use playground_protocol::{ClaimsStart, ClaimsStep, MutationView, MutationsView};

use super::run::runner;
use super::tests_view::read;
use super::view::rule_place;
use crate::ask::{decision, example};
use crate::browser::now;
use crate::policy::Accepted;

/// Maximum number of listed changes.
const MAX_LISTED: usize = 100;

/// Changes in progress.
pub(super) struct Mutations(SurveySteps);

impl Mutations {
    /// Reads the tests.
    ///
    /// # Errors
    /// If they are too large or cannot be read.
    pub(super) fn new(start: &ClaimsStart, accepted: &Accepted) -> Result<Self, ClaimsStep> {
        let file = read(&start.text)?;
        // Changes of the policy do not change flags.
        let runner = runner(accepted, None);
        Ok(Self(runner.survey_steps(&file.tests)))
    }

    /// Tries the next changes.
    pub(super) fn step(&mut self, accepted: &Accepted, end: f64) -> ClaimsStep {
        for progress in self.0.by_ref() {
            if now() > end && progress.done < progress.total {
                return ClaimsStep::Running {
                    done: progress.done,
                    total: progress.total,
                };
            }
        }
        let survey = self.0.survey();
        let unnoticed = survey.unnoticed.iter().take(MAX_LISTED);
        ClaimsStep::Mutations(MutationsView {
            noticed: survey.noticed,
            equal: survey.equal,
            undecided: survey.undecided.len(),
            more: survey.unnoticed.len().saturating_sub(MAX_LISTED),
            unnoticed: unnoticed.map(|found| view(found, accepted)).collect(),
        })
    }
}

fn view(found: &Unnoticed, accepted: &Accepted) -> MutationView {
    let difference = &found.difference;
    MutationView {
        change: found.mutant.to_string(),
        place: rule_place(found.mutant.rule, accepted),
        example: example(
            &difference.witness,
            difference.is_producible,
            accepted.version,
        ),
        decision: decision(difference.before, &accepted.lines),
    }
}
