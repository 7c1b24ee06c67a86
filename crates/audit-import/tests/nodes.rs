//! Settings and files that only some nodes get, or that have another name on them. Each row is a text and what is true of it.

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

const POLICY: &str = "kind: Policy\napiVersion: audit.k8s.io/v1\nrules:\n- level: Metadata\n";

/// Returns a policy with an indentation.
fn policy(margin: usize) -> String {
    let margin = " ".repeat(margin);
    POLICY
        .lines()
        .map(|line| format!("{margin}{line}\n"))
        .collect()
}

/// Returns the codes and lines of the findings of some codes.
fn findings(text: &str, codes: &[&str]) -> Vec<(&'static str, usize)> {
    let recognized = recognize(text);
    let parts = check_documents(&recognized, text, NEWEST);
    let found = parts.iter().flat_map(|part| &part.findings);
    let found = found.filter(|one| codes.contains(&one.code.as_ref()));
    found.map(|one| (code(one), line(text, one))).collect()
}

fn flags(text: &str) -> Vec<String> {
    let read = import(text, NEWEST).settings;
    read.changed_flags().iter().map(Flag::argument).collect()
}

#[test]
fn node_filters_of_k3ds_command_are_not_a_part_of_the_value() {
    let codes = ["AE011", "AE063", "AE066", "AE018"];
    for (text, expected) in [
        // A table of a filter, and of what it selects.
        (
            "k3d cluster create --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@server:*'\n",
            vec![],
        ),
        (
            "k3d cluster create --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@server:0'\n",
            vec![],
        ),
        (
            "k3d cluster create --agents 2 --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@server:0'\n",
            vec![],
        ),
        (
            "k3d cluster create -s 3 --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@server:0'\n",
            vec![("AE066", 1)],
        ),
        (
            "k3d cluster create -s 2 --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@server:0,1'\n",
            vec![],
        ),
        (
            "k3d cluster create -s 2 --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@server[0]'\n",
            vec![("AE066", 1)],
        ),
        (
            "k3d cluster create --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@all'\n",
            vec![],
        ),
        (
            "k3d cluster create -a 1 --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@all'\n",
            vec![("AE063", 1)],
        ),
        (
            "k3d cluster create -a 1 --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log@server:0;agent:*'\n",
            vec![("AE063", 1)],
        ),
        (
            "k3d cluster create -a 1 --k3s-arg='--kube-apiserver-arg=audit-log-path=/l/a.log@agent:0'\n",
            vec![("AE063", 1)],
        ),
        // k3d needs a filter where there is a choice.
        (
            "k3d cluster create -a 1 --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log'\n",
            vec![("AE063", 1)],
        ),
        (
            "k3d cluster create --k3s-arg '--kube-apiserver-arg=audit-log-path=/l/a.log'\n",
            vec![],
        ),
        (
            "k3d cluster create -a 1 --k3s-server-arg '--kube-apiserver-arg=audit-log-path=/l/a.log'\n",
            vec![],
        ),
    ] {
        assert_eq!(findings(text, &codes), expected, "{text}");
        assert_eq!(flags(text), ["--audit-log-path=/l/a.log"], "{text}");
    }
    let command = |rest: &str| {
        format!(
            "k3d cluster create -s 2 -a 2 \\\n  --k3s-arg '--kube-apiserver-arg=audit-policy-file=/p/a.yaml@server:*' \\\n  {rest}\n"
        )
    };
    for (rest, expected) in [
        ("-v $PWD/a.yaml:/p/a.yaml@server:*", vec![]),
        ("--volume=/x:/p@all", vec![]),
        ("--volume /x:/p", vec![]),
        ("", vec![("AE011", 2)]),
        // Only other nodes have the file.
        ("-v /x/a.yaml:/p/a.yaml@agent:*", vec![("AE011", 2)]),
        ("-v /x/a.yaml:/p/a.yaml@server:0", vec![("AE066", 3)]),
        ("-v /x/a.yaml:/q/a.yaml@server:*", vec![("AE011", 2)]),
        // What the nodes have besides is not known.
        ("--config k3d.yaml", vec![]),
        ("--image registry.example.com/k3s-with-policy:1", vec![]),
        ("-v /x/a.yaml:$DIR/a.yaml@server:*", vec![]),
    ] {
        let text = command(rest);
        assert_eq!(findings(&text, &codes), expected, "{text}");
    }
}

