//! Verdicts that requests of a class can have.

use audit_policy::{Level, Policy, Request, Verdict};

use crate::class::Class;
use crate::cube::Cube;
use crate::diff::is_recorded;
use crate::engine::{Compiled, Engine, Options};
use crate::merge::merged;
use crate::search::TooLarge;

/// A verdict that requests can have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The verdict.
    pub verdict: Verdict,
    /// Requests with that verdict: all of them are in an answer.
    pub class: Class,
    /// One of them.
    pub witness: Request,
    /// True if some URL, method and identity produce the witness. If not, none produce any request of the class.
    pub is_producible: bool,
}

/// Returns every verdict that a policy can give to requests of a query, in the order of the rules. The query is a union of classes; without
/// classes, it is every request.
///
/// ```
/// use audit_analysis::{Attribute, Class, Options, Values, can};
/// use audit_policy::{KubernetesVersion, Level, load};
///
/// let source = b"{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None, users: ['system:kube-proxy'], verbs: [watch]}, {level: Metadata}]}";
/// let policy = load(&[b"# \n".as_slice(), source].concat(), KubernetesVersion::NEWEST).policy.unwrap();
/// let query = Class::default().with(Attribute::Resource, Values::among(["secrets"]));
/// let answers = can(&policy, &[query], Options::default()).unwrap();
/// assert_eq!(answers.len(), 3);
/// assert_eq!((answers[0].verdict.level, answers[0].witness.verb.as_str()), (Level::None, "watch"));
/// assert_eq!(answers[1].verdict.level, Level::Metadata);
/// ```
///
/// # Errors
///
/// Returns an error if the answer takes too long to find.
pub fn can(policy: &Policy, query: &[Class], options: Options) -> Result<Vec<Answer>, TooLarge> {
    let classes: Vec<&Class> = query.iter().collect();
    let engine = Engine::new(&[policy], &classes, options)?;
    let compiled = Compiled::new(&engine.space, policy);
    let scope = engine.scope(query);
    let mut answers = Vec::new();
    for rule in compiled.outcomes() {
        let earlier: Vec<&Cube> = compiled.before(rule).iter().collect();
        let mut cubes = Vec::new();
        for base in bases(compiled.of(rule), &scope) {
            let blockers: Vec<&Cube> = earlier.iter().copied().chain(&cubes).collect();
            if !engine.is_covered(&base, &blockers)? {
                cubes.extend(engine.classes(&base, &earlier)?);
            }
        }
        for (class, cube) in merged(&engine, engine.without_redundant(cubes)?) {
            if let Some((witness, is_producible)) = engine.witness(&cube) {
                answers.push(Answer {
                    verdict: compiled.verdict(rule),
                    class,
                    witness,
                    is_producible,
                });
            }
        }
    }
    Ok(answers)
}

/// Returns the answer to a query in a few words, in lowercase: "always recorded, at `Metadata` or `Request`". Requests that cannot come count only
/// if there are no others.
///
/// ```
/// use audit_analysis::{Options, can, outcome_words, query};
/// use audit_policy::{KubernetesVersion, load};
///
/// let source = b"
/// apiVersion: audit.k8s.io/v1
/// kind: Policy
/// rules:
/// - {level: None, users: ['system:kube-proxy'], verbs: [watch]}
/// - {level: Metadata, verbs: [watch], omitStages: [RequestReceived]}
/// - {level: Request, resources: [{resources: [pods]}]}
/// ";
/// let policy = load(source, KubernetesVersion::NEWEST).policy.unwrap();
/// let words = |text: &str| {
///     outcome_words(&can(&policy, &query(text).unwrap(), Options::default()).unwrap())
/// };
/// assert_eq!(words("verb=watch,get apiGroup= resource=pods subresource= user=alice"), "always recorded, at `Metadata` or `Request`");
/// assert_eq!(words("verb=watch apiGroup= resource=pods subresource="), "not always recorded: some requests at `Metadata`, some not at all");
/// assert_eq!(words("verb=get apiGroup= resource=secrets"), "never recorded");
/// ```
pub fn outcome_words(answers: &[Answer]) -> String {
    if answers.is_empty() {
        return "no request fits the query".to_owned();
    }
    let any_can_come = answers.iter().any(|answer| answer.is_producible);
    let counted = answers
        .iter()
        .filter(|answer| answer.is_producible || !any_can_come);
    let (recorded, not_recorded): (Vec<_>, Vec<_>) =
        counted.partition(|answer| is_recorded(answer.verdict));
    let levels = Level::ALL
        .into_iter()
        .filter(|level| recorded.iter().any(|answer| answer.verdict.level == *level));
    let levels: Vec<String> = levels.map(|level| format!("`{level}`")).collect();
    let levels = levels.join(" or ");
    match (recorded.is_empty(), not_recorded.is_empty()) {
        (true, _) => "never recorded".to_owned(),
        (false, true) => format!("always recorded, at {levels}"),
        (false, false) => {
            format!("not always recorded: some requests at {levels}, some not at all")
        }
    }
}

/// Returns a request of a query whose verdict does not meet a condition. `None` proves that all do.
///
/// # Errors
///
/// Returns an error if the answer takes too long to find.
pub fn counterexample(
    policy: &Policy,
    query: &[Class],
    options: Options,
    is_met: impl Fn(Verdict) -> bool,
) -> Result<Option<Counterexample>, TooLarge> {
    let classes: Vec<&Class> = query.iter().collect();
    let engine = Engine::new(&[policy], &classes, options)?;
    let compiled = Compiled::new(&engine.space, policy);
    let scope = engine.scope(query);
    for rule in compiled.outcomes() {
        let verdict = compiled.verdict(rule);
        if is_met(verdict) {
            continue;
        }
        let earlier: Vec<&Cube> = compiled.before(rule).iter().collect();
        for base in bases(compiled.of(rule), &scope) {
            let found = engine.find(&base, &earlier)?;
            if let Some((witness, is_producible)) = found.and_then(|cube| engine.witness(&cube)) {
                return Ok(Some(Counterexample {
                    verdict,
                    witness,
                    is_producible,
                }));
            }
        }
    }
    Ok(None)
}

/// A request whose verdict is not the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counterexample {
    /// Its verdict.
    pub verdict: Verdict,
    /// The request.
    pub witness: Request,
    /// True if some URL, method and identity produce it.
    pub is_producible: bool,
}

/// Returns what cubes of rules and of a query have in common.
fn bases(rules: &[Cube], scope: &[Cube]) -> Vec<Cube> {
    rules
        .iter()
        .flat_map(|rule| scope.iter().filter_map(|query| rule.and(query)))
        .collect()
}
