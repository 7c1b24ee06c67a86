//! Random sets of goals: each is met by a policy, or shown to be contradictory. Requests over small alphabets are checked one at a time, by a
//! reading of the classes that is written here.
//!
//! `AUDIT_GOALS_SETS` is the number of sets, 1,000 by default.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;
mod small;

use audit_analysis::{Effects, Goal, Met, Options, Preferred, Unmet, meet};
use audit_policy::{Level, Matcher, Policy, Request, Stage, Verdict};
use common::Random;
use small::{Claim, can_surely_come, every_request, is_expressible};

fn count() -> u64 {
    std::env::var("AUDIT_GOALS_SETS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(1_000)
}

/// What became of the sets.
#[derive(Debug, Default)]
struct Counts {
    met: usize,
    exact: usize,
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
        let counted: Vec<&Request> = requests
            .iter()
            .filter(|request| is_every || can_surely_come(request))
            .collect();
        match meet(&goals, preferred, Options::default()) {
            Ok(met) => {
                counts.met += 1;
                counts.rules += met.policy.rules.len();
                counts.exact += usize::from(met.is_exact);
                check_met(seed, &claims, &counted, &met, preferred);
            }
            Err(Unmet::Contradictory(conflicts)) => {
                counts.contradictory += 1;
                for conflict in conflicts {
                    counts.of_three += usize::from(conflict.goals.len() > 2);
                    assert!(is_every || conflict.is_producible, "seed {seed}");
                    let part: Vec<&Claim> = conflict.goals.iter().map(|at| &claims[*at]).collect();
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
                assert!(
                    !is_expressible(&claims, &counted),
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

/// Checks that each request has a verdict that its claims allow, and the preferred one of these if the policy is exact.
fn check_met(seed: u64, claims: &[Claim], requests: &[&Request], met: &Met, preferred: Preferred) {
    let matcher = Matcher::new(&met.policy);
    for request in requests {
        let own: Vec<&Claim> = claims.iter().filter(|claim| claim.has(request)).collect();
        let verdict = matcher.evaluate(request);
        let is_met = own.iter().all(|claim| claim.allows(verdict));
        assert!(
            is_met,
            "seed {seed}: {request:?}\n{claims:#?}\n{:?}",
            met.policy
        );
        if met.is_exact && can_surely_come(request) {
            let nearest = distance_of_nearest(&own, preferred.level);
            let found = (verdict.level as i32 - preferred.level as i32).abs();
            let is_silent = verdict.level == Level::None;
            assert!(
                is_silent || found == nearest,
                "seed {seed}: {request:?} {verdict:?}\n{claims:#?}\n{:?}",
                met.policy
            );
        }
    }
    check_irredundant(seed, requests, &met.policy);
}

/// Returns the smallest distance of a level that the claims allow to the preferred one.
fn distance_of_nearest(claims: &[&Claim], level: Level) -> i32 {
    let allowed = every_effect().filter(|own| claims.iter().all(|claim| claim.allows(*own)));
    // Another level than `None` with all stages omitted is not a choice.
    let allowed =
        allowed.filter(|own| own.level == Level::None || own.omit_stages.iter().count() < 4);
    let distances = allowed.map(|own| (own.level as i32 - level as i32).abs());
    distances.min().unwrap_or(i32::MAX)
}

fn is_without_effect(claims: &[&Claim]) -> bool {
    !every_effect().any(|own| claims.iter().all(|claim| claim.allows(own)))
}

fn every_effect() -> impl Iterator<Item = Verdict> {
    let stages = |bits: usize| {
        (0..4)
            .filter(move |at| bits >> at & 1 == 1)
            .map(|at| Stage::ALL[at])
    };
    (0..128).map(move |index| {
        let mut verdict = Verdict::default();
        verdict.level = Level::ALL[index / 32];
        verdict.omit_stages = stages(index % 16).collect();
        verdict.omit_managed_fields = index / 16 % 2 == 1;
        verdict
    })
}

/// Checks that no rule can be removed without changing the verdict on a request. Requests over the alphabets suffice for that.
fn check_irredundant(seed: u64, requests: &[&Request], policy: &Policy) {
    if policy.rules.len() < 2 || requests.len() < every_request_count() {
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

fn every_request_count() -> usize {
    every_request().len()
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
