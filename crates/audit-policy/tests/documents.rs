//! Files with more than one document: the server reads the first one, so the rest is reported.

use audit_policy::{Diagnostic, KubernetesVersion, Loaded, Severity, load};

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n";
const OTHER: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";

fn read(text: &str) -> (Loaded, Vec<Diagnostic>) {
    let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
    let found = loaded.findings.iter().filter(|one| one.code == "AP007");
    let found = found.cloned().collect();
    (loaded, found)
}

/// The first line that each finding marks, its severity, and whether a fix is offered.
fn marks(text: &str) -> Vec<(String, Severity, bool)> {
    let (loaded, found) = read(text);
    let mark = |one: &Diagnostic| {
        let covered = loaded
            .text
            .get(one.span().unwrap_or_default().start..one.span().unwrap_or_default().end);
        (
            covered.unwrap_or_default().to_owned(),
            one.severity,
            one.fix.is_some(),
        )
    };
    found.iter().map(mark).collect()
}

#[test]
fn what_follows_the_first_document_is_reported_where_it_starts() {
    let warning = |mark: &str| (mark.to_owned(), Severity::Warning, false);
    for (text, wanted) in [
        (POLICY.to_owned(), vec![]),
        (format!("---\n{POLICY}"), vec![]),
        (format!("# c\n---\n{POLICY}..."), vec![]),
        // Nothing follows.
        (format!("{POLICY}---\n"), vec![]),
        (format!("{POLICY}---\n# only a comment\n---\n\n...\n"), vec![]),
        (format!("{POLICY}--- # c\n~\n---\nnull\n"), vec![]),
        (format!("{POLICY}...\n%YAML 1.1\n---\n"), vec![]),
        // Something does.
        (format!("{POLICY}---\n{POLICY}"), vec![warning("---")]),
        (format!("{POLICY}--- # c\n{OTHER}"), vec![warning("--- # c")]),
        (format!("{POLICY}...\n{OTHER}"), vec![warning("...")]),
        (format!("{POLICY}...\n---\n{OTHER}"), vec![warning("---")]),
        (format!("{POLICY}---\n- [\n---\nx\n"), vec![warning("---"), warning("---")]),
        (format!("{POLICY}--- x"), vec![warning("--- x")]),
        (format!("{POLICY}---\n{OTHER}").replace('\n', "\r\n"), vec![warning("---")]),
        (format!("{POLICY}---\n{OTHER}").replace('\n', "\u{85}"), vec![warning("---")]),
        // A bracket ends the document as well.
        (
            "--- {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}\nomitStages: [Panic]\n".to_owned(),
            vec![warning("omitStages: [Panic]")],
        ),
    ] {
        assert_eq!(marks(&text), wanted, "{text}");
        let (loaded, found) = read(&text);
        assert!(loaded.policy.is_some(), "{text}");
        assert_eq!(loaded.ignored_documents.len(), found.len());
    }
}

#[test]
fn a_policy_behind_something_else_is_found_and_moved_to_the_front() {
    for first in [
        "---\n",
        "\u{feff}---\n# c\n",
        OTHER,
        "null\n",
        "- a\n- b\n",
        "just text\n",
        // Rejected as a text, and as JSON.
        "a: [\n",
        "\tx: 1\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\"}\n",
    ] {
        for last in ["", "---\n# end\n"] {
            let text = format!("{first}---\n{POLICY}{last}");
            let (loaded, found) = read(&text);
            assert!(loaded.error.is_some(), "{text}");
            assert_eq!(marks(&text), [("---".to_owned(), Severity::Error, true)]);
            let [document] = loaded.ignored_documents.as_slice() else {
                assert_eq!(loaded.ignored_documents.len(), 1, "{text}");
                continue;
            };
            assert!(document.is_policy);
            let part = text.get(document.span.start..document.span.end);
            assert_eq!(part, Some(format!("---\n{POLICY}").as_str()));

            let mut fixed = text.clone();
            for edit in found
                .iter()
                .filter_map(|one| one.fix.as_ref())
                .flat_map(|fix| fix.edits.iter().rev())
            {
                fixed.replace_range(edit.span.start..edit.span.end, &edit.text);
            }
            let (loaded, left) = read(&fixed);
            assert!(loaded.policy.is_some(), "{fixed}");
            // What came first is still there.
            assert!(
                fixed.contains(first.trim_start_matches('\u{feff}')),
                "{fixed}"
            );
            assert!(left.iter().all(|one| one.fix.is_none()), "{fixed}");
        }
    }
}

#[test]
fn a_fix_is_offered_only_where_one_policy_can_be_meant() {
    let two = format!("{OTHER}---\n{POLICY}---\n{POLICY}");
    let error = ("---".to_owned(), Severity::Error, false);
    assert_eq!(marks(&two), [error.clone(), error]);
    // Of a file without a last line end, the lines stay apart.
    let text = format!("{OTHER}---\n{}", POLICY.trim_end());
    let (_, found) = read(&text);
    let moved = found.first().and_then(|one| one.fix.as_ref());
    let moved = moved
        .and_then(|fix| fix.edits.first())
        .map(|edit| edit.text.as_str());
    assert_eq!(moved, Some(format!("---\n{POLICY}---\n").as_str()));
}

