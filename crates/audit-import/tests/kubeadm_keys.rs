//! Misspelled fields around the server's settings are named with what was meant; other unknown fields are left alone.

use audit_import::{KubernetesVersion, import};

const CONTROL_PLANE: &str = "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nspec:\n  kubeadmConfigSpec:\n    clusterConfiguration:\n      apiServer:\n        extraArgs:\n          audit-log-path: \"-\"\n        extraVolumes:\n        - name: a\n          hostPath: /etc/kubernetes/audit\n          mountPath: /etc/kubernetes/audit\n          readOnly: true\n    files:\n    - path: /etc/kubernetes/audit/p.yaml\n      owner: root:root\n      content: text\n";

const CLUSTER: &str = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: a\napiServer:\n  extraArgs:\n  - {name: audit-log-path, value: \"-\"}\n  extraVolumes:\n  - name: a\n    hostPath: /b\n    mountPath: /b\n    pathType: File\n  certSANs: [a]\n";

/// Messages of AE022, with the lines that they are at.
fn unknown(text: &str) -> Vec<(usize, String, String)> {
    let read = import(text, KubernetesVersion::NEWEST);
    let findings = read.findings.iter();
    let of_fields = findings.filter(|finding| finding.message.starts_with("unknown field"));
    of_fields
        .map(|finding| {
            let start = finding.span().unwrap_or_default().start;
            let line = text.bytes().take(start).filter(|byte| *byte == b'\n');
            (
                line.count() + 1,
                finding.message.clone(),
                finding.help.clone(),
            )
        })
        .collect()
}

#[test]
fn a_misspelled_field_is_named_with_what_was_meant() {
    // The document, a field, how it is written, and the line.
    for (document, right, wrong, line) in [
        (CONTROL_PLANE, "kubeadmConfigSpec", "kubeAdmConfigSpec", 4),
        (CONTROL_PLANE, "kubeadmConfigSpec", "kubeadmConfig", 4),
        (CONTROL_PLANE, "clusterConfiguration", "clusterConfig", 5),
        (
            CONTROL_PLANE,
            "clusterConfiguration",
            "clusterConfigurations",
            5,
        ),
        (CONTROL_PLANE, "apiServer", "apiserver", 6),
        (CONTROL_PLANE, "extraArgs", "extraArg", 7),
        (CONTROL_PLANE, "extraArgs", "extraargs", 7),
        (CONTROL_PLANE, "extraVolumes", "extraVolume", 9),
        (CONTROL_PLANE, "hostPath", "hostpath", 11),
        (CONTROL_PLANE, "mountPath", "mountpath", 12),
        (CONTROL_PLANE, "readOnly", "readonly", 13),
        (CONTROL_PLANE, "files", "file", 14),
        (CONTROL_PLANE, "content", "contents", 17),
        (CLUSTER, "apiServer", "apiserver", 4),
        (CLUSTER, "extraArgs", "extraArg", 5),
        (CLUSTER, "extraVolumes", "extraVolumns", 7),
        (CLUSTER, "pathType", "pathtype", 11),
        (CLUSTER, "certSANs", "certSans", 12),
    ] {
        let text = document.replacen(&format!("{right}:"), &format!("{wrong}:"), 1);
        let expected = (
            line,
            format!("unknown field `{wrong}`"),
            format!("it is ignored or rejected; did you mean `{right}`?"),
        );
        assert_eq!(unknown(&text), [expected], "{text}");
    }
}

#[test]
fn other_fields_are_left_alone() {
    let template = CONTROL_PLANE
        .replace("KubeadmControlPlane", "KubeadmControlPlaneTemplate")
        .replace("\n  ", "\n      ")
        .replace("\nspec:\n", "\nspec:\n  template:\n    spec:\n");
    for text in [
        CONTROL_PLANE,
        CLUSTER,
        &template,
        &CONTROL_PLANE.replace("spec:\n  kube", "spec:\n  replicas: 3\n  version: v1.33.0\n  machineTemplate: {}\n  rolloutStrategy: {}\n  kube"),
        &CONTROL_PLANE.replace("    files:", "    preKubeadmCommands: []\n    joinConfiguration: {}\n    initConfiguration: {}\n    something: 1\n    files:"),
        &CLUSTER.replace("clusterName", "etcd: {}\nnetworking: {}\ncontrollerManager: {}\nscheduler: {}\nclusterName"),
        // Talos writes it in lower case.
        "cluster:\n  apiServer:\n    extraVolumes:\n    - hostPath: /a\n      mountPath: /a\n      readonly: true\n",
        // The other kinds of kubeadm's file have no such fields.
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nlocalAPIEndpoint: {}\n",
    ] {
        assert_eq!(unknown(text), [], "{text}");
    }
}
