//! Random small policies: every answer is compared with that of every request over small alphabets, one at a time.
//!
//! `AUDIT_ANALYSIS_POLICIES` is the number of policies, 300 by default.

mod common;

use audit_analysis::{Class, Options, can, counterexample, diff, summarize};
use audit_policy::{Level, Matcher, Policy, Request, Verdict};
use common::{Random, every_request, policy, query};

fn count() -> u64 {
    std::env::var("AUDIT_ANALYSIS_POLICIES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(300)
}

const OPTIONS: fn() -> Options = Options::default;

#[test]
fn differences_are_those_of_every_request() {
    let requests = every_request();
    let mut different = 0;
    for seed in 0..count() {
        let random = &mut Random::new(seed);
        let (before, after) = pair(random);
        let differences = diff(&before, &after, &[], OPTIONS()).unwrap();
        different += usize::from(!differences.is_empty());
        let (old, new) = (Matcher::new(&before), Matcher::new(&after));
        let summaries = summarize(&before, &after, &differences, OPTIONS()).unwrap();
        for request in &requests {
            let (one, other) = (old.evaluate(request), new.evaluate(request));
            let classes: Vec<_> = differences
                .iter()
                .filter(|difference| difference.class.contains(request))
                .collect();
            assert_eq!(
                !same(one, other),
                !classes.is_empty(),
                "seed {seed}: {request:?}\n{before:?}\n{after:?}\n{differences:#?}"
            );
            for difference in classes {
                assert_eq!(
                    (difference.before, difference.after),
                    (one, other),
                    "seed {seed}: {request:?}"
                );
            }
        }
        for difference in &differences {
            let witness = &difference.witness;
            assert!(
                difference.class.contains(witness),
                "seed {seed}: {difference:?}"
            );
            assert_eq!(old.evaluate(witness), difference.before, "seed {seed}");
            assert_eq!(new.evaluate(witness), difference.after, "seed {seed}");
        }
        for summary in &summaries {
            assert!(
                summary.class.contains(&summary.witness),
                "seed {seed}: {summary:?}"
            );
            let first = &differences[summary.differences[0]];
            assert!(
                first.class.contains(&summary.witness),
                "seed {seed}: {summary:?}"
            );
            assert_eq!(first.change(), summary.change, "seed {seed}");
        }
    }
    assert!(different > 0);
}

#[test]
fn possible_verdicts_are_those_of_every_request() {
    let requests = every_request();
    for seed in 0..count() {
        let random = &mut Random::new(seed);
        let policy = policy(random);
        let query = query(random);
        let answers = can(&policy, std::slice::from_ref(&query), OPTIONS()).unwrap();
        let matcher = Matcher::new(&policy);
        for request in &requests {
            let verdict = matcher.evaluate(request);
            let found: Vec<Verdict> = answers
                .iter()
                .filter(|answer| answer.class.contains(request))
                .map(|answer| answer.verdict)
                .collect();
            if query.contains(request) {
                assert!(
                    found.contains(&verdict),
                    "seed {seed}: {request:?}\n{policy:?}\n{answers:#?}"
                );
                assert!(
                    found.iter().all(|own| *own == verdict),
                    "seed {seed}: {request:?}"
                );
            } else {
                assert!(
                    found.is_empty(),
                    "seed {seed}: {request:?}\n{query:?}\n{answers:#?}"
                );
            }
        }
        for answer in &answers {
            assert!(query.contains(&answer.witness), "seed {seed}: {answer:?}");
            assert_eq!(
                matcher.evaluate(&answer.witness),
                answer.verdict,
                "seed {seed}"
            );
        }
        check_claims(seed, &policy, &query, &requests);
    }
}

/// Compares the proof that requests of a class have at most a level with every request.
fn check_claims(seed: u64, policy: &Policy, query: &Class, requests: &[Request]) {
    let matcher = Matcher::new(policy);
    for level in [Level::None, Level::Metadata, Level::Request] {
        let found = counterexample(policy, std::slice::from_ref(query), OPTIONS(), |verdict| {
            verdict.level <= level
        })
        .unwrap();
        let is_refuted = requests
            .iter()
            .any(|request| query.contains(request) && matcher.evaluate(request).level > level);
        assert_eq!(
            found.is_some(),
            is_refuted,
            "seed {seed}: {level:?} {query:?}\n{policy:?}"
        );
        if let Some(found) = found {
            assert!(
                query.contains(&found.witness) && matcher.evaluate(&found.witness).level > level
            );
        }
    }
}

/// Returns a policy and a change of it, or another policy.
fn pair(random: &mut Random) -> (Policy, Policy) {
    let before = policy(random);
    let mut after = before.clone();
    match random.below(4) {
        0 => return (before, policy(random)),
        1 => {
            let at = random.below(after.rules.len());
            after.rules.remove(at);
        }
        2 => {
            let (one, other) = (
                random.below(after.rules.len()),
                random.below(after.rules.len()),
            );
            after.rules.swap(one, other);
        }
        _ => {
            let at = random.below(after.rules.len());
            after.rules[at].verbs = vec!["get".to_owned()];
        }
    }
    (before, after)
}

fn same(one: Verdict, other: Verdict) -> bool {
    one.level == other.level
        && one.omit_stages == other.omit_stages
        && one.omit_managed_fields == other.omit_managed_fields
}
