//! `check` and `check --fix` of policies that copying damaged.

use serde_json::{Value, json};

use crate::{Folder, GOOD, NESTED, keys};

const FLAT: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\nverbs: [“get”]\n- level: Metadata\n";
const INDENTED: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  verbs: [\"get\"]\n- level: Metadata\n";
/// `omitStages` is a part of the last rule or of the policy.
const UNCLEAR: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\nverbs: [get]\n- level: Metadata\nomitStages:\n- RequestReceived\n";

#[test]
fn a_damaged_policy_is_reported_with_its_repairs() {
    let folder = Folder::new("repair-report", &[("p.yaml", FLAT), ("good.yaml", GOOD)]);
    let ran = folder.run(&["check", "p.yaml"]);
    assert_eq!(ran.status, 1);
    let expected = "\nthis looks like a damaged paste: 2 repairs possible\n  line 5: replace 2 typographic quotes with straight quotes\n  \
                    line 5: indent `verbs` as a part of rule 1\n  = help: `--fix` repairs it, `--fix --diff` shows the changes first\n";
    assert!(ran.out.ends_with(expected), "{}", ran.out);

    let repair = &folder
        .run(&["check", "--format", "json", "p.yaml"])
        .object()["repair"];
    assert_eq!(
        keys(repair),
        ["outcome", "understood", "changes", "questions"]
    );
    assert_eq!(repair["outcome"], "repaired");
    let change = json!({ "kind": "indentation", "firstLine": 5, "lastLine": 5, "message": "indent `verbs` as a part of rule 1" });
    assert_eq!(repair["changes"][1], change);

    // Without damage, nothing is reported.
    let good = folder
        .run(&["check", "--format", "json", "good.yaml"])
        .object();
    assert_eq!(good["repair"], Value::Null);
    assert!(!folder.run(&["check", "good.yaml"]).out.contains("paste"));
}

#[test]
fn fix_repairs_and_says_what_it_changed() {
    let folder = Folder::new("repair-fix", &[("p.yaml", FLAT)]);
    let ran = folder.run(&["check", "--fix", "p.yaml"]);
    let expected = "audit-policy: p.yaml:5: repaired: replace 2 typographic quotes with straight quotes\n\
                    audit-policy: p.yaml:5: repaired: indent `verbs` as a part of rule 1\n";
    assert_eq!((ran.status, ran.err.as_str()), (0, expected));
    assert_eq!(folder.read("p.yaml"), INDENTED);
    assert_eq!(folder.run(&["check", "--fix", "p.yaml"]).err, "");

    let ran = folder.run_on(FLAT, &["check", "--fix", "-"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, INDENTED));

    // Fixes come after repairs.
    let both = NESTED.replace("- level: M", "– level: M");
    let ran = folder.run_on(&both, &["check", "--fix", "-"]);
    assert!(ran.out.contains("\n  verbs: [create]\n"), "{}", ran.out);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert!(
        lines[0].contains(": repaired: ") && lines[1].contains(": fixed: "),
        "{lines:?}"
    );
}

#[test]
fn diff_shows_the_changes_and_writes_nothing() {
    let folder = Folder::new("repair-diff", &[("p.yaml", FLAT), ("good.yaml", GOOD)]);
    let ran = folder.run(&["check", "--fix", "--diff", "p.yaml", "good.yaml"]);
    let expected = "--- p.yaml\n+++ p.yaml\n@@ -2,5 +2,5 @@\n kind: Policy\n rules:\n - level: None\n-verbs: [“get”]\n+  verbs: [\"get\"]\n - level: Metadata\n";
    assert_eq!((ran.status, ran.out.as_str()), (0, expected));
    assert_eq!(folder.read("p.yaml"), FLAT);
    assert_eq!(folder.run(&["check", "--diff", "p.yaml"]).status, 2);
}

#[test]
fn what_has_two_readings_is_listed_and_stays() {
    let folder = Folder::new("repair-unclear", &[("p.yaml", UNCLEAR)]);
    let report = folder
        .run(&["check", "--format", "json", "p.yaml"])
        .object();
    let question = &report["repair"]["questions"][0];
    assert_eq!(question["line"], 7);
    let readings = json!([
        { "label": "a part of rule 2", "text": "  omitStages:", "asPrinted": false },
        { "label": "a part of the policy, for all rules", "text": "omitStages:", "asPrinted": true },
    ]);
    assert_eq!(question["readings"], readings);

    let ran = folder.run(&["check", "--fix", "p.yaml"]);
    let line = "audit-policy: p.yaml:7: not repaired: the indentation that says what `omitStages` is a part of is lost; \
                it can be a part of rule 2, or a part of the policy, for all rules: edit the line to decide";
    assert_eq!(ran.err.lines().nth(1), Some(line), "{}", ran.err);
    assert_eq!(
        folder.read("p.yaml"),
        UNCLEAR.replace("\nverbs", "\n  verbs")
    );
}

#[test]
fn a_policy_inside_a_document_is_repaired_in_its_place() {
    for (name, before, after) in [
        (
            "readme.md",
            "Save this:\n\n```yaml\n",
            "```\n\nThen restart.\n",
        ),
        (
            "write.sh",
            "#!/bin/sh\ncat <<EOF > /etc/p.yaml\n",
            "EOF\nsystemctl restart kubelet\n",
        ),
    ] {
        let text = |policy: &str| format!("{before}{policy}{after}");
        let folder = Folder::new("repair-document", &[(name, &text(FLAT))]);
        let line = before.matches('\n').count() + 5;
        let report = folder.run(&["check", "--format", "json", name]).object();
        assert_eq!(report["repair"]["changes"][1]["firstLine"], line);
        let ran = folder.run(&["check", "--fix", name]);
        let expected = format!("audit-policy: {name}:{line}: repaired: ");
        assert!(ran.err.starts_with(&expected), "{}", ran.err);
        assert_eq!((ran.status, folder.read(name)), (0, text(INDENTED)));
    }
}

#[test]
fn too_much_damage_is_described() {
    let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\nverbs: [get\n- level: Metadata\n";
    let folder = Folder::new("repair-too-much", &[("p.yaml", text)]);
    let ran = folder.run(&["check", "p.yaml"]);
    let expected = "this looks like a damaged paste: found 2 rules; line 5 could not be placed\n  line 5: a bracket or a quote is not closed\n";
    assert!(ran.out.ends_with(expected), "{}", ran.out);
    let ran = folder.run(&["check", "--fix", "p.yaml"]);
    assert_eq!(
        ran.err,
        "audit-policy: p.yaml:5: not repaired: a bracket or a quote is not closed\n"
    );
    assert_eq!((ran.status, folder.read("p.yaml")), (1, text.to_owned()));
}
