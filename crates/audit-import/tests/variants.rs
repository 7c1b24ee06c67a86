//! Spellings and nestings of configurations that people have, besides those in the other tests. Each row is a text and what is true of it.

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

/// Flags that RKE2 sets by itself with a CIS profile.
const RKE2_PROFILE: &[&str] = &[
    "--audit-policy-file=/etc/rancher/rke2/audit-policy.yaml",
    "--audit-log-path=/var/lib/rancher/rke2/server/logs/audit.log",
    "--audit-log-maxage=30",
    "--audit-log-maxbackup=10",
    "--audit-log-maxsize=100",
];

/// Flags of a configuration of minikube that works.
const MINIKUBE: &[&str] = &[
    "--audit-policy-file=/etc/ssl/certs/p.yaml",
    "--audit-log-path=-",
];

/// Lists that contain no pods, texts within texts, and other ways to write a value.
const ROWS: &[Row] = &[
    // A webhook's kubeconfig file inside documents: `.svc` is a name of the cluster's DNS, and the second is the same in Base64.
    (
        "#cloud-config\nwrite_files:\n- path: /etc/kubernetes/webhook.yaml\n  content: |\n    kind: Config\n    apiVersion: v1\n    clusters:\n    - name: c\n      cluster: {server: 'https://a.b.svc'}\n    contexts:\n    - name: d\n      context: {cluster: c}\n    current-context: d\n",
        InputFormat::CloudInit,
        &[],
        &[("AE036", 9)],
    ),
    (
        "apiVersion: v1\nkind: Secret\ndata:\n  webhook: a2luZDogQ29uZmlnCmFwaVZlcnNpb246IHYxCmNsdXN0ZXJzOgotIG5hbWU6IGMKICBjbHVzdGVyOiB7c2VydmVyOiAnaHR0cHM6Ly9hLmIuc3ZjJ30KY29udGV4dHM6Ci0gbmFtZTogZAogIGNvbnRleHQ6IHtjbHVzdGVyOiBjfQpjdXJyZW50LWNvbnRleHQ6IGQK\n",
        InputFormat::Secret,
        &[],
        &[("AE036", 4)],
    ),
    // Without a current context, the server does not start.
    (
        "apiVersion: v1\nkind: Secret\nstringData:\n  webhook: |\n    kind: Config\n    apiVersion: v1\n    clusters: []\n    contexts: []\n",
        InputFormat::Secret,
        &[],
        &[("AE035", 8)],
    ),
    // What RKE2's profile sets, wherever its configuration is.
    (
        "#cloud-config\nwrite_files:\n- path: /etc/rancher/rke2/config.yaml\n  content: |\n    token: t\n    profile: cis\n",
        InputFormat::CloudInit,
        RKE2_PROFILE,
        &[("AE040", 6)],
    ),
    (
        "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: RKE2ControlPlane\nspec:\n  agentConfig:\n    cisProfile: cis\n",
        InputFormat::Rke2ControlPlane,
        RKE2_PROFILE,
        &[("AE040", 5)],
    ),
    // A profile of another program.
    (
        "profile: cis\nregion: eu\n",
        InputFormat::Unknown,
        &[],
        &[("AE019", 1)],
    ),
    // A variable within a variable of systemd.
    (
        "[Service]\nEnvironment=\"ARGS=--audit-log-path=/l/a.log --audit-policy-file=/p.yaml\"\n",
        InputFormat::Flags,
        &["--audit-policy-file=/p.yaml", "--audit-log-path=/l/a.log"],
        &[],
    ),
    // One argument in a variable.
    (
        "export INSTALL_K3S_EXEC=\"--kube-apiserver-arg=audit-log-path=/l/a.log\"\n",
        InputFormat::Flags,
        &["--audit-log-path=/l/a.log"],
        &[],
    ),
    // Values of a Helm chart, with a field that kubeadm's configuration also has.
    (
        "apiServer:\n  audit:\n    enabled: true\n    policy:\n      apiVersion: audit.k8s.io/v1\n      kind: Policy\n      rules: [{level: Metadata}]\n",
        InputFormat::Unknown,
        &[],
        &[("AE019", 1)],
    ),
    // Keys of minikube: as users write them, as it saves them, and as lines.
    (
        "extra-config:\n- apiserver.audit-policy-file=/etc/ssl/certs/p.yaml\n- apiserver.audit-log-path=-\n",
        InputFormat::Minikube,
        MINIKUBE,
        &[],
    ),
    (
        "{\"KubernetesConfig\":{\"ExtraOptions\":[{\"Component\":\"apiserver\",\"Key\":\"audit-policy-file\",\"Value\":\"/etc/ssl/certs/p.yaml\"},{\"Component\":\"apiserver\",\"Key\":\"audit-log-path\",\"Value\":\"-\"},{\"Component\":\"kubelet\",\"Key\":\"audit-log-maxage\",\"Value\":\"1\"}]}}",
        InputFormat::Minikube,
        MINIKUBE,
        &[],
    ),
    (
        "apiserver.audit-policy-file=/etc/ssl/certs/p.yaml\napiserver.audit-log-path=-\n",
        InputFormat::Flags,
        MINIKUBE,
        &[],
    ),
    // A path that minikube does not mount, and a key of localkube.
    (
        "apiserver.audit-policy-file: /p.yaml\napiserver.Audit.LogOptions.Path: \"-\"\n",
        InputFormat::Minikube,
        &["--audit-policy-file=/p.yaml", "--audit-log-path=-"],
        &[("AE011", 1), ("AE039", 2)],
    ),
    // Kubernetes 1.13 to 1.18 have dynamic auditing; the text names 1.18.
    (
        "minikube start --kubernetes-version=v1.18.3 \\\n  --extra-config=apiserver.audit-dynamic-configuration=true \\\n  --feature-gates=DynamicAuditing=true\n",
        InputFormat::Flags,
        &[],
        &[("AE041", 1), ("AE015", 2), ("AE015", 3)],
    ),
    // Operations of a JSON patch on the arguments of a configuration.
    (
        "[{\"op\": \"add\", \"path\": \"/apiServer/extraArgs/audit-log-path\", \"value\": \"/l/a.log\"},\n {\"op\": \"remove\", \"path\": \"/apiServer/extraArgs/audit-log-maxage\"},\n {\"op\": \"add\", \"path\": \"/apiServer/extraArgs/-\", \"value\": {\"name\": \"audit-policy-file\", \"value\": \"/p.yaml\"}}]",
        InputFormat::JsonPatch,
        &["--audit-policy-file=/p.yaml", "--audit-log-path=/l/a.log"],
        &[],
    ),
    // A patch of the pod has its volumes in another file.
    (
        "spec:\n  containers:\n  - name: kube-apiserver\n    volumeMounts:\n    - {name: audit, mountPath: /p.yaml}\n",
        InputFormat::Manifest,
        &[],
        &[],
    ),
    // A list of other objects is read as these objects.
    (
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  data:\n    a.yaml: |\n      apiVersion: audit.k8s.io/v1\n      kind: Policy\n      rules:\n      - level: Metadata\n",
        InputFormat::ConfigMap,
        &[],
        &[("AE019", 1)],
    ),
    // A policy in Terraform is not a setting.
    (
        "resource \"kubernetes_config_map\" \"a\" {\n  data = {\n    p = <<-EOT\n      apiVersion: audit.k8s.io/v1\n      kind: Policy\n      rules:\n      - level: Metadata\n    EOT\n  }\n}\n",
        InputFormat::Terraform,
        &[],
        &[("AE019", 1)],
    ),
    // An expression of Terraform is a value that is set; the check of the settings reports it as unknown.
    (
        "resource \"rke_cluster\" \"c\" {\n  extra_args = {\n    \"audit-log-path\" = var.path\n    \"audit-policy-file\" = join(\"/\", [var.dir, \"p.yaml\"])\n  }\n}\n",
        InputFormat::Terraform,
        &["--audit-policy-file=${…}", "--audit-log-path=${var.path}"],
        &[],
    ),
    // The node filter of k3d 4 has brackets.
    (
        "k3d cluster create --k3s-server-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@server[0]'\n",
        InputFormat::Flags,
        &["--audit-log-path=/l/a.log"],
        &[],
    ),
    // Talos' YAML library reads numbers as strings, and a value can be a list.
    (
        "cluster:\n  apiServer:\n    extraArgs:\n      audit-log-maxage: 7\n      audit-log-path:\n      - /var/log/audit/kube/a.log\n",
        InputFormat::Talos,
        &[
            "--audit-policy-file=/system/config/kubernetes/kube-apiserver/auditpolicy.yaml",
            "--audit-log-path=/var/log/audit/kube/a.log",
            "--audit-log-maxage=7",
            "--audit-log-maxbackup=10",
            "--audit-log-maxsize=100",
        ],
        &[],
    ),
    // A here-document in a value does not end the YAML document.
    (
        "#cloud-config\nruncmd:\n- |\n  cat > /p.yaml <<EOF\n  apiVersion: audit.k8s.io/v1\n  kind: Policy\n  rules:\n  - level: Metadata\n  EOF\n- curl -sfL https://get.k3s.io | INSTALL_K3S_EXEC=\"server --kube-apiserver-arg=audit-log-path=/l/a.log --kube-apiserver-arg=audit-policy-file=/p.yaml\" sh -\n",
        InputFormat::CloudInit,
        &["--audit-policy-file=/p.yaml", "--audit-log-path=/l/a.log"],
        &[],
    ),
    // Butane, which becomes an Ignition configuration.
    (
        "variant: flatcar\nversion: 1.0.0\nstorage:\n  files:\n  - path: /etc/rancher/k3s/config.yaml\n    contents:\n      inline: |\n        kube-apiserver-arg:\n        - audit-log-path=/l/a.log\n        - audit-policy-file=/p.yaml\n  - path: /p.yaml\n    contents:\n      inline: |\n        apiVersion: audit.k8s.io/v1\n        kind: Policy\n        rules:\n        - level: Metadata\n",
        InputFormat::Ignition,
        &["--audit-policy-file=/p.yaml", "--audit-log-path=/l/a.log"],
        &[],
    ),
    // The colon and the blank of `data:` URLs are encoded.
    (
        "{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":{\"files\":[{\"path\":\"/p.yaml\",\"contents\":{\"source\":\"data:,kind%3A%20Policy%0AapiVersion%3A%20audit.k8s.io%2Fv1%0Arules%3A%0A-%20level%3A%20Metadata%0A\"}}]}}",
        InputFormat::Ignition,
        &[],
        &[("AE019", 1)],
    ),
    // A key of a template of a Secret is not a flag.
    (
        "apiVersion: v1\nkind: Secret\ndata:\n  audit-policy.yaml: {{ .Files.Get \"p\" | b64enc }}\n  audit-policy: {{ .Values.p }}\n",
        InputFormat::Template,
        &[],
        &[("AE019", 1)],
    ),
    // A policy of another API.
    (
        "apiVersion: kyverno.io/v1\nkind: Policy\nspec:\n  rules: []\n",
        InputFormat::OtherProgram,
        &[],
        &[("AE019", 1)],
    ),
    // The document with the settings names the format, wherever it is.
    (
        "kind: ConfigMap\napiVersion: v1\ndata: {}\n---\napiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n    audit-log-path: \"-\"\n",
        InputFormat::KubeadmV1beta3,
        &["--audit-log-path=-"],
        &[],
    ),
    // A list in brackets, in a document of an unknown kind.
    (
        "kind: KamajiControlPlane\nspec:\n  apiServer:\n    extraArgs: [\"--audit-log-path=/l/a.log\", \"--audit-policy-file=/p.yaml\"]\n",
        InputFormat::Flags,
        &["--audit-policy-file=/p.yaml", "--audit-log-path=/l/a.log"],
        &[],
    ),
    // RKE2 writes a log if it has a policy.
    (
        "rke2 server --audit-policy-file=/p.yaml\n",
        InputFormat::Flags,
        &[
            "--audit-policy-file=/p.yaml",
            "--audit-log-path=/var/lib/rancher/rke2/server/logs/audit.log",
            "--audit-log-maxage=30",
            "--audit-log-maxbackup=10",
            "--audit-log-maxsize=100",
        ],
        &[],
    ),
    // A patch of Talos leaves the paths that Talos sets.
    (
        "- op: replace\n  path: /cluster/apiServer/extraArgs\n  value:\n    audit-log-maxage: \"7\"\n",
        InputFormat::JsonPatch,
        &[
            "--audit-policy-file=/system/config/kubernetes/kube-apiserver/auditpolicy.yaml",
            "--audit-log-path=/var/log/audit/kube/kube-apiserver.log",
            "--audit-log-maxage=7",
            "--audit-log-maxbackup=10",
            "--audit-log-maxsize=100",
        ],
        &[],
    ),
];

fn newest_without_rotation() -> KubernetesVersion {
    "1.30".parse().unwrap()
}

#[test]
fn variants_are_read_as_what_they_are() {
    for (text, format, flags, findings) in ROWS {
        let read = import(text, newest_without_rotation());
        let of_settings = read.settings.changed_flags();
        let found: Vec<String> = of_settings.iter().map(Flag::argument).collect();
        let reported: Vec<_> = read
            .findings
            .iter()
            .map(|finding| (code(finding), line(text, finding)))
            .collect();
        assert_eq!(read.format, *format, "{text}");
        assert_eq!(found, *flags, "{text}");
        assert_eq!(reported, *findings, "{text}");
    }
}

#[test]
fn what_rotates_standard_output_depends_on_what_runs_the_server() {
    let arguments = "audit-log-path=-\n- audit-log-maxage=3";
    for (text, rotates) in [
        (
            "kube-apiserver --audit-log-path=- --audit-log-maxage=3".to_owned(),
            "kubelet",
        ),
        (
            "[Service]\nExecStart=/usr/bin/kube-apiserver --audit-log-path=- --audit-log-maxage=3\n"
                .to_owned(),
            "systemd-journald",
        ),
        (
            "k3s server --kube-apiserver-arg=audit-log-path=- --kube-apiserver-arg=audit-log-maxage=3"
                .to_owned(),
            "systemd-journald",
        ),
        (
            format!("cluster-init: true\nkube-apiserver-arg:\n- {arguments}\n"),
            "systemd-journald",
        ),
        (
            "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec:\n  api:\n    extraArgs:\n      audit-log-path: \"-\"\n      audit-log-maxage: \"3\"\n"
                .to_owned(),
            "systemd-journald",
        ),
        (
            "apiVersion: k3d.io/v1alpha5\nkind: Simple\noptions:\n  k3s:\n    extraArgs:\n    - arg: --kube-apiserver-arg=audit-log-path=-\n    - arg: --kube-apiserver-arg=audit-log-maxage=3\n"
                .to_owned(),
            "Docker",
        ),
        (
            "resource \"rke_cluster\" \"c\" {\n  audit_log {\n    configuration {\n      path = \"-\"\n      max_age = 3\n    }\n  }\n}\n"
                .to_owned(),
            "Docker",
        ),
        (
            "services:\n  s:\n    image: rancher/k3s\n    command:\n    - server\n    - --kube-apiserver-arg=audit-log-path=-\n    - --kube-apiserver-arg=audit-log-maxage=3\n"
                .to_owned(),
            "Docker",
        ),
        (
            "services:\n  kube-api:\n    audit_log:\n      enabled: true\n      configuration:\n        path: \"-\"\n        max_age: 3\n"
                .to_owned(),
            "Docker",
        ),
    ] {
        let read = import(&text, newest_without_rotation());
        let finding = read.findings.iter().find(|found| code(found) == "AE037");
        assert!(finding.unwrap().help.contains(rotates), "{text}");
    }
}
