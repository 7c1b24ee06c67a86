#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use audit_log::{LogItem, LogReader};
use audit_policy::{Matcher, load};

use super::*;

/// An event as the server prints it; `rest` comes before the annotations.
fn line(id: &str, stage: &str, verb: &str, resource: &str, second: u32, rest: &str) -> String {
    let time = format!(
        "2026-01-01T00:{:02}:{:02}.000000Z",
        second / 60,
        second % 60
    );
    let level = if rest.contains("Object") {
        "RequestResponse"
    } else {
        "Metadata"
    };
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"{level}","auditID":"{id}","stage":"{stage}","requestURI":"/api/v1/namespaces/n/{resource}","verb":"{verb}","user":{{"username":"u","groups":["g","h"]}},"responseStatus":{{"metadata":{{}},"code":200}}{rest},"requestReceivedTimestamp":"{time}","stageTimestamp":"{time}"}}"#
    )
}

fn estimate(lines: &[String], policy: &str) -> Estimate {
    let policy = format!(
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n{policy}"
    );
    estimate_of(&lines.join("\n"), &policy)
}

fn estimate_of(log: &str, policy: &str) -> Estimate {
    let mut table = EventTable::new();
    let mut window = Window::default();
    let mut reader = LogReader::new();
    let mut take = |item: LogItem<'_>| {
        if let LogItem::Event(place, event) = item {
            window.record(event.time());
            table.push(0, place, event);
        }
    };
    reader.push(log.as_bytes(), &mut take);
    reader.finish(&mut take);
    table.finish();
    let version = KubernetesVersion::NEWEST;
    let matcher = Matcher::new(&load(policy.as_bytes(), version).policy.unwrap());
    let verdicts = Verdicts::new(&matcher, table.requests());
    Estimate::new(
        &table,
        &verdicts,
        version,
        &window,
        &BodySizes::measure(&table),
    )
}

const METADATA: &str = "- level: Metadata\n";
const BODIES: &str = "- level: RequestResponse\n";

fn complete(id: &str, verb: &str, resource: &str, second: u32, rest: &str) -> String {
    line(id, "ResponseComplete", verb, resource, second, rest)
}

fn group<'e>(estimate: &'e Estimate, dimension: Dimension, key: &str) -> &'e EstimatedVolume {
    let by = estimate
        .by
        .iter()
        .find(|by| by.dimension == dimension)
        .unwrap();
    let group = by.groups.iter().find(|group| group.key == key);
    &group.unwrap().volume
}

#[test]
fn written_bytes_are_those_of_the_lines_with_newlines() {
    let lines = [
        complete("1", "get", "pods", 0, ""),
        complete("2", "list", "secrets", 60, ""),
    ];
    let estimate = estimate(&lines, METADATA);
    let bytes = lines
        .iter()
        .map(|line| line.len() as u64 + 1)
        .collect::<Vec<_>>();
    assert_eq!(estimate.written.events, 2);
    assert_eq!(estimate.written.bytes, bytes[0] + bytes[1]);
    assert!(estimate.written.is_exact() && estimate.body_sizes.is_empty());
    assert_eq!(
        group(&estimate, Dimension::Resource, "secrets").bytes,
        bytes[1]
    );
    assert_eq!(group(&estimate, Dimension::Verb, "get").bytes, bytes[0]);
    assert_eq!(group(&estimate, Dimension::User, "u").events, 2);
    assert_eq!(group(&estimate, Dimension::Namespace, "n").events, 2);
    assert_eq!(group(&estimate, Dimension::Rule, "1").events, 2);
    assert_eq!(group(&estimate, Dimension::Level, "Metadata").events, 2);
    assert_eq!(
        group(&estimate, Dimension::Stage, "ResponseComplete").events,
        2
    );
    // An event counts once for each of its user's groups.
    for key in ["g", "h"] {
        assert_eq!(group(&estimate, Dimension::Group, key).events, 2);
    }
}

#[test]
fn a_day_is_as_many_logs_as_fit_into_it() {
    // 61 events at intervals of one second take 60 seconds: a day is 1,440 such logs.
    let lines: Vec<String> = (0..=60)
        .map(|second| complete(&second.to_string(), "get", "pods", second, ""))
        .collect();
    let estimate = estimate(&lines, METADATA);
    let day = estimate.per_day.unwrap();
    assert_eq!((day.factor, day.events), (1_440.0, 61.0 * 1_440.0));
    assert_eq!(
        (day.low, day.high),
        (1_440.0 * estimate.written.bytes as f64, day.low)
    );
    let pace = &estimate.rate;
    assert_eq!(pace.mean_events, Some(61.0 / 60.0));
    assert_eq!((pace.peak_events, pace.step_seconds), (Some(1.0), 1.0));
    assert!(
        pace.cautions[0].contains("60 seconds"),
        "{:?}",
        pace.cautions
    );
    let shown: u64 = pace.buckets.iter().map(|column| column.events).sum();
    assert_eq!(shown, 61);
}

