//! Small changes of the policy that the tests should notice.

use audit_tests::{TestFile, Unnoticed};
use playground_protocol::{ClaimsStart, ClaimsStep, MutationView, MutationsView};

use super::tests_view::read;
use super::view::rule_place;
use super::{FlagValues, flag_values, runner};
use crate::ask::{decision, example};
use crate::policy::Accepted;

/// Maximum number of listed changes.
const MAX_LISTED: usize = 100;

/// Changes in progress.
pub(super) struct Mutations {
    file: TestFile,
    flags: Option<FlagValues>,
}

impl Mutations {
    /// Reads the tests.
    ///
    /// # Errors
    /// If they are too large or cannot be read.
    pub(super) fn new(start: ClaimsStart, accepted: &Accepted) -> Result<Self, ClaimsStep> {
        Ok(Self {
            file: read(&start.text)?,
            flags: start.settings.map(|form| flag_values(&form, accepted)),
        })
    }

    pub(super) fn step(&mut self, accepted: &Accepted, _end: f64) -> ClaimsStep {
        let survey = runner(accepted, self.flags.as_ref()).survey(&self.file.tests);
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
        example: example(&difference.witness, difference.is_producible),
        decision: decision(difference.before, &accepted.lines),
    }
}
