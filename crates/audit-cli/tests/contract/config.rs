//! The configuration: `audit-policy.toml`.

use std::fs;

use serde_json::{Value, json};

use crate::{BAD, Folder, GOOD, NESTED, Ran, finding_codes};

/// The finding of [`GOOD`]: every request is logged twice, an info.
const TWICE: &str = "AP030";

/// Checks a file with a configuration, in JSON.
fn check(test: &str, policy: &str, config: &str, words: &[&str]) -> Ran {
    let folder = Folder::new(test, &[("p.yaml", policy), ("audit-policy.toml", config)]);
    let words = [&["check", "--format", "json", "p.yaml"], words].concat();
    folder.run(&words)
}

#[test]
fn a_wrong_configuration_is_status_2_with_its_place() {
    for (config, message) in [
        (
            "kubernetes-version = \"1.30\"\nfile = []\n",
            "audit-policy.toml:2:1: unknown key `file` (help: did you mean `files`?)",
        ),
        (
            "[severities]\n",
            "audit-policy.toml:1:2: unknown key `severities` (help: the keys are `kubernetes-version`, `files`, `severity`, `ignore`, `test`, `report`)",
        ),
        (
            "[test]\nfile = []\n",
            "audit-policy.toml:2:1: unknown key `file` in `[test]` (help: did you mean `files`?)",
        ),
        (
            "\"a`b\\n\" = 1\n",
            "audit-policy.toml:1:1: unknown key `a\\u{60}b\\n` (help: the keys are `kubernetes-version`, `files`, `severity`, `ignore`, `test`, `report`)",
        ),
        (
            "kubernetes-version = 1.30\n",
            "audit-policy.toml:1:22: `kubernetes-version` is not a text (help: write it in quotes: `kubernetes-version = \"1.30\"`)",
        ),
        (
            "kubernetes-version = \"1.19\"\n",
            "audit-policy.toml:1:22: unknown Kubernetes version `1.19` (help: the versions are 1.20 to 1.37)",
        ),
        (
            "files = \"p.yaml\"\n",
            "audit-policy.toml:1:9: `files` is not a list (help: write `files = [\"clusters\"]`)",
        ),
        (
            "files = [\"p.yaml\", 1]\n",
            "audit-policy.toml:1:20: an item of `files` is not a text (help: write `files = [\"clusters\"]`)",
        ),
        (
            "severity = 1\n",
            "audit-policy.toml:1:12: `severity` is not a table (help: write `[severity]`, with its keys in the lines below)",
        ),
        (
            "[severity]\nAP099 = \"off\"\n",
            "audit-policy.toml:2:1: `AP099` is not the code of a finding (help: `audit-policy explain --list` lists all codes)",
        ),
        (
            "[severity]\nAP030 = \"warn\"\n",
            "audit-policy.toml:2:9: unknown severity `warn` (help: the severities are `error`, `warning`, `info`, `off`)",
        ),
        (
            "[severity]\nAP030 = \"warnings\"\n",
            "audit-policy.toml:2:9: unknown severity `warnings` (help: did you mean `warning`?)",
        ),
        (
            "[ignore]\npath = \"a\"\n",
            "audit-policy.toml:1:1: `ignore` is not a list of tables (help: write `[[ignore]]`, with `path`, `codes` and `reason` in the lines below)",
        ),
        (
            "[[ignore]]\npath = \"a\"\ncodes = [\"AP030\"]\n",
            "audit-policy.toml:1:1: missing `reason` in `[[ignore]]` (help: write why the policy is right as it is)",
        ),
        (
            "[[ignore]]\npath = \"a\"\ncodes = [\"AP030\"]\nreason = \" \"\n",
            "audit-policy.toml:4:10: `reason` is empty (help: write why the policy is right as it is)",
        ),
        (
            "[[ignore]]\npath = \"../a\"\ncodes = [\"AP030\"]\nreason = \"r\"\n",
            "audit-policy.toml:2:8: `../a` is not a path below the configuration (help: the path is relative to the folder of the configuration, such as `vendor/**`)",
        ),
        (
            "[[ignore]]\npath = \"a\"\ncodes = []\nreason = \"r\"\n",
            "audit-policy.toml:3:9: `codes` is empty (help: name the codes of findings, such as `\"AP025\"`)",
        ),
    ] {
        let ran = check("config-wrong", GOOD, config, &[]);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{config}");
        assert_eq!(ran.err, format!("audit-policy: {message}\n"), "{config}");
    }
    for (config, place) in [
        ("files = [\n", "audit-policy.toml:1:10: not TOML: "),
        ("a = 1\na = 2\n", "audit-policy.toml:2:1: not TOML: "),
        (
            "[[ignore]]\npath = \"a[\"\ncodes = [\"AP030\"]\nreason = \"r\"\n",
            "audit-policy.toml:2:8: `a[` is not a pattern of paths: ",
        ),
    ] {
        let ran = check("config-wrong", GOOD, config, &[]);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{config}");
        assert!(ran.err.contains(place), "{config}: {}", ran.err);
    }
}

