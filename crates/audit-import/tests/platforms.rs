//! Imports of k0s, k0sctl, k0rdent, k3d, Gardener, OpenShift and MicroK8s: one row per fact of their documentation.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod finding;

use apiserver_config::{Flag, KubernetesVersion};
use audit_import::{Import, InputFormat, import};
use audit_policy::{Level, Matcher, Request, load};
use finding::{code, line};

fn read(text: &str) -> Import {
    import(text, KubernetesVersion::NEWEST)
}

fn arguments(read: &Import) -> Vec<String> {
    read.settings.flags().iter().map(Flag::argument).collect()
}

/// Code and line of each finding.
fn findings(text: &str) -> Vec<(&'static str, usize)> {
    let read = read(text);
    read.findings
        .iter()
        .map(|finding| (code(finding), line(text, finding)))
        .collect()
}

/// Message of the first finding with a code.
fn message(text: &str, code: &str) -> String {
    let read = read(text);
    let found = read.findings.iter().find(|finding| finding.code == code);
    found
        .unwrap_or_else(|| panic!("no {code}: {:?}", read.findings))
        .message
        .clone()
}

/// A ClusterConfig with these lines below `spec.api`.
fn k0s(api: &str) -> String {
    format!("apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec:\n  api:\n{api}")
}

#[test]
fn a_wrong_value_in_k0s_is_quoted() {
    let text = k0s(
        "    extraArgs:\n      audit-policy-file: /var/lib/k0s/audit-policy.yaml\n      audit-log-path: /var/log/k0s/audit/audit.log\n      audit-log-maxage: 30d\n",
    );
    assert_eq!(findings(&text), [("AE060", 6), ("AE016", 8)]);
    assert_eq!(
        message(&text, "AE016"),
        "invalid argument \"30d\" for \"--audit-log-maxage\" flag: strconv.ParseInt: parsing \"30d\": invalid syntax"
    );
    assert_eq!(read(&text).format, InputFormat::K0s);
    assert_eq!(
        arguments(&read(&text)),
        [
            "--audit-policy-file=/var/lib/k0s/audit-policy.yaml",
            "--audit-log-path=/var/log/k0s/audit/audit.log"
        ]
    );
}

#[test]
fn arguments_of_k0s_are_a_map_of_strings() {
    for (api, expected) in [
        (
            "    extraArgs: {audit-log-path: '-', audit-log-truncate-enabled: 'true', audit-log-truncate-max-event-size: '9000'}\n",
            &[][..],
        ),
        (
            "    extraArgs: {audit-log-path: '-', audit-log-truncate-enabled: 'true', audit-log-truncate-max-event-size: 9000}\n",
            &[("AE022", 5)],
        ),
        (
            "    extraArgs: {audit-log-path: '-', audit-log-truncate-enabled: true}\n",
            &[("AE022", 5)],
        ),
        ("    extraArgs: {--audit-log-path: '-'}\n", &[("AE022", 5)]),
        (
            "    extraArgs:\n    - {name: audit-log-path, value: '-'}\n",
            &[("AE022", 6)],
        ),
        ("    audit-log-path: '-'\n", &[("AE022", 5)]),
        ("    rawArgs: [--audit-log-path=-]\n", &[]),
        (
            "    extraArgs: {audit-log-path: '-', profiling: true}\n",
            &[],
        ),
        ("    extraArgs: {audit-log-file: '-'}\n", &[("AE015", 5)]),
    ] {
        assert_eq!(findings(&k0s(api)), expected, "{api}");
    }
    let text = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec:\n  scheduler:\n    extraArgs: {audit-log-path: '-'}\n";
    assert_eq!(findings(text), [("AE022", 5)]);
    let fragment = "spec:\n  api:\n    extraArgs:\n      audit-log-path: '-'\n";
    assert_eq!(read(fragment).format, InputFormat::K0s);
    assert_eq!(arguments(&read(fragment)), ["--audit-log-path=-"]);
}

