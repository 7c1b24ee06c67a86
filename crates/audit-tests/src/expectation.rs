//! Expectations of verdicts.

use audit_policy::Verdict;
use audit_types::{Level, RuleIndex, Stage, StageSet};

/// An expectation of a verdict: all that is given holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Expectation {
    /// The level.
    pub level: Option<Level>,
    /// The lowest level.
    pub at_least: Option<Level>,
    /// The highest level.
    pub at_most: Option<Level>,
    /// The rule that decides.
    pub rule: Option<ExpectedRule>,
    /// The stages whose events are recorded.
    pub stages: Option<ExpectedStages>,
    /// True if `managedFields` are omitted from bodies, false if not.
    pub omit_managed_fields: Option<bool>,
    /// True if no event of the request is recorded, false if some are.
    pub not_recorded: Option<bool>,
}

/// The rule that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedRule {
    /// A rule.
    Rule(RuleIndex),
    /// No rule matches.
    NoRule,
}

/// Stages whose events are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedStages {
    /// These, and no others.
    Exactly(StageSet),
    /// Some, whatever the others are.
    Some {
        /// Recorded stages.
        recorded: StageSet,
        /// Stages that are not recorded.
        not: StageSet,
    },
}

/// Returns the stages whose events a verdict has recorded.
pub(crate) fn recorded_stages(verdict: Verdict) -> StageSet {
    let is_recorded =
        |stage: &Stage| verdict.level != Level::None && !verdict.omit_stages.contains(*stage);
    Stage::ALL.into_iter().filter(is_recorded).collect()
}

impl ExpectedStages {
    fn holds(self, found: StageSet) -> bool {
        match self {
            Self::Exactly(stages) => stages == found,
            Self::Some { recorded, not } => {
                recorded.iter().all(|stage| found.contains(stage))
                    && !not.iter().any(|stage| found.contains(stage))
            }
        }
    }
}

impl ExpectedRule {
    fn index(self) -> Option<RuleIndex> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::NoRule => None,
        }
    }
}

/// A part of an expectation that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// The expected part.
    pub(crate) expected: String,
    /// The same part of the verdict.
    pub(crate) found: String,
}

/// Returns every level with every omission, without a rule.
pub(crate) fn effects() -> impl Iterator<Item = Verdict> {
    let all = (0..1_u32 << Stage::ALL.len()).flat_map(|bits| [(bits, false), (bits, true)]);
    Level::ALL.into_iter().flat_map(move |level| {
        all.clone().map(move |(bits, omit)| {
            let stages = Stage::ALL.into_iter().enumerate();
            let omitted = stages.filter(|(bit, _)| bits >> bit & 1 == 1);
            let mut verdict = Verdict::default();
            verdict.level = level;
            verdict.omit_stages = omitted.map(|(_, stage)| stage).collect();
            verdict.omit_managed_fields = omit;
            verdict
        })
    })
}

impl Expectation {
    /// Returns true if a verdict is as expected.
    ///
    /// ```
    /// use audit_policy::{KubernetesVersion, Level, Matcher, Request, load};
    /// use audit_tests::Expectation;
    ///
    /// let source = b"{\"apiVersion\": \"audit.k8s.io/v1\", \"kind\": \"Policy\", \"rules\": [{\"level\": \"Metadata\"}]}";
    /// let policy = load(source, KubernetesVersion::NEWEST).policy.unwrap();
    /// let verdict = Matcher::new(&policy).evaluate(&Request::for_path("get", "/version"));
    /// let mut expected = Expectation::default();
    /// expected.at_least = Some(Level::Metadata);
    /// assert!(expected.is_met(verdict));
    /// expected.not_recorded = Some(true);
    /// assert!(!expected.is_met(verdict));
    /// ```
    pub fn is_met(&self, verdict: Verdict) -> bool {
        self.level.is_none_or(|level| verdict.level == level)
            && self.at_least.is_none_or(|level| verdict.level >= level)
            && self.at_most.is_none_or(|level| verdict.level <= level)
            && self.rule.is_none_or(|rule| verdict.rule == rule.index())
            && self
                .stages
                .is_none_or(|stages| stages.holds(recorded_stages(verdict)))
            && self
                .omit_managed_fields
                .is_none_or(|omit| verdict.omit_managed_fields == omit)
            && self
                .not_recorded
                .is_none_or(|not| (recorded_stages(verdict) == StageSet::default()) == not)
    }