#[test]
fn nothing_is_written_with_a_wrong_configuration() {
    let misspelt = GOOD.replace("Metadata", "Metadata\n  verbs: [lists]");
    let files = [("p.yaml", &*misspelt), ("audit-policy.toml", "fles = []\n")];
    let folder = Folder::new("config-writes", &files);
    for words in [
        &["check", "--fix", "p.yaml"][..],
        &["check", "--output", "json=out.json", "p.yaml"],
        &["test", "--policy", "p.yaml", "t.yaml"],
        &["report", "--policy", "p.yaml"],
    ] {
        let ran = folder.run(words);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{words:?}");
    }
    assert_eq!(folder.read("p.yaml"), misspelt);
    assert!(!folder.0.join("out.json").exists());
    assert_eq!(folder.run(&["check", "--no-config", "p.yaml"]).status, 0);
    // Commands without a configuration do not read it.
    assert_eq!(folder.run(&["simplify", "p.yaml"]).status, 0);
}

#[test]
fn several_errors_are_reported_in_the_order_of_the_text() {
    let ran = check("config-errors", GOOD, "fles = []\nTest = 1\n", &[]);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.err);
    assert!(
        lines[0].contains(":1:1: unknown key `fles`"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].contains(":2:1: unknown key `Test`"),
        "{}",
        lines[1]
    );
}

#[test]
fn a_severity_is_raised_lowered_or_off() {
    for (severity, strict, status, found) in [
        ("error", false, 1, "error"),
        ("warning", false, 0, "warning"),
        ("warning", true, 1, "warning"),
        ("info", true, 0, "info"),
        ("off", true, 0, ""),
    ] {
        let config = format!("[severity]\nap030 = \"{severity}\"\n");
        let strict: &[&str] = if strict { &["--strict"] } else { &[] };
        let ran = check("config-severity", GOOD, &config, strict);
        assert_eq!(ran.status, status, "{severity}: {}", ran.out);
        let report = ran.object();
        match found {
            "" => assert_eq!(finding_codes(&report), [""; 0]),
            _ => assert_eq!(report["findings"][0]["severity"], found),
        }
        assert_eq!(report.get("ignored"), None);
    }
}

#[test]
fn an_error_of_the_server_stays_an_error() {
    let before = check("config-error", BAD, "", &[]).object();
    let code = finding_codes(&before)[0].to_owned();
    for config in [
        format!("[severity]\n{code} = \"off\"\n"),
        format!("[severity]\n{code} = \"info\"\n"),
        format!("[[ignore]]\npath = \"*\"\ncodes = [\"{code}\"]\nreason = \"r\"\n"),
    ] {
        let ran = check("config-error", BAD, &config, &[]);
        assert_eq!(ran.status, 1, "{config}");
        assert_eq!(ran.objects()[0], before, "{config}");
    }
}

#[test]
fn an_ignore_takes_findings_of_files_away() {
    let config = "[[ignore]]\npath = \"vendor/**/*.json\"\ncodes = [\"AP030\"]\nreason = \"copied from upstream\"\n";
    let folder = Folder::new("config-ignore", &[("audit-policy.toml", config)]);
    fs::create_dir_all(folder.0.join("vendor/a")).unwrap();
    let json_policy =
        r#"{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":"Metadata"}]}"#;
    for name in ["vendor/p.json", "vendor/a/p.json", "p.json"] {
        folder.write(name, json_policy);
    }
    let reports = folder.run(&["check", "--format", "json", "."]).objects();
    let found: Vec<(&str, Vec<&str>, &Value)> = reports
        .iter()
        .map(|report| {
            (
                report["file"].as_str().unwrap(),
                finding_codes(report),
                &report["ignored"][0]["file"],
            )
        })
        .collect();
    let by = json!("audit-policy.toml");
    assert_eq!(
        found,
        [
            ("./p.json", vec![TWICE], &Value::Null),
            ("./vendor/a/p.json", vec![], &by),
            ("./vendor/p.json", vec![], &by),
        ]
    );
    let ignored = &reports[1]["ignored"][0];
    assert_eq!(ignored["line"], 1);
    assert_eq!(ignored["reason"], "copied from upstream");
    let ran = folder.run(&["check", "vendor/p.json"]);
    let line = "\nignored[AP030] by audit-policy.toml:1: copied from upstream\n";
    assert!(ran.out.contains(line), "{}", ran.out);
    let log = folder.run(&["check", "--format", "sarif", "vendor/p.json"]);
    let log: Value = serde_json::from_str(&log.out).unwrap();
    let expected = json!([{"kind": "external", "justification": "copied from upstream"}]);
    assert_eq!(log["runs"][0]["results"][0]["suppressions"], expected);
    // From below, and through a path with dots.
    for (words, file) in [
        (
            ["check", "--format", "json", "p.json"],
            "../../audit-policy.toml",
        ),
        (
            ["check", "--format", "json", "../a/./p.json"],
            "../../audit-policy.toml",
        ),
    ] {
        let mut command = folder.command(&words);
        let out = command
            .current_dir(folder.0.join("vendor/a"))
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(report["ignored"][0]["file"], file, "{words:?}");
    }
}

