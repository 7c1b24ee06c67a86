//! The policy of a text that is the server's, and the server that has its settings. Each row is a text and what is true of it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by a panic"
)]

mod finding;

use apiserver_config::{Flag, KubernetesVersion};
use audit_import::{check_documents, import, recognize};
use finding::{code, line};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// A policy that the server rejects, as the lines of a text.
const BAD: &str = "kind: Policy\napiVersion: audit.k8s.io/v1\nrules:\n- level: Loud\n";

/// Returns a policy that the server rejects with an indentation.
fn bad(margin: usize) -> String {
    let margin = " ".repeat(margin);
    BAD.lines()
        .map(|line| format!("{margin}{line}\n"))
        .collect()
}

/// Returns a ConfigMap with a policy that the server rejects.
fn config_map(name: &str) -> String {
    format!(
        "---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: {name}}}\ndata:\n  policy: |\n{}",
        bad(4)
    )
}

/// Returns a cluster of RKE1 with an expression as its policy.
fn rke_cluster(policy: &str) -> String {
    format!(
        "resource \"rke_cluster\" \"c\" {{\n  audit_log {{\n    enabled = true\n    configuration {{\n      policy = {policy}\n    }}\n  }}\n}}\n"
    )
}

/// Returns the codes and lines of the findings about the settings of a text. What is lost in a mode is known elsewhere.
fn findings(text: &str) -> Vec<(&'static str, usize)> {
    let read = import(text, NEWEST).all_findings(text);
    read.iter()
        .filter(|one| one.code != "AE010")
        .map(|one| (code(one), one.span().map_or(0, |_| line(text, one))))
        .collect()
}

fn flags(text: &str) -> Vec<String> {
    let read = import(text, NEWEST).settings;
    read.changed_flags().iter().map(Flag::argument).collect()
}

#[test]
fn only_the_servers_policy_is_reported_as_rejected() {
    let shoot = "kind: Shoot\napiVersion: core.gardener.cloud/v1beta1\nmetadata: {name: s}\nspec:\n  kubernetes:\n    kubeAPIServer:\n";
    let reference = "      auditConfig: {auditPolicy: {configMapRef: {name: a}}}\n";
    let nothing = "      auditConfig: {}\n";
    let here = format!("<<EOT\n{BAD}EOT");
    let variable = |default: &str| format!("variable \"p\" {{\n  default = {default}\n}}\n");
    let pod = |object: &str| {
        format!(
            "kind: Deployment\napiVersion: apps/v1\nmetadata: {{name: d}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: kube-apiserver\n        command: [kube-apiserver, --audit-policy-file=/p/policy, --audit-log-path=-]\n        volumeMounts: [{{name: v, mountPath: /p, readOnly: true}}]\n      volumes: [{{name: v, configMap: {{name: {object}}}}}]\n"
        )
    };
    // A text, whether it contains the server's policy, and whether the server rejects that.
    for (text, is_found, is_rejected) in [
        (rke_cluster(&here), true, true),
        // The value of a variable in the policy is not known.
        (
            rke_cluster(&here.replace("Loud", "${var.level}")),
            false,
            false,
        ),
        (rke_cluster("var.p"), false, false),
        (rke_cluster("\"${var.p}\""), false, false),
        // A default may be replaced.
        (rke_cluster("var.p") + &variable(&here), true, false),
        (rke_cluster("var.p") + &variable("\"\""), false, false),
        // Another policy of the configuration.
        (rke_cluster("var.q") + &variable(&here), false, false),
        (
            rke_cluster("file(\"audit.yaml\")") + &variable(&here),
            false,
            false,
        ),
        (
            rke_cluster("local.p") + &format!("locals {{\n  p = {here}\n}}\n"),
            true,
            true,
        ),
        (
            rke_cluster("merge(local.p, local.q)") + &format!("locals {{\n  p = {here}\n}}\n"),
            false,
            false,
        ),
        (format!("{shoot}{reference}{}", config_map("a")), true, true),
        (
            format!("{shoot}{reference}{}", config_map("b")),
            false,
            false,
        ),
        (format!("{shoot}{nothing}{}", config_map("a")), false, false),
        (pod("a") + &config_map("a"), true, true),
        (pod("a") + &config_map("b"), false, false),
        (
            format!(
                "cluster:\n  apiServer:\n    extraArgs: {{audit-log-maxage: \"3\"}}\n{}",
                config_map("a")
            ),
            false,
            false,
        ),
        (
            format!(
                "cluster:\n  apiServer:\n    extraArgs: {{audit-log-maxage: \"3\"}}\n    auditPolicy:\n{}",
                bad(6)
            ),
            true,
            true,
        ),
        (
            format!(
                "services:\n  kube-api:\n    audit_log:\n      enabled: true\n      configuration:\n        policy:\n{}",
                bad(10)
            ),
            true,
            true,
        ),
        // The add-on's policy is not that of the cluster.
        (
            format!(
                "services:\n  kube-api:\n    audit_log: {{enabled: true}}\naddons: |\n{}",
                config_map("a")
                    .replace('\n', "\n  ")
                    .replacen("---", "  ---", 1)
            ),
            false,
            false,
        ),
        (
            format!(
                "kind: APIServer\napiVersion: config.openshift.io/v1\nmetadata: {{name: cluster}}\nspec: {{audit: {{profile: Default}}}}\n{}",
                config_map("a")
            ),
            true,
            false,
        ),
        // The file is written from another object.
        (
            format!(
                "kind: KubeadmControlPlane\napiVersion: controlplane.cluster.x-k8s.io/v1beta1\nmetadata: {{name: c}}\nspec:\n  kubeadmConfigSpec:\n    clusterConfiguration: {{apiServer: {{extraArgs: {{audit-policy-file: /p}}}}}}\n    files: [{{path: /p, contentFrom: {{secret: {{name: s, key: policy}}}}}}]\n{}",
                config_map("s")
                    .replace("ConfigMap", "Secret")
                    .replace("\ndata:", "\nstringData:")
            ),
            true,
            true,
        ),
        (
            format!(
                "kind: KubeadmControlPlane\napiVersion: controlplane.cluster.x-k8s.io/v1beta1\nmetadata: {{name: c}}\nspec:\n  kubeadmConfigSpec:\n    clusterConfiguration: {{apiServer: {{extraArgs: {{audit-policy-file: /p}}}}}}\n    files: [{{path: /p, contentFrom: {{secret: {{name: t, key: policy}}}}}}]\n{}",
                config_map("s")
                    .replace("ConfigMap", "Secret")
                    .replace("\ndata:", "\nstringData:")
            ),
            false,
            false,
        ),
        // A file of the node, whatever writes it.
        (
            format!(
                "kube-apiserver --audit-policy-file=/p --audit-log-path=-\n{}",
                config_map("a")
            ),
            true,
            true,
        ),
    ] {
        let read = import(&text, NEWEST);
        let codes: Vec<_> = findings(&text).into_iter().map(|(code, _)| code).collect();
        let found = (!read.settings.policy.is_empty(), codes.contains(&"AE002"));
        assert_eq!(found, (is_found, is_rejected), "{text}\n{codes:?}");
    }
}