#[test]
fn a_gap_is_reported() {
    let seconds = [0, 1, 2, 600, 601];
    let lines: Vec<String> = seconds
        .iter()
        .map(|second| complete(&second.to_string(), "get", "pods", *second, ""))
        .collect();
    let pace = estimate(&lines, METADATA).rate;
    assert_eq!(pace.longest_gap, 597.0);
    assert!(
        pace.cautions
            .iter()
            .any(|caution| caution.starts_with("no events for 9 min 5")
                && caution.contains(" s of the 10 min between the first and the last")),
        "{:?}",
        pace.cautions
    );
}

#[test]
fn a_missing_body_has_the_size_of_similar_bodies() {
    let body = |length: usize| format!(r#","responseObject":{{"a":"{}"}}"#, "x".repeat(length));
    // Ten bodies of 100 to 1,000 bytes, and one event without.
    let mut lines: Vec<String> = (1..=11)
        .map(|number| {
            complete(
                &number.to_string(),
                "get",
                "pods",
                number,
                &body(number as usize * 100),
            )
        })
        .collect();
    lines.push(complete("12", "get", "pods", 12, ""));
    let estimate = estimate(&lines, BODIES);
    assert_eq!(
        (estimate.written.events, estimate.written.incomplete_events),
        (12, 1)
    );
    let [guess] = estimate.body_sizes.as_slice() else {
        panic!("{:?}", estimate.body_sizes);
    };
    assert_eq!(guess.source, SizeSource::Log { bodies: 11 });
    assert_eq!(
        (guess.verb.as_str(), guess.resource.as_str(), guess.events),
        ("get", "pods", 1)
    );
    // Eleven sorted sizes: the second and the tenth, each with key, quotes and braces.
    let around = body(0).len() as u64;
    assert_eq!(
        guess.each,
        SizeRange {
            low: 200 + around,
            high: 1_000 + around
        }
    );
    assert_eq!(estimate.written.high() - estimate.written.low(), 800);
}

#[test]
fn without_similar_bodies_a_body_has_a_typical_size() {
    let lines = [complete("1", "get", "pods", 0, "")];
    let estimate = estimate(&lines, BODIES);
    let [guess] = estimate.body_sizes.as_slice() else {
        panic!("{:?}", estimate.body_sizes);
    };
    assert_eq!(guess.source, SizeSource::Typical);
    assert!(guess.each.low > 0 && guess.each.low < guess.each.high);
    // The bytes that are certain are those of the line, at the higher level.
    let longer = "RequestResponse".len() - "Metadata".len();
    assert_eq!(estimate.written.bytes, (lines[0].len() + 1 + longer) as u64);
    assert_eq!(
        estimate.written.low(),
        estimate.written.bytes + guess.each.low
    );
}

#[test]
fn rates_contain_estimated_sizes() {
    // Four events of equal size, three of them in the last second of ten.
    let lines = [("1", 0), ("2", 10), ("3", 10), ("4", 10)]
        .map(|(id, second)| complete(id, "get", "pods", second, ""));
    let found = estimate(&lines, BODIES);
    let (low, high) = (found.written.low() as f64, found.written.high() as f64);
    assert!(low < high);
    let is_near = |found: Option<f64>, expected: f64| {
        let found = found.unwrap();
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
    };
    is_near(found.rate.mean_bytes, low / 10.0);
    is_near(found.rate.mean_bytes_high, high / 10.0);
    is_near(found.rate.peak_bytes, low * 3.0 / 4.0);
    is_near(found.rate.peak_bytes_high, high * 3.0 / 4.0);
    // Disk usage is for the upper bounds.
    let rate = found.write_rate().unwrap();
    is_near(Some(rate.bytes_per_day), high / 10.0 * 86_400.0);
    is_near(rate.peak_bytes_per_second, high * 3.0 / 4.0);
}

#[test]
fn a_patch_without_a_response_has_lost_its_last_event() {
    let received = line("1", "RequestReceived", "patch", "pods", 0, "")
        .replace(",\"responseStatus\":{\"metadata\":{},\"code\":200}", "")
        .replace("\"level\":\"Metadata\"", "\"level\":\"Request\"");
    let found = estimate(std::slice::from_ref(&received), METADATA);
    assert_eq!(
        (found.written.events, found.unrecorded_patches.events),
        (0, 1)
    );
    // `Metadata` is one longer than `Request`, `ResponseComplete` one longer than `RequestReceived`.
    let shared = received.len() as u64 + 1 + 1 + 1;
    assert_eq!(
        (
            found.unrecorded_patches.low(),
            found.unrecorded_patches.high()
        ),
        (shared + 134, shared + 260)
    );
    assert!(
        found
            .rate
            .cautions
            .iter()
            .any(|caution| caution.contains("1 patches have no last event"))
    );
    let whole = [received, complete("1", "patch", "pods", 0, "")];
    assert_eq!(estimate(&whole, METADATA).unrecorded_patches.events, 0);
}

#[test]
fn logs_without_usable_times_give_no_rate_and_no_panic() {
    let untimed = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/","verb":"get","user":{"username":"u"}}"#;
    for (lines, has_day) in [
        (vec![], false),
        (vec![complete("1", "get", "pods", 0, "")], false),
        (
            vec![
                complete("1", "get", "pods", 0, ""),
                complete("2", "get", "pods", 0, ""),
            ],
            false,
        ),
        (
            vec![
                complete("1", "get", "pods", 9, ""),
                complete("2", "get", "pods", 0, ""),
            ],
            true,
        ),
        (vec![untimed.to_owned()], false),
    ] {
        for policy in [METADATA, BODIES, "- level: None\n"] {
            let estimate = estimate(&lines, policy);
            assert_eq!(estimate.per_day.is_some(), has_day, "{lines:?}");
            let day = estimate
                .per_day
                .map_or(0.0, |day| day.low + day.high + day.events);
            assert!(day.is_finite());
            let rates = [
                estimate.rate.mean_bytes,
                estimate.rate.peak_bytes,
                estimate.rate.peak_events,
            ];
            assert!(rates.into_iter().flatten().all(f64::is_finite));
        }
    }
}

/// A line of the legacy text format, of a request that leaves two events.
const LEGACY: &str = r#"2026-01-01T00:00:00.000000Z AUDIT: id="1" stage="ResponseComplete" ip="192.0.2.1" method="get" user="u" groups="\"g\",\"h\"" as="<self>" asgroups="<lookup>" user-agent="kubectl" namespace="n" uri="/api/v1/namespaces/n/pods/p" response="200""#;

/// The events of that request as a server prints them in JSON.
const LEGACY_IN_JSON: [&str; 2] = [
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"RequestReceived","requestURI":"/api/v1/namespaces/n/pods/p","verb":"get","user":{"username":"u","groups":["g","h"]},"sourceIPs":["192.0.2.1"],"userAgent":"kubectl","objectRef":{"resource":"pods","namespace":"n","name":"p","apiVersion":"v1"},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.000000Z"}"#,
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/n/pods/p","verb":"get","user":{"username":"u","groups":["g","h"]},"sourceIPs":["192.0.2.1"],"userAgent":"kubectl","objectRef":{"resource":"pods","namespace":"n","name":"p","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.001000Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}"#,
];

