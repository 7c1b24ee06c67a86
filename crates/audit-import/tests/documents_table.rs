//! The table of `DOCUMENTS.md` says what is true of an example of each kind.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use apiserver_config::KubernetesVersion;
use audit_import::{InputFormat, import, recognize};

/// A policy with a misspelled field, whose fix is one word.
const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n  verb: [get]\n";

/// A line of text with `@N` for the policy, indented by N spaces.
fn example(template: &str) -> String {
    let Some((before, rest)) = template.split_once('@') else {
        return template.to_owned();
    };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let margin = " ".repeat(rest[..digits].parse().unwrap());
    let policy: String = POLICY
        .lines()
        .map(|line| format!("{margin}{line}\n"))
        .collect();
    format!("{before}{policy}{}", &rest[digits..])
}

/// An example of a kind: with a policy if it can contain one, and with settings if it has any.
fn example_of(format: InputFormat) -> &'static str {
    match format {
        InputFormat::Flags => "--audit-policy-file=/p.yaml\n--audit-log-path=/l/a.log\n",
        InputFormat::Manifest => {
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver, --audit-log-path=-]\n"
        }
        InputFormat::PodList => {
            "apiVersion: v1\nkind: PodList\nitems:\n- kind: Pod\n  spec:\n    containers:\n    - name: kube-apiserver\n      command: [kube-apiserver, --audit-log-path=-]\n"
        }
        InputFormat::KubeadmV1beta4 => {
            "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - {name: audit-log-path, value: /l/a.log}\n"
        }
        InputFormat::KubeadmV1beta3 => {
            "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n    audit-log-path: /l/a.log\n"
        }
        InputFormat::Kind => {
            "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nkubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer:\n    extraArgs:\n      audit-log-path: /l/a.log\n"
        }
        InputFormat::ClusterApi => {
            "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nspec:\n  kubeadmConfigSpec:\n    clusterConfiguration:\n      apiServer:\n        extraArgs:\n          audit-policy-file: /p.yaml\n    files:\n    - path: /p.yaml\n      content: |\n@8"
        }
        InputFormat::K3s => "kube-apiserver-arg: [audit-log-path=/l/a.log]\n",
        InputFormat::Rke2 => "audit-policy-file: /p.yaml\n",
        InputFormat::Talos => {
            "cluster:\n  apiServer:\n    extraArgs:\n      audit-log-maxage: \"7\"\n    auditPolicy:\n@6"
        }
        InputFormat::ConfigMap => {
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  flags: |\n    --audit-log-path=/l/a.log\n  policy: |\n@4"
        }
        InputFormat::Secret => {
            "apiVersion: v1\nkind: Secret\nstringData:\n  flags: |\n    --audit-log-path=/l/a.log\n  policy: |\n@4"
        }
        InputFormat::CloudInit => {
            "#cloud-config\nwrite_files:\n- path: /k.yaml\n  content: |\n    kind: ClusterConfiguration\n    apiServer:\n      extraArgs:\n        audit-log-path: /l/a.log\n- path: /p.yaml\n  content: |\n@4"
        }
        InputFormat::Ignition => {
            "variant: fcos\nversion: 1.5.0\nstorage:\n  files:\n  - path: /k.yaml\n    contents:\n      inline: |\n        kube-apiserver-arg: [audit-log-path=/l/a.log]\n  - path: /p.yaml\n    contents:\n      inline: |\n@8"
        }
        InputFormat::Template => {
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{{ if .Values.x }}\n- level: None\n{{ end }}\n- level: Metadata\n  verb: [get]\n"
        }
        InputFormat::Terraform => "locals {\n  policy = <<-EOT\n@4  EOT\n}\n",
        InputFormat::Kubeconfig => {
            "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n"
        }
        InputFormat::AuditSink => {
            "apiVersion: auditregistration.k8s.io/v1alpha1\nkind: AuditSink\nspec:\n  policy: {level: Metadata}\n"
        }
        InputFormat::Kops => {
            "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  kubeAPIServer:\n    auditLogPath: /l/a.log\n    auditPolicyFile: /p.yaml\n  fileAssets:\n  - name: p\n    path: /p.yaml\n    content: |\n@6"
        }
        InputFormat::Kubespray => {
            "kubernetes_audit: true\naudit_policy_custom_rules: |\n  - level: Metadata\n    omitStages: [RequestReceived]\n    verb: [get]\n"
        }
        InputFormat::Rke1 => {
            "services:\n  kube-api:\n    audit_log:\n      enabled: true\n      configuration:\n        path: /l/a.log\n        policy:\n@10"
        }
        InputFormat::RancherCluster => {
            "apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nspec:\n  rkeConfig:\n    machineGlobalConfig:\n      audit-policy-file: |\n@8"
        }
        InputFormat::Rke2ControlPlane => {
            "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: RKE2ControlPlane\nspec:\n  serverConfig:\n    kubeAPIServer: {extraArgs: [audit-log-path=/l/a.log]}\n  files:\n  - path: /p.yaml\n    content: |\n@6"
        }
        InputFormat::KubeOne => {
            "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nfeatures:\n  staticAuditLog:\n    enable: true\n    config: {policyFilePath: ./p.yaml}\n"
        }
        InputFormat::Kubermatic => {
            "apiVersion: kubermatic.k8c.io/v1\nkind: Cluster\nspec:\n  auditLogging: {enabled: true, policyPreset: recommended}\n"
        }
        InputFormat::K3d => {
            "apiVersion: k3d.io/v1alpha5\nkind: Simple\noptions:\n  k3s:\n    extraArgs:\n    - arg: --kube-apiserver-arg=audit-log-path=/l/a.log\n      nodeFilters: [server:*]\n"
        }
        InputFormat::K0s => {
            "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec:\n  api:\n    extraArgs:\n      audit-log-path: /l/a.log\n"
        }
        InputFormat::K0sctl => {
            "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nspec:\n  k0s:\n    config:\n      spec:\n        api:\n          extraArgs:\n            audit-log-path: /l/a.log\n  hosts:\n  - files:\n    - name: p\n      dst: /p.yaml\n      data: |\n@8"
        }
        InputFormat::K0rdent => {
            "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterDeployment\nspec:\n  auditPolicy: p\n"
        }
        InputFormat::Gardener => "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\n",
        InputFormat::OpenShift => "apiVersion: config.openshift.io/v1\nkind: APIServer\n",
        InputFormat::Compose => {
            "services:\n  server:\n    image: rancher/k3s\n    command: server --kube-apiserver-arg=audit-log-path=/l/a.log\nconfigs:\n  policy:\n    content: |\n@6"
        }
        InputFormat::JsonPatch => {
            "- op: add\n  path: /spec/containers/0/command/-\n  value: --audit-log-path=/l/a.log\n"
        }
        InputFormat::Kustomization => {
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches:\n- target: {kind: Pod}\n  patch: |\n    - op: add\n      path: /spec/containers/0/command/-\n      value: --audit-log-path=/l/a.log\n- target: {kind: ConfigMap}\n  patch: |\n    - op: add\n      path: /data/p.yaml\n      value: |\n@8"
        }
        InputFormat::Minikube => {
            "apiserver.audit-policy-file: /etc/ssl/certs/p.yaml\napiserver.audit-log-path: \"-\"\n"
        }
        InputFormat::Ansible => {
            "- name: policy\n  copy:\n    dest: /p.yaml\n    content: |\n@6- name: flags\n  lineinfile:\n    path: /etc/kubernetes/manifests/kube-apiserver.yaml\n    line: '    - --audit-policy-file=/p.yaml'\n"
        }
        InputFormat::ManagedCluster => {
            "auditConfigs:\n- service: container.googleapis.com\n  auditLogConfigs:\n  - logType: DATA_READ\n"
        }
        InputFormat::OtherProgram => {
            "- rule: Create Secret\n  condition: kcreate and secret\n  priority: INFO\n"
        }
        InputFormat::Policy => POLICY,
        InputFormat::Events => {
            "{\"apiVersion\":\"audit.k8s.io/v1\",\"kind\":\"Event\",\"auditID\":\"a\"}\n"
        }
        InputFormat::Unknown => "replicas: 1\nauditPolicy: |\n@2",
    }
}

