use crate::verdicts::Verdicts;
use audit_log::{Event, Location};
use audit_policy::{KubernetesVersion, Level, Matcher, Policy, Rule, RuleIndex, Stage};
use audit_types::EventId;

use super::event_table::{RECEIVED, id_in_row};
use super::row::Row;
use super::*;
use crate::rate::Window;
use crate::tally::{Sum, Tally};

const VERSION: KubernetesVersion = KubernetesVersion::NEWEST;

fn event(id: &str, stage: &str, verb: &str) -> String {
    format!(
        r#"{{"level":"Metadata","auditID":"{id}","stage":"{stage}","verb":"{verb}","user":{{"username":"u"}},"requestURI":"/api/v1/pods","sourceIPs":["10.0.0.{}"],"userAgent":"agent {}"}}"#,
        id.len(),
        verb.len()
    )
}

fn table(events: &[String]) -> EventTable {
    let mut table = EventTable::new();
    for (line, raw) in events.iter().enumerate() {
        let place = Location {
            line: line as u64 + 1,
            ..Location::default()
        };
        table.push(0, place, &Event::new(raw));
    }
    table
}

fn stages(table: &EventTable) -> Vec<(Stage, bool)> {
    let rows = table.rows();
    rows.map(|(_, row)| (row.attributes.stage.unwrap(), row.is_derived))
        .collect()
}

#[test]
fn rows_are_small_and_requests_are_shared() {
    assert_eq!(size_of::<Row>(), 64);
    let table = table(&[
        event("1", "RequestReceived", "list"),
        event("1", "ResponseComplete", "list"),
    ]);
    assert_eq!((table.recorded(), table.rows().count()), (2, 2));
    assert_eq!(table.requests().len(), 1);
    let ids: Vec<EventId> = table.recorded_ids().collect();
    let row = table.row(ids[1]).unwrap();
    assert_eq!(row.attributes.stage, Some(Stage::ResponseComplete));
    assert_eq!((row.source, row.agent), ("10.0.0.1", "agent 4"));
    assert!(table.row(EventTable::recorded_id(2)).is_none());
}

#[test]
fn late_stages_replace_derived_ones() {
    use Stage::{RequestReceived, ResponseComplete, ResponseStarted};
    let mut all = table(&[event("1", "ResponseComplete", "watch")]);
    let derived = [
        (RequestReceived, true),
        (ResponseStarted, true),
        (ResponseComplete, false),
    ];
    assert_eq!(stages(&all), derived);
    assert_eq!(all.row(id_in_row(0, RECEIVED)).unwrap().recorded_bytes(), 0);
    let late = ["ResponseStarted", "RequestReceived"].map(|stage| event("1", stage, "watch"));
    for raw in &late {
        all.push(0, Location::default(), &Event::new(raw));
    }
    let recorded = [
        (ResponseComplete, false),
        (ResponseStarted, false),
        (RequestReceived, false),
    ];
    assert_eq!(stages(&all), recorded);
    assert_eq!(all.recorded(), 3);
}

/// Returns one of all possible orders of the events of a few requests, by its number.
fn shuffled(seed: usize) -> Vec<String> {
    let mut events = Vec::new();
    for id in ["a", "bb", "ccc"] {
        for (bit, stage) in Stage::ALL.into_iter().enumerate() {
            if seed >> (bit + id.len()) & 1 == 1 {
                let verb = if id == "bb" { "watch" } else { "get" };
                events.push(event(id, stage.name(), verb));
            }
        }
    }
    for place in (1..events.len()).rev() {
        events.swap(place, (seed * 31 + place * 7) % (place + 1));
    }
    events
}

/// Contents of a table, without the ids of requests and clients.
fn contents(table: &EventTable) -> Vec<String> {
    let rows = table.rows();
    rows.map(|(id, row)| {
        let request = row.request.to_request();
        format!(
            "{id:?} {:?} {} {} {request:?} {:?}",
            row.place, row.source, row.agent, row.attributes
        )
    })
    .collect()
}

#[test]
fn shards_of_a_log_equal_the_whole_log() {
    for seed in 0..512 {
        let events = shuffled(seed);
        let whole = table(&events);
        for pieces in 1..4 {
            let mut readers = [(); 2].map(|()| (EventTable::new(), IdRemap::default()));
            let mut joined = EventTable::new();
            let size = events.len().div_ceil(pieces).max(1);
            for (index, piece) in events.chunks(size).enumerate() {
                let (reader, remap) = &mut readers[index % 2];
                for (line, raw) in piece.iter().enumerate() {
                    let place = Location {
                        line: line as u64 + 1,
                        ..Location::default()
                    };
                    reader.push(9, place, &Event::new(raw));
                }
                let part = reader.take_shard();
                joined.merge_ids(&part.side_tables, remap);
                joined.append(&part, remap, 0, (index * size) as u64);
            }
            assert_eq!(contents(&joined), contents(&whole), "{events:#?}");
            assert_eq!(joined.recorded_sum(), whole.recorded_sum());
        }
    }
}

