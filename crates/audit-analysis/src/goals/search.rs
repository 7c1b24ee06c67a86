//! The search for a list of rules.
//!
//! A *candidate* is the shape of a rule. It is *fitting* if one effect is allowed for each of its requests that no earlier rule matches. Taking any
//! fitting candidate as the next rule is safe: the rest of a list that works also works for the requests that are left. So the search takes candidates
//! until none is left to decide, and adds the common parts of candidates if none fits.

use std::collections::{HashMap, HashSet};

use audit_policy::{KubernetesVersion, Policy, Rule, Verdict};
use audit_types::{Level, Stage, StageSet};

use crate::cube::{Cube, Kind};
use crate::engine::Engine;
use crate::goals::bases::Bases;
use crate::goals::effects::{Effects, Order, Preferred};
use crate::goals::goal::Goal;
use crate::goals::shape::Shape;
use crate::goals::unmet::Unmet;
use crate::search::TooLarge;

/// Maximum number of candidates.
const MAX_CANDIDATES: usize = 4_000;

/// First version that accepts `*` as an API group.
const ANY_GROUP_SINCE: u8 = 36;

/// A policy before it is simplified.
pub(super) struct Found {
    pub(super) policy: Policy,
    pub(super) is_exact: bool,
}

/// Searches a policy that meets goals, which do not contradict each other.
pub(super) fn search(
    engine: &Engine,
    goals: &[Goal],
    cubes: &[Vec<Cube>],
    preferred: Preferred,
    version: KubernetesVersion,
) -> Result<Found, Unmet> {
    let mut search = Search::new(engine, goals, cubes, preferred, version)?;
    loop {
        match search.take_exact()? {
            Step::Done => break,
            Step::Taken => continue,
            Step::Stuck => {}
        }
        if search.add_parts()? {
            continue;
        }
        if !search.take_any()? {
            return Err(match search.is_cut {
                true => TooLarge.into(),
                false => Unmet::NotExpressible,
            });
        }
    }
    Ok(Found {
        policy: policy(&search.rules, goals),
        is_exact: search.is_exact,
    })
}

enum Step {
    /// All requests are decided.
    Done,
    /// Rules were added.
    Taken,
    /// No candidate fits.
    Stuck,
}

/// A rule that may be next.
struct Candidate {
    shape: Shape,
    rule: Rule,
    cubes: Vec<Cube>,
    /// Goals about requests of the shape, by index.
    goals: Vec<usize>,
    /// Number of bases whose common parts with the shape are candidates.
    refined: usize,
}

/// A shape from which candidates are made.
struct Base {
    shape: Shape,
    cubes: Vec<Cube>,
}

struct Search<'g> {
    engine: &'g Engine,
    goals: &'g [Goal],
    goal_cubes: &'g [Vec<Cube>],
    order: Order,
    has_any_group: bool,
    /// Sorted by weight, the smallest first.
    candidates: Vec<Candidate>,
    seen: HashSet<Shape>,
    bases: Vec<Base>,
    /// Added to the bases when nothing else helps.
    literals: Vec<Shape>,
    /// For each rank of an effect, what has to have all requests of a candidate that has it: sets of goals, by index.
    better: HashMap<usize, Vec<Vec<usize>>>,
    covered: Vec<Cube>,
    rules: Vec<(Rule, Verdict)>,
    is_exact: bool,
    /// True if there are more candidates than the limit.
    is_cut: bool,
}

impl<'g> Search<'g> {
    fn new(
        engine: &'g Engine,
        goals: &'g [Goal],
        goal_cubes: &'g [Vec<Cube>],
        preferred: Preferred,
        version: KubernetesVersion,
    ) -> Result<Self, TooLarge> {
        let mut bases = Bases::default();
        for class in goals.iter().flat_map(|goal| &goal.classes) {
            let cubes = engine.space.class(class);
            let kinds: Vec<Kind> = cubes.iter().map(|cube| cube.kind).collect();
            bases.add(class, &kinds);
        }
        let mut literals = vec![Shape::of_kind(Kind::Resource), Shape::of_kind(Kind::Url)];
        literals.extend(bases.literals);
        let mut search = Self {
            engine,
            goals,
            goal_cubes,
            order: Order::new(preferred),
            has_any_group: version.at_least(ANY_GROUP_SINCE),
            candidates: Vec::new(),
            seen: HashSet::new(),
            bases: Vec::new(),
            literals,
            better: HashMap::new(),
            covered: Vec::new(),
            rules: Vec::new(),
            is_exact: true,
            is_cut: false,
        };
        search.add(Shape::default())?;
        for shape in bases.regions {
            search.add_base(shape.clone());
            search.add(shape)?;
        }
        search.sort();
        Ok(search)
    }

    fn add_base(&mut self, shape: Shape) {
        let rule = shape.rule(self.has_any_group);
        let cubes = self.engine.rule(&rule);
        self.bases.push(Base { shape, cubes });
    }