#[test]
fn the_server_of_k0s_has_a_user_of_its_own() {
    let log = "    extraArgs:\n      audit-log-path: /var/log/a/audit.log\n";
    assert_eq!(
        message(&k0s(log), "AE060"),
        "k0s runs kube-apiserver as the user `kube-apiserver`, which must be able to write `/var/log/a/audit.log`"
    );
    let own = format!(
        "{}  installConfig:\n    users: {{kubeAPIserverUser: audit}}\n",
        k0s(log)
    );
    assert!(message(&own, "AE060").contains("the user `audit`"));
    let root = format!(
        "{}  installConfig:\n    users: {{kubeAPIserverUser: root}}\n",
        k0s(log)
    );
    assert_eq!(findings(&root), []);
    let home = k0s("    extraArgs:\n      audit-policy-file: /root/policy.yaml\n");
    assert_eq!(
        message(&home, "AE060"),
        "the server's user `kube-apiserver` cannot read `/root/policy.yaml`: only root can enter `/root`"
    );
}

/// A k0sctl configuration with two controllers and a worker, of which the controllers have these files.
fn k0sctl(first: &str, second: &str) -> String {
    format!(
        "apiVersion: k0sctl.k0sproject.io/v1beta1
kind: Cluster
spec:
  hosts:
  - role: controller
    files: {first}
  - role: controller+worker
    files: {second}
  - role: worker
  k0s:
    config:
      spec:
        api:
          extraArgs: {{audit-policy-file: /etc/k0s/audit.yaml}}
"
    )
}

#[test]
fn files_of_k0sctl() {
    let policy = "\"rules: [{level: None}]\\n\"";
    let whole = format!("[{{dst: /etc/k0s/audit.yaml, perm: 0644, data: {policy}}}]");
    let parts = format!("[{{dstDir: /etc/k0s/, dst: audit.yaml, perm: 0644, data: {policy}}}]");
    let by_source = "[{src: audit.yaml, dstDir: /etc/k0s, perm: 0644}]";
    for (first, second, expected) in [
        (whole.as_str(), whole.as_str(), &[][..]),
        (&whole, &parts, &[]),
        (by_source, by_source, &[]),
        (&whole, "[]", &[("AE066", 6)]),
        // Without an owner a file belongs to root.
        (
            "[{src: audit.yaml, dstDir: /etc/k0s, perm: 0600}]",
            &whole,
            &[("AE060", 6)],
        ),
        (
            "[{src: audit.yaml, dstDir: /etc/k0s, perm: 0600, user: kube-apiserver}]",
            &whole,
            &[],
        ),
        // The files may be there already.
        ("[]", "[]", &[("AE060", 14)]),
    ] {
        assert_eq!(
            findings(&k0sctl(first, second)),
            expected,
            "{first} {second}"
        );
    }
    let read = read(&k0sctl(&whole, &whole));
    assert_eq!(read.format, InputFormat::K0sctl);
    assert_eq!(read.settings.policy, "rules: [{level: None}]\n");
}

#[test]
fn objects_of_k0smotron() {
    let standalone = "apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: K0sControlPlane
spec:
  k0sConfigSpec:
    files:
    - path: /etc/k0s/audit.yaml
      permissions: \"0644\"
      content: \"rules: [{level: None}]\\n\"
    k0s:
      apiVersion: k0s.k0sproject.io/v1beta1
      kind: ClusterConfig
      spec:
        api:
          extraArgs: {audit-policy-file: /etc/k0s/audit.yaml, audit-log-path: '-'}
";
    let found = read(standalone);
    assert_eq!((found.format, &found.findings), (InputFormat::K0s, &vec![]));
    assert_eq!(found.settings.policy, "rules: [{level: None}]\n");
    let hosted = "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: K0smotronControlPlane\nspec:\n  k0sConfig:\n    spec: {api: {extraArgs: {audit-log-path: '-'}}}\n";
    assert_eq!(arguments(&read(hosted)), ["--audit-log-path=-"]);
}

