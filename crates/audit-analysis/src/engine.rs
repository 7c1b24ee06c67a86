//! The common part of every question: the space of its policies, what can come, and the search within a budget.

use std::cell::{OnceCell, RefCell};

use audit_policy::{
    KnownResource, KubernetesVersion, Matcher, Policy, Request, Rule, RuleIndex, Verdict,
    known_resources,
};

use crate::alignment::Alignment;
use crate::class::Class;
use crate::cube::{Cube, Kind};
use crate::maximal::maximal;
use crate::search::{Blockers, Budget, TooLarge};
use crate::space::Space;
use crate::universe::{Possible, everything};
use crate::witness::Witnesses;

/// Limit on the number of classes of one answer.
const MAX_CLASSES: usize = 10_000;

/// Settings of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Version whose resources examples use.
    pub version: KubernetesVersion,
    /// True to leave out requests that no URL, method and identity produce.
    pub only_possible: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: KubernetesVersion::NEWEST,
            only_possible: false,
        }
    }
}

impl Options {
    /// Uses the resources of a version in examples.
    #[must_use]
    pub const fn with_version(mut self, version: KubernetesVersion) -> Self {
        self.version = version;
        self
    }

    /// Leaves out requests that no URL, method and identity produce.
    #[must_use]
    pub const fn only_possible(mut self, only_possible: bool) -> Self {
        self.only_possible = only_possible;
        self
    }
}

/// A policy as cubes.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The cubes of all rules, in the order of the rules.
    cubes: Vec<Cube>,
    /// Index of the first cube of each rule, and the number of cubes.
    starts: Vec<usize>,
    /// The cubes of requests that no rule matches: all of them.
    all: [Cube; 2],
    verdicts: Matcher,
}

impl Compiled {
    pub(crate) fn new(space: &Space, policy: &Policy) -> Self {
        let mut cubes = Vec::new();
        let mut starts = vec![0];
        for rule in &policy.rules {
            cubes.extend(space.rule(rule));
            starts.push(cubes.len());
        }
        Self {
            cubes,
            starts,
            all: [Cube::all(Kind::Resource), Cube::all(Kind::Url)],
            verdicts: Matcher::new(policy),
        }
    }

    /// Compiles a policy that shares rules at its start and its end with the one that is compiled here.
    pub(crate) fn edited(&self, space: &Space, policy: &Policy, alignment: &Alignment) -> Self {
        let mut edited = Self {
            cubes: self.before(alignment.start).to_vec(),
            starts: self
                .starts
                .get(..=alignment.start)
                .unwrap_or_default()
                .to_vec(),
            all: self.all.clone(),
            verdicts: Matcher::new(policy),
        };
        for index in alignment.start..policy.rules.len() {
            match (alignment.before_of(index), policy.rules.get(index)) {
                (Some(own), _) => edited.cubes.extend_from_slice(self.of(own)),
                (None, Some(rule)) => edited.cubes.extend(space.rule(rule)),
                (None, None) => {}
            }
            edited.starts.push(edited.cubes.len());
        }
        edited
    }

    /// Returns the number of rules.
    pub(crate) fn rule_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns the rules, and last the number of rules, which stands for none.
    pub(crate) fn outcomes(&self) -> std::ops::RangeInclusive<usize> {
        0..=self.rule_count()
    }

    /// Returns the cubes of a rule, or all requests for the number of rules.
    pub(crate) fn of(&self, rule: usize) -> &[Cube] {
        match (self.starts.get(rule), self.starts.get(rule + 1)) {
            (Some(first), Some(end)) => self.cubes.get(*first..*end).unwrap_or_default(),
            _ => &self.all,
        }
    }

    /// Returns the cubes of the rules before a rule.
    pub(crate) fn before(&self, rule: usize) -> &[Cube] {
        let end = self.starts.get(rule).copied().unwrap_or_default();
        self.cubes.get(..end).unwrap_or_default()
    }

    /// Returns the rule of a cube, by its index.
    pub(crate) fn rule_of(&self, cube: usize) -> usize {
        self.starts.partition_point(|start| *start <= cube) - 1
    }