    fn sort(&mut self) {
        self.candidates
            .sort_by_key(|candidate| candidate.shape.weight());
    }

    /// Adds a candidate, unless there is an equal one, or nothing that it could decide.
    fn add(&mut self, shape: Shape) -> Result<bool, TooLarge> {
        if self.candidates.len() >= MAX_CANDIDATES {
            self.is_cut = true;
            return Ok(false);
        }
        if !self.seen.insert(shape.sorted()) {
            return Ok(false);
        }
        let rule = shape.rule(self.has_any_group);
        let cubes = self.engine.rule(&rule);
        let compared = self.goal_cubes.iter().map(Vec::len).sum::<usize>();
        self.engine.spend(compared.saturating_mul(cubes.len()))?;
        let is_about = |own: &[Cube]| {
            own.iter()
                .any(|own| cubes.iter().any(|cube| own.intersects(cube)))
        };
        let goals = self.goal_cubes.iter().enumerate();
        let goals = goals.filter(|(_, own)| is_about(own)).map(|(at, _)| at);
        let candidate = Candidate {
            goals: goals.collect(),
            shape,
            rule,
            cubes,
            refined: 0,
        };
        let is_open = self.is_open(&candidate)?;
        if is_open {
            self.candidates.push(candidate);
        }
        Ok(is_open)
    }

