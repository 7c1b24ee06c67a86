//! Files of other programs that people take for an audit policy are named, and not judged.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by a panic"
)]

use audit_import::{InputFormat, KubernetesVersion, import, recognize, recognize_other};

/// A file and its title.
const FACTS: &[(&str, &str)] = &[
    (
        "- required_engine_version: 10\n- macro: kevt\n  condition: (a)\n",
        "a Falco rules file",
    ),
    ("- list: users\n  items: [minikube]\n", "a Falco rules file"),
    (
        "# Rules\n- rule: Attach\n  desc: d\n  condition: kevt\n  output: o\n  priority: NOTICE\n",
        "a Falco rules file",
    ),
    (
        "title: a\nlogsource: {product: kubernetes, service: audit}\ndetection:\n  selection: {verb: list}\nlevel: low\n",
        "a Sigma rule",
    ),
    (
        "[SERVICE]\n    Flush 1\n\n[INPUT]\n    Name tail\n    Path /var/log/audit.log\n",
        "a Fluent Bit configuration",
    ),
    (
        "@INCLUDE a.conf\n[OUTPUT]\n    Name es\n",
        "a Fluent Bit configuration",
    ),
    (
        "pipeline:\n  inputs:\n  - name: tail\n  outputs: []\n",
        "a Fluent Bit configuration",
    ),
    (
        "<source>\n  @type tail\n</source>\n",
        "a Fluentd configuration",
    ),
    (
        "sources:\n  a: {type: file}\nsinks:\n  b: {type: console}\n",
        "a Vector configuration",
    ),
    ("[sources.a]\ntype = \"file\"\n", "a Vector configuration"),
    (
        "filebeat.inputs:\n- type: log\n",
        "a Filebeat configuration",
    ),
    (
        "clients: [{url: a}]\nscrape_configs: [{job_name: a}]\n",
        "a Promtail configuration",
    ),
    (
        "receivers: {filelog: {}}\nexporters: {debug: {}}\n",
        "an OpenTelemetry Collector configuration",
    ),
    (
        "module(load=\"imfile\")\ninput(type=\"imfile\" File=\"/a\" Tag=\"a\")\n",
        "an rsyslog configuration",
    ),
    (
        "/var/log/audit.log {\n  rotate 5\n}\n",
        "a logrotate configuration",
    ),
    (
        "-D\n-b 8192\n-w /etc/kubernetes/ -p wa -k kubernetes\n",
        "a rules file of auditd",
    ),
    (
        "# exec\n-a always,exit -F arch=b64 -S execve -k exec\n",
        "a rules file of auditd",
    ),
    (
        "type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2\n",
        "a log of auditd",
    ),
    (
        "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"eks:*\", \"Resource\": \"*\"}]}\n",
        "an IAM policy of AWS",
    ),
    (
        "Statement:\n  Effect: Allow\n  Action: logs:GetLogEvents\n",
        "an IAM policy of AWS",
    ),
    (
        "{\"bindings\": [], \"etag\": \"a\"}\n",
        "an IAM policy of Google Cloud",
    ),
    (
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec: {rules: []}\n",
        "a Kyverno policy",
    ),
    (
        "apiVersion: kyverno.io/v1\nkind: Policy\nspec: {rules: []}\n",
        "a Kyverno policy",
    ),
    (
        "apiVersion: policies.kyverno.io/v1alpha1\nkind: ValidatingPolicy\nspec: {}\n",
        "a Kyverno policy",
    ),
    (
        "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nspec: {}\n",
        "a ConstraintTemplate of OPA Gatekeeper",
    ),
    (
        "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sRequiredLabels\nspec: {}\n",
        "an object of OPA Gatekeeper",
    ),
    (
        "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nspec: {rules: []}\n",
        "a Kubewarden policy",
    ),
    (
        "package kubernetes.admission\n\ndeny[msg] {\n  input.request.kind.kind == \"Pod\"\n}\n",
        "a Rego policy of Open Policy Agent",
    ),
    ("permit (principal, action, resource);\n", "a Cedar policy"),
];

