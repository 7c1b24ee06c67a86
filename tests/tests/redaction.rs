//! Redaction of logs of real servers: no verdict, outcome or size changes, which the redactor checks, and no name is left.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use audit_log::{LogItem, LogReader};
use audit_policy::{KubernetesVersion, load};
use audit_redact::Redactor;
use conformance::{data, read};
use serde_json::Value;

const VERSION: KubernetesVersion = KubernetesVersion::NEWEST;
/// Shorter names may be the pseudonyms of others.
const LONG: usize = 7;

/// Calls a function with the text of each event.
fn events(log: &[u8], mut take: impl FnMut(&str)) {
    let mut reader = LogReader::new();
    let mut visit = |item: LogItem<'_>| {
        if let LogItem::Event(_, event) = item {
            take(event.raw);
        }
    };
    reader.push(log, &mut visit);
    reader.finish(&mut visit);
}

/// Redacts a log under a policy, checks that no name is left in any value, and returns the number of events.
fn redact(name: &str, policy: &str, log: &[u8]) -> usize {
    let mut redactor = Redactor::new(policy, VERSION, 7).unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut redacted = Vec::new();
    events(log, |event| {
        let text = redactor
            .event(event)
            .unwrap_or_else(|e| panic!("{name}: {e}\n{event}"));
        redacted.push(serde_json::from_str::<Value>(&text).expect("JSON"));
    });
    redactor.policy().unwrap_or_else(|e| panic!("{name}: {e}"));
    let replaced: HashSet<String> = redactor
        .replaced()
        .into_iter()
        .map(|(part, _)| part)
        .filter(|part| part.len() >= LONG)
        .collect();
    let kept: HashSet<&str> = redactor.kept().collect();
    for event in &mut redacted {
        // Verbs stay, whatever they are called.
        event["verb"] = Value::Null;
        let left = parts(event, &mut |part| {
            replaced.contains(part) && !kept.contains(part)
        });
        assert_eq!(left, None, "{name}");
    }
    redacted.len()
}

/// Returns a part of a text in a value for which a condition holds.
fn parts(value: &Value, holds: &mut dyn FnMut(&str) -> bool) -> Option<String> {
    match value {
        Value::String(text) => {
            let mut all = text.split(|character: char| !character.is_alphanumeric());
            all.find(|part| holds(part)).map(str::to_owned)
        }
        Value::Array(items) => items.iter().find_map(|item| parts(item, holds)),
        Value::Object(members) => members.values().find_map(|member| parts(member, holds)),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn policies(folder: &Path) -> Vec<(String, String)> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut policies: Vec<_> = files
        .filter_map(|file| Some((file.display().to_string(), fs::read_to_string(file).ok()?)))
        .filter(|(_, text)| load(text.as_bytes(), VERSION).policy.is_some())
        .collect();
    policies.sort_unstable();
    policies
}

#[test]
fn recordings_of_real_servers() {
    for (server, policies) in [
        ("kube-apiserver-1.20", ["flawed-nesting", "resnames-1"]),
        ("kube-apiserver-1.36", ["omit", "star"]),
    ] {
        let log = read(format!("{server}/base.jsonl.gz")).unwrap();
        for policy in policies {
            let name = format!("{server}/policies/{policy}.yaml");
            let policy = fs::read_to_string(data().join(&name)).unwrap();
            assert!(redact(&name, &policy, &log) > 1000, "{name}");
        }
    }
}

#[test]
fn logs_of_every_format() {
    let logs = fs::read_dir(data().join("logs")).unwrap();
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n";
    let count: usize = logs
        .map(|entry| entry.unwrap().path())
        .map(|file| {
            redact(
                &file.display().to_string(),
                policy,
                &fs::read(&file).unwrap(),
            )
        })
        .sum();
    assert!(count > 50, "{count}");
}

#[test]
fn public_policies_and_logs() {
    let shared = std::env::var_os("AUDIT_SHARED")
        .map_or_else(|| data().join("../../../shared"), PathBuf::from);
    let corpus = shared.join("corpus");
    let Ok(logs) = fs::read_dir(corpus.join("logs")) else {
        println!("skipped: no logs in {}", corpus.display());
        return;
    };
    let logs = logs.map(|entry| entry.unwrap().path());
    let mut logs: Vec<PathBuf> = logs.filter(|path| path.is_file()).collect();
    logs.sort_unstable();
    let policies = policies(&corpus.join("policies"));
    for (index, log) in logs.iter().enumerate() {
        let bytes = fs::read(log).unwrap();
        for (name, policy) in policies.iter().skip(index % 29).step_by(29) {
            redact(&format!("{name}, {}", log.display()), policy, &bytes);
        }
    }
}
