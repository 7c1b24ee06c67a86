//! Commands that apply a policy, with a policy inside another document: each finds the one that `check` finds.

use serde_json::Value;

use crate::{BAD, BAD_LEVEL, Folder, GOOD};

/// An event that a policy with `level: Metadata` for everyone writes.
const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"ann","groups":["system:authenticated"]},"objectRef":{"resource":"pods","apiVersion":"v1"},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.000000Z"}
"#;

/// A request of the event's user.
const REQUEST: &str = r#"{"user":"ann","groups":["system:authenticated"],"verb":"list","apiGroup":"","resource":"pods","path":"/api/v1/pods","isResourceRequest":true}
"#;

/// Documents that contain [`GOOD`] where `@N` is, indented by N spaces; their policy is in the line that follows.
const DOCUMENTS: [(&str, &str); 15] = [
    (
        "a ConfigMap",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  policy: |\n@4",
    ),
    (
        "a Secret",
        "apiVersion: v1\nkind: Secret\nstringData:\n  policy: |\n@4",
    ),
    (
        "a kOps cluster",
        "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  fileAssets:\n  - name: p\n    path: /p.yaml\n    content: |\n@6",
    ),
    (
        "kubespray's variables",
        "kubernetes_audit: true\naudit_policy_custom_rules: |\n  - level: Metadata\n",
    ),
    (
        "RKE1's cluster.yml",
        "services:\n  kube-api:\n    audit_log:\n      configuration:\n        policy:\n@10",
    ),
    (
        "Rancher",
        "apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nspec:\n  rkeConfig:\n    machineGlobalConfig:\n      audit-policy-file: |\n@8",
    ),
    ("Talos", "cluster:\n  apiServer:\n    auditPolicy:\n@6"),
    (
        "Talos' own document",
        "apiVersion: v1alpha1\nkind: KubeAuditPolicyConfig\nconfiguration:\n@2",
    ),
    (
        "k0rdent",
        "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuditPolicy\nspec:\n  policy:\n@4",
    ),
    (
        "Cluster API",
        "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nspec:\n  kubeadmConfigSpec:\n    files:\n    - path: /p.yaml\n      content: |\n@8",
    ),
    (
        "cloud-init",
        "#cloud-config\nwrite_files:\n- path: /p.yaml\n  content: |\n@4",
    ),
    ("values of Helm", "replicas: 1\nauditPolicy: |\n@2"),
    ("Terraform", "locals {\n  policy = <<-EOT\n@4  EOT\n}\n"),
    (
        "Ansible",
        "- hosts: all\n  tasks:\n  - copy:\n      dest: /p.yaml\n      content: |\n@8",
    ),
    (
        "a script",
        "#!/bin/sh\nset -e\ncat > /p.yaml <<'EOF'\n@0EOF\n",
    ),
];

/// Puts a policy into a document.
fn document(template: &str, policy: &str) -> String {
    let Some((before, rest)) = template.split_once('@') else {
        return template.to_owned();
    };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let margin = " ".repeat(rest[..digits].parse().unwrap());
    let lines: String = policy
        .lines()
        .map(|line| format!("{margin}{line}\n"))
        .collect();
    format!("{before}{lines}{}", &rest[digits..])
}

/// A ConfigMap with a policy in its fifth line.
fn config_map(policy: &str) -> String {
    document(DOCUMENTS[0].1, policy)
}

#[test]
fn every_command_finds_the_policy_that_check_finds() {
    for (index, (what, template)) in DOCUMENTS.iter().enumerate() {
        let text = document(template, GOOD);
        let folder = Folder::new(
            &format!("policy-inside-{index}"),
            &[("d.yaml", &text), ("log", EVENT), ("requests", REQUEST)],
        );
        let checked = folder.run(&["check", "--format", "json", "d.yaml"]);
        assert_eq!(checked.status, 0, "{what}: {}", checked.out);
        assert_eq!(checked.object()["accepted"], true, "{what}");

        let ran = folder.run(&["evaluate", "--policy", "d.yaml", "requests"]);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{what}");
        assert_eq!(ran.object()["level"], "Metadata", "{what}");

        let words = ["simulate", "--policy", "d.yaml", "--format", "json", "log"];
        let ran = folder.run(&words);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{what}");
        assert_eq!(ran.object()["outcome"], "written", "{what}");

        let ran = folder.run(&["verify", "--policy", "d.yaml", "log"]);
        assert_eq!(ran.status, 0, "{what}: {}{}", ran.out, ran.err);

        let words = ["estimate", "--policy", "d.yaml", "--format", "json", "log"];
        let ran = folder.run(&words);
        assert_eq!(ran.status, 0, "{what}: {}", ran.err);

        let words = ["export", "--policy", "d.yaml", "--target", "policy"];
        let ran = folder.run(&words);
        assert_eq!(ran.status, 0, "{what}: {}", ran.err);
        assert!(ran.out.contains("- level: Metadata"), "{what}: {}", ran.out);
        for other in ["kops.k8s.io", "cluster:", "write_files", "EOT", "copy:"] {
            assert!(!ran.out.contains(other), "{what}: {}", ran.out);
        }
    }
}

