//! Documents are recognized, and the policies inside are found with their places in the outer text. Expectations follow from the inputs by hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

mod document;

use audit_import::{InputFormat, KubernetesVersion, recognize};
use audit_types::{Diagnostic, Severity};
use document::{POLICY, indented, only};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// Returns the text of a finding's span.
fn spelled<'t>(text: &'t str, finding: &Diagnostic) -> &'t str {
    let span = finding.span().unwrap();
    &text[span.start..span.end]
}

#[test]
fn a_policy_is_found_with_its_place_in_every_kind_of_document() {
    use InputFormat::{
        Ansible, CloudInit, ClusterApi, ConfigMap, Kops, Kubespray, RancherCluster, Rke1,
        Rke2ControlPlane, Secret, Talos, Terraform, Unknown,
    };
    let table: [(&str, InputFormat, &str); 32] = [
        (
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  policy: |-\n@4",
            ConfigMap,
            "data.policy",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: |2\n@4",
            ConfigMap,
            "data.a.yaml",
        ),
        (
            "apiVersion: v1\r\nkind: ConfigMap\r\ndata:\r\n  a: |\r\n@4",
            ConfigMap,
            "data.a",
        ),
        (
            "kind: Secret\napiVersion: v1\nstringData:\n  a: |+\n@4",
            Secret,
            "stringData.a",
        ),
        (
            "apiVersion: v1\nkind: List\nitems:\n- kind: Service\n- kind: ConfigMap\n  apiVersion: v1\n  data:\n    p: |\n@6",
            Unknown,
            "items[1].data.p",
        ),
        (
            "services:\n  kube-api:\n    audit_log:\n      configuration:\n        policy:\n@10",
            Rke1,
            "services.kube-api.audit_log.configuration.policy",
        ),
        (
            "rancher_kubernetes_engine_config:\n  services:\n    kube-api:\n      audit_log:\n        configuration:\n          policy:\n            rules:\n            - level: Metadata\n            - level: Loud\n",
            Rke1,
            "rancher_kubernetes_engine_config.services.kube-api.audit_log.configuration.policy",
        ),
        (
            "services:\n  kube-api:\n    audit_log: {configuration: {policy: {rules: [{level: Loud}]}}}\n",
            Rke1,
            "services.kube-api.audit_log.configuration.policy",
        ),
        (
            "x: &rules\n- level: Loud\nservices:\n  kube-api:\n    audit_log:\n      configuration:\n        policy:\n          rules: *rules\n",
            Rke1,
            "services.kube-api.audit_log.configuration.policy",
        ),
        (
            "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  fileAssets:\n  - name: a\n    path: /a\n    content: |\n@6",
            Kops,
            "spec.fileAssets[0].content",
        ),
        (
            "spec:\n  fileAssets:\n  - name: a\n    content: |\n@6",
            Kops,
            "spec.fileAssets[0].content",
        ),
        (
            "kubernetes_audit: true\naudit_policy_custom_rules: |\n  - level: Metadata\n  - level: Loud\n",
            Kubespray,
            "audit_policy_custom_rules",
        ),
        (
            "kubernetes_audit: true\naudit_policy_custom_rules: |\n  [{level: Metadata},\n   {level: Loud}]\n",
            Kubespray,
            "audit_policy_custom_rules",
        ),
        (
            "kubernetes_audit: true\naudit_policy_custom_rules: '[{\"level\": \"Metadata\"}, {\"level\": \"Loud\"}]'\n",
            Kubespray,
            "audit_policy_custom_rules",
        ),
        (
            "kubernetes_audit: true\naudit_policy_custom_rules: >-\n  # c\n\n  [{level: Metadata},\n  {level: Loud}]\n",
            Kubespray,
            "audit_policy_custom_rules",
        ),
        (
            "apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nspec:\n  rkeConfig:\n    machineGlobalConfig:\n      audit-policy-file: |\n@8",
            RancherCluster,
            "spec.rkeConfig.machineGlobalConfig.audit-policy-file",
        ),
        (
            "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: RKE2ControlPlane\nspec:\n  files:\n  - path: /p\n    content: |\n@6",
            Rke2ControlPlane,
            "spec.files[0].content",
        ),
        (
            "machine:\n  files:\n  - path: /var/p\n    content: |\n@6",
            Talos,
            "machine.files[0].content",
        ),
        (
            "cluster:\n  apiServer:\n    auditPolicy:\n@6",
            Talos,
            "cluster.apiServer.auditPolicy",
        ),
        (
            "apiVersion: v1alpha1\nkind: KubeAuditPolicyConfig\nconfiguration:\n@2",
            Talos,
            "configuration",
        ),
        (
            "kind: KubeadmControlPlane\napiVersion: controlplane.cluster.x-k8s.io/v1beta1\nspec:\n  kubeadmConfigSpec:\n    files:\n    - path: /p\n      content: |\n@8",
            ClusterApi,
            "spec.kubeadmConfigSpec.files[0].content",
        ),
        (
            "Content-Type: multipart/mixed; boundary=\"=b=\"\nMIME-Version: 1.0\n\n--=b=\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--=b=\nContent-Type: text/cloud-config; charset=\"us-ascii\"\n\n#cloud-config\nwrite_files:\n- path: /p\n  content: |\n@4--=b=--\n",
            CloudInit,
            "write_files[0].content",
        ),
        (
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/x-shellscript\n\n#!/bin/sh\ncat > /p <<'EOF'\n@0EOF\n--b--\n",
            CloudInit,
            "/p",
        ),
        (
            "#cloud-config\nwrite_files:\n- path: /p\n  content: |\n@4",
            CloudInit,
            "write_files[0].content",
        ),
        (
            "## template: jinja\n#cloud-config\nruncmd:\n- |\n  cat <<'EOF' > /p\n@2  EOF\n",
            CloudInit,
            "runcmd[0]",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  patch: |\n    machine:\n      files:\n      - path: /p\n        content: |\n@10",
            ConfigMap,
            "data.patch > machine.files[0].content",
        ),
        (
            "- hosts: all\n  tasks:\n  - copy:\n      dest: /p\n      content: |\n@8",
            Ansible,
            "[0].tasks[0].copy.content",
        ),
        (
            "storage:\n  files:\n  - path: /p\n    contents:\n      inline: |\n@8",
            Unknown,
            "storage.files[0].contents.inline",
        ),
        (
            "auditPolicy:\n  rules:\n  - level: Metadata\n  - level: Loud\n",
            Unknown,
            "auditPolicy",
        ),
        ("#!/bin/sh\ncat <<EOF >/p\n@0EOF\n", Unknown, "/p"),
        (
            "locals {\n  policy = <<-EOT\n@4  EOT\n}\n",
            Terraform,
            "policy",
        ),
        (
            "locals {\n  policy = jsonencode({\n    rules = [\n      { level = \"Metadata\" },\n      { level = \"Loud\" }\n    ]\n  })\n}\n",
            Terraform,
            "policy",
        ),
    ];
    for (template, format, path) in table {
        let text = with_policy(template);
        let found = recognize(&text);
        assert!(!found.is_policy() && found.is_known(), "{text}");
        assert_eq!(found.documents[0].format, format, "{text}");
        let policy = only(&found);
        assert_eq!(policy.path, path, "{text}");
        let checked = policy.check(&text, NEWEST);
        let errors: Vec<_> = checked
            .findings
            .iter()
            .filter(|f| f.code == "AP005")
            .collect();
        assert_eq!(errors.len(), 1, "{text}\n{:?}", checked.findings);
        assert_eq!(
            spelled(&text, errors[0]).trim_matches('"'),
            "Loud",
            "{text}"
        );
        assert!(!checked.is_accepted);
    }
}

