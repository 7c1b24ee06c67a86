//! The worked suites pass, or fail as the comments in them state.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use std::fs;
use std::path::{Path, PathBuf};

use audit_policy::{KubernetesVersion, Policy, load};
use audit_tests::{PolicySource, Runner, TestFile};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("suites")
}

fn read(name: &str) -> (TestFile, String) {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    let file = TestFile::parse(&text).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    let policy = match &file.policy.as_ref().unwrap().value {
        PolicySource::Path(path) => fs::read_to_string(folder().join(path)).unwrap(),
        PolicySource::Inline { text, .. } => text.clone(),
        _ => panic!("{name}"),
    };
    (file, policy)
}

fn accepted(policy: &str) -> Policy {
    load(policy.as_bytes(), KubernetesVersion::NEWEST)
        .policy
        .unwrap()
}

/// Returns the names of the cases that fail.
fn failures<'f>(file: &'f TestFile, policy: &str) -> Vec<&'f str> {
    let policy = accepted(policy);
    let runner = Runner::new(&policy, KubernetesVersion::NEWEST);
    let cases = file.tests.iter();
    cases
        .filter(|case| !runner.run(case).has_passed())
        .map(|case| case.name.as_str())
        .collect()
}

#[test]
fn suites_of_mistakes_fail_until_these_are_fixed() {
    let changes = "create, update, patch, delete]";
    for (name, expected, wrong, right) in [
        (
            "misnested-verbs.yaml",
            &["other requests for pods without bodies"][..],
            "    verbs: [create, delete]",
            "  verbs: [create, delete]",
        ),
        (
            "catch-all-first.yaml",
            &["changes of permissions with bodies", "health checks never"],
            "- level: Metadata             # matches every request\n",
            "",
        ),
        (
            "wrong-group.yaml",
            &["deployments are changed with bodies"],
            "group: \"\"",
            "group: apps",
        ),
        (
            "pods-without-exec.yaml",
            &["shells in pods are recorded"],
            "resources: [pods]",
            "resources: [pods, pods/exec]",
        ),
    ] {
        let (file, policy) = read(name);
        assert_eq!(failures(&file, &policy), expected, "{name}");
        assert!(policy.contains(wrong), "{name}");
        let mut fixed = policy.replace(wrong, right);
        if name == "catch-all-first.yaml" {
            fixed.push_str("- level: Metadata\n");
            assert!(fixed.contains(changes));
        }
        assert_eq!(failures(&file, &fixed), [""; 0], "{name}: {fixed}");
    }
}

#[test]
fn suites_of_good_policies_pass() {
    for name in ["goals.yaml", "production.yaml"] {
        let (file, policy) = read(name);
        assert_eq!(failures(&file, &policy), [""; 0], "{name}");
    }
    let names = fs::read_dir(folder()).unwrap();
    let count = names
        .filter(|name| {
            let name = name.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with(".yaml")
        })
        .count();
    assert_eq!(count, 6, "each suite is in one of these tests");
}

#[test]
fn each_goal_notices_a_policy_that_misses_it() {
    let (file, policy) = read("goals.yaml");
    for (wrong, right, expected) in [
        (
            r#"{"level":"Metadata","resources""#,
            r#"{"level":"Request","resources""#,
            "secrets never with bodies",
        ),
        (
            r#"{"level":"Metadata","resources""#,
            r#"{"level":"None","resources""#,
            "access to secrets is recorded",
        ),
        (
            r#"{"level":"Metadata"}"#,
            r#"{"level":"None"}"#,
            "exec, attach and port forwarding are always recorded",
        ),
        (
            r#"{"level":"Metadata"}"#,
            r#"{"level":"Metadata","userGroups":["system:authenticated"]}"#,
            "failed authentication is recorded",
        ),
        (
            r#""users":["system:kube-proxy"]"#,
            r#""users":["kube-proxy"]"#,
            "kube-proxy never",
        ),
        (
            r#""group":"rbac.authorization.k8s.io""#,
            r#""group":"rbac""#,
            "changes of permissions with bodies",
        ),
        (r#""/livez*","#, "", "health checks never"),
        (
            r#"["RequestReceived"]"#,
            "[]",
            "exec is recorded when it ends",
        ),
    ] {
        assert!(policy.contains(wrong), "{wrong} in {policy}");
        let failed = failures(&file, &policy.replace(wrong, right));
        assert!(failed.contains(&expected), "{wrong}: {failed:?}");
    }
}

#[test]
fn no_small_change_of_a_policy_goes_unnoticed() {
    for name in ["goals.yaml", "production.yaml"] {
        let (file, policy) = read(name);
        let policy = accepted(&policy);
        let runner = Runner::new(&policy, KubernetesVersion::NEWEST);
        let survey = runner.survey(&file.tests);
        let unnoticed = survey.unnoticed.iter();
        let unnoticed: Vec<String> = unnoticed.map(|one| one.mutant.to_string()).collect();
        assert_eq!(unnoticed, [""; 0], "{name}");
        assert!(survey.noticed > 20 && survey.undecided.is_empty(), "{name}");
        assert_eq!(runner.unreached_rules(&file.tests).unwrap(), [], "{name}");

        // Without its cases about secrets, the suite notices less.
        let is_kept = |case: &&audit_tests::Case| !case.name.contains("secrets");
        let fewer: Vec<_> = file.tests.iter().filter(is_kept).cloned().collect();
        assert!(!runner.survey(&fewer).unnoticed.is_empty(), "{name}");
    }
}
