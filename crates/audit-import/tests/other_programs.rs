//! Flags of etcd, the kubelet and other components are not those of kube-apiserver.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use audit_import::{KubernetesVersion, import};

/// The server's flags in each text, next to flags of other programs that must not be read.
#[test]
fn flags_of_other_components_are_not_read() {
    let server = "kube-apiserver --audit-policy-file=/k/p.yaml --audit-log-path=/k/a.log";
    let other =
        "--audit-log-path=/other.log --audit-log-maxage=99 --feature-gates=DynamicAuditing=true";
    let block = server.replace(" --", " \\\n  --");
    for text in [
        format!("etcd {other}\n{server}\nkubelet {other}\n"),
        format!("#!/bin/sh\n/usr/bin/kubelet {other} &\nexec {server}\n"),
        format!(
            "#!/bin/bash\netcd \\\n  {} &\n{block} &\nkube-controller-manager {other}\nwait\n",
            other.replace(' ', " \\\n  ")
        ),
        format!(
            "[Service]\nExecStart=/bin/{server}\n[Service]\nExecStart=-/bin/kube-scheduler {other}\n"
        ),
        format!("root 1 etcd {other}\nroot 2 {server}\nroot 3 /bin/kube-proxy {other}\n"),
        format!(
            "KUBELET_OPTS=\"{other}\"\nAPISERVER_OPTS=\"{}\"\nETCD_ARGS='{other}'\n",
            &server[15..]
        ),
        format!(
            "services:\n  db:\n    image: a\n    command: etcd {other}\n  api:\n    command: {server}\n  c:\n    command: [kube-controller-manager, {}]\n",
            other.replace(' ', ", ")
        ),
        format!(
            "services:\n  api:\n    command:\n    - {}\n  db:\n    command:\n    - etcd\n    - {}\n",
            server.replace(' ', "\n    - "),
            other.replace(' ', "\n    - ")
        ),
        format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: c\n    command: [kube-scheduler, {}]\n  - name: s\n    command: [{}]\n",
            other.replace(' ', ", "),
            server.replace(' ', ", ")
        ),
    ] {
        let read = import(&text, KubernetesVersion::NEWEST);
        let log = &read.settings.log;
        let values = (
            read.settings.policy_path.as_str(),
            log.path.as_str(),
            log.max_age_days == 99,
        );
        assert_eq!(values, ("/k/p.yaml", "/k/a.log", false), "{text}");
        assert!(read.others.is_empty(), "{text}");
        let mut codes = read.findings.iter().map(|finding| &*finding.code);
        assert!(
            !codes.any(|code| matches!(code, "AE015" | "AE018" | "AE023")),
            "{text}\n{:#?}",
            read.findings
        );
    }
}

#[test]
fn a_text_about_another_component_has_no_settings() {
    for text in [
        "kubelet --audit-log-path=/a.log --feature-gates=DynamicAuditing=true\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-controller-manager\n    command: [kube-controller-manager, --audit-log-path=/a.log]\n",
        "ETCD_OPTS=--audit-log-maxage=3\n",
    ] {
        let read = import(text, KubernetesVersion::NEWEST);
        assert_eq!(read.given.names, [""; 0], "{text}");
        let codes: Vec<_> = read.findings.iter().map(|finding| &*finding.code).collect();
        assert_eq!(codes, ["AE019"], "{text}");
    }
}
