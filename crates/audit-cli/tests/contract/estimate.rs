//! `estimate`. Lines are padded to round sizes, so that every figure can be checked by hand.

mod means;
mod metrics;
mod proposals;

use serde_json::{Value, json};

use crate::{BAD, BAD_LEVEL, Folder, keys};

/// Everything at Metadata, once per request.
const ALL: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n";
/// The same, except for lists.
const NO_LISTS: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  verbs: [list]\n- level: Metadata\n";
/// Nothing at all.
const NOTHING: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n";

const AGENT: &str = "system:serviceaccount:obs:agent";

/// An event at Metadata as the server writes it, line end included, padded to a size.
fn event(time: &str, user: &str, verb: &str, uri: &str, size: usize) -> String {
    let line = |padding: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{time}{user}{verb}","stage":"ResponseComplete","requestURI":"{uri}","verb":"{verb}","user":{{"username":"{user}","groups":["system:authenticated"]}},"userAgent":"{padding}","responseStatus":{{"metadata":{{}},"code":200}},"requestReceivedTimestamp":"{time}","stageTimestamp":"{time}"}}"#
        ) + "\n"
    };
    let bare = line("").len();
    assert!(bare <= size, "{bare} bytes at least");
    line(&"x".repeat(size - bare))
}

fn at(second: u32) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!("2026-01-02T03:{minute:02}:{second:02}.000000Z")
}

/// Two of alice's gets and three of the agent's lists: 8,000 bytes within 100 seconds.
fn log() -> String {
    let get = |second| event(&at(second), "alice", "get", "/version", 1_000);
    let list = |second| event(&at(second), AGENT, "list", "/api/v1/pods", 2_000);
    [get(0), list(10), list(20), list(30), get(100)].concat()
}

fn folder(test: &str, log: &str) -> Folder {
    Folder::new(
        test,
        &[
            ("all.yaml", ALL),
            ("lists.yaml", NO_LISTS),
            ("nothing.yaml", NOTHING),
            ("bad.yaml", BAD),
            ("a.log", log),
        ],
    )
}

fn words<'w>(policy: &'w str, more: &[&'w str]) -> Vec<&'w str> {
    let mut words = vec!["estimate", "--policy", policy];
    words.extend(more);
    words.push("a.log");
    words
}

/// The JSON object of a call.
fn report(folder: &Folder, policy: &str, more: &[&str]) -> Value {
    let ran = folder.run(&words(policy, &[&["--format", "json"], more].concat()));
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{more:?}");
    ran.object()
}

/// Asserts that a number is the expected one, except for rounding.
fn assert_near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    let error = (found - expected).abs();
    assert!(error <= 1e-9 * expected.abs(), "{found} is not {expected}");
}

#[test]
fn json_has_every_key_and_nulls_for_what_is_not_asked() {
    let report = report(&folder("estimate-keys", &log()), "all.yaml", &[]);
    assert_eq!(
        keys(&report),
        [
            "recorded",
            "written",
            "perDay",
            "pace",
            "lost",
            "unknowable",
            "by",
            "guesses",
            "derived",
            "withoutFields",
            "baseline",
            "compression",
            "disk",
            "webhook",
            "log",
            "bill",
            "truncation",
            "proposals",
            "unreadable",
            "files"
        ]
    );
    for key in ["baseline", "compression", "truncation", "proposals"] {
        assert_eq!(report[key], Value::Null, "{key}");
    }
}

#[test]
fn a_log_is_a_day_by_its_own_time() {
    let report = report(&folder("estimate-day", &log()), "all.yaml", &[]);
    assert_eq!(
        (&report["written"]["events"], &report["written"]["bytes"]),
        (&json!(5), &json!(8_000))
    );
    // 86,400 seconds are 864 times 100 seconds.
    for (key, expected) in [("factor", 864.0), ("events", 4_320.0), ("low", 6_912_000.0)] {
        assert_near(&report["perDay"][key], expected);
    }
    for (key, expected) in [
        ("seconds", 100.0),
        ("meanEvents", 0.05),
        ("meanBytes", 80.0),
        ("peakEvents", 1.0),
        ("peakBytes", 2_000.0),
    ] {
        assert_near(&report["pace"][key], expected);
    }
}

#[test]
fn what_cannot_be_read_is_counted_and_files_are_named() {
    let folder = folder("estimate-unreadable", &(log() + "not json\n"));
    let ran = folder.run(&words("all.yaml", &["--format", "json"]));
    assert_eq!(ran.status, 0);
    assert!(
        ran.err.starts_with("audit-policy: a.log:6: "),
        "{}",
        ran.err
    );
    let report = ran.object();
    assert_eq!(report["unreadable"], 1);
    let file =
        json!({"file": "a.log", "format": "JSON lines", "events": 5, "unreadable": 1, "lost": []});
    let mut files = report["files"].clone();
    let reasons = files[0].as_object_mut().unwrap().remove("reasons").unwrap();
    assert_eq!(files, json!([file]));
    assert_eq!(
        (&reasons[0]["count"], &reasons[0]["line"]),
        (&json!(1), &json!(6))
    );
    assert!(
        reasons[0]["reason"]
            .as_str()
            .unwrap()
            .starts_with("not JSON"),
        "{reasons}"
    );
    let ran = folder.run(&words("all.yaml", &[]));
    assert!(
        ran.out.contains("1 place could not be read\n"),
        "{}",
        ran.out
    );
}

