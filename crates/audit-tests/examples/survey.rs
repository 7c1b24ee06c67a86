//! Times the survey of small changes on policies whose rules overlap.
//!
//! `cargo run --release -p audit-tests --example survey [RULES]`

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "an example")]

use std::time::Instant;

use audit_policy::{GroupResources, KubernetesVersion, Level, Policy, Rule};
use audit_tests::{Runner, TestFile};

#[path = "../../audit-analysis/examples/random/mod.rs"]
mod random;

use random::{GROUPS, RESOURCES, Random, URLS, VERBS};

/// Returns a rule for some resources by some users: such rules overlap, and few earlier ones have all requests of a later one.
fn rule(random: &mut Random) -> Rule {
    let mut rule = Rule::new(Level::ALL[random.below(4)]);
    rule.verbs = random.maybe(50, 5, |random| VERBS[random.below(VERBS.len())].to_owned());
    match random.below(3) {
        0 => {
            rule.users = random.some(4, |random| {
                let number = random.below(300);
                format!("system:serviceaccount:ns{number}:sa{number}")
            });
        }
        1 => rule.user_groups = random.some(3, |random| format!("team{}", random.below(60))),
        _ => rule.namespaces = random.some(4, |random| format!("ns{}", random.below(200))),
    }
    if random.is_percent(10) {
        rule.namespaces.clear();
        rule.non_resource_urls = random.some(4, |random| URLS[random.below(URLS.len())].to_owned());
        return rule;
    }
    for _ in 0..=random.below(3) {
        let group = GROUPS[random.below(GROUPS.len())];
        let resources = random.some(4, |random| {
            RESOURCES[random.below(RESOURCES.len())].to_owned()
        });
        rule.resources.push(GroupResources::new(group, resources));
    }
    rule
}

/// Claims about classes, as suites have them.
const CASES: &str = r#"
tests:
- {name: secrets, requests: {resource: secrets}, atMost: RequestResponse}
- {name: exec, requests: {resource: pods/exec, verb: [create, get]}, atMost: RequestResponse}
- {name: roles, requests: {apiGroup: rbac.authorization.k8s.io, verb: [create, delete]}, atMost: RequestResponse}
- {name: team, requests: {userGroup: team7}, atMost: RequestResponse}
- {name: health, requests: {path: "/healthz*"}, atMost: RequestResponse}
- {name: get, request: {user: alice, verb: get, resource: pods, namespace: ns1}, atMost: RequestResponse}
"#;

fn main() {
    let counts = std::env::args().nth(1);
    let counts = counts.map_or(vec![20, 60, 200], |count| vec![count.parse().unwrap()]);
    for count in counts {
        let random = &mut Random(42);
        let mut rules: Vec<Rule> = (1..count).map(|_| rule(random)).collect();
        rules.push(Rule::new(Level::Metadata));
        let policy = Policy::new(rules);
        let file = TestFile::parse(CASES).unwrap();
        let start = Instant::now();
        let survey = Runner::new(&policy, KubernetesVersion::NEWEST).survey(&file.tests);
        println!(
            "{count} rules: {} noticed, {} equal, {} unnoticed, {} undecided, {:.2} s",
            survey.noticed,
            survey.equal,
            survey.unnoticed.len(),
            survey.undecided.len(),
            start.elapsed().as_secs_f64()
        );
    }
}
