//! The rules of a policy that changes while it is simplified, as cubes, and what taking something away from a rule would do.

use std::collections::HashMap;

use audit_policy::{Matcher, Policy, RuleIndex, Verdict};

use crate::cube::{Cube, Dimension, Kind};
use crate::engine::Engine;
use crate::search::TooLarge;

/// Maximum number of atoms of a condition that is indexed by them: the index stays as long as the policy.
const MAX_INDEXED: usize = 64;

/// The cubes and the verdict of each rule; last those of requests that no rule matches.
pub(crate) struct Outcomes {
    rules: Vec<(Vec<Cube>, Verdict)>,
    index: Index,
}

impl Outcomes {
    pub(crate) fn new(engine: &Engine, policy: &Policy) -> Self {
        let verdicts = Matcher::new(policy);
        let rules = policy.rules.iter().enumerate().map(|(index, rule)| {
            let verdict = verdicts.verdict_of(Some(RuleIndex::new(index)));
            (engine.rule(rule), verdict)
        });
        let all = [Cube::all(Kind::Resource), Cube::all(Kind::Url)];
        let none = (all.to_vec(), verdicts.verdict_of(None));
        let rules: Vec<_> = rules.chain([none]).collect();
        Self {
            index: Index::new(&rules),
            rules,
        }
    }

    /// Takes the cubes of a rule out, so that they can change while the others are in use. A rule whose cubes are not put back is removed: it keeps its
    /// index, and matches nothing.
    pub(crate) fn take(&mut self, rule: usize) -> Vec<Cube> {
        let cubes = self.rules.get_mut(rule).map(|(cubes, _)| cubes);
        cubes.map(std::mem::take).unwrap_or_default()
    }

    /// Puts the cubes of a rule back, or cubes that have no other requests.
    pub(crate) fn put(&mut self, rule: usize, cubes: Vec<Cube>) {
        if let Some((own, _)) = self.rules.get_mut(rule) {
            *own = cubes;
        }
    }

    /// Puts cubes of a rule back that have more requests than before.
    pub(crate) fn put_wider(&mut self, rule: usize, cubes: Vec<Cube>) {
        for cube in &cubes {
            for dimension in Dimension::ALL {
                self.index.add(rule, cube, dimension);
            }
        }
        self.put(rule, cubes);
    }

    /// Returns the cubes around a rule that have a request in common with one of its own.
    ///
    /// # Errors
    ///
    /// Returns an error if the comparisons exceed the effort.
    pub(crate) fn around(
        &self,
        engine: &Engine,
        rule: usize,
        own: &[Cube],
    ) -> Result<Around<'_>, TooLarge> {
        let verdict = self.rules.get(rule).map(|(_, verdict)| *verdict);
        let mut around = Around {
            before: Vec::new(),
            later: Vec::new(),
        };
        for at in self.index.near(own, self.rules.len()) {
            let Some((cubes, other)) = self.rules.get(at) else {
                continue;
            };
            engine.spend(cubes.len().saturating_mul(own.len()))?;
            let cubes = near(cubes, own);
            if at < rule {
                around.before.extend(cubes);
            } else if at > rule && !cubes.is_empty() {
                around.later.push(Later {
                    has_same_effect: verdict.is_some_and(|own| own.has_effect_of(*other)),
                    cubes,
                });
            }
        }
        Ok(around)
    }
}

/// Returns the cubes that have a request in common with one of others.
fn near<'c>(cubes: &'c [Cube], others: &[Cube]) -> Vec<&'c Cube> {
    let is_near = |cube: &&Cube| others.iter().any(|other| other.intersects(cube));
    cubes.iter().filter(is_near).collect()
}

/// The rules that can match a value of an attribute, so that a rule is not compared with all others. Rules that only get smaller stay where they are.
#[derive(Default)]
struct Index {
    /// Rules with a short condition on the attribute, by each of its atoms.
    listed: HashMap<(Kind, Dimension, usize), Vec<usize>>,
    /// The other rules.
    others: HashMap<(Kind, Dimension), Vec<usize>>,
}

