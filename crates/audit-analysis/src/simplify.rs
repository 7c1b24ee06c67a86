//! An equal policy from which nothing can be taken away.

use audit_policy::{Policy, Rule, RuleIndex};
use audit_types::Path;

use crate::cube::Cube;
use crate::engine::{Compiled, Engine, Options};
use crate::parts::{Part, labels, parts};
use crate::search::{Budget, TooLarge};

/// Limit on the effort, in comparisons: one question for each value, several times.
const EFFORT: u64 = 5 * Budget::QUESTION;

/// A simpler policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Simplified {
    /// The policy: it gives every request the same level, omitted stages and managed fields, and without any of its rules or values it would not. It
    /// keeps one rule, since the server rejects a policy without.
    pub policy: Policy,
    /// Paths in the original policy of removed rules and items of lists, in its order.
    pub removed: Vec<Path>,
    /// Pairs of rules of the simpler policy that can be one, since they differ in one list only: the second can be added to the first.
    pub mergeable: Vec<(RuleIndex, RuleIndex)>,
}

/// Returns an equal policy from which neither a rule nor a value can be removed. Values that the server ignores, such as doubled ones, go first.
///
/// ```
/// use audit_analysis::{Options, simplify};
/// use audit_policy::{KubernetesVersion, load};
///
/// let source = b"
/// apiVersion: audit.k8s.io/v1
/// kind: Policy
/// rules:
/// - {level: None, users: ['system:kube-proxy', 'system:kube-proxy'], verbs: [watch]}
/// - {level: Metadata, resources: [{resources: [secrets]}]}
/// - {level: Metadata}
/// - {level: Request, verbs: [create]}
/// ";
/// let policy = load(source, KubernetesVersion::NEWEST).policy.unwrap();
/// let simplified = simplify(&policy, Options::default()).unwrap();
/// let removed: Vec<String> = simplified.removed.iter().map(ToString::to_string).collect();
/// assert_eq!(removed, ["rules[0].users[1]", "rules[1]", "rules[3]"]);
/// assert_eq!(simplified.policy.rules.len(), 2);
/// ```
///
/// # Errors
///
/// Returns an error if that takes too long.
pub fn simplify(policy: &Policy, options: Options) -> Result<Simplified, TooLarge> {
    let engine = Engine::new(&[policy], &[], options)?.with_budget(Budget::new(EFFORT));
    let mut draft = Draft {
        policy: policy.clone(),
        origins: policy.rules.iter().map(labels).enumerate().collect(),
        removed: Vec::new(),
    };
    while draft.remove_rules(&engine)? | draft.remove_values(&engine)? {}
    draft.removed.sort_by_key(|(order, _)| *order);
    let mergeable = mergeable(&engine, &draft.policy)?;
    Ok(Simplified {
        policy: draft.policy,
        removed: draft.removed.into_iter().map(|(_, path)| path).collect(),
        mergeable,
    })
}

/// The policy while it gets simpler.
struct Draft {
    policy: Policy,
    /// For each rule that is left: its index in the original policy, and a rule of the same shape with the original index of each item.
    origins: Vec<(usize, Rule)>,
    removed: Vec<(Place, Path)>,
}

/// A place in the original policy: rule, list, entry and item; those of a rule are before those of its values.
type Place = (usize, Option<(usize, usize, usize)>);

impl Draft {
    /// Removes rules without which the policy is equal, the last first. Returns true if there were any.
    fn remove_rules(&mut self, engine: &Engine) -> Result<bool, TooLarge> {
        let mut compiled = Compiled::new(&engine.space, &self.policy);
        let mut is_changed = false;
        for rule in (0..self.policy.rules.len()).rev() {
            // The server rejects a policy without rules.
            let is_only = self.policy.rules.len() == 1;
            if !is_only && is_removable(engine, &compiled, rule, compiled.of(rule), &[])? {
                self.policy.rules.remove(rule);
                let (index, _) = self.origins.remove(rule);
                self.removed
                    .push(((index, None), Path::rule(RuleIndex::new(index))));
                compiled = Compiled::new(&engine.space, &self.policy);
                is_changed = true;
            }
        }
        Ok(is_changed)
    }

    /// Removes values without which the policy is equal. Returns true if there were any.
    fn remove_values(&mut self, engine: &Engine) -> Result<bool, TooLarge> {
        let mut compiled = Compiled::new(&engine.space, &self.policy);
        let mut is_changed = false;
        for index in 0..self.policy.rules.len() {
            while let Some(part) = self.removable_part(engine, &compiled, index)? {
                self.remove(index, &part);
                compiled = Compiled::new(&engine.space, &self.policy);
                is_changed = true;
            }
        }
        Ok(is_changed)
    }

