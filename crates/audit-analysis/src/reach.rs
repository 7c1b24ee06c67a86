//! Rules that can never match, and values of rules that can never matter.

use audit_policy::{Policy, Request, Rule, RuleIndex};
use audit_types::Path;

use crate::cube::Cube;
use crate::engine::{Compiled, Engine, Options};
use crate::parts::{Part, labels, parts};
use crate::search::TooLarge;

/// Answer to the question whether a rule can be the first to match a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// It can; this request shows it. The flag is true if some URL, method and identity produce the request; if not, none produce any that the rule
    /// is the first to match.
    Witness(Box<Request>, bool),
    /// It cannot: these earlier rules together match whatever it matches. Without any of them, that would not be shown. Empty if the rule matches
    /// nothing at all.
    Covered(Vec<RuleIndex>),
}

/// Returns for each rule whether it can ever be the first to match a request.
///
/// ```
/// use audit_analysis::{Options, Reach, reach};
/// use audit_policy::{KubernetesVersion, RuleIndex, load};
///
/// // Neither of the first two rules covers the third, but both together do.
/// let source = b"
/// apiVersion: audit.k8s.io/v1
/// kind: Policy
/// rules:
/// - {level: None, verbs: [get, list]}
/// - {level: Metadata, verbs: [watch]}
/// - {level: Request, verbs: [get, watch], users: [alice]}
/// ";
/// let policy = load(source, KubernetesVersion::NEWEST).policy.unwrap();
/// let reach = reach(&policy, Options::default()).unwrap();
/// assert!(matches!(&reach[1], Reach::Witness(request, true) if request.verb == "watch"));
/// assert_eq!(reach[2], Reach::Covered(vec![RuleIndex::new(0), RuleIndex::new(1)]));
/// ```
///
/// # Errors
///
/// Returns an error if that takes too long.
pub fn reach(policy: &Policy, options: Options) -> Result<Vec<Reach>, TooLarge> {
    let engine = Engine::new(&[policy], &[], options)?;
    let compiled = Compiled::new(&engine.space, policy);
    (0..compiled.rule_count())
        .map(|rule| reach_of(&engine, &compiled, rule))
        .collect()
}

/// Returns for each rule that can never match the earlier rules that cover it, as [`Reach::Covered`] has them. `None` for the others.
pub(crate) fn covers(
    engine: &Engine,
    compiled: &Compiled,
) -> Result<Vec<Option<Vec<RuleIndex>>>, TooLarge> {
    let of_rule = |rule| cover_of(engine, compiled, rule);
    (0..compiled.rule_count()).map(of_rule).collect()
}

/// Returns the earlier rules that cover a rule, as [`Reach::Covered`] has them. `None` if it can match.
pub(crate) fn cover_of(
    engine: &Engine,
    compiled: &Compiled,
    rule: usize,
) -> Result<Option<Vec<RuleIndex>>, TooLarge> {
    let earlier: Vec<&Cube> = compiled.before(rule).iter().collect();
    for base in compiled.of(rule) {
        if !engine.is_covered(base, &earlier)? {
            return Ok(None);
        }
    }
    cover(engine, compiled, compiled.of(rule), &earlier).map(Some)
}

fn reach_of(engine: &Engine, compiled: &Compiled, rule: usize) -> Result<Reach, TooLarge> {
    let earlier: Vec<&Cube> = compiled.before(rule).iter().collect();
    let mut unlikely = None;
    for base in compiled.of(rule) {
        if let Some(found) = engine.find(base, &earlier)?
            && let Some((request, is_producible)) = engine.witness(&found)
        {
            if is_producible {
                return Ok(Reach::Witness(Box::new(request), true));
            }
            unlikely.get_or_insert(request);
        }
    }
    if let Some(request) = unlikely {
        return Ok(Reach::Witness(Box::new(request), false));
    }
    cover(engine, compiled, compiled.of(rule), &earlier).map(Reach::Covered)
}

/// Returns rules whose cubes are needed to cover the cubes, all of which the blockers cover. Blockers are cubes of a policy, from its first.
fn cover(
    engine: &Engine,
    compiled: &Compiled,
    cubes: &[Cube],
    blockers: &[&Cube],
) -> Result<Vec<RuleIndex>, TooLarge> {
    let mut rules: Vec<usize> = Vec::new();
    for base in cubes {
        let used = engine.proof(base, blockers)?.unwrap_or_default();
        rules.extend(used.into_iter().map(|cube| compiled.rule_of(cube)));
    }
    rules.sort_unstable();
    rules.dedup();
    // The proof may use more than it needs.
    let mut at = 0;
    while at < rules.len() {
        let rest: Vec<&Cube> = rules
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .flat_map(|(_, rule)| compiled.of(*rule))
            .collect();
        let mut is_needed = false;
        for base in cubes {
            is_needed |= !engine.is_covered(base, &rest)?;
        }
        if is_needed {
            at += 1;
        } else {
            rules.remove(at);
        }
    }
    Ok(rules.into_iter().map(RuleIndex::new).collect())
}

/// A value of a rule without which the rule would be the first to match the same requests.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnusedValue {
    /// The rule.
    pub rule: RuleIndex,
    /// Its path, as in `rules[2].verbs[1]`.
    pub path: Path,
    /// The value; `None` if it is an entry of `resources`.
    pub value: Option<String>,
}

/// Returns the values of rules that never matter: whatever a rule matches because of one, earlier rules or its other values match as well. Rules
/// that never match at all are left out; [`reach`] has them. All of them can be removed together.
///
/// # Errors
///
/// Returns an error if that takes too long.
pub fn unused_values(policy: &Policy, options: Options) -> Result<Vec<UnusedValue>, TooLarge> {
    let engine = Engine::new(&[policy], &[], options)?;
    let compiled = Compiled::new(&engine.space, policy);
    let covers = covers(&engine, &compiled)?;
    unused_in(&engine, &compiled, policy, &covers)
}

/// Returns the values that never matter, of the rules that can match.
pub(crate) fn unused_in(
    engine: &Engine,
    compiled: &Compiled,
    policy: &Policy,
    covers: &[Option<Vec<RuleIndex>>],
) -> Result<Vec<UnusedValue>, TooLarge> {
    let mut unused = Vec::new();
    for (index, rule) in policy.rules.iter().enumerate() {
        if matches!(covers.get(index), Some(Some(_))) {
            continue;
        }
        // What is left once the values found so far are removed: of two equal values, one matters.
        let (mut rest, mut labels) = (rule.clone(), labels((index, rule)));
        while let Some(part) = unused_part(engine, compiled, index, &rest)? {
            if let Some((_, path)) = part.original(index, &labels) {
                unused.push(UnusedValue {
                    rule: RuleIndex::new(index),
                    path,
                    value: part.value(&rest),
                });
            }
            rest = part.without(&rest);
            labels = part.without(&labels);
        }
    }
    Ok(unused)
}

/// Returns a part of a rule without which it would be the first to match the same requests.
fn unused_part(
    engine: &Engine,
    compiled: &Compiled,
    index: usize,
    rule: &Rule,
) -> Result<Option<Part>, TooLarge> {
    for part in parts(rule) {
        let others = engine.rule(&part.without(rule));
        let blockers: Vec<&Cube> = compiled.before(index).iter().chain(&others).collect();
        let mut is_used = false;
        for base in engine.rule(&part.alone(rule)) {
            is_used |= !engine.is_covered(&base, &blockers)?;
        }
        if !is_used {
            return Ok(Some(part));
        }
    }
    Ok(None)
}
