//! Checks of a policy: claims about requests, and equality with a model.

use audit_analysis::{Change, Options, TooLarge, diff, request_words, rule_words, verdict_notes};
use audit_policy::{Loaded, Matcher, Policy, Verdict, load};
use audit_tests::{Case, Claim, ClassClaim, Runner};
use audit_types::{KubernetesVersion, Request, Severity};

use crate::lesson::Start;
use crate::log;
use crate::outcome::Outcome;

/// The policy of an answer, and the step's start: its log and version.
struct Checked<'s> {
    policy: Policy,
    matcher: Matcher,
    start: &'s Start,
}

/// A request, the name of its object, which may be in the body only, and the index of its event.
struct Witness {
    request: Request,
    name: String,
    event: Option<usize>,
}

/// Checks that every claim holds.
pub(crate) fn check_claims(cases: &[Case], start: &Start, text: &str) -> Outcome {
    let checked = match Checked::new(start, text) {
        Ok(checked) => checked,
        Err(outcome) => return *outcome,
    };
    let runner = Runner::new(&checked.policy, start.version);
    for case in cases {
        let outcome = runner.run(case);
        if outcome.has_passed() {
            continue;
        }
        let (expected, class) = match &case.claim {
            Claim::Request { expected, .. } => (expected, None),
            Claim::Class(claim) => (&claim.expected, Some(claim)),
            _ => return Outcome::wrong(outcome.message),
        };
        let Some(witness) = outcome.witness else {
            return Outcome::wrong(outcome.message);
        };
        let logged = class.and_then(|claim| checked.logged(claim));
        let witness = logged.unwrap_or_else(|| checked.witness(witness));
        return checked.wrong(witness, &expected.words());
    }
    let is_proved = cases
        .iter()
        .any(|case| matches!(case.claim, Claim::Class(_)));
    Outcome::right(match is_proved {
        true => "the policy does what the task asks, for every request that could come",
        false => "the policy does what the task asks",
    })
}

/// Checks that a policy treats every request as the model does.
pub(crate) fn check_equal(model: &str, start: &Start, text: &str) -> Outcome {
    let checked = match Checked::new(start, text) {
        Ok(checked) => checked,
        Err(outcome) => return *outcome,
    };
    // INVARIANT: the parser of lessons rejects a model that the server rejects.
    let Some(model) = load(model.as_bytes(), start.version).policy else {
        return Outcome::wrong("the lesson's own policy is rejected");
    };
    match first_difference(&checked, &model) {
        Ok(None) => {
            Outcome::right("the policy does what the task asks, for every request that could come")
        }
        Ok(Some((witness, after))) => checked.wrong(witness, &verdict_words(after)),
        Err(error) => Outcome::wrong(error.to_string()),
    }
}

/// Returns a request that the two treat differently, with the verdict of the model. One of the log comes first.
fn first_difference(
    checked: &Checked<'_>,
    model: &Policy,
) -> Result<Option<(Witness, Verdict)>, TooLarge> {
    let options = options(checked.start.version);
    let mut differences = diff(&checked.policy, model, &[], options)?;
    // Stages that are omitted from what is not recorded anyway make no difference to the log.
    differences.retain(|difference| difference.change() != Change::Nothing);
    let logged = checked.of_log(|request| {
        differences
            .iter()
            .any(|difference| difference.class.contains(request))
    });
    if let Some(logged) = logged {
        let after = Matcher::new(model).evaluate(&logged.request);
        return Ok(Some((logged, after)));
    }
    let first = differences
        .into_iter()
        .find(|difference| difference.is_producible);
    Ok(first.map(|first| (checked.witness(first.witness), first.after)))
}

fn options(version: KubernetesVersion) -> Options {
    Options::default().with_version(version).only_possible(true)
}

impl<'s> Checked<'s> {
    /// Loads the answer.
    ///
    /// # Errors
    /// The outcome, if the server rejects it.
    fn new(start: &'s Start, text: &str) -> Result<Self, Box<Outcome>> {
        let loaded = load(text.as_bytes(), start.version);
        let Some(policy) = loaded.policy.clone() else {
            return Err(Box::new(rejected(&loaded)));
        };
        Ok(Self {
            matcher: Matcher::new(&policy),
            policy,
            start,
        })
    }

    fn witness(&self, request: Request) -> Witness {
        Witness {
            name: request.name.clone(),
            request,
            event: None,
        }
    }

    /// Returns the first request of the log that meets a condition.
    fn of_log(&self, is_met: impl Fn(&Request) -> bool) -> Option<Witness> {
        let events = log::read(self.start.log.as_deref().unwrap_or_default());
        let mut events = events.into_iter().enumerate();
        let (index, event) = events.find(|(_, event)| is_met(&event.request))?;
        Some(Witness {
            request: event.request,
            name: event.name,
            event: Some(index),
        })
    }

    /// Returns a request of the log for which a claim does not hold.
    fn logged(&self, claim: &ClassClaim) -> Option<Witness> {
        self.of_log(|request| {
            claim.classes.iter().any(|class| class.contains(request))
                && !claim.expected.is_met(self.matcher.evaluate(request))
        })
    }

    /// Returns the outcome that a request shows.
    fn wrong(&self, witness: Witness, expected: &str) -> Outcome {
        let Witness {
            request,
            name,
            event,
        } = witness;
        let verdict = self.matcher.evaluate(&request);
        let reason = format!(
            "{} is {} ({}); expected {expected}",
            request_words(&request.clone().with_name(name)),
            verdict_words(verdict),
            rule_words(verdict.rule),
        );
        Outcome {
            witness: Some(request),
            level: Some(verdict.level),
            rule: verdict.rule,
            event,
            ..Outcome::wrong(reason)
        }
    }
}

fn verdict_words(verdict: Verdict) -> String {
    let notes = verdict_notes(verdict);
    match notes.is_empty() {
        true => format!("`{}`", verdict.level),
        false => format!("`{}` {notes}", verdict.level),
    }
}

/// Returns what evaluates requests. `None` if the server rejects the policy.
pub(crate) fn matcher(policy: &str, version: KubernetesVersion) -> Option<Matcher> {
    load(policy.as_bytes(), version)
        .policy
        .as_ref()
        .map(Matcher::new)
}

/// Returns the outcome of a policy that the server rejects.
fn rejected(loaded: &Loaded) -> Outcome {
    let is_error = |finding: &&audit_types::Diagnostic| finding.severity == Severity::Error;
    let finding = loaded.findings.iter().find(is_error);
    let error = loaded.error.as_deref().unwrap_or("it is too large");
    let message = finding.map_or(error, |finding| &finding.message);
    Outcome {
        place: finding.and_then(audit_types::Diagnostic::span),
        ..Outcome::wrong(format!("kube-apiserver rejects the policy: {message}"))
    }
}
