//! Classes for cubes, with fewer of them where two say the same of requests for resources and for URLs.

use crate::class::Class;
use crate::cube::{Cube, Dimension, Kind};
use crate::engine::Engine;

/// Returns classes that have the requests of the cubes, each with a cube in it.
pub(crate) fn merged(engine: &Engine, cubes: Vec<Cube>) -> Vec<(Class, Cube)> {
    let mut rest = cubes;
    let mut classes = Vec::new();
    while !rest.is_empty() {
        let cube = rest.remove(0);
        let twin = rest.iter().position(|other| are_twins(&cube, other));
        if let Some(at) = twin {
            rest.remove(at);
            classes.push((engine.space.describe_subjects(&cube), cube));
        } else {
            for class in engine.space.describe(&cube) {
                let part = part_of(engine, &cube, &class);
                classes.push((class, part));
            }
        }
    }
    classes
}

/// Returns the cube of a class that is a part of a cube.
fn part_of(engine: &Engine, cube: &Cube, class: &Class) -> Cube {
    let parts = engine.space.class(class);
    parts
        .into_iter()
        .find_map(|part| part.and(cube))
        .unwrap_or_else(|| cube.clone())
}

/// Returns true if one cube has requests for resources, the other for URLs, and they have the same conditions on users, groups and verbs and
/// no others.
fn are_twins(one: &Cube, other: &Cube) -> bool {
    one.kind != other.kind
        && Dimension::ALL.into_iter().all(|dimension| match dimension {
            Dimension::User | Dimension::Verb => one.set(dimension) == other.set(dimension),
            _ => one.set(dimension).is_none() && other.set(dimension).is_none(),
        })
        && one.no_groups == other.no_groups
        && one.groups == other.groups
        && matches!(one.kind, Kind::Resource | Kind::Url)
}
