//! Every line is an event as kube-apiserver prints it.

use std::collections::{HashMap, HashSet};

use audit_log::{Attributes, LogItem, LogReader, scan};
use audit_policy::KubernetesVersion;
use audit_sim::EventTable;
use audit_traffic::{Operator, Profile, ProfileError, generate, rates};
use serde_json::Value;

fn version(text: &str) -> KubernetesVersion {
    text.parse().unwrap_or_default()
}

fn profiles() -> Vec<Profile> {
    let old = Profile {
        version: KubernetesVersion::OLDEST,
        ..Profile::with_size(1, 0, 12)
    };
    let middle = Profile {
        version: version("1.28"),
        ..Profile::with_size(3, 17, 380)
    };
    let busy = Profile {
        pods_replaced_per_hour: 3_600.0,
        jobs_per_hour: 3_600.0,
        people: 60,
        pipelines: 10,
        deploys_per_pipeline_per_hour: 60.0,
        ..Profile::default()
    };
    let empty = Profile {
        operators: Vec::new(),
        namespaces: 4,
        deployments: 0,
        ..Profile::with_size(1, 0, 0)
    };
    vec![Profile::default(), old, middle, busy, empty]
}

fn text<'v>(event: &'v Value, pointer: &str) -> &'v str {
    event.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

#[test]
fn the_fast_scanner_accepts_every_line() {
    for profile in profiles() {
        let mut lines = 0;
        for line in generate(&profile, 30).unwrap() {
            let event = scan::event(&line).unwrap_or_else(|| panic!("{line}"));
            assert!(event.canonical.is_some());
            lines += 1;
        }
        assert!(lines > 200, "{lines}");
    }
}

#[test]
fn bodies_match_the_object_in_the_url() {
    for profile in profiles() {
        let mut checked = 0;
        for line in generate(&profile, 30).unwrap() {
            let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
            let (name, namespace) = (
                text(&event, "/objectRef/name"),
                text(&event, "/objectRef/namespace"),
            );
            for body in ["/requestObject", "/responseObject"] {
                let own = text(&event, &format!("{body}/metadata/name"));
                assert!(own.is_empty() || name.is_empty() || own == name, "{line}");
                let own = text(&event, &format!("{body}/metadata/namespace"));
                assert!(own.is_empty() || own == namespace, "{line}");
                checked += usize::from(!own.is_empty());
            }
            let is_received = text(&event, "/stage") == "RequestReceived";
            for field in [
                "responseStatus",
                "annotations",
                "requestObject",
                "responseObject",
            ] {
                assert!(!is_received || event.get(field).is_none(), "{line}");
            }
            if text(&event, "/verb") == "update" && !is_received {
                for key in ["uid", "resourceVersion"] {
                    let identity = text(&event, &format!("/requestObject/metadata/{key}"));
                    assert!(!identity.is_empty(), "{line}");
                    assert_eq!(
                        text(&event, &format!("/objectRef/{key}")),
                        identity,
                        "{line}"
                    );
                }
            }
        }
        assert!(checked > 50, "{checked}");
    }
}

#[test]
fn the_request_read_from_an_event_matches_its_object_ref() {
    for line in generate(&Profile::default(), 120).unwrap() {
        let event = scan::event(&line).unwrap();
        let request = Attributes::from_event(&event).request;
        let json: Value = serde_json::from_str(&line).unwrap();
        if text(&json, "/stage") != "RequestReceived" {
            continue;
        }
        assert_eq!(request.is_resource_request, json.get("objectRef").is_some());
        assert_eq!(request.verb, text(&json, "/verb"));
        assert_eq!(
            request.resource,
            text(&json, "/objectRef/resource"),
            "{line}"
        );
        assert_eq!(request.name, text(&json, "/objectRef/name"), "{line}");
        assert_eq!(
            request.namespace,
            text(&json, "/objectRef/namespace"),
            "{line}"
        );
        assert_eq!(
            request.api_group,
            text(&json, "/objectRef/apiGroup"),
            "{line}"
        );
        assert_eq!(
            request.subresource,
            text(&json, "/objectRef/subresource"),
            "{line}"
        );
    }
}

/// Every request has all its stages in chronological order; no stage has to be derived.
#[test]
fn the_log_is_complete() {
    let mut table = EventTable::new();
    let mut reader = LogReader::new();
    let (mut last, mut ids): (String, HashMap<String, usize>) = Default::default();
    for line in generate(&Profile::default(), 60).unwrap() {
        let mut take = |item: LogItem<'_>| match item {
            LogItem::Event(place, event) => table.push(0, place, event),
            LogItem::Problem(problem) => panic!("{problem:?}"),
        };
        reader.push(line.as_bytes(), &mut take);
        reader.push(b"\n", &mut take);
        let event: Value = serde_json::from_str(&line).unwrap();
        let time = text(&event, "/stageTimestamp");
        assert!(time >= last.as_str(), "{last} {line}");
        last = time.to_owned();
        *ids.entry(text(&event, "/auditID").to_owned()).or_default() += 1;
    }
    reader.finish(&mut |_| ());
    assert!(ids.values().all(|stages| (2..=3).contains(stages)));
    assert!(table.rows().all(|(_, row)| !row.is_derived));
}

/// The number of events matches the rates, within one request per rate.
#[test]
fn the_log_matches_the_rates() {
    for profile in profiles() {
        let rates = rates(&profile).unwrap();
        let expected: f64 = rates
            .iter()
            .map(|rate| rate.events_per_second() * 200.0)
            .sum();
        let made = generate(&profile, 200).unwrap().count() as f64;
        let tolerance = 3.0 * rates.len() as f64;
        assert!((made - expected).abs() <= tolerance, "{made} {expected}");
    }
}

#[test]
fn a_profile_always_gives_the_same_log() {
    let lines = || generate(&Profile::default(), 20).unwrap();
    assert!(lines().eq(lines()));
    let distinct: HashSet<String> = lines().collect();
    assert_eq!(distinct.len(), lines().count());
}

#[test]
fn impossible_logs_are_errors() {
    let none = Profile {
        control_plane_nodes: 0,
        ..Profile::default()
    };
    assert!(matches!(
        generate(&none, 60),
        Err(ProfileError::Count { .. })
    ));
    assert!(matches!(rates(&none), Err(ProfileError::Count { .. })));
    assert!(matches!(
        generate(&Profile::default(), 0),
        Err(ProfileError::Seconds { given: 0 })
    ));
    let huge = Profile {
        operators: vec![Operator {
            writes_per_minute: 10_000_000.0,
            ..Operator::default()
        }],
        ..Profile::with_size(15, 20_000, 600_000)
    };
    let error = generate(&huge, 600).map(|_| ()).unwrap_err();
    assert!(matches!(error, ProfileError::Events { .. }), "{error}");
    assert!(generate(&huge, 1).unwrap().take(100).count() == 100);
}
