//! Imports of manifests and configurations: each format is detected, and each problem is reported with its line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod finding;

use apiserver_config::{Flag, KubernetesVersion, Settings};
use audit_export::{Target, render};
use audit_import::{Import, InputFormat, import};
use finding::{code, line};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

fn arguments(read: &Import) -> Vec<String> {
    read.settings.flags().iter().map(Flag::argument).collect()
}

/// The codes of the findings, by line.
fn codes(text: &str) -> Vec<(&'static str, usize)> {
    let findings = import(text, NEWEST).findings;
    let mut codes: Vec<_> = findings
        .iter()
        .map(|finding| (code(finding), line(text, finding)))
        .collect();
    codes.sort_by_key(|(code, line)| (*line, *code));
    codes
}

const POLICY: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\n# All.\nrules:\n  - level: Metadata\n";

/// Settings that every target can hold.
fn settings() -> Settings {
    let mut settings = Settings::new(POLICY);
    settings.log.compress = true;
    settings.log.truncate.enabled = true;
    settings.webhook.config_path = "/etc/kubernetes/audit-webhook.yaml".to_owned();
    settings.webhook.batch.max_wait_ms = 1500;
    settings
}

#[test]
fn every_export_reads_back_as_its_settings() {
    let settings = settings();
    for (target, source) in [
        (Target::Flags, InputFormat::Flags),
        (Target::Shell, InputFormat::Flags),
        (Target::Args, InputFormat::Flags),
        (Target::StaticPod, InputFormat::Manifest),
        (Target::KubeadmV1beta4, InputFormat::KubeadmV1beta4),
        (Target::KubeadmV1beta3, InputFormat::KubeadmV1beta3),
        (Target::KubeadmPatches, InputFormat::JsonPatch),
        (Target::Kind, InputFormat::Kind),
        (Target::ClusterApi, InputFormat::ClusterApi),
        (Target::K3s, InputFormat::K3s),
        (Target::Rke2, InputFormat::Rke2),
    ] {
        let text = render(&settings, target).text;
        let mut read = import(&text, NEWEST);
        // The certificate is still to be written.
        read.findings
            .retain(|finding| !finding.message.ends_with("is a placeholder"));
        assert_eq!((read.format, &read.findings), (source, &vec![]), "{text}");
        assert_eq!(read.settings.flags(), settings.flags(), "{text}");
        let holds_policy = target == Target::ClusterApi;
        assert_eq!(read.settings.policy, if holds_policy { POLICY } else { "" });
    }
    // Talos has its own paths for the policy and the log.
    let text = render(&settings, Target::Talos).text;
    let read = import(&text, NEWEST);
    assert_eq!(
        (read.format, &read.findings),
        (InputFormat::Talos, &vec![]),
        "{text}"
    );
    let mut expected = settings.clone();
    expected.policy_path = "/system/config/kubernetes/kube-apiserver/auditpolicy.yaml".to_owned();
    expected.log.path = "/var/log/audit/kube/kube-apiserver.log".to_owned();
    assert_eq!(read.settings.flags(), expected.flags(), "{text}");
    assert_eq!(read.settings.policy, POLICY);
}

