//! Settings of configurations of tools, and of documents inside documents. Values and defaults are those of each tool's documentation.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by a panic"
)]

mod finding;

use apiserver_config::{Flag, KubernetesVersion};
use audit_import::{InputFormat, import};
use finding::{code, line};

/// A text, its format, its flags that differ from the server's defaults, and the codes of findings with lines.
type Row = (
    &'static str,
    InputFormat,
    &'static [&'static str],
    &'static [(&'static str, usize)],
);

/// Returns the format, the flags and the findings of a text.
fn read(text: &str) -> (InputFormat, Vec<String>, Vec<(&'static str, usize)>) {
    // The newest version rotates by default, which would hide some flags.
    let version: KubernetesVersion = "1.30".parse().unwrap();
    let read = import(text, version);
    let flags = read.settings.changed_flags();
    (
        read.format,
        flags.iter().map(Flag::argument).collect(),
        read.findings
            .iter()
            .map(|finding| (code(finding), line(text, finding)))
            .collect(),
    )
}

#[test]
fn every_tool_has_its_fields_and_defaults() {
    let table: [Row; 34] = [
        (
            "all:\n  vars:\n    kubernetes_audit: true\n    audit_log_maxage: 7\n    audit_log_path: /l/a.log\n    audit_policy_file: /p.yaml\n",
            InputFormat::Kubespray,
            &[
                "--audit-policy-file=/p.yaml",
                "--audit-log-path=/l/a.log",
                "--audit-log-maxage=7",
                "--audit-log-maxbackup=10",
                "--audit-log-maxsize=100",
            ],
            &[],
        ),
        (
            "#cloud-config\nruncmd:\n- k3s server --kube-apiserver-arg=audit-log-path=/l/a.log\n",
            InputFormat::CloudInit,
            &["--audit-log-path=/l/a.log"],
            &[],
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}}\nspec:\n  containers:\n  - command:\n    - --audit-log-path=/l/a.log\n",
            InputFormat::Flags,
            &["--audit-log-path=/l/a.log"],
            &[("AE019", 3)],
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  p: |\n    kind: Policy\n    apiVersion: audit.k8s.io/v1\n    rules: [{level: None}]\n",
            InputFormat::ConfigMap,
            &[],
            &[("AE019", 1)],
        ),
        (
            "resource \"rke_cluster\" \"c\" {\n  services {\n    kube_api {\n      audit_log { enabled = true }\n    }\n  }\n}\n",
            InputFormat::Terraform,
            &[],
            &[("AE019", 1)],
        ),
        (
            "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nfeatures:\n  staticAuditLog:\n    enable: true\n    config:\n      policyFilePath: ./p.yaml\n      logMaxAge: 7\n",
            InputFormat::KubeOne,
            &[
                "--audit-policy-file=/etc/kubernetes/audit/policy.yaml",
                "--audit-log-path=/var/log/kubernetes/audit.log",
                "--audit-log-maxage=7",
                "--audit-log-maxbackup=3",
                "--audit-log-maxsize=100",
            ],
            &[],
        ),
        (
            "apiVersion: kubeone.k8c.io/v1beta3\nkind: KubeOneCluster\nfeatures:\n  webhookAuditLog:\n    enable: true\n    config: {policyFilePath: p, mode: blocking, batch: {bufferSize: 5}}\n",
            InputFormat::KubeOne,
            &[
                "--audit-policy-file=/etc/kubernetes/audit/policy.yaml",
                "--audit-webhook-config-file=/etc/kubernetes/audit/webhook-config.yaml",
                "--audit-webhook-mode=blocking",
                "--audit-webhook-batch-buffer-size=5",
            ],
            &[("AE022", 5)],
        ),
        (
            "apiVersion: kubeone.k8c.io/v1beta2\nkind: KubeOneCluster\nfeatures:\n  staticAuditLog:\n    config: {policyFilePath: p}\n",
            InputFormat::KubeOne,
            &[],
            &[("AE032", 5)],
        ),
        (
            "apiVersion: kubermatic.k8c.io/v1\nkind: Cluster\nspec:\n  auditLogging: {enabled: true, policyPreset: minimal}\n",
            InputFormat::Kubermatic,
            &[
                "--audit-policy-file=/etc/kubernetes/audit/policy.yaml",
                "--audit-log-path=/var/log/kubernetes/audit/audit.log",
                "--audit-log-maxage=30",
                "--audit-log-maxbackup=3",
                "--audit-log-maxsize=100",
            ],
            &[],
        ),
        (
            "apiVersion: kubermatic.k8c.io/v1\nkind: Cluster\nspec:\n  auditLogging:\n    policyPreset: minimum\n",
            InputFormat::Kubermatic,
            &[],
            &[("AE032", 5), ("AE022", 5)],
        ),
        (
            "apiVersion: kubermatic.k8c.io/v1\nkind: Cluster\nspec: {}\n",
            InputFormat::Kubermatic,
            &[],
            &[("AE032", 1)],
        ),
        (
            include_str!("data/documents/cluster.yaml"),
            InputFormat::Kops,
            &[
                "--audit-policy-file=/srv/kubernetes/audit.yaml",
                "--audit-log-path=/var/log/kube-apiserver-audit.log",
                "--audit-log-maxage=10",
                "--audit-log-maxbackup=1",
                "--audit-log-maxsize=100",
            ],
            // The newest version, which is emulated here, is not the one of the cluster.
            &[("AE041", 7)],
        ),
        (
            include_str!("data/documents/cluster-typo.yaml"),
            InputFormat::Kops,
            &[
                "--audit-policy-file=/srv/kubernetes/kube-apiserver/audit-policy.yaml",
                "--audit-log-path=/var/log/kube-apiserver-audit.log",
            ],
            &[("AE050", 17)],
        ),
        (
            "kind: Cluster\napiVersion: kops.k8s.io/v1alpha2\nspec:\n  kubeAPIServer:\n    auditLogMaxBackup: 3\n    featureGates: {DynamicAuditing: \"true\"}\n",
            InputFormat::Kops,
            &[],
            &[("AE022", 5), ("AE015", 6)],
        ),
        (
            include_str!("data/documents/vars-folded.yml"),
            InputFormat::Kubespray,
            &[
                "--audit-policy-file=/etc/kubernetes/audit-policy/apiserver-audit-policy.yaml",
                "--audit-log-path=/var/log/kube-apiserver-log.json",
                "--audit-log-maxage=30",
                "--audit-log-maxbackup=10",
                "--audit-log-maxsize=100",
            ],
            &[],
        ),
        (
            "kubernetes_audit: \"true\"\n",
            InputFormat::Kubespray,
            &[
                "--audit-policy-file=/etc/kubernetes/audit-policy/apiserver-audit-policy.yaml",
                "--audit-log-path=/var/log/audit/kube-apiserver-audit.log",
                "--audit-log-maxage=30",
                "--audit-log-maxbackup=10",
                "--audit-log-maxsize=100",
            ],
            &[],
        ),
        (
            "kubernetes_audit: false\naudit_log_path: /a.log\n",
            InputFormat::Kubespray,
            &[],
            &[("AE032", 1)],
        ),
        (
            include_str!("data/documents/cluster.yml"),
            InputFormat::Rke1,
            &[
                "--audit-policy-file=/etc/kubernetes/audit-policy.yaml",
                "--audit-log-path=/var/log/kube-audit/audit-log.json",
                "--audit-log-maxage=6",
                "--audit-log-maxbackup=6",
                "--audit-log-maxsize=110",
            ],
            // Its policy has no kind.
            &[("AP052", 17)],
        ),
        (
            "services:\n  kube-api:\n    audit_log:\n      enabled: true\n",
            InputFormat::Rke1,
            &[
                "--audit-policy-file=/etc/kubernetes/audit-policy.yaml",
                "--audit-log-path=/var/log/kube-audit/audit-log.json",
                "--audit-log-maxage=30",
                "--audit-log-maxbackup=10",
                "--audit-log-maxsize=100",
            ],
            &[],
        ),
        (
            "services:\n  kube-api:\n    audit_log:\n      enabled: false\n",
            InputFormat::Rke1,
            &[],
            &[("AE032", 4)],
        ),
        (
            // An inventory in the format of ini files. Ansible strips the quotes and the comment behind a number.
            "# c\n[all]\nn1 ansible_host=192.0.2.1\n\n[kube_control_plane]\nn1\n\n[all:vars]\nkubernetes_audit=true\naudit_log_path = '/l/a.log'\naudit_log_maxage=7 # days\n\n[kube_node:vars]\naudit_log_maxage=1\n",
            InputFormat::Kubespray,
            &[
                "--audit-policy-file=/etc/kubernetes/audit-policy/apiserver-audit-policy.yaml",
                "--audit-log-path=/l/a.log",
                "--audit-log-maxage=7",
                "--audit-log-maxbackup=10",
                "--audit-log-maxsize=100",
            ],
            &[],
        ),
        (
            "[k8s_cluster:vars]\nkubernetes_audit=False\n[all:vars]\nkubernetes_audit=True\n",
            InputFormat::Kubespray,
            &[],
            &[("AE032", 2)],
        ),
        (
            // A number with the tag of its type and in quotes, as some programs write it, is that number.
            "services:\n  kube-api:\n    extra_args:\n      audit-log-path: /l/a.log\n      audit-log-maxage: !!int \"6\"\n      audit-log-maxsize: !!int '7'\n",
            InputFormat::Rke1,
            &[
                "--audit-policy-file=/etc/kubernetes/audit-policy.yaml",
                "--audit-log-path=/l/a.log",
                "--audit-log-maxage=6",
                "--audit-log-maxbackup=10",
                "--audit-log-maxsize=7",
            ],
            &[],
        ),
        (
            // `extra_args_array` takes precedence over `extra_args`; the arguments of other services are not the server's.
            "services:\n  kubelet:\n    extra_args_array: {audit-log-maxsize: ['1']}\n  kube-api:\n    extra_args_array:\n      audit-log-maxage: ['7']\n      audit-log-path:\n      - /l/a.log\n    extra_args: {audit-log-maxage: 3, v: 2}\n",
            InputFormat::Rke1,
            &[
                "--audit-policy-file=/etc/kubernetes/audit-policy.yaml",
                "--audit-log-path=/l/a.log",
                "--audit-log-maxage=7",
                "--audit-log-maxbackup=10",
                "--audit-log-maxsize=100",
            ],
            &[("AE018", 6)],
        ),
        (
            // Flags of their own turn auditing on although `audit_log` is off. In Rancher's spelling.
            "apiVersion: management.cattle.io/v3\nkind: Cluster\nspec:\n  rancherKubernetesEngineConfig:\n    services:\n      kubeApi:\n        auditLog: {enabled: false}\n        extraArgsArray:\n          audit-policy-file: [/etc/kubernetes/p.yaml]\n          audit-log-path: ['-']\n",
            InputFormat::Rke1,
            &[
                "--audit-policy-file=/etc/kubernetes/p.yaml",
                "--audit-log-path=-",
            ],
            &[],
        ),
        (
            "services:\n  kube-api:\n    audit_log: {enabled: false}\n    extra_args_array:\n      audit-log-path: /l/a.log\n",
            InputFormat::Rke1,
            &["--audit-log-path=/l/a.log"],
            &[("AE022", 5)],
        ),
        (
            include_str!("data/documents/rancher-prov.yaml"),
            InputFormat::RancherCluster,
            &[
                "--audit-policy-file=/etc/rancher/rke2/audit.yaml",
                "--audit-log-path=/var/log/kube/audit.log",
            ],
            &[],
        ),
        (
            "apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nspec:\n  kubernetesVersion: v1.30.1+rke2r1\n  rkeConfig:\n    machineGlobalConfig:\n      audit-policy-file: |\n        apiVersion: audit.k8s.io/v1\n        kind: Policy\n        rules:\n        - level: Metadata\n",
            InputFormat::RancherCluster,
            &[
                "--audit-policy-file=/var/lib/rancher/rke2/etc/config-files/audit-policy-file",
                "--audit-log-path=/var/lib/rancher/rke2/server/logs/audit.log",
                "--audit-log-maxage=30",
                "--audit-log-maxbackup=10",
                "--audit-log-maxsize=100",
            ],
            &[],
        ),
        (
            "apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nspec:\n  kubernetesVersion: v1.30.1+k3s1\n  rkeConfig:\n    machineSelectorConfig:\n    - config:\n        kube-apiserver-arg: [audit-policy-file=/p.yaml, audit-log-path=/l/a.log]\n",
            InputFormat::RancherCluster,
            &["--audit-policy-file=/p.yaml", "--audit-log-path=/l/a.log"],
            &[],
        ),
        (
            "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: RKE2ControlPlane\nspec:\n  serverConfig:\n    auditPolicySecret: {name: p}\n    kubeAPIServer:\n      extraArgs: [--audit-log-maxage=7]\n",
            InputFormat::Rke2ControlPlane,
            &[
                "--audit-policy-file=/etc/rancher/rke2/audit-policy.yaml",
                "--audit-log-path=/var/lib/rancher/rke2/server/logs/audit.log",
                "--audit-log-maxage=7",
                "--audit-log-maxbackup=10",
                "--audit-log-maxsize=100",
            ],
            &[],
        ),
        (
            // The kubeadm file mounts neither the policy nor the log's directory.
            include_str!("data/documents/cloudinit.yaml"),
            InputFormat::CloudInit,
            &[
                "--audit-policy-file=/etc/kubernetes/audit-policy.yaml",
                "--audit-log-path=/var/log/audit.log",
            ],
            &[("AE011", 15), ("AE011", 17)],
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  flags: |\n    --audit-log-path=/l/a.log\n    --audit-log-maxage=x\n",
            InputFormat::ConfigMap,
            &["--audit-log-path=/l/a.log"],
            &[("AE016", 6)],
        ),
        (
            // `--audit-log-path=/l/a.log` in Base64.
            "apiVersion: v1\nkind: Secret\ndata:\n  flags: LS1hdWRpdC1sb2ctcGF0aD0vbC9hLmxvZw==\n",
            InputFormat::Secret,
            &["--audit-log-path=/l/a.log"],
            &[],
        ),
        (
            include_str!("data/documents/helm.yaml"),
            InputFormat::Template,
            &[],
            &[("AE019", 1)],
        ),
    ];
    for (text, format, flags, findings) in table {
        let (found_format, found_flags, found) = read(text);
        assert_eq!(found_format, format, "{text}");
        assert_eq!(found_flags, flags, "{text}");
        assert_eq!(found, findings, "{text}");
    }
}

