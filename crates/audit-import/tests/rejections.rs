//! Texts that programs around the server reject or read in another way than it looks: one row per fact.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod finding;

use apiserver_config::{Flag, KubernetesVersion};
use audit_import::{InputFormat, check_documents, import, recognize};
use audit_types::Diagnostic;
use finding::{code, line};

/// A policy without findings.
const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n";

/// A policy with a misspelled resource in line 6 and nothing else to report.
const TYPO: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  resources: [{group: apps, resources: [deployment]}]\n- level: Metadata\n";

/// The policy, each line behind a margin.
fn with_margin(policy: &str, margin: &str) -> String {
    let lines = policy.lines();
    lines.map(|line| format!("{margin}{line}\n")).collect()
}

/// All findings of a text.
fn findings(text: &str) -> Vec<Diagnostic> {
    let recognized = recognize(text);
    let parts = check_documents(&recognized, text, KubernetesVersion::NEWEST);
    parts.into_iter().flat_map(|part| part.findings).collect()
}

/// Code and line of each finding that is not the note that a text is not a policy. One about a flag that the text does not have is at line 0.
fn codes(text: &str) -> Vec<(&'static str, usize)> {
    let found = findings(text);
    let found = found.iter().filter(|finding| finding.code != "AP050");
    found
        .map(|finding| {
            let line = finding.span().map_or(0, |_| line(text, finding));
            (code(finding), line)
        })
        .collect()
}

/// Help of the first finding with a code.
fn help(text: &str, code: &str) -> String {
    let found = findings(text);
    let found = found.iter().find(|finding| finding.code == code);
    found.expect("a finding with the code").help.clone()
}

/// Message of the finding that a text is not a policy.
fn not_a_policy(text: &str) -> String {
    let found = findings(text);
    let found = found.iter().find(|finding| finding.code == "AP050");
    found.map_or(String::new(), |finding| finding.message.clone())
}

fn arguments(text: &str) -> Vec<String> {
    let read = import(text, KubernetesVersion::NEWEST);
    read.settings.flags().iter().map(Flag::argument).collect()
}

#[test]
fn talos_creates_files_below_var_only() {
    let text = |path: &str, op: &str| {
        format!(
            "machine:\n  files:\n  - content: |\n{}    op: {op}\n    path: {path}\n",
            with_margin(POLICY, "      ")
        )
    };
    for (path, op, expected) in [
        ("/etc/kubernetes/a.yaml", "create", &[("AE022", 10)][..]),
        ("/variable/a.yaml", "create", &[("AE022", 10)]),
        ("/var/a.yaml", "create", &[]),
        ("//var/a.yaml", "create", &[]),
        ("/etc/a.yaml", "overwrite", &[]),
        ("/etc/cri/conf.d/20-customization.part", "create", &[]),
        ("${DIR}/a.yaml", "create", &[]),
    ] {
        assert_eq!(codes(&text(path, op)), expected, "{path} {op}");
    }
}

#[test]
fn hypershift_has_the_profile_below_configuration() {
    let text = |kind: &str, profile: &str| {
        format!(
            "apiVersion: hypershift.openshift.io/v1beta1\nkind: {kind}\nspec:\n  configuration:\n    apiServer:\n      audit:\n        profile: {profile}\n"
        )
    };
    for (kind, profile, expected) in [
        ("HostedCluster", "AllRequestBodies", &[][..]),
        ("HostedControlPlane", "AllRequestBodies", &[]),
        ("HostedControlPlane", "allrequestbodies", &[("AE061", 7)]),
        ("HostedCluster", "None", &[("AE008", 7)]),
    ] {
        let text = text(kind, profile);
        assert_eq!(codes(&text), expected, "{text}");
        assert_eq!(
            not_a_policy(&text),
            format!(
                "not a policy: this is a {kind} of HyperShift with the audit profile `{profile}`"
            )
        );
    }
    let server = "apiVersion: config.openshift.io/v1\nkind: APIServer\nmetadata: {name: cluster}\nspec: {audit: {profile: None}}\n";
    assert_eq!(codes(server), [("AE008", 4)]);
}

