//! The rules of a policy that changes while it is simplified, as cubes, and what taking something away from a rule would do.

use audit_policy::{Matcher, Policy, RuleIndex, Verdict};

use crate::cube::{Cube, Kind};
use crate::engine::Engine;
use crate::search::TooLarge;

/// The cubes and the verdict of each rule; last those of requests that no rule matches.
pub(crate) struct Outcomes {
    rules: Vec<(Vec<Cube>, Verdict)>,
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
        Self {
            rules: rules.chain([none]).collect(),
        }
    }

    /// Takes the cubes of a rule out, so that they can change while the others are in use.
    pub(crate) fn take(&mut self, rule: usize) -> Vec<Cube> {
        let cubes = self.rules.get_mut(rule).map(|(cubes, _)| cubes);
        cubes.map(std::mem::take).unwrap_or_default()
    }

    /// Puts the cubes of a rule back.
    pub(crate) fn put(&mut self, rule: usize, cubes: Vec<Cube>) {
        if let Some((own, _)) = self.rules.get_mut(rule) {
            *own = cubes;
        }
    }

    /// Removes a rule.
    pub(crate) fn remove(&mut self, rule: usize) {
        if rule < self.rules.len() {
            self.rules.remove(rule);
        }
    }

    /// Returns the cubes around a rule that have a request in common with one of its own.
    pub(crate) fn around(&self, rule: usize, own: &[Cube]) -> Around<'_> {
        let verdict = self.rules.get(rule).map(|(_, verdict)| *verdict);
        let before = self.rules.iter().take(rule);
        let later = self.rules.iter().skip(rule + 1);
        Around {
            before: before.flat_map(|(cubes, _)| near(cubes, own)).collect(),
            later: later
                .map(|(cubes, other)| Later {
                    has_same_effect: verdict.is_some_and(|own| own.has_effect_of(*other)),
                    cubes: near(cubes, own),
                })
                .filter(|later| !later.cubes.is_empty())
                .collect(),
        }
    }
}

/// Returns the cubes that have a request in common with one of others.
fn near<'c>(cubes: &'c [Cube], others: &[Cube]) -> Vec<&'c Cube> {
    let is_near = |cube: &&Cube| others.iter().any(|other| other.intersects(cube));
    cubes.iter().filter(is_near).collect()
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
