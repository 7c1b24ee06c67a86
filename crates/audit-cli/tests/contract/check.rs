//! `check`.

use serde_json::{Value, json};

use crate::{BAD, BAD_LEVEL, Folder, GOOD, NESTED, keys};

fn place(offset: usize, line: usize, column: usize) -> Value {
    json!({ "offset": offset, "line": line, "column": column })
}

#[test]
fn json_is_one_object_a_policy_in_the_order_of_the_call() {
    let files = [("a.yaml", NESTED), ("b.yaml", GOOD), ("c.yaml", BAD)];
    let folder = Folder::new("check-json", &files);
    let ran = folder.run(&["check", "--format", "json", "c.yaml", "a.yaml", "b.yaml"]);
    // One of the three is rejected.
    assert_eq!(ran.status, 1);
    let objects = ran.objects();
    let files: Vec<_> = objects.iter().map(|object| &object["file"]).collect();
    assert_eq!(files, ["c.yaml", "a.yaml", "b.yaml"]);
    for object in &objects {
        let expected = ["file", "accepted", "error", "warning", "policy", "findings"];
        assert_eq!(keys(object), expected);
    }

    let [bad, nested, good] = &objects[..] else {
        unreachable!()
    };
    assert_eq!(bad["accepted"], false);
    assert_eq!(bad["error"], BAD_LEVEL);
    assert_eq!(bad["policy"], Value::Null);

    assert_eq!(nested["accepted"], true);
    assert_eq!(nested["error"], Value::Null);
    let warning = "Audit policy contains errors, falling back to lenient decoding: \
                   strict decoding error: unknown field \"rules[0].resources[0].verbs\"";
    assert_eq!(nested["warning"], warning);
    let rules = json!([
        { "level": "Request", "resources": [{ "resources": ["pods"] }] },
        { "level": "Metadata" },
    ]);
    assert_eq!(nested["policy"]["rules"], rules);
    assert_eq!(nested["policy"]["apiVersion"], "audit.k8s.io/v1");
    assert_eq!(nested["policy"]["kind"], "Policy");

    assert_eq!(good["warning"], Value::Null);
    assert_eq!(good["policy"]["rules"], json!([{ "level": "Metadata" }]));
}

#[test]
fn a_finding_names_its_place_in_bytes_and_in_lines_and_characters() {
    let folder = Folder::new("check-finding", &[("p.yaml", NESTED)]);
    let report = folder
        .run(&["check", "--format", "json", "p.yaml"])
        .object();
    let findings = report["findings"].as_array().unwrap();
    let nested = findings
        .iter()
        .find(|finding| finding["code"] == "AP012")
        .unwrap();
    let expected = ["code", "severity", "message", "path", "span", "help", "fix"];
    assert_eq!(keys(nested), expected);
    assert_eq!(nested["severity"], "warning");
    assert_eq!(nested["path"], "rules[0].resources[0].verbs");
    // The seven lines before `    verbs: [create]` are 28 + 13 + 7 + 17 + 13 + 14 + 22 = 114 bytes.
    let span = json!({ "start": place(118, 8, 5), "end": place(123, 8, 10) });
    assert_eq!(nested["span"], span);
}