#[test]
fn the_shell_removes_tabs_of_a_here_document_with_a_dash() {
    for (sign, is_read) in [("<<-", true), ("<<", false)] {
        let text = format!(
            "cat {sign}'EOF' > /etc/p.yaml\n{}\tEOF\nkube-apiserver --audit-policy-file=/etc/p.yaml --audit-log-path=/v/a.log\n",
            with_margin(TYPO, "\t\t")
        );
        let found = findings(&text);
        let typo = found.iter().find(|finding| finding.code == "AP031");
        let place = typo.map(|finding| finding.span().unwrap());
        let quoted = place.map(|span| &text[span.start..span.end]);
        assert_eq!(quoted, is_read.then_some("deployment"), "{sign}");
        assert_eq!(
            found.iter().all(|finding| finding.code != "AP001"),
            is_read,
            "{sign} {found:?}"
        );
        let read = import(&text, KubernetesVersion::NEWEST);
        assert_eq!(!read.settings.policy.is_empty(), is_read || sign == "<<");
    }
}

#[test]
fn variables_in_a_policy_that_is_a_mapping_are_unknown() {
    let policy = POLICY.replace("Metadata", "${level}");
    for text in [
        format!(
            "cluster:\n  apiServer:\n    auditPolicy:\n{}",
            with_margin(&policy, "      ")
        ),
        format!(
            "nodes: []\nservices:\n  kube-api:\n    audit_log:\n      enabled: true\n      configuration:\n        path: /v/a.log\n        policy:\n{}",
            with_margin(&policy, "          ")
        ),
    ] {
        let codes: Vec<_> = codes(&text).into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, ["AP051"], "{text}");
    }
}

#[test]
fn a_line_break_in_quotes_ends_a_value() {
    let expected = ["--audit-policy-file=/e/p.yaml", "--audit-log-path=/v/a.log"];
    for text in [
        r"sed -i '/- kube-apiserver/a\    - --audit-policy-file=/e/p.yaml\n    - --audit-log-path=/v/a.log' /m.yaml",
        r"sed -i 's#- kube-apiserver#- kube-apiserver\n    - --audit-policy-file=/e/p.yaml\n    - --audit-log-path=/v/a.log#' /m.yaml",
        r"sed -i 's/- kube-apiserver/&\n    - --audit-policy-file=\/e\/p.yaml\n    - --audit-log-path=\/v\/a.log/g' /m.yaml",
        r#"echo -e "ARGS='--audit-policy-file=/e/p.yaml\n--audit-log-path=/v/a.log'" > /e"#,
        r"printf 'kube-apiserver-arg:\n- audit-policy-file=/e/p.yaml\n- audit-log-path=/v/a.log\n' > /c.yaml",
    ] {
        assert_eq!(arguments(text), expected, "{text}");
        assert_eq!(
            not_a_policy(text),
            "not a policy: this is a shell command; its policy is the file `/e/p.yaml`"
        );
    }
    // The old value of a replacement is not a flag.
    let text = "sed -i 's|--audit-log-path=/a.log|--audit-log-path=/b.log|' /m.yaml";
    assert_eq!(arguments(text), ["--audit-log-path=/b.log"]);
}

#[test]
fn rke_reads_a_mapping_with_its_kind() {
    let text = |sign: &str, policy: &str| {
        format!(
            "nodes: []\nservices:\n  kube-api:\n    audit_log:\n      enabled: true\n      configuration:\n        path: /v/a.log\n        policy:{sign}\n{}",
            with_margin(policy, "          ")
        )
    };
    let without_kind = POLICY.replace("kind: Policy\n", "");
    let without_version = POLICY.replace("apiVersion: audit.k8s.io/v1\n", "");
    for (sign, policy, expected) in [
        ("", POLICY, &[][..]),
        (" |", POLICY, &[("AP052", 8)]),
        ("", without_kind.as_str(), &[("AP052", 9)]),
        ("", without_version.as_str(), &[]),
    ] {
        let found = codes(&text(sign, policy));
        let found: Vec<_> = found
            .into_iter()
            .filter(|(code, _)| code.starts_with("AP"))
            .collect();
        assert_eq!(found, expected, "{sign} {policy}");
    }
}

