//! Compares a full recording simulated under another policy with what a real server wrote under that policy for the same requests.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::fs;

use audit_log::{Event, LogItem, LogReader};
use audit_policy::{KubernetesVersion, load};
use audit_sim::Simulator;
use conformance::{data, read, text};
use playground_protocol::verified::{Comparison, REPLAY_1_20, REPLAY_1_36};
use serde_json::Value;

/// Audit ID, stage, and index among events with the same two.
type Key = (String, String, usize);

fn events(path: &str, mut note: impl FnMut(&Event<'_>)) {
    let mut reader = LogReader::new();
    let mut take = |item: LogItem<'_>| match item {
        LogItem::Event(_, event) => note(event),
        LogItem::Problem(problem) => panic!("{path}: {problem:?}"),
    };
    reader.push(&read(path).unwrap(), &mut take);
    reader.finish(&mut take);
}

fn keyed(lines: Vec<String>) -> HashMap<Key, (Value, usize)> {
    let mut counts = HashMap::new();
    lines
        .into_iter()
        .map(|line| {
            let value: Value = serde_json::from_str(&line).unwrap();
            let (id, stage) = (
                text(&value, "auditID").to_owned(),
                text(&value, "stage").to_owned(),
            );
            let nth = counts.entry((id.clone(), stage.clone())).or_insert(0);
            *nth += 1;
            ((id, stage, *nth), (value, line.len()))
        })
        .collect()
}

fn predicted(server: &str, simulator: &Simulator) -> HashMap<Key, (Value, usize)> {
    let mut lines = Vec::new();
    events(&format!("{server}/base.jsonl.gz"), |event| {
        let line = simulator.line(event, &simulator.simulate(event));
        lines.extend(line.map(|line| String::from_utf8(line).unwrap()));
    });
    keyed(lines)
}

fn actual(server: &str, name: &str) -> HashMap<Key, (Value, usize)> {
    let mut lines = Vec::new();
    events(&format!("{server}/logs/{name}.jsonl.gz"), |event| {
        lines.push(format!("{}\n", event.raw))
    });
    keyed(lines)
}

/// The fields that do not differ from run to run.
fn stable(event: &Value) -> Value {
    let mut event = event.clone();
    let fields = event.as_object_mut().unwrap();
    for noise in ["requestReceivedTimestamp", "stageTimestamp", "userAgent"] {
        fields.remove(noise);
    }
    for body in ["requestObject", "responseObject", "responseStatus"] {
        if let Some(body) = fields.get_mut(body) {
            *body = body
                .get("code")
                .or(body.get("kind"))
                .cloned()
                .unwrap_or_default();
        }
    }
    for (parent, noise) in [
        ("objectRef", "uid"),
        ("objectRef", "resourceVersion"),
        ("annotations", "authorization.k8s.io/reason"),
    ] {
        if let Some(parent) = fields.get_mut(parent).and_then(Value::as_object_mut) {
            parent.remove(noise);
        }
    }
    event
}

fn replay(server: &str, version: KubernetesVersion, claim: Comparison) {
    let (mut pairs, mut events) = (0, 0);
    let mut names: Vec<String> = fs::read_dir(data().join(server).join("logs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|file| file.trim_end_matches(".jsonl.gz").to_owned())
        .collect();
    names.sort();
    for name in names {
        let policy = read(format!("{server}/policies/{name}.yaml")).unwrap();
        let simulator = Simulator::new(&load(&policy, version).policy.unwrap(), version);
        let (predicted, actual) = (predicted(server, &simulator), actual(server, &name));
        for key in predicted.keys() {
            assert!(
                actual.contains_key(key),
                "{server} {name}: {key:?} is predicted and was not written"
            );
        }
        let mut lost_patches = 0;
        let mut bytes = (0, 0);
        for (key, (event, length)) in &actual {
            let Some((prediction, predicted_length)) = predicted.get(key) else {
                // The server does not write the last event of a patch that is not JSON at level Request and above, so the recording lacks it.
                assert_eq!(
                    (text(event, "verb"), text(event, "stage")),
                    ("patch", "ResponseComplete"),
                    "{server} {name}: {key:?} was written and is not predicted"
                );
                lost_patches += 1;
                continue;
            };
            assert_eq!(
                stable(prediction),
                stable(event),
                "{server} {name}: {key:?}"
            );
            bytes.0 += predicted_length;
            bytes.1 += length;
            pairs += 1;
        }
        let difference = 100.0 * (bytes.0 as f64 / bytes.1.max(1) as f64 - 1.0);
        println!(
            "{server} {name}: {} events, {lost_patches} lost patches, {} bytes predicted, {difference:+.3} %",
            actual.len(),
            bytes.0
        );
        assert!(difference.abs() <= 0.1, "{server} {name}: {difference} %");
        events += actual.len();
    }
    println!("{server}: {pairs} of {events} events predicted");
    assert_eq!((pairs, events), (claim.agreed, claim.total));
}

#[test]
fn kube_apiserver_1_20_is_predicted_event_by_event() {
    let version = KubernetesVersion::from_minor(20).unwrap();
    replay("kube-apiserver-1.20", version, REPLAY_1_20);
}

#[test]
fn api_server_1_36_is_predicted_event_by_event() {
    replay(
        "kube-apiserver-1.36",
        KubernetesVersion::NEWEST,
        REPLAY_1_36,
    );
}