/// A ClusterDeployment with these lines below `spec`.
fn k0rdent(spec: &str) -> String {
    format!(
        "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterDeployment\nmetadata: {{name: c, namespace: kcm-system}}\nspec:\n{spec}"
    )
}

#[test]
fn k0rdent_has_one_of_two_ways() {
    let own = k0rdent(
        "  config:\n    k0s:\n      api: {extraArgs: {audit-policy-file: /etc/k0s/audit.yaml, audit-log-path: '-'}}\n      files: [{path: /etc/k0s/audit.yaml, permissions: '0600', content: x}]\n",
    );
    assert_eq!(findings(&own), [("AE060", 8)]);
    let readable = own.replace("0600", "0644");
    assert_eq!(findings(&readable), []);
    assert_eq!(read(&readable).settings.policy, "x");
    assert_eq!(
        findings(&readable.replace("  config:", "  auditPolicy: default\n  config:")),
        [("AE065", 8)]
    );

    let object = k0rdent("  auditPolicy: default\n  config: {audit: {logPath: '-'}}\n");
    assert_eq!(findings(&object), [("AE064", 5)]);
    assert_eq!(
        arguments(&read(&object))[..2],
        [
            "--audit-policy-file=/var/lib/k0s/audit/policy-HASH.yaml",
            "--audit-log-path=-"
        ]
    );
    let elsewhere = format!(
        "{object}---\napiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuditPolicy\nmetadata: {{name: default, namespace: default}}\nspec:\n  policy:\n    rules:\n    - level: None\n"
    );
    assert_eq!(findings(&elsewhere), [("AE064", 10)]);
    assert_eq!(
        findings(&elsewhere.replace("namespace: default", "namespace: kcm-system")),
        []
    );
}

/// A k3d configuration with this number of servers and agents, a volume, and one argument with these node filters.
fn k3d(servers: u8, agents: u8, volume: &str, filters: &str) -> String {
    format!(
        "apiVersion: k3d.io/v1alpha5
kind: Simple
servers: {servers}
agents: {agents}
volumes: {volume}
options:
  k3s:
    extraArgs:
    - arg: --kube-apiserver-arg=audit-policy-file=/etc/audit.yaml
      nodeFilters: {filters}
"
    )
}

#[test]
fn arguments_of_k3d_are_for_servers() {
    const MOUNTED: &str =
        "[{volume: \"$PWD/a.yaml:/etc/audit.yaml\", nodeFilters: [\"server:*\"]}]";
    for (servers, agents, filters, expected) in [
        (1, 0, "[\"server:*\"]", &[][..]),
        (3, 2, "[\"server:*\"]", &[]),
        (3, 0, "[\"servers:*\"]", &[]),
        (3, 0, "[\"server:0-2\"]", &[]),
        (3, 0, "[\"server:0\", \"server:1,2\"]", &[]),
        (1, 0, "[\"server:0\"]", &[]),
        (1, 2, "[\"server:*\", \"agent:*\"]", &[("AE063", 10)]),
        (1, 2, "[all]", &[("AE063", 10)]),
        (1, 0, "[all]", &[]),
        (1, 1, "[\"agent:0\"]", &[("AE063", 10)]),
        (1, 0, "[loadbalancer]", &[("AE063", 10)]),
        (3, 0, "[\"server:0\"]", &[("AE066", 10)]),
        (3, 0, "[\"server[*]\"]", &[]),
        (2, 0, "[]", &[("AE063", 9)]),
        (1, 0, "[]", &[]),
    ] {
        let text = k3d(servers, agents, MOUNTED, filters);
        assert_eq!(findings(&text), expected, "{servers} {agents} {filters}");
        assert_eq!(
            arguments(&read(&text)),
            ["--audit-policy-file=/etc/audit.yaml"]
        );
        assert_eq!(read(&text).format, InputFormat::K3d);
    }
}