/// Replaces `@N` by the policy, indented by N spaces, with the line ends of the text.
fn with_policy(template: &str) -> String {
    let Some((before, rest)) = template.split_once('@') else {
        return template.to_owned();
    };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let policy = indented(rest[..digits].parse().unwrap());
    let policy = if before.contains("\r\n") {
        policy.replace('\n', "\r\n")
    } else {
        policy
    };
    format!("{before}{policy}{}", &rest[digits..])
}

#[test]
fn fixes_are_written_into_the_outer_text_and_nothing_else_changes() {
    // `verb` is a misspelled field; the first two rows also omit a stage, which inserts a line.
    for (before, changed, written) in [
        (
            "# c\nkind: ConfigMap\napiVersion: v1\ndata:\n  p: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    omitStages: [RequestReceived]\n    rules:\n\n    - level: Metadata # x\n      verb: [get]\nz: 1\n",
            "      verb: [get]",
            "      verbs: [get]",
        ),
        (
            "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"data\":{\"p\":\"apiVersion: audit.k8s.io/v1\\nkind: Policy\\nomitStages: [RequestReceived]\\nrules:\\n- level: Metadata\\n  verb: [get]\\n\"}}",
            "  verb: [get]",
            "  verbs: [get]",
        ),
        (
            "services:\n  kube-api:\n    audit_log:\n      configuration:\n        policy:\n          omitStages: [RequestReceived]\n          rules:\n          - {level: Metadata, verb: [get]}\n",
            "verb: [get]",
            "verbs: [get]",
        ),
        (
            "{\"services\": {\"kube-api\": {\"audit_log\": {\"configuration\": {\"policy\": {\n  \"omitStages\": [\"RequestReceived\"],\n  \"rules\": [{\"level\": \"Metadata\", \"verb\": [\"get\"]}]\n}}}}}}\n",
            "\"verb\": [",
            "\"verbs\": [",
        ),
        (
            "kubernetes_audit: true\r\naudit_policy_custom_rules: |\r\n  - level: Metadata\r\n    omitStages: [RequestReceived]\r\n    verb: [get]\r\n",
            "verb: [get]",
            "verbs: [get]",
        ),
    ] {
        let found = recognize(before);
        let checked = only(&found).check(before, NEWEST);
        let fixes: Vec<_> = checked
            .findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref())
            .collect();
        let [fix] = fixes.as_slice() else {
            panic!("{before}: {:?}", checked.findings);
        };
        let mut text = before.to_owned();
        for edit in fix.edits.iter().rev() {
            text.replace_range(edit.span.start..edit.span.end, &edit.text);
        }
        assert_eq!(text, before.replace(changed, written), "{before}");
    }
}

