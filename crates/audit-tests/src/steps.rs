//! The survey of small changes in steps, between which a caller can show progress or stop.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use audit_analysis::{Change, Difference, Edit, ImpactAnalysis, Requests, TooLarge};
use audit_policy::{KubernetesVersion, Level, Matcher, Policy, Verdict};
use audit_types::{Request, RuleIndex};

use crate::case::{Case, Claim, ClassClaim};
use crate::expectation::Expectation;
use crate::mutant::{Mutant, Mutation, mutations};
use crate::run::Runner;
use crate::survey::{Survey, Unnoticed};

/// Maximum number of requests that are evaluated in a step.
const REQUESTS_PER_STEP: usize = 1_000;

/// Number of steps that are done, and number of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Cases that were run and changes that were tried.
    pub done: usize,
    /// All cases and changes.
    pub total: usize,
}

/// A survey in progress: [`next`](Iterator::next) runs some cases, and then tries one change each time. It owns what it needs.
///
/// ```
/// use audit_policy::{KubernetesVersion, Level, Policy, Rule};
/// use audit_tests::{Runner, TestFile};
///
/// let file = TestFile::parse("tests: [{name: a, requests: {}, level: Metadata}]").unwrap();
/// let policy = Policy::new(vec![Rule::new(Level::Metadata)]);
/// let mut steps = Runner::new(&policy, KubernetesVersion::NEWEST).survey_steps(&file.tests);
/// while let Some(progress) = steps.next() {
///     assert!(progress.done <= progress.total);
/// }
/// // The rule is removed, or has one of three other levels.
/// assert_eq!(steps.survey().noticed, 4);
/// ```
#[derive(Debug)]
pub struct SurveySteps {
    policy: Policy,
    version: KubernetesVersion,
    matcher: Matcher,
    cases: std::vec::IntoIter<Case>,
    passing: Passing,
    /// `None` inside if there are too many values.
    analysis: OnceCell<Option<ImpactAnalysis>>,
    mutations: std::vec::IntoIter<(RuleIndex, Mutation)>,
    survey: Survey,
    total: usize,
}

/// Cases that pass for the policy.
#[derive(Debug, Default)]
struct Passing {
    /// Requests by the rule that decides them; last those that no rule matches.
    requests: BTreeMap<usize, Vec<(Box<Request>, Expectation)>>,
    classes: Vec<ClassClaim>,
}

/// Effect of a change.
enum Effect {
    Equal,
    Noticed,
    Unnoticed(Box<Difference>),
}

impl Runner<'_> {
    /// Starts a [`survey`](Self::survey) whose steps the caller takes.
    pub fn survey_steps(&self, cases: &[Case]) -> SurveySteps {
        let is_about_requests =
            |case: &&Case| matches!(case.claim, Claim::Request { .. } | Claim::Class(_));
        let cases: Vec<Case> = cases.iter().filter(is_about_requests).cloned().collect();
        let mutations: Vec<_> = mutations(self.policy()).collect();
        SurveySteps {
            policy: self.policy().clone(),
            version: self.version(),
            matcher: Matcher::new(self.policy()),
            total: cases.len() + mutations.len(),
            cases: cases.into_iter(),
            passing: Passing::default(),
            analysis: OnceCell::new(),
            mutations: mutations.into_iter(),
            survey: Survey::default(),
        }
    }
}

impl Iterator for SurveySteps {
    type Item = Progress;

    fn next(&mut self) -> Option<Progress> {
        let is_step_of_cases = self.run_cases();
        if !is_step_of_cases {
            let (rule, mutation) = self.mutations.next()?;
            self.try_mutation(rule, mutation);
        }
        Some(self.progress())
    }
}

impl SurveySteps {
    /// Returns the progress so far.
    pub fn progress(&self) -> Progress {
        Progress {
            done: self.total - self.cases.len() - self.mutations.len(),
            total: self.total,
        }
    }

    /// Returns the result so far.
    pub const fn survey(&self) -> &Survey {
        &self.survey
    }

    /// Returns the result so far.
    pub fn into_survey(self) -> Survey {
        self.survey
    }

    /// Runs cases: many that name a request, or one that names a class. Returns false if none are left.
    fn run_cases(&mut self) -> bool {
        for count in 0..REQUESTS_PER_STEP {
            let Some(case) = self.cases.next() else {
                return count > 0;
            };
            match case.claim {
                Claim::Request { request, expected } => {
                    let verdict = self.matcher.evaluate(&request);
                    if expected.is_met(verdict) {
                        let rule = self.place(verdict.rule);
                        let of_rule = self.passing.requests.entry(rule).or_default();
                        of_rule.push((request, expected));
                    }
                }
                Claim::Class(ref claim) => {
                    let runner = Runner::new(&self.policy, self.version);
                    if runner.run(&case).has_passed() {
                        self.passing.classes.push(claim.clone());
                    }
                    return true;
                }
                Claim::Setting(_) | Claim::Detection(_) | Claim::Undecidable => {}
            }
        }
        true
    }

    /// Returns the index of a rule; the number of rules if there is none.
    fn place(&self, rule: Option<RuleIndex>) -> usize {
        rule.map_or(self.policy.rules.len(), RuleIndex::get)
    }

