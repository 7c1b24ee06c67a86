//! Effects of many small edits of one policy. What is decided about the policy itself is decided once, and a search is limited to the rules that
//! an edit touches.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use audit_policy::{KubernetesVersion, Policy, Verdict};

use crate::alignment::Alignment;
use crate::class::Class;
use crate::cube::Cube;
use crate::diff::{Change, Difference};
use crate::engine::{Compiled, Engine, Options};
use crate::merge::merged;
use crate::search::TooLarge;

/// A policy whose edits are examined.
///
/// ```
/// use audit_analysis::{ImpactAnalysis, Requests};
/// use audit_policy::{KubernetesVersion, Level, Policy, Rule};
///
/// let mut watches = Rule::new(Level::None);
/// watches.verbs = vec!["watch".to_owned()];
/// let policy = Policy::new(vec![watches, Rule::new(Level::Metadata)]);
/// let analysis = ImpactAnalysis::new(&policy, &[], KubernetesVersion::NEWEST).unwrap();
///
/// let edited = Policy::new(vec![Rule::new(Level::Metadata)]);
/// let edit = analysis.edit(&edited).unwrap();
/// let differs = |before: audit_policy::Verdict, after| !before.has_effect_of(after);
/// let found = analysis.difference(&edit, Requests::Possible, &differs).unwrap().unwrap();
/// assert_eq!(found.witness.verb, "watch");
/// ```
#[derive(Debug)]
pub struct ImpactAnalysis {
    policy: Policy,
    engine: Engine,
    compiled: Compiled,
    scopes: Vec<Vec<Cube>>,
    /// Requests that have a rule as their first match, as far as they were searched.
    reached: RefCell<HashMap<(Requests, usize), Option<Found>>>,
    /// True if a scope has such requests, as far as they were searched.
    reached_in: RefCell<HashMap<(usize, Requests, usize), bool>>,
}

/// Requests that a question about an edit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requests {
    /// Those that some URL, method and identity produce.
    Possible,
    /// All that rules can distinguish.
    All,
}

/// Requests of a cube of a rule.
#[derive(Debug, Clone)]
struct Found {
    cube: Cube,
    base: Cube,
}

/// An edited policy.
#[derive(Debug)]
pub struct Edit {
    compiled: Compiled,
    alignment: Alignment,
    /// The worst losses first.
    meetings: Vec<Meeting>,
}

/// A rule of the policy and one of the edited policy that the same request may have as its first match.
#[derive(Debug)]
struct Meeting {
    before: usize,
    after: usize,
    /// True if the rules have the same requests, and the rules before them are the same.
    is_same: bool,
    /// Requests for which it is known that none of them meets both.
    nothing_in: Cell<Option<Requests>>,
}

impl Meeting {
    fn is_empty(&self, requests: Requests) -> bool {
        match self.nothing_in.get() {
            None => false,
            Some(Requests::All) => true,
            Some(Requests::Possible) => requests == Requests::Possible,
        }
    }
}

impl ImpactAnalysis {
    /// Prepares a policy, and scopes: unions of classes that questions are about.
    ///
    /// # Errors
    ///
    /// Returns an error if there are too many values.
    pub fn new(
        policy: &Policy,
        scopes: &[&[Class]],
        version: KubernetesVersion,
    ) -> Result<Self, TooLarge> {
        let classes: Vec<&Class> = scopes.iter().copied().flatten().collect();
        let options = Options::default().with_version(version);
        let engine = Engine::new(&[policy], &classes, options)?;
        let scopes = scopes.iter().map(|classes| {
            let cubes = classes.iter().flat_map(|class| engine.space.class(class));
            cubes.collect()
        });
        Ok(Self {
            scopes: scopes.collect(),
            compiled: Compiled::new(&engine.space, policy),
            policy: policy.clone(),
            reached: RefCell::default(),
            reached_in: RefCell::default(),
            engine,
        })
    }

