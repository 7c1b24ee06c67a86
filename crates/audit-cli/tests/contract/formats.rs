//! Formats that other programs read, and results in several of them at once.

use std::fs;

use serde_json::Value;

use crate::{BAD, Folder, GOOD, NESTED};

/// A test file whose second case fails.
const CASES: &str = "\
policy: {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}
tests:
- {name: passes, requests: {}, level: Metadata}
- {name: fails, requests: {}, level: None}
";

#[test]
fn github_annotations_name_file_line_columns_and_code() {
    let folder = Folder::new("format-github", &[("p.yaml", NESTED), ("bad.yaml", BAD)]);
    let ran = folder.run(&[
        "check", "--format", "github", "p.yaml", "bad.yaml", "no.yaml",
    ]);
    assert_eq!(ran.status, 2);
    let nested = "::warning file=p.yaml,line=8,endLine=8,col=5,endColumn=10,title=AP012::";
    assert!(ran.out.contains(nested), "{}", ran.out);
    let level = "::error file=bad.yaml,line=4,endLine=4,col=10,endColumn=14,title=";
    assert!(ran.out.contains(level), "{}", ran.out);
    assert!(ran.out.contains("::error file=no.yaml,title=not read::"));
    assert!(ran.out.lines().all(|line| line.starts_with("::")));
}

#[test]
fn names_of_files_count_from_the_checkout_in_a_job() {
    let folder = Folder::new("format-workspace", &[("p.yaml", NESTED)]);
    let sub = folder.0.join("clusters");
    fs::create_dir(&sub).unwrap();
    fs::write(sub.join("q.yaml"), NESTED).unwrap();
    for (variable, format, parts) in [
        (
            "GITHUB_WORKSPACE",
            "github",
            ["file=p.yaml,", "file=clusters/q.yaml,"],
        ),
        (
            "CI_PROJECT_DIR",
            "sarif",
            [r#""uri":"p.yaml""#, r#""uri":"clusters/q.yaml""#],
        ),
    ] {
        let mut command = folder.command(&["check", "--format", format, "q.yaml", "../p.yaml"]);
        let output = command
            .current_dir(&sub)
            .env(variable, &folder.0)
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        for part in parts {
            assert!(out.contains(part), "{format} {part}: {out}");
        }
    }
}

#[test]
fn test_annotates_the_line_of_a_failed_case() {
    let folder = Folder::new("format-github-test", &[("cases.yaml", CASES)]);
    let ran = folder.run(&["test", "--format", "github", "cases.yaml"]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    let begin = "::error file=cases.yaml,line=4,endLine=4,title=fails::";
    assert!(ran.out.starts_with(begin), "{}", ran.out);
    assert!(ran.out.contains("%0Arequest: {"), "{}", ran.out);
}

#[test]
fn results_go_to_standard_output_and_to_files_in_one_run() {
    let folder = Folder::new("format-output", &[("p.yaml", NESTED), ("good.yaml", GOOD)]);
    let outputs = ["--output", "sarif=a.sarif", "--output", "json=a.json"];
    let words = [&["check"], &outputs[..], &["p.yaml", "good.yaml"]].concat();
    let ran = folder.run(&words);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.starts_with("p.yaml: accepted, 2 rules\n"));
    assert_eq!(folder.read("a.json").lines().count(), 2);
    let log: Value = serde_json::from_str(&folder.read("a.sarif")).unwrap();
    let codes = log["runs"][0]["results"].as_array().unwrap().iter();
    let codes: Vec<_> = codes
        .map(|result| result["ruleId"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"AP012"), "{codes:?}");
}

#[test]
fn an_output_never_replaces_an_input_or_another_output() {
    let cases = CASES.split_once("tests:").unwrap().1;
    let of_policy = format!("policy: p.yaml\ntests:{cases}");
    let folder = Folder::new(
        "format-same",
        &[
            ("p.yaml", GOOD),
            ("cases.yaml", CASES),
            ("of-policy.yaml", &of_policy),
        ],
    );
    #[cfg(unix)]
    fs::hard_link(folder.0.join("p.yaml"), folder.0.join("link.yaml")).unwrap();
    for (words, error) in [
        (
            &["check", "--output", "json=./p.yaml", "p.yaml"][..],
            "`--output` would replace `p.yaml`, which is read: name another file",
        ),
        (
            &["test", "--output", "tap=cases.yaml", "cases.yaml"],
            "`--output` would replace `cases.yaml`, which is read: name another file",
        ),
        // The policy that a file of tests names.
        (
            &["test", "--output", "tap=./p.yaml", "of-policy.yaml"],
            "`--output` would replace `p.yaml`, which is read: name another file",
        ),
        #[cfg(unix)]
        (
            &["check", "--output", "json=link.yaml", "p.yaml"],
            "`--output` would replace `p.yaml`, which is read: name another file",
        ),
        (
            &[
                "check",
                "--output",
                "json=a",
                "--output",
                "sarif=./a",
                "p.yaml",
            ],
            "`./a` is named by two `--output`: name a file for each",
        ),
    ] {
        let ran = folder.run(words);
        assert_eq!(ran.status, 2, "{words:?}");
        assert!(ran.err.contains(error), "{words:?}: {}", ran.err);
    }
    assert_eq!(folder.read("p.yaml"), GOOD);
}

#[test]
fn a_report_is_of_the_fixed_policy_where_it_is_fixed() {
    let folder = Folder::new("format-fix", &[]);
    let words = ["check", "--fix", "--output", "json=a.json", "-"];
    let ran = folder.run_on(NESTED, &words);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.starts_with("apiVersion: audit.k8s.io/v1\n"));
    let report: Value = serde_json::from_str(folder.read("a.json").trim()).unwrap();
    assert_eq!(report["file"], "-");
    let codes = report["findings"].as_array().unwrap().iter();
    assert!(codes.into_iter().all(|finding| finding["code"] != "AP012"));
}