#[test]
fn a_document_without_a_policy_says_where_its_policy_is() {
    for (text, message) in [
        (
            include_str!("data/documents/cluster.yaml"),
            "not a policy: this is a kOps cluster; its policy is the file `/srv/kubernetes/audit.yaml`",
        ),
        (
            include_str!("data/documents/rancher-prov.yaml"),
            "not a policy: this is a Rancher provisioning cluster; its policy is the file `/etc/rancher/rke2/audit.yaml`",
        ),
        (
            "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nspec:\n  kubernetes:\n    kubeAPIServer:\n      auditConfig:\n        auditPolicy:\n          configMapRef: {name: audit-cm}\n",
            "not a policy: this is a Gardener Shoot; its policy is in the ConfigMap `audit-cm`",
        ),
        (
            "apiVersion: config.openshift.io/v1\nkind: APIServer\nspec:\n  audit: {profile: None}\n",
            "not a policy: this is OpenShift's APIServer configuration with the audit profile `None`",
        ),
        (
            "apiVersion: auditregistration.k8s.io/v1alpha1\nkind: AuditSink\nspec:\n  policy: {level: Request}\n",
            "not a policy: this is an AuditSink, which Kubernetes 1.19 removed",
        ),
        (
            "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: RKE2ControlPlane\nspec:\n  serverConfig:\n    auditPolicySecret: {name: p}\n",
            "not a policy: this is an RKE2ControlPlane; its policy is the key `audit-policy.yaml` of the Secret `p`",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: b\n",
            "not a policy: this is a ConfigMap without a policy",
        ),
        (
            "services:\n  kube-api:\n    audit_log:\n      enabled: true\n",
            "not a policy: this is an RKE1 cluster configuration without a policy",
        ),
        (
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver, --audit-policy-file=/p.yaml]\n",
            "not a policy: this is a pod manifest; its policy is the file `/p.yaml`",
        ),
        (
            "kube-apiserver --audit-policy-file /p.yaml \\\n  --audit-log-path=-\n",
            "not a policy: this is a text with flags; its policy is the file `/p.yaml`",
        ),
        (
            "resource \"rke_cluster\" \"c\" {\n  policy = file(\"policy.yaml\")\n}\n",
            "not a policy: this is a Terraform configuration; its policy is the file `policy.yaml`",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  policy.yaml: |\n    {{- toYaml .Values.policy | nindent 4 }}\n",
            "not a policy: this is a Helm template of a ConfigMap, which has to be rendered first",
        ),
    ] {
        let found = recognize(text);
        assert_eq!(found.policies().count(), 0, "{text}");
        let finding = found.documents[0].not_a_policy().expect(text);
        // A template may become a policy.
        let code = if message.contains(" template ") {
            "AP051"
        } else {
            "AP050"
        };
        assert_eq!(
            (finding.code.as_ref(), finding.message.as_str()),
            (code, message)
        );
        assert!(!finding.help.contains("kind: Policy"), "{text}");
        assert_eq!(finding.fix, None, "{text}");
    }
}

