//! Compares the estimate of a full recording under another policy with the bytes that a real server wrote under that policy.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::HashSet;
use std::fs;

use audit_log::{Event, Location, LogItem, LogReader};
use audit_policy::{KubernetesVersion, Matcher, load};
use audit_sim::{EventTable, Verdicts, Window};
use audit_volume::estimate::{BodySizes, Dimension, Estimate};
use conformance::{data, read};

struct Recording {
    table: EventTable,
    window: Window,
}

fn items(path: &str, take: &mut dyn FnMut(Location, &Event<'_>)) {
    let mut reader = LogReader::new();
    let mut take = |item: LogItem<'_>| match item {
        LogItem::Event(place, event) => take(place, event),
        LogItem::Problem(problem) => panic!("{path}: {problem:?}"),
    };
    reader.push(&read(path).unwrap(), &mut take);
    reader.finish(&mut take);
}

fn events(path: &str, take: &mut dyn FnMut(&Event<'_>)) {
    items(path, &mut |_, event| take(event));
}

fn recording(path: &str) -> Recording {
    let mut table = EventTable::new();
    let mut window = Window::default();
    items(path, &mut |place, event| {
        window.record(event.time());
        table.push(0, place, event);
    });
    table.finish();
    Recording { table, window }
}

fn estimate(recording: &Recording, policy: &[u8], version: KubernetesVersion) -> Estimate {
    let Recording { table, window } = recording;
    let matcher = Matcher::new(&load(policy, version).policy.unwrap());
    let verdicts = Verdicts::new(&matcher, table.requests());
    let estimate = Estimate::new(
        table,
        &verdicts,
        version,
        window,
        &BodySizes::measure(table),
    );
    let tally = table.evaluate(&verdicts, version).tally;
    assert_eq!(estimate.written.events, tally.written.events);
    assert_eq!(estimate.written.incomplete_events, tally.sizes_unknown);
    // Groups overlap; every other breakdown adds up to the total.
    for breakdown in &estimate.by {
        let events: u64 = breakdown
            .groups
            .iter()
            .map(|group| group.volume.events)
            .sum();
        let low: u64 = breakdown
            .groups
            .iter()
            .map(|group| group.volume.low())
            .sum();
        if breakdown.dimension != Dimension::Group {
            assert_eq!(events, estimate.written.events, "{:?}", breakdown.dimension);
            assert_eq!(low, estimate.written.low(), "{:?}", breakdown.dimension);
        }
    }
    let columns = estimate.rate.buckets.iter();
    let in_columns: u64 = columns.map(|column| column.events).sum();
    assert_eq!(in_columns, estimate.written.events);
    estimate
}

/// Events in which the recording and the log under another policy may differ: final events of patches that are not JSON, which the
/// server does not write at Request and above, and events that are derived here and that this server does not write: the API server of
/// 1.36 that was recorded has a shorter list of long-running requests than kube-apiserver.
fn beyond_the_recording(path: &str, full: &str) -> u64 {
    let key = |event: &Event<'_>| (event.id().map(String::from), event.recorded_stage());
    let mut known = HashSet::new();
    events(full, &mut |event| {
        known.insert(key(event));
    });
    let mut bytes = 0;
    events(path, &mut |event| {
        if !known.contains(&key(event)) {
            assert_eq!(event.verb, Some("\"patch\""));
            bytes += event.raw.len() as u64 + 1;
        }
    });
    bytes
}

/// Both servers wrote the logs of the same requests in the same order.
fn against(server: &str, version: KubernetesVersion) {
    let full = recording(&format!("{server}/base.jsonl.gz"));
    let mut names: Vec<String> = fs::read_dir(data().join(server).join("logs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    println!(
        "{server}: policy, bytes estimated, bytes written; difference, of events that the recording holds, of all"
    );
    for name in names {
        let name = name.trim_end_matches(".jsonl.gz");
        let policy = read(format!("{server}/policies/{name}.yaml")).unwrap();
        let estimate = estimate(&full, &policy, version);
        assert!(estimate.written.is_exact(), "{name}");
        let matcher = Matcher::new(&load(&policy, version).policy.unwrap());
        let verdicts = Verdicts::new(&matcher, full.table.requests());
        let derived = full.table.evaluate(&verdicts, version).tally.derived;
        if version == KubernetesVersion::OLDEST {
            assert_eq!(derived.events, 0);
        }
        let estimated = estimate.written.bytes - derived.bytes;
        let path = format!("{server}/logs/{name}.jsonl.gz");
        let written = read(&path).unwrap().len() as u64;
        let lost = beyond_the_recording(&path, &format!("{server}/base.jsonl.gz"));
        let percent = |is: u64, of: u64| (is as f64 - of as f64) / of as f64 * 100.0;
        let held = percent(estimated, written - lost);
        let low = percent(estimated + estimate.unrecorded_patches.low(), written);
        let high = percent(estimated + estimate.unrecorded_patches.high(), written);
        println!("  {name}: {estimated} {written}; {held:+.3} %, {low:+.3} % {high:+.3} %");
        assert!(held.abs() <= 0.1, "{name}: {held}");
        // In 1.36 a Panic event may replace a lost one, and is longer.
        let limit = if version == KubernetesVersion::OLDEST {
            0.1
        } else {
            0.15
        };
        assert!(
            low.abs() <= limit && high.abs() <= limit,
            "{name}: {low} {high}"
        );
    }
}

#[test]
fn bytes_are_those_that_a_server_of_1_20_wrote() {
    against("kube-apiserver-1.20", KubernetesVersion::OLDEST);
}

#[test]
fn bytes_are_those_that_a_server_of_1_36_wrote() {
    against("kube-apiserver-1.36", KubernetesVersion::NEWEST);
}

/// For a recording reduced to metadata, under a policy that asks for bodies, the estimated range contains the total of the full recording.
#[test]
fn estimates_of_missing_bodies_contain_the_recorded_total() {
    let full = recording("kube-apiserver-1.36/base.jsonl.gz");
    let everything =
        b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n";
    let truth = estimate(&full, everything, KubernetesVersion::NEWEST).written;
    assert!(truth.is_exact());
    let lean = recording("kube-apiserver-1.36/logs/meta-all.jsonl.gz");
    let guessed = estimate(&lean, everything, KubernetesVersion::NEWEST);
    println!(
        "truth {}, guess {} to {}, of that known {}",
        truth.bytes,
        guessed.written.low(),
        guessed.written.high(),
        guessed.written.bytes
    );
    assert!(!guessed.written.is_exact());
    assert!(guessed.written.low() <= truth.bytes && truth.bytes <= guessed.written.high());
    assert!(!guessed.body_sizes.is_empty());
}
