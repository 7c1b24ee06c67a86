//! The claims of standards.

use audit_tests::{BuiltInPack, Case, Claim, Decision, Fires, Outcome, Runner, TestFile};
use audit_types::excerpt::quote;
use playground_protocol::{
    ClaimContradiction, ClaimStatus, ClaimView, ClaimsStart, ClaimsStep, PackView, RequirementsView,
};

use super::run::{FlagValues, flag_values, runner};
use super::view::{claim_view, words};
use crate::browser::now;
use crate::policy::Accepted;

/// Claims of standards in progress.
pub(super) struct Requirements {
    packs: Vec<TestFile>,
    flags: Option<FlagValues>,
    results: Vec<ClaimResult>,
}

/// Result of a claim.
struct ClaimResult {
    outcome: Outcome,
    /// The change that lets a detection fire. Empty if there is none.
    change: String,
}

impl Requirements {
    pub(super) fn new<'p>(
        packs: impl Iterator<Item = &'p BuiltInPack>,
        start: ClaimsStart,
        accepted: &Accepted,
    ) -> Self {
        // A test reads every pack.
        let packs = packs.filter_map(|pack| pack.parse().ok());
        Self {
            packs: packs.collect(),
            flags: start.settings.map(|form| flag_values(&form, accepted)),
            results: Vec::new(),
        }
    }

    fn cases(&self) -> Vec<&Case> {
        self.packs.iter().flat_map(|pack| &pack.tests).collect()
    }

    /// Decides the next claims.
    pub(super) fn step(&mut self, accepted: &Accepted, end: f64) -> ClaimsStep {
        let mut results = std::mem::take(&mut self.results);
        let step = self.decide_until(accepted, &mut results, end);
        let step = step.unwrap_or_else(|| self.decided(accepted, &results));
        self.results = results;
        step
    }

    /// Decides the claims that have no result yet, until a time. Returns the progress if some are left.
    fn decide_until(
        &self,
        accepted: &Accepted,
        results: &mut Vec<ClaimResult>,
        end: f64,
    ) -> Option<ClaimsStep> {
        let runner = runner(accepted, self.flags.as_ref());
        let cases = self.cases();
        let total = cases.len();
        for case in cases.into_iter().skip(results.len()) {
            let outcome = runner.run(case);
            let change = change(&runner, case, &outcome);
            results.push(ClaimResult { outcome, change });
            if now() > end && results.len() < total {
                let done = results.len();
                return Some(ClaimsStep::Running { done, total });
            }
        }
        None
    }

    /// Returns the claims with their results.
    fn decided(&self, accepted: &Accepted, results: &[ClaimResult]) -> ClaimsStep {
        let cases = self.cases();
        let mut results = results.iter();
        let packs = self.packs.iter().map(|pack| {
            let with_results = pack.tests.iter().zip(results.by_ref());
            let claims = with_results.map(|(case, result)| self.view(case, result, accepted));
            let is_detection = |case: &Case| matches!(case.claim, Claim::Detection(_));
            PackView {
                id: pack.id.clone().unwrap_or_default(),
                is_detections: pack.tests.iter().any(is_detection),
                title: pack.title.clone().unwrap_or_default(),
                source: pack.source.clone().unwrap_or_default(),
                note: pack
                    .version_note(accepted.version)
                    .map_or_else(String::new, |note| note.value),
                claims: claims.collect(),
            }
        });
        let packs = packs.collect();
        let runner = runner(accepted, self.flags.as_ref());
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
    }

    fn view(&self, case: &Case, result: &ClaimResult, accepted: &Accepted) -> ClaimView {
        let outcome = &result.outcome;
        let decision = Decision::of(case, outcome, self.flags.is_some());
        let status = match decision {
            Decision::Met => ClaimStatus::Holds,
            Decision::PartlyMet => ClaimStatus::Partly,
            Decision::Refuted => ClaimStatus::Fails,
            Decision::NotDecidable => ClaimStatus::Open,
        };
        ClaimView {
            message: self.message(case, outcome, decision),
            change: result.change.clone(),
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

/// Returns the change that lets a detection fire, if it never does: a line in words, and the rules.
fn change(runner: &Runner<'_>, case: &Case, outcome: &Outcome) -> String {
    let change = match &case.claim {
        Claim::Detection(detection) if outcome.fires == Some(Fires::Never) => {
            let detected = runner.detect(detection).ok();
            detected.and_then(|detected| runner.change_for(detection, &detected).ok().flatten())
        }
        _ => None,
    };
    change.map_or_else(String::new, |change| {
        [change.words().as_str(), "\n", &change.yaml()].concat()
    })
}

/// Returns the number of a claim with its name.
pub(crate) fn title(case: &Case) -> String {
    match &case.id {
        Some(id) => format!("{id}: {}", case.name),
        None => case.name.clone(),
    }
}