impl Index {
    fn new(rules: &[(Vec<Cube>, Verdict)]) -> Self {
        let mut index = Self::default();
        for (at, (cubes, _)) in rules.iter().enumerate() {
            for cube in cubes {
                for dimension in Dimension::ALL {
                    index.add(at, cube, dimension);
                }
            }
        }
        index
    }

    fn add(&mut self, rule: usize, cube: &Cube, dimension: Dimension) {
        let add = |rules: &mut Vec<usize>| {
            if rules.last() != Some(&rule) {
                rules.push(rule);
            }
        };
        match cube.set(dimension) {
            Some(atoms) if atoms.count() <= MAX_INDEXED => {
                for atom in atoms.iter() {
                    add(self.listed.entry((cube.kind, dimension, atom)).or_default());
                }
            }
            _ => add(self.others.entry((cube.kind, dimension)).or_default()),
        }
    }

    /// Returns rules in their order, of `count`: those that may have a request in common with one of the cubes.
    fn near(&self, cubes: &[Cube], count: usize) -> Vec<usize> {
        let mut near = Vec::new();
        for cube in cubes {
            let lists = Dimension::ALL.map(|dimension| self.of(cube, dimension));
            let length = |lists: &Vec<&[usize]>| lists.iter().map(|list| list.len()).sum::<usize>();
            match lists.into_iter().flatten().min_by_key(length) {
                Some(lists) => near.extend(lists.into_iter().flatten().copied()),
                None => return (0..count).collect(),
            }
        }
        near.sort_unstable();
        near.dedup();
        near
    }

    /// Returns lists of the rules that can match what a cube has in an attribute. `None` if that is much.
    fn of(&self, cube: &Cube, dimension: Dimension) -> Option<Vec<&[usize]>> {
        let atoms = cube.set(dimension)?;
        if atoms.count() > MAX_INDEXED {
            return None;
        }
        let listed = atoms
            .iter()
            .filter_map(|atom| self.listed.get(&(cube.kind, dimension, atom)));
        let others = self.others.get(&(cube.kind, dimension));
        Some(listed.chain(others).map(Vec::as_slice).collect())
    }
}

/// The cubes around a rule that can matter to it.
pub(crate) struct Around<'c> {
    /// Those of the rules before it.
    before: Vec<&'c Cube>,
    later: Vec<Later<'c>>,
}

/// A rule after another one.
struct Later<'c> {
    has_same_effect: bool,
    cubes: Vec<&'c Cube>,
}

