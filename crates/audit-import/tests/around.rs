//! Settings around the policy: what a text says besides flags, or fails to say.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod imported;

use apiserver_config::{Flag, KubernetesVersion};
use audit_import::{InputFormat, import};
use audit_types::Severity;
use imported::{NEWEST, codes, has, words};

fn flags(text: &str) -> Vec<String> {
    let settings = import(text, NEWEST).settings;
    settings
        .changed_flags()
        .iter()
        .map(Flag::argument)
        .collect()
}

#[test]
fn a_server_without_audit_flags_is_reported() {
    for text in [
        "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver}\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver, --v=2]\n",
        "{\"kind\": \"Pod\", \"spec\": {\"containers\": [{\"name\": \"kube-apiserver\", \"command\": [\"kube-apiserver\"]}]}}",
        "kind: Pod\nspec:\n  containers:\n  - name: a\n    command: [/bin/sh, -c, exec kube-apiserver --v=2]\n",
        "kind: List\nitems:\n- kind: Pod\n  spec: {containers: [{name: kube-apiserver, command: [kube-apiserver, --v=2]}]}\n",
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: a\n",
        "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer:\n  extraArgs: {v: '2'}\n",
        "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: control-plane\n",
        "kube-apiserver-arg: [v=2]\n",
        "ExecStart=/usr/bin/kube-apiserver --v=2\n",
        "--etcd-servers=https://127.0.0.1:2379\n--v=2\n",
        "minikube start --cpus=4\n",
    ] {
        let read = import(text, NEWEST);
        let found = read.findings.iter().find(|finding| finding.code == "AE032");
        let found = found.unwrap_or_else(|| panic!("{text}: {:?}", read.findings));
        assert_eq!(found.message, "no audit flags here: auditing is off");
        for flag in ["--audit-policy-file", "--audit-log-path"] {
            assert!(found.help.contains(flag), "{text}: {}", found.help);
        }
    }
    for text in [
        "apiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\nnodeRegistration: {}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        "apiVersion: apps/v1\nkind: DaemonSet\nspec: {template: {spec: {containers: [{name: a, image: b}]}}}\n",
        "a: b\n",
        "helm install --namespace=kube-system --set=a=b\n",
        "provider \"aws\" {\n  region = \"x\"\n}\n",
    ] {
        assert!(!codes(text).is_empty(), "{text}");
        assert!(!has(text, "AE032"), "{text}");
    }
    // Parts of a manifest are not the whole server.
    assert!(!has(
        "volumes:\n- name: audit\n  hostPath: {path: /a}\n",
        "AE032"
    ));
}

#[test]
fn the_former_audit_policy_of_kubeadm_is_read_and_explained() {
    let text = "apiVersion: kubeadm.k8s.io/v1alpha2\nkind: MasterConfiguration\nauditPolicy:\n  logDir: /var/log/kubernetes/audit\n  logMaxAge: 2\n  path: /etc/audit.yaml\n";
    assert_eq!(
        flags(text),
        [
            "--audit-policy-file=/etc/audit.yaml",
            "--audit-log-path=/var/log/kubernetes/audit/audit.log",
            "--audit-log-maxage=2"
        ]
    );
    assert_eq!(codes(text), [("AE033".to_owned(), 3)]);
    assert!(words(text).contains("featureGates: {Auditing: true}"));
    for version in ["v1alpha1", "v1alpha3"] {
        let text = text.replace("v1alpha2", version);
        assert_eq!(codes(&text), [("AE033".to_owned(), 3)], "{text}");
    }
    let new = text
        .replace("v1alpha2", "v1beta4")
        .replace("MasterConfiguration", "ClusterConfiguration");
    assert!(has(&new, "AE033") && flags(&new).is_empty(), "{new}");
    // In a file of cloud-init.
    let lines: String = text.lines().map(|line| format!("    {line}\n")).collect();
    let inside = format!("#cloud-config\nwrite_files:\n- path: /k.yaml\n  content: |\n{lines}");
    assert_eq!(flags(&inside), flags(text));
    assert_eq!(codes(&inside), [("AE033".to_owned(), 7)]);
    let on = format!("{text}featureGates: {{Auditing: true}}\n");
    assert!(
        !words(&on).contains("nothing is recorded"),
        "{}",
        words(&on)
    );
}