#[test]
fn the_name_of_a_folder_is_what_is_in_it() {
    for path in ["vendor", "vendor/", "./vendor", "v*"] {
        let config =
            format!("[[ignore]]\npath = \"{path}\"\ncodes = [\"AP030\"]\nreason = \"r\"\n");
        let folder = Folder::new("config-folder", &[("audit-policy.toml", &*config)]);
        fs::create_dir_all(folder.0.join("vendor/a")).unwrap();
        folder.write("vendor/a/p.yaml", GOOD);
        let report = folder
            .run(&["check", "--format", "json", "vendor"])
            .object();
        assert_eq!(finding_codes(&report), [""; 0], "{path}");
    }
}

#[test]
fn an_ignore_that_takes_nothing_away_is_reported() {
    let config = "[[ignore]]\npath = \"p.yaml\"\ncodes = [\"AP030\", \"AP020\"]\nreason = \"r\"\n\n[[ignore]]\npath = \"q.yaml\"\ncodes = [\"AP020\"]\nreason = \"r\"\n";
    let ran = check("config-unused", GOOD, config, &[]);
    assert_eq!(ran.status, 0);
    let reports = ran.objects();
    assert_eq!(reports.len(), 2, "{}", ran.out);
    let about = &reports[1];
    assert_eq!(about["file"], "audit-policy.toml");
    assert_eq!(about["document"]["kind"], "configuration");
    assert_eq!(finding_codes(about), ["AP046", "AP046"]);
    let message = &about["findings"][1]["message"];
    assert_eq!(message, "unused ignore: there is no `q.yaml`");
    let finding = &about["findings"][0];
    assert_eq!(
        finding["message"],
        "unused ignore: `p.yaml` has no warning or note `AP020`"
    );
    let start = &finding["span"]["start"];
    assert_eq!((&start["line"], &start["column"]), (&json!(3), &json!(19)));
    // As an unused comment, it counts for the exit status.
    assert_eq!(
        check("config-unused", GOOD, config, &["--strict"]).status,
        1
    );
    let off = format!("{config}\n[severity]\nAP046 = \"off\"\n");
    let ran = check("config-unused", GOOD, &off, &["--strict"]);
    assert_eq!((ran.status, ran.objects().len()), (0, 1));
    let files = [("p.yaml", GOOD), ("audit-policy.toml", config)];
    let folder = Folder::new("config-unused-formats", &files);
    for (format, part) in [
        ("text", "audit-policy.toml: configuration: unused ignores\n"),
        ("github", "file=audit-policy.toml,line=3"),
        (
            "junit",
            "<testsuite name=\"audit-policy.toml\" tests=\"2\" failures=\"0\">",
        ),
    ] {
        let ran = folder.run(&["check", "--format", format, "p.yaml"]);
        assert!(ran.out.contains(part), "{format}: {}", ran.out);
    }
}

#[test]
fn fixes_leave_alone_what_is_off_or_ignored() {
    let misspelt = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n  verbs: [lists]\n- level: Metadata\n";
    for config in [
        "[severity]\nAP028 = \"off\"\n",
        "[[ignore]]\npath = \"*.yaml\"\ncodes = [\"AP028\"]\nreason = \"r\"\n",
    ] {
        let files = [("p.yaml", misspelt), ("audit-policy.toml", config)];
        let folder = Folder::new("config-fix", &files);
        folder.run(&["check", "--fix", "p.yaml"]);
        assert_eq!(folder.read("p.yaml"), misspelt, "{config}");
        folder.run(&["check", "--fix", "--no-config", "p.yaml"]);
        assert_ne!(folder.read("p.yaml"), misspelt, "{config}");
    }
}