/// Counts events one at a time.
fn counted(table: &EventTable, shown: &[EventId], verdicts: &Verdicts, rules: usize) -> Counts {
    let mut counts = Counts {
        by_source: vec![Sum::default(); table.sources().len()],
        by_rule: vec![Sum::default(); rules + 2],
        ..Counts::default()
    };
    let values: Vec<_> = table.requests().value_ids().collect();
    for row in shown.iter().map(|id| table.row(*id).unwrap()) {
        let verdict = verdicts.get(row.request_id);
        let outcome = row.outcome(verdicts, VERSION).outcome;
        let sum = Sum {
            events: 1,
            bytes: row.recorded_bytes(),
        };
        let values = values[row.request_id.index()];
        for (sums, number) in [
            (&mut counts.by_subject, values.subject),
            (&mut counts.by_verb, values.verb.map_or(0, |verb| verb + 1)),
            (&mut counts.by_namespace, values.namespace),
            (&mut counts.by_target, values.target),
            (&mut counts.by_code, row.code.map_or(0, u32::from)),
        ] {
            let number = number as usize;
            sums.resize(sums.len().max(number + 1), Sum::default());
            sums[number] += sum;
        }
        counts.by_source[usize::from(row.source_id)] += sum;
        counts.by_stage[row.attributes.stage.map_or(4, |stage| stage as usize)] += sum;
        counts.by_rule[verdict.map_or(rules + 1, |verdict| {
            verdict.rule.map_or(rules, RuleIndex::get)
        })] += sum;
        counts.by_level[verdict.map_or(4, |verdict| verdict.level as usize)] += sum;
        counts.by_outcome[outcome as usize] += sum;
    }
    counts
}

