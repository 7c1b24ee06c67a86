//! Goals about the requests that a rule decides.

use audit_policy::Policy;

use crate::class::Class;
use crate::cube::Cube;
use crate::engine::{Compiled, Engine, Options};
use crate::goals::goal::{EFFORT, Goal, cubes};
use crate::search::{Budget, TooLarge};

/// Returns for each rule the goals that are about a request that it decides, by index, and last those about a request that no rule matches.
///
/// # Errors
///
/// Returns an error if that takes too long.
pub fn decided(
    policy: &Policy,
    goals: &[Goal],
    options: Options,
) -> Result<Vec<Vec<usize>>, TooLarge> {
    let classes: Vec<&Class> = goals.iter().flat_map(|goal| &goal.classes).collect();
    let engine = Engine::new(&[policy], &classes, options)?.with_budget(Budget::new(EFFORT));
    let compiled = Compiled::new(&engine.space, policy);
    let cubes = cubes(&engine, goals);
    let mut all = Vec::new();
    for rule in compiled.outcomes() {
        let earlier: Vec<&Cube> = compiled.before(rule).iter().collect();
        let mut about = Vec::new();
        for (index, (goal, own)) in goals.iter().zip(&cubes).enumerate() {
            let of_rule = compiled.of(rule).iter();
            let mut bases = of_rule.flat_map(|cube| own.iter().filter_map(|other| cube.and(other)));
            let is_decided = bases.try_fold(false, |found, base| -> Result<bool, TooLarge> {
                Ok(found || engine.has_request(&base, &earlier, !goal.is_every)?)
            })?;
            if is_decided {
                about.push(index);
            }
        }
        all.push(about);
    }
    Ok(all)
}