#[test]
fn a_node_of_k3d_is_a_container() {
    for (volume, expected) in [
        ("[]", &[("AE011", 9)][..]),
        ("[{volume: \"/home/a.yaml:/etc/audit.yaml:ro\"}]", &[]),
        (
            "[{volume: \"/home/etc:/etc\", nodeFilters: [\"server:*\"]}]",
            &[],
        ),
        (
            "[{volume: \"/home/a.yaml:/etc/other.yaml\"}]",
            &[("AE011", 9)],
        ),
        (
            "[{volume: \"/home/a.yaml:/etc/audit.yaml\", nodeFilters: [\"agent:*\"]}]",
            &[("AE011", 9)],
        ),
        (
            "[{volume: \"/home/a.yaml:/etc/audit.yaml\", nodeFilters: [\"server:0\"]}]",
            &[("AE066", 5)],
        ),
        (
            "[{volume: \"/home/a.yaml:/etc/audit.yaml@server:*\"}]",
            &[("AE063", 5)],
        ),
    ] {
        let text = k3d(2, 0, volume, "[\"server:*\"]");
        assert_eq!(findings(&text), expected, "{volume}");
    }
}

#[test]
fn other_forms_of_k3d() {
    let suffix = "apiVersion: k3d.io/v1alpha5\nkind: Simple\noptions:\n  k3s:\n    extraArgs:\n    - arg: '--kube-apiserver-arg=audit-log-path=/a/audit.log@server:*'\n";
    assert_eq!(findings(suffix), [("AE063", 6)]);
    assert_eq!(arguments(&read(suffix)), ["--audit-log-path=/a/audit.log"]);
    let at_sign = suffix.replace("@server:*", "@x");
    assert_eq!(
        arguments(&read(&at_sign)),
        ["--audit-log-path=/a/audit.log@x"]
    );
    let old = "apiVersion: k3d.io/v1alpha2\nkind: Simple\noptions:\n  k3s:\n    extraServerArgs: [--kube-apiserver-arg=audit-log-path=-, --tls-san=x]\n";
    assert_eq!(arguments(&read(old)), ["--audit-log-path=-"]);
    let string = "apiVersion: k3d.io/v1alpha5\nkind: Simple\noptions:\n  k3s:\n    extraArgs:\n    - --kube-apiserver-arg=audit-log-path=-\n";
    assert_eq!(findings(string), [("AE022", 6)]);
    let inside = "apiVersion: k3d.io/v1alpha5\nkind: Simple\nfiles:\n- source: |\n    rules: []\n    kind: Policy\n  destination: /etc/audit.yaml\noptions:\n  k3s:\n    extraArgs:\n    - {arg: --kube-apiserver-arg=audit-policy-file=/etc/audit.yaml, nodeFilters: ['server:*']}\n";
    assert_eq!(findings(inside), []);
    assert_eq!(read(inside).settings.policy, "rules: []\nkind: Policy\n");
}

#[test]
fn no_shell_reads_the_arguments_of_k3d() {
    let k3d = |items: &str| {
        format!(
            "apiVersion: k3d.io/v1alpha5\nkind: Simple\noptions:\n  k3s:\n    extraArgs:\n{items}"
        )
    };
    let item = |argument: &str| format!("    - {{arg: '{argument}', nodeFilters: ['server:*']}}\n");
    let blank = k3d(&item("--kube-apiserver-arg audit-log-path=/a.log"));
    assert_eq!(findings(&blank), [("AE022", 6)]);
    let quotes = k3d(&item("--kube-apiserver-arg=\"audit-log-path=/a.log\""));
    assert_eq!(findings(&quotes), [("AE022", 6)]);
    let two = k3d(&[
        item("--kube-apiserver-arg"),
        item("audit-log-path=/a.log"),
        item("--tls-san=audit-log-path=/b.log"),
    ]
    .concat());
    assert_eq!(findings(&two), []);
    for text in [blank, quotes, two] {
        assert_eq!(arguments(&read(&text)), ["--audit-log-path=/a.log"]);
    }
    let old = "apiVersion: k3d.io/v1alpha2\nkind: Simple\noptions:\n  k3s:\n    extraServerArgs: [--kube-apiserver-arg, audit-log-path=-]\n";
    assert_eq!(arguments(&read(old)), ["--audit-log-path=-"]);
}