#[test]
fn the_evaluation_is_the_sum_of_the_outcomes() {
    let rule = |level, verbs: &[&str], omit: &[Stage]| {
        let mut rule = Rule::new(level);
        rule.verbs = verbs.iter().map(|verb| (*verb).to_owned()).collect();
        rule.omit_stages = omit.to_vec();
        rule
    };
    let policies = [
        vec![],
        vec![
            rule(Level::None, &["get"], &[]),
            rule(Level::Metadata, &[], &[Stage::Panic]),
        ],
        vec![rule(
            Level::Request,
            &["watch"],
            &[Stage::RequestReceived, Stage::ResponseStarted],
        )],
        vec![rule(Level::RequestResponse, &[], &[])],
    ];
    for (seed, rules) in (0..512).flat_map(|seed| policies.iter().map(move |rules| (seed, rules))) {
        let mut events = shuffled(seed);
        events
            .push(r#"{"level":"Metadata","requestURI":"/api","user":{},"verb":"get"}"#.to_owned());
        events.push(r#"{"level":"Metadata","stage":"Panic","user":{}}"#.to_owned());
        let table = table(&events);
        let policy = Policy::new(rules.clone());
        let verdicts = Verdicts::new(&Matcher::new(&policy), table.requests());
        let mut tally = Tally::new(rules.len());
        let mut shown = Vec::new();
        for (id, row) in table.rows() {
            let event_outcome = row.outcome(&verdicts, VERSION);
            let verdict = verdicts.get(row.request_id);
            if row.is_derived {
                tally.add_derived(row.attributes.stage.unwrap(), verdict, &event_outcome);
                if event_outcome.outcome != crate::Outcome::Written {
                    continue;
                }
            } else {
                tally.add(
                    row.attributes.stage,
                    row.recorded_bytes(),
                    verdict,
                    &event_outcome,
                );
            }
            shown.push(id);
        }
        let counts = counted(&table, &shown, &verdicts, rules.len());
        assert_eq!(table.count_shown(&verdicts), counts);
        assert_eq!(table.count(&shown, &verdicts), counts);
        let evaluation = table.evaluate(&verdicts, VERSION);
        assert_eq!(evaluation.tally, tally, "{events:#?} {rules:?}");
        assert_eq!(evaluation.shown(), shown.len());
        assert_flow_equals_evaluation(&table, &verdicts, &tally);
        for start in [0, 1, shown.len() / 2, shown.len(), shown.len() + 3] {
            let ids: Vec<EventId> = evaluation.ids_from(&table, &verdicts, start).collect();
            assert_eq!(ids, shown.get(start..).unwrap_or_default(), "from {start}");
        }
    }
}

/// Asserts that the flow and the evaluation have the same sums.
fn assert_flow_equals_evaluation(table: &EventTable, verdicts: &Verdicts, tally: &Tally) {
    let mut window = Window::default();
    for (_, row) in table.rows().filter(|(_, row)| !row.is_derived) {
        window.record(row.time);
    }
    let (evaluation, flow) = table.evaluate_with_flow(verdicts, VERSION, &window);
    assert_eq!(evaluation.tally, *tally);
    let (mut known, mut open) = (Sum::default(), Sum::default());
    flow.by_request.iter().for_each(|sum| known += *sum);
    flow.unknown_sizes
        .values()
        .for_each(|lacking| open += lacking.known);
    assert_eq!(known.bytes, tally.written.bytes);
    assert_eq!(known.events + open.events, tally.written.events);
    assert_eq!(open.events, tally.sizes_unknown);
    let unknown = flow.unknown_sizes.iter();
    let derived: u64 = unknown
        .filter(|(key, _)| key.is_derived)
        .map(|(_, lacking)| lacking.known.events)
        .sum();
    assert_eq!(flow.derived.events + derived, tally.derived.events);
    assert_eq!(flow.derived.bytes, tally.derived.bytes);
    let timed: u64 = flow.series.steps.iter().map(|cell| cell.all().events).sum();
    assert!(timed <= tally.written.events);
}

#[test]
fn events_with_one_location_are_ranked() {
    let mut table = EventTable::new();
    let place = |offset| Location {
        offset,
        length: 9,
        line: 1,
    };
    for (id, offset) in [(5, 0), (4, 5), (3, 5), (2, 5), (1, 20)] {
        let raw = format!(
            r#"{{"auditID":"{id}","stage":"ResponseComplete","verb":"get","user":{{}},"requestURI":"/api","requestReceivedTimestamp":"2026-01-01T00:00:0{id}Z"}}"#
        );
        table.push(0, place(offset), &Event::new(&raw));
    }
    let ranks = |table: &EventTable| -> Vec<usize> {
        let rows = table.rows();
        rows.map(|(id, _)| table.rank_in_place(id)).collect()
    };
    // A derived event precedes each, and is read from the location of the recorded one.
    assert_eq!(ranks(&table), [0, 0, 0, 0, 1, 1, 2, 2, 0, 0]);
    let mut whole = EventTable::new();
    let (part, mut remap) = (table.take_shard(), IdRemap::default());
    whole.merge_ids(&part.side_tables, &mut remap);
    whole.append(&part, &remap, 3, 0);
    assert_eq!(ranks(&whole), [0, 0, 0, 0, 1, 1, 2, 2, 0, 0]);
    whole.sort_by_time();
    assert_eq!(ranks(&whole), [0, 0, 2, 2, 1, 1, 0, 0, 0, 0]);
}

#[test]
fn several_files_are_one_log_in_the_order_of_time() {
    for seed in 0..200_usize {
        let mut events = Vec::new();
        for number in 0..(seed % 9 + 1) * 700 {
            // Some have no time, and stay behind the one before.
            let time = (number * 7919 + seed * 31) % 977;
            let raw = if number % 13 == 5 {
                format!(r#"{{"auditID":"{number}","stage":"Panic"}}"#)
            } else {
                format!(
                    r#"{{"auditID":"{number}","stage":"Panic","requestReceivedTimestamp":"2026-01-01T00:00:00.{time:06}Z","responseStatus":{{"metadata":{{}},"status":"Failure","message":"{}","code":404}}}}"#,
                    "x".repeat(if number % 501 == 7 { 70_000 } else { 3 })
                )
            };
            events.push(raw);
        }
        if seed > 10 && events.len() > 2000 {
            continue;
        }
        let mut table = table(&events);
        let read = |table: &EventTable| {
            let rows = table.recorded_ids().filter_map(|id| table.row(id));
            rows.map(|row| (row.time, row.place.line, row.attributes))
                .collect::<Vec<_>>()
        };
        let mut expected = read(&table);
        let mut latest = i64::MIN;
        let mut keyed: Vec<_> = expected
            .drain(..)
            .map(|row| {
                latest = row.0.unwrap_or(latest);
                (latest, row)
            })
            .collect();
        keyed.sort_by_key(|(time, _)| *time);
        expected.extend(keyed.into_iter().map(|(_, row)| row));
        table.finish();
        table.sort_by_time();
        assert_eq!(read(&table), expected, "{seed}");
    }
}

#[test]
fn the_order_of_the_files_is_that_before_the_events_were_sorted() {
    let mut table = EventTable::new();
    // Two files; the events of the second are earlier. The last two are of one line.
    for (file, offset, second) in [(0, 0, 30), (0, 90, 10), (1, 0, 20), (1, 40, 5), (1, 40, 3)] {
        let raw = format!(
            r#"{{"auditID":"a","stage":"Panic","requestReceivedTimestamp":"2026-01-01T00:00:{second:02}.000000Z"}}"#
        );
        let place = Location {
            offset,
            length: 10,
            line: 1,
        };
        table.push(file, place, &Event::new(&raw));
    }
    table.finish();
    table.sort_by_time();
    let first = table.location(EventTable::recorded_id(0));
    assert_eq!(first.map(|(file, _)| file), Some(1));
    let order = table.order_in_files();
    let places: Vec<_> = order
        .iter()
        .map(|id| {
            let (file, place) = table.location(*id).unwrap();
            let row = table.row(*id).unwrap();
            (file, place.offset, row.time.unwrap() / 1_000_000 % 60)
        })
        .collect();
    assert_eq!(
        places,
        [(0, 0, 30), (0, 90, 10), (1, 0, 20), (1, 40, 5), (1, 40, 3)]
    );
    assert_eq!(
        EventTable::recorded_index(EventTable::recorded_id(7)),
        Some(7)
    );
    assert_eq!(EventTable::recorded_index(id_in_row(7, RECEIVED)), None);
}
