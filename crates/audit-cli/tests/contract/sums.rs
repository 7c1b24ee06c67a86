//! `sums` and `merge`: totals in parts are the totals of the whole.

use serde_json::{Value, json};

use crate::{Folder, GOOD};

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: [bob]\n- level: Metadata\n";

/// An event at a second after 03:04.
fn event(second: u32, user: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{second}","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{{"username":"{user}","groups":["system:authenticated"]}},"sourceIPs":["10.0.0.1"],"userAgent":"kubectl","responseStatus":{{"metadata":{{}},"code":200}},"requestReceivedTimestamp":"2026-01-02T03:04:{second:02}.000000Z","stageTimestamp":"2026-01-02T03:04:{second:02}.000000Z"}}"#
    ) + "\n"
}

fn folder(name: &str) -> Folder {
    let (first, second) = (event(5, "alice") + &event(15, "bob"), event(29, "alice"));
    let both = first.clone() + &second;
    Folder::new(
        name,
        &[
            ("p.yaml", POLICY),
            ("q.yaml", GOOD),
            ("1.log", &first),
            ("2.log", &second),
            ("12.log", &both),
        ],
    )
}

fn sums(folder: &Folder, log: &str) -> Value {
    let ran = folder.run(&["sums", "--policy", "p.yaml", log]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    folder.write(&format!("{log}.json"), &ran.out);
    ran.object()
}

#[test]
fn parts_add_up_to_the_whole_in_any_order() {
    let folder = folder("sums");
    let mut whole = sums(&folder, "12.log");
    assert_eq!(whole["recorded"]["events"], 3);
    assert_eq!(whole["written"]["events"], 2);
    assert_eq!(whole["byRule"][0]["matched"], 1);
    assert_eq!(whole["from"], "2026-01-02T03:04:05.000000Z");
    assert_eq!(whole["to"], "2026-01-02T03:04:29.000000Z");
    // Two events in 24 seconds are 7,200 a day.
    assert_eq!(whole["perDay"]["events"], 7200.0);
    let (first, second) = (sums(&folder, "1.log"), sums(&folder, "2.log"));
    assert_eq!(second["perDay"], Value::Null);
    assert_eq!(first["logs"], 1);
    whole["logs"] = json!(2);
    for files in [["1.log.json", "2.log.json"], ["2.log.json", "1.log.json"]] {
        let ran = folder.run(&[&["merge", "--format", "json"], &files[..]].concat());
        assert_eq!(
            (ran.status, ran.object()),
            (0, whole.clone()),
            "{}",
            ran.err
        );
    }
    // Sums of sums.
    let words = ["merge", "--format", "json", "1.log.json", "2.log.json"];
    folder.write("3.json", &folder.run(&words).out);
    let ran = folder.run(&["merge", "--format", "json", "3.json", "1.log.json"]);
    assert_eq!(ran.object()["recorded"]["events"], 5);
}

#[test]
fn the_totals_are_those_of_simulate() {
    let folder = folder("sums-simulate");
    let own = sums(&folder, "12.log");
    let words = [
        "simulate", "--policy", "p.yaml", "--format", "summary", "12.log",
    ];
    let summary = folder.run(&words).object();
    for key in [
        "recorded",
        "written",
        "derived",
        "sizesUnknown",
        "byLevel",
        "byRule",
        "byOutcome",
        "byStage",
        "unreadable",
    ] {
        assert_eq!(own[key], summary[key], "{key}");
    }
}

#[test]
fn text_has_the_events_of_each_rule() {
    let folder = folder("sums-text");
    sums(&folder, "12.log");
    let ran = folder.run(&["merge", "12.log.json"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.starts_with("1 log: 3 events read ("), "{}", ran.out);
    assert!(
        ran.out.contains("written per day: 7,200 events"),
        "{}",
        ran.out
    );
    let rows: Vec<Vec<&str>> = ran
        .out
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let row = |name| {
        rows.iter()
            .rev()
            .find(|row| row.first() == Some(&name))
            .unwrap()
    };
    assert_eq!(row("1")[1..4], ["None", "1", "0"]);
    assert_eq!(row("2")[1..4], ["Metadata", "2", "2"]);
    assert_eq!(row("none")[1..4], ["None", "0", "0"]);
}

#[test]
fn what_does_not_belong_together_is_rejected() {
    let folder = folder("sums-rejected");
    let own = sums(&folder, "1.log");
    let with = |key: &str, value: Value| {
        let mut changed = own.clone();
        changed[key] = value;
        changed.to_string()
    };
    let other = folder.run(&["sums", "--policy", "q.yaml", "1.log"]).out;
    let version = ["--kubernetes-version", "1.25"];
    let older = folder
        .run(&[&["sums", "--policy", "p.yaml"], &version[..], &["1.log"]].concat())
        .out;
    let mut large = own["recorded"].clone();
    large["bytes"] = json!(u64::MAX);
    for (text, reason) in [
        (other, "the policy is another than in the first file"),
        (
            older,
            "the Kubernetes version is `1.25`, and that of the first file `1.36`",
        ),
        (
            with("sums", json!(2)),
            "the sums have the form 2, and this version reads 1",
        ),
        (
            with("from", json!("yesterday")),
            "`yesterday` is not a time",
        ),
        (
            with("to", Value::Null),
            "only one of `from` and `to` has a time",
        ),
        (
            with("byRule", json!([])),
            "`x.json`: `byRule` adds up to 0 events, and `written` to 1",
        ),
        (with("recorded", large), "a sum exceeds 64 bits"),
        ("{}".to_owned(), "missing field"),
        ("nothing".to_owned(), "x.json"),
    ] {
        folder.write("x.json", &text);
        let ran = folder.run(&["merge", "1.log.json", "x.json"]);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{reason}");
        assert!(ran.err.contains(reason), "{reason}: {}", ran.err);
    }
}

#[test]
fn sums_that_contradict_themselves_are_rejected() {
    let folder = folder("sums-contradictory");
    // Of two events, one is written, by rule 2.
    let own = sums(&folder, "1.log");
    for (pointer, value, reason) in [
        (
            "/to",
            json!("2026-01-02T03:04:04.000000Z"),
            "`from` is later than `to`",
        ),
        (
            "/written/events",
            json!(2),
            "`byLevel` adds up to 1 events, and `written` to 2",
        ),
        (
            "/byRule/0/written/events",
            json!(3),
            "`byRule` adds up to 4 events, and `written` to 1",
        ),
        (
            "/byStage/4/written/bytes",
            json!(u64::MAX),
            "`byStage` adds up to ",
        ),
        (
            "/byRule/1/rule",
            json!(0),
            "`byRule[1].rule` is there twice",
        ),
        (
            "/byLevel/0/level",
            json!("Metadata"),
            "`byLevel[1].level` is there twice",
        ),
        (
            "/byStage/0/stage",
            json!(null),
            "`byStage[4].stage` is there twice",
        ),
        (
            "/recorded/events",
            json!(3),
            "`byOutcome` adds up to 2 events, and `recorded` and `derived` to 3",
        ),
    ] {
        let mut changed = own.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        folder.write("x.json", &changed.to_string());
        let ran = folder.run(&["merge", "x.json"]);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{pointer}");
        assert!(
            ran.err.contains(&format!("`x.json`: {reason}")),
            "{pointer}: {}",
            ran.err
        );
    }
}

#[test]
fn sums_of_another_version_than_the_given_one_are_rejected() {
    let folder = folder("sums-version");
    sums(&folder, "1.log");
    let merge = |version| folder.run(&["merge", "--kubernetes-version", version, "1.log.json"]);
    assert_eq!(merge("1.36").status, 0);
    let ran = merge("1.25");
    assert_eq!((ran.status, &*ran.out), (2, ""));
    let reason = "`1.log.json`: `kubernetesVersion` is `1.36`, not `1.25`";
    assert!(ran.err.contains(reason), "{}", ran.err);
}
