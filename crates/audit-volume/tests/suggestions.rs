//! Proposals applied to recordings of real servers: what they save, and the proof on the events' own text that nothing is lost.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use audit_log::{Attributes, Event, LogItem, LogReader};
use audit_policy::{KubernetesVersion, Level, Matcher, Policy, load};
use audit_sim::{EventTable, Verdicts, verdict};
use audit_types::EventId;
use audit_volume::compare::compare;
use audit_volume::protection::check_protection;
use audit_volume::suggest::{SuggestOptions, SuggestedRule, Suggestion, apply_all, suggest};
use flate2::read::GzDecoder;
use serde_json::Value;

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// A policy as people write it: secrets little, reads in part, the rest in full.
const POLICY: &str = "\
# The policy of the lab.
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages:
  - RequestReceived
rules:
  # Secrets and config maps without their contents.
  - level: Metadata
    resources:
      - group: \"\"
        resources: [secrets, configmaps]

  # Reads without the answer.
  - level: Request
    verbs: [get, list, watch]

  - level: RequestResponse
";

const PLAIN: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n";

fn recording(version: &str) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data");
    let path = data.join(format!("kube-apiserver-{version}/base.jsonl.gz"));
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// The recording as if components had done the same.
fn component_requests(recording: &str) -> String {
    let mut text = recording.to_owned();
    for (person, machine) in [
        ("alice", "system:kube-scheduler"),
        ("ci-bot", "system:serviceaccount:obs:agent"),
        ("bob@example.com", "system:kube-controller-manager"),
    ] {
        text = text.replace(
            &format!("\"username\":\"{person}\""),
            &format!("\"username\":\"{machine}\""),
        );
    }
    text
}

fn table(log: &str) -> EventTable {
    let mut table = EventTable::new();
    let mut reader = LogReader::new();
    let mut take = |item: LogItem<'_>| {
        if let LogItem::Event(place, event) = item {
            table.push(0, place, event);
        }
    };
    reader.push(log.as_bytes(), &mut take);
    reader.finish(&mut take);
    table
}

fn policy(text: &str) -> Policy {
    let loaded = load(text.as_bytes(), NEWEST);
    loaded
        .policy
        .unwrap_or_else(|| panic!("{:?}\n{text}", loaded.error))
}