    /// Returns the verdict for requests that a rule is the first to match.
    pub(crate) fn verdict(&self, rule: usize) -> Verdict {
        let index = (rule < self.rule_count()).then(|| RuleIndex::new(rule));
        self.verdicts.verdict_of(index)
    }
}

/// The space of a question, with what can come in it.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) space: Space,
    options: Options,
    everything: Vec<Cube>,
    possible: OnceCell<Possible>,
    /// Resources of the version, for witnesses.
    resources: OnceCell<Vec<KnownResource>>,
    budget: RefCell<Budget>,
}

impl Engine {
    pub(crate) fn new(
        policies: &[&Policy],
        classes: &[&Class],
        options: Options,
    ) -> Result<Self, TooLarge> {
        let space = Space::new(policies, classes)?;
        let everything = [Kind::Resource, Kind::Url]
            .into_iter()
            .flat_map(|kind| everything(&space, kind))
            .collect();
        Ok(Self {
            space,
            options,
            everything,
            possible: OnceCell::new(),
            resources: OnceCell::new(),
            budget: RefCell::new(Budget::new(Budget::QUESTION)),
        })
    }

    /// Limits the effort.
    pub(crate) fn with_budget(self, budget: Budget) -> Self {
        Self {
            budget: RefCell::new(budget),
            ..self
        }
    }

    /// Counts comparisons of two cubes that are made elsewhere.
    pub(crate) fn spend(&self, comparisons: usize) -> Result<(), TooLarge> {
        self.budget.borrow_mut().spend(comparisons)
    }

    fn possible(&self) -> &Possible {
        self.possible.get_or_init(|| Possible::new(&self.space))
    }

    /// Returns the cubes of rules.
    pub(crate) fn rule(&self, rule: &Rule) -> Vec<Cube> {
        self.space.rule(rule)
    }

    /// Returns the cubes of classes; everything if there are none.
    pub(crate) fn scope(&self, classes: &[Class]) -> Vec<Cube> {
        if classes.is_empty() {
            return self.space.class(&Class::default());
        }
        classes
            .iter()
            .flat_map(|class| self.space.class(class))
            .collect()
    }

    /// Returns requests of `base` that the question is about and that no blocker has. `None` if there are none.
    pub(crate) fn find(&self, base: &Cube, blockers: &[&Cube]) -> Result<Option<Cube>, TooLarge> {
        self.find_where(base, blockers, self.options.only_possible)
    }

    /// Returns requests of `base` that no blocker has; only those that can come, or any, of which those that can come are preferred.
    pub(crate) fn find_where(
        &self,
        base: &Cube,
        blockers: &[&Cube],
        only_possible: bool,
    ) -> Result<Option<Cube>, TooLarge> {
        let Some(any) = self.find_any(base, blockers)? else {
            return Ok(None);
        };
        // What can come makes the better example.
        let found = self.find_possible(base, blockers)?;
        Ok(found.or_else(|| (!only_possible).then_some(any)))
    }

    /// Allows the effort of one more question.
    pub(crate) fn renew_budget(&self) {
        *self.budget.borrow_mut() = Budget::new(Budget::QUESTION);
    }

    /// Returns the cube of requests of `base` and of no blocker that has all of `found` and cannot be larger in any attribute.
    pub(crate) fn maximal(
        &self,
        found: Cube,
        base: &Cube,
        blockers: &[&Cube],
    ) -> Result<Cube, TooLarge> {
        maximal(found, base, blockers, &mut self.budget.borrow_mut())
    }

    /// Returns true if the question is about no request of `base` that no blocker has. Faster than [`find`](Self::find).
    pub(crate) fn is_covered(&self, base: &Cube, blockers: &[&Cube]) -> Result<bool, TooLarge> {
        let is_covered = self.find_any(base, blockers)?.is_none();
        if is_covered || !self.options.only_possible {
            return Ok(is_covered);
        }
        Ok(self.find_possible(base, blockers)?.is_none())
    }