#[test]
fn files_of_k3ds_configuration_are_for_the_nodes_that_their_filters_select() {
    let cluster = |rest: &str| {
        format!(
            "apiVersion: k3d.io/v1alpha5\nkind: Simple\nservers: 2\nagents: 1\n{rest}\noptions:\n  k3s:\n    extraArgs:\n    - arg: --kube-apiserver-arg=audit-policy-file=/p/a.yaml\n      nodeFilters: ['server:*']\n"
        )
    };
    for (rest, expected) in [
        (
            "volumes: [{volume: '/x:/p', nodeFilters: ['server:*']}]",
            vec![],
        ),
        (
            "volumes: [{volume: '/x:/p', nodeFilters: ['agent:*']}]",
            vec![("AE011", 9)],
        ),
        (
            "volumes: [{volume: '/x:/p@agent:*'}]",
            vec![("AE063", 5), ("AE011", 9)],
        ),
        (
            "volumes: [{volume: '/x:/p', nodeFilters: ['server:1;agent:*']}]",
            vec![("AE066", 5)],
        ),
        (
            "files: [{source: a.yaml, destination: /p/a.yaml, nodeFilters: [all]}]",
            vec![],
        ),
        (
            "files: [{source: a.yaml, destination: /p/a.yaml, nodeFilters: ['agent:*']}]",
            vec![("AE011", 9)],
        ),
        (
            "files: [{source: a.yaml, destination: /p/a.yaml, nodeFilters: ['server:0']}]",
            vec![("AE066", 5)],
        ),
        ("volumes: [{volume: '/x:$DIR/p'}]", vec![]),
        ("image: example.com/own:1", vec![]),
        ("image: rancher/k3s:v1.30.1-k3s1", vec![("AE011", 9)]),
    ] {
        let text = cluster(rest);
        assert_eq!(
            findings(&text, &["AE011", "AE063", "AE066"]),
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_policy_is_written_to_the_path_of_its_file() {
    let k0sctl = |files: &str, path: &str| {
        format!(
            "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nspec:\n  k0s: {{config: {{spec: {{api: {{extraArgs: {{audit-policy-file: {path}}}}}}}}}}}\n  hosts:\n  - role: controller\n    files:\n{files}"
        )
    };
    let data = |fields: &str| {
        format!(
            "    - {{{fields}, data: &p \"kind: Policy\\napiVersion: audit.k8s.io/v1\\nrules: [{{level: Metadata}}]\\n\"}}\n"
        )
    };
    let pod = |kind: &str, mount: &str, volume: &str, object: &str| {
        format!(
            "kind: {kind}\napiVersion: apps/v1\nmetadata: {{name: d}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: kube-apiserver\n        command: [kube-apiserver, --audit-policy-file=/p/a.yaml, --audit-log-path=-]\n        volumeMounts: [{{name: v, readOnly: true, {mount}}}]\n      volumes: [{{name: v, {volume}}}]\n---\napiVersion: v1\n{object}\n{}",
            policy(4)
        )
    };
    let map = "kind: ConfigMap\nmetadata: {name: m}\ndata:\n  a.yaml: |";
    let other = "kind: ConfigMap\nmetadata: {name: m}\ndata:\n  b.yaml: |";
    let secret = "kind: Secret\nmetadata: {name: m}\nstringData:\n  b.yaml: |";
    let of_map = "configMap: {name: m}";
    let control_plane = |key: &str| {
        format!(
            "kind: KubeadmControlPlane\napiVersion: controlplane.cluster.x-k8s.io/v1beta1\nmetadata: {{name: c}}\nspec:\n  kubeadmConfigSpec:\n    clusterConfiguration: {{apiServer: {{extraArgs: {{audit-policy-file: /p}}}}}}\n    files: [{{path: /p, contentFrom: {{secret: {{name: m, key: {key}}}}}}}]\n"
        )
    };
    let map_of_secret = format!(
        "---\nkind: Secret\napiVersion: v1\nmetadata: {{name: m}}\nstringData:\n  a.yaml: |\n{}",
        policy(4)
    );
    let node = |host: &str| {
        format!(
            "#cloud-config\nwrite_files:\n- path: /opt/a.yaml\n  content: |\n{}- path: /etc/kubernetes/manifests/kube-apiserver.yaml\n  content: |\n    kind: Pod\n    apiVersion: v1\n    spec:\n      containers:\n      - name: kube-apiserver\n        command: [kube-apiserver, --audit-policy-file=/p/a.yaml]\n        volumeMounts: [{{name: v, mountPath: /p, readOnly: true}}]\n      volumes: [{{name: v, {host}}}]\n",
            policy(4)
        )
    };
    for (text, expected) in [
        (k0sctl(&data("dst: /e/a.yaml"), "/e/a.yaml"), vec![]),
        (
            k0sctl(&data("dst: a.yaml, dstDir: /e"), "/e/a.yaml"),
            vec![],
        ),
        (
            k0sctl(&data("dst: a.yaml, dstDir: /e/"), "/e/b.yaml"),
            vec![("AE050", 4)],
        ),
        (
            k0sctl(
                "    - {src: ./audit-policy.yaml, dstDir: /e}\n",
                "/e/audit-policy.yaml",
            ),
            vec![],
        ),
        (
            k0sctl(
                "    - {src: ./audit-policy.yaml, dstDir: /e}\n",
                "/e/policy.yaml",
            ),
            vec![("AE050", 4)],
        ),
        (
            k0sctl(
                "    - {src: ./audit-policy.yaml, dstDir: /e, dst: policy.yaml}\n",
                "/e/policy.yaml",
            ),
            vec![],
        ),
        // A pattern selects files whose names are not known.
        (
            k0sctl("    - {src: './*.yaml', dstDir: /e}\n", "/e/policy.yaml"),
            vec![],
        ),
        // Another file says nothing about the policy.
        (
            k0sctl("    - {src: ./ca.pem, dstDir: /e}\n", "/e/policy.yaml"),
            vec![],
        ),
        (pod("Deployment", "mountPath: /p", of_map, map), vec![]),
        (
            pod("Deployment", "mountPath: /p", of_map, other),
            vec![("AE050", 9)],
        ),
        (
            pod(
                "StatefulSet",
                "mountPath: /p",
                "secret: {secretName: m}",
                secret,
            ),
            vec![("AE050", 9)],
        ),
        (
            pod(
                "StatefulSet",
                "mountPath: /p",
                "configMap: {name: m, items: [{key: b.yaml, path: a.yaml}]}",
                other,
            ),
            vec![],
        ),
        (
            pod(
                "StatefulSet",
                "mountPath: /p",
                "configMap: {name: m, items: [{key: a.yaml, path: c.yaml}]}",
                map,
            ),
            vec![("AE050", 9)],
        ),
        (
            pod(
                "Deployment",
                "mountPath: /p/a.yaml, subPath: b.yaml",
                of_map,
                other,
            ),
            vec![],
        ),
        (
            pod(
                "Deployment",
                "mountPath: /p/a.yaml, subPath: a.yaml",
                of_map,
                other,
            ),
            vec![("AE050", 9)],
        ),
        // Another object, which the text does not contain.
        (
            pod("Deployment", "mountPath: /p", "configMap: {name: n}", other),
            vec![],
        ),
        // A key of a Secret that is a file of the node.
        (
            format!("{}{map_of_secret}", control_plane("a.yaml")),
            vec![],
        ),
        (
            format!("{}{map_of_secret}", control_plane("b.yaml")),
            vec![("AE050", 7)],
        ),
        // A volume of the node.
        (node("hostPath: {path: /opt, type: Directory}"), vec![]),
        (
            node("hostPath: {path: /srv, type: Directory}"),
            vec![("AE050", 16)],
        ),
        (node("configMap: {name: m}"), vec![]),
    ] {
        assert_eq!(findings(&text, &["AE050"]), expected, "{text}");
    }
}

#[test]
fn an_empty_directory_has_what_an_init_container_writes() {
    let pod = |init: &str| {
        format!(
            "kind: Deployment\napiVersion: apps/v1\nspec:\n  template:\n    spec:\n{init}      containers:\n      - name: kube-apiserver\n        command: [kube-apiserver, --audit-policy-file=/p/a.yaml, --audit-log-path=-]\n        volumeMounts: [{{name: v, mountPath: /p, readOnly: true}}]\n      volumes: [{{name: v, emptyDir: {{}}}}]\n"
        )
    };
    for (init, expected) in [
        ("", vec![("AE021", 9)]),
        (
            "      initContainers: [{name: i, volumeMounts: [{name: v, mountPath: /x}]}]\n",
            vec![],
        ),
        (
            "      initContainers: [{name: i, volumeMounts: [{name: w, mountPath: /x}]}]\n",
            vec![("AE021", 10)],
        ),
    ] {
        let text = pod(init);
        assert_eq!(findings(&text, &["AE021"]), expected, "{text}");
    }
}

#[test]
fn settings_for_some_control_plane_nodes_are_one_finding() {
    let k0sctl = |hosts: &str| {
        format!(
            "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nspec:\n  k0s: {{config: {{spec: {{api: {{extraArgs: {{audit-policy-file: /e/a.yaml}}}}}}}}}}\n  hosts:\n{hosts}"
        )
    };
    let file = "files: [{src: a.yaml, dst: /e/a.yaml}]";
    let inventory = |one: &str, group: &str| {
        format!(
            "all:\n  hosts:\n    n1: {{{one}}}\n    n2: {{}}\n    n3: {{}}\n  children:\n    {group}: {{hosts: {{n1: null, n2: null}}}}\n"
        )
    };
    let kind = |first: &str, second: &str| {
        format!(
            "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nkubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer:\n    extraArgs: {{audit-policy-file: /p/a.yaml}}\n    extraVolumes: [{{name: p, hostPath: /p, mountPath: /p, readOnly: true, pathType: Directory}}]\nnodes:\n- {{role: control-plane{first}}}\n- {{role: {second}}}\n"
        )
    };
    let mount = ", extraMounts: [{hostPath: ./a.yaml, containerPath: /p/a.yaml}]";
    let rancher = |selector: &str| {
        format!(
            "apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nspec:\n  rkeConfig:\n    machineSelectorConfig:\n    - config: {{kube-apiserver-arg: [audit-log-path=-]}}\n      {selector}\n"
        )
    };
    let labels = |labels: &str| format!("machineLabelSelector: {{matchLabels: {{{labels}}}}}");
    let talos = |first: &str, second: &str| {
        let patch = "patches: [{cluster: {apiServer: {extraArgs: {audit-log-maxage: '5'}}}}]";
        format!("clusterName: c\nnodes:\n- {{hostname: a, controlPlane: true{first}}}\n- {{hostname: b, {second}}}\n").replace("PATCH", patch)
    };
    for (text, expected) in [
        (
            k0sctl(&format!(
                "  - {{role: controller, {file}}}\n  - {{role: controller, {file}}}\n"
            )),
            vec![],
        ),
        (
            k0sctl(&format!(
                "  - {{role: controller, {file}}}\n  - {{role: controller}}\n"
            )),
            vec![("AE066", 6)],
        ),
        (
            k0sctl(&format!(
                "  - {{role: controller}}\n  - {{role: worker, {file}}}\n"
            )),
            vec![("AE066", 7)],
        ),
        (
            k0sctl(&format!(
                "  - {{role: controller, {file}}}\n  - {{role: worker}}\n"
            )),
            vec![],
        ),
        (
            inventory("kubernetes_audit: true", "kube_control_plane"),
            vec![("AE066", 3)],
        ),
        (
            inventory("kubernetes_audit: true", "kube-master"),
            vec![("AE066", 3)],
        ),
        (
            inventory("", "kube_control_plane") + "  vars: {kubernetes_audit: true}\n",
            vec![],
        ),
        (kind(mount, &format!("control-plane{mount}")), vec![]),
        (kind(mount, "control-plane"), vec![("AE066", 11)]),
        (kind(mount, "worker"), vec![]),
        // Another name in the directory that the server mounts.
        (
            kind(&mount.replace("/p/a.yaml", "/p/b.yaml"), "worker"),
            vec![("AE011", 8)],
        ),
        (kind(&mount.replace("/p/a.yaml", "/p"), "worker"), vec![]),
        // The mount of a worker does not serve the server.
        (kind("", &format!("worker{mount}")), vec![("AE011", 8)]),
        (
            rancher("machineLabelSelector: {matchLabels: {a: b}}"),
            vec![("AE066", 6)],
        ),
        (
            rancher(
                "machineLabelSelector: {matchLabels: {rke.cattle.io/control-plane-role: 'true'}}",
            ),
            vec![],
        ),
        (rancher(""), vec![]),
        (
            rancher(&labels("rke.cattle.io/worker-role: 'true'")),
            vec![("AE066", 6)],
        ),
        (
            rancher(&labels("rke.cattle.io/control-plane-role: 'false'")),
            vec![("AE066", 6)],
        ),
        (talos(", PATCH", "controlPlane: true"), vec![("AE066", 3)]),
        (talos(", PATCH", "controlPlane: true, PATCH"), vec![]),
        (talos(", PATCH", "controlPlane: false"), vec![]),
    ] {
        assert_eq!(findings(&text, &["AE066", "AE011"]), expected, "{text}");
    }
}

#[test]
fn settings_for_machines_without_the_control_plane_are_not_those_of_a_server() {
    let cluster = |pools: &str, selector: &str| {
        format!(
            "apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nspec:\n  rkeConfig:\n    machinePools: [{pools}]\n    machineSelectorConfig:\n    - config: {{kube-apiserver-arg: [audit-policy-file=/p, audit-log-path=-]}}\n      machineLabelSelector: {{{selector}}}\n"
        )
    };
    let two = "{name: a, controlPlaneRole: true, etcdRole: true}, {name: b, workerRole: true}";
    let one = "{name: a, controlPlaneRole: true, etcdRole: true, workerRole: true}";
    let role =
        |role: &str, value: &str| format!("matchLabels: {{rke.cattle.io/{role}-role: '{value}'}}");
    let expression = |role: &str, rest: &str| {
        format!("matchExpressions: [{{key: rke.cattle.io/{role}-role, {rest}}}]")
    };
    let pool = |name: &str| format!("matchLabels: {{rke.cattle.io/rke-machine-pool-name: {name}}}");
    for (pools, selector, is_server) in [
        ("", role("control-plane", "true"), true),
        ("", role("control-plane", "false"), false),
        ("", role("etcd", "true"), true),
        ("", role("worker", "true"), false),
        (two, role("worker", "true"), false),
        // Machines of this pool have all roles.
        (one, role("worker", "true"), true),
        ("", expression("control-plane", "operator: Exists"), true),
        (
            "",
            expression("control-plane", "operator: DoesNotExist"),
            false,
        ),
        (
            "",
            expression("control-plane", "operator: NotIn, values: ['true']"),
            false,
        ),
        (
            "",
            expression("worker", "operator: In, values: ['true']"),
            false,
        ),
        ("", expression("worker", "operator: DoesNotExist"), true),
        (two, pool("a"), true),
        (two, pool("b"), false),
        // A pool that is elsewhere.
        (two, pool("c"), true),
        ("", "matchLabels: {cattle.io/os: windows}".to_owned(), false),
        ("", "matchLabels: {region: eu}".to_owned(), true),
    ] {
        let text = cluster(pools, &selector);
        assert_eq!(!flags(&text).is_empty(), is_server, "{text}");
        let recognized = recognize(&text);
        assert_eq!(
            !recognized.documents[0].references.is_empty(),
            is_server,
            "{text}"
        );
        let off = if is_server {
            vec![]
        } else {
            vec![("AE032", 1)]
        };
        assert_eq!(findings(&text, &["AE032"]), off, "{text}");
    }
}

#[test]
fn a_policy_of_kops_is_written_where_the_server_runs() {
    for (roles, expected) in [
        ("", vec![]),
        ("roles: [ControlPlane], ", vec![]),
        ("roles: [Node, Master], ", vec![]),
        ("roles: [APIServer], ", vec![]),
        ("roles: [Node], ", vec![("AE050", 6)]),
        ("roles: [Node, Bastion], ", vec![("AE050", 6)]),
    ] {
        let text = format!(
            "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  kubeAPIServer: {{auditPolicyFile: /srv/p, auditLogPath: '-'}}\n  fileAssets:\n  - {{name: p, path: /srv/p, {roles}content: x}}\n"
        );
        assert_eq!(findings(&text, &["AE050"]), expected, "{text}");
    }
}

#[test]
fn operations_of_a_patch_of_kind_are_read() {
    let cluster = |patch: &str| {
        format!(
            "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nkubeadmConfigPatchesJSON6902:\n- group: kubeadm.k8s.io\n  version: v1beta3\n  kind: ClusterConfiguration\n  patch: |\n{patch}nodes:\n- role: control-plane\n  extraMounts: [{{hostPath: ./a.yaml, containerPath: /p/a.yaml}}]\n"
        )
    };
    let volume = "hostPath: /p, mountPath: /p, readOnly: true, pathType: Directory";
    let with_list = format!(
        "    - {{op: add, path: /apiServer/extraArgs, value: {{audit-policy-file: /p/a.yaml, audit-log-path: '-'}}}}\n    - {{op: add, path: /apiServer/extraVolumes, value: [{{name: p, {volume}}}]}}\n"
    );
    let with_items = format!(
        "    - {{op: add, path: /apiServer/extraArgs/audit-policy-file, value: /p/a.yaml}}\n    - {{op: add, path: /apiServer/extraArgs/audit-log-path, value: '-'}}\n    - {{op: add, path: /apiServer/extraVolumes/-, value: {{name: p, {volume}}}}}\n"
    );
    let without_volume = "    - {op: add, path: /apiServer/extraArgs/audit-policy-file, value: /p/a.yaml}\n    - {op: add, path: /apiServer/extraArgs/audit-log-path, value: '-'}\n";
    let json = "    [{\"op\": \"replace\", \"path\": \"/apiServer/extraArgs\", \"value\": {\"audit-policy-file\": \"/p/a.yaml\", \"audit-log-path\": \"-\"}}]\n";
    for (patch, expected) in [
        (with_list.as_str(), vec![]),
        (&with_items, vec![]),
        (without_volume, vec![("AE011", 8)]),
        (json, vec![("AE011", 8)]),
    ] {
        let text = cluster(patch);
        assert_eq!(
            flags(&text),
            ["--audit-policy-file=/p/a.yaml", "--audit-log-path=-"],
            "{text}"
        );
        assert_eq!(findings(&text, &["AE011", "AE032"]), expected, "{text}");
        // That of another configuration.
        let other = text.replace("kind: ClusterConfiguration", "kind: KubeletConfiguration");
        assert_eq!(flags(&other), Vec::<String>::new(), "{other}");
    }
}
