//! Auditing that is switched off around a policy: one finding, which names the setting.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use audit_import::{KubernetesVersion, check_documents, recognize};

/// Returns the lines of a policy with an indentation.
fn indented(spaces: usize) -> String {
    let margin = " ".repeat(spaces);
    let lines = [
        "apiVersion: audit.k8s.io/v1",
        "kind: Policy",
        "rules:",
        "- level: Metadata",
    ];
    lines.map(|line| format!("{margin}{line}\n")).concat()
}

#[test]
fn a_policy_that_its_document_does_not_use_has_one_finding_with_the_setting() {
    let kops = |server: &str| {
        format!(
            "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n{server}  fileAssets:\n  - name: audit\n    path: /srv/p.yaml\n    content: |\n{}",
            indented(6)
        )
    };
    for (text, setting) in [
        (
            kops("  kubeAPIServer:\n    auditPolicyFile: /srv/p.yaml\n"),
            "auditLogPath",
        ),
        (
            kops("  kubeAPIServer:\n    auditLogPath: /l/a.log\n"),
            "auditPolicyFile",
        ),
        (kops(""), "auditPolicyFile"),
        (
            format!(
                "services:\n  kube-api:\n    audit_log:\n      enabled: false\n      configuration:\n        policy:\n{}",
                indented(10)
            ),
            "audit_log.enabled",
        ),
        (
            format!(
                "services:\n  kube-api:\n    audit_log:\n      configuration:\n        policy:\n{}",
                indented(10)
            ),
            "audit_log.enabled",
        ),
        (
            "kubernetes_audit: false\naudit_policy_custom_rules: |\n  - level: Loud\n".to_owned(),
            "kubernetes_audit",
        ),
        (
            "audit_policy_custom_rules: |\n  - level: Loud\n".to_owned(),
            "kubernetes_audit",
        ),
        (
            format!(
                "cluster:\n  apiServer:\n    extraArgs: {{audit-log-path: \"\"}}\n    auditPolicy:\n{}",
                indented(6)
            ),
            "no path is given for the log",
        ),
        (
            format!(
                "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nmetadata: {{name: a}}\nspec:\n  kubernetes: {{version: 1.30.0}}\n---\napiVersion: v1\nkind: ConfigMap\ndata:\n  policy: |\n{}",
                indented(4)
            ),
            "auditConfig.auditPolicy.configMapRef.name",
        ),
        (
            format!(
                "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nfeatures:\n  staticAuditLog:\n    enable: false\n---\n{}",
                indented(0)
            ),
            "features.staticAuditLog.enable",
        ),
        (
            format!(
                "apiVersion: kubermatic.k8c.io/v1\nkind: Cluster\nspec:\n  auditLogging: {{enabled: false}}\n---\n{}",
                indented(0)
            ),
            "auditLogging.enabled",
        ),
    ] {
        let recognized = recognize(&text);
        let parts = check_documents(&recognized, &text, KubernetesVersion::NEWEST);
        let findings = parts.iter().flat_map(|part| &part.findings);
        let of_setting: Vec<_> = findings
            .filter(|finding| matches!(finding.code.as_ref(), "AE032" | "AE008"))
            .map(|finding| format!("{}; {}", finding.message, finding.help))
            .collect();
        assert_eq!(of_setting.len(), 1, "{text}\n{of_setting:#?}");
        assert!(of_setting[0].contains(setting), "{text}\n{of_setting:#?}");
    }
}
