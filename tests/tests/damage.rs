//! A damaged record affects no other record, in any layout and wrapper.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use conformance::damage::{
    CONVERTED, Damage, KINDS, KINDS_OF_DAMAGE, damage, event, file, length_of, read,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

fn check(kind: &conformance::damage::Kind, which: usize, damage: &Damage) -> Result<(), String> {
    let damaged = file(kind, 5, which, damage);
    let whole = read(&damaged.bytes, damaged.bytes.len());
    if let Some(fault) = damaged.fault(&whole) {
        return Err(format!("{fault}\n{damaged:?}\n{:?}", whole.problems));
    }
    for piece in [1, 61] {
        let pieces = read(&damaged.bytes, piece);
        if pieces != whole {
            return Err(format!(
                "in pieces of {piece}: {pieces:?}\n{whole:?}\n{damaged:?}"
            ));
        }
    }
    Ok(())
}

#[test]
fn healthy_logs_have_no_problems() {
    for kind in KINDS.iter().chain(&CONVERTED) {
        let damaged = file(kind, 5, 0, &Damage::Insert(0, Vec::new()));
        let found = read(&damaged.bytes, 7);
        assert_eq!(found.problems, [], "{}", kind.name);
        assert_eq!(found.events.len(), 5, "{}", kind.name);
        assert_eq!(damaged.fault(&found), None);
    }
}

/// Cases from bug reports, with the expected number of events and problems.
#[test]
fn reported_cases_affect_one_record() {
    let line = |number| event(number) + "\n";
    let cri = |number| format!("2024-01-02T03:04:05.1Z stdout F {}\n", event(number));
    let all = |make: &dyn Fn(usize) -> String| (0..100).map(make).collect::<String>();
    let list = |items: &str| {
        format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{items}]}}"#)
    };
    let items: Vec<String> = (0..100).map(event).collect();
    let mut cut = items.clone();
    cut[40].truncate(300);
    let mut open = items.clone();
    open[40].pop();
    let nuls = "\0".repeat(100_000);
    // File, events and problems.
    let cases = [
        ("{\n".to_owned() + &all(&cri), 100, 1),
        ("{\n".to_owned() + &all(&line), 100, 1),
        (format!("[{}]", cut.join(",")), 99, 1),
        (format!("[{}]", cut.join(",\n")), 99, 1),
        (list(&open.join(",")), 99, 1),
        (list(&open.join(",\n")), 99, 1),
        (all(&line) + &event(100) + &event(101) + "\n", 102, 0),
        (all(&line) + &nuls + &line(100), 101, 1),
        (nuls + &all(&line), 100, 1),
        (format!("{{{}", "\n".repeat(100_000)), 0, 1),
        ("x".repeat(1_000_000) + "\n" + &all(&line), 100, 1),
    ];
    for (number, (file, events, problems)) in cases.into_iter().enumerate() {
        for piece in [4093, file.len()] {
            let found = read(file.as_bytes(), piece);
            let counts = (found.events.len(), found.problems.len());
            assert_eq!(
                counts,
                (events, problems),
                "case {number}: {:?}",
                found.problems
            );
        }
    }
}

/// A record is cut after its first bracket, or the bracket is repeated, so that the records after it are a level deeper.
#[test]
fn an_extra_bracket_in_a_list_of_records_affects_one_record() {
    let lists = ["Insights", "Loki", "CloudWatch", "OTLP"];
    for kind in KINDS.iter().filter(|kind| lists.contains(&kind.name)) {
        for which in 0..5 {
            for damage in [
                Damage::CutAndJoin(1),
                Damage::Insert(0, b"[".to_vec()),
                Damage::Insert(0, b"[[".to_vec()),
                Damage::Insert(1, b"[".to_vec()),
                Damage::Repeat(0..1),
                Damage::Delete(0..1),
            ] {
                let checked = check(kind, which, &damage);
                assert!(checked.is_ok(), "{}, {which}: {checked:?}", kind.name);
            }
        }
    }
}

/// The damage closes the list of records or the document, or removes a bracket so that a record contains the rest of the list.
#[test]
fn a_document_that_damage_closes_is_read_to_its_end() {
    let insert = |at, text: &str| Damage::Insert(at, text.as_bytes().to_vec());
    let rows = [
        // The rest of a record closes the document.
        ("CloudWatch", Damage::CutHead(321)),
        ("CloudWatch", Damage::CutHead(656)),
        ("CloudWatch", Damage::CutHead(657)),
        ("Insights", Damage::CutHead(354)),
        ("Loki", Damage::CutHead(727)),
        // The rest has fields that look like those of the document.
        ("Elasticsearch answer", Damage::CutHead(300)),
        ("compact EventList", Damage::CutHead(276)),
        ("pretty EventList", Damage::CutHead(386)),
        // It starts like a list of records.
        ("Elasticsearch answer", Damage::CutHead(444)),
        // A row has no closing bracket.
        ("Insights", Damage::CutTail(29)),
        ("Insights", Damage::CutAndJoin(30)),
        ("Insights", insert(30, "[")),
        ("Insights", insert(355, "\"")),
        ("Insights", Damage::Delete(883..884)),
        ("Insights", Damage::Repeat(500..883)),
        ("Loki", Damage::CutTail(22)),
        ("Loki", Damage::Delete(847..848)),
        // The list of a document has no name.
        ("EventLists, a line each", Damage::Delete(70..718)),
        ("EventLists, pretty", Damage::Delete(70..447)),
        // The rest of a line is not between the parts of an event.
        ("timed", insert(441, "\n")),
        ("timed", insert(573, "\n")),
    ];
    for (name, damage) in rows {
        let kind = KINDS.iter().find(|kind| kind.name == name).unwrap();
        for which in 0..5 {
            let checked = check(kind, which, &damage);
            assert!(checked.is_ok(), "{name}, {which}, {damage:?}: {checked:?}");
        }
    }
}