    fn covered(&self) -> Vec<&'_ Cube> {
        self.covered.iter().collect()
    }

    /// Returns true if a candidate has a request that no rule has yet.
    fn is_open(&self, candidate: &Candidate) -> Result<bool, TooLarge> {
        let covered = self.covered();
        for cube in &candidate.cubes {
            if self.engine.has_request(cube, &covered, true)? {
                return Ok(true);
            }
        }
        for goal in &candidate.goals {
            if self.goals.get(*goal).is_some_and(|goal| goal.is_every)
                && self.has_open(candidate, *goal)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns true if a candidate has a request that a goal is about and that no rule has yet.
    fn has_open(&self, candidate: &Candidate, goal: usize) -> Result<bool, TooLarge> {
        let covered = self.covered();
        let own = self.goal_cubes.get(goal).map(Vec::as_slice);
        let only_possible = self.goals.get(goal).is_none_or(|goal| !goal.is_every);
        for cube in &candidate.cubes {
            for other in own.unwrap_or_default() {
                if let Some(base) = cube.and(other)
                    && self.engine.has_request(&base, &covered, only_possible)?
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Returns the rank of the first effect that is allowed for all open requests of a candidate. `None` if there is none.
    fn allowed(&self, candidate: &Candidate) -> Result<Option<usize>, TooLarge> {
        let mut allowed = Effects::ALL;
        for index in &candidate.goals {
            let Some(goal) = self.goals.get(*index) else {
                continue;
            };
            if !allowed.is_within(goal.allowed) && self.has_open(candidate, *index)? {
                allowed = allowed.and(goal.allowed);
                if allowed.is_empty() {
                    return Ok(None);
                }
            }
        }
        Ok(self.order.first(allowed))
    }

    /// Returns true if the effect of a rank is the first allowed one for each open request of a candidate that can come.
    fn is_exact(&mut self, candidate: usize, rank: usize) -> Result<bool, TooLarge> {
        let sets = self.better(rank);
        let Some(candidate) = self.candidates.get(candidate) else {
            return Ok(false);
        };
        for set in sets {
            let excluded = set.iter().filter_map(|goal| self.goal_cubes.get(*goal));
            let blockers: Vec<&Cube> = self.covered.iter().chain(excluded.flatten()).collect();
            for cube in &candidate.cubes {
                if self.engine.has_request(cube, &blockers, true)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Returns for each better effect the goals that exclude it, without sets that have another one.
    fn better(&mut self, rank: usize) -> Vec<Vec<usize>> {
        if let Some(sets) = self.better.get(&rank) {
            return sets.clone();
        }
        let mut sets: Vec<Vec<usize>> = Vec::new();
        for better in 0..rank {
            let goals = self.goals.iter().enumerate();
            let excludes = |goal: &Goal| !self.order.is_in(better, goal.allowed);
            let set: Vec<usize> = goals
                .filter(|(_, goal)| excludes(goal))
                .map(|(at, _)| at)
                .collect();
            let has = |set: &[usize], other: &[usize]| other.iter().all(|at| set.contains(at));
            if !sets.iter().any(|other| has(&set, other)) {
                sets.retain(|other| !has(other, &set));
                sets.push(set);
            }
        }
        self.better.insert(rank, sets.clone());
        sets
    }

    /// Takes candidates whose effect is the first allowed one for each request. Those with the preferred effect only if there are no others: they
    /// may not be needed.
    fn take_exact(&mut self) -> Result<Step, TooLarge> {
        let mut is_taken = false;
        let mut preferred = None;
        let mut at = 0;
        while let Some(candidate) = self.candidates.get(at) {
            if !self.is_open(candidate)? {
                self.candidates.remove(at);
                continue;
            }
            let rank = self.allowed(candidate)?;
            let is_everything = candidate.shape == Shape::default();
            at += 1;
            let Some(rank) = rank else {
                continue;
            };
            if !self.is_exact(at - 1, rank)? {
                continue;
            }
            if is_everything {
                self.finish(rank);
                return Ok(Step::Done);
            }
            if rank == 0 {
                preferred = preferred.or(Some(at - 1));
            } else {
                at -= 1;
                self.take(at, rank);
                is_taken = true;
            }
        }
        // Without an open request, the candidate for all of them is gone.
        if self.candidates.is_empty() {
            return Ok(Step::Done);
        }
        if let Some(at) = preferred.filter(|_| !is_taken) {
            self.take(at, 0);
            is_taken = true;
        }
        Ok(match is_taken {
            true => Step::Taken,
            false => Step::Stuck,
        })
    }

    /// Makes a candidate the next rule.
    fn take(&mut self, at: usize, rank: usize) {
        if at < self.candidates.len() {
            let candidate = self.candidates.remove(at);
            self.covered.extend(candidate.cubes);
            self.rules.push((candidate.rule, self.order.verdict(rank)));
        }
    }

    /// Decides all requests that are left. Requests that no rule matches are not recorded, which needs no rule.
    fn finish(&mut self, rank: usize) {
        let verdict = self.order.verdict(rank);
        if verdict.level != Level::None || verdict.omit_managed_fields {
            self.rules.push((Shape::default().rule(true), verdict));
        }
    }

    /// Adds common parts of candidates and bases. Returns false if there are no new ones.
    fn add_parts(&mut self) -> Result<bool, TooLarge> {
        loop {
            let mut new = Vec::new();
            for candidate in &mut self.candidates {
                let bases = self.bases.iter().skip(candidate.refined);
                let is_part = |base: &&Base| {
                    let mut cubes = candidate.cubes.iter();
                    cubes.any(|own| base.cubes.iter().any(|cube| own.intersects(cube)))
                };
                new.extend(
                    bases
                        .filter(is_part)
                        .flat_map(|base| candidate.shape.and(&base.shape)),
                );
                candidate.refined = self.bases.len();
                if new.len() > MAX_CANDIDATES {
                    break;
                }
            }
            let mut is_added = false;
            for shape in new {
                is_added |= self.add(shape)?;
            }
            if is_added {
                self.sort();
                return Ok(true);
            }
            if self.literals.is_empty() {
                return Ok(false);
            }
            for shape in std::mem::take(&mut self.literals) {
                self.add_base(shape);
            }
        }
    }

    /// Takes the smallest candidate that fits, though it has requests that could have a better effect. Returns false if there is none.
    fn take_any(&mut self) -> Result<bool, TooLarge> {
        for at in (0..self.candidates.len()).rev() {
            let Some(candidate) = self.candidates.get(at) else {
                continue;
            };
            if let Some(rank) = self.allowed(candidate)? {
                self.is_exact = false;
                self.take(at, rank);
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Returns the policy with what all rules omit as its own.
fn policy(rules: &[(Rule, Verdict)], goals: &[Goal]) -> Policy {
    let recorded = || {
        rules
            .iter()
            .filter(|(_, verdict)| verdict.level != Level::None)
    };
    let is_shared = |stage: &Stage| recorded().all(|(_, own)| own.omit_stages.contains(*stage));
    let shared: StageSet = match recorded().next() {
        Some(_) => Stage::ALL.into_iter().filter(is_shared).collect(),
        None => StageSet::default(),
    };
    // The policy's own setting is also that of requests that are not recorded.
    let unrecorded =
        |omit: bool| Effects::of(|own| own.level == Level::None && own.omit_managed_fields == omit);
    let is_free = |goal: &Goal| {
        let is_allowed = |omit| !unrecorded(omit).and(goal.allowed).is_empty();
        is_allowed(true) == is_allowed(false)
    };
    let omits = recorded().next().is_some()
        && recorded().all(|(_, own)| own.omit_managed_fields)
        && goals.iter().all(is_free);
    let rule = |(rule, verdict): &(Rule, Verdict)| {
        let is_recorded = verdict.level != Level::None;
        let mut rule = rule.clone();
        rule.level = verdict.level;
        let own = verdict.omit_stages.iter();
        let own = own.filter(|stage| is_recorded && !shared.contains(*stage));
        rule.omit_stages = own.collect();
        rule.omit_managed_fields = (verdict.omit_managed_fields && !omits).then_some(true);
        rule
    };
    let mut policy = Policy::new(rules.iter().map(rule).collect());
    policy.omit_stages = shared.iter().collect();
    policy.omit_managed_fields = omits;
    if policy.rules.is_empty() {
        policy.rules.push(Rule::new(Level::None));
    }
    policy
}
