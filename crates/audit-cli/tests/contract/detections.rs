//! `detections`.

use serde_json::json;

use crate::{BAD, Folder, GOOD, keys};

/// Line 8 has the rule that blinds what reads bodies.
const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  resources:
  - group: \"\"
    resources: [events]
- level: Metadata # everything else
";

const PACK: &str = "kind: RequirementPack
id: house
tests:
- {id: H1, name: host network, source: us, detects: {verb: create, apiGroup: '', resource: pods, subresource: ''}, reads: [requestObject.spec.hostNetwork]}
- {id: H2, name: secrets, source: us, detects: {verb: list, apiGroup: '', resource: secrets, subresource: ''}}
- {id: H3, name: events, source: us, detects: {verb: delete, apiGroup: ['', events.k8s.io], resource: events, subresource: ''}}
- {id: H4, name: files, source: us, why: no such field, decidable: false}
";

fn folder(test: &str) -> Folder {
    let files = [
        ("p.yaml", POLICY),
        ("good.yaml", GOOD),
        ("bad.yaml", BAD),
        ("pack.yaml", PACK),
    ];
    Folder::new(test, &files)
}

const CALL: [&str; 5] = ["detections", "--policy", "p.yaml", "--pack", "pack.yaml"];

#[test]
fn each_detection_is_an_object_with_its_cause_and_change() {
    let folder = folder("detections");
    let ran = folder.run(&[&CALL[..], &["--format", "json"]].concat());
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let rows = ran.objects();
    assert_eq!(
        keys(&rows[0]),
        [
            "pack",
            "id",
            "name",
            "source",
            "why",
            "fires",
            "classes",
            "needs",
            "blindedBy",
            "change"
        ]
    );
    let fires: Vec<_> = rows.iter().map(|row| &row["fires"]).collect();
    assert_eq!(
        fires,
        [&json!("never"), &json!("all"), &json!("some"), &json!(null)]
    );
    assert_eq!(
        rows[0]["needs"],
        json!({"level": "Request", "stages": ["ResponseComplete"], "fields": ["requestObject.spec.hostNetwork"]})
    );
    let blinding = &rows[0]["blindedBy"][0];
    assert_eq!(
        keys(blinding),
        ["cause", "message", "line", "verdict", "witness"]
    );
    assert_eq!(
        (
            &blinding["cause"],
            &blinding["line"],
            &blinding["verdict"]["rule"]
        ),
        (&json!("level"), &json!(8), &json!(1))
    );
    let change = &rows[0]["change"];
    assert_eq!(
        keys(change),
        [
            "message",
            "recordedStage",
            "before",
            "rules",
            "fires",
            "text"
        ]
    );
    assert_eq!(
        (&change["before"], &change["fires"]),
        (&json!(1), &json!("all"))
    );
    let rule = "- level: Request\n  verbs: [\"create\"]\n  resources:\n  - group: \"\"\n    resources: [\"pods\"]\n";
    let changed = POLICY.replace("- level: Metadata", &format!("{rule}- level: Metadata"));
    assert_eq!(change["text"], json!(changed));
    // The witness and the changed policy are what other commands take.
    folder.write("changed.yaml", &changed);
    let witness = blinding["witness"].to_string();
    let ran = folder.run_on(&witness, &["evaluate", "--policy", "changed.yaml"]);
    assert_eq!(ran.object()["level"], json!("Request"));
    assert_eq!(rows[2]["change"], json!(null));
}

#[test]
fn text_has_what_never_fires_first_and_the_totals_last() {
    let folder = folder("detections-text");
    let ran = folder.run(&CALL);
    let expected = "never fires: house host network
  rule 2 (line 8) has the level `Metadata`, and `Request` is needed
  to let it fire, insert a rule before rule 2
    - level: Request
      verbs: [\"create\"]
      resources:
      - group: \"\"
        resources: [\"pods\"]
fires for some: house events
  rule 1 (line 4) has the level `None`
  not seen, for example: `delete` of `events` named `example` in namespace `default`, by `alice`
fires: house secrets
fires under no policy: house files
  no such field
4 detections: 1 can fire for all of their requests, 1 for some, 1 never, 1 not under any policy
";
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (0, expected, "")
    );
}

#[test]
fn markdown_is_one_table() {
    let folder = folder("detections-markdown");
    let ran = folder.run(&[&CALL[..], &["--format", "markdown"]].concat());
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let rows: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with('|'))
        .collect();
    assert_eq!(rows.len(), 6, "{}", ran.out);
    let row = "| `house` | host network | never fires | rule 2 (line 8) has the level `Metadata`, and `Request` is needed | insert a rule before rule 2<br>`- {\"level\":\"Request\",\"verbs\":[\"create\"],\"resources\":[{\"resources\":[\"pods\"]}]}` | us |";
    assert_eq!(rows[2], row);
}

#[test]
fn the_exit_status_is_1_if_asked_and_a_detection_never_fires() {
    let folder = folder("detections-status");
    let blind = [&CALL[..], &["--exit-code"]].concat();
    assert_eq!(folder.run(&blind).status, 1);
    let sigma = [
        "detections",
        "--policy",
        "good.yaml",
        "--pack",
        "panther",
        "--exit-code",
    ];
    // Panther reads bodies.
    assert_eq!(folder.run(&sigma).status, 1);
    folder.write("all.yaml", &GOOD.replace("Metadata", "RequestResponse"));
    let all = ["detections", "--policy", "all.yaml", "--exit-code"];
    let ran = folder.run(&all);
    assert_eq!(ran.status, 0);
    assert!(
        ran.out
            .ends_with(" can fire for all of their requests, 3 not under any policy\n")
    );
}

#[test]
fn wrong_calls_are_errors() {
    let folder = folder("detections-calls");
    for (words, status, message) in [
        (
            &["--policy", "p.yaml", "--pack", "cis"][..],
            2,
            "the pack `cis` has no detections (help: `audit-policy report` decides the claims of standards)",
        ),
        (
            &["--policy", "p.yaml", "--pack", "falcon"],
            2,
            "unknown pack `falcon` (help: did you mean `falco`?)",
        ),
        (&["--policy", "bad.yaml"], 1, "is rejected"),
    ] {
        let ran = folder.run(&[&["detections"], words].concat());
        assert_eq!(ran.status, status, "{words:?}: {}", ran.err);
        assert!(ran.err.contains(message), "{words:?}: {}", ran.err);
    }
}
