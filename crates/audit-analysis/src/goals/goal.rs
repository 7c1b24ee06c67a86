//! Goals, and the requests that they are about.

use audit_policy::Request;

use crate::class::Class;
use crate::cube::Cube;
use crate::engine::Engine;
use crate::goals::effects::Effects;

/// Limit on the effort of one policy, in comparisons of two cubes: seconds.
pub(super) const EFFORT: u64 = 100_000_000;

/// Wanted result for the requests of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Goal {
    /// The requests of any of these classes.
    pub classes: Vec<Class>,
    /// Effects that each of them may have.
    pub allowed: Effects,
    /// True to include requests that rules can distinguish but no URL, method and identity produce.
    pub is_every: bool,
}

impl Goal {
    /// Creates a goal for the requests of some classes that can come.
    pub const fn new(classes: Vec<Class>, allowed: Effects) -> Self {
        Self {
            classes,
            allowed,
            is_every: false,
        }
    }
}

/// Returns the requests of each goal.
pub(super) fn cubes(engine: &Engine, goals: &[Goal]) -> Vec<Vec<Cube>> {
    let of_goal = |goal: &Goal| {
        let classes = goal.classes.iter();
        classes
            .flat_map(|class| engine.space.class(class))
            .collect()
    };
    goals.iter().map(of_goal).collect()
}

/// Returns true if a goal is about a request.
pub(super) fn is_about(goal: &Goal, request: &Request) -> bool {
    goal.classes.iter().any(|class| class.contains(request))
}
