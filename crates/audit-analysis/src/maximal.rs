//! Largest cubes: a found request is generalized attribute by attribute, so that a class says no more than it must.

use crate::cube::{Cube, Dimension, Literal};
use crate::search::{Budget, TooLarge};

/// Conditions of a cube that can be dropped or widened together.
enum Step {
    Dimension(Dimension),
    Groups,
}

/// The order: who, then which object, then the verb, and what is asked for last, so that it stays concrete.
const STEPS: [Step; 9] = [
    Step::Dimension(Dimension::User),
    Step::Groups,
    Step::Dimension(Dimension::Name),
    Step::Dimension(Dimension::Namespace),
    Step::Dimension(Dimension::Verb),
    Step::Dimension(Dimension::Path),
    Step::Dimension(Dimension::Subresource),
    Step::Dimension(Dimension::Resource),
    Step::Dimension(Dimension::ApiGroup),
];

/// Returns a cube of requests of `base` and of none of the blockers that has all of `start` and cannot be larger in any attribute.
///
/// `start` must be within `base` and have no request of a blocker. A blocker must have one list of groups at most, as those of rules do.
pub(crate) fn maximal(
    start: Cube,
    base: &Cube,
    blockers: &[&Cube],
    budget: &mut Budget,
) -> Result<Cube, TooLarge> {
    let mut cube = start;
    // Only these can be met by growing within the base.
    budget.spend(blockers.len())?;
    let near: Vec<&Cube> = blockers
        .iter()
        .copied()
        .filter(|blocker| blocker.intersects(base))
        .collect();
    for step in STEPS {
        budget.spend(near.len())?;
        match step {
            Step::Dimension(dimension) => grow(&mut cube, base, &near, dimension),
            Step::Groups => grow_groups(&mut cube, base, &near),
        }
    }
    Ok(cube)
}

fn grow(cube: &mut Cube, base: &Cube, blockers: &[&Cube], dimension: Dimension) {
    if cube.set(dimension) == base.set(dimension) {
        return;
    }
    let mut allowed = base.set(dimension).cloned();
    for blocker in blockers {
        if !blocker.intersects_except(cube, Some(Literal::Set(dimension))) {
            continue;
        }
        // A blocker without a condition here would have requests in the cube as it is.
        if let Some(blocked) = blocker.set(dimension) {
            allowed = Some(match allowed {
                Some(allowed) => allowed.minus(blocked),
                None => blocked.complement(),
            });
        }
    }
    cube.replace(dimension, allowed);
}

fn grow_groups(cube: &mut Cube, base: &Cube, blockers: &[&Cube]) {
    let mut grown = base.clone();
    for blocker in blockers {
        if !blocker.intersects_except(cube, Some(Literal::NoGroups)) {
            continue;
        }
        // The cube has users outside of the blocker's groups, and within those of the base.
        let kept = blocker
            .groups
            .iter()
            .try_fold(grown.clone(), |grown, groups| grown.outside_groups(groups));
        let Some(kept) = kept else {
            return;
        };
        grown = kept;
    }
    cube.groups = grown.groups;
    cube.no_groups = grown.no_groups;
}