    /// Prepares an edited policy. `None` if its rules list a value that the policy does not list.
    pub fn edit(&self, edited: &Policy) -> Option<Edit> {
        let alignment = Alignment::new(&self.policy, edited);
        let window = edited.rules.get(alignment.start..alignment.after_end)?;
        if !window.iter().all(|rule| self.engine.space.lists(rule)) {
            return None;
        }
        let compiled = self.compiled.edited(&self.engine.space, edited, &alignment);
        let mut edit = Edit {
            compiled,
            alignment,
            meetings: Vec::new(),
        };
        let mut meetings = self.meetings(&edit);
        meetings.sort_by_key(|meeting| {
            let (before, after) = self.verdicts(&edit, meeting);
            Change::between(before, after)
        });
        edit.meetings = meetings;
        Some(edit)
    }

    /// Returns the pairs of rules whose requests may get another verdict, with another rule at least.
    fn meetings(&self, edit: &Edit) -> Vec<Meeting> {
        let Alignment {
            start,
            before_end,
            after_end,
        } = edit.alignment;
        let mut meetings = Vec::new();
        for before in self.compiled.outcomes() {
            let others = match (start..before_end).contains(&before) {
                true => start..edit.compiled.rule_count() + 1,
                false if before < start => before..before + 1,
                false => start..after_end,
            };
            let twin = (before >= before_end).then(|| before - before_end + after_end);
            for after in others.chain(twin) {
                let cubes = (self.compiled.of(before), edit.compiled.of(after));
                let is_twin = edit.alignment.before_of(after) == Some(before);
                let is_changed = !self
                    .compiled
                    .verdict(before)
                    .has_effect_of(edit.compiled.verdict(after));
                let meets = |(one, other): (&[Cube], &[Cube])| {
                    one.iter()
                        .any(|cube| other.iter().any(|own| own.intersects(cube)))
                };
                if (is_twin && is_changed) || (!is_twin && meets(cubes)) {
                    meetings.push(Meeting {
                        before,
                        after,
                        is_same: before == after && before <= start && cubes.0 == cubes.1,
                        nothing_in: Cell::new(None),
                    });
                }
            }
        }
        meetings
    }

    fn verdicts(&self, edit: &Edit, meeting: &Meeting) -> (Verdict, Verdict) {
        let before = self.compiled.verdict(meeting.before);
        (before, edit.compiled.verdict(meeting.after))
    }

    /// Returns requests whose verdict changes in a way that is wanted, the worst losses first. The wanted verdicts differ, if only in the rule.
    ///
    /// # Errors
    ///
    /// Returns an error if that takes too long to decide.
    pub fn difference(
        &self,
        edit: &Edit,
        requests: Requests,
        is_wanted: &dyn Fn(Verdict, Verdict) -> bool,
    ) -> Result<Option<Difference>, TooLarge> {
        self.engine.renew_budget();
        let mut other = None;
        for meeting in &edit.meetings {
            let (before, after) = self.verdicts(edit, meeting);
            if meeting.is_empty(requests) || !is_wanted(before, after) {
                continue;
            }
            let Some(found) = self.found(edit, meeting, requests)? else {
                meeting.nothing_in.set(Some(requests));
                continue;
            };
            let blockers = self.blockers(edit, meeting);
            let cube = self.engine.maximal(found.cube, &found.base, &blockers)?;
            for (class, cube) in merged(&self.engine, vec![cube]) {
                let Some((witness, is_producible)) = self.engine.witness(&cube) else {
                    continue;
                };
                let difference = Difference {
                    before,
                    after,
                    class,
                    witness,
                    is_producible,
                };
                if is_producible {
                    return Ok(Some(difference));
                }
                other = other.or(Some(difference));
            }
        }
        Ok(other)
    }