#[test]
fn arguments_of_k3s_are_a_list() {
    let text =
        "kube-apiserver-arg:\n  audit-policy-file: /etc/a.yaml\n  audit-log-path: /v/a.log\n";
    assert_eq!(codes(text), [("AE022", 2)]);
    assert_eq!(
        not_a_policy(text),
        "not a policy: this is a k3s configuration without a policy"
    );
    // The name of one of its charts.
    let text = "kube-apiserver-arg: audit-log-path=/v/a.log\ndisable: rke2-ingress-nginx\n";
    let read = import(text, KubernetesVersion::NEWEST);
    assert_eq!(read.format, InputFormat::Rke2);
}

/// A kubeconfig file whose context names a cluster that it does not have in line 9.
const WEBHOOK: &str = "apiVersion: v1\nkind: Config\nclusters:\n- name: f\n  cluster: {server: 'https://203.0.113.7/k8s'}\ncontexts:\n- name: d\n  context:\n    cluster: g\ncurrent-context: d\n";

#[test]
fn the_webhook_of_kops_is_checked() {
    let text = |file: &str| {
        format!(
            "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  fileAssets:\n  - name: w\n    path: {file}\n    content: |\n{}  kubeAPIServer:\n    auditPolicyFile: /srv/p.yaml\n    auditWebhookConfigFile: /srv/wh.yaml\n",
            with_margin(WEBHOOK, "      ")
        )
    };
    let errors = |text: &str| -> Vec<(&'static str, usize)> {
        let mut found = codes(text);
        found.retain(|(code, _)| matches!(*code, "AE035" | "AE050"));
        found
    };
    assert_eq!(errors(&text("/srv/wh.yaml")), [("AE035", 16)]);
    assert_eq!(errors(&text("/srv/whx.yaml")), [("AE050", 20)]);
    // The file of another program.
    assert_eq!(errors(&text("/srv/authentication.yaml")), []);
}

#[test]
fn a_misspelled_webhook_file_is_not_written() {
    let text = |flag: &str| {
        format!(
            "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nspec:\n  kubeadmConfigSpec:\n    files:\n    - path: /etc/a/wh.yaml\n      content: |\n{}    clusterConfiguration:\n      apiServer:\n        extraArgs:\n          audit-webhook-config-file: {flag}\n        extraVolumes: [{{name: a, hostPath: /etc/a, mountPath: /etc/a}}]\n",
            with_margin(WEBHOOK, "        ")
        )
    };
    for (flag, is_found) in [("/etc/a/whx.yaml", true), ("/etc/a/wh.yaml", false)] {
        let text = text(flag);
        let found = codes(&text).contains(&("AE050", 21));
        assert_eq!(found, is_found, "{text}");
    }
    assert_eq!(
        help(&text("/etc/a/whx.yaml"), "AE050"),
        "did you mean `/etc/a/wh.yaml`?"
    );
}

#[test]
fn flags_of_a_script_in_another_file_are_not_known() {
    for (command, expected) in [
        ("[/bin/bash, /opt/start.sh, --v=2]", &[("AE034", 6)][..]),
        ("[kube-apiserver, --v=2]", &[("AE032", 1)]),
    ] {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: {command}\n"
        );
        assert_eq!(codes(&text), expected, "{text}");
    }
}

#[test]
fn an_instance_group_of_kops_has_no_server() {
    let group = "apiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\nspec:\n  role: Master\n";
    assert_eq!(codes(group), []);
    let set = format!("{group}  kubeAPIServer: {{auditLogPath: '-'}}\n");
    assert_eq!(codes(&set), [("AE022", 5)]);
    let cluster =
        "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec: {kubeAPIServer: {}}\n---\n";
    assert_eq!(codes(&format!("{cluster}{group}")), [("AE032", 1)]);
}