#[test]
fn columns_count_characters_and_offsets_bytes() {
    // `é` is two bytes and one character.
    let policy =
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {users: [\"é\"], level: Loud}\n";
    let folder = Folder::new("check-columns", &[("p.yaml", policy)]);
    let report = folder
        .run(&["check", "--format", "json", "p.yaml"])
        .object();
    // The first finding is that no rule is a catch-all, whatever the level is meant to be.
    let span = &report["findings"][1]["span"];
    assert_eq!(report["findings"][1]["code"], "AP005");
    // Before `Loud`: 48 bytes of lines, then `- {users: ["é"], level: `, 25 bytes and 24 characters.
    assert_eq!(span["start"], place(73, 4, 25));
    assert_eq!(span["end"], place(77, 4, 29));
}

#[test]
fn text_underlines_the_place() {
    let folder = Folder::new("check-text", &[("p.yaml", BAD)]);
    let ran = folder.run(&["check", "p.yaml"]);
    assert_eq!(ran.status, 1);
    for part in [
        "p.yaml: rejected",
        BAD_LEVEL,
        "--> p.yaml:4:10",
        "4 | - level: Loud\n  |          ^^^^\n",
    ] {
        assert!(ran.out.contains(part), "{part} is not in\n{}", ran.out);
    }
}

#[test]
fn text_ends_with_the_policy_as_loaded() {
    // What was dropped is gone, a duplicate has its last value, a merge is unfolded; the order is that of the Go type.
    let odd = "apiVersion: audit.k8s.io/v1\nrules:\n- &r {verb: [get], users: ['yes', a b, \"x\\ny\"], level: None, level: Request}\n- <<: *r\n  \
               resources: [null, {group: apps, resources: [pods/log]}]\nomitStages: [Panic]\nmetadata: {labels: {on: '1'}}\n";
    let folder = Folder::new("check-loaded", &[("p.yaml", odd), ("bad.yaml", BAD)]);
    let ran = folder.run(&["check", "p.yaml"]);
    let (_, loaded) = ran.out.split_once("\nas loaded, in v1 form:\n").unwrap();
    let expected = "  kind: Policy
  apiVersion: audit.k8s.io/v1
  metadata:
    labels:
      \"true\": \"1\"
  rules:
  - level: Request
    users: [\"yes\", \"a b\", \"x\\ny\"]
  - level: Request
    users: [\"yes\", \"a b\", \"x\\ny\"]
    resources:
    - {}
    - group: apps
      resources: [pods/log]
  omitStages: [Panic]
";
    assert_eq!(loaded, expected);
    // It loads as what it is.
    let policy = |source: &str| {
        let report = folder.run_on(source, &["check", "--format", "json", "-"]);
        report.object()["policy"].clone()
    };
    assert_eq!(policy(loaded), policy(odd));
    // What is rejected is not loaded.
    assert!(!folder.run(&["check", "bad.yaml"]).out.contains("as loaded"));
}

#[test]
fn strict_fails_on_what_is_doubtful_and_not_on_infos() {
    let files = [("nested.yaml", NESTED), ("good.yaml", GOOD)];
    let folder = Folder::new("check-strict", &files);
    let table: [(&[&str], i32); 5] = [
        (&["check", "nested.yaml"], 0),
        (&["check", "--strict", "nested.yaml"], 1),
        (&["check", "--strict", "good.yaml"], 0),
        (&["check", "--strict", "good.yaml", "nested.yaml"], 1),
        // Silent before 1.26, and doubtful all the same.
        (
            &[
                "check",
                "--strict",
                "--kubernetes-version",
                "1.25",
                "nested.yaml",
            ],
            1,
        ),
    ];
    for (words, status) in table {
        assert_eq!(folder.run(words).status, status, "{words:?}");
    }
}

#[test]
fn fail_on_names_the_lowest_severity_that_fails() {
    let silent = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n";
    let files = [
        ("nested.yaml", NESTED),
        ("good.yaml", GOOD),
        ("silent.yaml", silent),
        ("bad.yaml", BAD),
    ];
    let folder = Folder::new("check-fail-on", &files);
    let status = |words: &[&str]| folder.run(&[&["check"], words].concat()).status;
    // `nested.yaml` has warnings, and `good.yaml`, which logs every request twice, only a note.
    for (file, error, warning, info) in [
        ("nested.yaml", 0, 1, 1),
        ("good.yaml", 0, 0, 1),
        ("silent.yaml", 0, 0, 0),
        ("bad.yaml", 1, 1, 1),
    ] {
        for (severity, expected) in [("error", error), ("warning", warning), ("info", info)] {
            assert_eq!(
                status(&["--fail-on", severity, file]),
                expected,
                "{severity} {file}"
            );
        }
        assert_eq!(status(&["--strict", file]), warning, "{file}");
        assert_eq!(status(&[file]), error, "{file}");
    }
    // The server's warning counts without a finding, too, and for a fixed policy the rest of the findings.
    let fixed = |severity: &str| {
        let words = ["check", "--fix", "--fail-on", severity, "-"];
        folder.run_on(NESTED, &words).status
    };
    assert_eq!((fixed("warning"), fixed("info")), (0, 1));
    // A file that cannot be opened takes precedence, and the others are still checked.
    let ran = folder.run(&["check", "--fail-on", "warning", "none.yaml", "nested.yaml"]);
    assert_eq!(ran.status, 2);
    assert!(ran.out.contains("nested.yaml"), "{}", ran.out);
    // Two limits at once, and names that no severity has, are wrong calls.
    for words in [
        &["--strict", "--fail-on", "error", "good.yaml"][..],
        &["--fail-on", "fatal", "good.yaml"],
        &["--fail-on", "none", "good.yaml"],
    ] {
        assert_eq!(status(words), 2, "{words:?}");
    }
}

#[test]
fn the_version_decides() {
    let star = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  resources:\n  - group: \"*\"\n";
    let old = "apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules:\n- level: Metadata\n";
    let files = [
        ("star.yaml", star),
        ("old.yaml", old),
        ("nested.yaml", NESTED),
    ];
    let folder = Folder::new("check-version", &files);
    let check = |file: &str, version: &str| {
        let words = [
            "check",
            "--format",
            "json",
            "--kubernetes-version",
            version,
            file,
        ];
        folder.run(&words).object()
    };
    for (file, version, accepted) in [
        ("star.yaml", "1.36", true),
        ("star.yaml", "1.35", false),
        ("old.yaml", "1.23", true),
        ("old.yaml", "1.24", false),
    ] {
        let report = check(file, version);
        assert_eq!(report["accepted"], accepted, "{file} under {version}");
    }
    // Strict decoding came with 1.26.
    for (version, warned) in [("1.25", false), ("1.26", true)] {
        let report = check("nested.yaml", version);
        assert_eq!(report["warning"].is_string(), warned, "{version}");
    }
    // The newest verified version is the default.
    let report = folder.run(&["check", "--format", "json", "star.yaml"]);
    assert_eq!(report.object()["accepted"], true);
}

#[test]
fn an_unverified_version_is_reported_once() {
    let files = [("good.yaml", GOOD), ("nested.yaml", NESTED)];
    let folder = Folder::new("check-unverified", &files);
    let check = |version: &str| {
        let words = ["check", "--kubernetes-version", version];
        folder.run(&[&words[..], &["good.yaml", "nested.yaml"]].concat())
    };
    let (newest, unverified) = (check("1.36"), check("1.37"));
    let note = "audit-policy: Kubernetes 1.37 has not been verified against its source or a server; 1.36 is emulated\n";
    assert_eq!((unverified.status, unverified.err.as_str()), (0, note));
    assert_eq!(newest.err, "");
    assert_eq!(unverified.out.replace("1.37", "1.36"), newest.out);
}

const FIXED: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n  verbs: [create]\n  resources:\n  - group: \"\"\n    resources: [pods]\n- level: Metadata\n";

#[test]
fn fix_fixes_files_in_place_and_prints_standard_input_fixed() {
    let folder = Folder::new(
        "check-fix",
        &[
            ("p.yaml", NESTED),
            ("nested.yaml", NESTED),
            ("bad.yaml", BAD),
        ],
    );
    let ran = folder.run(&["check", "--fix", "--strict", "--format", "json", "p.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    assert_eq!(folder.read("p.yaml"), FIXED);
    assert_eq!(ran.object()["warning"], Value::Null);

    // One line per fix, with its place before.
    let lines: Vec<&str> = ran.err.lines().collect();
    assert!(!lines.is_empty());
    for line in lines {
        assert!(line.starts_with("audit-policy: p.yaml:"), "{line}");
        assert!(line.contains(": fixed: "), "{line}");
    }

    let ran = folder.run_on(NESTED, &["check", "--fix", "-"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, FIXED));

    // A note that changes what is logged is left to the user.
    let shown = folder.run(&["check", "p.yaml"]).out;
    let offered = "fix: omit `RequestReceived` (optional, `--fix` does not apply it)";
    assert!(shown.contains(offered), "{shown}");
    let optional = |name: &str| {
        let report = folder.run(&["check", "--format", "json", name]).object();
        let findings = report["findings"].as_array().unwrap().clone();
        let fixes = findings.into_iter().filter(|one| !one["fix"].is_null());
        let of = |one: Value| (one["code"].to_string(), one["fix"]["optional"].as_bool());
        fixes.map(of).collect::<Vec<_>>()
    };
    assert_eq!(optional("p.yaml"), [("\"AP030\"".to_owned(), Some(true))]);
    let certain = |(code, optional): &(String, _)| code != "\"AP030\"" && *optional == Some(false);
    assert!(optional("nested.yaml").iter().any(certain));

    // What no fix fixes stays as it is.
    let ran = folder.run(&["check", "--fix", "bad.yaml"]);
    assert_eq!(ran.status, 1);
    assert_eq!(folder.read("bad.yaml"), BAD);
}

#[test]
fn a_log_and_an_empty_file_have_one_message() {
    let event = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"auditID\":\"a\",\"stage\":\"Panic\"}\n";
    let lines = event.repeat(2);
    let cri = format!("2025-01-01T00:00:00.0Z stdout F {event}");
    let folder = Folder::new("check-log", &[]);
    for (input, code, message) in [
        (event, "AP050", "not a policy: this is an audit log"),
        (&lines, "AP050", "not a policy: this is an audit log"),
        (&cri, "AP050", "not a policy: this is an audit log"),
        ("", "AP004", "the file is empty: kube-apiserver rejects it"),
        (
            "\n# c\n---\n",
            "AP004",
            "the file is empty: kube-apiserver rejects it",
        ),
    ] {
        let ran = folder.run_on(input, &["check", "--format", "json", "-"]);
        let findings = ran.object()["findings"].as_array().unwrap().clone();
        let found: Vec<_> = findings
            .iter()
            .map(|one| {
                (
                    one["code"].as_str().unwrap(),
                    one["message"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!((ran.status, found), (1, vec![(code, message)]), "{input}");
    }
}

#[test]
fn a_dash_is_standard_input() {
    let folder = Folder::new("check-stdin", &[]);
    let report = folder
        .run_on(GOOD, &["check", "--format", "json", "-"])
        .object();
    assert_eq!(
        (&report["file"], &report["accepted"]),
        (&json!("-"), &json!(true))
    );
}

#[test]
fn a_fix_leaves_no_two_equal_items() {
    let flow = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n  userGroups: [\"system:node\", \"system:nodes\"]\n  verbs: [\"Get\", \"get\", \"GET\", \"list\"]\n  resources:\n  - group: \"\"\n    resources: [\"Pods\", pods, pod]\n";
    let block = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages:\n- RequestReceived\nrules:\n- level: Metadata\n  verbs:\n  - Get\n  - GET\n  - Watch\n  - watch\n  resources:\n  - group: \"\"\n    resources:\n    - Pod\n    - pod\n    - secret\n";
    let fixed_flow = flow
        .replace("\"system:node\", ", "")
        .replace("\"Get\", \"get\", \"GET\", \"list\"", "\"get\", \"list\"")
        .replace("\"Pods\", pods, pod", "pods");
    let fixed_block = block
        .replace("  - Get\n  - GET\n  - Watch\n", "  - get\n")
        .replace(
            "    - Pod\n    - pod\n    - secret\n",
            "    - pods\n    - secrets\n",
        );
    // The same inside a document, and in two policies of one: each has its own lists.
    let inside = |policy: &str| {
        let lines: String = policy.lines().map(|line| format!("    {line}\n")).collect();
        format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  p: |\n{lines}  q: |\n{lines}")
    };
    for (name, before, after) in [
        ("flow", flow.to_owned(), fixed_flow.clone()),
        ("block", block.to_owned(), fixed_block.clone()),
        ("inside", inside(flow), inside(&fixed_flow)),
        ("inside-block", inside(block), inside(&fixed_block)),
    ] {
        let folder = Folder::new(&format!("check-fix-equal-{name}"), &[("p.yaml", &before)]);
        let ran = folder.run(&["check", "--fix", "p.yaml"]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert_eq!(folder.read("p.yaml"), after, "{name}");
    }
}

#[test]
fn a_second_fix_changes_nothing() {
    let bodies = [
        "- level: None\n  nonResourceURLs: [\"/healthz?x=1\", \"https://h/readyz\"]\n- level: metadata\n  verbs: [GET, \"*\"]\n",
        "- level: Request\n  resources: [{group: core, resources: [Pod, '*/*']}]\n- level: Metadata\n",
        "- level: None\n  nonResourceURLs: [healthz, \"https://h/livez/*/x\", \"/apis/*/*/foo\"]\n- level: Metadata\n",
        "- level: None\n  users: [\"system:nodes\", \"system:node:*\"]\n- level: Metadata\n",
    ];
    for body in bodies {
        let text = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{body}");
        let folder = Folder::new("check-fix-twice", &[("p.yaml", &text)]);
        folder.run(&["check", "--fix", "p.yaml"]);
        let once = std::fs::read_to_string(folder.0.join("p.yaml")).unwrap();
        folder.run(&["check", "--fix", "p.yaml"]);
        let twice = std::fs::read_to_string(folder.0.join("p.yaml")).unwrap();
        assert_ne!(once, text, "{text}");
        assert_eq!(once, twice, "{text}");
    }
}

#[test]
fn a_fix_leaves_a_value_that_an_alias_uses() {
    // The group of deployments is `apps`, but that of pods is not.
    let shared = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  resources:\n  - group: &g \"\"\n    resources: [deployments]\n- level: Metadata\n  resources:\n  - group: *g\n    resources: [pods]\n";
    let folder = Folder::new("check-fix-shared", &[("p.yaml", shared)]);
    folder.run(&["check", "--fix", "p.yaml"]);
    assert_eq!(folder.read("p.yaml"), shared);
    // Without the alias, it is replaced.
    let own = shared.replace("&g ", "").replace("*g", "\"\"");
    folder.write("p.yaml", &own);
    folder.run(&["check", "--fix", "p.yaml"]);
    assert!(
        folder
            .read("p.yaml")
            .contains("  - group: \"apps\"\n    resources: [deployments]\n"),
        "{}",
        folder.read("p.yaml")
    );
}

#[test]
fn a_comment_moves_with_its_field() {
    let policy = NESTED.replace("verbs: [create]", "verbs: [create] # SEC-123");
    let folder = Folder::new("check-fix-comment", &[("p.yaml", &policy)]);
    folder.run(&["check", "--fix", "p.yaml"]);
    let fixed = folder.read("p.yaml");
    assert!(
        fixed.contains("\n  verbs: [create] # SEC-123\n  resources:"),
        "{fixed}"
    );
}

#[test]
fn what_a_fix_uncovers_is_repaired_in_the_same_call() {
    let policy = "apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules:\n- level: Metadata\n  resources:\n  - group: \"oauth.openshift.io\"\n  resources: [\"oauthaccesstokens\"]\n- Level: Metadata\n";
    let folder = Folder::new("check-fix-again", &[("p.yaml", policy)]);
    let ran = folder.run(&["check", "--fix", "p.yaml"]);
    let fixed = folder.read("p.yaml");
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
    folder.run(&["check", "--fix", "p.yaml"]);
    assert_eq!(folder.read("p.yaml"), fixed);
}