/// A file of a cluster whose control plane a cloud runs, its title, and the cloud.
const CLOUDS: &[(&str, &str, &str)] = &[
    (
        "aws eks update-cluster-config --name a --logging '{}'\n",
        "a command for EKS",
        "EKS",
    ),
    (
        "$ eksctl utils update-cluster-logging --enable-types audit\n",
        "a command for EKS",
        "EKS",
    ),
    (
        "{\"clusterLogging\": [{\"types\": [\"audit\"], \"enabled\": true}]}\n",
        "a logging configuration of EKS",
        "EKS",
    ),
    (
        "{\"cluster\": {\"name\": \"a\", \"logging\": {\"clusterLogging\": [{\"types\": [\"audit\"], \"enabled\": true}]}}}\n",
        "a logging configuration of EKS",
        "EKS",
    ),
    (
        "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\ncloudWatch: {clusterLogging: {enableTypes: [audit]}}\n",
        "an eksctl cluster configuration",
        "EKS",
    ),
    (
        "apiVersion: controlplane.cluster.x-k8s.io/v1beta2\nkind: AWSManagedControlPlane\nspec: {logging: {audit: true}}\n",
        "an EKS cluster",
        "EKS",
    ),
    (
        "az monitor diagnostic-settings create --name a --logs '[{\"category\":\"kube-audit\"}]'\n",
        "a command for AKS",
        "AKS",
    ),
    (
        "[{\"category\": \"kube-audit-admin\", \"enabled\": true}]\n",
        "a diagnostic setting of AKS",
        "AKS",
    ),
    (
        "properties:\n  logs:\n  - {category: kube-audit, enabled: true}\n",
        "a diagnostic setting of AKS",
        "AKS",
    ),
    (
        "auditConfigs: [{service: container.googleapis.com}]\nbindings: []\netag: a\n",
        "an audit configuration of Google Cloud",
        "GKE",
    ),
    (
        "gcloud container clusters update a --logging=SYSTEM,API_SERVER\n",
        "a command for GKE",
        "GKE",
    ),
    (
        "apiVersion: container.cnrm.cloud.google.com/v1beta1\nkind: ContainerCluster\nspec: {}\n",
        "a GKE cluster",
        "GKE",
    ),
];

/// Texts that are not of another program.
const OTHERS: &[&str] = &[
    // A policy inside a script is found.
    "aws eks update-kubeconfig --name a\ncat > /p.yaml <<'EOF'\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\nEOF\n",
    // A unit of systemd, whose sections look like those of Fluent Bit.
    "[Service]\nExecStart=/usr/bin/kube-apiserver --audit-log-path=/a\n",
    "kind: Policy\napiVersion: audit.k8s.io/v1\nrules:\n- level: Metadata\n",
    "- level: Metadata\n  users: [a]\n",
    "rules:\n- level: None\n",
    // A Go file.
    "package main\n\nfunc main() { deny() }\n",
    "-w\n",
    "list: a\n",
    "apiVersion: example.com/v1\nkind: Policy\nrules:\n- level: high\n",
];

#[test]
fn files_of_other_programs_are_named() {
    for (text, title) in FACTS {
        let found = recognize_other(text, false).unwrap();
        let document = &found.documents[0];
        assert_eq!(
            (document.format, document.title.as_str()),
            (InputFormat::OtherProgram, *title),
            "{text}"
        );
        let finding = document.not_a_policy().unwrap();
        assert_eq!(finding.message, format!("not a policy: this is {title}"));
        let read = import(text, KubernetesVersion::NEWEST);
        let messages: Vec<_> = read
            .findings
            .iter()
            .map(|found| found.message.as_str())
            .collect();
        assert_eq!(
            messages,
            [format!("this is {title}, which contains no audit flags")],
            "{text}"
        );
        assert_eq!(
            (read.format, read.title.as_str()),
            (InputFormat::OtherProgram, *title)
        );
    }
}

#[test]
fn settings_of_managed_clusters_are_named() {
    for (text, title, cloud) in CLOUDS {
        let found = recognize_other(text, false).unwrap();
        let document = &found.documents[0];
        assert_eq!(
            (document.format, document.title.as_str()),
            (InputFormat::ManagedCluster, *title),
            "{text}"
        );
        let read = import(text, KubernetesVersion::NEWEST);
        let messages: Vec<_> = read
            .findings
            .iter()
            .map(|found| found.message.as_str())
            .collect();
        let expected = format!("this is {title}; {cloud} sets the policy of kube-apiserver itself");
        assert_eq!(messages, [expected], "{text}");
    }
}

#[test]
fn other_texts_are_not_taken_for_files_of_other_programs() {
    for text in OTHERS {
        let found = recognize(text);
        let is_other = |format| {
            matches!(
                format,
                InputFormat::OtherProgram | InputFormat::ManagedCluster
            )
        };
        assert!(
            found
                .documents
                .iter()
                .all(|document| !is_other(document.format)),
            "{text}{found:#?}"
        );
        assert!(
            !is_other(import(text, KubernetesVersion::NEWEST).format),
            "{text}"
        );
    }
}
