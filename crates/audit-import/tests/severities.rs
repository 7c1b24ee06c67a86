//! A finding is an error if the server does not start or nothing is recorded, and each cause has one.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use audit_import::{KubernetesVersion, import};
use audit_types::Severity::{Error, Warning};

/// kubeadm's configuration with these arguments, and a mount of the policy.
fn kubeadm(arguments: &str) -> String {
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - {{name: audit-policy-file, value: /k/p.yaml}}\n{arguments}  extraVolumes:\n  - {{name: p, hostPath: /k/p.yaml, mountPath: /k/p.yaml, readOnly: true, pathType: File}}\n"
    )
}

#[test]
fn each_cause_has_one_finding_of_its_severity() {
    for (text, expected) in [
        // The server writes the log into the container.
        (kubeadm("  - {name: audit-log-path, value: /l/a.log}\n"), vec![("AE011", Warning)]),
        // It does not start without the policy.
        (
            kubeadm("  - {name: audit-log-path, value: '-'}\n").replace("mountPath: /k/p.yaml", "mountPath: /x"),
            vec![("AE011", Error)],
        ),
        // It does not start with the value, so nothing else counts.
        (
            kubeadm("  - {name: audit-log-path, value: '-'}\n  - {name: audit-log-maxage, value: 30d}\n"),
            vec![("AE016", Error)],
        ),
        // kubeadm rejects the number.
        (
            kubeadm("  - {name: audit-log-path, value: '-'}\n  - {name: audit-log-maxage, value: 30}\n"),
            vec![("AE022", Error)],
        ),
        (
            kubeadm("  - {name: audit-log-path, value: '-'}\n  - {name: audit-log-maxage, value: 30d}\n  - {name: audit-log-maxsize, value: '9'}\n"),
            vec![("AE016", Error), ("AE037", Warning)],
        ),
        (
            "kube-apiserver --audit-policy-file=/k/p.yaml --audit-log-path=- --audit-log-maxage=x --audit-log-maxsize=9\n".to_owned(),
            vec![("AE016", Error), ("AE037", Warning)],
        ),
    ] {
        let read = import(&text, KubernetesVersion::NEWEST);
        let found: Vec<_> = read.findings.iter().map(|one| (&*one.code, one.severity)).collect();
        assert_eq!(found, expected, "{text}\n{:#?}", read.findings);
        let of_output = read.findings.iter().find(|one| one.code == "AE037");
        assert!(of_output.is_none_or(|one| !one.message.contains("maxage")), "{text}");
    }
}