/// Texts and documents whose title says more than their format does, with the format and the title.
const VARIANTS: [(InputFormat, &str, &str); 11] = [
    (
        InputFormat::Flags,
        "a shell script",
        "#!/bin/sh\ncat > /p.yaml <<'EOF'\n@0EOF\nk3d cluster create --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@server:*'\n",
    ),
    (
        InputFormat::Flags,
        "a shell command",
        "minikube start --extra-config=apiserver.audit-log-path=-\n",
    ),
    (
        InputFormat::Flags,
        "a systemd unit",
        "[Service]\nExecStart=/usr/bin/kube-apiserver --audit-log-path=/l/a.log\n",
    ),
    (
        InputFormat::Flags,
        "an environment file",
        "KUBE_APISERVER_ARGS=\"--audit-log-path=/l/a.log\"\n",
    ),
    (
        InputFormat::Flags,
        "the command line of a process",
        "/usr/bin/kube-apiserver\0--audit-log-path=/l/a.log\0",
    ),
    (
        InputFormat::Flags,
        "a MicroK8s launch configuration",
        "version: 0.1.0\nextraKubeAPIServerArgs:\n  --audit-log-path: ${SNAP_COMMON}/a.log\nextraConfigFiles:\n  p.yaml: |\n@4",
    ),
    (
        InputFormat::CloudInit,
        "a cloud-init message of several parts",
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/cloud-config\n\n#cloud-config\nwrite_files:\n- path: /p.yaml\n  content: |\n@4--b\nContent-Type: text/x-shellscript\n\n#!/bin/sh\nkube-apiserver --audit-log-path=/l/a.log\n--b--\n",
    ),
    (
        InputFormat::Talos,
        "a KubeAuditPolicyConfig of Talos",
        "apiVersion: v1alpha1\nkind: KubeAuditPolicyConfig\nconfiguration:\n@2",
    ),
    (
        InputFormat::K0rdent,
        "a k0rdent ClusterAuditPolicy",
        "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuditPolicy\nspec:\n  policy:\n@4",
    ),
    (
        InputFormat::Ansible,
        "an Ansible playbook",
        "- hosts: all\n  tasks:\n  - copy:\n      dest: /p.yaml\n      content: |\n@8",
    ),
    (
        InputFormat::Ansible,
        "a list of Ansible tasks",
        "- name: policy\n  ansible.builtin.copy:\n    dest: /p.yaml\n    content: |\n@6",
    ),
];

