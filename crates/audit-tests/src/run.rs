//! Runs cases on a policy.

use std::fmt;

use audit_analysis::{
    Attribute, Class, Counterexample, NOT_PRODUCIBLE, Options, TooLarge, Values, counterexample,
    not_served_note, request_words, rule_words,
};
use audit_policy::{KubernetesVersion, Matcher, Policy, Verdict};
use audit_types::Request;

use crate::case::{Case, Claim, ClassClaim};
use crate::detection::Fires;
use crate::expectation::Expectation;

/// Returns the value of a flag, by its name without `--`. `None` if the flag is not given.
type Flags<'p> = Box<dyn Fn(&str) -> FlagValue + 'p>;

/// Runs cases on one policy.
pub struct Runner<'p> {
    policy: &'p Policy,
    matcher: Matcher,
    version: KubernetesVersion,
    flags: Option<Flags<'p>>,
}

impl fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("policy", self.policy)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Result of checking a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// It holds.
    Passed,
    /// It does not hold, or cannot be checked.
    Failed,
    /// Neither policy nor flags decide it.
    NotDecidable,
}

/// Value of a flag, or the reason why it is not known.
pub type FlagValue = Result<Option<String>, &'static str>;

/// Result of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The result.
    pub status: Status,
    /// Reason, in one line; names of the user's texts are in backticks.
    pub message: String,
    /// A request that shows why the claim does not hold.
    pub witness: Option<Request>,
    /// True unless no URL, method and identity produce the witness.
    pub is_witness_producible: bool,
    /// The verdict on the request of the case, or on the witness.
    pub verdict: Option<Verdict>,
    /// True if the claim is about all requests of a class and holds.
    pub is_proved: bool,
    /// The requests for which a detection can fire. `None` for other claims, and if its class has no request.
    pub fires: Option<Fires>,
}

impl Outcome {
    /// Returns true if the claim holds.
    pub fn has_passed(&self) -> bool {
        self.status == Status::Passed
    }

    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            witness: None,
            is_witness_producible: true,
            verdict: None,
            is_proved: false,
            fires: None,
        }
    }

    pub(crate) fn with(mut self, verdict: Verdict) -> Self {
        self.verdict = Some(verdict);
        self
    }
}

impl<'p> Runner<'p> {
    /// Prepares a policy. Examples use the resources of the version.
    pub fn new(policy: &'p Policy, version: KubernetesVersion) -> Self {
        Self {
            policy,
            matcher: Matcher::new(policy),
            version,
            flags: None,
        }
    }

    /// Sets the flags that claims about settings are about; `None` is a flag that is not set. Without them,
    /// and if a value is not known, such claims fail.
    #[must_use]
    pub fn with_flags(mut self, flags: impl Fn(&str) -> FlagValue + 'p) -> Self {
        self.flags = Some(Box::new(flags));
        self
    }

    /// Runs a case: evaluates its request, or proves its claim for every request of its class.
    pub fn run(&self, case: &Case) -> Outcome {
        match &case.claim {
            Claim::Request { request, expected } => self.evaluate(request, expected),
            Claim::Class(claim) => self.prove(claim),
            Claim::Setting(claim) => {
                let Some(flags) = &self.flags else {
                    let message = "the settings are not known (help: name them by `settings`)";
                    return Outcome::new(Status::Failed, message);
                };
                let value = match flags(&claim.flag) {
                    Ok(value) => value,
                    Err(reason) => {
                        let message = format!("`--{}` cannot be checked: {reason}", claim.flag);
                        return Outcome::new(Status::Failed, message);
                    }
                };
                match claim.mismatch(value.as_deref()) {
                    None => Outcome::new(Status::Passed, "as claimed"),
                    Some(message) => Outcome::new(Status::Failed, message),
                }
            }
            Claim::Detection(detection) => self.run_detection(detection),
            Claim::Undecidable => {
                let message = "neither the policy nor the flags decide it";
                Outcome::new(Status::NotDecidable, message)
            }
        }
    }

    fn evaluate(&self, request: &Request, expected: &Expectation) -> Outcome {
        let verdict = self.matcher.evaluate(request);
        if expected.is_met(verdict) {
            let message = format!("`{}` by {}", verdict.level, rule_words(verdict.rule));
            return Outcome::new(Status::Passed, message).with(verdict);
        }
        let mut failed = Outcome::new(Status::Failed, self.mismatch(expected, verdict));
        failed.witness = Some(request.clone());
        failed.with(verdict)
    }