/// A Shoot with this `auditConfig`.
fn shoot(audit: &str) -> String {
    format!(
        "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nmetadata: {{name: web, namespace: garden-dev}}\nspec:\n  kubernetes:\n    kubeAPIServer:\n      auditConfig: {audit}\n"
    )
}

#[test]
fn a_shoot_names_a_config_map_of_its_namespace() {
    let named = shoot("{auditPolicy: {configMapRef: {name: audit}}}");
    let map = |namespace: &str, key: &str| {
        format!(
            "{named}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: audit, namespace: {namespace}}}\ndata:\n  {key}: |\n    kind: Policy\n"
        )
    };
    assert_eq!(findings(&named), [("AE064", 7)]);
    assert_eq!(findings(&map("garden-dev", "policy")), []);
    assert_eq!(
        read(&map("garden-dev", "policy")).settings.policy,
        "kind: Policy\n"
    );
    assert_eq!(findings(&map("garden", "policy")), [("AE064", 11)]);
    assert_eq!(findings(&map("garden-dev", "policy.yaml")), [("AE064", 13)]);
    for (audit, expected) in [
        ("{}", ("AE008", 7)),
        ("{configMapRef: {name: audit}}", ("AE022", 7)),
        ("{auditPolicy: {configMapRef: audit}}", ("AE022", 7)),
    ] {
        assert_eq!(findings(&shoot(audit)), [expected], "{audit}");
    }
    let flags = "apiVersion: core.gardener.cloud/v1beta1\nkind: Shoot\nspec:\n  kubernetes:\n    kubeAPIServer:\n      audit-log-path: /x\n";
    assert_eq!(findings(flags), [("AE022", 6), ("AE008", 6)]);
}

/// An APIServer with this `audit`.
fn openshift(audit: &str) -> String {
    format!(
        "apiVersion: config.openshift.io/v1\nkind: APIServer\nmetadata: {{name: cluster}}\nspec:\n  audit: {audit}\n"
    )
}

#[test]
fn profiles_of_openshift_are_read_as_the_policy_that_they_are() {
    let level = |audit: &str, group: &str| {
        let policy = read(&openshift(audit)).settings.policy;
        let loaded = load(policy.as_bytes(), KubernetesVersion::NEWEST)
            .policy
            .unwrap();
        let request = Request::for_resource("create", "", "pods")
            .with_user("jane")
            .with_groups([group]);
        Matcher::new(&loaded).evaluate(&request).level
    };
    for (audit, group, expected) in [
        ("{}", "x", Level::Metadata),
        ("{profile: }", "x", Level::Metadata),
        ("{profile: Default}", "x", Level::Metadata),
        ("{profile: WriteRequestBodies}", "x", Level::RequestResponse),
        ("{profile: None}", "x", Level::None),
        (
            "{profile: Default, customRules: [{group: ops, profile: None}]}",
            "ops",
            Level::None,
        ),
        (
            "{profile: Default, customRules: [{group: ops, profile: None}]}",
            "dev",
            Level::Metadata,
        ),
        (
            "{customRules: [{group: 'system:authenticated:oauth', profile: AllRequestBodies}]}",
            "system:authenticated:oauth",
            Level::RequestResponse,
        ),
        // The first of two groups that match decides.
        (
            "{customRules: [{group: ops, profile: None}, {group: ops2, profile: AllRequestBodies}]}",
            "ops2",
            Level::RequestResponse,
        ),
        // Custom rules are ignored with this profile.
        (
            "{profile: None, customRules: [{group: ops, profile: Default}]}",
            "ops",
            Level::None,
        ),
    ] {
        assert_eq!(level(audit, group), expected, "{audit} {group}");
    }
}

