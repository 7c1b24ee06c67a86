//! `new`.

use serde_json::json;

use crate::{Folder, keys};

const TESTS: &str = "kind: PolicyTests
policy: does-not-matter.yaml
tests:
- name: deletions are recorded
  requests: {verb: [delete, deletecollection], apiGroup: apps, resource: deployments}
  atLeast: Metadata
- name: kept for a month
  setting: {flag: audit-log-maxage, atLeast: 30}
";

/// Alice reads a secret and a pod.
const LOG: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/n/secrets/db","verb":"get","user":{"username":"alice","groups":["system:authenticated"]},"objectRef":{"resource":"secrets","namespace":"n","name":"db","apiVersion":"v1"},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.000000Z"}
{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"b","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/n/pods/web","verb":"get","user":{"username":"alice","groups":["system:authenticated"]},"objectRef":{"resource":"pods","namespace":"n","name":"web","apiVersion":"v1"},"requestReceivedTimestamp":"2026-01-01T01:00:00.000000Z","stageTimestamp":"2026-01-01T01:00:00.000000Z"}
"#;

const SECRETS: &str = "apiGroup= resource=secrets subresource= level=Metadata";

fn folder(test: &str) -> Folder {
    Folder::new(test, &[("tests.yaml", TESTS), ("a.log", LOG)])
}

#[test]
fn the_policy_is_accepted_and_passes_the_claims() {
    let folder = folder("new");
    let ran = folder.run(&["new", "--claims", "tests.yaml", "--claim", SECRETS]);
    assert_eq!(
        (ran.status, ran.err.as_str()),
        (
            0,
            "audit-policy: 2 claims met, by proof; 1 of 3 not about the policy\n"
        )
    );
    folder.write("p.yaml", &ran.out);
    let checked = folder.run(&["check", "--strict", "p.yaml"]);
    assert_eq!(checked.status, 0, "{}{}", checked.out, checked.err);
    let simpler = folder.run(&["simplify", "p.yaml"]);
    assert_eq!(simpler.out, ran.out, "{}", simpler.err);
    let words = [
        "test",
        "--policy",
        "p.yaml",
        "--format",
        "json",
        "tests.yaml",
    ];
    let tested = folder.run(&words);
    assert_eq!(tested.objects()[0]["proved"], true, "{}", tested.out);
    for name in [
        "  # deletions are recorded\n",
        "  # apiGroup= resource=secrets",
        "# - kept for a month\n",
    ] {
        assert!(ran.out.contains(name), "{}", ran.out);
    }
}

#[test]
fn packs_that_contradict_each_other_have_a_witness() {
    let folder = folder("new-packs");
    let words = ["new", "--pack", "cis", "--pack", "stig", "--format", "json"];
    let ran = folder.run(&words);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let object = ran.object();
    assert_eq!(
        keys(&object),
        [
            "policy",
            "rules",
            "claims",
            "exact",
            "contradictions",
            "messages",
            "volume"
        ]
    );
    assert_eq!(object["policy"], json!(null));
    let found = object["contradictions"].as_array().unwrap();
    assert_eq!(found.len(), 3);
    for one in found {
        assert_eq!(keys(one), ["claims", "message", "witness", "producible"]);
        assert!(
            ran.err.contains(one["message"].as_str().unwrap()),
            "{}",
            ran.err
        );
        let ids: Vec<&str> = one["claims"]
            .as_array()
            .unwrap()
            .iter()
            .map(|index| {
                object["claims"][index.as_u64().unwrap() as usize]["id"]
                    .as_str()
                    .unwrap()
            })
            .collect();
        assert!(
            ids[0].starts_with("CIS-3.2.2-") && ids[1] == "CNTR-K8-000700",
            "{ids:?}"
        );
    }
    let text = folder.run(&["new", "--pack", "cis", "--pack", "stig"]);
    assert_eq!((text.status, text.out.as_str()), (1, ""));
}

#[test]
fn one_object_has_the_policy_and_its_claims() {
    let folder = folder("new-json");
    let ran = folder.run(&[
        "new", "--claim", SECRETS, "--log", "a.log", "--format", "json",
    ]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let object = ran.object();
    assert_eq!(
        object["rules"],
        json!([{
            "rule": {"level": "Metadata", "resources": [{"resources": ["secrets"]}]},
            "claims": [0]
        }])
    );
    assert_eq!(
        object["claims"],
        json!([{"id": null, "name": SECRETS, "met": true}])
    );
    assert_eq!(
        (&object["exact"], &object["messages"]),
        (&json!(true), &json!([]))
    );
    // Of two events, that of the secret is written.
    assert_eq!(object["volume"]["recorded"]["events"], 2);
    assert_eq!(object["volume"]["written"]["events"], 1);
}

#[test]
fn the_volume_is_on_standard_error() {
    let folder = folder("new-volume");
    let words = [
        "new",
        "--claim",
        SECRETS,
        "--otherwise",
        "Metadata",
        "--log",
        "a.log",
    ];
    let ran = folder.run(&words);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.err.contains("audit-policy: Written: 2 events"),
        "{}",
        ran.err
    );
    assert!(!ran.out.contains("Written"), "{}", ran.out);
    let missing = folder.run(&["new", "--claim", SECRETS, "--log", "none.log"]);
    assert_eq!(missing.status, 2, "{}", missing.err);
}

