//! Policies inside other documents in the editor.

use super::*;
use playground_protocol::PolicyReport;

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\ndata:\n  policy: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: Metadata\n      verb: [get]\n";

/// Loads a text, and returns its report.
fn load(session: &mut Session, text: &str, part: usize) -> PolicyReport {
    let message = ToWorker::Policy {
        generation: 1,
        text: text.to_owned(),
        version: KubernetesVersion::NEWEST,
        part,
    };
    let messages = session.handle_message(message);
    let report = messages.into_iter().find_map(|message| match message {
        ToPage::Policy(report) => Some(report),
        _ => None,
    });
    report.unwrap()
}

fn codes(report: &PolicyReport) -> Vec<&str> {
    let findings = report.findings.iter();
    findings.map(|found| &*found.finding.code).collect()
}

#[test]
fn a_policy_in_a_config_map_has_positions_of_the_whole_text() {
    let mut session = Session::default();
    let report = load(&mut session, CONFIG_MAP, 0);
    assert!(report.accepted);
    let document = report.document.as_ref().unwrap();
    assert_eq!(document.title, "a ConfigMap");
    assert_eq!(document.policies, ["data.policy"]);
    let rule = &report.rules[0];
    assert!(CONFIG_MAP[rule.from..rule.to].starts_with("level: Metadata"));
    let misspelled = report
        .findings
        .iter()
        .find(|found| found.finding.code == "AP013");
    let misspelled = misspelled.unwrap();
    assert_eq!(misspelled.line, 9);
    let span = misspelled.finding.span().unwrap();
    assert_eq!(&CONFIG_MAP[span.start..span.end], "verb");
    // The exports have the policy, not the ConfigMap.
    assert!(
        session
            .policy
            .text
            .starts_with("apiVersion: audit.k8s.io/v1\n")
    );
}

#[test]
fn a_fix_is_an_edit_of_the_whole_text() {
    let mut session = Session::default();
    let report = load(&mut session, CONFIG_MAP, 0);
    let fix = report
        .findings
        .iter()
        .find_map(|found| found.finding.fix.clone());
    let mut fixed = CONFIG_MAP.to_owned();
    for edit in fix.unwrap().edits.iter().rev() {
        fixed.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    assert_eq!(fixed, CONFIG_MAP.replace("verb:", "verbs:"));
}

#[test]
fn one_of_several_policies_is_loaded() {
    let policy = |level: &str| {
        format!(
            "    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: {level}\n"
        )
    };
    let text = format!(
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  two: |\n{}  one: |\n{}",
        policy("None"),
        policy("Request")
    );
    let mut session = Session::default();
    for (part, level) in [(0, "None"), (1, "Request"), (7, "Request")] {
        let report = load(&mut session, &text, part);
        assert_eq!(report.document.unwrap().policies, ["data.two", "data.one"]);
        assert_eq!(report.rules[0].level.to_string(), level, "{part}");
    }
}

#[test]
fn a_document_without_a_policy_says_what_it_is() {
    let text = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  kubeAPIServer:\n    auditPolicyFile: /srv/audit.yaml\n";
    let report = load(&mut Session::default(), text, 0);
    assert!(!report.accepted);
    assert_eq!(
        (report.error.as_deref(), codes(&report)),
        // Nothing says where the log goes.
        (None, vec!["AE008", "AP050"])
    );
    let document = report.document.unwrap();
    assert_eq!(document.title, "a kOps cluster");
    assert!(document.policies.is_empty() && document.has_settings);
}

#[test]
fn settings_around_a_policy_are_checked_with_it() {
    // The policy is not mounted, and the age is not a number; the log is not mounted, which is a warning.
    let text = "apiVersion: v1
kind: ConfigMap
metadata: {name: audit}
data:
  policy.yaml: |
    apiVersion: audit.k8s.io/v1
    kind: Policy
    omitStages: [RequestReceived]
    rules:
    - level: Metadata
---
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
  - name: kube-apiserver
    command: [kube-apiserver, --audit-policy-file=/etc/kubernetes/policy.yaml, --audit-log-path=/var/log/a.log, --audit-log-maxage=seven]
";
    let report = load(&mut Session::default(), text, 0);
    assert!(report.accepted);
    assert_eq!(report.document.as_ref().unwrap().settings_errors, 2);
    let mut found = codes(&report);
    found.sort_unstable();
    assert_eq!(found, ["AE011", "AE011", "AE016"]);
    assert!(report.findings.iter().all(|finding| finding.line == 18));
}

#[test]
fn a_template_is_not_an_error_of_yaml() {
    let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{{- range .Values.users }}\n- level: None\n  users: [\"{{ . }}\"]\n{{- end }}\n- level: Metadata\n";
    let report = load(&mut Session::default(), text, 0);
    assert!(!report.accepted);
    assert_eq!(
        (report.error.as_deref(), codes(&report)),
        (None, vec!["AP051"])
    );
}

#[test]
fn a_policy_that_is_rejected_is_not_taken_for_a_document() {
    let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Loud\n";
    let report = load(&mut Session::default(), text, 0);
    assert!(!report.accepted && report.error.is_some());
    assert_eq!(report.document, None);
}

#[test]
fn a_comment_takes_a_finding_away() {
    let mut session = Session::default();
    let ignored = |comment: &str| {
        CONFIG_MAP.replace("verb: [get]\n", &["verb: [get] ", comment, "\n"].concat())
    };
    let report = load(&mut session, &ignored(""), 0);
    assert!(codes(&report).contains(&"AP013"), "{:?}", codes(&report));
    let text = ignored("# audit-policy: ignore[AP013] a test");
    assert!(!codes(&load(&mut session, &text, 0)).contains(&"AP013"));
    // The policy itself, and a comment without effect.
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: # audit-policy: ignore[AP030, AP020] a test\n- level: Metadata\n";
    assert_eq!(codes(&load(&mut session, policy, 0)), ["AP046"]);
}
