//! Checks answers.

use crate::lesson::{Answer, Step};
use crate::outcome::Outcome;
use crate::policy::{check_claims, check_equal, matcher};
use crate::question::Log;
use crate::settings::check_settings;
use crate::task::Check;

/// Checks an answer to a step. Any right answer passes; a wrong one is answered with the request, event or finding that shows it.
///
/// ```
/// use audit_lessons::{Answer, check, lesson};
///
/// let lesson = lesson("first-match-wins").unwrap();
/// let step = &lesson.steps[1];
/// assert!(check(step, &step.model).passed);
/// let outcome = check(step, &Answer::from_start(&step.start));
/// assert!(!outcome.passed);
/// assert!(outcome.witness.is_some());
/// ```
pub fn check(step: &Step, answer: &Answer) -> Outcome {
    let mut outcome = check_answer(step, answer);
    if outcome.passed && !step.learned.is_empty() {
        outcome.reason = format!("{}. {}", outcome.reason, step.learned);
    }
    outcome
}

fn check_answer(step: &Step, answer: &Answer) -> Outcome {
    let start = &step.start;
    match &step.check {
        Check::Policy(cases) => check_claims(cases, start, &answer.policy),
        Check::Equal(model) => check_equal(model, start, &answer.policy),
        Check::Settings(settings) => {
            let text = match start.manifest {
                Some(_) => &answer.manifest,
                None => &answer.flags,
            };
            check_settings(settings, start.version, text)
        }
        Check::Question(question) => log(step, answer).check(question, &answer.text),
        Check::Event(event) => log(step, answer).check_event(event, answer.event),
    }
}

/// Returns the step's log under the answer's policy. A step without a policy is about the recorded levels, whatever the learner has open.
fn log(step: &Step, answer: &Answer) -> Log {
    let policy = step.start.policy.as_ref().map(|_| &answer.policy);
    let matcher = policy.and_then(|policy| matcher(policy, step.start.version));
    Log::new(step.start.log.as_deref().unwrap_or_default(), matcher)
}
