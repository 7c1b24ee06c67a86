//! Requests that a change of a policy affects.

use audit_policy::{Level, Policy, Request, Stage, StageSet, Verdict};

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
        let (before, after) = (self.before, self.after);
        match (is_recorded(before), is_recorded(after)) {
            (true, false) => return Change::NotRecorded,
            (false, false) => return Change::Nothing,
            (false, true) => return Change::Gained,
            (true, true) => {}
        }
        let lost_stages = Stage::ALL
            .into_iter()
            .any(|stage| after.omit_stages.contains(stage) && !before.omit_stages.contains(stage));
        if after.level < before.level {
            Change::BodiesLost
        } else if lost_stages {
            Change::StagesLost
        } else if after.omit_managed_fields && !before.omit_managed_fields {
            Change::ManagedFieldsLost
        } else {
            Change::Gained
        }
    }
}

impl Change {
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

fn is_recorded(verdict: Verdict) -> bool {
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
        before: Side::new(&engine, before)?,
        after: Side::new(&engine, after)?,
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

/// A policy, and the rules that can match anything.
struct Side {
    compiled: Compiled,
    live: Vec<usize>,
}

impl Side {
    fn new(engine: &Engine, policy: &Policy) -> Result<Self, TooLarge> {
        let compiled = Compiled::new(&engine.space, policy);
        let mut live = Vec::new();
        for rule in compiled.outcomes() {
            let earlier: Vec<&Cube> = compiled.before(rule).iter().collect();
            for base in compiled.of(rule) {
                if !engine.is_covered(base, &earlier)? {
                    live.push(rule);
                    break;
                }
            }
        }
        Ok(Self { compiled, live })
    }

    /// Returns for each cube of another policy the first rule here that has all of it, by rule of the other policy.
    fn covers(&self, other: &Self) -> Vec<Vec<usize>> {
        let first = |cube: &Cube| {
            self.compiled
                .outcomes()
                .find(|rule| {
                    self.compiled
                        .of(*rule)
                        .iter()
                        .any(|own| cube.is_within(own))
                })
                .unwrap_or_default()
        };
        let of_rule = |rule| other.compiled.of(rule).iter().map(first).collect();
        other.compiled.outcomes().map(of_rule).collect()
    }
}

struct Sides<'e> {
    before: Side,
    after: Side,
    engine: &'e Engine,
}

impl Sides<'_> {
    /// Returns the pairs of rules with different verdicts that can be the first to match the same request.
    fn pairs(&self) -> Result<Vec<(usize, usize)>, TooLarge> {
        let (before, after) = (&self.before, &self.after);
        let before_covers = before.covers(after);
        let after_covers = after.covers(before);
        let mut pairs = Vec::new();
        for one in &before.live {
            for other in &after.live {
                // All cubes of a rule are within rules of the other side that come earlier: no request gets as far.
                let is_preceded = |covers: &[Vec<usize>], rule: usize, by: usize| {
                    covers
                        .get(rule)
                        .is_some_and(|first| first.iter().all(|first| *first < by))
                };
                let is_possible = !before
                    .compiled
                    .verdict(*one)
                    .has_effect_of(after.compiled.verdict(*other))
                    && !is_preceded(&before_covers, *other, *one)
                    && !is_preceded(&after_covers, *one, *other);
                if is_possible {
                    pairs.push((*one, *other));
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