#[test]
fn sizes_of_a_format_without_all_fields_are_ranges_with_their_reason() {
    let policy = "- level: Metadata\n  omitStages: [Panic]\n";
    let estimate = estimate_of(
        LEGACY,
        &format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{policy}"),
    );
    let [received, complete] = LEGACY_IN_JSON.map(|line| line.len() as u64 + 1);
    let holds = |volume: &EstimatedVolume, bytes: u64| {
        let range = volume.low()..=volume.high();
        assert!(range.contains(&bytes), "{bytes} not in {range:?}");
    };
    assert_eq!(estimate.written.events, 2);
    holds(&estimate.written, received + complete);
    holds(&estimate.recorded, complete);
    assert_eq!(estimate.derived.events, 1);
    holds(&estimate.derived, received);
    assert!(estimate.derived.low() > 0);
    assert_eq!((estimate.without_fields, estimate.body_sizes.len()), (2, 0));
    let section = crate::report::volume(&estimate);
    let reason = section.notes.first().unwrap();
    assert!(
        reason.contains("format") && !reason.contains("bodies"),
        "{reason}"
    );
}

#[test]
fn a_table_of_all_columns_may_lack_nothing() {
    let [_, complete] = LEGACY_IN_JSON;
    let event: serde_json::Value = serde_json::from_str(complete).unwrap();
    let mut columns = serde_json::Map::new();
    flatten("audit", &event, &mut columns);
    let row = serde_json::json!({ "fields": columns }).to_string();
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n";
    let estimate = estimate_of(&row, policy);
    assert_eq!(estimate.written.events, 1);
    let range = estimate.written.low()..=estimate.written.high();
    assert!(range.contains(&(complete.len() as u64 + 1)), "{range:?}");
}

/// Adds the leaves of a value, by their paths.
fn flatten(
    path: &str,
    value: &serde_json::Value,
    columns: &mut serde_json::Map<String, serde_json::Value>,
) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, member) in members {
                flatten(&format!("{path}.{key}"), member, columns);
            }
        }
        value => {
            columns.insert(path.to_owned(), value.clone());
        }
    }
}
