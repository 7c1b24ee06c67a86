//! Claims about the policy: the tests of the page, the requirements of standards, and changes that the tests should notice.
//!
//! Claims are checked in parts, so that typing is answered between them. A check keeps the policy that was current when it began: the page
//! begins another one when the policy changes.

mod add;
mod mutations;
mod requirements;
mod run;
mod tests_view;
mod view;

use audit_tests::{detection_packs, packs};
use playground_protocol::{
    BuiltInTests, ClaimList, ClaimsReport, ClaimsRequest, ClaimsStart, ClaimsStep, Generation,
};

use self::mutations::Mutations;
use self::requirements::Requirements;
use self::tests_view::Tests;
use crate::ask::no_policy;
use crate::browser::now;
use crate::policy::Accepted;

pub(crate) use self::add::add_test;
pub(crate) use self::requirements::title;

/// Maximum duration of a part of a check in milliseconds. One claim may take longer.
const STEP_MS: f64 = 40.0;

/// Suites of the examples, in menu order.
const SUITES: [&str; 5] = [
    include_str!("../../../crates/audit-tests/suites/production.yaml"),
    include_str!("../../../crates/audit-tests/suites/misnested-verbs.yaml"),
    include_str!("../../../crates/audit-tests/suites/catch-all-first.yaml"),
    include_str!("../../../crates/audit-tests/suites/wrong-group.yaml"),
    include_str!("../../../crates/audit-tests/suites/pods-without-exec.yaml"),
];

const GOALS: &str = include_str!("../../../crates/audit-tests/suites/goals.yaml");

/// Returns the text of built-in tests. Empty if there are none of that index.
pub(crate) fn built_in(tests: BuiltInTests) -> String {
    let suite = match tests {
        BuiltInTests::Example(index) => SUITES.get(index).copied().unwrap_or_default(),
        BuiltInTests::Goals => GOALS,
    };
    // The policy is the one in the editor, not a file.
    let is_kept = |line: &&str| !line.starts_with("policy: ");
    suite.split_inclusive('\n').filter(is_kept).collect()
}

/// Checks in progress, one per list.
#[derive(Default)]
pub(crate) struct ClaimChecks {
    checks: Vec<ClaimCheck>,
}

impl ClaimChecks {
    /// Checks the next part of a list, and starts the check if the request has a start. `None` if that check was cancelled. A check of an older
    /// policy makes no progress, and ends.
    pub(crate) fn handle(
        &mut self,
        accepted: Option<&Accepted>,
        request: ClaimsRequest,
    ) -> Option<ClaimsReport> {
        let ClaimsRequest {
            list,
            number,
            start,
        } = request;
        let found = self
            .checks
            .iter()
            .position(|check| check.list == list && check.number == number);
        let running = found.map(|index| self.checks.swap_remove(index));
        self.cancel(list);
        let report = |generation, step| ClaimsReport {
            list,
            number,
            generation,
            step,
        };
        let mut check = match start {
            None => running?,
            Some(start) => {
                let Some(accepted) = accepted else {
                    return Some(report(0, ClaimsStep::Undecided(no_policy())));
                };
                match ClaimCheck::new(list, number, start, accepted) {
                    Ok(check) => check,
                    Err(step) => return Some(report(accepted.generation, step)),
                }
            }
        };
        let accepted = accepted?;
        if check.generation != accepted.generation {
            // The page, which has the new policy by now, waits for an answer before it begins again.
            let step = ClaimsStep::Running { done: 0, total: 0 };
            return Some(report(check.generation, step));
        }
        let step = check.step(accepted);
        if matches!(step, ClaimsStep::Running { .. }) {
            self.checks.push(check);
        }
        Some(report(accepted.generation, step))
    }

    /// Forgets the check of a list.
    pub(crate) fn cancel(&mut self, list: ClaimList) {
        self.checks.retain(|check| check.list != list);
    }
}

/// A check in progress.
struct ClaimCheck {
    list: ClaimList,
    number: u32,
    generation: Generation,
    work: Work,
}

/// Claims that are checked, with the results so far.
enum Work {
    Tests(Box<Tests>),
    Requirements(Requirements),
    Mutations(Box<Mutations>),
}

impl ClaimCheck {
    fn new(
        list: ClaimList,
        number: u32,
        start: ClaimsStart,
        accepted: &Accepted,
    ) -> Result<Self, ClaimsStep> {
        let work = match list {
            ClaimList::Tests => Work::Tests(Box::new(Tests::new(start, accepted)?)),
            ClaimList::Requirements => {
                let packs = packs().iter().chain(detection_packs());
                Work::Requirements(Requirements::new(packs, start, accepted))
            }
            ClaimList::Mutations => Work::Mutations(Box::new(Mutations::new(&start, accepted)?)),
        };
        Ok(Self {
            list,
            number,
            generation: accepted.generation,
            work,
        })
    }

    fn step(&mut self, accepted: &Accepted) -> ClaimsStep {
        let end = now() + STEP_MS;
        match &mut self.work {
            Work::Tests(tests) => tests.step(accepted, end),
            Work::Requirements(requirements) => requirements.step(accepted, end),
            Work::Mutations(mutations) => mutations.step(accepted, end),
        }
    }
}

#[cfg(test)]
mod tests;