    fn prove(&self, claim: &ClassClaim) -> Outcome {
        let find = |is_met: &dyn Fn(Verdict) -> bool| self.counterexample(claim, is_met);
        let found = match find(&|verdict| claim.expected.is_met(verdict)) {
            Ok(found) => found,
            Err(error) => return Outcome::new(Status::Failed, error.to_string()),
        };
        if let Some(found) = found {
            let mut message = self.mismatch(&claim.expected, found.verdict);
            message.push_str(&format!(" for {}", request_words(&found.witness)));
            if !found.is_producible {
                message.push_str(&format!(" ({NOT_PRODUCIBLE})"));
            } else if let Some(note) = not_served_note(&found.witness, self.version) {
                message.push_str(&format!(" ({note})"));
            }
            if let Some(user) = self.only_user(claim, &found) {
                message.push_str(&format!("; only requests by `{user}` show it"));
            }
            let mut failed = Outcome::new(Status::Failed, message).with(found.verdict);
            failed.witness = Some(found.witness);
            failed.is_witness_producible = found.is_producible;
            return failed;
        }
        // A claim about nothing would hold for any policy.
        match find(&|_| false) {
            Ok(Some(_)) => {
                let words = match claim.is_every {
                    true => "proved for every request of the class",
                    false => "proved for every request of the class that can come",
                };
                let mut passed = Outcome::new(Status::Passed, words);
                passed.is_proved = true;
                passed
            }
            Ok(None) => Outcome::new(Status::Failed, nothing_words(claim)),
            Err(error) => Outcome::new(Status::Failed, error.to_string()),
        }
    }

    /// Returns the user of a request that refutes a claim, if the claim holds for everybody else. A claim about that user has no such answer.
    fn only_user<'f>(&self, claim: &ClassClaim, found: &'f Counterexample) -> Option<&'f str> {
        let user = found.witness.user_name()?;
        let names_user = |class: &Class| {
            let mut conditions = class.conditions.iter();
            conditions.any(|condition| {
                condition.attribute == Attribute::User && matches!(condition.values, Values::In(_))
            })
        };
        if claim.classes.iter().any(names_user) {
            return None;
        }
        let others = claim.classes.iter().cloned();
        let others = others.map(|class| class.with(Attribute::User, Values::other_than([user])));
        let others = ClassClaim {
            classes: others.collect(),
            ..claim.clone()
        };
        let is_met = |verdict| claim.expected.is_met(verdict);
        let refuted = self.counterexample(&others, &is_met).ok()?;
        refuted.is_none().then_some(user)
    }

    pub(crate) fn counterexample(
        &self,
        claim: &ClassClaim,
        is_met: &dyn Fn(Verdict) -> bool,
    ) -> Result<Option<Counterexample>, TooLarge> {
        let options = self.options(claim.is_every);
        counterexample(self.policy, &claim.classes, options, is_met)
    }

    pub(crate) const fn version(&self) -> KubernetesVersion {
        self.version
    }

    /// Returns the settings of a question about requests that can come, or about every one that rules can distinguish.
    pub(crate) fn options(&self, is_every: bool) -> Options {
        Options::default()
            .with_version(self.version)
            .only_possible(!is_every)
    }

    pub(crate) fn policy(&self) -> &'p Policy {
        self.policy
    }

    pub(crate) fn rule_count(&self) -> usize {
        self.matcher.rule_count()
    }

    pub(crate) fn verdict(&self, request: &Request) -> Verdict {
        self.matcher.evaluate(request)
    }

    fn mismatch(&self, expected: &Expectation, verdict: Verdict) -> String {
        let Some(mismatch) = expected.mismatch(verdict) else {
            return String::new();
        };
        let rule = rule_words(verdict.rule);
        let by = match mismatch.found == rule {
            true => String::new(),
            false => format!(" by {rule}"),
        };
        let expected = mismatch.expected;
        format!("expected {expected}, found {}{by}", mismatch.found)
    }
}

/// Describes why a class has no requests.
fn nothing_words(claim: &ClassClaim) -> String {
    let classes: Vec<String> = claim
        .classes
        .iter()
        .take(3)
        .map(|class| class.words())
        .collect();
    let classes = classes.join("; ");
    if claim.is_every {
        return format!("no request is in the class: {classes}");
    }
    format!(
        "no request that can come is in the class: {classes} (help: `every: true` also claims it of requests that no URL, method and identity produce)"
    )
}
