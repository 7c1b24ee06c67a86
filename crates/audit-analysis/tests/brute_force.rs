//! Random small policies: every answer is compared with that of every request over small alphabets, one at a time.
//!
//! `AUDIT_ANALYSIS_POLICIES` is the number of policies, 100 by default.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use audit_analysis::{
    Class, ImpactAnalysis, Options, Reach, Requests, Simplified, can, counterexample, diff, edited,
    reach, simplified_edits, simplify, summarize, unused_values,
};
use audit_policy::{
    KubernetesVersion, Level, Matcher, Policy, Request, Rule, RuleIndex, Verdict, load,
};
use common::{Random, every_request, policy, query};

fn count() -> u64 {
    std::env::var("AUDIT_ANALYSIS_POLICIES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(100)
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
fn impacts_are_those_of_every_request() {
    let requests = every_request();
    let mut examined = 0;
    for seed in 0..count() {
        let random = &mut Random::new(seed);
        let (before, first) = pair(random);
        let scope = query(random);
        let scopes = [std::slice::from_ref(&scope)];
        let analysis = ImpactAnalysis::new(&before, &scopes, KubernetesVersion::NEWEST).unwrap();
        let old = verdicts(&before, &requests);
        let is_in_scope: Vec<_> = requests
            .iter()
            .map(|request| scope.contains(request))
            .collect();
        let mut without_stages = before.clone();
        without_stages.omit_stages.clear();
        let mut wider = before.clone();
        wider.rules[0].user_groups.clear();
        wider.rules[0].namespaces.clear();
        for after in [first, without_stages, wider] {
            // Another policy may list other values.
            let Some(edit) = analysis.edit(&after) else {
                continue;
            };
            examined += 1;
            let new = verdicts(&after, &requests);
            let differs = |one, other| !same(one, other);
            let is_lost = |one: Verdict, other: Verdict| other.level < one.level;
            let found = analysis.difference(&edit, Requests::All, &differs).unwrap();
            let any_changed = old
                .iter()
                .zip(&new)
                .any(|(one, other)| differs(*one, *other));
            assert_eq!(
                found.is_some(),
                any_changed,
                "seed {seed}: {before:?}\n{after:?}"
            );
            let any_in_scope = |is_wanted: &dyn Fn(Verdict, Verdict) -> bool| {
                let mut pairs = old.iter().zip(&new).zip(&is_in_scope);
                pairs.any(|((one, other), is_in_scope)| *is_in_scope && is_wanted(*one, *other))
            };
            let found_in_scope = |is_wanted: &dyn Fn(Verdict, Verdict) -> bool| {
                let found = analysis.changes_in(&edit, 0, Requests::All, is_wanted);
                found.unwrap()
            };
            for is_wanted in [&differs as &dyn Fn(Verdict, Verdict) -> bool, &is_lost] {
                assert_eq!(
                    found_in_scope(is_wanted),
                    any_in_scope(is_wanted),
                    "seed {seed}: {scope:?}"
                );
            }
            if let Some(found) = found {
                assert!(found.class.contains(&found.witness), "seed {seed}");
                let of_witness = (
                    Matcher::new(&before).evaluate(&found.witness),
                    Matcher::new(&after).evaluate(&found.witness),
                );
                assert_eq!((found.before, found.after), of_witness, "seed {seed}");
                for ((request, one), other) in requests.iter().zip(&old).zip(&new) {
                    if (found.before, found.after) != (*one, *other) {
                        assert!(!found.class.contains(request), "seed {seed}: {request:?}");
                    }
                }
            }
            let possible = analysis.difference(&edit, Requests::Possible, &differs);
            let all = diff(&before, &after, &[], OPTIONS().only_possible(true)).unwrap();
            assert_eq!(possible.unwrap().is_some(), !all.is_empty(), "seed {seed}");
        }
    }
    assert!(examined > 0);
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

#[test]
fn rules_are_reached_as_by_every_request() {
    let requests = every_request();
    let mut unreachable = 0;
    for seed in 0..count() {
        let policy = policy(&mut Random::new(seed));
        let matcher = Matcher::new(&policy);
        let mut reached = vec![false; policy.rules.len()];
        for request in &requests {
            if let Some(rule) = matcher.evaluate(request).rule {
                reached[rule.get()] = true;
            }
        }
        for (index, reach) in reach(&policy, OPTIONS()).unwrap().into_iter().enumerate() {
            match reach {
                Reach::Witness(request, _) => {
                    assert!(reached[index], "seed {seed}: {policy:?}");
                    let rule = matcher.evaluate(&request).rule;
                    assert_eq!(rule.map(|rule| rule.get()), Some(index), "seed {seed}");
                }
                Reach::Covered(by) => {
                    unreachable += 1;
                    assert!(!reached[index], "seed {seed}: {index} {policy:?}");
                    check_cover(
                        seed,
                        &policy,
                        index,
                        &by.iter().map(|rule| rule.get()).collect::<Vec<_>>(),
                        &requests,
                    );
                }
                _ => unreachable!(),
            }
        }
    }
    assert!(unreachable > 0);
}

/// Checks that some earlier rules match whatever a rule matches, and that all but any one of them do not.
fn check_cover(seed: u64, policy: &Policy, rule: usize, by: &[usize], requests: &[Request]) {
    let is_reached = |kept: &[usize]| {
        let rules = kept
            .iter()
            .chain([&rule])
            .map(|at| policy.rules[*at].clone());
        let matcher = Matcher::new(&Policy::new(rules.collect()));
        let own = kept.len();
        requests.iter().any(|request| {
            matcher
                .evaluate(request)
                .rule
                .is_some_and(|rule| rule.get() == own)
        })
    };
    assert!(!is_reached(by), "seed {seed}: {rule} {by:?}");
    for left_out in by {
        let rest: Vec<usize> = by.iter().copied().filter(|at| at != left_out).collect();
        assert!(
            is_reached(&rest),
            "seed {seed}: {rule} {by:?} without {left_out}"
        );
    }
}

#[test]
fn simpler_policies_are_equal_and_nothing_more_can_be_removed() {
    let requests = every_request();
    let (mut removed, mut merged) = (0, 0);
    for seed in 0..count() {
        let random = &mut Random::new(seed);
        let policy = if seed % 4 < 2 {
            similar_rules(random)
        } else {
            policy(random)
        };
        let is_merging = seed % 2 == 0;
        let simplified = simplify(&policy, OPTIONS(), &|_, _| is_merging).unwrap();
        removed += simplified.removed.len();
        merged += simplified.merged.len();
        let is_next = |(first, second): &(RuleIndex, RuleIndex)| first.get() + 1 == second.get();
        if is_merging {
            assert!(!simplified.mergeable.iter().any(is_next), "seed {seed}");
        }
        check_text(seed, &policy, &simplified);
        let verdicts = |policy: &Policy| -> Vec<Verdict> {
            let matcher = Matcher::new(policy);
            requests
                .iter()
                .map(|request| matcher.evaluate(request))
                .collect()
        };
        let old = verdicts(&policy);
        let are_equal = |other: &Policy| {
            let new = verdicts(other);
            old.iter().zip(&new).all(|(one, other)| same(*one, *other))
        };
        assert!(
            are_equal(&simplified.policy),
            "seed {seed}: {policy:?} {simplified:?}"
        );
        for smaller in smaller(&simplified.policy) {
            assert!(
                !are_equal(&smaller),
                "seed {seed}: {:?} {smaller:?}",
                simplified.policy
            );
        }
        let mut paths: Vec<String> = unused_values(&policy, OPTIONS())
            .unwrap()
            .iter()
            .map(|unused| unused.path.to_string())
            .collect();
        // All together; the last of a list first, so that the others keep their places.
        paths.sort_by_key(|path| std::cmp::Reverse((path.matches('[').count(), path.clone())));
        let mut rest = policy.clone();
        for path in &paths {
            remove(&mut rest, path);
        }
        if !paths.is_empty() {
            let matcher = Matcher::new(&rest);
            let before = Matcher::new(&policy);
            for request in &requests {
                assert_eq!(
                    before.evaluate(request),
                    matcher.evaluate(request),
                    "seed {seed}: {paths:?}"
                );
            }
        }
    }
    assert!(removed > 0 && merged > 0);
}

/// Returns a random policy whose rules often differ in one list only.
fn similar_rules(random: &mut Random) -> Policy {
    let mut policy = policy(random);
    let mut template = policy.rules[0].clone();
    template.non_resource_urls.clear();
    template.users = vec!["ann".to_owned()];
    let dimension = random.below(5);
    for rule in &mut policy.rules {
        let own = std::mem::replace(rule, template.clone());
        match dimension {
            0 if !own.users.is_empty() => rule.users = own.users,
            1 => rule.verbs = own.verbs,
            2 => rule.namespaces = own.namespaces,
            3 => rule.user_groups = own.user_groups,
            _ => rule.resources = own.resources,
        }
        if random.below(6) == 0 {
            rule.level = own.level;
        }
    }
    policy
}

/// Checks that the text of a policy can be edited to be the simpler policy: one that is written in blocks, whatever is removed and merged.
fn check_text(seed: u64, policy: &Policy, simplified: &Simplified) {
    let version = KubernetesVersion::NEWEST;
    let text = in_blocks(policy);
    let loaded = load(text.as_bytes(), version);
    // A rule for resources and for URLs at once is rejected.
    let Some(read) = &loaded.policy else {
        return;
    };
    assert_eq!(read.rules, policy.rules, "seed {seed}: {text}");
    let edits = simplified_edits(&loaded, simplified, version);
    // Whatever is lost of a list when all of its own items are redundant has no place.
    let Some(edits) = edits else {
        assert!(!simplified.merged.is_empty(), "seed {seed}: {text}");
        return;
    };
    let edited = edited(&text, &edits).unwrap();
    let read = load(edited.as_bytes(), version).policy.unwrap();
    assert_eq!(read.rules, simplified.policy.rules, "seed {seed}: {edited}");
}

/// Writes a policy with one item a line.
fn in_blocks(policy: &Policy) -> String {
    let list = |name: &str, indent: &str, values: &[String]| -> String {
        if values.is_empty() {
            return String::new();
        }
        let items = values.iter().map(|value| format!("{indent}- {value:?}\n"));
        format!("{indent}{name}:\n{}", items.collect::<String>())
    };
    let mut text = "apiVersion: audit.k8s.io/v1\nkind: Policy\n".to_owned();
    for stage in &policy.omit_stages {
        text.push_str(&format!("omitStages: [{}]\n", stage.name()));
    }
    text.push_str(&format!(
        "omitManagedFields: {}\nrules:\n",
        policy.omit_managed_fields
    ));
    for rule in &policy.rules {
        text.push_str(&format!("# A rule.\n- level: {}\n", rule.level));
        text.push_str(&list("users", "  ", &rule.users));
        text.push_str(&list("userGroups", "  ", &rule.user_groups));
        text.push_str(&list("verbs", "  ", &rule.verbs));
        text.push_str(&list("namespaces", "  ", &rule.namespaces));
        text.push_str(&list("nonResourceURLs", "  ", &rule.non_resource_urls));
        if !rule.resources.is_empty() {
            text.push_str("  resources:\n");
        }
        for entry in &rule.resources {
            text.push_str(&format!("  - group: {:?}\n", entry.group));
            text.push_str(&list("resources", "    ", &entry.resources));
            text.push_str(&list("resourceNames", "    ", &entry.resource_names));
        }
        if !rule.omit_stages.is_empty() {
            let stages: Vec<&str> = rule.omit_stages.iter().map(|stage| stage.name()).collect();
            text.push_str(&format!("  omitStages: [{}]\n", stages.join(", ")));
        }
        if let Some(omit) = rule.omit_managed_fields {
            text.push_str(&format!("  omitManagedFields: {omit}\n"));
        }
    }
    text
}

/// Removes a value, by its path.
fn remove(policy: &mut Policy, path: &str) {
    let numbers: Vec<usize> = path
        .split(['[', ']'])
        .filter_map(|part| part.parse().ok())
        .collect();
    let rule = &mut policy.rules[numbers[0]];
    let list = path
        .rsplit(['.'])
        .next()
        .unwrap()
        .split('[')
        .next()
        .unwrap();
    let last = numbers[numbers.len() - 1];
    match (list, numbers.len()) {
        ("users", _) => drop(rule.users.remove(last)),
        ("userGroups", _) => drop(rule.user_groups.remove(last)),
        ("verbs", _) => drop(rule.verbs.remove(last)),
        ("namespaces", _) => drop(rule.namespaces.remove(last)),
        ("nonResourceURLs", _) => drop(rule.non_resource_urls.remove(last)),
        ("resources", 2) => drop(rule.resources.remove(last)),
        ("resources", _) => drop(rule.resources[numbers[1]].resources.remove(last)),
        _ => drop(rule.resources[numbers[1]].resource_names.remove(last)),
    }
}

/// Returns the policies with one rule or one value less.
fn smaller(policy: &Policy) -> Vec<Policy> {
    let mut smaller = Vec::new();
    let mut add = |change: &dyn Fn(&mut Policy)| {
        let mut changed = policy.clone();
        change(&mut changed);
        smaller.push(changed);
    };
    for (index, rule) in policy.rules.iter().enumerate() {
        if policy.rules.len() > 1 {
            add(&|policy| drop(policy.rules.remove(index)));
        }
        let mut lists = vec![
            (format!("rules[{index}].users"), rule.users.len()),
            (format!("rules[{index}].userGroups"), rule.user_groups.len()),
            (format!("rules[{index}].verbs"), rule.verbs.len()),
            (format!("rules[{index}].namespaces"), rule.namespaces.len()),
            (
                format!("rules[{index}].nonResourceURLs"),
                rule.non_resource_urls.len(),
            ),
            (format!("rules[{index}].resources"), rule.resources.len()),
        ];
        for (at, entry) in rule.resources.iter().enumerate() {
            let path = format!("rules[{index}].resources[{at}]");
            lists.push((format!("{path}.resources"), entry.resources.len()));
            lists.push((format!("{path}.resourceNames"), entry.resource_names.len()));
        }
        for (path, len) in lists.into_iter().filter(|(_, len)| *len > 1) {
            for item in 0..len {
                add(&|policy| remove(policy, &format!("{path}[{item}]")));
            }
        }
        // A list that goes is a condition less. The server rejects names without resources.
        let own: [fn(&mut Rule); 6] = [
            |rule| rule.users.clear(),
            |rule| rule.user_groups.clear(),
            |rule| rule.verbs.clear(),
            |rule| rule.namespaces.clear(),
            |rule| rule.non_resource_urls.clear(),
            |rule| rule.resources.clear(),
        ];
        let mut without = |clear: &dyn Fn(&mut Rule)| {
            let mut less = rule.clone();
            clear(&mut less);
            if less != *rule {
                add(&|policy| policy.rules[index] = less.clone());
            }
        };
        for clear in own {
            without(&clear);
        }
        for at in 0..rule.resources.len() {
            without(&|rule| rule.resources[at].resource_names.clear());
            if rule.resources[at].resource_names.is_empty() {
                without(&|rule| rule.resources[at].resources.clear());
            }
        }
        // The only rule may match nothing.
        if policy.rules.len() == 1 {
            continue;
        }
        for stage in 0..rule.omit_stages.len() {
            add(&|policy| {
                policy.rules[index].omit_stages.remove(stage);
            });
        }
        if rule.omit_managed_fields.is_some() {
            add(&|policy| policy.rules[index].omit_managed_fields = None);
        }
    }
    smaller
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

/// Returns the verdict of each request.
fn verdicts(policy: &Policy, requests: &[Request]) -> Vec<Verdict> {
    let matcher = Matcher::new(policy);
    requests
        .iter()
        .map(|request| matcher.evaluate(request))
        .collect()
}

fn same(one: Verdict, other: Verdict) -> bool {
    one.level == other.level
        && one.omit_stages == other.omit_stages
        && one.omit_managed_fields == other.omit_managed_fields
}