#[test]
fn the_policy_of_the_flag_is_the_one_of_the_settings() {
    let text = include_str!("data/documents/cloudinit.yaml");
    let read = import(text, KubernetesVersion::NEWEST);
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
    assert_eq!(read.settings.policy, policy);
    // Of several policies, it is the one that is written to the flag's path.
    let two = text.replace(
        "write_files:\n",
        "write_files:\n- path: /other.yaml\n  content: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: None\n",
    );
    let read = import(&two, KubernetesVersion::NEWEST);
    assert_eq!(read.settings.policy, policy);
}

#[test]
fn an_encoded_policy_of_cluster_api_is_decoded() {
    // `kind: Policy`, `apiVersion: audit.k8s.io/v1` and `rules: []` in Base64.
    let text = "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nspec:\n  kubeadmConfigSpec:\n    files:\n    - path: /p.yaml\n      encoding: base64\n      content: a2luZDogUG9saWN5CmFwaVZlcnNpb246IGF1ZGl0Lms4cy5pby92MQpydWxlczogW10K\n    clusterConfiguration:\n      apiServer: {extraArgs: {audit-policy-file: /p.yaml}}\n";
    let read = import(text, KubernetesVersion::NEWEST);
    let policy = "kind: Policy\napiVersion: audit.k8s.io/v1\nrules: []\n";
    assert_eq!(read.settings.policy, policy);
}

