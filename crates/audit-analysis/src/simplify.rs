//! An equal policy from which nothing can be taken away.

use std::collections::HashSet;

use audit_policy::{Policy, Rule, RuleIndex, Stage, StageSet};
use audit_types::{Path, Step, format};

use crate::cube::Cube;
use crate::engine::{Compiled, Engine, Options};
use crate::outcomes::{Around, Outcomes};
use crate::parts::{
    Addition, Part, Place, additions, conditions, labels, own_parts, parts_of_entry,
};
use crate::reach::cover_of;
use crate::rule_merge::{Labelled, differ_in_one_list, merge};
use crate::search::{Budget, TooLarge};
use crate::words::rule_names;

/// Limit on the effort, in comparisons: one question for each value, several times.
const EFFORT: u64 = 5 * Budget::QUESTION;

/// Effort of copying an item of a rule, in comparisons.
const PER_ITEM: usize = 16;

/// A simpler policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Simplified {
    /// The policy: it gives every request the same level, omitted stages and managed fields, and without any of its rules or values it would not. It
    /// keeps one rule, since the server rejects a policy without.
    pub policy: Policy,
    /// Paths in the original policy of removed rules and items of lists, in its order.
    pub removed: Vec<Path>,
    /// Removed rules that could never match although earlier rules, which are listed with them, give their requests another level, other omitted stages
    /// or managed fields: such a rule may have been meant to come first. By index in the original policy.
    pub misplaced: Vec<(RuleIndex, Vec<RuleIndex>)>,
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
        let is_rule = |path: &&Path| matches!(path.0.as_slice(), [Step::Field(list), Step::Index(_)] if list == "rules");
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

    /// Returns a sentence for each removed rule that may have been meant to come first, in lowercase.
    pub fn warnings(&self) -> Vec<String> {
        let warning = |(rule, earlier): &(RuleIndex, Vec<RuleIndex>)| {
            let names = rule_names(earlier);
            let them = match earlier.as_slice() {
                [only] => only.to_string(),
                _ => "them".to_owned(),
            };
            format!(
                "{rule} could never match: {names} matched all its requests first, with another effect. If it should count, move it above {them} instead of removing it"
            )
        };
        self.misplaced.iter().map(warning).collect()
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
    draft.remove_repeated_settings();
    // Few rules have a condition that can go, so that these are tried last.
    while draft.remove_rules(&engine)?
        | draft.remove_values(&engine)?
        | draft.merge(&engine, may_merge)?
        || draft.remove_conditions(&engine)?
    {}
    draft.forget_parts_of_what_was_removed();
    draft.removed.sort_by_key(|(order, _)| *order);
    let rules = draft.removed.iter().filter_map(|(order, _)| match order {
        (rule, None) => Some(*rule),
        _ => None,
    });
    let misplaced = misplaced(&engine, policy, rules)?;
    let mergeable = mergeable(&engine, &draft.policy)?;
    Ok(Simplified {
        additions: draft.additions(),
        policy: draft.policy,
        removed: draft.removed.into_iter().map(|(_, path)| path).collect(),
        misplaced,
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
    /// Removes stages that are omitted anyway, doubled ones and those of rules that the policy omits, and settings of rules that repeat the policy's.
    fn remove_repeated_settings(&mut self) {
        let place = |rule, item| (rule, Some((rule, usize::MAX, 0, item)));
        let list = Path::root().field("omitStages");
        let of_policy = remove_repeated(&mut self.policy.omit_stages, &[], &list);
        let of_policy = of_policy.into_iter();
        self.removed
            .extend(of_policy.map(|(item, path)| (place(0, item), path)));
        for (index, rule) in self.policy.rules.iter_mut().enumerate() {
            let list = Path::rule(RuleIndex::new(index)).field("omitStages");
            let of_rule =
                remove_repeated(&mut rule.omit_stages, &self.policy.omit_stages, &list).into_iter();
            self.removed
                .extend(of_rule.map(|(item, path)| (place(index, item), path)));
            if rule.omit_managed_fields == Some(self.policy.omit_managed_fields) {
                rule.omit_managed_fields = None;
                let path = Path::rule(RuleIndex::new(index)).field("omitManagedFields");
                self.removed.push((place(index, usize::MAX), path));
            }
        }
    }

    /// Forgets what was removed from rules and lists before they were removed themselves.
    fn forget_parts_of_what_was_removed(&mut self) {
        let whole: HashSet<Vec<Step>> = self
            .removed
            .iter()
            .map(|(_, path)| path.0.clone())
            .collect();
        self.removed.retain(|(_, Path(steps))| {
            let outer = (1..steps.len()).filter_map(|length| steps.get(..length));
            !outer.into_iter().any(|outer| whole.contains(outer))
        });
    }

    /// Removes rules without which the policy is equal, the last first. Returns true if there were any.
    fn remove_rules(&mut self, engine: &Engine) -> Result<bool, TooLarge> {
        let mut outcomes = Outcomes::new(engine, &self.policy);
        let mut is_changed = false;
        for rule in (0..self.policy.rules.len()).rev() {
            // The server rejects a policy without rules.
            if self.policy.rules.len() == 1 {
                break;
            }
            let own = outcomes.take(rule);
            let is_removable =
                outcomes
                    .around(engine, rule, &own)?
                    .is_removable(engine, &own, &[])?;
            if !is_removable {
                outcomes.put(rule, own);
                continue;
            }
            self.policy.rules.remove(rule);
            let (index, _) = self.origins.remove(rule);
            self.removed
                .push(((index, None), Path::rule(RuleIndex::new(index))));
            is_changed = true;
        }
        Ok(is_changed)
    }

    /// Removes values without which the policy is equal. Returns true if there were any.
    fn remove_values(&mut self, engine: &Engine) -> Result<bool, TooLarge> {
        let mut outcomes = Outcomes::new(engine, &self.policy);
        let mut is_changed = false;
        for index in 0..self.policy.rules.len() {
            let own = outcomes.take(index);
            let around = outcomes.around(engine, index, &own)?;
            is_changed |= self.remove_parts(engine, &around, index, own_parts)?;
            let entries = self
                .policy
                .rules
                .get(index)
                .map_or(0, |rule| rule.resources.len());
            for entry in 0..entries {
                let of_entry = |rule: &Rule| parts_of_entry(rule, entry);
                is_changed |= self.remove_parts(engine, &around, index, of_entry)?;
            }
            let rest = self.policy.rules.get(index).map(|rule| engine.rule(rule));
            outcomes.put(index, rest.unwrap_or(own));
        }
        Ok(is_changed)
    }

    /// Removes those parts of a rule without which the policy is equal. One that cannot go does not become removable by others that go: some request
    /// of its own would still get another verdict. Returns true if there were any.
    fn remove_parts(
        &mut self,
        engine: &Engine,
        around: &Around,
        index: usize,
        parts: impl Fn(&Rule) -> Vec<Part>,
    ) -> Result<bool, TooLarge> {
        let mut is_changed = false;
        let Some(all) = self.policy.rules.get(index).map(parts) else {
            return Ok(false);
        };
        for part in all {
            let Some(rule) = self.policy.rules.get(index) else {
                break;
            };
            // At least one item stays.
            if part.is_last(rule) {
                continue;
            }
            engine.spend(size(rule).saturating_mul(PER_ITEM))?;
            let alone = engine.rule(&part.alone(rule));
            let others = engine.rule(&part.without(rule));
            if around.is_removable(engine, &alone, &others)? {
                self.remove(index, &part);
                is_changed = true;
            }
        }
        Ok(is_changed)
    }

    /// Removes conditions without which the policy is equal: earlier rules match what the rule matches in addition, or it would have the same effect.
    /// Returns true if there were any.
    fn remove_conditions(&mut self, engine: &Engine) -> Result<bool, TooLarge> {
        let mut outcomes = Outcomes::new(engine, &self.policy);
        let mut is_changed = false;
        for index in 0..self.policy.rules.len() {
            let mut own = outcomes.take(index);
            // The first list that goes may be an entry, after which the others have other places.
            while let Some((part, wide)) =
                self.removable_condition(engine, &outcomes, index, &own)?
            {
                self.remove(index, &part);
                own = wide;
                is_changed = true;
            }
            outcomes.put_wider(index, own);
        }
        Ok(is_changed)
    }

    /// Returns a condition without which the policy is equal, and the cubes of the rule without it.
    fn removable_condition(
        &self,
        engine: &Engine,
        outcomes: &Outcomes,
        index: usize,
        own: &[Cube],
    ) -> Result<Option<(Part, Vec<Cube>)>, TooLarge> {
        let Some(rule) = self.policy.rules.get(index) else {
            return Ok(None);
        };
        for part in conditions(rule) {
            engine.spend(size(rule).saturating_mul(PER_ITEM))?;
            let wide = engine.rule(&part.without(rule));
            let around = outcomes.around(engine, index, &wide)?;
            if around.is_removable(engine, &wide, own)? {
                return Ok(Some((part, wide)));
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
        if let Some((place, path)) = part.original(*origin, labels) {
            self.removed.push(((place.0, Some(place)), path));
        }
        part.take_from(rule);
        part.take_from(labels);
    }
}

impl Draft {
    /// Adds rules to the one before them where both together are one rule. Returns true if there were any.
    fn merge(
        &mut self,
        engine: &Engine,
        may_merge: &dyn Fn(RuleIndex, RuleIndex) -> bool,
    ) -> Result<bool, TooLarge> {
        let rules = std::mem::take(&mut self.policy.rules).into_iter();
        let origins = std::mem::take(&mut self.origins).into_iter();
        let mut merged: Vec<(usize, Labelled)> = Vec::new();
        let mut is_changed = false;
        for (rule, (index, labels)) in rules.zip(origins) {
            if let Some((first, into)) = merged.last_mut() {
                engine.spend(size(&into.0).min(size(&rule)).saturating_mul(PER_ITEM))?;
                let pair = (RuleIndex::new(*first), RuleIndex::new(index));
                if differ_in_one_list(&self.policy, &into.0, &rule) && may_merge(pair.0, pair.1) {
                    merge(into, &(rule, labels));
                    self.merged.push(pair);
                    is_changed = true;
                    continue;
                }
            }
            merged.push((index, (rule, labels)));
        }
        for (index, (rule, labels)) in merged {
            self.policy.rules.push(rule);
            self.origins.push((index, labels));
        }
        Ok(is_changed)
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

/// Returns the number of items of a rule's lists.
fn size(rule: &Rule) -> usize {
    let lists = [
        &rule.users,
        &rule.user_groups,
        &rule.verbs,
        &rule.namespaces,
        &rule.non_resource_urls,
    ];
    let entries = rule.resources.iter();
    let of_entries = entries.map(|entry| 1 + entry.resources.len() + entry.resource_names.len());
    lists.iter().map(|list| list.len()).sum::<usize>() + of_entries.sum::<usize>()
}

/// Removes stages that are earlier in the list, or in another one. Returns their indexes and paths; the path of the list if all of it is removed.
fn remove_repeated(stages: &mut Vec<Stage>, others: &[Stage], list: &Path) -> Vec<(usize, Path)> {
    let mut seen: StageSet = others.iter().copied().collect();
    let mut removed = Vec::new();
    let mut kept = Vec::new();
    for (item, stage) in stages.iter().enumerate() {
        if seen.contains(*stage) {
            removed.push((item, list.index(item)));
        } else {
            seen = seen.union([*stage].into_iter().collect());
            kept.push(*stage);
        }
    }
    *stages = kept;
    if stages.is_empty() && !removed.is_empty() {
        return vec![(0, list.clone())];
    }
    removed
}

/// Returns those of the rules that can never match, with the earlier rules that match their requests, if these have another effect.
fn misplaced(
    engine: &Engine,
    policy: &Policy,
    rules: impl Iterator<Item = usize>,
) -> Result<Vec<(RuleIndex, Vec<RuleIndex>)>, TooLarge> {
    let compiled = Compiled::new(&engine.space, policy);
    let mut misplaced = Vec::new();
    for rule in rules {
        let verdict = compiled.verdict(rule);
        let earlier = cover_of(engine, &compiled, rule)?.unwrap_or_default();
        let has_other_effect =
            |other: &RuleIndex| !verdict.has_effect_of(compiled.verdict(other.get()));
        if earlier.iter().any(has_other_effect) {
            misplaced.push((RuleIndex::new(rule), earlier));
        }
    }
    Ok(misplaced)
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
