//! Requests that a change of a policy affects.

use std::cell::OnceCell;

use audit_policy::{Level, Policy, Request, Stage, StageSet, Verdict};

use crate::alignment::Alignment;
use crate::class::Class;
use crate::cube::Cube;
use crate::engine::{Compiled, Engine, Options};
use crate::merge::merged;
use crate::search::TooLarge;

/// Requests that two policies treat differently.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The verdict of the first policy.
    pub before: Verdict,
    /// The verdict of the second policy.
    pub after: Verdict,
    /// The requests.
    pub class: Class,
    /// One of them.
    pub witness: Request,
    /// True if some URL, method and identity produce the witness. If not, none produce any request of the class.
    pub is_producible: bool,
}

/// Loss or gain of a difference; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Change {
    /// The requests are no longer recorded.
    NotRecorded,
    /// Bodies are no longer recorded.
    BodiesLost,
    /// Events of some stages are no longer recorded.
    StagesLost,
    /// `managedFields` are no longer recorded.
    ManagedFieldsLost,
    /// Nothing that is recorded changes: no stage of the level None is.
    Nothing,
    /// More is recorded than before.
    Gained,
}

impl Difference {
    /// Returns what the difference loses or gains. Whatever is lost counts before what is gained.
    pub fn change(&self) -> Change {
        Change::between(self.before, self.after)
    }
}

impl Change {
    /// Returns what changes if a verdict takes the place of another one.
    pub fn between(before: Verdict, after: Verdict) -> Self {
        match (is_recorded(before), is_recorded(after)) {
            (true, false) => return Self::NotRecorded,
            (false, false) => return Self::Nothing,
            (false, true) => return Self::Gained,
            (true, true) => {}
        }
        let lost_stages = Stage::ALL
            .into_iter()
            .any(|stage| after.omit_stages.contains(stage) && !before.omit_stages.contains(stage));
        if after.level < before.level {
            Self::BodiesLost
        } else if lost_stages {
            Self::StagesLost
        } else if after.omit_managed_fields && !before.omit_managed_fields {
            Self::ManagedFieldsLost
        } else {
            Self::Gained
        }
    }

    /// Returns the name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotRecorded => "notRecorded",
            Self::BodiesLost => "bodiesLost",
            Self::StagesLost => "stagesLost",
            Self::ManagedFieldsLost => "managedFieldsLost",
            Self::Nothing => "nothing",
            Self::Gained => "gained",
        }
    }

    /// Returns the heading of such differences.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NotRecorded => "No longer recorded",
            Self::BodiesLost => "Bodies lost",
            Self::StagesLost => "Stages lost",
            Self::ManagedFieldsLost => "Managed fields lost",
            Self::Nothing => "Not recorded, before and after",
            Self::Gained => "Gained",
        }
    }
}

impl Difference {
    /// Returns what changes, in a few words: `Metadata → None`, or `Metadata, now omits ResponseStarted`.
    pub fn change_words(&self) -> String {
        let mut words = self.before.level.name().to_owned();
        if self.before.level != self.after.level {
            words.push_str(&format!(" → {}", self.after.level.name()));
        }
        for note in self.change_notes() {
            words.push_str(", ");
            words.push_str(&note);
        }
        words
    }

    /// Returns what changes besides the level, such as `now omits ResponseStarted`.
    pub fn change_notes(&self) -> Vec<String> {
        let (before, after) = (self.before, self.after);
        // Of what is not recorded, nothing is omitted.
        if !is_recorded(before) || !is_recorded(after) {
            let had_no_stage = before.level != Level::None && !is_recorded(before);
            let has_no_stage = after.level != Level::None && !is_recorded(after);
            return match (had_no_stage, has_no_stage) {
                (true, false) => vec!["so far without any stage".to_owned()],
                (false, true) => vec!["now without any stage".to_owned()],
                _ => Vec::new(),
            };
        }
        let mut notes = Vec::new();
        let stages = |omitted: StageSet, kept: StageSet| -> Vec<&str> {
            Stage::ALL
                .into_iter()
                .filter(|stage| omitted.contains(*stage) && !kept.contains(*stage))
                .map(Stage::name)
                .collect()
        };
        let lost = stages(after.omit_stages, before.omit_stages);
        if !lost.is_empty() {
            notes.push(format!("now omits {}", lost.join(", ")));
        }
        let gained = stages(before.omit_stages, after.omit_stages);
        if !gained.is_empty() {
            notes.push(format!("no longer omits {}", gained.join(", ")));
        }
        match (before.omit_managed_fields, after.omit_managed_fields) {
            (false, true) => notes.push("now without managedFields".to_owned()),
            (true, false) => notes.push("now with managedFields".to_owned()),
            _ => {}
        }
        notes
    }
}

pub(crate) fn is_recorded(verdict: Verdict) -> bool {
    let all: StageSet = Stage::ALL.into_iter().collect();
    verdict.level != Level::None && verdict.omit_stages != all
}