    fn try_mutation(&mut self, rule: RuleIndex, mutation: Mutation) {
        let Some(mutant) = Mutant::new(&self.policy, rule, mutation) else {
            return;
        };
        match self.effect(&mutant) {
            Some(Effect::Equal) => self.survey.equal += 1,
            Some(Effect::Noticed) => self.survey.noticed += 1,
            Some(Effect::Unnoticed(difference)) => self.survey.unnoticed.push(Unnoticed {
                mutant,
                difference: *difference,
            }),
            None => self.survey.undecided.push(mutant),
        }
    }

    /// Returns the effect of a change. `None` if that takes too long to decide.
    fn effect(&self, mutant: &Mutant) -> Option<Effect> {
        let of_requests = self.passing.notice(mutant, &self.matcher);
        if of_requests == Some(Notice::Effect) {
            return Some(Effect::Noticed);
        }
        let analysis = self.analysis.get_or_init(|| {
            let classes = self.passing.classes.iter();
            let scopes: Vec<_> = classes.map(|claim| claim.classes.as_slice()).collect();
            ImpactAnalysis::new(&self.policy, &scopes, self.version).ok()
        });
        let analysis = analysis.as_ref()?;
        // A change has no values that the policy does not have.
        let edit = analysis.edit(&mutant.policy)?;
        let has_every = self.passing.classes.iter().any(|claim| claim.is_every);
        let difference = analysis.difference(&edit, requests(has_every), &is_visible);
        let difference = difference.ok()?;
        if difference.is_some() && of_requests == Some(Notice::Rule) {
            return Some(Effect::Noticed);
        }
        let is_noticed = self.is_noticed_by_class(analysis, mutant, &edit, difference.as_ref());
        if is_noticed.ok()? {
            return Some(Effect::Noticed);
        }
        Some(match difference {
            None => Effect::Equal,
            Some(difference) => Effect::Unnoticed(Box::new(difference)),
        })
    }

    fn is_noticed_by_class(
        &self,
        analysis: &ImpactAnalysis,
        mutant: &Mutant,
        edit: &Edit,
        difference: Option<&Difference>,
    ) -> Result<bool, TooLarge> {
        let classes = &self.passing.classes;
        // An example of the difference in the class of a case is much faster than a proof.
        let is_shown = |claim: &ClassClaim| {
            difference.is_some_and(|difference| {
                (claim.is_every || difference.is_producible)
                    && !claim.expected.is_met(original(mutant, difference.after))
                    && claim
                        .classes
                        .iter()
                        .any(|class| class.contains(&difference.witness))
            })
        };
        if classes.iter().any(is_shown) {
            return Ok(true);
        }
        for (scope, claim) in classes.iter().enumerate() {
            let fails = |before: Verdict, after: Verdict| {
                // If only rules differ, the policies are equal.
                (difference.is_some() || !before.has_effect_of(after))
                    && !claim.expected.is_met(original(mutant, after))
            };
            if analysis.changes_in(edit, scope, requests(claim.is_every), &fails)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

const fn requests(is_every: bool) -> Requests {
    match is_every {
        true => Requests::All,
        false => Requests::Possible,
    }
}

/// Returns true if the log differs: without events, it does not, and events without bodies have no managed fields.
fn is_visible(before: Verdict, after: Verdict) -> bool {
    let is_same_metadata = before.level == after.level
        && before.omit_stages == after.omit_stages
        && before.level < Level::Request;
    !before.has_effect_of(after)
        && !is_same_metadata
        && Change::between(before, after) != Change::Nothing
}

/// Part of a verdict by which a case notices a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notice {
    /// Level, stages or managed fields.
    Effect,
    /// Only the rule.
    Rule,
}

impl Passing {
    /// Evaluates the requests on which a change has an effect. `None` if all of them still pass.
    fn notice(&self, mutant: &Mutant, original_matcher: &Matcher) -> Option<Notice> {
        let rule = mutant.rule.get();
        let places = match mutant.mutation {
            Mutation::Without(_) => rule + 1..usize::MAX,
            mutation if mutation.is_policy_wide() => 0..usize::MAX,
            _ => rule..rule + 1,
        };
        let mut touched = self.requests.range(places).peekable();
        touched.peek()?;
        let matcher = Matcher::new(&mutant.policy);
        let mut found = None;
        for (place, requests) in touched {
            let rule = (*place < original_matcher.rule_count()).then(|| RuleIndex::new(*place));
            let before = original_matcher.verdict_of(rule);
            for (request, expected) in requests {
                let after = original(mutant, matcher.evaluate(request));
                if expected.is_met(after) {
                    continue;
                }
                if !before.has_effect_of(after) {
                    return Some(Notice::Effect);
                }
                found = Some(Notice::Rule);
            }
        }
        found
    }
}

/// Returns a verdict of a changed policy with the number that its rule has in the original one.
fn original(mutant: &Mutant, verdict: Verdict) -> Verdict {
    let mut verdict = verdict;
    verdict.rule = verdict.rule.map(|rule| mutant.original(rule));
    verdict
}