#[test]
fn rules_in_a_later_document_are_the_only_finding() {
    let head = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
    let rules = "rules:\n- level: None\n";
    let is_policy = "the policy is not in the first document: kube-apiserver reads only that one";
    let is_rules = "the rules are not in the first document: kube-apiserver reads only that one";
    let front = "move it to the front, or keep only this document";
    let rest = "move its rules to the first policy, or move it to a separate file";
    let join = "remove this line, so that both documents are one";
    // The text, and its findings with help and the title of the fix.
    for (text, message, help, fix) in [
        (
            format!("---\n# c\n---\n{POLICY}"),
            is_policy,
            front,
            "move the policy to the front",
        ),
        (
            format!("{OTHER}---\n{POLICY}"),
            is_policy,
            front,
            "move the policy to the front",
        ),
        (
            format!("- a\n---\n{POLICY}"),
            is_policy,
            front,
            "move the policy to the front",
        ),
        (
            format!("a: 1\n---\n{POLICY}"),
            is_policy,
            front,
            "move the policy to the front",
        ),
        (
            format!("{head}rules: []\n---\n{POLICY}"),
            is_rules,
            front,
            "move the policy to the front",
        ),
        (
            format!("{head}---\n{rules}"),
            is_rules,
            join,
            "join the documents",
        ),
        (
            format!("{head}---\r\n{rules}"),
            is_rules,
            join,
            "join the documents",
        ),
        (
            format!("{head}---\n{rules}omitStages: [Panic]\n"),
            is_rules,
            join,
            "join the documents",
        ),
        // A comment would be lost, another marker would still be there, and a key would be there twice.
        (format!("{head}--- # c\n{rules}"), is_rules, join, ""),
        (format!("{head}---\n# c\n---\n{rules}"), is_rules, join, ""),
        (
            format!("{head}omitStages: []\n---\nomitStages: []\n{rules}"),
            is_rules,
            rest,
            "",
        ),
    ] {
        let (loaded, _) = read(&text);
        assert!(loaded.error.is_some(), "{text}");
        let found: Vec<_> = loaded
            .findings
            .iter()
            .map(|one| {
                let fix = one.fix.as_ref().map_or("", |fix| fix.title.as_str());
                (
                    &*one.code,
                    one.severity,
                    one.message.as_str(),
                    one.help.as_str(),
                    fix,
                )
            })
            .collect();
        assert_eq!(
            found,
            [("AP007", Severity::Error, message, help, fix)],
            "{text}"
        );
    }
    let (loaded, found) = read(&format!("{head}---\n{rules}"));
    let fix = found.first().and_then(|one| one.fix.as_ref());
    let edits: Vec<_> = fix.iter().flat_map(|fix| &fix.edits).collect();
    let spans: Vec<_> = edits
        .iter()
        .map(|edit| &loaded.text[edit.span.start..edit.span.end])
        .collect();
    assert_eq!(spans, ["---\n"]);
}

#[test]
fn a_first_document_with_rules_keeps_its_findings() {
    let codes = |text: &str| -> Vec<String> {
        let (loaded, _) = read(text);
        loaded
            .findings
            .iter()
            .map(|one| one.code.to_string())
            .collect()
    };
    let misnamed = POLICY.replace("Policy", "AuditPolicy");
    assert_eq!(
        codes(&format!("{misnamed}---\n{POLICY}")),
        ["AP003", "AP007"]
    );
    // Nothing that could be meant follows.
    assert_eq!(
        codes(&format!(
            "apiVersion: audit.k8s.io/v1\nkind: Policy\n---\n{OTHER}"
        )),
        ["AP004", "AP007"]
    );
    assert_eq!(codes(&format!("{OTHER}---\n{OTHER}")), ["AP003", "AP007"]);
}

#[test]
fn each_policy_of_several_has_its_number() {
    let ignored = "is ignored: kube-apiserver reads only the first document";
    let later = "is not in the first document: kube-apiserver reads only that one";
    for (text, wanted) in [
        (
            format!("{POLICY}---\n{POLICY}"),
            vec![format!("policy 2 of 2 {ignored}")],
        ),
        (
            format!("{POLICY}---\n{OTHER}---\n{POLICY}---\n{POLICY}"),
            vec![
                format!("this document {ignored}"),
                format!("policy 2 of 3 {ignored}"),
                format!("policy 3 of 3 {ignored}"),
            ],
        ),
        (
            format!("{OTHER}---\n{POLICY}"),
            vec![format!("the policy {later}")],
        ),
        (
            format!("{OTHER}---\n{POLICY}---\n{POLICY}"),
            vec![
                format!("policy 1 of 2 {later}"),
                format!("policy 2 of 2 {later}"),
            ],
        ),
    ] {
        let (_, found) = read(&text);
        let found: Vec<_> = found.into_iter().map(|one| one.message).collect();
        assert_eq!(found, wanted, "{text}");
    }
}