    fn removable_part(
        &self,
        engine: &Engine,
        compiled: &Compiled,
        index: usize,
    ) -> Result<Option<Part>, TooLarge> {
        let Some(rule) = self.policy.rules.get(index) else {
            return Ok(None);
        };
        for part in parts(rule) {
            let alone = engine.rule(&part.alone(rule));
            let others = engine.rule(&part.without(rule));
            if is_removable(engine, compiled, index, &alone, &others)? {
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    fn remove(&mut self, index: usize, part: &Part) {
        let (Some(rule), Some((origin, labels))) = (
            self.policy.rules.get_mut(index),
            self.origins.get_mut(index),
        ) else {
            return;
        };
        let (place, path) = part.original(*origin, labels);
        self.removed.push(((*origin, Some(place)), path));
        *rule = part.without(rule);
        *labels = part.without(labels);
    }
}

/// Returns true if requests that a rule is the first to match because of some of its cubes, and not of others, would get an equal verdict
/// without them.
fn is_removable(
    engine: &Engine,
    compiled: &Compiled,
    rule: usize,
    cubes: &[Cube],
    others: &[Cube],
) -> Result<bool, TooLarge> {
    let verdict = compiled.verdict(rule);
    for base in cubes {
        let blockers: Vec<&Cube> = compiled
            .before(rule)
            .iter()
            .chain(others)
            .filter(|cube| cube.intersects(base))
            .collect();
        if engine.is_covered(base, &blockers)? {
            continue;
        }
        // What a later rule with another verdict gets must be covered, too: by those before it.
        let mut taken = blockers;
        for later in rule + 1..=compiled.rule_count() {
            let near: Vec<&Cube> = compiled
                .of(later)
                .iter()
                .filter(|cube| cube.intersects(base))
                .collect();
            if !verdict.has_effect_of(compiled.verdict(later)) {
                for cube in &near {
                    let Some(base) = cube.and(base) else {
                        continue;
                    };
                    if !engine.is_covered(&base, &taken)? {
                        return Ok(false);
                    }
                }
            }
            taken.extend(near);
        }
    }
    Ok(true)
}

/// Maximum number of pairs of rules that are compared for merging.
const MAX_PAIRS: usize = 250_000;

/// Returns pairs of rules that can be one: equal in everything but one list, and no rule between them decides otherwise.
fn mergeable(engine: &Engine, policy: &Policy) -> Result<Vec<(RuleIndex, RuleIndex)>, TooLarge> {
    let rules = &policy.rules;
    let mut pairs = Vec::new();
    if rules.len().saturating_mul(rules.len()) / 2 > MAX_PAIRS {
        return Ok(pairs);
    }
    let compiled = Compiled::new(&engine.space, policy);
    for (first, rule) in rules.iter().enumerate() {
        for (second, other) in rules.iter().enumerate().skip(first + 1) {
            if differ_in_one_list(rule, other) && can_move(engine, &compiled, second, first)? {
                pairs.push((RuleIndex::new(first), RuleIndex::new(second)));
                break;
            }
        }
    }
    Ok(pairs)
}

/// Returns true if two rules with equal verdicts have the same lists except for one, which neither leaves out.
fn differ_in_one_list(one: &Rule, other: &Rule) -> bool {
    let strings = [
        (&one.users, &other.users),
        (&one.user_groups, &other.user_groups),
        (&one.verbs, &other.verbs),
        (&one.namespaces, &other.namespaces),
        (&one.non_resource_urls, &other.non_resource_urls),
    ];
    let different: Vec<bool> = strings
        .into_iter()
        .filter(|(one, other)| one != other)
        .map(|(one, other)| !one.is_empty() && !other.is_empty())
        .chain(
            (one.resources != other.resources)
                .then_some(!one.resources.is_empty() && !other.resources.is_empty()),
        )
        .collect();
    one.level == other.level
        && one.omit_stages == other.omit_stages
        && one.omit_managed_fields == other.omit_managed_fields
        && different == [true]
}

/// Returns true if a rule can stand next to an earlier one: no request of it is the first to be matched by a rule between with another verdict.
fn can_move(
    engine: &Engine,
    compiled: &Compiled,
    rule: usize,
    to: usize,
) -> Result<bool, TooLarge> {
    let verdict = compiled.verdict(rule);
    for between in to + 1..rule {
        if verdict.has_effect_of(compiled.verdict(between)) {
            continue;
        }
        let taken: Vec<&Cube> = compiled.before(between).iter().collect();
        for own in compiled.of(rule) {
            for base in compiled.of(between).iter().filter_map(|cube| cube.and(own)) {
                if !engine.is_covered(&base, &taken)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}