#[test]
fn the_settings_have_the_policy_alone() {
    let folder = Folder::new("policy-inside-text", &[("cm.yaml", &config_map(GOOD))]);
    let words = ["export", "--policy", "cm.yaml", "--format", "json"];
    let report = folder.run(&words).object();
    assert_eq!(report["settings"]["policy"], GOOD);
}

/// Runs every command that applies a policy, and returns status and standard error of each.
fn run_all(folder: &Folder, file: &str) -> Vec<(i32, String)> {
    let calls = [
        vec!["evaluate", "--policy", file, "requests"],
        vec!["simulate", "--policy", file, "log"],
        vec!["verify", "--policy", file, "log"],
        vec!["estimate", "--policy", file, "log"],
        vec![
            "estimate",
            "--policy",
            "good.yaml",
            "--baseline",
            file,
            "log",
        ],
    ];
    let ran = calls.iter().map(|words| folder.run(words));
    ran.map(|ran| (ran.status, ran.err)).collect()
}

#[test]
fn a_document_without_a_usable_policy_is_named() {
    let two = format!("{}---\n{}", config_map(GOOD), config_map(GOOD));
    let helm = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{{- range .Values.users }}\n- level: None\n  users: [\"{{ . }}\"]\n{{- end }}\n- level: Metadata\n";
    let sink = "apiVersion: auditregistration.k8s.io/v1alpha1\nkind: AuditSink\nspec:\n  policy: {level: Metadata}\n";
    let shoot = "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nspec:\n  kubernetes:\n    kubeAPIServer:\n      auditConfig:\n        auditPolicy:\n          configMapRef: {name: p}\n";
    // The level is in the eighth line of the file and in the fourth of the policy, which starts in column 5.
    let rejected = config_map(BAD);
    let broken = config_map(
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n omitStages: [RequestReceived]\n",
    );
    let cases = [
        ("two.yaml", two.as_str(), 2, "audit-policy: `two.yaml` contains 2 policies: `data.policy` of a ConfigMap in line 4, `data.policy` of a ConfigMap in line 13 (save the one to use as a file of its own)\n".to_owned()),
        ("none.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n", 1, "audit-policy: none.yaml:1:1: not a policy: this is a ConfigMap without a policy (no key of `data` contains a policy: use the policy as it is, or as the text of a key)\n".to_owned()),
        ("helm.yaml", helm, 1, "audit-policy: helm.yaml:1:1: a Helm template is not a policy before it is rendered (render it first: `helm template`, then check the result)\n".to_owned()),
        ("sink.yaml", sink, 1, "audit-policy: sink.yaml:1:1: not a policy: this is an AuditSink, which Kubernetes 1.19 removed (write a policy with the rule `- level: Metadata`, and send events with `--audit-webhook-config-file`)\n".to_owned()),
        ("shoot.yaml", shoot, 1, "audit-policy: shoot.yaml:1:1: not a policy: this is a Gardener Shoot; its policy is in the ConfigMap `p` (check the policy in it: `kubectl -n garden-PROJECT get configmap p -o yaml`)\n".to_owned()),
        ("rejected.yaml", rejected.as_str(), 1, format!("audit-policy: rejected.yaml:8:14: `data.policy` of a ConfigMap is rejected: {BAD_LEVEL}\n")),
        ("broken.yaml", broken.as_str(), 1, "audit-policy: broken.yaml:9:6: `data.policy` of a ConfigMap is rejected: failed decoding: yaml: did not find expected key\n".to_owned()),
    ];
    for (file, text, status, expected) in cases {
        let folder = Folder::new(
            &format!("policy-inside-{file}"),
            &[
                (file, text),
                ("good.yaml", GOOD),
                ("log", EVENT),
                ("requests", REQUEST),
            ],
        );
        for ran in run_all(&folder, file) {
            assert_eq!(ran, (status, expected.clone()), "{file}");
        }
    }
}

#[test]
fn an_export_of_a_rejected_policy_names_its_place() {
    let folder = Folder::new("policy-inside-export", &[("cm.yaml", &config_map(BAD))]);
    let words = ["export", "--policy", "cm.yaml", "--format", "json"];
    let ran = folder.run(&words);
    assert_eq!(ran.status, 1);
    let findings = ran.object()["findings"].clone();
    let place = format!("cm.yaml:8:14: `data.policy` of a ConfigMap: {BAD_LEVEL}");
    let is_named = |finding: &Value| finding["message"].as_str().unwrap().contains(&place);
    assert!(
        findings.as_array().unwrap().iter().any(is_named),
        "{findings}"
    );
}

#[test]
fn the_only_policy_of_ten_documents_is_found() {
    let services = "apiVersion: v1\nkind: Service\n---\n".repeat(9);
    let inside = format!("{services}{}", config_map(GOOD));
    let last = format!("{services}{GOOD}");
    let files = [
        ("inside.yaml", inside.as_str()),
        ("last.yaml", last.as_str()),
        ("log", EVENT),
        ("requests", REQUEST),
    ];
    let folder = Folder::new("policy-inside-ten", &files);
    let ran = folder.run(&["evaluate", "--policy", "inside.yaml", "requests"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    // kube-apiserver would read the first document only, so that is reported.
    let ran = folder.run(&["evaluate", "--policy", "last.yaml", "requests"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.err
            .contains("kube-apiserver reads only the first document"),
        "{}",
        ran.err
    );
}