#[test]
fn files_and_the_version_are_those_of_the_configuration_unless_the_call_names_them() {
    let config = "kubernetes-version = \"1.25\"\nfiles = [\"sub\", \"*.yaml\"]\n";
    let files = [("p.yaml", NESTED), ("audit-policy.toml", config)];
    let folder = Folder::new("config-files", &files);
    fs::create_dir_all(folder.0.join("sub/inner")).unwrap();
    folder.write("sub/q.yaml", GOOD);
    let files = |ran: &Ran| -> Vec<String> {
        let objects = ran.objects().into_iter();
        objects
            .map(|object| object["file"].as_str().unwrap().to_owned())
            .collect()
    };
    let ran = folder.run(&["check", "--format", "json"]);
    assert_eq!(files(&ran), ["sub/q.yaml", "p.yaml"]);
    // 1.25 ignores an unknown field silently; 1.26 is the first version with a warning.
    assert_eq!(ran.objects()[1]["warning"], Value::Null);
    let words = [
        "check",
        "--format",
        "json",
        "--kubernetes-version",
        "1.26",
        "p.yaml",
    ];
    let ran = folder.run(&words);
    assert_eq!(files(&ran), ["p.yaml"]);
    assert_ne!(ran.object()["warning"], Value::Null);
    // From below: paths stay relative to the working directory.
    let mut command = folder.command(&["check", "--format", "json"]);
    let out = command
        .current_dir(folder.0.join("sub/inner"))
        .output()
        .unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    assert!(out.starts_with("{\"file\":\"../../sub/q.yaml\""), "{out}");
    assert!(out.contains("\n{\"file\":\"../../p.yaml\""), "{out}");
}

#[test]
fn without_files_the_message_states_how_to_call() {
    let folder = Folder::new("config-none", &[("p.yaml", GOOD), ("empty.toml", "")]);
    for (words, message) in [
        (
            &["check", "--no-config"][..],
            "no POLICY to check (help: name files, folders or patterns, or list them as `files` in `audit-policy.toml`)",
        ),
        (
            &["check", "--config", "empty.toml"],
            "no POLICY to check (help: name files, folders or patterns, or list them as `files` in `audit-policy.toml`)",
        ),
        (
            &["test", "--config", "empty.toml"],
            "no FILE to test (help: name files with tests, or list them as `files` of `[test]` in `audit-policy.toml`)",
        ),
        (
            &["check", "--config", "nowhere.toml", "p.yaml"],
            "cannot read `nowhere.toml`: No such file or directory (os error 2)",
        ),
    ] {
        let ran = folder.run(words);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{words:?}");
        assert_eq!(ran.err, format!("audit-policy: {message}\n"), "{words:?}");
    }
    let ran = folder.run_on("", &["check", "--config", "-", "p.yaml"]);
    assert_eq!((ran.status, &*ran.out), (2, ""));
    let ran = folder.run(&["check", "--config", "a.toml", "--no-config", "p.yaml"]);
    assert_eq!(ran.status, 2);
}

#[test]
fn results_never_replace_the_configuration() {
    let folder = Folder::new(
        "config-output",
        &[("p.yaml", GOOD), ("audit-policy.toml", "")],
    );
    let ran = folder.run(&["check", "--output", "json=audit-policy.toml", "p.yaml"]);
    assert_eq!(ran.status, 2);
    assert_eq!(folder.read("audit-policy.toml"), "");
}

#[test]
fn tests_and_packs_are_those_of_the_configuration() {
    let tests = "kind: PolicyTests\npolicy: ../p.yaml\ntests:\n- name: reads\n  request: {user: a, verb: get, resource: pods, namespace: shop}\n  level: Metadata\n";
    let config = "[test]\nfiles = [\"t/*.yaml\"]\n[report]\npacks = [\"cis\"]\n";
    let folder = Folder::new(
        "config-tests",
        &[("p.yaml", GOOD), ("audit-policy.toml", config)],
    );
    fs::create_dir_all(folder.0.join("t")).unwrap();
    folder.write("t/b.yaml", tests);
    folder.write(
        "t/a.yaml",
        &tests
            .replace("reads", "first")
            .replace("tests:", "kubernetesVersion: \"1.30\"\ntests:"),
    );
    let ran = folder.run(&["test", "--format", "json"]);
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
    let names: Vec<Value> = ran
        .objects()
        .iter()
        .map(|object| object["name"].clone())
        .collect();
    assert_eq!(names, ["first", "reads"]);
    // A file's own version wins over that of the configuration, and contradicts that of the call.
    folder.write(
        "audit-policy.toml",
        &format!("kubernetes-version = \"1.25\"\n{config}"),
    );
    assert_eq!(folder.run(&["test"]).status, 0);
    assert_eq!(
        folder.run(&["test", "--kubernetes-version", "1.25"]).status,
        2
    );
    let ran = folder.run(&["report", "--policy", "p.yaml", "--format", "markdown"]);
    assert!(ran.out.contains("| `cis` |"), "{}", ran.out);
    assert!(!ran.out.contains("| `stig` |"), "{}", ran.out);
    folder.write("audit-policy.toml", "[test]\nfiles = [\"none/*.yaml\"]\n");
    let ran = folder.run(&["test"]);
    assert_eq!(ran.status, 2);
}