/// Checks that a call prints a message, and nothing on standard output.
fn check_failure(folder: &Folder, words: &[&str], status: i32, message: &str) {
    let ran = folder.run(words);
    let found = (ran.status, ran.out.as_str());
    assert_eq!(found, (status, ""), "{words:?}: {}", ran.err);
    assert!(ran.err.contains(message), "{words:?}: {}", ran.err);
}

#[test]
fn calls_that_are_wrong() {
    let folder = folder("new-wrong");
    for (words, message) in [
        (
            &["new"][..],
            "no claims are given (help: choose a pack with `--pack cis`, ",
        ),
        (
            &["new", "--claim", "resource=secrets level=Metdata"],
            "claim 1, column 18: `Metdata` is not a level (help: did you mean `Metadata`?)",
        ),
        (
            &["new", "--claim", "level=None", "--claim", "verb=get"],
            "claim 2, column 1: nothing is expected (help: add `level=`",
        ),
        (
            &["new", "--pack", "cjs"],
            "unknown pack `cjs` (help: did you mean `cis`?)",
        ),
        (&["new", "--claims", "none.yaml"], "cannot read `none.yaml`"),
        (
            &["new", "--otherwise", "Some", "--pack", "cis"],
            "invalid value 'Some' for '--otherwise <LEVEL>'",
        ),
    ] {
        check_failure(&folder, words, 2, message);
    }
}

#[test]
fn claims_that_cannot_be_met() {
    let folder = folder("new-unmet");
    for (words, message) in [
        (
            &[
                "new",
                "--claim",
                "verb=get level=None",
                "--claim",
                "path=/version level=Metadata",
            ][..],
            "`verb=get level=None` and `path=/version level=Metadata` contradict each other: of `get` of `/version` by `alice`, the first expects the level `None`, the second the level `Metadata`",
        ),
        (
            &[
                "new",
                "--claim",
                "verb=create resource=pods subresource= name=x level=Metadata",
            ],
            "is about no request that can come",
        ),
        (
            &[
                "new",
                "--claim",
                "userGroup=dev userGroup!=ops level=Metadata",
                "--claim",
                "userGroup=ops userGroup!=dev level=Request",
                "--claim",
                "userGroup=dev userGroup=ops level=RequestResponse",
            ],
            "no policy was found: the claims do not contradict each other, but rules cannot distinguish their requests",
        ),
    ] {
        check_failure(&folder, words, 1, message);
    }
}

#[test]
fn claims_that_are_not_about_the_policy_have_an_object_too() {
    let flag = "tests: [{name: a, setting: {flag: audit-log-maxage, atLeast: 30}}]";
    let rule = "tests: [{name: a, request: {verb: get, path: /version}, rule: 2}]";
    let folder = Folder::new("new-aside", &[("flag.yaml", flag), ("rule.yaml", rule)]);
    for (file, message) in [
        ("flag.yaml", "no claim is about the policy"),
        ("rule.yaml", "the claims expect only the number of a rule"),
    ] {
        check_failure(&folder, &["new", "--claims", file], 2, message);
        let ran = folder.run(&["new", "--claims", file, "--format", "json"]);
        assert_eq!(ran.status, 2, "{}", ran.err);
        assert!(ran.err.contains(message), "{}", ran.err);
        let object = ran.object();
        assert_eq!(object["policy"], json!(null));
        assert_eq!(
            object["claims"],
            json!([{"id": null, "name": "a", "met": null}])
        );
        let reason = object["messages"][0].as_str().unwrap();
        assert!(reason.starts_with(message), "{reason}");
    }
}

#[test]
fn misspelled_resources_are_noted() {
    let folder = folder("new-note");
    let ran = folder.run(&["new", "--claim", "level=Metadata apiGroup= resource=secret"]);
    assert_eq!(ran.status, 0);
    let note = "claim 1, column 26: Kubernetes 1.36 does not serve `secret` (help: did you mean `secrets`?)";
    assert!(ran.err.contains(note), "{}", ran.err);
}