/// Returns the cells of an example: recognized, policy found, settings read, fix written back.
fn cells(format: InputFormat, text: &str) -> [bool; 4] {
    let found = recognize(text);
    let document = &found.documents[0];
    let policy = document.policies.first();
    let is_fixable = policy.is_some_and(|policy| {
        let checked = policy.check(text, KubernetesVersion::NEWEST);
        checked.findings.iter().any(|finding| {
            let fix = finding.fix.as_ref();
            fix.is_some_and(|fix| finding.code == "AP013" && fix.edits[0].text == "verbs")
        })
    });
    let settings = import(text, KubernetesVersion::NEWEST).settings;
    let has_settings = !settings.changed_flags().is_empty();
    [
        document.format == format,
        policy.is_some(),
        has_settings,
        is_fixable,
    ]
}

/// Returns a row of the table.
fn row(format: InputFormat, title: &str, template: &str) -> String {
    let cells = cells(format, &example(template)).map(|cell| if cell { "yes" } else { "no" });
    format!("| `{}` | {title} | {} |", format.name(), cells.join(" | "))
}

/// Rows of a table of the page: the first has the formats, the second the variants.
fn rows(table: usize) -> Vec<&'static str> {
    let page = include_str!("../DOCUMENTS.md");
    let tables = page.split("| --- |");
    let rows = tables.skip(1).map(|table| {
        let lines = table.lines().skip(1);
        lines.take_while(|line| line.starts_with("| `")).collect()
    });
    let mut tables: Vec<Vec<_>> = rows.filter(|rows: &Vec<_>| !rows.is_empty()).collect();
    tables.swap_remove(table)
}

#[test]
fn the_table_says_what_is_true_of_the_examples() {
    let expected: Vec<String> = InputFormat::ALL
        .into_iter()
        .map(|format| row(format, format.title(), example_of(format)))
        .collect();
    assert_eq!(rows(0), expected, "\n{}", expected.join("\n"));
}

#[test]
fn the_table_of_variants_says_what_is_true_of_them() {
    let expected: Vec<String> = VARIANTS
        .into_iter()
        .map(|(format, title, template)| row(format, title, template))
        .collect();
    assert_eq!(rows(1), expected, "\n{}", expected.join("\n"));
    for (_, title, template) in VARIANTS {
        assert_eq!(recognize(&example(template)).documents[0].title, title);
    }
}

/// Other texts that only one of the two would recognize if each had its own recognition.
const OTHERS: [&str; 14] = [
    "kube_apiserver_args:\n- --audit-log-path=/l/a.log\n",
    "kind: KamajiControlPlane\nspec:\n  apiServer:\n    extraArgs: [\"--audit-log-path=/l/a.log\"]\n",
    "profile: cis\n",
    "token: x\ntls-san: [a]\ncni: calico\n",
    "extraArgs:\n  audit-log-path: /l/a.log\n",
    "- name: audit\n  hostPath: /p\n  mountPath: /p\n",
    "- name: audit-log-path\n  value: /l/a.log\n",
    "spec:\n  api:\n    extraArgs:\n      audit-log-path: /l/a.log\n",
    "spec:\n  audit:\n    profile: Default\n",
    "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: K0sControlPlane\nspec: {}\n",
    "apiVersion: operator.gardener.cloud/v1alpha1\nkind: Garden\nspec: {}\n",
    "apiVersion: hypershift.openshift.io/v1beta1\nkind: HostedCluster\nspec: {}\n",
    "apiVersion: kubeadm.k8s.io/v1alpha2\nkind: MasterConfiguration\nauditPolicy: {logDir: /l}\n",
    "{\"KubernetesConfig\":{\"ExtraOptions\":[{\"Component\":\"apiserver\",\"Key\":\"audit-log-path\",\"Value\":\"-\"}]}}\n",
];

#[test]
fn check_and_import_recognize_the_same() {
    let of_formats = InputFormat::ALL.map(example_of);
    let of_variants = VARIANTS.map(|(_, _, template)| template);
    let templates = of_formats.iter().chain(&of_variants).chain(&OTHERS);
    for template in templates {
        let text = example(template);
        let imported = import(&text, KubernetesVersion::NEWEST);
        let recognized = recognize(&text);
        assert_eq!(imported.format, recognized.documents[0].format, "{text}");
        // An object of the audit API that is not a policy may be one with a misspelled kind.
        let may_be_policy = matches!(
            imported.format,
            InputFormat::Unknown | InputFormat::Policy | InputFormat::Events
        );
        assert!(may_be_policy || recognized.is_known(), "{text}");
    }
}