    /// Returns true if the verdict on some request of a scope changes in a way that is wanted. The scope is an index in the list that
    /// [`new`](Self::new) was given.
    ///
    /// # Errors
    ///
    /// Returns an error if that takes too long to decide.
    pub fn changes_in(
        &self,
        edit: &Edit,
        scope: usize,
        requests: Requests,
        is_wanted: &dyn Fn(Verdict, Verdict) -> bool,
    ) -> Result<bool, TooLarge> {
        self.engine.renew_budget();
        for meeting in &edit.meetings {
            let (before, after) = self.verdicts(edit, meeting);
            if !meeting.is_empty(requests)
                && is_wanted(before, after)
                && self.has_in(edit, meeting, scope, requests)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns requests that have both rules as their first match.
    fn found(
        &self,
        edit: &Edit,
        meeting: &Meeting,
        requests: Requests,
    ) -> Result<Option<Found>, TooLarge> {
        let of_rule = self.reached(requests, meeting.before)?;
        if of_rule.is_none() || meeting.is_same {
            return Ok(of_rule);
        }
        let blockers = self.blockers(edit, meeting);
        self.search(self.bases(edit, meeting), &blockers, requests)
    }

    /// Returns true if a scope has requests that have both rules as their first match.
    fn has_in(
        &self,
        edit: &Edit,
        meeting: &Meeting,
        scope: usize,
        requests: Requests,
    ) -> Result<bool, TooLarge> {
        if self.reached(requests, meeting.before)?.is_none() {
            return Ok(false);
        }
        let is_reached = self.is_reached_in(scope, requests, meeting.before)?;
        if !is_reached || meeting.is_same {
            return Ok(is_reached);
        }
        let blockers = self.blockers(edit, meeting);
        let bases = self.within(scope, self.bases(edit, meeting));
        Ok(self.search(bases, &blockers, requests)?.is_some())
    }

    /// Returns what the rules of a meeting have in common.
    fn bases<'e>(
        &'e self,
        edit: &'e Edit,
        meeting: &Meeting,
    ) -> impl Iterator<Item = Cube> + use<'e> {
        let others = edit.compiled.of(meeting.after);
        let own = self.compiled.of(meeting.before).iter();
        own.flat_map(|own| others.iter().filter_map(|other| own.and(other)))
    }

    /// Restricts cubes to a scope.
    fn within(
        &self,
        scope: usize,
        cubes: impl Iterator<Item = Cube>,
    ) -> impl Iterator<Item = Cube> {
        let scope = self.scopes.get(scope).map(Vec::as_slice);
        let scope = scope.unwrap_or_default();
        cubes.flat_map(move |cube| scope.iter().filter_map(move |own| own.and(&cube)))
    }

    /// Returns requests that have a rule of the policy as their first match.
    fn reached(&self, requests: Requests, rule: usize) -> Result<Option<Found>, TooLarge> {
        let key = (requests, rule);
        if let Some(known) = self.reached.borrow().get(&key) {
            return Ok(known.clone());
        }
        let blockers: Vec<&Cube> = self.compiled.before(rule).iter().collect();
        let bases = self.compiled.of(rule).iter().cloned();
        let found = self.search(bases, &blockers, requests)?;
        self.reached.borrow_mut().insert(key, found.clone());
        Ok(found)
    }

    /// Returns true if a scope has requests that have a rule of the policy as their first match.
    fn is_reached_in(
        &self,
        scope: usize,
        requests: Requests,
        rule: usize,
    ) -> Result<bool, TooLarge> {
        let key = (scope, requests, rule);
        if let Some(known) = self.reached_in.borrow().get(&key) {
            return Ok(*known);
        }
        let cubes = self.compiled.of(rule).iter().cloned();
        let bases: Vec<Cube> = self.within(scope, cubes).collect();
        if bases.is_empty() {
            return Ok(false);
        }
        let blockers: Vec<&Cube> = self.compiled.before(rule).iter().collect();
        let is_reached = self
            .search(bases.into_iter(), &blockers, requests)?
            .is_some();
        self.reached_in.borrow_mut().insert(key, is_reached);
        Ok(is_reached)
    }

    fn search(
        &self,
        bases: impl Iterator<Item = Cube>,
        blockers: &[&Cube],
        requests: Requests,
    ) -> Result<Option<Found>, TooLarge> {
        let only_possible = requests == Requests::Possible;
        for base in bases {
            if let Some(cube) = self.engine.find_where(&base, blockers, only_possible)? {
                return Ok(Some(Found { cube, base }));
            }
        }
        Ok(None)
    }

    /// Returns the cubes of all rules before those that meet.
    fn blockers<'e>(&'e self, edit: &'e Edit, meeting: &Meeting) -> Vec<&'e Cube> {
        let own = self.compiled.before(meeting.before).iter();
        let is_new = |other: &usize| {
            let twin = edit.alignment.before_of(*other);
            twin.is_none_or(|twin| twin >= meeting.before)
        };
        let others = (edit.alignment.start..meeting.after).filter(is_new);
        own.chain(others.flat_map(|other| edit.compiled.of(other)))
            .collect()
    }
}
