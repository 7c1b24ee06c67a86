//! An equal policy from which nothing can be taken away.

use audit_policy::{Policy, Rule, RuleIndex};
use audit_types::{Path, format};

use crate::cube::Cube;
use crate::engine::{Compiled, Engine, Options};
use crate::parts::{Addition, Part, Place, additions, labels, parts};
use crate::rule_merge::{differ_in_one_list, merge};
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
    /// Pairs of rules of the original policy, of which the second was added to the first.
    pub merged: Vec<(RuleIndex, RuleIndex)>,
    /// Pairs of rules of the simpler policy that can be one, since they differ in one list only: the second can be added to the first.
    pub mergeable: Vec<(RuleIndex, RuleIndex)>,
    /// Items that rules got from those that were added to them. `None` if their places are not known.
    pub(crate) additions: Option<Vec<Addition>>,
}

impl Simplified {
    /// Returns true if nothing was removed or merged.
    pub fn is_unchanged(&self) -> bool {
        self.removed.is_empty() && self.merged.is_empty()
    }

    /// Describes what was removed and merged: "removed 1 rule of 3, and 2 values of others; every request is treated as before".
    pub fn words(&self) -> String {
        if self.is_unchanged() {
            return "nothing can be removed: without any rule, or any value of a condition, some request would be treated differently".to_owned();
        }
        // `rules` and an index.
        let is_rule = |path: &&Path| path.0.len() == 2;
        let rules = self.removed.iter().filter(is_rule).count();
        let values = self.removed.len() - rules;
        let merged = self.merged.len();
        let all = self.policy.rules.len() + rules + merged;
        let mut done = Vec::new();
        let values_words = format::counted(values as f64, "value", "values");
        if rules > 0 {
            let rules = format::counted(rules as f64, "rule", "rules");
            let also = match values {
                0 => String::new(),
                _ => format!(", and {values_words} of others"),
            };
            done.push(format!("removed {rules} of {all}{also}"));
        } else if values > 0 {
            done.push(format!("removed {values_words}"));
        }
        if merged > 0 {
            let rules = format::counted(merged as f64, "rule", "rules");
            done.push(format!("added {rules} of {all} to the rule before"));
        }
        format!("{}; every request is treated as before", done.join("; "))
    }
}

/// Returns an equal policy from which neither a rule nor a value can be removed. Values that the server ignores, such as doubled ones, go first.
/// Rules next to each other that have the same effect and differ in one list only become one if `may_merge` allows it; it is given their indexes
/// in the original policy.
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
/// let simplified = simplify(&policy, Options::default(), &|_, _| true).unwrap();
/// let removed: Vec<String> = simplified.removed.iter().map(ToString::to_string).collect();
/// assert_eq!(removed, ["rules[0].users[1]", "rules[1]", "rules[3]"]);
/// assert_eq!(simplified.policy.rules.len(), 2);
///
/// let users = b"
/// apiVersion: audit.k8s.io/v1
/// kind: Policy
/// rules:
/// - {level: None, users: [a]}
/// - {level: None, users: [b]}
/// - {level: Metadata}
/// ";
/// let policy = load(users, KubernetesVersion::NEWEST).policy.unwrap();
/// let simplified = simplify(&policy, Options::default(), &|_, _| true).unwrap();
/// assert_eq!(simplified.policy.rules[0].users, ["a", "b"]);
/// assert_eq!(simplified.merged, [(0.into(), 1.into())]);
/// ```
///
/// # Errors
///
/// Returns an error if that takes too long.
pub fn simplify(
    policy: &Policy,
    options: Options,
    may_merge: &dyn Fn(RuleIndex, RuleIndex) -> bool,
) -> Result<Simplified, TooLarge> {
    let engine = Engine::new(&[policy], &[], options)?.with_budget(Budget::new(EFFORT));
    let mut draft = Draft {
        policy: policy.clone(),
        origins: policy
            .rules
            .iter()
            .enumerate()
            .map(|rule| (rule.0, labels(rule)))
            .collect(),
        removed: Vec::new(),
        merged: Vec::new(),
    };
    while draft.remove_rules(&engine)? | draft.remove_values(&engine)? | draft.merge(may_merge) {}
    draft.removed.sort_by_key(|(order, _)| *order);
    let mergeable = mergeable(&engine, &draft.policy)?;
    Ok(Simplified {
        additions: draft.additions(),
        policy: draft.policy,
        removed: draft.removed.into_iter().map(|(_, path)| path).collect(),
        merged: draft.merged,
        mergeable,
    })
}

/// The policy while it gets simpler.
struct Draft {
    policy: Policy,
    /// For each rule that is left: its index in the original policy, and a rule of the same shape with the original place of each item.
    origins: Vec<(usize, Rule)>,
    removed: Vec<(Order, Path)>,
    merged: Vec<(RuleIndex, RuleIndex)>,
}

/// Order of places in the original policy: rule, list, entry and item; a rule is before its values.
type Order = (usize, Option<Place>);

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
        let (Some(rule), Some((_, labels))) = (
            self.policy.rules.get_mut(index),
            self.origins.get_mut(index),
        ) else {
            return;
        };
        if let Some((place, path)) = part.original(labels) {
            self.removed.push(((place.0, Some(place)), path));
        }
        *rule = part.without(rule);
        *labels = part.without(labels);
    }
}

impl Draft {
    /// Adds rules to the one before them where both together are one rule. Returns true if there were any.
    fn merge(&mut self, may_merge: &dyn Fn(RuleIndex, RuleIndex) -> bool) -> bool {
        let mut is_changed = false;
        let mut second = 1;
        while let (Some(rule), Some(other)) = (
            self.policy.rules.get(second - 1),
            self.policy.rules.get(second),
        ) {
            let pair = self.origins.get(second - 1).zip(self.origins.get(second));
            let Some(((index, labels), (other_index, other_labels))) = pair else {
                break;
            };
            let pair = (RuleIndex::new(*index), RuleIndex::new(*other_index));
            if !differ_in_one_list(&self.policy, rule, other) || !may_merge(pair.0, pair.1) {
                second += 1;
                continue;
            }
            let mut merged = (rule.clone(), labels.clone());
            merge(&mut merged, &(other.clone(), other_labels.clone()));
            let index = *index;
            self.policy.rules.remove(second);
            self.origins.remove(second);
            if let Some(rule) = self.policy.rules.get_mut(second - 1) {
                *rule = merged.0;
            }
            if let Some(origin) = self.origins.get_mut(second - 1) {
                *origin = (index, merged.1);
            }
            self.merged.push(pair);
            is_changed = true;
        }
        is_changed
    }

    /// Returns what rules got from those that were added to them.
    fn additions(&self) -> Option<Vec<Addition>> {
        let mut all = Vec::new();
        for (rule, labels) in &self.origins {
            all.extend(additions(*rule, labels)?);
        }
        Some(all)
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
            if differ_in_one_list(policy, rule, other)
                && can_move(engine, &compiled, second, first)?
            {
                pairs.push((RuleIndex::new(first), RuleIndex::new(second)));
                break;
            }
        }
    }
    Ok(pairs)
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