#[test]
fn the_help_names_the_object_or_host_path_of_the_file() {
    for (text, help) in [
        (
            "apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nspec:\n  rkeConfig:\n    machineGlobalConfig:\n      kube-apiserver-arg: [audit-policy-file=/p.yaml]\n    machineSelectorFiles:\n    - fileSources:\n      - secret: {name: s, items: [{key: k, path: /p.yaml}]}\n",
            "the Secret `s`",
        ),
        (
            "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nspec:\n  kubeadmConfigSpec:\n    files:\n    - path: /p.yaml\n      contentFrom: {secret: {name: s, key: k}}\n    clusterConfiguration:\n      apiServer: {extraArgs: {audit-policy-file: /p.yaml}}\n",
            "the Secret `s`",
        ),
        (
            "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes:\n- role: control-plane\n  extraMounts: [{hostPath: ./a.yaml, containerPath: /p.yaml}]\n  kubeadmConfigPatches:\n  - |\n    kind: ClusterConfiguration\n    apiServer:\n      extraArgs:\n        audit-policy-file: /p.yaml\n",
            "`./a.yaml` on the host",
        ),
    ] {
        let found = recognize(text).documents[0].not_a_policy().unwrap();
        assert!(
            found.message.ends_with("its policy is the file `/p.yaml`"),
            "{}",
            found.message
        );
        assert!(found.help.contains(help), "{}", found.help);
    }
}

#[test]
fn policies_are_policies_and_unknown_documents_are_unknown() {
    let comment = format!(
        "{POLICY}# apiVersion: v1\n# kind: ConfigMap\n# data:\n#   p: |\n#     kind: Policy\n"
    );
    for text in [
        POLICY,
        &comment,
        "rules:\n- level: Metadata\n",
        "kind: Policy\nrules: []\n",
    ] {
        assert!(recognize(text).is_policy(), "{text}");
    }
    let other = format!("vi policy.yaml\n---\n{POLICY}  - level: None\n");
    let found = recognize(&other);
    assert_eq!(found.documents[1].format, InputFormat::Policy);
    assert_eq!(only(&found).path, "");
    for text in [
        "",
        "# c\n",
        "a: 1\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec: {}\n",
        "a: [\n{{\n",
        "hello\n",
    ] {
        let found = recognize(text);
        assert!(!found.is_known() && !found.is_policy(), "{text}");
    }
    // A copy of the last configuration is not another policy.
    let text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    last: |\n{}data:\n  p: |\n{}",
        indented(6),
        indented(4)
    );
    assert_eq!(only(&recognize(&text)).path, "data.p");
}

#[test]
fn a_path_that_no_file_has_is_reported() {
    let document = |path: &str, flag: &str, more: &str| {
        format!(
            "#cloud-config\nwrite_files:\n- path: {path}\n  content: |\n{}- path: /k.yaml\n  content: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n    apiServer:\n      extraArgs:\n      - name: audit-policy-file\n        value: {flag}\n{more}",
            indented(4)
        )
    };
    let mount =
        "      extraVolumes:\n      - name: a\n        hostPath: /etc/a\n        mountPath: /b\n";
    for (path, flag, more, is_wrong) in [
        ("/etc/a/polcy.yaml", "/etc/a/policy.yaml", "", true),
        ("/etc/a/policy.yaml", "/etc/a/policy.yaml", "", false),
        ("/etc/a/policy.yaml", "/b/policy.yaml", mount, false),
        ("/etc/a/polcy.yaml", "/b/policy.yaml", mount, true),
        (
            "/etc/a/polcy.yaml",
            "/etc/a/policy.yaml",
            "runcmd:\n- mv /etc/a/polcy.yaml /etc/a/policy.yaml\n",
            false,
        ),
        ("/etc/a/polcy.yaml", "$DIRECTORY/policy.yaml", "", false),
    ] {
        let text = document(path, flag, more);
        let findings = recognize(&text).findings;
        let codes: Vec<_> = findings
            .iter()
            .map(|finding| finding.code.as_ref())
            .collect();
        assert_eq!(
            codes,
            if is_wrong { vec!["AE050"] } else { vec![] },
            "{text}"
        );
        if is_wrong {
            assert_eq!(spelled(&text, &findings[0]), flag);
            let help = if more.is_empty() {
                format!("did you mean `{path}`?")
            } else {
                "on the node, the flag's path is `/etc/a/policy.yaml`: use the same name in both places".to_owned()
            };
            assert_eq!(findings[0].help, help);
        }
    }
}