#[test]
fn each_server_of_a_text_has_its_own_settings() {
    let service = |name: &str, age: &str| {
        format!(
            "  {name}:\n    image: kube-apiserver\n    command: [kube-apiserver, --audit-policy-file=/p, --audit-log-path=-, --audit-log-mode={age}]\n"
        )
    };
    let pod = |name: &str, mode: &str| {
        format!(
            "---\nkind: Pod\napiVersion: v1\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver, --audit-log-mode={mode}, --audit-policy-file=/p, --audit-log-path=-]\n    volumeMounts: [{{name: p, mountPath: /p, readOnly: true}}]\n  volumes: [{{name: p, hostPath: {{path: /p, type: File}}}}]\n"
        )
    };
    let cluster = |name: &str, mode: &str| {
        format!(
            "---\nkind: RKE2ControlPlane\napiVersion: controlplane.cluster.x-k8s.io/v1beta1\nmetadata: {{name: {name}}}\nspec:\n  serverConfig:\n    kubeAPIServer:\n      extraArgs: [audit-policy-file=/p, audit-log-path=-, audit-log-mode={mode}]\n"
        )
    };
    const FLAGS: &str =
        "kube-apiserver --audit-policy-file=/p --audit-log-path=- --audit-log-mode=batch";
    let plain = |name: &str| {
        format!(
            "---\nkind: Pod\napiVersion: v1\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver, --secure-port=6444]\n"
        )
    };
    let first = [
        "--audit-policy-file=/p",
        "--audit-log-path=-",
        "--audit-log-mode=batch",
    ];
    for (text, expected) in [
        (format!("services:\n{}{}", service("a", "batch"), service("b", "batch")), vec![]),
        // The second has other settings.
        (format!("services:\n{}{}", service("a", "batch"), service("b", "blocking")), vec![("AE023", 5)]),
        // An invalid value is that of the second server.
        (format!("services:\n{}{}", service("a", "batch"), service("b", "x")), vec![("AE023", 5), ("AE016", 7)]),
        (pod("a", "batch") + &pod("b", "blocking"), vec![("AE023", 12)]),
        // The same pod a second time.
        (pod("a", "batch") + &pod("a", "blocking"), vec![("AE023", 12)]),
        (pod("a", "batch") + &pod("b", "batch"), vec![]),
        (cluster("a", "batch") + &cluster("b", "blocking"), vec![("AE023", 10)]),
        (
            "minikube start -p a --extra-config=apiserver.audit-policy-file=/p --extra-config=apiserver.audit-log-path=- --extra-config=apiserver.audit-log-mode=batch\nminikube start -p b --extra-config=apiserver.audit-log-path=-\n".to_owned(),
            vec![("AE011", 1), ("AE023", 2), ("AE008", 2)],
        ),
        // One without audit flags, before or after the other.
        (pod("a", "batch") + &plain("b"), vec![("AE032", 12)]),
        (plain("b") + &pod("a", "batch"), vec![("AE032", 2)]),
        (
            format!("{FLAGS}\nkube-apiserver --secure-port=6444\n"),
            vec![("AE032", 2)],
        ),
        (
            format!("kube-apiserver --secure-port=6444\n{FLAGS}\n"),
            vec![("AE032", 1)],
        ),
        (format!("{FLAGS}\nsystemctl restart kube-apiserver\n"), vec![]),
        // Documents and examples without a name.
        (
            "```\nkube-apiserver --audit-policy-file=/p --audit-log-path=- --audit-log-mode=batch\n```\nor\n```\nkube-apiserver --audit-policy-file=/p --audit-log-path=- --audit-log-mode=blocking\n```\n".to_owned(),
            vec![("AE023", 6)],
        ),
        (
            "kind: ConfigMap\napiVersion: v1\ndata:\n  a: |\n    kube-apiserver-arg: [audit-policy-file=/p, audit-log-path=-, audit-log-mode=batch]\n  b: |\n    kube-apiserver-arg: [audit-policy-file=/p, audit-log-path=-, audit-log-mode=blocking]\n".to_owned(),
            vec![("AE023", 7)],
        ),
        // One server, and a flag twice.
        (
            "kube-apiserver --audit-policy-file=/p --audit-log-path=- --audit-log-mode=blocking --audit-log-mode=batch\n".to_owned(),
            vec![("AE018", 1)],
        ),
    ] {
        assert_eq!(findings(&text), expected, "{text}");
        assert_eq!(flags(&text), first, "{text}");
    }
    // Clusters of RKE1 in Terraform.
    let second = rke_cluster("var.p")
        .replace("\"c\"", "\"d\"")
        .replace("policy =", "max_age = 5\n      policy =");
    let text = rke_cluster("var.p") + &second;
    assert_eq!(findings(&text), [("AE019", 5), ("AE023", 9), ("AE019", 14)]);
}