#[test]
fn literals_of_terraform_are_read_and_expressions_are_not() {
    let text = "resource \"rke_cluster\" \"c\" {\n  services {\n    kube_api {\n      audit_log {\n        enabled = true\n        configuration {\n          max_age    = 5\n          max_backup = var.backups\n          path       = \"/var/log/a.log\"\n          policy     = jsonencode({ rules = [] })\n        }\n      }\n    }\n  }\n}\n";
    assert_eq!(import(text, NEWEST).format, InputFormat::Terraform);
    assert_eq!(
        flags(text),
        [
            "--audit-policy-file=/etc/kubernetes/audit-policy.yaml",
            "--audit-log-path=/var/log/a.log",
            "--audit-log-maxage=5",
            "--audit-log-maxbackup=10"
        ]
    );
    assert_eq!(
        codes(text),
        [("AE038".to_owned(), 8), ("AE019".to_owned(), 10)]
    );
    let off = text.replace("enabled = true", "enabled = false");
    assert!(has(&off, "AE032"), "{:?}", codes(&off));
    let names = "module \"k8s\" {\n  api_server_args = {\n    \"audit-log-path\" = \"/a/b.log\"\n    \"audit-log-maxage\" = 7\n  }\n}\n";
    assert_eq!(
        flags(names),
        ["--audit-log-path=/a/b.log", "--audit-log-maxage=7"]
    );
    let inner = "resource \"a\" \"b\" {\n  user_data = <<-EOT\n  kube-apiserver --audit-log-path=/a/b.log\n  EOT\n}\n";
    assert_eq!(flags(inner), ["--audit-log-path=/a/b.log"]);
}

#[test]
fn rotation_flags_of_standard_output_are_reported() {
    for (text, says) in [
        (
            "--audit-log-path=-\n--audit-log-maxage=30\n",
            "`--audit-log-maxage` has no effect",
        ),
        (
            "--audit-log-path=- --audit-log-maxage=366 --audit_log_compress",
            "`--audit-log-maxage`, `--audit-log-compress` have no effect",
        ),
    ] {
        assert!(words(text).contains(says), "{}", words(text));
        assert!(words(text).contains("containerLogMaxSize"));
    }
    assert_eq!(codes("--audit-policy-file=/p.yaml --audit-log-path=-"), []);
    // A stream needs no mount.
    let pod = "kind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver, --audit-log-path=/dev/stdout]\n";
    assert_eq!(codes(pod), []);
}

#[test]
fn variables_are_not_errors() {
    for value in [
        "${SNAP_DATA}/a",
        "$HOME/a.yaml",
        "%h/a",
        "{{ dir }}/a",
        "<path>",
        "${var.path}",
    ] {
        let pod = format!(
            "kind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n    - '--audit-policy-file={value}'\n    - --audit-log-path=-\n"
        );
        assert_eq!(codes(&pod), [], "{value}");
    }
    let template = "apiServer:\n  extraArgs:\n    audit-log-path: {{ log_path }}\n    audit-log-maxage: {{ maxage }}\n";
    assert!(
        has(template, "AE038") && !has(template, "AE016"),
        "{:?}",
        codes(template)
    );
    let text = "--audit-log-path=/a/b.log\n--audit-log-maxage={{ maxage }}\n--audit-log-compress=${COMPRESS}\n--audit-log-maxsize=x\n";
    let expected = [("AE038", 2), ("AE038", 3), ("AE016", 4)];
    assert_eq!(
        codes(text),
        expected.map(|(code, line)| (code.to_owned(), line))
    );
    assert_eq!(
        import(text, NEWEST).given.unknown,
        ["audit-log-maxage", "audit-log-compress"]
    );
}

#[test]
fn minikube_mounts_certificates_only() {
    let start = |policy: &str, log: &str| {
        format!(
            "minikube start \\\n  --extra-config=apiserver.audit-policy-file={policy} \\\n  --extra-config=apiserver.audit-log-path={log}\n"
        )
    };
    assert_eq!(codes(&start("/etc/ssl/certs/p.yaml", "-")), []);
    assert_eq!(codes(&start("/var/lib/minikube/certs/p.yaml", "-")), []);
    assert_eq!(
        codes(&start("/some-path/p.yaml", "-")),
        [("AE011".to_owned(), 2)]
    );
    assert!(
        words(&start("/some-path/p.yaml", "-")).contains("~/.minikube/files/etc/ssl/certs/p.yaml")
    );
    assert!(has(&start("/etc/kubernetes/p.yaml", "-"), "AE011"));
    assert!(has(
        &start("/etc/ssl/certs/p.yaml", "/var/log/a.log"),
        "AE011"
    ));
    let two = "minikube start --extra-config apiserver.audit-policy-file=/p.yaml\n";
    assert!(has(two, "AE011"));
    let old = "minikube start --extra-config=apiserver.Audit.PolicyFile=/etc/ssl/certs/p.yaml --extra-config=apiserver.Audit.LogOptions.Path=- --extra-config=apiserver.Audit.LogOptions.MaxAge=3\n";
    assert_eq!(
        codes(old)
            .iter()
            .filter(|(code, _)| code == "AE039")
            .count(),
        3
    );
    assert_eq!(
        flags(old),
        [
            "--audit-policy-file=/etc/ssl/certs/p.yaml",
            "--audit-log-path=-",
            "--audit-log-maxage=3"
        ]
    );
    assert!(has(
        "minikube start --extra-config=kube-apiserver.audit-log-path=- --cpus=2\n",
        "AE039"
    ));
}

