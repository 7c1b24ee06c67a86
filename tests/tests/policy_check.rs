//! Logs that real servers wrote, checked against the policy that they had and against the policies that they did not have.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;

use audit_log::{LogItem, LogReader};
use audit_policy::{KubernetesVersion, load};
use audit_sim::policy_check::{PolicyCheck, PolicyCheckResult, best_fit};
use conformance::{data, read};

/// Checks a log against several policies.
fn check(
    server: &str,
    log: &str,
    policies: &[String],
    version: KubernetesVersion,
) -> Vec<PolicyCheckResult> {
    let check = |policy: &String| {
        let policy = read(format!("{server}/policies/{policy}.yaml")).unwrap();
        PolicyCheck::new(&load(&policy, version).policy.unwrap())
    };
    let mut checks: Vec<PolicyCheck> = policies.iter().map(check).collect();
    let mut reader = LogReader::new();
    let mut take = |item: LogItem<'_>| match item {
        LogItem::Event(location, event) => {
            for check in &mut checks {
                check.push(0, location, event);
            }
        }
        LogItem::Problem(problem) => panic!("{log}: {problem:?}"),
    };
    reader.push(&read(format!("{server}/{log}")).unwrap(), &mut take);
    reader.finish(&mut take);
    checks.into_iter().map(PolicyCheck::finish).collect()
}

fn names(server: &str, folder: &str, ending: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(data().join(server).join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|file| Some(file.strip_suffix(ending)?.to_owned()))
        .collect();
    names.sort();
    names
}

/// Checks every log against every policy. Returns the pairs of a log and another policy that nothing in the log contradicts.
fn fits(server: &str, version: KubernetesVersion) -> Vec<(String, String)> {
    let policies = names(server, "policies", ".yaml");
    let mut logs: Vec<(String, String)> = names(server, "logs", ".jsonl.gz")
        .into_iter()
        .map(|name| (name.clone(), format!("logs/{name}.jsonl.gz")))
        .collect();
    logs.push(("base".to_owned(), "base.jsonl.gz".to_owned()));
    let mut others = Vec::new();
    for (name, log) in logs {
        let results = check(server, &log, &policies, version);
        for (policy, result) in policies.iter().zip(&results) {
            let summary = format!("{server} {name} by {policy}: {:#?}", result.contradictions);
            assert!(result.checked > 0, "{summary}");
            assert_eq!(result.unknowable, 0, "{summary}");
            if *policy == name {
                assert_eq!(result.consistent, Some(true), "{summary}");
                assert!(result.hints.is_empty(), "{:?}", result.hints);
            } else if result.consistent == Some(true) {
                others.push((name.clone(), policy.clone()));
            }
        }
        let best = best_fit(&results).and_then(|best| policies.get(best));
        assert_eq!(best, Some(&name));
    }
    others
}

#[test]
fn logs_of_1_20_contradict_every_policy_but_their_own() {
    let version = KubernetesVersion::from_minor(20).unwrap();
    let others = fits("kube-apiserver-1.20", version);
    assert_eq!(others, []);
}

#[test]
fn logs_of_1_36_contradict_every_policy_but_their_own() {
    let others = fits("kube-apiserver-1.36", KubernetesVersion::NEWEST);
    assert_eq!(others, []);
}

/// Lines of a log, cut into parts as rotation, export and tail cut it.
#[test]
fn parts_of_a_log_do_not_contradict_its_policy() {
    let version = KubernetesVersion::from_minor(20).unwrap();
    let server = "kube-apiserver-1.20";
    for name in ["meta-all", "omit", "none-users", "request-all"] {
        let policy = read(format!("{server}/policies/{name}.yaml")).unwrap();
        let policy = load(&policy, version).policy.unwrap();
        let text = read(format!("{server}/logs/{name}.jsonl.gz")).unwrap();
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let newest_first: Vec<&[u8]> = lines.iter().rev().copied().collect();
        let every_seventh: Vec<&[u8]> = lines.iter().step_by(7).copied().collect();
        // A shipper that drops most events leaves too little of a small part.
        for (lines, sizes) in [
            (&lines, &[1, 3, 40, 700][..]),
            (&newest_first, &[1, 3, 40, 700]),
            (&every_seventh, &[700]),
        ] {
            for &size in sizes {
                for part in lines.chunks(size).step_by(1 + 300 / size) {
                    let mut check = PolicyCheck::new(&policy);
                    let mut reader = LogReader::new();
                    let mut take = |item: LogItem<'_>| {
                        if let LogItem::Event(location, event) = item {
                            check.push(0, location, event);
                        }
                    };
                    reader.push(&part.concat(), &mut take);
                    reader.finish(&mut take);
                    let result = check.finish();
                    assert_eq!(
                        result.consistent,
                        Some(true),
                        "{name} in parts of {size}: {:#?}",
                        result.contradictions
                    );
                }
            }
        }
    }
}
