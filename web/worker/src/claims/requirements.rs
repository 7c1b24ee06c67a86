//! The claims of standards.

use audit_tests::{BuiltInPack, Case, Claim, Decision, Outcome, TestFile};
use audit_types::excerpt::quote;
use playground_protocol::{
    ClaimContradiction, ClaimStatus, ClaimView, ClaimsStart, ClaimsStep, PackView, RequirementsView,
};

use super::run::{FlagValues, flag_values, run_until, runner};
use super::view::{claim_view, words};
use crate::policy::Accepted;

/// Claims of standards in progress.
pub(super) struct Requirements {
    packs: Vec<TestFile>,
    flags: Option<FlagValues>,
    outcomes: Vec<Outcome>,
}

impl Requirements {
    pub(super) fn new(packs: &[BuiltInPack], start: ClaimsStart, accepted: &Accepted) -> Self {
        // A test reads every pack.
        let packs = packs.iter().filter_map(|pack| pack.parse().ok());
        Self {
            packs: packs.collect(),
            flags: start.settings.map(|form| flag_values(&form, accepted)),
            outcomes: Vec::new(),
        }
    }

    fn cases(&self) -> Vec<&Case> {
        self.packs.iter().flat_map(|pack| &pack.tests).collect()
    }

    /// Decides the next claims.
    pub(super) fn step(&mut self, accepted: &Accepted, end: f64) -> ClaimsStep {
        let runner = runner(accepted, self.flags.as_ref());
        let mut outcomes = std::mem::take(&mut self.outcomes);
        let cases = self.cases();
        let progress = run_until(&runner, cases.iter().copied(), &mut outcomes, end);
        let step = progress.unwrap_or_else(|| {
            let mut results = outcomes.iter();
            let packs = self.packs.iter().map(|pack| PackView {
                id: pack.id.clone().unwrap_or_default(),
                title: pack.title.clone().unwrap_or_default(),
                source: pack.source.clone().unwrap_or_default(),
                note: pack
                    .version_note(accepted.version)
                    .map_or_else(String::new, |note| note.value),
                claims: pack
                    .tests
                    .iter()
                    .zip(results.by_ref())
                    .map(|(case, outcome)| self.view(case, outcome, accepted))
                    .collect(),
            });
            let packs = packs.collect();
            let found = runner.contradictions(&cases).found;
            let name = |index: usize| cases.get(index).map(|case| title(case)).unwrap_or_default();
            let contradiction = |found: audit_tests::Contradiction| ClaimContradiction {
                first: name(found.first),
                second: name(found.second),
                request: words(found.request.as_ref()),
            };
            ClaimsStep::Requirements(RequirementsView {
                packs,
                contradictions: found.into_iter().map(contradiction).collect(),
                has_settings: self.flags.is_some(),
            })
        });
        self.outcomes = outcomes;
        step
    }

    fn view(&self, case: &Case, outcome: &Outcome, accepted: &Accepted) -> ClaimView {
        let decision = Decision::of(case, outcome, self.flags.is_some());
        let status = match decision {
            Decision::Met => ClaimStatus::Holds,
            Decision::Refuted => ClaimStatus::Fails,
            Decision::NotDecidable => ClaimStatus::Open,
        };
        ClaimView {
            message: self.message(case, outcome, decision),
            ..claim_view(case, outcome, status, accepted)
        }
    }

    /// Returns the reason for a decision.
    fn message(&self, case: &Case, outcome: &Outcome, decision: Decision) -> String {
        match (&case.claim, &self.flags) {
            (Claim::Setting(_), None) => "the settings are not known".to_owned(),
            (Claim::Setting(claim), Some(flags)) if decision == Decision::Met => {
                let flag = flags.iter().find(|(name, _)| *name == claim.flag);
                let value = flag.map_or("not set".to_owned(), |(_, value)| quote(value));
                format!("`--{}` is {value}", claim.flag)
            }
            _ => outcome.message.clone(),
        }
    }
}

/// Returns the number of a claim with its name.
fn title(case: &Case) -> String {
    match &case.id {
        Some(id) => format!("{id}: {}", case.name),
        None => case.name.clone(),
    }
}
