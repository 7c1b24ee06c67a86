//! Random events under random policies, compared with the output of k8s.io/apiserver 0.36.4.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use audit_log::Event;
use audit_policy::{KubernetesVersion, RuleIndex, load};
use audit_sim::backend::Format;
use audit_sim::{Backend, Outcome, Simulator};
use conformance::{json_lines, text};
use playground_protocol::verified::EVENTS;
use serde_json::Value;

/// The data has sorted body keys and floats without `.0`, so bodies are compared as values.
fn as_value(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

#[test]
fn every_event_is_written_as_upstream_writes_it() {
    let mut agreed = 0;
    for case in json_lines("conformance/events-public.jsonl.gz").unwrap() {
        let id = text(&case, "id");
        let policy = load(
            text(&case, "policy_yaml").as_bytes(),
            KubernetesVersion::NEWEST,
        )
        .policy
        .unwrap();
        let raw = case["event"].to_string();
        let event = Event::new(&raw);
        let backend = Backend {
            format: if case["options"]["format"] == "legacy" {
                Format::Legacy
            } else {
                Format::Json
            },
            max_event_size: case["options"]["truncate"]["maxEventSize"].as_u64(),
            version: KubernetesVersion::NEWEST,
            ..Backend::default()
        };
        let simulator = Simulator::with_backend(&policy, backend);
        let simulated = simulator.simulate(&event);
        assert_eq!(
            Value::from(simulated.verdict.unwrap().rule.map(RuleIndex::get)),
            case["expect"]["rule"],
            "rule of {id}"
        );
        let outcome = match text(&case, "reason") {
            "emitted" => Outcome::Written,
            "level None" => Outcome::DroppedLevel,
            "stage omitted" => Outcome::DroppedStage,
            "dropped by the backend" => Outcome::DroppedTruncation,
            other => panic!("{other}"),
        };
        assert_eq!(simulated.outcome.outcome, outcome, "{id}");
        if let Some(line) = simulator.line(&event, &simulated) {
            let line = String::from_utf8(line).unwrap();
            if backend.format == Format::Legacy {
                assert_eq!(line, text(&case, "line"), "{id}");
            } else {
                assert_eq!(as_value(&line), case["emitted"], "{id}");
            }
            assert_eq!(
                simulated.outcome.written_bytes,
                Some(line.len() as u64),
                "{id}"
            );
            assert_eq!(Value::from(line.len()), case["bytes"], "bytes of {id}");
        }
        agreed += 1;
    }
    println!("events: {agreed} of 645");
    assert_eq!(agreed, EVENTS.agreed);
}
