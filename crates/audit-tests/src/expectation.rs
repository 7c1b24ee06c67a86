//! Expectations of verdicts.

use audit_analysis::rule_words;
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
    /// Describes the stages: "events of `ResponseComplete` only".
    fn words(self) -> String {
        match self {
            Self::Exactly(stages) if stages == StageSet::default() => NO_EVENT.to_owned(),
            Self::Exactly(stages) => format!("events of {} only", stage_words(stages)),
            Self::Some { recorded, not } => {
                let named = [("events of", recorded), ("no events of", not)];
                let named = named
                    .into_iter()
                    .filter(|(_, stages)| *stages != StageSet::default());
                let parts: Vec<String> = named
                    .map(|(verb, stages)| format!("{verb} {}", stage_words(stages)))
                    .collect();
                parts.join(" and ")
            }
        }
    }

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
    fn words(self) -> String {
        rule_words(self.index())
    }

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

    /// Describes what is expected, in the words of the messages of a case that fails.
    ///
    /// ```
    /// use audit_policy::Level;
    /// use audit_tests::Expectation;
    ///
    /// let mut expected = Expectation::default();
    /// expected.at_most = Some(Level::Metadata);
    /// expected.omit_managed_fields = Some(true);
    /// assert_eq!(expected.words(), "at most `Metadata`, bodies without `managedFields`");
    /// ```
    pub fn words(&self) -> String {
        let parts = [
            self.level.map(level_words),
            self.at_least.map(at_least_words),
            self.at_most.map(at_most_words),
            self.stages.map(ExpectedStages::words),
            self.omit_managed_fields
                .map(|omit| body_words(omit).to_owned()),
            self.not_recorded.map(|not| record_words(not).to_owned()),
            self.rule.map(ExpectedRule::words),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        parts.join(", ")
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
            return Some(level(level_words(expected)));
        }
        if let Some(expected) = self.at_least.filter(|level| *level > verdict.level) {
            return Some(level(at_least_words(expected)));
        }
        if let Some(expected) = self.at_most.filter(|level| *level < verdict.level) {
            return Some(level(at_most_words(expected)));
        }
        self.mismatch_of_record(verdict)
            .or_else(|| self.mismatch_of_rule(verdict))
    }

    fn mismatch_of_record(&self, verdict: Verdict) -> Option<Mismatch> {
        let stages = recorded_stages(verdict);
        let is_recorded = stages != StageSet::default();
        let found = match is_recorded {
            true => format!("events of {}", stage_words(stages)),
            false => NO_EVENT.to_owned(),
        };
        if let Some(not) = self.not_recorded.filter(|not| *not == is_recorded) {
            let level = match is_recorded {
                true => format!("`{}` with ", verdict.level),
                false => String::new(),
            };
            return Some(Mismatch {
                expected: record_words(not).to_owned(),
                found: format!("{level}{found}"),
            });
        }
        let expected = self.stages.filter(|expected| !expected.holds(stages))?;
        Some(Mismatch {
            expected: expected.words(),
            found,
        })
    }

    fn mismatch_of_rule(&self, verdict: Verdict) -> Option<Mismatch> {
        let expected = self
            .omit_managed_fields
            .filter(|omit| *omit != verdict.omit_managed_fields);
        if let Some(omit) = expected {
            return Some(Mismatch {
                expected: body_words(omit).to_owned(),
                found: body_words(!omit).to_owned(),
            });
        }
        let expected = self.rule.filter(|rule| rule.index() != verdict.rule)?;
        Some(Mismatch {
            expected: expected.words(),
            found: rule_words(verdict.rule),
        })
    }
}

/// Words for a request that has no event.
const NO_EVENT: &str = "no event";

fn level_words(level: Level) -> String {
    format!("the level `{level}`")
}

fn at_least_words(level: Level) -> String {
    format!("at least `{level}`")
}

fn at_most_words(level: Level) -> String {
    format!("at most `{level}`")
}

const fn body_words(omit_managed_fields: bool) -> &'static str {
    match omit_managed_fields {
        true => "bodies without `managedFields`",
        false => "bodies with `managedFields`",
    }
}

const fn record_words(not_recorded: bool) -> &'static str {
    match not_recorded {
        true => NO_EVENT,
        false => "at least one event",
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

#[cfg(test)]
mod tests {
    use super::*;

    fn expects(change: impl FnOnce(&mut Expectation)) -> Expectation {
        let mut expected = Expectation::default();
        change(&mut expected);
        expected
    }

    #[test]
    fn a_mismatch_has_the_words_of_the_expectation() {
        let complete: StageSet = [Stage::ResponseComplete].into_iter().collect();
        let panic: StageSet = [Stage::Panic].into_iter().collect();
        let some = |recorded, not| ExpectedStages::Some { recorded, not };
        // Level `Metadata` by no rule, with events of RequestReceived only.
        let mut verdict = Verdict::default();
        verdict.level = Level::Metadata;
        let others = Stage::ALL.into_iter();
        verdict.omit_stages = others
            .filter(|stage| *stage != Stage::RequestReceived)
            .collect();
        for (expected, words) in [
            (expects(|e| e.level = Some(Level::None)), "the level `None`"),
            (
                expects(|e| e.at_least = Some(Level::Request)),
                "at least `Request`",
            ),
            (expects(|e| e.at_most = Some(Level::None)), "at most `None`"),
            (
                expects(|e| e.stages = Some(ExpectedStages::Exactly(complete))),
                "events of `ResponseComplete` only",
            ),
            (
                expects(|e| e.stages = Some(ExpectedStages::Exactly(StageSet::default()))),
                "no event",
            ),
            (
                expects(|e| e.stages = Some(some(complete, panic))),
                "events of `ResponseComplete` and no events of `Panic`",
            ),
            (
                expects(|e| e.omit_managed_fields = Some(true)),
                "bodies without `managedFields`",
            ),
            (expects(|e| e.not_recorded = Some(true)), "no event"),
            (
                expects(|e| e.rule = Some(ExpectedRule::Rule(RuleIndex::new(2)))),
                "rule 3",
            ),
        ] {
            assert_eq!(expected.words(), words);
            assert_eq!(expected.mismatch(verdict).unwrap().expected, words);
        }
        let recorded = expects(|e| e.not_recorded = Some(false));
        assert_eq!(recorded.words(), "at least one event");
        let found = recorded.mismatch(Verdict::default()).unwrap().found;
        assert_eq!(found, "no event");
        assert_eq!(
            expects(|e| e.rule = Some(ExpectedRule::NoRule)).words(),
            "no rule"
        );
    }
}