/// Returns whether an event must not be lost, judged by its text and independently of the crate under test.
fn is_protected(line: &str) -> bool {
    let event: Value = serde_json::from_str(line).unwrap();
    let text = |pointer: &str| {
        event
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let is_read = ["get", "list", "watch"].contains(&text("/verb"));
    let code = event
        .pointer("/responseStatus/code")
        .and_then(Value::as_u64);
    !is_read
        || ["secrets", "configmaps"].contains(&text("/objectRef/resource"))
        || text("/objectRef/apiGroup") == "rbac.authorization.k8s.io"
        || ["exec", "attach", "portforward", "proxy"].contains(&text("/objectRef/subresource"))
        || ["", "system:anonymous"].contains(&text("/user/username"))
        || !event
            .pointer("/impersonatedUser")
            .is_none_or(Value::is_null)
        || matches!(code, Some(401 | 403))
}

fn level_of(matcher: &Matcher, line: &str) -> Level {
    let attributes = Attributes::from_event(&Event::new(line));
    verdict(matcher, &attributes).unwrap().level
}

/// The events of a log that bear `impersonatedUser`, by their ids.
fn impersonated(log: &str, table: &EventTable) -> Vec<EventId> {
    let ids = table.recorded_ids().zip(log.lines());
    ids.filter(|(_, line)| line.contains("\"impersonatedUser\":"))
        .map(|(id, _)| id)
        .collect()
}

#[test]
fn suggested_rules_save_bytes_and_lose_nothing_protected() {
    let recordings = [recording("1.20"), recording("1.36")];
    let machines = recordings.each_ref().map(|log| component_requests(log));
    let mut saved = 0;
    for (name, log) in [
        ("1.20", &recordings[0]),
        ("1.36", &recordings[1]),
        ("1.20 by machines", &machines[0]),
        ("1.36 by machines", &machines[1]),
    ] {
        let table = table(log);
        let mut asked = SuggestOptions {
            max_groups: 100,
            impersonated: impersonated(log, &table),
            ..SuggestOptions::default()
        };
        for source in [POLICY, PLAIN] {
            let found = suggest(source.as_bytes(), &table, &asked);
            let rules: Vec<&SuggestedRule> = found.rules().collect();
            let changed = apply_all(source, rules.iter().copied()).unwrap();
            let (before, after) = (policy(source), policy(&changed));
            assert_eq!(after.rules.len(), before.rules.len() + rules.len());
            assert!(check_protection(&before, &after, &table).passes());
            let [old, new] = [&before, &after].map(Matcher::new);
            for line in log.lines().filter(|line| is_protected(line)) {
                assert_eq!(level_of(&old, line), level_of(&new, line), "{line}");
            }
            let [old, new] = [old, new].map(|matcher| Verdicts::new(&matcher, table.requests()));
            let comparison = compare(&table, &old, &new, NEWEST);
            println!(
                "{name}: {} of {} groups, {} to {} bytes",
                rules.len(),
                found.groups.len(),
                comparison.before.bytes,
                comparison.after.bytes
            );
            // Each was tried alone; together they save the sum, since no two are about the same requests.
            let sum: u64 = rules.iter().map(|rule| rule.saves.bytes).sum();
            assert_eq!(comparison.before.bytes - comparison.after.bytes, sum);
            assert_eq!(comparison.lost.protected_events, 0);
            saved += sum;
            for answer in &found.groups {
                if let Suggestion::None { explanation, .. } = &answer.suggestion {
                    assert!(!explanation.is_empty());
                }
            }
        }
        asked.include_writes = true;
        let with_writes = suggest(PLAIN.as_bytes(), &table, &asked);
        for rule in with_writes.rules() {
            assert!(rule.is_write || !rule.rule.contains("\"update\""));
        }
    }
    assert!(saved > 0, "nothing was proposed at all");
}

#[test]
fn the_policies_of_the_recordings_get_rules_or_reasons() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data");
    let table = table(&component_requests(&recording("1.36")));
    let mut policies = 0;
    for version in ["1.20", "1.36"] {
        let folder = data.join(format!("kube-apiserver-{version}/policies"));
        for entry in std::fs::read_dir(folder).unwrap() {
            let source = std::fs::read(entry.unwrap().path()).unwrap();
            let found = suggest(&source, &table, &SuggestOptions::default());
            policies += 1;
            if found.policy_error.is_some() {
                continue;
            }
            let text = String::from_utf8(source).unwrap();
            let changed = apply_all(&text, found.rules()).unwrap();
            let safety = check_protection(&policy(&text), &policy(&changed), &table);
            assert!(safety.passes(), "{changed}");
        }
    }
    assert!(policies > 10);
}

/// Measures a large log; run it alone and optimized:
/// `cargo test --release -p audit-volume --test proposals -- --ignored --nocapture`.
#[test]
#[ignore = "measures time"]
fn a_million_events_are_fast() {
    let log = component_requests(&recording("1.36"));
    let lines: Vec<&str> = log.lines().collect();
    let mut table = EventTable::new();
    for round in 0..1_000_000 / lines.len() {
        for line in &lines {
            let other = line.replacen("\"auditID\":\"", &format!("\"auditID\":\"{round}-"), 1);
            // Names of their own, so that distinct requests grow with the log.
            let other = other.replace("/widgets/", &format!("/widgets/{}-", round % 200));
            table.push(0, audit_log::Location::default(), &Event::new(&other));
        }
    }
    println!(
        "{} events, {} requests",
        table.recorded(),
        table.requests().len()
    );
    let judge = |text: &str| Verdicts::new(&Matcher::new(&policy(text)), table.requests());
    let sides = [judge(PLAIN), judge(POLICY)];
    let few = judge(
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  verbs: [watch]\n- level: RequestResponse\n",
    );
    for (name, after) in [
        ("all differ", &sides[1]),
        ("few differ", &few),
        ("none differ", &sides[0]),
    ] {
        let start = Instant::now();
        let found = compare(&table, &sides[0], after, NEWEST);
        println!(
            "compare, {name}: {:?}, {} lost groups",
            start.elapsed(),
            found.lost.groups.len()
        );
    }
    let start = Instant::now();
    let found = suggest(POLICY.as_bytes(), &table, &SuggestOptions::default());
    println!(
        "suggest: {:?}, {} rules",
        start.elapsed(),
        found.rules().count()
    );
}
