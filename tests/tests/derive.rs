//! Stages that are removed from a real recording and derived again equal what the server wrote, byte for byte.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;

use audit_log::{Attributes, Event, Location, LogItem, LogReader, scan};
use audit_policy::{Level, Stage};
use audit_sim::is_long_running;
use audit_sim::written::line;
use audit_sim::{DerivedEvent, EventTable, Rendering, SizeBreakdown, StageDeriver};
use conformance::read;

/// Texts of a recording's events by request and stage.
fn requests(path: &str) -> HashMap<u64, HashMap<Stage, String>> {
    let mut requests: HashMap<u64, HashMap<Stage, String>> = HashMap::new();
    let mut take = |item: LogItem<'_>| {
        if let LogItem::Event(_, event) = item {
            let stage = event.recorded_stage().unwrap();
            let stages = requests
                .entry(StageDeriver::request_key(event))
                .or_default();
            stages.insert(stage, event.raw.to_owned());
        }
    };
    let mut reader = LogReader::new();
    reader.push(&read(path).unwrap(), &mut take);
    reader.finish(&mut take);
    requests
}

/// Counts the events of a stage that are derived from a later one exactly as recorded.
fn derived(path: &str, wanted: Stage, sources: &[Stage]) -> usize {
    let mut agreed = 0;
    for stages in requests(path).values() {
        let source = sources.iter().find_map(|stage| stages.get(stage));
        let (Some(real), Some(source)) = (stages.get(&wanted), source) else {
            continue;
        };
        let (real, source) = (Event::new(real), Event::new(source));
        let attributes = Attributes::from_event(&source);
        // The standalone API server of 1.36 treats only watches as long-running.
        if wanted == Stage::ResponseStarted && !is_long_running(&attributes.request) {
            continue;
        }
        let derived = DerivedEvent::new(&source, &attributes, wanted);
        let mut event = derived.event();
        if wanted == Stage::ResponseStarted {
            event.stage_timestamp = real.stage_timestamp;
        }
        let rendering = Rendering::at(Level::RequestResponse);
        assert_eq!(line(&event, rendering), line(&real, rendering), "{path}");
        agreed += 1;
    }
    println!("{path}: {agreed} {wanted} events derived as the server wrote them");
    agreed
}

#[test]
fn received_events_are_derived_exactly() {
    let later = [Stage::ResponseComplete, Stage::Panic];
    assert!(
        derived(
            "kube-apiserver-1.20/base.jsonl.gz",
            Stage::RequestReceived,
            &later
        ) > 2_000
    );
    assert!(
        derived(
            "kube-apiserver-1.36/base.jsonl.gz",
            Stage::RequestReceived,
            &later
        ) > 1_900
    );
}

#[test]
fn started_events_of_1_36_are_derived_exactly() {
    let later = [Stage::ResponseComplete];
    assert!(
        derived(
            "kube-apiserver-1.36/base.jsonl.gz",
            Stage::ResponseStarted,
            &later
        ) > 30
    );
}

/// A table measures derived events without creating them; the sizes are those of created ones.
#[test]
fn derived_events_are_measured_by_the_length_of_the_later_one() {
    for path in [
        "kube-apiserver-1.20/base.jsonl.gz",
        "kube-apiserver-1.36/base.jsonl.gz",
    ] {
        let text = String::from_utf8(read(path).unwrap()).unwrap();
        let mut agreed = 0;
        for line in text.lines() {
            let event = scan::event(line).unwrap();
            let mut table = EventTable::new();
            table.push(0, Location::default(), &event);
            for (_, row) in table.rows().filter(|(_, row)| row.is_derived) {
                let derived = row.derived_event(&event).unwrap();
                assert_eq!(
                    row.attributes.sizes,
                    SizeBreakdown::measure(&derived.event()),
                    "{line}"
                );
                agreed += 1;
            }
        }
        println!("{path}: {agreed} derived events measured alike");
        assert!(agreed > 1_900, "{agreed}");
    }
}