#[test]
fn files_are_written_although_a_policy_is_rejected() {
    let folder = Folder::new(
        "format-rejected",
        &[("bad.yaml", BAD), ("cases.yaml", CASES)],
    );
    let ran = folder.run(&["check", "--output", "junit=a.xml", "bad.yaml"]);
    assert_eq!(ran.status, 1);
    assert!(
        folder
            .read("a.xml")
            .contains("<testsuite name=\"bad.yaml\" tests=\"2\" failures=\"1\">")
    );
    let ran = folder.run(&["test", "--output", "tap=a.tap", "cases.yaml"]);
    assert_eq!(ran.status, 1);
    assert!(folder.read("a.tap").ends_with("1..2\n"));
}

#[test]
fn a_fixed_policy_is_never_printed_within_a_report() {
    let folder = Folder::new("format-fix-frame", &[("p.yaml", GOOD)]);
    for format in ["sarif", "junit"] {
        let ran = folder.run_on(
            NESTED,
            &["check", "--fix", "--format", format, "-", "p.yaml"],
        );
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{format}");
        assert!(ran.err.contains("use `--output`"), "{}", ran.err);
    }
}

#[cfg(unix)]
#[test]
fn standard_output_as_a_file_is_appended_to() {
    let folder = Folder::new(
        "format-stdout",
        &[("good.yaml", GOOD), ("log.txt", "old\n")],
    );
    let log = fs::OpenOptions::new()
        .append(true)
        .open(folder.0.join("log.txt"))
        .unwrap();
    let mut command = folder.command(&["check", "--output", "json=/dev/stdout", "good.yaml"]);
    assert!(command.stdout(log).status().unwrap().success());
    let text = folder.read("log.txt");
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0] == "old" && lines[1].starts_with("good.yaml: accepted"),
        "{text}"
    );
    assert!(
        text.contains("{\"file\":\"good.yaml\",\"accepted\":true"),
        "{text}"
    );
}

#[test]
fn nothing_is_fixed_if_a_report_has_no_folder() {
    let policy = GOOD.replace("level:", "Level:");
    let folder = Folder::new("format-no-folder", &[("p.yaml", &policy)]);
    let ran = folder.run(&["check", "--fix", "--output", "json=gone/x.json", "p.yaml"]);
    assert_eq!((ran.status, &*ran.out), (2, ""));
    assert_eq!(
        ran.err,
        "audit-policy: cannot write `gone/x.json`: its folder does not exist\n"
    );
    assert_eq!(folder.read("p.yaml"), policy);
}
