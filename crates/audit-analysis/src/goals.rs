//! Policies that meet goals: each goal is a class of requests with the effects that it allows.

mod bases;
mod conflict;
mod decided;
mod effects;
mod goal;
mod search;
mod shape;
mod unmet;

use audit_policy::Policy;

use crate::class::Class;
use crate::engine::{Engine, Options};
use crate::search::Budget;
use crate::simplify::simplify;
use goal::{EFFORT, cubes};

pub use decided::decided;
pub use effects::{Effects, Preferred};
pub use goal::Goal;
pub use unmet::{Conflict, Unmet};

/// A policy that meets goals.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Met {
    /// The policy, from which nothing can be removed. It has at least one rule.
    pub policy: Policy,
    /// True if each request that can come has the preferred effect, or the nearest one that its goals allow. If not, some requests have another one,
    /// since rules cannot distinguish them from others.
    pub is_exact: bool,
}

/// Returns a policy that meets goals. Requests that no goal is about have the preferred effect; the others have the nearest one that their goals allow, if
/// rules can distinguish them. The policy is to be proved with [`counterexample`](crate::counterexample) before it is used: the search is complete only
/// for goals that rules can express.
///
/// ```
/// use audit_analysis::{Effects, Goal, Options, Preferred, Unmet, meet, query};
/// use audit_policy::{Level, Matcher, Request};
///
/// let recorded = Effects::of(|verdict| verdict.level >= Level::Metadata);
/// let never = Effects::of(|verdict| verdict.level == Level::None);
/// let secrets = Goal::new(query("apiGroup= resource=secrets").unwrap(), recorded);
/// let alice = Goal::new(query("user=alice").unwrap(), never);
///
/// let met = meet(&[secrets.clone()], Preferred::default(), Options::default()).unwrap();
/// assert_eq!(met.policy.rules.len(), 1);
/// let matcher = Matcher::new(&met.policy);
/// let request = |resource: &str| Request::for_resource("get", "", resource).with_user("alice");
/// assert_eq!(matcher.evaluate(&request("secrets")).level, Level::Metadata);
/// assert_eq!(matcher.evaluate(&request("pods")).level, Level::None);
///
/// let unmet = meet(&[secrets, alice], Preferred::default(), Options::default()).unwrap_err();
/// let Unmet::Contradictory(conflicts) = unmet else { panic!() };
/// assert_eq!(conflicts[0].goals, [0, 1]);
/// assert_eq!(conflicts[0].witness.user.as_deref(), Some("alice"));
/// ```
///
/// # Errors
///
/// Returns the reason if no policy meets the goals, or the search ended without one.
pub fn meet(goals: &[Goal], preferred: Preferred, options: Options) -> Result<Met, Unmet> {
    let classes: Vec<&Class> = goals.iter().flat_map(|goal| &goal.classes).collect();
    let engine = Engine::new(&[], &classes, options)?.with_budget(Budget::new(EFFORT));
    let cubes = cubes(&engine, goals);
    conflict::check(&engine, goals, &cubes)?;
    let found = search::search(&engine, goals, &cubes, preferred, options.version)?;
    let raw = found.policy;
    let about = decided(&raw, goals, options)?;
    let is_same = |one: usize, other: usize| about.get(one) == about.get(other);
    let simplified = simplify(&raw, Options::default(), &|one, other| {
        is_same(one.get(), other.get())
    })?;
    Ok(Met {
        policy: simplified.policy,
        is_exact: found.is_exact,
    })
}