#[test]
fn every_format_is_detected() {
    let flag = "--audit-log-maxage=7";
    let table = [
        ("- --audit-log-maxage=7", InputFormat::Flags),
        (
            "command: [kube-apiserver, --audit-log-maxage=7]",
            InputFormat::Manifest,
        ),
        ("args:\n- --audit-log-maxage=7", InputFormat::Manifest),
        (
            "containers:\n- command:\n  - kube-apiserver\n  - --audit-log-maxage=7",
            InputFormat::Manifest,
        ),
        (
            "- name: kube-apiserver\n  command:\n  - --audit-log-maxage=7",
            InputFormat::Manifest,
        ),
        (
            "{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"kube-apiserver\",\"command\":[\"--audit-log-maxage=7\"]}]}}",
            InputFormat::Manifest,
        ),
        (
            "kind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [/bin/sh, -c, 'exec kube-apiserver --audit-log-maxage=7']",
            InputFormat::Manifest,
        ),
        (
            "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: kube-apiserver\n        args: [--audit-log-maxage=7]",
            InputFormat::Manifest,
        ),
        (
            "kind: List\nitems:\n- kind: Pod\n  spec:\n    containers:\n    - command: [etcd]\n- kind: Pod\n  spec:\n    containers:\n    - command: [kube-apiserver, --audit-log-maxage=7]",
            InputFormat::PodList,
        ),
        (
            "apiVersion: kubeadm.k8s.io/v1beta2\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n    audit-log-maxage: '7'",
            InputFormat::KubeadmV1beta3,
        ),
        (
            "apiVersion: kubeadm.k8s.io/v1beta1\nkind: InitConfiguration\n---\napiVersion: kubeadm.k8s.io/v1beta1\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n    audit-log-maxage: '7'",
            InputFormat::KubeadmV1beta3,
        ),
        (
            "extraArgs:\n- name: audit-log-maxage\n  value: '7'",
            InputFormat::KubeadmV1beta4,
        ),
        (
            "- name: audit-log-maxage\n  value: '7'",
            InputFormat::KubeadmV1beta4,
        ),
        (
            "kind: ConfigMap\ndata:\n  ClusterConfiguration: |\n    apiServer:\n      extraArgs:\n        audit-log-maxage: '7'",
            InputFormat::KubeadmV1beta3,
        ),
        (
            "kube-apiserver-arg:\n- audit-log-maxage=7",
            InputFormat::K3s,
        ),
        ("kube-apiserver-arg: audit-log-maxage=7", InputFormat::K3s),
        (
            "cni: canal\nkube-apiserver-arg: ['--audit-log-maxage=7']",
            InputFormat::Rke2,
        ),
        (
            "spec:\n  template:\n    spec:\n      clusterConfiguration:\n        apiServer:\n          extraArgs:\n            audit-log-maxage: '7'",
            InputFormat::ClusterApi,
        ),
        (
            "ExecStart=/usr/local/bin/k3s \\\n  server \\\n  '--kube-apiserver-arg=audit-log-maxage=7'",
            InputFormat::Flags,
        ),
        (
            "curl -sfL https://get.example | INSTALL_EXEC=\"server --kube-apiserver-arg=audit-log-maxage=7\" sh -",
            InputFormat::Flags,
        ),
        (
            "INSTALL_EXEC=\"server --kube-apiserver-arg 'audit-log-maxage=7'\" sh -",
            InputFormat::Flags,
        ),
        (
            "k3s server --kube-apiserver-arg audit-log-maxage=7",
            InputFormat::Flags,
        ),
        (
            "minikube start --extra-config=apiserver.audit-log-maxage=7",
            InputFormat::Flags,
        ),
        (
            "minikube start --extra-config apiserver.audit-log-maxage=7",
            InputFormat::Flags,
        ),
        (
            "[Service]\nExecStart=/usr/local/bin/kube-apiserver \\\n  --v=2 \\\n  --audit-log-maxage=7\nRestart=on-failure",
            InputFormat::Flags,
        ),
        (
            "KUBE_API_ARGS=\"--audit-log-maxage=7 --v=2\"",
            InputFormat::Flags,
        ),
        ("KUBE_API_ARGS=--audit-log-maxage=7", InputFormat::Flags),
        (
            "root  2817  9.1  4.2 kube-apiserver --allow-privileged=true --audit-log-maxage=7 --v=2",
            InputFormat::Flags,
        ),
        (
            "cat <<EOF | sudo tee /etc/x.yaml\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - --audit-log-maxage=7\nEOF\nsystemctl restart kubelet",
            InputFormat::Manifest,
        ),
        (
            "Change the manifest:\n\n```yaml\nspec:\n  containers:\n  - command:\n    - kube-apiserver\n    - --audit-log-maxage=7\n```\nand wait.",
            InputFormat::Manifest,
        ),
        (
            "    - --audit-log-maxage=7\n...\n    volumeMounts:\n    - name: a\n      mountPath: /a\n...\n  volumes:\n  - name: a\n    hostPath:\n      path: /a\n",
            InputFormat::Manifest,
        ),
    ];
    for (text, source) in table {
        let read = import(text, NEWEST);
        assert_eq!((read.format, &read.findings), (source, &vec![]), "{text}");
        assert_eq!(read.settings.log.max_age_days, 7, "{text}");
        let with_path = text.replace("audit-log-maxage=7", "audit-log-path=/x/7");
        let is_flag = text.contains(flag);
        assert!(!is_flag || arguments(&import(&with_path, NEWEST)) == ["--audit-log-path=/x/7"]);
    }
}

