//! `inspect`: findings about a log, its clients, a request and a timeline.

use serde_json::{Value, json};

use crate::{Folder, keys};

/// An event; `second` is that of its time, which is 10:00.
fn event(id: &str, verb: &str, uri: &str, user: &str, second: u32, more: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"ResponseComplete","requestURI":"{uri}","verb":"{verb}","user":{user},"sourceIPs":["192.0.2.1","10.0.0.9"],"userAgent":"kubectl/v1.36.0","responseStatus":{{"metadata":{{}},"code":200}},"requestReceivedTimestamp":"2026-01-02T10:00:{second:02}.000000Z","stageTimestamp":"2026-01-02T10:00:{second:02}.500000Z"{more}}}"#
    )
}

const ANN: &str = r#"{"username":"ann","groups":["dev"]}"#;
const WEB: &str =
    r#"{"username":"system:serviceaccount:shop:web","groups":["system:serviceaccounts"]}"#;
const POD: &str = "/api/v1/namespaces/shop/pods/web-0";

fn folder(test: &str) -> Folder {
    let object = r#","objectRef":{"resource":"pods","namespace":"shop","name":"web-0"},"annotations":{"authorization.k8s.io/decision":"allow"}"#;
    let good = [
        event(
            "11111111-1111-4111-8111-111111111111",
            "create",
            "/api/v1/namespaces/shop/pods",
            ANN,
            1,
            object,
        ),
        event(
            "22222222-2222-4222-8222-222222222222",
            "get",
            POD,
            WEB,
            2,
            "",
        ),
        event(
            "33333333-3333-4333-8333-333333333333",
            "list",
            "/api/v1/nodes",
            ANN,
            3,
            "",
        ),
        event(
            "44444444-4444-4444-8444-444444444444",
            "delete",
            POD,
            ANN,
            4,
            r#","impersonatedUser":{"username":"bob","groups":["ops"]}"#,
        ),
    ];
    let anonymous = r#"{"username":"system:anonymous","groups":["system:unauthenticated"]}"#;
    let exec = format!("{POD}/exec?command=mysql&command=--password%3Dhunter2");
    let odd = [
        event(
            "55555555-5555-4555-8555-555555555555",
            "list",
            "/api/v1/secrets",
            anonymous,
            1,
            "",
        ),
        event("mine", "create", &exec, ANN, 2, ""),
        event("mine", "get", "/version", ANN, 3, ""),
    ];
    let without_users = good
        .join("\n")
        .replace(&format!(r#""user":{ANN},"#), "")
        .replace(&format!(r#""user":{WEB},"#), "");
    Folder::new(
        test,
        &[
            ("good.log", &good.join("\n")),
            ("odd.log", &odd.join("\n")),
            ("nobody.log", &without_users),
            ("empty.log", ""),
            ("text.log", "not a log\n"),
        ],
    )
}

#[test]
fn the_exit_status_is_that_of_reading_and_of_fail_on() {
    let folder = folder("inspect-status");
    for (words, status) in [
        (&["good.log"][..], 0),
        (&["odd.log"], 0),
        (&["empty.log"], 0),
        (&["--fail-on", "warning", "good.log"], 0),
        (&["--fail-on", "warning", "odd.log"], 1),
        (&["--fail-on", "error", "odd.log"], 0),
        (&["text.log"], 2),
        (&["absent.log"], 2),
        (&["good.log", "text.log"], 2),
        (&[], 2),
        (&["--timeline", "usr:ann", "good.log"], 2),
        (&["--timeline", "level:M", "good.log"], 2),
        (&["--timeline", "", "good.log"], 2),
    ] {
        let ran = folder.run(&[&["inspect"], words].concat());
        assert_eq!(ran.status, status, "{words:?}: {} {}", ran.out, ran.err);
    }
    let ran = folder.run(&["inspect", "--timeline", "usr:ann", "good.log"]);
    assert!(
        ran.err.contains("--timeline: unknown field `usr`")
            && ran.err.contains("did you mean `user:ann`?"),
        "{}",
        ran.err
    );
}

#[test]
fn findings_have_codes_counts_and_places() {
    let folder = folder("inspect-findings");
    let object = folder
        .run(&["inspect", "--format", "json", "good.log", "odd.log"])
        .object();
    assert_eq!(
        keys(&object),
        [
            "events",
            "first",
            "last",
            "findings",
            "notExamined",
            "clients",
            "furtherClientEvents",
            "requests",
            "omittedRequestEvents",
            "timeline",
            "omittedTimelineEvents",
            "unreadable",
            "files"
        ]
    );
    assert_eq!(object["events"], 7);
    assert_eq!(object["first"], "2026-01-02T10:00:01.000000Z");
    let findings = object["findings"].as_array().unwrap();
    let heads: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!([
                finding["code"],
                finding["severity"],
                finding["count"],
                finding["first"][0]
            ])
        })
        .collect();
    assert_eq!(
        heads,
        [
            json!(["AL001", "warning", 1, {"file": "odd.log", "line": 3}]),
            json!(["AL004", "warning", 1, {"file": "odd.log", "line": 1}]),
            json!(["AL005", "warning", 1, {"file": "odd.log", "line": 2}]),
        ]
    );
    assert_eq!(
        keys(&findings[0]),
        ["code", "severity", "message", "help", "count", "first"]
    );
    assert_eq!(
        (&object["clients"], &object["timeline"], &object["requests"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let text = folder.run(&["inspect", "good.log", "odd.log"]);
    assert!(text.out.contains("warning[AL005]: 1 event seems to contain a secret in the URL, such as `--password=…` of"), "{}", text.out);
    assert!(text.out.contains("\n  at odd.log:2\n"), "{}", text.out);
    assert!(!text.out.contains("hunter2"));
    assert!(
        folder
            .run(&["inspect", "good.log"])
            .out
            .contains("\nNo findings.\n")
    );
}

#[test]
fn clients_are_listed_by_kind() {
    let folder = folder("inspect-who");
    let object = folder
        .run(&["inspect", "--who", "--format", "json", "good.log"])
        .object();
    assert_eq!(
        object["clients"],
        json!([
            {"user": "ann", "kind": "person", "namespace": null, "name": null, "events": 3, "denied": 0, "impersonating": 1,
             "first": "2026-01-02T10:00:01.000000Z", "last": "2026-01-02T10:00:04.000000Z"},
            {"user": "system:serviceaccount:shop:web", "kind": "serviceAccount", "namespace": "shop", "name": "web", "events": 1, "denied": 0, "impersonating": 0,
             "first": "2026-01-02T10:00:02.000000Z", "last": "2026-01-02T10:00:02.000000Z"},
        ])
    );
    let text = folder.run(&["inspect", "--who", "good.log"]).out;
    assert!(
        text.contains("person or program") && text.contains("ann (impersonating in 1)"),
        "{text}"
    );
}

#[test]
fn a_log_without_users_is_one_clear_message() {
    let folder = folder("inspect-nobody");
    let ran = folder.run(&["inspect", "--who", "nobody.log"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.out
            .contains("\nClients\n  the log doesn't contain users: "),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("EVENTS"), "{}", ran.out);
    assert!(
        ran.out.contains("warning[AL008]: no event has a user"),
        "{}",
        ran.out
    );
}

#[test]
fn a_request_is_explained() {
    let folder = folder("inspect-request");
    let id = "44444444-4444-4444-8444-444444444444";
    let object = folder
        .run(&["inspect", "--request", id, "--format", "json", "good.log"])
        .object();
    let request = &object["requests"][0];
    assert_eq!(
        (&request["user"], &request["kind"], &request["address"]),
        (&json!("ann"), &json!("person"), &json!("10.0.0.9"))
    );
    assert_eq!(
        request["impersonated"],
        json!({"user": "bob", "kind": "person", "namespace": null, "name": null, "groups": ["ops"], "constraint": null})
    );
    let claims: Vec<Value> = request["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|claim| json!([claim["kind"], claim["value"], claim["isCertain"]]))
        .collect();
    assert_eq!(
        claims,
        [
            json!(["address", "192.0.2.1", true]),
            json!(["auditId", id, false]),
            json!(["userAgent", "kubectl/v1.36.0", true])
        ]
    );
    assert_eq!(
        request["follow"][0]["filter"],
        "resource:pods,pods/* apiGroup:\"\" namespace:shop name:web-0"
    );
    assert_eq!(request["events"], json!([{"file": "good.log", "line": 4}]));
    let text = folder.run(&["inspect", "--request", id, "good.log"]).out;
    for part in [
        "  Who: A person or a program with the user name `ann`",
        "  Forgeable: Source address `192.0.2.1`.",
        "  Follow user `ann`: user:ann",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let shared = folder.run(&["inspect", "--request", "mine", "odd.log"]).out;
    assert!(
        shared.contains("2 different requests have this audit ID."),
        "{shared}"
    );
    let none = folder.run(&["inspect", "--request", "none", "odd.log"]).out;
    assert!(none.contains("No event has this audit ID."), "{none}");
}

#[test]
fn a_timeline_is_in_the_order_of_time() {
    let folder = folder("inspect-timeline");
    let filter = "resource:pods,pods/* namespace:shop name:web-0";
    let words = [
        "inspect",
        "--timeline",
        filter,
        "--format",
        "json",
        "odd.log",
        "good.log",
    ];
    let object = folder.run(&words).object();
    let rows: Vec<Value> = object["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            json!([
                row["time"],
                row["user"],
                row["impersonated"],
                row["verb"],
                row["resource"],
                row["file"],
                row["line"]
            ])
        })
        .collect();
    assert_eq!(
        rows,
        [
            json!([
                "2026-01-02T10:00:01.000000Z",
                "ann",
                null,
                "create",
                "pods",
                "good.log",
                1
            ]),
            json!([
                "2026-01-02T10:00:02.000000Z",
                "ann",
                null,
                "create",
                "pods/exec",
                "odd.log",
                2
            ]),
            json!([
                "2026-01-02T10:00:02.000000Z",
                "system:serviceaccount:shop:web",
                null,
                "get",
                "pods",
                "good.log",
                2
            ]),
            json!([
                "2026-01-02T10:00:04.000000Z",
                "ann",
                "bob",
                "delete",
                "pods",
                "good.log",
                4
            ]),
        ]
    );
    assert_eq!(
        keys(&object["timeline"][0]),
        [
            "time",
            "user",
            "impersonated",
            "verb",
            "resource",
            "namespace",
            "name",
            "code",
            "level",
            "decision",
            "stages",
            "address",
            "auditID",
            "file",
            "line"
        ]
    );
    let text = folder
        .run(&["inspect", "--timeline", filter, "good.log"])
        .out;
    assert!(text.contains("  writes  "), "{text}");
    assert!(text.contains("ann as bob  good.log:4"), "{text}");
    let none = folder
        .run(&["inspect", "--timeline", "user:nobody", "good.log"])
        .out;
    assert!(none.contains("The filter selects no event."), "{none}");
}

#[test]
fn an_empty_log_has_no_table_of_clients() {
    let folder = Folder::new("inspect-empty", &[("empty.log", "")]);
    let ran = folder.run(&["inspect", "--who", "empty.log"]);
    assert!(
        ran.out
            .contains("The log has no events, so it has no clients."),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("DENIED"), "{}", ran.out);
}

#[test]
fn names_in_a_log_do_not_reach_the_terminal() {
    let hostile = r#"{"username":"ann\u001b[2J","groups":["a\u202eb"]}"#;
    let line = event("x1", "get", POD, hostile, 1, "");
    let folder = Folder::new("inspect-hostile", &[("a.log", &line)]);
    let ran = folder.run(&[
        "inspect",
        "--who",
        "--request",
        "x1",
        "--timeline",
        "verb:get",
        "a.log",
    ]);
    assert_eq!(ran.status, 0);
    assert!(
        ran.out
            .chars()
            .all(|character| character == '\n' || !audit_text::is_hidden(character)),
        "{}",
        ran.out
    );
}

#[test]
fn requests_with_one_audit_id_that_are_left_out_are_counted() {
    let id = "44444444-4444-4444-8444-444444444444";
    let lines: Vec<String> = (0..23)
        .map(|at| event(id, "get", &format!("/api/v1/namespaces/n{at}"), ANN, 1, ""))
        .collect();
    let folder = Folder::new("inspect-many", &[("many.log", &(lines.join("\n") + "\n"))]);
    let ran = folder.run(&["inspect", "--request", id, "many.log"]);
    for line in [
        "\nAt least 20 different requests have this audit ID.\n",
        "\nand 3 events of further requests\n",
    ] {
        assert!(ran.out.contains(line), "{}", ran.out);
    }
    let object = folder
        .run(&["inspect", "--request", id, "--format", "json", "many.log"])
        .object();
    assert_eq!(object["omittedRequestEvents"], json!(3));
}
