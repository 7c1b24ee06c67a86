//! Times the questions on policies of 20 to 1,000 random rules, with values as policies in use have them.
//!
//! Natively: `cargo run --release -p audit-analysis --example timing`. As WebAssembly: build it for `wasm32-wasip1` and run it with any runtime
//! for WASI.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "an example")]

use std::time::Instant;

use audit_analysis::{Class, Options, can, diff, query, reach, simplify, summarize};
use audit_policy::{GroupResources, Level, Policy, Rule};

mod random;

use random::{GROUPS, RESOURCES, Random, URLS, VERBS};

fn rule(random: &mut Random) -> Rule {
    let mut rule = Rule::new(Level::ALL[random.below(4)]);
    rule.users = random.maybe(30, 4, |random| {
        let number = random.below(300);
        format!("system:serviceaccount:ns{number}:sa{number}")
    });
    rule.user_groups = random.maybe(20, 3, |random| format!("team{}", random.below(60)));
    rule.verbs = random.maybe(50, 5, |random| VERBS[random.below(VERBS.len())].to_owned());
    if random.is_percent(10) {
        rule.non_resource_urls = random.some(4, |random| URLS[random.below(URLS.len())].to_owned());
        return rule;
    }
    rule.namespaces = random.maybe(35, 4, |random| format!("ns{}", random.below(200)));
    for _ in 0..random.below(5) {
        let group = GROUPS[random.below(GROUPS.len())];
        let resources = random.maybe(80, 6, |random| {
            if random.is_percent(40) {
                RESOURCES[random.below(RESOURCES.len())].to_owned()
            } else {
                format!("things{}", random.below(120))
            }
        });
        rule.resources.push(GroupResources::new(group, resources));
    }
    rule
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, String) {
    let start = Instant::now();
    let result = work();
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    (result, format!("{milliseconds:.0} ms"))
}

fn main() {
    println!("rules | never match | secrets | one level changed | simplify");
    for count in [20, 60, 200, 500, 1_000] {
        let random = &mut Random(42);
        let mut rules: Vec<Rule> = (1..count).map(|_| rule(random)).collect();
        rules.push(Rule::new(Level::Metadata));
        let policy = Policy::new(rules);
        let mut changed = policy.clone();
        let middle = &mut changed.rules[count / 2];
        middle.level = if middle.level == Level::None {
            Level::Request
        } else {
            Level::None
        };
        let options = Options::default();
        let secrets: Vec<Class> = query("resource=secrets").unwrap();
        let (reached, reach_time) = timed(|| reach(&policy, options));
        let (answers, can_time) = timed(|| can(&policy, &secrets, options));
        let (classes, diff_time) = timed(|| {
            diff(&policy, &changed, &[], options)
                .and_then(|found| summarize(&policy, &changed, &found, options))
        });
        let (simplified, simplify_time) = timed(|| simplify(&policy, options, &|_, _| true));
        let failed: Vec<&str> = [
            ("never match", reached.is_err()),
            ("secrets", answers.is_err()),
            ("one level changed", classes.is_err()),
            ("simplify", simplified.is_err()),
        ]
        .into_iter()
        .filter_map(|(name, is_too_large)| is_too_large.then_some(name))
        .collect();
        let note = if failed.is_empty() {
            String::new()
        } else {
            format!(" (too large to decide: {})", failed.join(", "))
        };
        println!("{count} | {reach_time} | {can_time} | {diff_time} | {simplify_time}{note}");
    }
}