#[test]
fn profiles_that_openshift_rejects() {
    for (audit, expected) in [
        ("{profile: Default}", &[][..]),
        ("{profile: default}", &[("AE061", 5)]),
        ("{profile: Metadata}", &[("AE061", 5)]),
        (
            "{customRules: [{group: a, profile: Loud}]}",
            &[("AE061", 5)],
        ),
        ("{customRules: [{profile: Default}]}", &[("AE061", 5)]),
        ("{customRules: [{group: a}]}", &[("AE061", 5)]),
        (
            "{customRules: [{group: a, profile: None}, {group: a, profile: Default}]}",
            &[("AE061", 5)],
        ),
        (
            "{profile: None, customRules: [{group: a, profile: Default}]}",
            &[("AE061", 5)],
        ),
    ] {
        assert_eq!(findings(&openshift(audit)), expected, "{audit}");
    }
    let read = read(&openshift("{profile: default}"));
    assert_eq!(
        read.findings[0].help,
        "the API rejects it; did you mean `Default`?"
    );
    let other = openshift("{profile: Default}").replace("name: cluster", "name: web");
    assert_eq!(
        message(&other, "AE061"),
        "OpenShift ignores the APIServer `web`"
    );
    let hosted = "apiVersion: hypershift.openshift.io/v1beta1\nkind: HostedCluster\nspec:\n  configuration:\n    apiServer:\n      audit: {profile: All}\n";
    assert_eq!(findings(hosted), [("AE061", 6)]);
}

#[test]
fn a_launch_configuration_of_microk8s() {
    let text = "version: 0.1.0
extraKubeAPIServerArgs:
  --authorization-mode: RBAC,Node
  --audit-policy-file: /var/snap/microk8s/current/args/audit-policy.yaml
  --audit-log-maxage: \"7\"
  --audit-log-path: /var/log/audit.log
extraConfigFiles:
  audit-policy.yaml: |
    kind: Policy
";
    assert_eq!(findings(text), [("AE060", 6)]);
    let found = read(text);
    assert_eq!(
        (
            found.settings.policy.as_str(),
            found.settings.log.max_age_days
        ),
        ("kind: Policy\n", 7)
    );
    let bare = "version: 0.1.0\nextraKubeAPIServerArgs:\n  audit-log-path: '-'\n";
    assert_eq!(findings(bare), [("AE022", 3)]);
}

#[test]
fn a_garden_is_read_as_a_shoot() {
    let text = "apiVersion: operator.gardener.cloud/v1alpha1\nkind: Garden\nspec:\n  virtualCluster:\n    kubernetes:\n      kubeAPIServer:\n        auditConfig: {auditPolicy: {configMapRef: {name: audit}}}\n";
    assert_eq!(findings(text), [("AE064", 7)]);
}

#[test]
fn a_list_of_objects_is_read() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: config.openshift.io/v1\n  kind: APIServer\n  spec: {audit: {profile: None}}\n";
    assert_eq!(read(text).format, InputFormat::OpenShift);
}

#[test]
fn paths_of_microk8s_are_in_the_snap() {
    let arguments = "--cert-dir=${SNAP_DATA}/certs\n";
    for (flag, expected) in [
        (
            "--audit-policy-file=/etc/kubernetes/audit.yaml\n",
            &[("AE060", 2)][..],
        ),
        ("--audit-log-path /var/log/audit.log\n", &[("AE060", 2)]),
        (
            "--audit-policy-file=/var/snap/microk8s/current/args/audit.yaml\n",
            &[],
        ),
        ("--audit-log-path=-\n", &[]),
    ] {
        assert_eq!(findings(&format!("{arguments}{flag}")), expected, "{flag}");
    }
    assert_eq!(
        findings("--audit-policy-file=/etc/kubernetes/audit.yaml\n"),
        []
    );
}
