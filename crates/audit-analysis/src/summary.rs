//! Differences for people: what changes in the same way, in as few classes as possible, whatever rules decide.

use audit_policy::{Policy, Request, Verdict};

use crate::class::Class;
use crate::cube::{Cube, Dimension};
use crate::diff::{Change, Difference};
use crate::engine::{Engine, Options};
use crate::merge::merged;
use crate::search::TooLarge;

/// Requests that change in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Loss or gain.
    pub change: Change,
    /// The requests. Classes overlap.
    pub class: Class,
    /// The differences that have requests of the class, by their index.
    pub differences: Vec<usize>,
    /// A request of the class, and of the first of these differences.
    pub witness: Request,
    /// True if some URL, method and identity produce the witness. If not, none produce any request of the class.
    pub is_producible: bool,
}

/// Combines differences of two policies that lose or gain the same way and have the same verdict after it, ignoring rules: together, the classes
/// have exactly the requests of the differences.
///
/// ```
/// use audit_analysis::{Options, diff, summarize};
/// use audit_policy::{KubernetesVersion, load};
///
/// let policy = |rules: &str| {
///     let source = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rules}");
///     load(source.as_bytes(), KubernetesVersion::NEWEST).policy.unwrap()
/// };
/// let rules = "- {level: Request, verbs: [create]}\n- level: Metadata\n";
/// let before = policy(rules);
/// let after = policy(&format!("- {{level: None, users: [ci]}}\n{rules}"));
/// let differences = diff(&before, &after, &[], Options::default()).unwrap();
/// let summaries = summarize(&before, &after, &differences, Options::default()).unwrap();
/// assert_eq!(differences.len(), 2);
/// assert_eq!((summaries.len(), summaries[0].class.words().as_str()), (1, "any request by `ci`"));
/// ```
///
/// # Errors
///
/// Returns an error if that takes too long.
pub fn summarize(
    before: &Policy,
    after: &Policy,
    differences: &[Difference],
    options: Options,
) -> Result<Vec<Summary>, TooLarge> {
    let engine = Engine::new(&[before, after], &[], options)?;
    let mut groups: Vec<(Change, Verdict, Vec<usize>)> = Vec::new();
    for (at, difference) in differences.iter().enumerate() {
        let (change, after) = (difference.change(), difference.after);
        let is_same = |(own, verdict, _): &&mut (Change, Verdict, Vec<usize>)| {
            *own == change && verdict.has_effect_of(after)
        };
        match groups.iter_mut().find(is_same) {
            Some((_, _, members)) => members.push(at),
            None => groups.push((change, after, vec![at])),
        }
    }
    let mut summaries = Vec::new();
    for (change, _, members) in groups {
        let cubes_of = |at: &usize| -> Vec<Cube> {
            let class = differences.get(*at).map(|difference| &difference.class);
            class.map_or_else(Vec::new, |class| engine.space.class(class))
        };
        let parts: Vec<(usize, Vec<Cube>)> = members.iter().map(|at| (*at, cubes_of(at))).collect();
        let cubes: Vec<&Cube> = parts.iter().flat_map(|(_, cubes)| cubes).collect();
        for (class, cube) in merged(&engine, larger(&engine, &cubes)?) {
            let whole = engine.space.class(&class);
            let inside = parts.iter().filter(|(_, cubes)| {
                cubes
                    .iter()
                    .any(|part| whole.iter().any(|own| own.intersects(part)))
            });
            let Some((witness, is_producible)) = engine.witness(&cube) else {
                continue;
            };
            let mut members: Vec<usize> = inside.map(|(at, _)| *at).collect();
            // The one of the witness first: its rules explain the example.
            let of_witness = |at: &usize| {
                differences
                    .get(*at)
                    .is_some_and(|difference| difference.class.contains(&witness))
            };
            members.sort_by_key(|at| !of_witness(at));
            summaries.push(Summary {
                change,
                class,
                differences: members,
                witness,
                is_producible,
            });
        }
    }
    Ok(summaries)
}

/// Returns few large cubes with exactly the requests of the cubes.
fn larger(engine: &Engine, cubes: &[&Cube]) -> Result<Vec<Cube>, TooLarge> {
    let mut grown: Vec<Cube> = Vec::new();
    for cube in cubes {
        if grown.iter().any(|larger| cube.is_within(larger)) {
            continue;
        }
        let mut cube = (*cube).clone();
        for dimension in Dimension::ALL {
            if cube.set(dimension).is_some() {
                let mut candidate = cube.clone();
                candidate.replace(dimension, None);
                if engine.is_covered(&candidate, cubes)? {
                    cube = candidate;
                }
            }
        }
        if !cube.groups.is_empty() || cube.no_groups.is_some() {
            let mut candidate = cube.clone();
            candidate.groups.clear();
            candidate.no_groups = None;
            if engine.is_covered(&candidate, cubes)? {
                cube = candidate;
            }
        }
        grown.retain(|smaller| !smaller.is_within(&cube));
        grown.push(cube);
    }
    engine.without_redundant(grown)
}