    /// Returns true if `base` has a request that no blocker has, whatever the settings; `only_possible` counts those that can come.
    pub(crate) fn has_request(
        &self,
        base: &Cube,
        blockers: &[&Cube],
        only_possible: bool,
    ) -> Result<bool, TooLarge> {
        let found = match only_possible {
            true => self.find_possible(base, blockers)?,
            false => self.find_any(base, blockers)?,
        };
        Ok(found.is_some())
    }

    fn find_possible(&self, base: &Cube, blockers: &[&Cube]) -> Result<Option<Cube>, TooLarge> {
        let possible = self.possible();
        self.budget.borrow_mut().spend(possible.effort(base))?;
        self.find_in(possible.parts(base), base, blockers)
    }

    fn find_any(&self, base: &Cube, blockers: &[&Cube]) -> Result<Option<Cube>, TooLarge> {
        let parts = self.everything.iter().filter_map(|cube| cube.and(base));
        self.find_in(parts, base, blockers)
    }

    fn find_in(
        &self,
        parts: impl Iterator<Item = Cube>,
        base: &Cube,
        blockers: &[&Cube],
    ) -> Result<Option<Cube>, TooLarge> {
        let budget = &mut self.budget.borrow_mut();
        budget.spend(blockers.len())?;
        let near: Vec<&Cube> = blockers
            .iter()
            .copied()
            .filter(|blocker| blocker.intersects(base))
            .collect();
        for part in parts {
            if let Some(found) = Blockers::new(&near).uncovered(part, budget)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Returns which of the blockers suffice to have all requests of `base`, by index. `None` if they do not.
    pub(crate) fn proof(
        &self,
        base: &Cube,
        blockers: &[&Cube],
    ) -> Result<Option<Vec<usize>>, TooLarge> {
        let budget = &mut self.budget.borrow_mut();
        let mut proof = Blockers::for_proof(blockers);
        for part in self.everything.iter().filter_map(|cube| cube.and(base)) {
            if proof.uncovered(part, budget)?.is_some() {
                return Ok(None);
            }
        }
        let used = proof.used().iter().enumerate();
        Ok(Some(
            used.filter(|(_, used)| **used).map(|(at, _)| at).collect(),
        ))
    }

    /// Returns cubes that together have exactly the requests of `base` that the question is about and no blocker has. Each is as large as it can
    /// be, so they overlap; none is within the others.
    pub(crate) fn classes(&self, base: &Cube, blockers: &[&Cube]) -> Result<Vec<Cube>, TooLarge> {
        let near: Vec<&Cube> = blockers
            .iter()
            .copied()
            .filter(|blocker| blocker.intersects(base))
            .collect();
        let mut classes: Vec<Cube> = Vec::new();
        loop {
            let taken: Vec<&Cube> = near.iter().copied().chain(&classes).collect();
            let Some(found) = self.find(base, &taken)? else {
                break;
            };
            if classes.len() == MAX_CLASSES {
                return Err(TooLarge);
            }
            classes.push(maximal(found, base, &near, &mut self.budget.borrow_mut())?);
        }
        self.without_redundant(classes)
    }

    /// Leaves out cubes whose requests the others have.
    pub(crate) fn without_redundant(&self, mut cubes: Vec<Cube>) -> Result<Vec<Cube>, TooLarge> {
        let mut at = 0;
        while at < cubes.len() && cubes.len() > 1 {
            let cube = cubes.remove(at);
            let others: Vec<&Cube> = cubes.iter().collect();
            if !self.is_covered(&cube, &others)? {
                cubes.insert(at, cube);
                at += 1;
            }
        }
        Ok(cubes)
    }

    /// Returns a request of a cube, and whether some URL, method and identity produce it, which it prefers. `None` if the cube is empty.
    pub(crate) fn witness(&self, cube: &Cube) -> Option<(Request, bool)> {
        let resources = self
            .resources
            .get_or_init(|| known_resources(self.options.version).collect());
        let witnesses = Witnesses::new(&self.space, resources);
        if let Some(part) = self.possible().parts(cube).next() {
            return Some((witnesses.request(&part), true));
        }
        let part = self.everything.iter().find_map(|own| own.and(cube))?;
        Some((witnesses.request(&part), false))
    }
}