#[test]
fn kinds_without_a_reader_are_named() {
    for (text, format) in [
        (
            "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\n",
            InputFormat::Kubeconfig,
        ),
        (
            "apiVersion: auditregistration.k8s.io/v1alpha1\nkind: AuditSink\n",
            InputFormat::AuditSink,
        ),
        (
            "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\n",
            InputFormat::Gardener,
        ),
        (
            "apiVersion: config.openshift.io/v1\nkind: APIServer\n",
            InputFormat::OpenShift,
        ),
        (
            "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n",
            InputFormat::K0s,
        ),
        (
            "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\n",
            InputFormat::K0sctl,
        ),
        (
            "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterDeployment\n",
            InputFormat::K0rdent,
        ),
        (
            "apiVersion: k3d.io/v1alpha5\nkind: Simple\n",
            InputFormat::K3d,
        ),
    ] {
        assert_eq!(read(text).0, format, "{text}");
    }
}

#[test]
fn a_secret_without_flags_is_called_one() {
    let text = "apiVersion: v1\nkind: Secret\nstringData:\n  a: hello\n";
    let found = import(text, KubernetesVersion::NEWEST);
    assert_eq!(found.format, InputFormat::Secret);
    let messages: Vec<&str> = found
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(
        messages,
        ["this is a Secret, which contains no audit flags"]
    );
}

#[test]
fn a_broken_kubeconfig_is_checked_as_far_as_it_goes() {
    let good = "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {server: 'http://falco.falco.svc/a'}\nusers:\n- name: u\n  user: {token: t}\ncontexts:\n- name: x\n  context: {cluster: c, user: u}\ncurrent-context: x\n";
    for (from, to) in [
        ("current-context: x", "current-context: y"),
        ("current-context: x\n", ""),
        ("cluster: c,", "cluster: d,"),
        (
            "contexts:\n- name: x\n  context: {cluster: c, user: u}\n",
            "",
        ),
    ] {
        let mut codes: Vec<&str> = read(&good.replace(from, to))
            .2
            .iter()
            .map(|one| one.0)
            .collect();
        codes.sort_unstable();
        // Plain http with a token, and a name of the cluster's DNS.
        assert_eq!(codes, ["AE035", "AE036", "AE036"], "{from}");
    }
}