#[test]
fn the_report_leaves_out_what_is_ignored() {
    let files = [
        ("p.yaml", GOOD),
        ("audit-policy.toml", "[severity]\nAP030 = \"off\"\n"),
    ];
    let folder = Folder::new("config-report", &files);
    let words = ["report", "--policy", "p.yaml", "--format", "markdown"];
    assert!(!folder.run(&words).out.contains(TWICE));
    let all = [&words[..], &["--no-config"]].concat();
    assert!(folder.run(&all).out.contains(TWICE));
}

/// The example of the documentation.
fn documented() -> (String, String) {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, example) = page.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    (page.clone(), example.to_owned())
}

#[test]
fn the_documented_example_works_and_every_key_is_documented() {
    let (page, example) = documented();
    let folder = Folder::new("config-docs", &[("audit-policy.toml", &*example)]);
    fs::create_dir_all(folder.0.join("clusters")).unwrap();
    fs::create_dir_all(folder.0.join("vendor")).unwrap();
    folder.write("clusters/p.yaml", GOOD);
    folder.write("vendor/p.yaml", GOOD);
    let ran = folder.run(&["check", "--format", "json"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let reports = ran.objects();
    let found: Vec<_> = reports
        .iter()
        .map(|report| (&report["file"], finding_codes(report)))
        .collect();
    // The example raises it to a warning in `clusters`, and ignores it in `vendor`.
    assert_eq!(
        found,
        [
            (&json!("clusters/p.yaml"), vec![TWICE]),
            (&json!("vendor/p.yaml"), vec![])
        ]
    );
    assert_eq!(reports[0]["findings"][0]["severity"], "warning");
    // The keys are those that the program lists.
    for (config, words) in [
        ("x = 1", 6),
        ("[[ignore]]\nx = 1", 3),
        ("[test]\nx = 1", 1),
        ("[report]\nx = 1", 1),
    ] {
        folder.write("audit-policy.toml", config);
        let ran = folder.run(&["check"]);
        let line = ran
            .err
            .lines()
            .find(|line| line.contains("unknown key `x`"));
        let (_, keys) = line.unwrap().split_once("the keys are ").unwrap();
        let keys: Vec<&str> = keys.trim_end_matches(')').split(", ").collect();
        assert_eq!(keys.len(), words, "{keys:?}");
        for key in keys {
            assert!(page.contains(key), "{key}");
        }
    }
}

#[test]
fn severities_reach_ignored_findings_too() {
    let policy = format!("{GOOD}- level: None\n");
    let config = "[severity]\nAP020 = \"info\"\n\n[[ignore]]\npath = \"p.yaml\"\ncodes = [\"AP020\"]\nreason = \"r\"\n";
    let files = [("p.yaml", &*policy), ("audit-policy.toml", config)];
    let folder = Folder::new("config-severity-ignored", &files);
    let ran = folder.run(&["check", "--format", "sarif", "p.yaml"]);
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of_code = |result: &&Value| result["ruleId"] == "AP020";
    let found = results.iter().find(of_code).unwrap();
    assert_eq!(found["level"], "note");
    assert_eq!(found["suppressions"][0]["kind"], "external");
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_a_link_to_nothing_is_reported() {
    let folder = Folder::new("config-link", &[("p.yaml", GOOD)]);
    std::os::unix::fs::symlink("gone", folder.0.join("audit-policy.toml")).unwrap();
    let ran = folder.run(&["check", "p.yaml"]);
    assert_eq!((ran.status, &*ran.out), (2, ""));
    assert!(
        ran.err
            .starts_with("audit-policy: cannot read `audit-policy.toml`"),
        "{}",
        ran.err
    );
}
