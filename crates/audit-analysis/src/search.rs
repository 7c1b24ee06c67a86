//! The search on which every answer rests: is there a request in a cube that none of some other cubes has?
//!
//! The general question is as hard as any (NP-complete), but policies are not: nearly every cube of a policy has one or two conditions that
//! are still open once the others are met, and a cube with one open condition leaves no choice. What is left is split on the conditions of the
//! cube with the fewest. A budget ends what takes too long, and the answer is then "too large to decide".

use std::rc::Rc;

use crate::cube::{Cube, Literal};

/// Error of a question that takes too long to decide exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} (help: {})", TooLarge::MESSAGE, TooLarge::HELP)]
#[non_exhaustive]
pub struct TooLarge;

impl TooLarge {
    /// The problem, in lowercase.
    pub const MESSAGE: &str = "too large to decide";
    /// The remedy.
    pub const HELP: &str = "ask about fewer rules or a narrower class of requests";
}

/// Limit on the effort of one question, in comparisons of two cubes.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    left: u64,
}

impl Budget {
    /// Comparisons for one question. Policies of 1,000 rules need a tenth of it, and all of it takes seconds.
    pub(crate) const QUESTION: u64 = 100_000_000;

    pub(crate) const fn new(comparisons: u64) -> Self {
        Self { left: comparisons }
    }

    pub(crate) fn spend(&mut self, comparisons: usize) -> Result<(), TooLarge> {
        let comparisons = u64::try_from(comparisons).map_err(|_| TooLarge)?;
        self.left = self.left.checked_sub(comparisons).ok_or(TooLarge)?;
        Ok(())
    }
}

/// Cubes that a searched request must not be in, with those that a proof used.
#[derive(Debug)]
pub(crate) struct Blockers<'c> {
    cubes: &'c [&'c Cube],
    used: Vec<bool>,
    /// True to use few blockers: after each one that leaves no choice, the first ones come first again, which takes longer.
    is_proof: bool,
}

/// A part of the cube that is searched, and the blockers that have requests in it.
struct Part {
    cube: Cube,
    blockers: Rc<Vec<usize>>,
}

/// Rest of a cube that blockers take requests from.
struct Rest {
    cube: Cube,
    /// True if it is smaller than before, so that blockers found before may have no request in it, or leave no choice.
    is_narrowed: bool,
}

impl<'c> Blockers<'c> {
    pub(crate) fn new(cubes: &'c [&'c Cube]) -> Self {
        Self {
            used: vec![false; cubes.len()],
            cubes,
            is_proof: false,
        }
    }

    /// Like [`new`](Self::new), for a proof whose blockers are named.
    pub(crate) fn for_proof(cubes: &'c [&'c Cube]) -> Self {
        Self {
            is_proof: true,
            ..Self::new(cubes)
        }
    }

    /// Returns a part of the cube, not empty, of which no blocker has a request. `None` if the blockers together have all of it; then
    /// [`used`](Self::used) has some that suffice for that.
    pub(crate) fn uncovered(
        &mut self,
        cube: Cube,
        budget: &mut Budget,
    ) -> Result<Option<Cube>, TooLarge> {
        let mut open = vec![Part {
            cube,
            blockers: Rc::new((0..self.cubes.len()).collect()),
        }];
        while let Some(part) = open.pop() {
            if let Some(found) = self.narrow(part, &mut open, budget)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Returns which blockers were used to show that a cube is covered, in the order given.
    pub(crate) fn used(&self) -> &[bool] {
        &self.used
    }

    /// Returns the part if no blocker is in it. Otherwise, adds what is left of it, in smaller parts.
    fn narrow(
        &mut self,
        part: Part,
        open: &mut Vec<Part>,
        budget: &mut Budget,
    ) -> Result<Option<Cube>, TooLarge> {
        let Part { mut cube, blockers } = part;
        let mut blockers = blockers;
        loop {
            budget.spend(blockers.len())?;
            let Some((rest, inside)) = self.without_choice(cube, &blockers) else {
                return Ok(None);
            };
            cube = rest.cube;
            if inside.is_empty() {
                return Ok(Some(cube));
            }
            if rest.is_narrowed {
                blockers = Rc::new(inside);
                continue;
            }
            let Some((at, literals)) = self.fewest_open(&cube, &inside) else {
                return Ok(None);
            };
            self.mark(at);
            let Some(blocker) = self.cube(at) else {
                return Ok(None);
            };
            let inside = Rc::new(inside);
            match literals.as_slice() {
                [] => return Ok(None),
                [literal] => {
                    let Some(rest) = cube.excluded(blocker, *literal) else {
                        return Ok(None);
                    };
                    cube = rest;
                    blockers = inside;
                }
                literals => {
                    split(cube, blocker, literals, &inside, open);
                    return Ok(None);
                }
            }
        }
    }

    /// Returns the blockers with requests in a cube, and what is left of the cube outside of those that leave no choice; `None` if that is nothing. For
    /// a proof, the cube stays.
    fn without_choice(&mut self, mut cube: Cube, blockers: &[usize]) -> Option<(Rest, Vec<usize>)> {
        let (mut inside, mut is_narrowed) = (Vec::new(), false);
        for at in blockers.iter().copied() {
            let Some(blocker) = self.cube(at).filter(|blocker| blocker.intersects(&cube)) else {
                continue;
            };
            if self.is_proof || cube.count_open(blocker, 2) > 1 {
                inside.push(at);
                continue;
            }
            self.mark(at);
            let literal = blocker
                .literals()
                .find(|literal| !cube.implies(blocker, *literal))?;
            cube = cube.excluded(blocker, literal)?;
            is_narrowed = true;
        }
        Some((Rest { cube, is_narrowed }, inside))
    }

    fn cube(&self, at: usize) -> Option<&'c Cube> {
        self.cubes.get(at).copied()
    }

    fn mark(&mut self, at: usize) {
        if let Some(used) = self.used.get_mut(at) {
            *used = true;
        }
    }

    /// Returns the blocker with the fewest conditions that the cube does not imply, and those conditions.
    fn fewest_open(&self, cube: &Cube, inside: &[usize]) -> Option<(usize, Vec<Literal>)> {
        let mut best: Option<usize> = None;
        let mut fewest = usize::MAX;
        for at in inside {
            let Some(blocker) = self.cube(*at) else {
                continue;
            };
            let open = cube.count_open(blocker, fewest);
            if open < fewest {
                fewest = open;
                best = Some(*at);
                if open < 2 {
                    break;
                }
            }
        }
        let at = best?;
        let blocker = self.cube(at)?;
        let literals = blocker.literals();
        let open = literals.filter(|literal| !cube.implies(blocker, *literal));
        Some((at, open.collect()))
    }
}

/// Adds the parts of a cube that do not meet all conditions of a blocker. They have no request in common.
fn split(
    cube: Cube,
    blocker: &Cube,
    literals: &[Literal],
    inside: &Rc<Vec<usize>>,
    open: &mut Vec<Part>,
) {
    let first = open.len();
    let mut rest = Some(cube);
    for literal in literals {
        let Some(cube) = rest else {
            break;
        };
        if let Some(outside) = cube.clone().excluded(blocker, *literal) {
            open.push(Part {
                cube: outside,
                blockers: Rc::clone(inside),
            });
        }
        rest = cube.restricted(blocker, *literal);
    }
    // The first part is searched first.
    if let Some(added) = open.get_mut(first..) {
        added.reverse();
    }
}
