//! `review`: what a pull request changes about policies, in temporary repositories.

mod wrong;

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::{BAD, Folder, GOOD, Ran};

/// Logs everything but reads of secrets: a loss compared with [`GOOD`].
const LESS: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  verbs: [get]\n  resources:\n  - group: \"\"\n    resources: [secrets]\n- level: Metadata\n";

/// A file of tests whose case holds for [`GOOD`] only.
const TESTS: &str = "kind: PolicyTests\npolicy: p.yaml\ntests:\n- name: reads of secrets\n  request: {user: a, verb: get, resource: secrets, namespace: shop, name: db}\n  level: Metadata\n";

/// Runs `git` in a folder, with a fixed identity and without the configuration of the machine.
fn git(folder: &Folder, words: &[&str]) -> String {
    let output = Command::new("git")
        .args(words)
        .current_dir(&folder.0)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_AUTHOR_NAME", "a")
        .env("GIT_AUTHOR_EMAIL", "a@b.example")
        .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
        .env("GIT_COMMITTER_NAME", "a")
        .env("GIT_COMMITTER_EMAIL", "a@b.example")
        .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {err}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(folder: &Folder, message: &str) {
    git(folder, &["add", "--all"]);
    git(
        folder,
        &["commit", "--quiet", "--allow-empty", "--message", message],
    );
}

/// Creates a repository whose branch `base` has the files, and checks out a branch `change` of it.
fn repository(test: &str, files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new(test, &[]);
    git(&folder, &["init", "--quiet", "--initial-branch", "base"]);
    for (name, text) in files {
        write(&folder, name, text);
    }
    commit(&folder, "base");
    git(&folder, &["switch", "--quiet", "--create", "change"]);
    folder
}

/// Writes a file, with its folders.
fn write(folder: &Folder, name: &str, text: &str) {
    let path = folder.0.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn review(folder: &Folder, words: &[&str]) -> Ran {
    folder.run(&[&["review", "--base", "base"], words].concat())
}

fn json_of(folder: &Folder, words: &[&str]) -> (i32, Vec<Value>) {
    let ran = review(folder, &[&["--format", "json"], words].concat());
    assert_eq!(ran.err, "");
    (ran.status, ran.objects())
}

#[test]
fn a_loss_is_in_the_comment_with_an_example_and_a_failed_test() {
    let folder = repository(
        "review-loss",
        &[("p.yaml", GOOD), ("t.yaml", TESTS), ("q.yaml", GOOD)],
    );
    write(&folder, "p.yaml", LESS);
    commit(&folder, "change");
    let ran = review(&folder, &[]);
    assert_eq!(ran.status, 1, "{}{}", ran.out, ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "<!-- audit-policy review -->");
    assert_eq!(lines[1], "## Audit policy review");
    assert_eq!(
        lines[3],
        "1 policy has changed since `base`: 1 with less in the log than before, 1 failed test."
    );
    assert_eq!(lines[5], "### `p.yaml`");
    assert_eq!(lines[7], "Accepted, 2 rules.");
    assert_eq!(
        lines[9],
        "1 class of requests treated differently, losses first."
    );
    assert!(
        lines[13].starts_with("| No longer recorded: Metadata → None |"),
        "{}",
        lines[13]
    );
    assert!(
        lines[13].contains("before: rule 1 (line 4); after: rule 1 (line 4)"),
        "{}",
        lines[13]
    );
    for part in [
        "<details><summary>Examples</summary>",
        "\n### Tests\n\n| file | passed | failed | not decidable |\n| --- | --- | --- | --- |\n| `t.yaml` | 0 | 1 | 0 |\n\n- `t.yaml` line 4: reads of secrets: ",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    assert!(!ran.out.contains("q.yaml"));
    assert!(lines.len() < 60);
}

#[test]
fn json_has_a_line_for_each_policy_and_each_file_of_tests() {
    let folder = repository("review-json", &[("p.yaml", GOOD), ("t.yaml", TESTS)]);
    write(&folder, "p.yaml", LESS);
    commit(&folder, "change");
    let (status, lines) = json_of(&folder, &[]);
    assert_eq!((status, lines.len()), (1, 2));
    let policy = &lines[0];
    let keys = [
        "file",
        "change",
        "accepted",
        "acceptedBefore",
        "error",
        "equal",
        "goneFindings",
    ];
    let values = keys.map(|key| policy[key].clone());
    assert_eq!(
        values,
        [
            json!("p.yaml"),
            json!("changed"),
            json!(true),
            json!(true),
            json!(null),
            json!(false),
            json!(0)
        ]
    );
    let difference = &policy["differences"][0];
    assert_eq!(difference["change"], "notRecorded");
    let witness = &difference["witness"];
    assert_eq!(
        (&witness["verb"], &witness["resource"]),
        (&json!("get"), &json!("secrets"))
    );
    let tests = &lines[1];
    assert_eq!(
        (&tests["tests"], &tests["passed"], &tests["undecidable"]),
        (&json!("t.yaml"), &json!(0), &json!(0))
    );
    assert_eq!(tests["failed"][0]["name"], "reads of secrets");
    assert_eq!(tests["failed"][0]["line"], 4);
}

#[test]
fn what_happened_to_a_file_is_found() {
    let config_map = |policy: &str| {
        let lines: String = policy.lines().map(|line| format!("    {line}\n")).collect();
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: audit\ndata:\n  policy.yaml: |\n{lines}"
        )
    };
    let other = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n";
    let folder = repository(
        "review-kinds",
        &[
            ("deleted.yaml", GOOD),
            ("map.yaml", &config_map(GOOD)),
            ("old.yaml", &LESS.replace("Metadata", "Request")),
            ("no-longer.yaml", GOOD),
            ("service.yaml", other),
            ("same-map.yaml", &config_map(GOOD)),
            ("same.yaml", GOOD),
        ],
    );
    fs::remove_file(folder.0.join("deleted.yaml")).unwrap();
    write(&folder, "map.yaml", &config_map(LESS));
    fs::rename(folder.0.join("old.yaml"), folder.0.join("new.yaml")).unwrap();
    write(&folder, "no-longer.yaml", other);
    write(
        &folder,
        "service.yaml",
        &other.replace("name: a", "name: b"),
    );
    // The document around the policy has changed, and the policy has not.
    write(
        &folder,
        "same-map.yaml",
        &config_map(GOOD).replace("name: audit", "name: other"),
    );
    commit(&folder, "change");
    // What is not committed counts as well, also a file that git does not know.
    write(&folder, "sub/untracked.yaml", GOOD);
    let (status, lines) = json_of(&folder, &[]);
    assert_eq!(status, 0);
    let found: Vec<Value> = lines
        .iter()
        .map(|line| {
            let equal = &line["equal"];
            json!([
                line["file"],
                line["oldFile"],
                line["policyPath"],
                line["change"],
                line["accepted"],
                equal
            ])
        })
        .collect();
    let expected = [
        json!(["deleted.yaml", null, null, "deleted", null, null]),
        json!(["map.yaml", null, "data.policy.yaml", "changed", true, false]),
        json!(["new.yaml", "old.yaml", null, "changed", true, true]),
        json!(["no-longer.yaml", null, null, "deleted", null, null]),
        json!(["sub/untracked.yaml", null, null, "added", true, null]),
    ];
    assert_eq!(found, expected);
    // Rules inside a document have the lines of the file: `rules:` is its ninth line.
    let ran = review(&folder, &["map.yaml"]);
    assert!(
        ran.out
            .contains("before: rule 1 (line 10); after: rule 1 (line 10)"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("### `map.yaml`: `data.policy.yaml` of a ConfigMap"),
        "{}",
        ran.out
    );
    // A path limits the review, also a pattern and a folder.
    for (path, files) in [
        ("sub", 1),
        ("*.yaml", 4),
        ("**/*.yaml", 5),
        ("deleted.yaml", 1),
        ("service.yaml", 0),
    ] {
        let (_, lines) = json_of(&folder, &[path]);
        assert_eq!(lines.len(), files, "{path}");
    }
    let ran = review(&folder, &["nowhere.yaml"]);
    assert_eq!((ran.status, &*ran.out), (2, ""));
    assert_eq!(
        ran.err,
        "audit-policy: cannot read `nowhere.yaml`: it is neither in the working tree nor at the base\n"
    );
    // From below, names count from the root as well, and the whole repository counts.
    let mut command = folder.command(&["review", "--base", "base", "--format", "json"]);
    let out = command.current_dir(folder.0.join("sub")).output().unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.lines().count(), 5, "{out}");
    assert!(out.starts_with("{\"file\":\"deleted.yaml\""), "{out}");
}

/// As in a folder that is checked.
#[test]
fn pages_and_sarif_are_not_policies() {
    let page = format!("# A policy\n\n```yaml\n{GOOD}```\n");
    let folder = repository("review-pages", &[("a.md", &page), ("p.yaml", GOOD)]);
    write(&folder, "a.md", &page.replace(GOOD, LESS));
    write(&folder, "b.md", &page);
    let words = ["check", "--output", "sarif=c.sarif", "p.yaml"];
    assert_eq!(folder.run(&words).status, 0);
    assert_eq!(json_of(&folder, &[]), (0, Vec::new()));
    // A policy that becomes a page is gone.
    git(&folder, &["mv", "p.yaml", "p.md"]);
    let (_, found) = json_of(&folder, &[]);
    let kinds: Vec<&Value> = found.iter().map(|policy| &policy["change"]).collect();
    assert_eq!(kinds, ["deleted"]);
}

#[test]
fn a_rejection_is_first_and_fails() {
    for (before, after, status, words) in [
        (GOOD, BAD, 1, "**Rejected**; it was accepted before: "),
        (
            BAD,
            &BAD.replace("Loud", "Louder"),
            1,
            "**Rejected**, as before: ",
        ),
        (BAD, GOOD, 0, "Accepted, 1 rule; it was rejected before."),
    ] {
        let folder = repository("review-rejected", &[("p.yaml", before), ("a.yaml", GOOD)]);
        write(&folder, "p.yaml", after);
        write(&folder, "a.yaml", LESS);
        commit(&folder, "change");
        let ran = review(&folder, &[]);
        assert_eq!(ran.status, status, "{}", ran.out);
        assert!(ran.out.contains(words), "{}", ran.out);
        let first = ran.out.lines().find(|line| line.starts_with("### "));
        let expected = if status == 1 {
            "### `p.yaml`"
        } else {
            "### `a.yaml`"
        };
        assert_eq!(first, Some(expected));
    }
}

#[test]
fn only_new_findings_count() {
    // Every request is logged twice, before and after: an info that is not new. The second rule is never reached: a warning.
    let covered = format!("{GOOD}- level: None\n  verbs: [get]\n");
    let folder = repository("review-findings", &[("p.yaml", GOOD)]);
    write(&folder, "p.yaml", &format!("# moved\n\n{covered}"));
    commit(&folder, "change");
    for (fail_on, status) in [
        (None, 0),
        (Some("error"), 0),
        (Some("warning"), 1),
        (Some("info"), 1),
    ] {
        let words: Vec<&str> = fail_on.map_or(vec![], |fail_on| vec!["--fail-on", fail_on]);
        let (found, lines) = json_of(&folder, &words);
        assert_eq!(found, status, "{fail_on:?}");
        let new = lines[0]["newFindings"].as_array().unwrap();
        let codes: Vec<_> = new
            .iter()
            .map(|finding| (&finding["code"], &finding["line"]))
            .collect();
        assert_eq!(codes, [(&json!("AP020"), &json!(7))]);
        assert_eq!(lines[0]["equal"], true);
    }
    let ran = review(&folder, &[]);
    assert!(
        ran.out
            .contains("\n1 new finding:\n\n- warning AP020, line 7: "),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("No request is treated differently."),
        "{}",
        ran.out
    );
    // The configuration counts: here, the finding is off.
    write(
        &folder,
        "audit-policy.toml",
        "[severity]\nAP020 = \"off\"\n",
    );
    let (status, lines) = json_of(&folder, &["--fail-on", "info"]);
    assert_eq!((status, &lines[0]["newFindings"]), (0, &json!([])));
    write(
        &folder,
        "audit-policy.toml",
        "[severity]\nAP020 = \"error\"\n",
    );
    let (status, lines) = json_of(&folder, &[]);
    assert_eq!((status, &lines[0]["accepted"]), (1, &json!(true)));
    let ran = review(&folder, &[]);
    for part in [
        ": 1 with an error, 1 new finding.\n",
        "Accepted, but **with an error**: ",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    // The other way round, it is gone.
    fs::remove_file(folder.0.join("audit-policy.toml")).unwrap();
    git(&folder, &["branch", "--force", "base", "change"]);
    write(&folder, "p.yaml", GOOD);
    let ran = review(&folder, &["--fail-on", "info"]);
    assert_eq!(ran.status, 0);
    assert!(
        ran.out.contains("\n1 finding is gone:\n\n- gone: AP020: "),
        "{}",
        ran.out
    );
}

#[test]
fn the_merge_base_counts_and_not_what_the_base_has_since() {
    let folder = repository("review-merge-base", &[("p.yaml", GOOD), ("q.yaml", GOOD)]);
    write(&folder, "p.yaml", LESS);
    commit(&folder, "change");
    git(&folder, &["switch", "--quiet", "base"]);
    write(&folder, "q.yaml", LESS);
    commit(&folder, "elsewhere");
    git(&folder, &["switch", "--quiet", "change"]);
    let (status, lines) = json_of(&folder, &[]);
    assert_eq!((status, lines.len()), (0, 1));
    assert_eq!(lines[0]["file"], "p.yaml");
}

#[test]
fn nothing_changed_is_a_comment_as_well() {
    let folder = repository("review-nothing", &[("p.yaml", GOOD)]);
    let ran = review(&folder, &[]);
    assert_eq!((ran.status, &*ran.err), (0, ""));
    assert_eq!(
        ran.out,
        "<!-- audit-policy review -->\n## Audit policy review\n\nNo policy has changed since `base`.\n"
    );
    assert_eq!(json_of(&folder, &[]), (0, vec![]));
}

#[test]
fn tests_of_the_configuration_are_run_and_a_broken_file_fails() {
    let config = "[test]\nfiles = [\"tests/*.yaml\"]\n";
    let folder = repository(
        "review-tests",
        &[("p.yaml", GOOD), ("audit-policy.toml", config)],
    );
    write(
        &folder,
        "tests/t.yaml",
        &TESTS.replace("p.yaml", "../p.yaml"),
    );
    commit(&folder, "change");
    let (status, lines) = json_of(&folder, &[]);
    assert_eq!((status, lines.len()), (0, 1));
    assert_eq!(
        (&lines[0]["tests"], &lines[0]["passed"]),
        (&json!("tests/t.yaml"), &json!(1))
    );
    write(&folder, "tests/t.yaml", "kind: PolicyTests\npolicies: x\n");
    let ran = review(&folder, &[]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.out.contains("| `tests/t.yaml` | | not run | |"),
        "{}",
        ran.out
    );
    assert!(
        ran.out
            .contains("No policy has changed since `base`: 1 failed test."),
        "{}",
        ran.out
    );
}

#[cfg(unix)]
#[test]
fn hostile_names_neither_start_options_nor_leave_their_place() {
    let names = [
        "-p.yaml",
        "--output=x.yaml",
        "a b.yaml",
        "a\nb.yaml",
        "a`b`|<img src=x>.yaml",
        ":(top)x.yaml",
        "@team.yaml",
    ];
    let folder = repository("review-names", &[]);
    for name in names {
        write(&folder, name, GOOD);
    }
    commit(&folder, "change");
    let (status, lines) = json_of(&folder, &[]);
    assert_eq!(status, 0);
    let mut expected = names.to_vec();
    expected.sort_unstable();
    let files: Vec<&str> = lines
        .iter()
        .map(|line| line["file"].as_str().unwrap())
        .collect();
    assert_eq!(files, expected);
    let ran = review(&folder, &[]);
    let headings: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("### "))
        .collect();
    assert_eq!(headings.len(), names.len(), "{}", ran.out);
    for heading in [
        "### `-p.yaml`",
        "### `a\\nb.yaml`",
        "### `a\\u{60}b\\u{60}\\|<img src=x>.yaml`",
        "### `@team.yaml`",
    ] {
        assert!(headings.contains(&heading), "{heading}: {headings:?}");
    }
    // As an argument.
    let ran = folder.run(&[
        "review", "--base", "base", "--format", "json", "--", "-p.yaml",
    ]);
    assert_eq!((ran.status, ran.objects().len()), (0, 1));
}

#[test]
fn the_comment_is_bounded() {
    let long = "x".repeat(5_000);
    let rules: String = (0..40)
        .map(|number| format!("- level: None\n  users: [\"<{number}{long}>\"]\n"))
        .collect();
    let text =
        format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rules}- level: Metadata\n");
    let folder = repository("review-bounded", &[]);
    for number in 0..20 {
        write(&folder, &format!("p{number}.yaml"), GOOD);
    }
    commit(&folder, "good");
    git(&folder, &["branch", "--force", "base", "change"]);
    for number in 0..20 {
        write(&folder, &format!("p{number}.yaml"), &text);
    }
    let ran = review(&folder, &[]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.chars().count() < 65_536, "{}", ran.out.len());
    assert!(
        ran.out
            .contains("20 policies have changed since `base`: 20 with less"),
        "{}",
        &ran.out[..300]
    );
    let sections: Vec<&str> = ran.out.split("\n### ").collect();
    for section in sections {
        assert!(section.lines().count() <= 60, "{section}");
    }
}

#[test]
fn names_of_files_count_from_the_root_of_the_repository() {
    let tests =
        "kind: PolicyTests\npolicy: p.yaml\ntests:\n- {name: n, requests: {}, level: None}\n";
    let folder = repository("review-root", &[("a/p.yaml", GOOD), ("b/keep", "")]);
    write(&folder, "a/p.yaml", LESS);
    write(&folder, "a/tests.yaml", tests);
    let mut command = folder.command(&["review", "--base", "base", "--strict"]);
    let output = command.current_dir(folder.0.join("b")).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    for part in ["### `a/p.yaml`", "| `a/tests.yaml` |"] {
        assert!(out.contains(part), "{part}: {out}");
    }
}
