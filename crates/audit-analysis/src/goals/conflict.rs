//! Goals that no policy meets together: some request is in all of their classes, and no effect is allowed by all of them.

use audit_policy::Request;

use crate::cube::Cube;
use crate::engine::Engine;
use crate::goals::effects::Effects;
use crate::goals::goal::{Goal, is_about};
use crate::goals::unmet::{Conflict, Unmet};
use crate::search::TooLarge;

/// Maximum number of conflicts that are returned.
const MAX_CONFLICTS: usize = 20;

/// Maximum number of pairs of goals that are compared.
const MAX_PAIRS: usize = 100_000;

/// Returns an error if a goal is about nothing, or if goals contradict each other.
pub(super) fn check(engine: &Engine, goals: &[Goal], cubes: &[Vec<Cube>]) -> Result<(), Unmet> {
    if goals.len().saturating_mul(goals.len()) / 2 > MAX_PAIRS {
        return Err(TooLarge.into());
    }
    for (index, (goal, own)) in goals.iter().zip(cubes).enumerate() {
        let mut is_empty = true;
        for cube in own {
            is_empty = is_empty && !engine.has_request(cube, &[], !goal.is_every)?;
        }
        if is_empty {
            return Err(Unmet::Empty(index));
        }
    }
    let mut found = pairs(engine, goals, cubes)?;
    if found.is_empty() {
        let parts = Parts::new(goals, cubes);
        found.extend(parts.search(engine, goals)?);
    }
    match found.is_empty() {
        true => Ok(()),
        false => Err(Unmet::Contradictory(found)),
    }
}

/// Returns conflicts of one goal and of two.
fn pairs(engine: &Engine, goals: &[Goal], cubes: &[Vec<Cube>]) -> Result<Vec<Conflict>, TooLarge> {
    let mut found = Vec::new();
    for (first, one) in goals.iter().enumerate() {
        for (second, other) in goals.iter().enumerate().skip(first) {
            let is_alone = first == second;
            // A goal that nothing can meet contradicts each other one.
            let is_conflict = one.allowed.and(other.allowed).is_empty()
                && (is_alone || !(one.allowed.is_empty() || other.allowed.is_empty()));
            let (Some(own), Some(others)) = (cubes.get(first), cubes.get(second)) else {
                continue;
            };
            if !is_conflict || found.len() >= MAX_CONFLICTS {
                continue;
            }
            let is_every = one.is_every && other.is_every;
            if let Some((witness, is_producible)) = common(engine, &both(own, others), is_every)? {
                let goals = match is_alone {
                    true => vec![first],
                    false => vec![first, second],
                };
                found.push(Conflict {
                    goals,
                    witness,
                    is_producible,
                });
            }
        }
    }
    Ok(found)
}

/// Returns what two unions of cubes have in common.
fn both(own: &[Cube], others: &[Cube]) -> Vec<Cube> {
    own.iter()
        .flat_map(|one| others.iter().filter_map(|other| one.and(other)))
        .collect()
}

/// Returns a request of one of the cubes.
fn common(
    engine: &Engine,
    cubes: &[Cube],
    is_every: bool,
) -> Result<Option<(Request, bool)>, TooLarge> {
    for cube in cubes {
        if let Some(found) = engine.find_where(cube, &[], !is_every)? {
            return Ok(engine.witness(&found));
        }
    }
    Ok(None)
}

/// Goals with the same effects as one.
struct Parts {
    parts: Vec<(Effects, bool, Vec<Cube>)>,
}

impl Parts {
    fn new(goals: &[Goal], cubes: &[Vec<Cube>]) -> Self {
        let mut parts: Vec<(Effects, bool, Vec<Cube>)> = Vec::new();
        for (goal, own) in goals.iter().zip(cubes) {
            let is_same = |part: &&mut (Effects, bool, Vec<Cube>)| {
                (part.0, part.1) == (goal.allowed, goal.is_every)
            };
            match parts.iter_mut().find(is_same) {
                Some((_, _, cubes)) => cubes.extend(own.iter().cloned()),
                None => parts.push((goal.allowed, goal.is_every, own.clone())),
            }
        }
        Self { parts }
    }

    /// Searches a request for which no effect is left.
    fn search(&self, engine: &Engine, goals: &[Goal]) -> Result<Option<Conflict>, TooLarge> {
        for (at, (allowed, is_every, cubes)) in self.parts.iter().enumerate() {
            for cube in cubes {
                let open = (*allowed, *is_every, cube.clone());
                if let Some(found) = self.extend(engine, at + 1, &open)? {
                    return Ok(Some(minimal(goals, found)));
                }
            }
        }
        Ok(None)
    }

    fn extend(
        &self,
        engine: &Engine,
        from: usize,
        open: &(Effects, bool, Cube),
    ) -> Result<Option<(Request, bool)>, TooLarge> {
        let (allowed, is_every, cube) = open;
        if allowed.is_empty() {
            return common(engine, std::slice::from_ref(cube), *is_every);
        }
        for (at, (others, other_every, cubes)) in self.parts.iter().enumerate().skip(from) {
            let left = allowed.and(*others);
            if left == *allowed {
                continue;
            }
            for part in cubes.iter().filter_map(|other| cube.and(other)) {
                let next = (left, *is_every && *other_every, part);
                if !engine.has_request(&next.2, &[], !next.1)? {
                    continue;
                }
                if let Some(found) = self.extend(engine, at + 1, &next)? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }
}

/// Returns the conflict that a request shows, without the goals that it does not need.
fn minimal(goals: &[Goal], (witness, is_producible): (Request, bool)) -> Conflict {
    let counts = |goal: &Goal| is_producible || goal.is_every;
    let indexed = goals.iter().enumerate();
    let mut about: Vec<usize> = indexed
        .filter(|(_, goal)| counts(goal) && is_about(goal, &witness))
        .map(|(index, _)| index)
        .collect();
    let left = |about: &[usize]| {
        let goals = about.iter().filter_map(|index| goals.get(*index));
        goals.fold(Effects::ALL, |left, goal| left.and(goal.allowed))
    };
    let mut at = 0;
    while at < about.len() {
        let index = about.remove(at);
        if !left(&about).is_empty() {
            about.insert(at, index);
            at += 1;
        }
    }
    Conflict {
        goals: about,
        witness,
        is_producible,
    }
}
