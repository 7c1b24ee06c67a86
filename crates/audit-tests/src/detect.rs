//! Decides for which requests a detection can fire, and what keeps it from firing for the others.

use audit_analysis::{Class, TooLarge, counterexample, request_words};
use audit_policy::{Policy, Verdict};
use audit_types::{Level, Request, RuleIndex, StageSet};

use crate::detection::{Detection, Fires};
use crate::run::{Outcome, Runner, Status};

/// Maximum number of rules that are listed as the cause.
const MAX_CAUSES: usize = 8;

/// Result of a detection under a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Detected {
    /// Requests for which it can fire. `None` if no request that can come is in its classes.
    pub fires: Option<Fires>,
    /// Reasons why it does not fire, in the order of the rules: one for each rule, at most eight.
    pub blinded_by: Vec<Blinding>,
    /// True if more rules do.
    pub has_more: bool,
}

/// A rule that keeps a detection from firing, with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Blinding {
    /// Why it cannot fire.
    pub cause: Cause,
    /// Verdict on the request, which has the rule.
    pub verdict: Verdict,
    /// A request that the detection is meant for, and for which it cannot fire.
    pub witness: Request,
}

/// Why a detection cannot fire for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No rule matches the request.
    NoRule,
    /// The rule has the level `None`.
    NotRecorded,
    /// The rule has a level whose events lack what is needed.
    Level {
        /// Level of the rule.
        found: Level,
        /// Level that is needed.
        needed: Level,
    },
    /// The policy omits the stages for all rules.
    PolicyStages(StageSet),
    /// The rule omits the stages, perhaps together with the policy.
    RuleStages(StageSet),
}

impl Cause {
    /// Returns the name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoRule => "no-rule",
            Self::NotRecorded => "not-recorded",
            Self::Level { .. } => "level",
            Self::PolicyStages(_) => "policy-stages",
            Self::RuleStages(_) => "rule-stages",
        }
    }

    /// Describes the cause. `rule` is the rule in words, such as `rule 3 (line 12)`.
    pub fn words(self, rule: &str) -> String {
        let names = |stages: StageSet| {
            let names: Vec<String> = stages.iter().map(|stage| format!("`{stage}`")).collect();
            names.join(" and ")
        };
        match self {
            Self::NoRule => "no rule matches".to_owned(),
            Self::NotRecorded => format!("{rule} has the level `None`"),
            Self::Level { found, needed } => {
                format!("{rule} has the level `{found}`, and `{needed}` is needed")
            }
            Self::PolicyStages(stages) => format!("the policy omits {}", names(stages)),
            Self::RuleStages(stages) => format!("{rule} omits {}", names(stages)),
        }
    }
}

impl Blinding {
    /// Returns the rule. `None` if no rule matches.
    pub const fn rule(&self) -> Option<RuleIndex> {
        self.verdict.rule
    }

    fn words(&self) -> String {
        let rule = self.rule().map(|rule| rule.to_string());
        self.cause.words(&rule.unwrap_or_default())
    }
}

impl Runner<'_> {
    /// Decides for which of its requests a detection can fire.
    ///
    /// ```
    /// use audit_policy::{KubernetesVersion, Level, Policy, Rule};
    /// use audit_tests::{Claim, Fires, Runner, TestFile};
    ///
    /// let text = "
    /// tests:
    /// - name: privileged pods
    ///   detects: {verb: create, apiGroup: '', resource: pods, subresource: ''}
    ///   reads: [requestObject.spec.containers.securityContext.privileged]
    /// ";
    /// let file = TestFile::parse(text).unwrap();
    /// let Claim::Detection(detection) = &file.tests[0].claim else { panic!() };
    /// let policy = Policy::new(vec![Rule::new(Level::Metadata)]);
    /// let detected = Runner::new(&policy, KubernetesVersion::NEWEST).detect(detection).unwrap();
    /// assert_eq!(detected.fires, Some(Fires::Never));
    /// let cause = detected.blinded_by[0].cause.words("rule 1");
    /// assert_eq!(cause, "rule 1 has the level `Metadata`, and `Request` is needed");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if that takes too long to decide.
    pub fn detect(&self, detection: &Detection) -> Result<Detected, TooLarge> {
        let policy = self.policy();
        let classes = detection.classes_for(policy);
        let mut blinded_by: Vec<Blinding> = Vec::new();
        let mut has_more = false;
        loop {
            let is_known = |verdict: Verdict| {
                detection.can_fire(verdict)
                    || blinded_by.iter().any(|known| known.rule() == verdict.rule)
            };
            let found = counterexample(policy, &classes, self.options(false), is_known)?;
            let Some(found) = found else { break };
            if blinded_by.len() == MAX_CAUSES {
                has_more = true;
                break;
            }
            blinded_by.push(Blinding {
                cause: cause(detection, policy, found.verdict),
                verdict: found.verdict,
                witness: found.witness,
            });
        }
        let fires = match (blinded_by.is_empty(), self.any_fires(detection, &classes)?) {
            (true, true) => Some(Fires::All),
            (true, false) => None,
            (false, true) => Some(Fires::Some),
            (false, false) => Some(Fires::Never),
        };
        Ok(Detected {
            fires,
            blinded_by,
            has_more,
        })
    }

    /// Returns true if the detection can fire for some request.
    fn any_fires(&self, detection: &Detection, classes: &[Class]) -> Result<bool, TooLarge> {
        let is_blind = |verdict| !detection.can_fire(verdict);
        let found = counterexample(self.policy(), classes, self.options(false), is_blind)?;
        Ok(found.is_some())
    }

    /// Returns the outcome of a detection as a case: it passes if it can fire for every request.
    pub(crate) fn run_detection(&self, detection: &Detection) -> Outcome {
        let detected = match self.detect(detection) {
            Ok(detected) => detected,
            Err(error) => return Outcome::new(Status::Failed, error.to_string()),
        };
        let Some(fires) = detected.fires else {
            let message = "no request that can come is in the class";
            return Outcome::new(Status::Failed, message);
        };
        let Some(blinding) = detected.blinded_by.first() else {
            let message = "can fire for every request of the class that can come";
            let mut passed = Outcome::new(Status::Passed, message);
            passed.is_proved = true;
            passed.fires = Some(fires);
            return passed;
        };
        let causes: Vec<String> = detected.blinded_by.iter().map(Blinding::words).collect();
        let mut causes = causes.join("; ");
        if detected.has_more {
            causes.push_str("; and other rules");
        }
        let message = match fires {
            Fires::Never => format!("never fires: {causes}"),
            _ => format!(
                "does not fire for some requests: {causes}; for example for {}",
                request_words(&blinding.witness)
            ),
        };
        let mut failed = Outcome::new(Status::Failed, message).with(blinding.verdict);
        failed.witness = Some(blinding.witness.clone());
        failed.is_proved = fires == Fires::Never;
        failed.fires = Some(fires);
        failed
    }
}

fn cause(detection: &Detection, policy: &Policy, verdict: Verdict) -> Cause {
    if verdict.rule.is_none() {
        return Cause::NoRule;
    }
    if verdict.level == Level::None {
        return Cause::NotRecorded;
    }
    if verdict.level < detection.level {
        return Cause::Level {
            found: verdict.level,
            needed: detection.level,
        };
    }
    let mut needed = detection.stages.iter();
    match needed.all(|stage| policy.omit_stages.contains(&stage)) {
        true => Cause::PolicyStages(detection.stages),
        false => Cause::RuleStages(detection.stages),
    }
}
