//! Patches of a Kustomization: of the server's manifest, and of a ConfigMap with a policy.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

mod document;

use audit_import::{InputFormat, KubernetesVersion, import, recognize};
use document::{indented, only};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

const STRATEGIC: &str = "patches:\n- patch: |-\n    apiVersion: v1\n    kind: Pod\n    metadata:\n      name: kube-apiserver\n    spec:\n      containers:\n      - name: kube-apiserver\n        command:\n        - kube-apiserver\n        - --audit-policy-file=/p.yaml\n- patch: |-\n    apiVersion: v1\n    kind: Pod\n    metadata:\n      name: kube-apiserver\n    spec:\n      containers:\n      - name: kube-apiserver\n        args:\n        - --audit-log-path=/l/a.log\n";

const JSON: &str = "patches:\n- target: {kind: Pod, name: kube-apiserver}\n  patch: |-\n    - op: add\n      path: /spec/containers/0/command/-\n      value: --audit-policy-file=/p.yaml\n    - op: add\n      path: /spec/containers/0/command/-\n      value: --audit-log-path=/l/a.log\n";

const JSON_IN_BRACES: &str = "patchesJson6902:\n- target: {version: v1, kind: Pod, name: kube-apiserver}\n  patch: |-\n    [{\"op\": \"add\", \"path\": \"/spec/containers/0/command/-\", \"value\": \"--audit-policy-file=/p.yaml\"},\n     {\"op\": \"add\", \"path\": \"/spec/containers/0/command/-\", \"value\": \"--audit-log-path=/l/a.log\"}]\n";

#[test]
fn flags_in_patches_of_the_manifest_are_read() {
    for header in [
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
        "kind: Kustomization\n",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
        "resources: [pod.yaml]\n",
    ] {
        for patches in [STRATEGIC, JSON, JSON_IN_BRACES] {
            let text = format!("{header}{patches}");
            let read = import(&text, NEWEST);
            let settings = &read.settings;
            assert_eq!(
                (settings.policy_path.as_str(), settings.log.path.as_str()),
                ("/p.yaml", "/l/a.log"),
                "{text}"
            );
            assert_eq!(
                recognize(&text).documents[0].format,
                InputFormat::Kustomization
            );
            assert_eq!(read.format, InputFormat::Kustomization, "{text}");
            assert!(read.others.is_empty(), "{text}");
        }
    }
}

#[test]
fn the_policy_in_a_patch_of_a_config_map_is_found_with_its_place() {
    for (patch, path) in [
        (
            format!(
                "patches:\n- patch: |-\n    apiVersion: v1\n    kind: ConfigMap\n    metadata:\n      name: audit\n    data:\n      p.yaml: |\n{}",
                indented(8)
            ),
            "patches[0].patch > data.p.yaml",
        ),
        (
            format!(
                "patchesStrategicMerge:\n- |-\n  kind: ConfigMap\n  apiVersion: v1\n  metadata:\n    name: audit\n  data:\n    p.yaml: |\n{}",
                indented(6)
            ),
            "patchesStrategicMerge[0] > data.p.yaml",
        ),
        (
            format!(
                "patches:\n- target: {{kind: ConfigMap}}\n  patch: |-\n    - op: replace\n      path: /data/p.yaml\n      value: |\n{}",
                indented(8)
            ),
            "patches[0].patch > [0].value",
        ),
    ] {
        let text = format!("kind: Kustomization\n{patch}");
        let recognized = recognize(&text);
        let policy = only(&recognized);
        assert_eq!(policy.path, path);
        let checked = policy.check(&text, NEWEST);
        let mut findings = checked.findings.iter();
        let loud = findings.find(|finding| finding.message.contains("Loud"));
        let span = loud.unwrap().span().unwrap();
        assert_eq!(&text[span.start..span.end], "Loud", "{text}");
    }
}