#[test]
fn a_container_is_named_where_a_pod_has_several() {
    let pod =
        |containers: &str| format!("kind: Pod\napiVersion: v1\nspec:\n  containers:\n{containers}");
    for (containers, expected) in [
        (
            "  - {name: a, command: [kube-apiserver, --audit-log-path=-]}\n  - {name: b, command: [kube-apiserver]}\n",
            "the container `b` also looks like kube-apiserver",
        ),
        (
            "  - {name: a, command: [kube-apiserver, --audit-log-path=-], args: [--audit-policy-file=/p]}\n  - {name: b, command: [sleep]}\n",
            "both `args` and `command` of the container `a` contain audit flags",
        ),
        (
            "  - {command: [kube-apiserver, --audit-log-path=-], args: [--audit-policy-file=/p]}\n",
            "both `args` and `command` contain audit flags",
        ),
    ] {
        let text = pod(containers);
        let read = import(&text, NEWEST);
        let found = read
            .findings
            .iter()
            .find(|one| one.code == "AE023")
            .unwrap();
        assert_eq!(found.message, expected, "{text}");
    }
}

#[test]
fn settings_of_a_large_text_are_reported_as_unread() {
    let comments = "# x\n".repeat(600_000);
    let policy = BAD.replace("Loud", "Metadata");
    for (text, expected) in [
        (
            format!("kube-apiserver --audit-log-maxage=x\n{comments}"),
            1,
        ),
        (
            format!(
                "kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - {{name: kube-apiserver, command: [kube-apiserver, --audit-log-maxage=x]}}\n{comments}"
            ),
            1,
        ),
        // A policy has no settings.
        (format!("{policy}{comments}"), 0),
    ] {
        let recognized = recognize(&text);
        let parts = check_documents(&recognized, &text, NEWEST);
        let found = parts.iter().flat_map(|part| &part.findings);
        let found = found.filter(|one| {
            one.message == "the text is larger than 2 MiB: its audit settings are not checked here"
        });
        assert_eq!(found.count(), expected, "{}", &text[..80]);
    }
}