#[test]
fn a_mount_of_worker_nodes_is_not_one_of_the_server() {
    let text = |first: &str, second: &str| {
        format!(
            "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: {first}\n  extraMounts:\n  - {{hostPath: ./p.yaml, containerPath: /etc/a/p.yaml}}\n- role: {second}\nkubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer:\n    extraArgs:\n      audit-policy-file: /etc/a/p.yaml\n      audit-log-path: '-'\n    extraVolumes:\n    - {{name: p, hostPath: /etc/a, mountPath: /etc/a, readOnly: true, pathType: DirectoryOrCreate}}\n"
        )
    };
    let wrong = text("worker", "control-plane");
    assert!(
        codes(&wrong).contains(&("AE011", 16)),
        "{:?}",
        codes(&wrong)
    );
    assert_eq!(
        help(&wrong, "AE011"),
        "it is mounted into worker nodes only, where no kube-apiserver runs: move the mount to the `extraMounts` of each control-plane node"
    );
    let right = codes(&text("control-plane", "worker"));
    assert!(!right.iter().any(|(code, _)| *code == "AE011"), "{right:?}");
}

#[test]
fn a_garden_has_its_own_server_and_webhook() {
    let text = "apiVersion: operator.gardener.cloud/v1alpha1\nkind: Garden\nmetadata: {name: g}\nspec:\n  virtualCluster:\n    kubernetes:\n      kubeAPIServer:\n        auditConfig: {auditPolicy: {configMapRef: {name: a}}}\n        auditWebhook: {kubeconfigSecretName: wh, batchMaxSize: 30}\n";
    assert_eq!(
        not_a_policy(text),
        "not a policy: this is a Garden of Gardener; its policy is in the ConfigMap `a`"
    );
    let webhook = arguments(text);
    for flag in [
        "--audit-webhook-config-file=/etc/kubernetes/webhook/audit/kubeconfig.yaml",
        "--audit-webhook-batch-max-size=30",
    ] {
        assert!(webhook.iter().any(|found| found == flag), "{webhook:?}");
    }
}

#[test]
fn a_misspelled_config_map_is_suggested() {
    let text = |name: &str| {
        format!(
            "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nmetadata: {{name: s, namespace: n}}\nspec:\n  kubernetes:\n    kubeAPIServer: {{auditConfig: {{auditPolicy: {{configMapRef: {{name: {name}}}}}}}}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: audit-policy, namespace: n}}\ndata:\n  policy: |\n{}",
            with_margin(POLICY, "    ")
        )
    };
    assert_eq!(codes(&text("audit-policy")), []);
    assert_eq!(
        help(&text("audit-polisy"), "AE064"),
        "did you mean `audit-policy`?"
    );
    assert_eq!(
        help(&text("other"), "AE064"),
        "put both objects into one text, separated by a line `---`"
    );
}

#[test]
fn a_flag_with_one_dash_is_an_error() {
    for (flag, is_error) in [("-audit-log-maxage=3", true), ("audit-log-maxage=3", false)] {
        let text = format!("kube-apiserver --audit-log-path=/v/a.log {flag}\n");
        let read = import(&text, KubernetesVersion::NEWEST);
        let found: Vec<_> = read
            .findings
            .iter()
            .map(|finding| {
                (
                    code(finding),
                    finding.severity == audit_types::Severity::Error,
                )
            })
            .collect();
        assert_eq!(found, [("AE015", is_error)], "{text}");
    }
}

#[test]
fn compressed_content_is_not_read() {
    // The first bytes of gzip.
    let text = "#cloud-config\nwrite_files:\n- path: /etc/a.yaml\n  encoding: gz\n  content: !!binary |\n    H4sIAAAAAAAAAw==\n";
    assert_eq!(
        not_a_policy(text),
        "not a policy: this is a cloud-init configuration with compressed content, `write_files[0].content`, which was not read"
    );
}

#[test]
fn the_address_of_kubesprays_webhook_is_checked() {
    for (url, lines) in [
        ("http://falco:8765/k8s", &[4, 4][..]),
        ("https://203.0.113.7/k8s", &[]),
    ] {
        let text = format!(
            "kubernetes_audit: true\nkubernetes_audit_webhook: true\naudit_webhook_mode: batch\naudit_webhook_server_url: {url}\n"
        );
        let found: Vec<usize> = codes(&text)
            .into_iter()
            .filter(|(code, _)| *code == "AE036")
            .map(|(_, line)| line)
            .collect();
        assert_eq!(found, lines, "{url}");
    }
}