#[test]
fn a_policy_is_written_to_the_path_on_the_node_and_not_to_that_in_the_container() {
    // Path that is written, the mount's two sides, whether the server finds its policy `/etc/kubernetes/audit.yaml`.
    for (written, host, mount, is_found) in [
        (
            "/etc/kubernetes/audit.yaml",
            "/etc/kubernetes/audit-policy.yaml",
            "/etc/kubernetes/audit.yaml",
            false,
        ),
        (
            "/etc/kubernetes/audit-policy.yaml",
            "/etc/kubernetes/audit-policy.yaml",
            "/etc/kubernetes/audit.yaml",
            true,
        ),
        (
            "/etc/kubernetes/audit.yaml",
            "/etc/kubernetes/audit.yaml",
            "/etc/kubernetes/audit.yaml",
            true,
        ),
        (
            "/etc/kubernetes/audit.yaml",
            "/etc/kubernetes",
            "/etc/kubernetes",
            true,
        ),
        (
            "/etc/kubernetes/audit.yaml",
            "/opt/kubernetes",
            "/etc/kubernetes",
            false,
        ),
        (
            "/etc/kubernetes/audit.yaml",
            "/srv/other",
            "/srv/other",
            true,
        ),
    ] {
        let text = format!(
            "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nmetadata: {{name: cp}}\nspec:\n  kubeadmConfigSpec:\n    clusterConfiguration:\n      apiServer:\n        extraArgs: {{audit-policy-file: /etc/kubernetes/audit.yaml, audit-log-path: \"-\"}}\n        extraVolumes:\n        - {{name: p, hostPath: {host}, mountPath: {mount}, readOnly: true}}\n    files:\n    - path: {written}\n      content: |\n        apiVersion: audit.k8s.io/v1\n        kind: Policy\n        omitStages: [RequestReceived]\n        rules:\n        - level: Metadata\n"
        );
        let found = recognize(&text);
        let parts = found.check(&text, KubernetesVersion::NEWEST);
        let errors = parts.iter().flat_map(|part| &part.findings);
        let errors: Vec<&str> = errors
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| &*finding.code)
            .collect();
        let expected: &[&str] = if is_found { &[] } else { &["AE050"] };
        assert_eq!(errors, expected, "{text}");
    }
}

#[test]
fn a_configuration_that_turns_auditing_off_writes_no_policy() {
    for (text, expected) in [
        (
            "services:\n  kube-api:\n    audit_log:\n      enabled: false\n",
            "`audit_log.enabled` is not true here, so RKE sets no audit flags",
        ),
        (
            "kubernetes_audit: false\naudit_log_path: /a.log\n",
            "`kubernetes_audit` is not true here, so kubespray writes no policy",
        ),
        (
            "kubernetes_audit: true\naudit_log_path: /a.log\n",
            "kubespray writes a policy of its own; `audit_policy_custom_rules` replaces its rules",
        ),
    ] {
        let found = recognize(text);
        let parts = found.check(text, NEWEST);
        let mut findings = parts.iter().flat_map(|part| &part.findings);
        assert!(
            findings.any(|finding| finding.help == expected),
            "{parts:?}"
        );
    }
}

#[test]
fn the_policy_of_a_literal_of_kustomize_begins_after_its_key() {
    let text = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nconfigMapGenerator:\n- name: audit\n  literals:\n  - |-\n    policy=apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: Metadata\n      verb: [get]\n";
    let found = recognize(text);
    let policy = only(&found);
    assert!(
        policy
            .text
            .starts_with("apiVersion: audit.k8s.io/v1\nkind: Policy\n")
    );
    let check = policy.check(text, NEWEST);
    assert!(check.is_accepted);
    let misspelled = check
        .findings
        .iter()
        .find(|finding| finding.code == "AP013");
    assert_eq!(spelled(text, misspelled.unwrap()), "verb");
    // Only whole texts are written back.
    assert!(check.findings.iter().all(|finding| finding.fix.is_none()));
}

/// Settings decide what the server does, so that their document is named first.
#[test]
fn the_title_of_a_text_names_the_documents_with_settings() {
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  p: |\n{}",
        indented(4)
    );
    let kubeadm = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer: {}\n";
    for (text, title) in [
        (
            format!("{kubeadm}---\n{map}"),
            "a kubeadm configuration (v1beta4) and a ConfigMap",
        ),
        (
            format!("{map}---\n{kubeadm}"),
            "a kubeadm configuration (v1beta4) and a ConfigMap",
        ),
        (
            format!("{map}---\napiVersion: v1\nkind: Secret\n"),
            "a ConfigMap",
        ),
        (map.clone(), "a ConfigMap"),
    ] {
        let found = recognize(&text);
        let (document, _) = found.policies().next().unwrap();
        assert_eq!(found.title_with(document), title, "{text}");
    }
}