/// Returns the requests that two policies treat differently, as classes: together they have exactly these requests, of the ones in `scope`, a
/// union of classes; without classes, of all. The worst losses come first. Without differences, the policies are equal.
///
/// ```
/// use audit_analysis::{Change, Options, diff};
/// use audit_policy::{KubernetesVersion, load};
///
/// let policy = |rules: &str| {
///     let source = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rules}");
///     load(source.as_bytes(), KubernetesVersion::NEWEST).policy.unwrap()
/// };
/// let before = policy("- level: Metadata\n");
/// let after = policy("- {level: None, resources: [{resources: [secrets]}], verbs: [get]}\n- level: Metadata\n");
/// let differences = diff(&before, &after, &[], Options::default()).unwrap();
/// assert_eq!(differences.len(), 1);
/// assert_eq!(differences[0].change(), Change::NotRecorded);
/// assert_eq!(differences[0].witness.full_resource(), "secrets");
/// assert!(diff(&before, &before, &[], Options::default()).unwrap().is_empty());
/// ```
///
/// # Errors
///
/// Returns an error if the differences take too long to find.
pub fn diff(
    before: &Policy,
    after: &Policy,
    scope: &[Class],
    options: Options,
) -> Result<Vec<Difference>, TooLarge> {
    let classes: Vec<&Class> = scope.iter().collect();
    let engine = Engine::new(&[before, after], &classes, options)?;
    let scope = engine.scope(scope);
    let sides = Sides {
        before: Side::new(&engine, before),
        after: Side::new(&engine, after),
        alignment: Alignment::new(before, after),
        engine: &engine,
    };
    let mut differences = Vec::new();
    for (one, other) in sides.pairs()? {
        let cubes = sides.classes(one, other, &scope)?;
        for (class, cube) in merged(&engine, cubes) {
            if let Some((witness, is_producible)) = engine.witness(&cube) {
                differences.push(Difference {
                    before: sides.before.compiled.verdict(one),
                    after: sides.after.compiled.verdict(other),
                    class,
                    witness,
                    is_producible,
                });
            }
        }
    }
    differences.sort_by_key(|difference| (difference.change(), !difference.is_producible));
    Ok(differences)
}

/// A policy, and what is known about its rules.
struct Side {
    compiled: Compiled,
    /// True for a rule that is the first to match some request.
    live: Vec<OnceCell<bool>>,
    /// For each cube of a rule, the first rule of the other policy that has all of it.
    covered_by: Vec<OnceCell<Vec<usize>>>,
}

impl Side {
    fn new(engine: &Engine, policy: &Policy) -> Self {
        let compiled = Compiled::new(&engine.space, policy);
        Self {
            live: compiled.outcomes().map(|_| OnceCell::new()).collect(),
            covered_by: compiled.outcomes().map(|_| OnceCell::new()).collect(),
            compiled,
        }
    }

    fn is_live(&self, engine: &Engine, rule: usize) -> Result<bool, TooLarge> {
        let known = self.live.get(rule);
        if let Some(known) = known.and_then(OnceCell::get) {
            return Ok(*known);
        }
        let earlier: Vec<&Cube> = self.compiled.before(rule).iter().collect();
        let mut is_live = false;
        for base in self.compiled.of(rule) {
            if !engine.is_covered(base, &earlier)? {
                is_live = true;
                break;
            }
        }
        Ok(known.map_or(is_live, |known| *known.get_or_init(|| is_live)))
    }

    /// Returns true if rules of the other policy before one have all cubes of a rule: no request of it gets as far.
    fn is_preceded(&self, rule: usize, other: &Self, by: usize) -> bool {
        let first = |cube: &Cube| {
            let has_all = |rule: &usize| {
                other
                    .compiled
                    .of(*rule)
                    .iter()
                    .any(|own| cube.is_within(own))
            };
            other.compiled.outcomes().find(has_all).unwrap_or_default()
        };
        let covered_by = self
            .covered_by
            .get(rule)
            .map(|known| known.get_or_init(|| self.compiled.of(rule).iter().map(first).collect()));
        covered_by.is_some_and(|first| first.iter().all(|first| *first < by))
    }
}

struct Sides<'e> {
    before: Side,
    after: Side,
    alignment: Alignment,
    engine: &'e Engine,
}

impl Sides<'_> {
    /// Returns the pairs of rules with different verdicts that can be the first to match the same request.
    fn pairs(&self) -> Result<Vec<(usize, usize)>, TooLarge> {
        let (before, after) = (&self.before, &self.after);
        let mut pairs = Vec::new();
        for one in before.compiled.outcomes() {
            let verdict = before.compiled.verdict(one);
            for other in after.compiled.outcomes() {
                let is_possible = self.alignment.can_meet(one, other)
                    && !verdict.has_effect_of(after.compiled.verdict(other))
                    && before.is_live(self.engine, one)?
                    && after.is_live(self.engine, other)?
                    && !after.is_preceded(other, before, one)
                    && !before.is_preceded(one, after, other);
                if is_possible {
                    pairs.push((one, other));
                }
            }
        }
        Ok(pairs)
    }

    /// Returns the requests in scope that one rule is the first to match before, and the other after.
    fn classes(&self, one: usize, other: usize, scope: &[Cube]) -> Result<Vec<Cube>, TooLarge> {
        let (before, after) = (&self.before.compiled, &self.after.compiled);
        let earlier: Vec<&Cube> = before
            .before(one)
            .iter()
            .chain(after.before(other))
            .collect();
        let mut cubes: Vec<Cube> = Vec::new();
        for own in before.of(one) {
            for base in after.of(other).iter().filter_map(|others| own.and(others)) {
                for base in scope.iter().filter_map(|scope| scope.and(&base)) {
                    let blockers: Vec<&Cube> = earlier.iter().copied().chain(&cubes).collect();
                    if !self.engine.is_covered(&base, &blockers)? {
                        cubes.extend(self.engine.classes(&base, &earlier)?);
                    }
                }
            }
        }
        self.engine.without_redundant(cubes)
    }
}