impl Around<'_> {
    /// Returns true if requests that the rule is the first to match because of some of its cubes, and not of others, would get an equal verdict
    /// without them.
    pub(crate) fn is_removable(
        &self,
        engine: &Engine,
        cubes: &[Cube],
        others: &[Cube],
    ) -> Result<bool, TooLarge> {
        for base in cubes {
            let blockers: Vec<&Cube> = self
                .before
                .iter()
                .copied()
                .chain(others)
                .filter(|cube| cube.intersects(base))
                .collect();
            if !engine.is_covered(base, &blockers)?
                && !self.is_equal_later(engine, base, blockers)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns true if later rules give the requests of a cube that are not taken the verdict of the rule: what one with another verdict would get
    /// is taken by those before it.
    fn is_equal_later<'a>(
        &'a self,
        engine: &Engine,
        base: &Cube,
        mut taken: Vec<&'a Cube>,
    ) -> Result<bool, TooLarge> {
        for later in &self.later {
            let near = || {
                let cubes = later.cubes.iter().copied();
                cubes.filter(|cube| cube.intersects(base))
            };
            if !later.has_same_effect {
                for base in near().filter_map(|cube| cube.and(base)) {
                    if !engine.is_covered(&base, &taken)? {
                        return Ok(false);
                    }
                }
            }
            taken.extend(near());
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use audit_policy::{GroupResources, Level, Rule};

    use super::*;
    use crate::engine::Options;
    use crate::search::Budget;

    /// A rule about a user, a resource and a verb, with a level of its own.
    fn rule(index: usize) -> Rule {
        let mut rule = Rule::new([Level::None, Level::Metadata][index % 2]);
        rule.users = vec![format!("user-{index}")];
        rule.verbs = vec!["get".to_owned()];
        let resource = format!("resource-{}", index % 7);
        rule.resources = vec![GroupResources::new("", [resource])];
        rule
    }

    /// A policy whose last rule matches everything.
    fn policy(rules: usize) -> Policy {
        let last = Rule::new(Level::Request);
        Policy::new((0..rules).map(rule).chain([last]).collect())
    }

    #[test]
    fn rules_of_different_users_take_a_number_of_comparisons_linear_in_the_rules() {
        for rules in [100, 400, 1_600] {
            let policy = policy(rules);
            let engine = Engine::new(&[&policy], &[], Options::default()).unwrap();
            // A rule is compared with the last one and with requests that no rule matches, and these two with all others.
            let engine = engine.with_budget(Budget::new(rules as u64 * 64));
            let mut outcomes = Outcomes::new(&engine, &policy);
            for rule in (0..rules).rev() {
                let own = outcomes.take(rule);
                let around = outcomes.around(&engine, rule, &own).unwrap();
                assert_eq!((around.before.len(), around.later.len()), (0, 2));
                assert_eq!(around.is_removable(&engine, &own, &[]), Ok(false));
                outcomes.put(rule, own);
            }
        }
    }

    #[test]
    fn the_comparisons_are_part_of_the_effort() {
        let policy = policy(10);
        let engine = Engine::new(&[&policy], &[], Options::default()).unwrap();
        let engine = engine.with_budget(Budget::new(1));
        let mut outcomes = Outcomes::new(&engine, &policy);
        let own = outcomes.take(10);
        assert!(outcomes.around(&engine, 10, &own).is_err());
    }

    #[test]
    fn the_index_finds_every_rule_that_a_comparison_with_all_finds() {
        // Lists of one value, of several, and longer than those that are indexed; URLs, groups and rules without conditions.
        let mut policy = policy(30);
        for index in 0..30 {
            let rule = &mut policy.rules[index];
            match index % 6 {
                0 => rule.users = (0..100).map(|user| format!("user-{user}")).collect(),
                1 => rule.users = vec!["user-2".to_owned(), "user-9".to_owned()],
                2 => rule.user_groups = vec![format!("group-{}", index % 4)],
                3 => {
                    rule.resources.clear();
                    rule.non_resource_urls = vec!["/a*".to_owned(), format!("/a/{index}")];
                }
                4 => rule.users.clear(),
                _ => {}
            }
        }
        let engine = Engine::new(&[&policy], &[], Options::default()).unwrap();
        let mut outcomes = Outcomes::new(&engine, &policy);
        for rule in 0..policy.rules.len() {
            let own = outcomes.take(rule);
            let around = outcomes.around(&engine, rule, &own).unwrap();
            let (before, after) = outcomes.rules.split_at(rule);
            let of = |rules: &[(Vec<Cube>, Verdict)]| -> Vec<Cube> {
                let cubes = rules.iter().flat_map(|(cubes, _)| near(cubes, &own));
                cubes.cloned().collect()
            };
            let found = around.before.iter().copied().cloned();
            assert_eq!(found.collect::<Vec<Cube>>(), of(before), "{rule}");
            let later = around.later.iter().flat_map(|later| &later.cubes);
            let later = later.map(|cube| (*cube).clone());
            assert_eq!(later.collect::<Vec<Cube>>(), of(after), "{rule}");
            outcomes.put(rule, own);
        }
    }
}