#[test]
fn texts_without_flags_are_reported_by_format() {
    for (text, source, message) in [
        (POLICY, InputFormat::Policy, "this is an audit policy"),
        (
            "rules:\n- level: None\n  users: [a]\n",
            InputFormat::Policy,
            "this is an audit policy",
        ),
        (
            "rules:\n- level: None\n users: [a]\n",
            InputFormat::Policy,
            "this is an audit policy",
        ),
        (
            "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"auditID\":\"a\"}\n",
            InputFormat::Events,
            "these are audit events",
        ),
        (
            "{\"kind\":\"Event\",\"auditID\":\"a\"\n",
            InputFormat::Events,
            "these are audit events",
        ),
        (
            "Dear all, it's late.",
            InputFormat::Unknown,
            "this text contains no audit flags",
        ),
        (
            "kind: Service\n",
            InputFormat::Unknown,
            "this text contains no audit flags",
        ),
    ] {
        let read = import(text, NEWEST);
        assert_eq!(read.format, source, "{text}");
        let last = read
            .findings
            .last()
            .map(|finding| (code(finding), finding.message.as_str()));
        assert!(
            last.is_some_and(|(code, text)| code == "AE019" && text.starts_with(message)),
            "{text}: {last:?}"
        );
        assert!(read.settings.flags().is_empty());
    }
    assert_eq!(import("", NEWEST).findings, []);
    assert_eq!(import(POLICY, NEWEST).settings.policy, POLICY);
}

/// A pod with the usual flags and these mounts.
fn pod(mounts: &str, volumes: &str) -> String {
    format!(
        "kind: Pod\nspec:\n  containers:\n  - command:\n    - kube-apiserver\n    - --audit-policy-file=/a/p.yaml\n    - --audit-log-path=/l/a.log\n    \
         volumeMounts:\n{mounts}  volumes:\n{volumes}"
    )
}