#[test]
fn stages_that_the_log_lacks_are_counted_apart() {
    let folder = folder("estimate-derived", &log());
    let both_stages = ALL.replace("omitStages: [RequestReceived]\n", "");
    std::fs::write(folder.0.join("both.yaml"), both_stages).unwrap();
    let report = report(&folder, "both.yaml", &[]);
    assert_eq!(report["derived"]["events"], 5);
    assert_eq!(report["written"]["events"], 10);
    let text = folder.run(&words("both.yaml", &[])).out;
    let recorded = "Volume\n  Recorded: 5 events, 8.00 KB\n  Written: 10 events, ";
    assert!(text.starts_with(recorded), "{text}");
    assert!(text.contains("\n  Derived: 5 events, "), "{text}");
}

#[test]
fn text_cuts_users_and_never_rules_levels_or_stages() {
    let text = folder("estimate-top", &log())
        .run(&words("lists.yaml", &["--top", "1"]))
        .out;
    // A rule that writes nothing comes in its place; the stages are all there.
    let part = |name: &str| {
        let start = text.find(&format!("\nBy {name}\n")).unwrap();
        let part = &text[start + 1..];
        part.split("\n\n").next().unwrap().to_owned()
    };
    let lasts = |name: &str| -> Vec<String> {
        let part = part(name);
        let lines = part.lines().skip(1);
        lines
            .map(|line| line.rsplit("  ").next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(lasts("rule"), ["rule 1", "rule 2", "no rule"]);
    assert_eq!(lasts("level"), ["Metadata", "Request", "RequestResponse"]);
    assert_eq!(
        lasts("stage"),
        [
            "RequestReceived",
            "ResponseStarted",
            "ResponseComplete",
            "Panic"
        ]
    );
    assert_eq!(lasts("user"), ["alice"]);
    let all = folder("estimate-top-all", &log())
        .run(&words("all.yaml", &["--top", "1"]))
        .out;
    // Three of 2,000 bytes are three quarters of 8,000.
    let user = format!(
        "By user\n   75 % of bytes           3 events                 6.00 KB  {AGENT}\n  and 1 more\n"
    );
    assert!(all.contains(&user), "{all}");
}

#[test]
fn large_numbers_have_their_thousands_apart() {
    let lines: Vec<String> = (0..1_200)
        .map(|second| event(&at(second), "alice", "get", "/version", 1_000))
        .collect();
    let text = folder("estimate-thousands", &lines.concat())
        .run(&words("all.yaml", &[]))
        .out;
    let first = "Volume\n  Recorded: 1,200 events, 1.20 MB\n  Written: 1,200 events, 1.20 MB\n";
    assert!(text.starts_with(first), "{text}");
}

#[test]
fn a_baseline_says_what_is_lost_and_by_which_rules() {
    let folder = folder("estimate-lost", &log());
    let baseline = report(&folder, "lists.yaml", &["--baseline", "all.yaml"])["baseline"].clone();
    let amount = |events: u64, bytes: u64| json!({"events": events, "bytes": bytes});
    for (path, expected) in [
        ("/before", amount(5, 8_000)),
        ("/after", amount(2, 2_000)),
        ("/lost/before", amount(3, 6_000)),
        ("/lost/after", amount(0, 0)),
        ("/lost/guarded", json!(0)),
        ("/lost/groups/0/user", json!(AGENT)),
        ("/lost/groups/0/verb", json!("list")),
        ("/lost/groups/0/resource", json!("pods")),
        ("/lost/groups/0/from/level", json!("Metadata")),
        ("/lost/groups/0/to/level", json!("None")),
        ("/lost/groups/0/effect", json!("vanishes")),
        // The agent's lists stand in lines 2 to 4.
        (
            "/lost/groups/0/examples/0",
            json!({"file": "a.log", "line": 2}),
        ),
        (
            "/lost/groups/0/examples/2",
            json!({"file": "a.log", "line": 4}),
        ),
        ("/gained/groups", json!([])),
        ("/rulesBefore/0/own", amount(5, 8_000)),
        ("/rulesBefore/0/other", amount(2, 2_000)),
        ("/rulesAfter/0/own", amount(0, 0)),
        ("/rulesAfter/0/other", amount(3, 6_000)),
    ] {
        assert_eq!(baseline.pointer(path), Some(&expected), "{path}");
    }
    let text = folder
        .run(&words("lists.yaml", &["--baseline", "all.yaml"]))
        .out;
    for line in [
        "Compared with `all.yaml`\n  Before: 5 events, 8.00 KB\n  After: 2 events, 2.00 KB\n",
        "No longer recorded, or with less detail\n  Total: 3 events → 0 events, 6.00 KB → 0 B\n",
        "  system:serviceaccount:obs:agent: list pods: Metadata → None, 3 events → 0 events, 6.00 KB → 0 B\n",
        "Newly recorded, or with more detail\n  None.\n",
        "Changed rules of `all.yaml`\n  rule 1: Metadata, 5 events → 2 events, 8.00 KB → 2.00 KB\n",
        "Changed rules of this policy\n  rule 1: None, 3 events → 0 events, 6.00 KB → 0 B\n",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn a_baseline_says_what_is_gained() {
    let folder = folder("estimate-gained", &log());
    let baseline = report(&folder, "all.yaml", &["--baseline", "lists.yaml"])["baseline"].clone();
    let after = json!({"events": 3, "bytes": 6_000});
    assert_eq!(baseline["gained"]["after"], after);
    assert_eq!(baseline["gained"]["groups"][0]["effect"], "appears");
    assert_eq!(baseline["lost"]["groups"], json!([]));
}

/// Logs that say little: a name, the log, the policy, whether there is a rate, and a text of the report.
fn little_logs() -> [(&'static str, String, &'static str, bool, &'static str); 5] {
    let get = |time: &str| event(time, "alice", "get", "/version", 1_000);
    let untimed = r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"alice"}}"#;
    let decades = [get("1990-01-01T00:00:00.000000Z"), get(&at(0))].concat();
    let (all, empty) = ("all.yaml", "The log contains no events");
    [
        ("empty", String::new(), all, false, empty),
        ("one", get(&at(0)), all, false, "within one second"),
        ("untimed", untimed.to_owned(), all, false, "no time"),
        (
            "decades",
            decades,
            all,
            true,
            "events for 36 years of the 36 years between the first and the last event",
        ),
        (
            "all dropped",
            log(),
            "nothing.yaml",
            true,
            "The policy writes none of these events.\n",
        ),
    ]
}

#[test]
fn logs_that_say_little_give_sentences_and_nulls() {
    let no_rate =
        "The log's times give no rate, so disk usage, backend load and cost can't be estimated.\n";
    for (name, log, policy, has_rate, said) in little_logs() {
        let folder = folder("estimate-little", &log);
        let options = "--explain --compress --propose --baseline all.yaml --price-ingested 1 --price-stored 1 --truncate-max-event-size 100";
        let options: Vec<&str> = options.split(' ').collect();
        let ran = folder.run(&words(policy, &options));
        assert_eq!(ran.status, 0, "{name}: {}", ran.err);
        assert!(ran.out.contains(said), "{name}: {}", ran.out);
        assert_eq!(ran.out.contains(no_rate), !has_rate, "{name}: {}", ran.out);
        for wrong in ["NaN", " inf"] {
            assert!(!ran.out.contains(wrong), "{name}: {}", ran.out);
        }
        let json = folder.run(&words(
            policy,
            &[&["--format", "json"], &options[..]].concat(),
        ));
        let report = json.object();
        for key in ["perDay", "disk", "webhook", "log", "bill"] {
            assert_eq!(report[key].is_null(), !has_rate, "{name}: {key}");
        }
    }
}

#[test]
fn wrong_calls_say_what_is_wrong() {
    let folder = folder("estimate-wrong", &log());
    std::fs::write(folder.0.join("s.json"), "{\"nonsense\": 1}").unwrap();
    let rows: [(&[&str], i32, &str); 17] = [
        (&["--price-ingested", "-1"], 2, "not negative"),
        (&["--price-ingested", "inf"], 2, "finite"),
        (&["--price-stored", "NaN"], 2, "finite"),
        (&["--price-stored", "cheap"], 2, "a price is a number"),
        (
            &["--truncate-max-event-size", "0"],
            2,
            "--truncate-max-event-size",
        ),
        (
            &[
                "--truncate-max-event-size",
                "100",
                "--truncate-max-batch-size",
                "99",
            ],
            2,
            "must be greater than max event size (100)",
        ),
        (
            &["--truncate-max-batch-size", "99"],
            2,
            "--truncate-max-event-size",
        ),
        (&["--include-writes"], 2, "--propose"),
        (&["--apply"], 2, "--propose"),
        (
            &["--propose", "--apply", "--format", "json"],
            2,
            "`--apply` prints a policy",
        ),
        (&["--top", "many"], 2, "many"),
        (&["--baseline", "nowhere.yaml"], 2, "`nowhere.yaml`"),
        (&["--baseline", "bad.yaml"], 1, BAD_LEVEL),
        (&["--settings", "nowhere.json"], 2, "`nowhere.json`"),
        (&["--settings", "s.json"], 2, "not settings"),
        (
            &["--baseline", "-", "-"],
            2,
            "standard input can only be read once",
        ),
        (
            &["--max-size", "-1"],
            1,
            "--audit-log-maxsize -1 can't be a negative number",
        ),
    ];
    for (more, status, said) in rows {
        let ran = folder.run(&words("all.yaml", more));
        assert_eq!(ran.status, status, "{more:?}: {}", ran.err);
        assert!(ran.err.contains(said), "{more:?}: {}", ran.err);
    }
    let ran = folder.run(&words("bad.yaml", &[]));
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
}