    /// Returns true if no verdict of any policy is as expected.
    pub(crate) fn is_contradictory(&self) -> bool {
        let rule = self.rule.and_then(ExpectedRule::index);
        !effects().any(|mut verdict| {
            verdict.rule = rule;
            // Requests that no rule matches are not recorded.
            let is_possible =
                self.rule != Some(ExpectedRule::NoRule) || verdict.level == Level::None;
            is_possible && self.is_met(verdict)
        })
    }

    /// Returns true if nothing is expected.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the first part that does not hold. `None` if the verdict is as expected.
    pub(crate) fn mismatch(&self, verdict: Verdict) -> Option<Mismatch> {
        let level = |expected: String| Mismatch {
            expected,
            found: format!("`{}`", verdict.level),
        };
        if let Some(expected) = self.level.filter(|level| *level != verdict.level) {
            return Some(level(format!("the level `{expected}`")));
        }
        if let Some(expected) = self.at_least.filter(|level| *level > verdict.level) {
            return Some(level(format!("at least `{expected}`")));
        }
        if let Some(expected) = self.at_most.filter(|level| *level < verdict.level) {
            return Some(level(format!("at most `{expected}`")));
        }
        self.mismatch_of_record(verdict)
            .or_else(|| self.mismatch_of_rule(verdict))
    }

    fn mismatch_of_record(&self, verdict: Verdict) -> Option<Mismatch> {
        let stages = recorded_stages(verdict);
        let is_recorded = stages != StageSet::default();
        if self.not_recorded == Some(is_recorded) {
            let words = |recorded: bool| if recorded { "events" } else { "no event" };
            let found = match is_recorded {
                true => format!("`{}` of {}", verdict.level, stage_words(stages)),
                false => words(false).to_owned(),
            };
            return Some(Mismatch {
                expected: words(!is_recorded).to_owned(),
                found,
            });
        }
        let expected = self.stages.filter(|expected| !expected.holds(stages));
        if let Some(expected) = expected {
            let expected = match expected {
                ExpectedStages::Exactly(stages) => {
                    format!("events of {}", stage_words(stages))
                }
                ExpectedStages::Some { recorded, not } => {
                    let mut parts = Vec::new();
                    if recorded != StageSet::default() {
                        parts.push(format!("events of {}", stage_words(recorded)));
                    }
                    if not != StageSet::default() {
                        parts.push(format!("no events of {}", stage_words(not)));
                    }
                    parts.join(" and ")
                }
            };
            let found = format!("events of {}", stage_words(stages));
            return Some(Mismatch { expected, found });
        }
        None
    }

    fn mismatch_of_rule(&self, verdict: Verdict) -> Option<Mismatch> {
        let expected = self
            .omit_managed_fields
            .filter(|omit| *omit != verdict.omit_managed_fields);
        if let Some(omit) = expected {
            let words = |omit: bool| {
                let verb = if omit { "without" } else { "with" };
                format!("bodies {verb} `managedFields`")
            };
            return Some(Mismatch {
                expected: words(omit),
                found: words(!omit),
            });
        }
        let expected = self.rule.filter(|rule| rule.index() != verdict.rule)?;
        Some(Mismatch {
            expected: match expected {
                ExpectedRule::Rule(rule) => rule.to_string(),
                ExpectedRule::NoRule => "no rule".to_owned(),
            },
            found: verdict
                .rule
                .map_or_else(|| "no rule".to_owned(), |rule| rule.to_string()),
        })
    }
}

fn stage_words(stages: StageSet) -> String {
    let names: Vec<String> = stages
        .iter()
        .map(|stage| format!("`{}`", stage.name()))
        .collect();
    match names.is_empty() {
        true => "no stage".to_owned(),
        false => names.join(", "),
    }
}