#[test]
fn a_policy_after_other_documents_has_its_number() {
    let policy = "---\nkind: Policy\napiVersion: audit.k8s.io/v1\nrules:\n- level: Metadata\n";
    let other = "kind: ConfigMap\napiVersion: v1\ndata: {a: b}\n";
    for (text, expected) in [
        (
            format!("{other}{policy}"),
            vec!["kube-apiserver reads only the first document of a file, and this policy is not"],
        ),
        (
            format!("{other}{policy}{policy}"),
            vec![
                "kube-apiserver reads only the first document of a file, and this policy, 1 of 2 in the file, is not",
                "kube-apiserver reads only the first document of a file, and this policy, 2 of 2 in the file, is not",
            ],
        ),
    ] {
        let recognized = recognize(&text);
        let parts = check_documents(&recognized, &text, NEWEST);
        let found = parts.iter().flat_map(|part| &part.findings);
        let found: Vec<_> = found
            .filter(|one| one.code == "AP007")
            .map(|one| one.message.as_str())
            .collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_text_without_flags_is_named_next_to_a_policy_too() {
    let policy = "kind: Policy\napiVersion: audit.k8s.io/v1\nrules:\n- level: Metadata\n";
    let map = "kind: ConfigMap\napiVersion: v1\ndata: {a: b}\n";
    let template = |contents: &str| {
        format!(
            "kind: KubeadmConfigTemplate\napiVersion: bootstrap.cluster.x-k8s.io/v1beta1\nspec:\n  template:\n    spec:\n      files:\n      - {{path: /p, {contents}}}\n"
        )
    };
    let file = "`spec.template.spec.files[0].content`, and contains no audit flags";
    for (text, expected) in [
        (
            format!("{map}---\n{policy}"),
            "this is a ConfigMap, which contains no audit flags".to_owned(),
        ),
        (
            format!("{policy}---\n{map}"),
            "this is a ConfigMap, which contains no audit flags".to_owned(),
        ),
        (
            policy.to_owned(),
            "this is an audit policy, which contains no flags".to_owned(),
        ),
        (
            template(
                "encoding: base64, content: a2luZDogUG9saWN5CmFwaVZlcnNpb246IGF1ZGl0Lms4cy5pby92MQpydWxlczoKLSBsZXZlbDogTWV0YWRhdGEK",
            ),
            format!("this is a Cluster API object with a policy, {file}"),
        ),
        // The same with `gzip -n`.
        (
            template(
                "encoding: gzip+base64, content: H4sIAAAAAAAAA8vOzEuxUgjIz8lMruRKLMgMSy0qzszPs1JILE3JLNHLtijWy8zXLzPkKirNSS224tJVyEktS82xUvBNLUlMSSxJ5AIAxoaQiUIAAAA=",
            ),
            format!("this is a Cluster API object with a policy, {file}"),
        ),
    ] {
        let read = import(&text, NEWEST);
        let found = read.findings.iter().find(|one| one.code == "AE019");
        assert_eq!(
            found.map(|one| one.message.as_str()),
            Some(expected.as_str()),
            "{text}"
        );
        assert!(!read.settings.policy.is_empty(), "{text}");
    }
}

#[test]
fn the_policy_that_counts_next_to_a_profile_is_named() {
    let rancher = |version: &str, global: &str, selected: &str| {
        format!(
            "apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nspec:\n  kubernetesVersion: {version}\n  rkeConfig:\n    machineGlobalConfig:\n{global}    machineSelectorConfig:\n    - config: {{{selected}}}\n"
        )
    };
    let own = "      audit-policy-file: |\n        kind: Policy\n        apiVersion: audit.k8s.io/v1\n        rules: [{level: Metadata}]\n";
    let profile = "      profile: cis\n";
    let sets = "the profile `cis` sets the audit flags that are not set here: the policy `/etc/rancher/rke2/audit-policy.yaml`, and a log that is kept for 30 days and in 10 files of 100 MB";
    let (of_field, of_argument) = (
        "with the profile `cis`, RKE2 uses the policy of `audit-policy-file`",
        "with the profile `cis`, RKE2 uses the policy of `kube-apiserver-arg`",
    );
    // A text, the message, the beginning of its help, and the policy's path.
    for (text, message, help, path) in [
        (
            "profile: cis\ncni: canal\n".to_owned(),
            sets,
            "unless you write that file",
            "/etc/rancher/rke2/audit-policy.yaml",
        ),
        (
            "profile: cis\naudit-policy-file: /a.yaml\n".to_owned(),
            of_field,
            "if the file does not exist",
            "/a.yaml",
        ),
        (
            "profile: cis\nkube-apiserver-arg: [audit-policy-file=/a.yaml]\n".to_owned(),
            of_argument,
            "kube-apiserver uses the last one",
            "/a.yaml",
        ),
        // The text of the policy, in the same part and in another.
        (
            rancher("v1.30.1+rke2r1", &format!("{profile}{own}"), ""),
            of_field,
            "Rancher writes the text",
            "/var/lib/rancher/rke2/etc/config-files/audit-policy-file",
        ),
        (
            rancher("v1.30.1+rke2r1", own, "profile: cis"),
            of_field,
            "Rancher writes the text",
            "/var/lib/rancher/rke2/etc/config-files/audit-policy-file",
        ),
        (
            rancher("v1.30.1+k3s1", &format!("{profile}{own}"), ""),
            "k3s has no profiles",
            "only RKE2 has",
            "/var/lib/rancher/k3s/etc/config-files/audit-policy-file",
        ),
        // The file that the profile names is written here.
        (
            format!(
                "#cloud-config\nwrite_files:\n- path: /etc/rancher/rke2/config.yaml\n  content: |\n    profile: cis\n    cni: canal\n- path: /etc/rancher/rke2/audit-policy.yaml\n  content: |\n{}",
                bad(4)
            ),
            sets,
            "RKE2 uses that file if it exists",
            "/etc/rancher/rke2/audit-policy.yaml",
        ),
    ] {
        let read = import(&text, NEWEST);
        let found = read
            .findings
            .iter()
            .find(|one| one.code == "AE040")
            .unwrap();
        assert_eq!(found.message, message, "{text}");
        assert!(found.help.starts_with(help), "{}", found.help);
        assert_eq!(read.settings.policy_path, path, "{text}");
    }
}

#[test]
fn an_object_in_a_list_is_read_as_on_its_own() {
    let list = |kind: &str, item: &str| {
        format!("apiVersion: v1\nkind: {kind}\nitems:\n- apiVersion: v1\n  kind: Namespace\n{item}")
    };
    let server = |profile: &str| {
        format!(
            "- apiVersion: config.openshift.io/v1\n  kind: APIServer\n  metadata: {{name: cluster}}\n  spec: {{audit: {{profile: {profile}}}}}\n"
        )
    };
    let with_policy = "- apiVersion: core.gardener.cloud/v1beta1\n  kind: Shoot\n  metadata: {name: s}\n  spec: {kubernetes: {kubeAPIServer: {auditConfig: {auditPolicy: {configMapRef: {name: p}}}}}}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: p}\n  data: {policy: \"kind: Policy\\napiVersion: audit.k8s.io/v1\\nomitStages: [RequestReceived]\\nrules: [{level: Metadata}]\\n\"}\n";
    let shoot = "- apiVersion: core.gardener.cloud/v1beta1\n  kind: Shoot\n  metadata: {name: s}\n  spec: {kubernetes: {kubeAPIServer: {}}}\n";
    for (text, title, expected) in [
        (
            list("List", &server("Default")),
            "an OpenShift APIServer configuration",
            vec![],
        ),
        (
            list("APIServerList", &server("Nothing")),
            "an OpenShift APIServer configuration",
            vec![("AE061", 9)],
        ),
        (list("List", shoot), "a Gardener Shoot", vec![("AE008", 9)]),
        // The object that another item refers to.
        (list("List", with_policy), "a Gardener Shoot", vec![]),
    ] {
        let recognized = recognize(&text);
        assert_eq!(recognized.documents[0].title, title, "{text}");
        let parts = check_documents(&recognized, &text, NEWEST);
        let found = parts.iter().flat_map(|part| &part.findings);
        let found: Vec<_> = found
            .filter(|one| one.code != "AP050" && one.code != "AE009")
            .map(|one| (code(one), line(&text, one)))
            .collect();
        assert_eq!(found, expected, "{text}");
    }
}