/// Damage whose reports overlapped, were not in the order of the file, or were missing; and damage that hid the next record.
#[test]
fn damage_is_reported_once() {
    let insert = |at, text: &str| Damage::Insert(at, text.as_bytes().to_vec());
    let rows = [
        // The prefix of the next line follows the prefix of a line, or a part of it.
        ("journald", 0, Damage::CutAndJoin(30)),
        ("journald", 1, Damage::CutAndJoin(31)),
        ("journald", 2, Damage::CutAndJoin(32)),
        ("journald", 3, Damage::CutAndJoin(40)),
        ("journald", 0, Damage::Repeat(10..40)),
        ("journald", 1, Damage::Repeat(0..700)),
        ("CRI in parts", 0, Damage::CutAndJoin(30)),
        ("CRI in parts", 3, Damage::CutAndJoin(30)),
        // The second line has no prefix.
        ("journald", 0, insert(252, "\n")),
        ("CRI in parts", 0, insert(254, "\n")),
        ("timed", 4, insert(110, "\n7\n")),
        // The next record is an item of a list of the damaged one.
        ("Elasticsearch answer", 3, Damage::CutAndJoin(577)),
        ("Elasticsearch answer", 3, Damage::CutTail(601)),
        // The rest of a record looks like the end of the document, or like a part of the next record.
        ("Elasticsearch answer", 0, Damage::CutHead(290)),
        ("Elasticsearch answer", 1, Damage::CutHead(712)),
        ("pretty EventList", 0, Damage::CutHead(371)),
        // The first line is no longer the start of a value, or looks like the header of a CSV file.
        ("EventLists, pretty", 0, Damage::CutAndJoin(1)),
        ("EventLists, pretty", 0, Damage::CutHead(106)),
        ("values on one line", 0, Damage::CutHead(652)),
    ];
    for (name, which, damage) in rows {
        let kind = KINDS.iter().find(|kind| kind.name == name).unwrap();
        let checked = check(kind, which, &damage);
        assert!(checked.is_ok(), "{name}, {which}, {damage:?}: {checked:?}");
    }
}

/// A log without events reports the reasons with their counts.
#[test]
fn a_summary_counts_reasons() {
    let mut reader = audit_log::LogReader::new();
    reader.push(b"a: b\nc\n\0\0\n{\"x\":1}\n\xff\n", &mut |_| {});
    let summary = reader.finish(&mut |_| {});
    let counts: Vec<u64> = summary.reasons.iter().map(|(_, count)| *count).collect();
    assert_eq!((summary.events, summary.problems), (0, 5));
    assert_eq!(summary.reasons[0].0, "not JSON");
    assert_eq!(counts, [2, 1, 1, 1]);
    assert!(summary.rejection.is_some());
}

/// Distance between damaged offsets: a prime.
const STEP: usize = 61;

/// A missing byte, an extra byte and a truncation at offsets throughout a record: each kind of damage in its smallest form.
#[test]
fn a_missing_or_extra_byte_affects_one_record() {
    let mut faults = Vec::new();
    let mut tried = 0;
    for kind in KINDS.iter().chain(&CONVERTED) {
        let mut of_kind = 0;
        for which in [0, 2, 4] {
            let length = length_of(kind, which);
            for at in (0..length).step_by(STEP) {
                let signs = [b"{", b"}", b"[", b"]", b"\"", b"\\", b"\n", b"\0"];
                let sign = signs[(at / STEP) % signs.len()].to_vec();
                for damage in [
                    Damage::Delete(at..at + 1),
                    Damage::Insert(at, sign),
                    Damage::CutTail(at),
                    Damage::CutAndJoin(at),
                ] {
                    tried += 1;
                    if let Err(fault) = check_whole(kind, which, &damage) {
                        of_kind += 1;
                        if of_kind <= 3 {
                            faults.push(format!("{}: {damage:?} of {which}: {fault}", kind.name));
                        }
                    }
                }
            }
        }
        if of_kind > 0 {
            faults.push(format!("{}: {of_kind} in all", kind.name));
        }
    }
    println!("{tried} damaged logs read");
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

fn check_whole(
    kind: &conformance::damage::Kind,
    which: usize,
    damage: &Damage,
) -> Result<(), String> {
    let damaged = file(kind, 5, which, damage);
    let whole = read(&damaged.bytes, damaged.bytes.len());
    match damaged.fault(&whole) {
        Some(fault) => Err(format!("{fault}\n{:?}", whole.problems)),
        None => Ok(()),
    }
}

/// Number of damaged logs, which are the same in each run. `DAMAGE_CASES` sets another number of random logs.
fn cases() -> u32 {
    let wanted = std::env::var("DAMAGE_CASES").ok();
    wanted.and_then(|cases| cases.parse().ok()).unwrap_or(600)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        rng_seed: std::env::var("DAMAGE_CASES").map_or(RngSeed::Fixed(1), |_| RngSeed::Random),
        ..ProptestConfig::default()
    })]

    #[test]
    fn damage_affects_one_record(
        kind in select(KINDS.iter().chain(&CONVERTED).copied().collect::<Vec<_>>()),
        which in 0_usize..5,
        way in 0..KINDS_OF_DAMAGE,
        first in any::<u16>(),
        second in any::<u16>(),
        garbage in vec(prop_oneof![any::<u8>(), select(b"{}[]\",:\\\n\x00 a".to_vec())], 1..30),
    ) {
        let length = length_of(&kind, which);
        let damage = damage(way, first, second, length, &garbage);
        let checked = check(&kind, which, &damage);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}
