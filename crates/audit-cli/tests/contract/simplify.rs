//! `simplify`.

use crate::{BAD, Folder, GOOD};

const POLICY: &str = "# Who may see what.
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
# Proxies watch all day.
- level: None
  users: [\"system:kube-proxy\"]
  verbs:
  - watch
  - watch # twice
# Never a secret.
- level: Metadata
  resources:
  - group: \"\"
    resources: [secrets, configmaps, secrets]
- level: Metadata
# Never reached.
- level: Request
  verbs: [create]
";

#[test]
fn the_simpler_policy_keeps_comments() {
    let folder = Folder::new("simplify", &[("p.yaml", POLICY)]);
    let ran = folder.run(&["simplify", "p.yaml"]);
    assert_eq!(ran.status, 0);
    let expected = "# Who may see what.
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
# Proxies watch all day.
- level: None
  users: [\"system:kube-proxy\"]
  verbs:
  - watch
# Never a secret.
- level: Metadata
# Never reached.
";
    assert_eq!(ran.out, expected);
    assert_eq!(
        ran.err,
        "audit-policy: removed 2 rules of 4, and 1 value of others; every request is treated as before\n"
    );
    folder.write("simple.yaml", &ran.out);
    let equal = folder.run(&["diff", "--exit-code", "p.yaml", "simple.yaml"]);
    assert_eq!(equal.status, 0, "{}", equal.out);
    let again = folder.run(&["simplify", "simple.yaml"]);
    assert_eq!(again.out, expected);
}

#[test]
fn the_changes_are_a_diff() {
    let folder = Folder::new("simplify-diff", &[("p.yaml", POLICY)]);
    let ran = folder.run(&["simplify", "--diff", "p.yaml"]);
    assert!(
        ran.out.starts_with("--- p.yaml\n+++ p.yaml\n@@ "),
        "{}",
        ran.out
    );
    let removed: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("-  "))
        .collect();
    assert!(removed.contains(&"-  - watch # twice"), "{}", ran.out);
}

#[test]
fn one_rule_stays_and_rejected_policies_fail() {
    let none = GOOD.replace("Metadata", "None");
    let folder = Folder::new("simplify-one", &[("none.yaml", &none), ("bad.yaml", BAD)]);
    assert_eq!(folder.run(&["simplify", "none.yaml"]).out, none);
    assert_eq!(folder.run(&["simplify", "bad.yaml"]).status, 1);
}