#[test]
fn node_filters_of_k3d_are_not_part_of_the_value() {
    for argument in [
        "--k3s-arg '--kube-apiserver-arg=audit-log-path=/a/b.log@server:*'",
        "--k3s-arg=--kube-apiserver-arg=audit-log-path=/a/b.log@server:0",
        "--k3s-arg \"--kube-apiserver-arg=audit-log-path=/a/b.log@all\"",
        "--k3s-arg '--kube-apiserver-arg=audit-log-path=/a/b.log@server:0;agent:0,1'",
        "--k3s-arg --kube-apiserver-arg=audit-log-path=/a/b.log@servers:*",
        "--k3s-server-arg '--kube-apiserver-arg=audit-log-path=/a/b.log'",
        "--k3s-arg '--kube-apiserver-arg=--audit-log-path=/a/b.log@server:*'",
    ] {
        let text = format!("k3d cluster create demo \\\n  {argument}\n");
        assert_eq!(flags(&text), ["--audit-log-path=/a/b.log"], "{text}");
    }
    // A name may contain the sign.
    let text = "k3d cluster create --k3s-arg '--kube-apiserver-arg=audit-log-path=/a@b.log'\n";
    assert_eq!(flags(text), ["--audit-log-path=/a@b.log"]);
}

#[test]
fn talos_mounts_its_own_directories_and_extra_volumes() {
    let config = |arguments: &str, volumes: &str| {
        format!(
            "cluster:\n  apiServer:\n    extraArgs:\n{arguments}    extraVolumes: [{volumes}]\n"
        )
    };
    let policy = "      audit-policy-file: /var/etc/p.yaml\n";
    let volume = "{hostPath: /var/etc/p.yaml, mountPath: /var/etc/p.yaml, readonly: true}";
    assert_eq!(codes(&config(policy, volume)), []);
    assert_eq!(
        codes(&config(
            policy,
            "{hostPath: /var/etc, mountPath: /var/etc, readonly: true}"
        )),
        []
    );
    assert_eq!(codes(&config(policy, "")), [("AE011".to_owned(), 4)]);
    assert!(words(&config(policy, "")).contains(
        "extraVolumes: [{hostPath: /var/etc/p.yaml, mountPath: /var/etc/p.yaml, readonly: true}]"
    ));
    let log = "      audit-log-path: /var/log/audit/kube/a.log\n";
    assert_eq!(codes(&config(log, "")), []);
    let log = "      audit-log-path: /var/log/a.log\n";
    assert_eq!(codes(&config(log, "")), [("AE011".to_owned(), 4)]);
    assert!(
        words(&config(log, ""))
            .contains("{hostPath: /var/log, mountPath: /var/log, readonly: false}")
    );
    assert_eq!(codes("cluster:\n  apiServer:\n    certSANs: [a]\n"), []);
}

