//! `model`.

use crate::{Folder, GOOD};

#[test]
fn a_modelled_log_is_read_like_any_other() {
    let folder = Folder::new("model-log", &[("p.yaml", GOOD)]);
    let made = folder.run(&["model", "--nodes", "5", "--pods", "50", "--events", "2000"]);
    assert_eq!(made.status, 0);
    let lines = made.out.lines().count() as u64;
    assert!((500..=2000).contains(&lines), "{lines}");
    assert!(
        made.err.contains("contains at most 2000 events"),
        "{}",
        made.err
    );
    let read = folder.run_on(
        &made.out,
        &["simulate", "--policy", "p.yaml", "--format", "summary", "-"],
    );
    let summary = read.object();
    // The policy writes everything at Metadata: every event, and none is lost.
    assert_eq!(summary["recorded"]["events"], lines);
    assert_eq!(summary["written"]["events"], lines);
    assert_eq!(summary["unreadable"], 0);
    let again = folder.run(&["model", "--nodes", "5", "--pods", "50", "--events", "2000"]);
    assert_eq!(again.out, made.out);
}

#[test]
fn a_cluster_is_printed_and_read_again() {
    let folder = Folder::new("model-profile", &[]);
    let printed = folder.run(&["model", "--nodes", "7", "--print-profile"]);
    let profile: serde_json::Value = serde_json::from_str(&printed.out).unwrap();
    assert_eq!(profile["nodes"], 7);
    let again = folder.run_on(
        &printed.out,
        &["model", "--profile", "-", "--print-profile"],
    );
    assert_eq!(again.out, printed.out);
    let other = folder.run_on(
        &printed.out,
        &["model", "--profile", "-", "--nodes", "9", "--print-profile"],
    );
    let other: serde_json::Value = serde_json::from_str(&other.out).unwrap();
    assert_eq!(
        (&other["nodes"], &other["pods"]),
        (&9.into(), &profile["pods"])
    );
}

#[test]
fn every_rate_is_printed_with_its_source() {
    let folder = Folder::new("model-rates", &[]);
    let rates = folder.run(&["model", "--rates"]);
    assert_eq!(rates.status, 0);
    // A lease of each of six nodes every ten seconds.
    let lease = rates
        .out
        .lines()
        .find(|line| line.contains("node lease"))
        .unwrap();
    assert!(
        lease.trim_start().starts_with("36.00 per minute"),
        "{lease}"
    );
    assert_eq!(rates.out.lines().count() % 2, 0);
}

#[test]
fn invalid_clusters_are_rejected() {
    let folder = Folder::new(
        "model-rejected",
        &[
            ("bad.json", "{\"nodes\": -1}"),
            ("odd.json", "{\"node\": 1}"),
        ],
    );
    for (arguments, words) in [
        (&["model", "--pods", "99999999"][..], "`pods` is 99999999"),
        (
            &["model", "--control-plane-nodes", "0"],
            "`controlPlaneNodes` is 0",
        ),
        (&["model", "--seconds", "0"], "seconds"),
        (&["model", "--profile", "bad.json"], "bad.json"),
        (&["model", "--profile", "odd.json"], "unknown field `node`"),
        (&["model", "--profile", "none.json"], "none.json"),
    ] {
        let ran = folder.run(arguments);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
}
