//! Comments that take findings away: `# audit-policy: ignore[AP030] reason`.

use serde_json::{Value, json};

use crate::{Folder, finding_codes};

/// A policy that logs every request twice, with a comment above `rules:`.
fn policy(comment: &str) -> String {
    format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{comment}rules:\n- level: Metadata\n")
}

/// Two verbs that are misspelt: the fix is certain.
const MISSPELT: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  verbs: [watchs] # audit-policy: ignore[AP028] kept for the test\n- level: Metadata\n  verbs: [lists]\n- level: Metadata\n";

#[test]
fn an_ignored_finding_is_listed_apart_and_does_not_count() {
    let text = policy("# audit-policy: ignore[AP030] needed after a crash\n");
    let folder = Folder::new("ignores", &[("p.yaml", &text), ("q.yaml", &policy(""))]);
    let fail = ["check", "--fail-on", "info"];
    assert_eq!(folder.run(&[&fail[..], &["q.yaml"]].concat()).status, 1);
    let ran = folder.run(&[&fail[..], &["--format", "json", "p.yaml"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.out);
    let report = ran.object();
    assert_eq!(finding_codes(&report), [""; 0]);
    let ignored = &report["ignored"][0];
    assert_eq!(ignored["code"], "AP030");
    assert_eq!(ignored["line"], 3);
    assert_eq!(ignored["reason"], "needed after a crash");
    let ran = folder.run(&["check", "p.yaml"]);
    let line = "\nignored[AP030] by line 3: needed after a crash\n";
    assert!(ran.out.contains(line), "{}", ran.out);
    for format in ["github", "junit"] {
        let ran = folder.run(&["check", "--format", format, "p.yaml"]);
        assert!(!ran.out.contains("AP030"), "{format}: {}", ran.out);
    }
}

#[test]
fn sarif_has_it_as_suppressed() {
    let text = policy("# audit-policy: ignore[AP030] needed after a crash\n");
    let folder = Folder::new("ignores-sarif", &[("p.yaml", &text)]);
    let log = folder.run(&["check", "--format", "sarif", "p.yaml"]);
    let log: Value = serde_json::from_str(&log.out).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["ruleId"], "AP030");
    let expected = json!([{"kind": "inSource", "justification": "needed after a crash"}]);
    assert_eq!(results[0]["suppressions"], expected);
}

#[test]
fn a_comment_without_effect_or_reason_is_a_finding() {
    for (comment, code, message) in [
        (
            "# audit-policy: ignore[AP030]\n",
            "AP047",
            "the ignored finding has no reason",
        ),
        (
            "# audit-policy: ignore[AP030, AP020] why\n",
            "AP046",
            "the comment ignores nothing: there is no finding `AP020` here",
        ),
        (
            "omitStages: [RequestReceived] # audit-policy: ignore[AP020] why\n",
            "AP046",
            "the comment ignores nothing: there is no finding `AP020` here",
        ),
        (
            "omitStages: [RequestReceived] # audit-policy: ignore why\n",
            "AP046",
            "the comment ignores nothing: it names no code",
        ),
        (
            "omitStages: [RequestReceived] # audit-policy: ignore[AP1] why\n",
            "AP046",
            "`AP1` is not the code of a finding",
        ),
    ] {
        let folder = Folder::new("ignores-wrong", &[("p.yaml", &policy(comment))]);
        let report = folder
            .run(&["check", "--format", "json", "p.yaml"])
            .object();
        assert_eq!(finding_codes(&report), [code], "{comment}");
        assert_eq!(report["findings"][0]["message"], message, "{comment}");
    }
}

#[test]
fn a_rejection_is_never_ignored() {
    let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Loud # audit-policy: ignore[AP001, AP002, AP003, AP004, AP005] why\n";
    let folder = Folder::new("ignores-rejected", &[("p.yaml", text)]);
    let ran = folder.run(&["check", "--format", "json", "p.yaml"]);
    assert_eq!(ran.status, 1);
    let report = ran.object();
    assert_eq!(report["accepted"], false);
    assert_eq!(report.get("ignored"), None);
    let messages: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["message"].as_str().unwrap())
        .collect();
    assert!(
        messages
            .iter()
            .any(|message| message.ends_with("is not ignored: it is an error here")),
        "{messages:?}"
    );
}

#[test]
fn fix_leaves_alone_what_is_ignored() {
    let folder = Folder::new("ignores-fix", &[("p.yaml", MISSPELT)]);
    let ran = folder.run(&["check", "--fix", "p.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.out);
    let fixed = MISSPELT.replace("[lists]", "[list]");
    assert_eq!(folder.read("p.yaml"), fixed);
}

#[test]
fn a_comment_inside_a_document_counts_by_its_line() {
    let inner = policy("# audit-policy: ignore[AP030] needed after a crash\n");
    let inner: String = inner.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: audit\ndata:\n  policy.yaml: |\n{inner}"
    );
    let folder = Folder::new("ignores-document", &[("c.yaml", &text)]);
    let report = folder
        .run(&["check", "--format", "json", "c.yaml"])
        .object();
    assert!(!finding_codes(&report).contains(&"AP030"), "{report}");
    assert_eq!(report["ignored"][0]["line"], 9);
}

#[test]
fn text_in_strings_ignores_nothing() {
    let rules = "rules:\n- level: RequestResponse\n";
    for annotation in [
        "    doc: |\n      # audit-policy: ignore[AP025] why\n",
        "    doc: \"one\n      # audit-policy: ignore[AP025] why\n      two\"\n",
    ] {
        let policy = format!(
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata:\n  annotations:\n{annotation}{rules}"
        );
        let folder = Folder::new("ignore-strings", &[("p.yaml", &policy)]);
        let ran = folder.run(&["check", "--strict", "--format", "json", "p.yaml"]);
        let report = ran.object();
        let codes = report["findings"].as_array().unwrap().iter();
        let codes: Vec<_> = codes
            .map(|finding| finding["code"].as_str().unwrap())
            .collect();
        assert!(
            codes.contains(&"AP025") && !codes.contains(&"AP046"),
            "{codes:?}"
        );
        assert_eq!((ran.status, report.get("ignored")), (1, None));
    }
}