#[test]
fn rke2_is_not_taken_for_k3s_and_its_profile_is_read() {
    for (text, format) in [
        (
            "kube-apiserver-arg: [audit-policy-file=/etc/rancher/rke2/p.yaml]\n",
            InputFormat::Rke2,
        ),
        (
            "kube-apiserver-arg: [audit-log-path=/var/lib/rancher/rke2/server/logs/a.log]\n",
            InputFormat::Rke2,
        ),
        (
            "kube-apiserver-arg: [audit-log-path=/a.log]\ncni: cilium\n",
            InputFormat::Rke2,
        ),
        (
            "kube-apiserver-arg: [audit-log-path=/a.log]\n",
            InputFormat::K3s,
        ),
        (
            "kube-apiserver-arg: [audit-log-path=/var/lib/rancher/k3s/server/logs/a.log]\n",
            InputFormat::K3s,
        ),
        ("profile: cis-1.23\n", InputFormat::Rke2),
        (
            "profile: cis\nkube-apiserver-arg: [v=2]\n",
            InputFormat::Rke2,
        ),
    ] {
        assert_eq!(import(text, NEWEST).format, format, "{text}");
    }
    let set = [
        "--audit-policy-file=/etc/rancher/rke2/audit-policy.yaml",
        "--audit-log-path=/var/lib/rancher/rke2/server/logs/audit.log",
        "--audit-log-maxage=30",
        "--audit-log-maxbackup=10",
    ];
    for profile in ["cis", "cis-1.5", "cis-1.6", "cis-1.23", "\"cis-1.6\""] {
        let text = format!("profile: {profile}\n");
        assert_eq!(flags(&text), set, "{text}");
        assert_eq!(codes(&text), [("AE040".to_owned(), 1)]);
        assert!(words(&text).contains("level None"));
    }
    // RKE2 does not start with the profile of another version.
    for (profile, minor, accepted) in [
        ("cis-1.5", 24, ""),
        ("cis-1.6", 20, ""),
        ("cis-1.6", 25, "of 1.24 and older"),
        ("cis-1.23", 24, "of 1.25 to 1.29"),
        ("cis-1.23", 25, ""),
        ("cis-1.23", 29, ""),
        ("cis-1.23", 30, "of 1.25 to 1.29"),
        ("cis", 24, "of 1.25 and newer"),
        ("cis", 27, ""),
        ("cis", 36, ""),
    ] {
        let version = KubernetesVersion::from_minor(minor).unwrap();
        let read = import(&format!("profile: {profile}\n"), version);
        let [finding] = read.findings.as_slice() else {
            panic!("{:#?}", read.findings);
        };
        let severity = if accepted.is_empty() {
            Severity::Info
        } else {
            Severity::Warning
        };
        assert_eq!((&*finding.code, finding.severity), ("AE040", severity));
        assert!(finding.message.contains(accepted), "{}", finding.message);
    }
    let of = |minor| {
        import(
            "profile: cis\n",
            KubernetesVersion::from_minor(minor).unwrap(),
        )
    };
    assert!(of(28).findings[0].help.contains("v1.28.3"));
    assert!(!of(29).findings[0].help.contains("v1.28.3"));
    let own = "profile: cis\naudit-policy-file: /etc/p.yaml\n";
    assert_eq!(flags(own)[0], "--audit-policy-file=/etc/p.yaml");
    let k3s =
        "profile: cis-1.23\nflannel-backend: none\nkube-apiserver-arg: [audit-log-path=/a/b.log]\n";
    assert!(words(k3s).contains("k3s has no profiles"), "{}", words(k3s));
}

#[test]
fn the_version_of_the_image_is_compared() {
    let pod = |image: &str, arguments: &str| {
        format!(
            "kind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    image: {image}\n    command: [kube-apiserver, --audit-log-path=/dev/shm/a/b.log{arguments}]\n"
        )
    };
    let severity = |text: &str| {
        let findings = import(text, NEWEST).findings;
        let found = findings.iter().find(|finding| finding.code == "AE041");
        found.map(|finding| finding.severity.name().to_owned())
    };
    // Before 1.36, all rotated files are kept.
    let old = pod("registry.k8s.io/kube-apiserver:v1.31.2", "");
    assert_eq!(severity(&old).as_deref(), Some("warning"));
    assert!(words(&old).contains("AE009"), "{}", words(&old));
    assert_eq!(
        import(&old, NEWEST).image_version.unwrap().to_string(),
        "1.31"
    );
    let same = pod(
        "registry.k8s.io/kube-apiserver:v1.31.2",
        ", --audit-log-maxage=3, --audit-log-maxbackup=3, --audit-log-maxsize=9",
    );
    assert_eq!(severity(&same).as_deref(), Some("info"));
    assert_eq!(
        severity(&pod("registry.k8s.io/kube-apiserver:v1.36.0", "")),
        None
    );
    assert_eq!(
        severity(&pod("registry.k8s.io/kube-apiserver@sha256:00", "")),
        None
    );
    let ancient = pod("k8s.gcr.io/kube-apiserver:v1.15", "");
    assert_eq!(severity(&ancient).as_deref(), Some("warning"));
    assert!(words(&ancient).contains("1.15"));
}
