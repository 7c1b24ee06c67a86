//! Random sets of goals: each is met by a policy, or shown to be contradictory. Requests over small alphabets are checked one at a time, by a
//! reading of the classes that is written here.
//!
//! `AUDIT_GOALS_SETS` is the number of sets, 1,000 by default.

#![expect(clippy::unwrap_used, reason = "a test")]

mod common;
mod small;

use std::collections::HashMap;

use audit_analysis::{Attribute, Conflict, Effects, Goal, Met, Options, Preferred, Unmet, meet};
use audit_policy::{Level, Matcher, Policy, Request, Stage, Verdict};
use common::Random;
use small::{
    Allowed, Claim, Preference, can_surely_come, every_effect, every_request, is_expressible,
};

fn count() -> u64 {
    std::env::var("AUDIT_GOALS_SETS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(1_000)
}

/// Number of policies that are not exact for which all lists of rules are searched, which takes long.
const MAX_SEARCHED: usize = 10;

/// Results of the sets.
#[derive(Debug, Default)]
struct Counts {
    met: usize,
    exact: usize,
    /// Those that are not exact, though a list of rules would be for the requests of the alphabets.
    exactly_expressible: usize,
    rules: usize,
    contradictory: usize,
    of_three: usize,
    about_nothing: usize,
    not_expressible: usize,
    too_large: usize,
}

#[test]
fn random_goals_are_met_or_contradictory() {
    let requests = every_request();
    let mut counts = Counts::default();
    for seed in 0..count() {
        let random = &mut Random::new(seed);
        let is_every = random.below(2) == 0;
        let claims: Vec<Claim> = (0..1 + random.below(5))
            .map(|_| Claim::random(random))
            .collect();
        let goals: Vec<Goal> = claims.iter().map(|claim| claim.goal(is_every)).collect();
        let level = Level::ALL[random.below(4)];
        let preferred = Preferred::default().with_level(level);
        let nearest = Preference::new(level);
        let counted: Vec<&Request> = requests
            .iter()
            .filter(|request| is_every || can_surely_come(request))
            .collect();
        let effects_of = Allowed::by(&claims);
        match meet(&goals, preferred, Options::default()) {
            Ok(met) => {
                counts.met += 1;
                counts.rules += met.policy.rules.len();
                counts.exact += usize::from(met.is_exact);
                check_met(seed, (&claims, &effects_of, &nearest), &counted, &met);
                if !met.is_exact && counts.met - counts.exact <= MAX_SEARCHED {
                    let is_possible = is_exactly_expressible(&effects_of, &nearest, &counted);
                    counts.exactly_expressible += usize::from(is_possible);
                }
            }
            Err(Unmet::Contradictory(conflicts)) => {
                counts.contradictory += 1;
                for conflict in conflicts {
                    counts.of_three += usize::from(conflict.goals.len() > 2);
                    check_conflict(seed, is_every, &claims, &conflict);
                }
            }
            Err(Unmet::Empty(goal)) => {
                counts.about_nothing += 1;
                assert!(
                    !counted.iter().any(|request| claims[goal].has(request)),
                    "seed {seed}"
                );
            }
            Err(Unmet::NotExpressible) => {
                counts.not_expressible += 1;
                let own = |request: &&Request| ((*request).clone(), effects_of.of(request));
                assert!(
                    !is_expressible(counted.iter().map(own)),
                    "seed {seed}: {claims:#?}"
                );
            }
            Err(error) => {
                counts.too_large += 1;
                println!("seed {seed}: {error}");
            }
        }
    }
    println!("{counts:#?}");
    assert_eq!(counts.too_large, 0);
    assert!(counts.met > 0 && counts.contradictory > 0);
}

/// Checks that all claims of a conflict are about its witness, and that no effect is left only if all of them count.
fn check_conflict(seed: u64, is_every: bool, claims: &[Claim], conflict: &Conflict) {
    assert!(is_every || conflict.is_producible, "seed {seed}");
    let part: Vec<&Claim> = conflict
        .goals
        .iter()
        .filter_map(|at| claims.get(*at))
        .collect();
    assert!(
        part.iter().all(|claim| claim.has(&conflict.witness)),
        "seed {seed}: {conflict:?}"
    );
    assert!(is_without_effect(&part), "seed {seed}: {conflict:?}");
    for left_out in 0..part.len() {
        let mut rest = part.clone();
        rest.remove(left_out);
        assert!(!is_without_effect(&rest), "seed {seed}: {conflict:?}");
    }
}

/// Returns true if some list of rules gives each request of the alphabets that can come the preferred effect. There are more requests than those of
/// the alphabets, so that does not show that a policy is possible.
fn is_exactly_expressible(
    effects_of: &Allowed,
    nearest: &Preference,
    requests: &[&Request],
) -> bool {
    // Requests that cannot come only have to be as claimed.
    let own = |request: &&Request| {
        let allowed = effects_of.of(request);
        let effects = match can_surely_come(request) {
            true => nearest.nearest(allowed).map_or(0, |(bit, _)| bit),
            false => allowed,
        };
        ((*request).clone(), effects)
    };
    is_expressible(requests.iter().map(own))
}

/// Checks that each request has a verdict that its claims allow, and the preferred one of these if the policy is exact.
fn check_met(
    seed: u64,
    (claims, effects_of, nearest): (&[Claim], &Allowed, &Preference),
    requests: &[&Request],
    met: &Met,
) {
    let matcher = Matcher::new(&met.policy);
    let mut bits = HashMap::new();
    for request in requests {
        let verdict = matcher.evaluate(request);
        let allowed = effects_of.of(request);
        let found = *bits
            .entry(verdict)
            .or_insert_with(|| Allowed::bit_of(verdict));
        assert!(
            allowed & found != 0,
            "seed {seed}: {request:?}\n{claims:#?}\n{:?}",
            met.policy
        );
        if met.is_exact && can_surely_come(request) {
            let (_, wanted) = nearest.nearest(allowed).unwrap();
            let is_same = match wanted.level {
                // Nothing is recorded, whatever is omitted.
                Level::None => verdict.level == Level::None,
                _ => verdict.has_effect_of(wanted),
            };
            assert!(
                is_same,
                "seed {seed}: {request:?} {verdict:?} {wanted:?}\n{claims:#?}\n{:?}",
                met.policy
            );
        }
    }
    let is_every = requests.iter().any(|request| !can_surely_come(request));
    if is_every {
        check_irredundant(seed, requests, &met.policy);
    }
}

fn is_without_effect(claims: &[&Claim]) -> bool {
    !every_effect()
        .into_iter()
        .any(|own| claims.iter().all(|claim| claim.allows(own)))
}

/// Checks that no rule can be removed without changing the verdict on a request. Requests over the alphabets suffice for that.
fn check_irredundant(seed: u64, requests: &[&Request], policy: &Policy) {
    if policy.rules.len() < 2 {
        return;
    }
    let matcher = Matcher::new(policy);
    let before: Vec<Verdict> = requests
        .iter()
        .map(|request| matcher.evaluate(request))
        .collect();
    for rule in 0..policy.rules.len() {
        let mut fewer = policy.clone();
        fewer.rules.remove(rule);
        let matcher = Matcher::new(&fewer);
        let is_changed = requests
            .iter()
            .zip(&before)
            .any(|(request, old)| !matcher.evaluate(request).has_effect_of(*old));
        assert!(is_changed, "seed {seed}: rule {rule} of {policy:?}");
    }
}

#[test]
fn users_of_two_groups_cannot_have_a_rule_of_their_own() {
    let group = |is_in: bool, name| (Attribute::UserGroup, is_in, vec![Some(name)]);
    let claim = |conditions: &[(Attribute, bool, Vec<Option<&'static str>>)], level| Claim {
        conditions: conditions.to_vec(),
        lowest: level,
        highest: level,
        stages: None,
        omit_managed_fields: None,
    };
    let claims = [
        claim(&[group(true, "dev"), group(false, "ops")], Level::Metadata),
        claim(&[group(false, "dev"), group(true, "ops")], Level::Request),
        claim(
            &[group(true, "dev"), group(true, "ops")],
            Level::RequestResponse,
        ),
    ];
    let requests = every_request();
    let effects_of = Allowed::by(&claims);
    let own = |request: &Request| (request.clone(), effects_of.of(request));
    assert!(!is_expressible(requests.iter().map(own)));
    let goals: Vec<Goal> = claims.iter().map(|claim| claim.goal(true)).collect();
    let unmet = meet(&goals, Preferred::default(), Options::default()).unwrap_err();
    assert_eq!(unmet, Unmet::NotExpressible);
    // Two of them are expressible.
    assert!(is_expressible(requests.iter().map(|request| {
        (request.clone(), Allowed::by(&claims[..2]).of(request))
    })));
    assert!(meet(&goals[..2], Preferred::default(), Options::default()).is_ok());
}

#[test]
fn goals_that_each_two_can_meet_together_may_contradict_each_other() {
    let all = audit_analysis::query("verb=get").unwrap();
    let goal = |allowed| Goal::new(all.clone(), allowed);
    let omits = |stages: [Stage; 2]| {
        Effects::of(move |own| {
            own.level == Level::None || stages.iter().all(|stage| own.omit_stages.contains(*stage))
        })
    };
    let recorded =
        Effects::of(|own| own.level != Level::None && own.omit_stages.iter().count() < 4);
    let goals = [
        goal(omits([Stage::RequestReceived, Stage::ResponseStarted])),
        goal(omits([Stage::ResponseComplete, Stage::Panic])),
        goal(recorded),
    ];
    let unmet = meet(&goals, Preferred::default(), Options::default()).unwrap_err();
    let Unmet::Contradictory(conflicts) = unmet else {
        panic!("{unmet:?}");
    };
    assert_eq!(conflicts[0].goals, [0, 1, 2]);
    assert_eq!(conflicts[0].witness.verb, "get");
    for pair in [[0, 1], [0, 2], [1, 2]] {
        let goals = pair.map(|at| goals[at].clone());
        assert!(meet(&goals, Preferred::default(), Options::default()).is_ok());
    }
}