#[test]
fn problems_of_mounts_are_reported_with_their_line() {
    const P: &str = "    - {name: p, mountPath: /a/p.yaml, readOnly: true}\n";
    const L: &str = "    - {name: l, mountPath: /l}\n";
    const PV: &str = "  - {name: p, hostPath: {path: /a/p.yaml, type: File}}\n";
    const LV: &str = "  - {name: l, hostPath: {path: /l, type: DirectoryOrCreate}}\n";
    type Row = ([&'static str; 4], &'static [(&'static str, usize)]);
    let table: [Row; 20] = [
        ([P, L, PV, LV], &[]),
        (["", L, "", LV], &[("AE011", 6)]),
        ([P, "", PV, ""], &[("AE011", 7)]),
        (
            [
                P,
                "    - {name: l, mountPath: /l, readOnly: true}\n",
                PV,
                LV,
            ],
            &[("AE011", 10)],
        ),
        (
            ["    - {name: p, mountPath: /a/p.yaml}\n", L, PV, LV],
            &[("AE011", 9)],
        ),
        // Types.
        (
            [
                P,
                L,
                "  - {name: p, hostPath: {path: /a/p.yaml, type: DirectoryOrCreate}}\n",
                LV,
            ],
            &[("AE014", 12)],
        ),
        (
            [P, L, "  - {name: p, hostPath: {path: /a/p.yaml}}\n", LV],
            &[("AE014", 12)],
        ),
        (
            [
                P,
                L,
                "  - {name: p, hostPath: {path: /a/p.yaml, type: FileOrCreate}}\n",
                LV,
            ],
            &[("AE014", 12)],
        ),
        (
            [
                P,
                L,
                PV,
                "  - {name: l, hostPath: {path: /l, type: File}}\n",
            ],
            &[("AE014", 13)],
        ),
        (
            [
                P,
                "    - {name: l, mountPath: /l/a.log}\n",
                PV,
                "  - {name: l, hostPath: {path: /l/a.log, type: File}}\n",
            ],
            &[("AE014", 10)],
        ),
        (
            [
                P,
                L,
                PV,
                "  - {name: l, hostPath: {path: /l, type: directory}}\n",
            ],
            &[("AE020", 13)],
        ),
        // One half without the other.
        ([P, L, "", LV], &[("AE020", 9)]),
        (
            [P, L, PV, "  - {name: audit, hostPath: {path: /l}}\n"],
            &[("AE020", 10), ("AE020", 13)],
        ),
        // Volumes that lose the log or cannot be.
        (
            [P, L, PV, "  - {name: l, emptyDir: {}}\n"],
            &[("AE021", 10)],
        ),
        ([P, L, "  - {name: p, emptyDir: {}}\n", LV], &[("AE021", 9)]),
        (
            [P, L, "  - {name: p, configMap: {name: policy}}\n", LV],
            &[("AE021", 9)],
        ),
        (
            [
                "    - {name: p, mountPath: /a/p.yaml, subPath: p.yaml, readOnly: true}\n",
                L,
                "  - {name: p, hostPath: {path: /a}}\n",
                LV,
            ],
            &[("AE021", 9)],
        ),
        (
            [
                P,
                "    - {name: l, mountPath: /l/a.log, subPath: a.log}\n",
                PV,
                LV,
            ],
            &[("AE021", 10)],
        ),
        // Elsewhere on the node.
        (
            [
                "    - {name: p, mountPath: /a, readOnly: true}\n",
                L,
                "  - {name: p, hostPath: {path: /b/c}}\n",
                LV,
            ],
            &[("AE024", 9)],
        ),
        // The deepest mount decides.
        (
            [
                "    - {name: p, mountPath: /, readOnly: true}\n",
                L,
                "  - {name: p, hostPath: {path: /}}\n",
                LV,
            ],
            &[],
        ),
    ];
    for ([policy, log, policy_volume, log_volume], expected) in table {
        let text = pod(
            &format!("{policy}{log}"),
            &format!("{policy_volume}{log_volume}"),
        );
        assert_eq!(codes(&text), expected, "{text}");
    }
    let elsewhere = pod(
        &format!("    - {{name: p, mountPath: /a, readOnly: true}}\n{L}"),
        &format!("  - {{name: p, hostPath: {{path: /b/c}}}}\n{LV}"),
    );
    let said = &import(&elsewhere, NEWEST).findings[0].message;
    assert_eq!(
        said,
        "the policy `/a/p.yaml` has the path `/b/c/p.yaml` on the node"
    );
}

#[test]
fn configurations_that_kubeadm_rejects_are_reported_with_their_line() {
    let v1beta4 = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n";
    let v1beta3 = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n";
    let list = "apiServer:\n  extraArgs:\n  - name: audit-log-maxage\n    value: '7'\n";
    let map = "apiServer:\n  extraArgs:\n    audit-log-maxage: '7'\n";
    let of_map = |line: &str| format!("{v1beta3}apiServer:\n  extraArgs:\n    {line}\n");
    type Row = (String, &'static [(&'static str, usize)]);
    let table: [Row; 13] = [
        (format!("{v1beta4}{list}"), &[]),
        (format!("{v1beta3}{map}"), &[]),
        (format!("{v1beta4}{map}"), &[("AE022", 5)]),
        (format!("{v1beta3}{list}"), &[("AE022", 5)]),
        (of_map("audit-log-maxage: 7"), &[("AE022", 5)]),
        (of_map("audit-log-compress: true"), &[("AE022", 5)]),
        (of_map("--audit-log-maxage: '7'"), &[("AE022", 5)]),
        (
            format!("apiVersion: kubeadm.k8s.io/v1beta9\nkind: ClusterConfiguration\n{map}"),
            &[("AE022", 1)],
        ),
        (
            format!("{v1beta3}extraArgs:\n  audit-log-maxage: '7'\n"),
            &[("AE022", 3)],
        ),
        (
            format!("{v1beta3}apiServer:\n  audit-log-maxage: '7'\n"),
            &[("AE022", 4)],
        ),
        (
            format!("{v1beta3}{map}scheduler:\n  extraArgs:\n    audit-log-maxsize: '7'\n"),
            &[("AE022", 8)],
        ),
        (
            format!("{v1beta4}apiServer:\n  extraArgs:\n  - audit-log-maxage=7\n"),
            &[("AE022", 5)],
        ),
        (
            format!(
                "{v1beta3}apiServer:\n  extraArgs:\n    audit-policy-file: /etc/ssl/certs/p.yaml\n    audit-log-path: /var/log/a.log\n"
            ),
            &[("AE011", 6)],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(codes(&text), expected, "{text}");
    }
    for text in [
        of_map("audit-log-maxage: 7"),
        of_map("--audit-log-maxage: '7'"),
        format!("{v1beta4}{map}"),
    ] {
        assert_eq!(import(&text, NEWEST).settings.log.max_age_days, 7, "{text}");
    }
}

#[test]
fn flags_in_several_places_are_reported() {
    for (text, expected) in [
        (
            "command: [kube-apiserver, --audit-log-maxage=1]\nargs: [--audit-log-compress]",
            vec![("AE023", 2)],
        ),
        (
            "command: [kube-apiserver, --audit-log-maxage=1]\nargs: [--audit-log-maxage=2]",
            vec![("AE018", 2), ("AE023", 2)],
        ),
        (
            "containers:\n- name: kube-apiserver\n  args: [--audit-log-maxage=1]\n- name: kube-apiserver\n  args: []",
            vec![("AE023", 4)],
        ),
        (
            "command: [kube-apiserver]\ncommand: [kube-apiserver, --audit-log-maxage=1]",
            vec![("AE019", 2)],
        ),
        ("command:\n- --audit-log-path=\"/a\"", vec![("AE007", 2)]),
    ] {
        assert_eq!(codes(text), expected, "{text}");
    }
}

#[test]
fn invalid_yaml_is_read_line_by_line() {
    let text = "spec:\n  containers:\n  - command:\n    - kube-apiserver\n     - --audit-log-path=/a.log\n   volumeMounts:\n";
    let read = import(text, NEWEST);
    assert_eq!(read.format, InputFormat::Flags);
    assert_eq!(arguments(&read), ["--audit-log-path=/a.log"]);
    assert_eq!(read.findings.len(), 1);
    assert_eq!(
        (code(&read.findings[0]), line(text, &read.findings[0])),
        ("AE019", 6)
    );
    assert!(read.findings[0].help.contains("mounts are not read"));

    let text = "apiServer:\n  extraArgs:\n    audit-log-path: /a.log\n   audit-log-maxage: \"7\"\n";
    assert_eq!(
        arguments(&import(text, NEWEST)),
        ["--audit-log-path=/a.log", "--audit-log-maxage=7"]
    );
}

#[test]
fn lookalike_spaces_and_quotes_are_read_as_they_look() {
    for text in [
        "spec:\n\u{a0}\u{a0}containers:\n\u{a0}\u{a0}- command:\n\u{a0}\u{a0}\u{a0}\u{a0}- kube-apiserver\n\u{a0}\u{a0}\u{a0}\u{a0}- --audit-log-path=/a.log\n",
        "kind: \u{201c}Pod\u{201d}\nspec:\n  containers:\n  - command: [\u{201c}kube-apiserver\u{201d}, \u{201c}--audit-log-path=/a.log\u{201d}]\n\u{a0} volumes: []\n",
        "command:\n- kube-apiserver\n\u{a0}\u{2013} --audit-log-path=/a.log\n",
        "command:\n- kube-apiserver\n- \u{2013}audit-log-path=/a.log\n",
    ] {
        let read = import(text, NEWEST);
        assert_eq!(read.findings.first().map(code), Some("AE007"), "{text}");
        assert_eq!(read.settings.log.path, "/a.log", "{text}");
    }
}

#[test]
fn each_format_has_its_own_name() {
    for (number, source) in InputFormat::ALL.iter().enumerate() {
        let same =
            |other: &&InputFormat| other.name() == source.name() || other.title() == source.title();
        assert_eq!(
            InputFormat::ALL.iter().position(|other| same(&other)),
            Some(number)
        );
    }
}

#[test]
fn hostile_texts_are_read_in_time() {
    let many = 10_000;
    let texts = [
        "--audit-x ".repeat(many),
        "- --audit-log-maxage=1\n".repeat(many),
        format!("command:\n{}", "- --audit-log-path=/a\n".repeat(many)),
        format!(
            "volumeMounts:\n{}volumes:\n{}",
            "- {name: audit, mountPath: /a}\n".repeat(many / 2),
            "- {name: b, hostPath: {path: /audit}}\n".repeat(many / 2)
        ),
        format!(
            "a: &a [{}]\ncontainers: [{}]\n",
            "{name: kube-apiserver, command: [--audit-x]},".repeat(500),
            "*a,".repeat(many)
        ),
        "---\n".repeat(many),
        "<<E\n".repeat(many),
        "```\na: b\n".repeat(many),
        format!("a: [\n{}", "- a\nb: c\n".repeat(many)),
        "[".repeat(many),
        format!("x: {}", "{a: ".repeat(many)),
        "A=\"".repeat(many),
        "a".repeat(3 << 20),
    ];
    for text in texts {
        let read = import(&text, NEWEST);
        assert!(read.findings.len() <= 500);
    }
}
