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
        "audit-policy: removed 2 rules of 4, and 1 value of others; every request is treated as before\n\
         audit-policy: rule 4 could never match: rule 3 matched all its requests first, with another effect. \
         If it should count, move it above rule 3 instead of removing it\n"
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

#[test]
fn rules_next_to_each_other_become_one() {
    let policy = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
# Controllers.
- level: None
  users: [\"system:kube-scheduler\"] # often
  verbs: [get, list]
- level: None
  users: [\"system:kube-controller-manager\"]
  verbs: [get, list]
# Objects with secrets in them.
- level: Metadata
  resources:
  - group: \"\"
    resources:
    - secrets
  - group: apps
    resources: [deployments]

  # And their
  # tokens.
- level: Metadata
  resources:
    - group: \"\"
      resources:
      - configmaps
      - serviceaccounts/token
    - group: batch
      resources:
      - jobs
- level: Request
";
    let folder = Folder::new("simplify-merge", &[("p.yaml", policy)]);
    let ran = folder.run(&["simplify", "p.yaml"]);
    let expected = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
# Controllers.
- level: None
  users: [\"system:kube-scheduler\", \"system:kube-controller-manager\"] # often
  verbs: [get, list]
# Objects with secrets in them.
- level: Metadata
  resources:
  - group: \"\"
    resources:
    - secrets
    - configmaps
    - serviceaccounts/token
  - group: apps
    resources: [deployments]
  # And their
  # tokens.
  - group: batch
    resources:
    - jobs

- level: Request
";
    assert_eq!(ran.out, expected, "{}", ran.err);
    assert_eq!(
        ran.err,
        "audit-policy: added 2 rules of 5 to the rule before; every request is treated as before\n"
    );
    folder.write("simple.yaml", &ran.out);
    let equal = folder.run(&["diff", "--exit-code", "p.yaml", "simple.yaml"]);
    assert_eq!(equal.status, 0, "{}", equal.out);
}

#[test]
fn a_rule_with_a_comment_inside_stays() {
    let policy = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: [a]
- level: None
  # On holiday.
  users: [b]
- level: Request
";
    let folder = Folder::new("simplify-comment", &[("p.yaml", policy)]);
    let ran = folder.run(&["simplify", "p.yaml"]);
    assert_eq!(ran.out, policy);
    let note = "rule 1 and rule 2 of the simpler policy differ in one list only";
    assert!(ran.err.contains(note), "{}", ran.err);
}

#[test]
fn a_policy_inside_a_document_is_changed_in_its_place() {
    let document = "apiVersion: v1
kind: ConfigMap
metadata:
  name: audit # ours
data:
  policy.yaml: |
    apiVersion: audit.k8s.io/v1
    kind: Policy
    rules:
    # Watches.
    - level: None
      users: [a]
      verbs:
      - watch
    - level: None
      users: [b]
      verbs:
      - watch
    - level: Metadata
    - level: Request
  other: |
    - level: Request
";
    let folder = Folder::new("simplify-document", &[("map.yaml", document)]);
    let ran = folder.run(&["simplify", "map.yaml"]);
    let expected = document
        .replace("[a]", "[a, b]")
        .replace(
            "    - level: None\n      users: [b]\n      verbs:\n      - watch\n",
            "",
        )
        .replacen("    - level: Request\n", "", 1);
    assert_eq!(ran.out, expected, "{}", ran.err);
    let diff = folder.run(&["simplify", "--diff", "map.yaml"]).out;
    assert!(diff.contains("\n+      users: [a, b]\n"), "{diff}");
    assert!(!diff.contains("ours"), "{diff}");

    // A text in quotes has no lines to remove.
    let quoted = "apiVersion: v1\nkind: ConfigMap\ndata:\n  p: \"apiVersion: audit.k8s.io/v1\\nkind: Policy\\nrules:\\n- level: Metadata\\n- level: Request\\n\"\n";
    folder.write("quoted.yaml", quoted);
    let ran = folder.run(&["simplify", "quoted.yaml"]);
    assert_eq!(
        ran.out,
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n"
    );
    assert!(
        ran.err.contains("printed without the document"),
        "{}",
        ran.err
    );
}
