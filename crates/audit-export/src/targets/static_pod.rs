//! Additions to the manifest of the server's static pod. Source: the API of the v1 Pod (`hostPath`, `volumeMounts`), and the log backend's
//! example on the page "Auditing" of the Kubernetes documentation.

use std::fmt::Write;

use apiserver_config::Settings;

use crate::document::{Document, File};
use crate::guide::{self, appears, policy_first};
use crate::manifest;
use crate::target::Target;

/// Path of the manifest on a kubeadm node.
const MANIFEST: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(
        Target::StaticPod,
        "kube-apiserver-audit-snippet.yaml",
        text(settings),
    );
    document.note = format!(
        "Add each list's items to `{MANIFEST}` on every control-plane node, one node after the other. \
         Keep a copy of the manifest outside of that directory: the kubelet reads every file in it as a pod.{} {}",
        policy_first(settings),
        appears(settings)
    );
    document.files = guide::files(settings);
    document.steps = guide::copy_files(settings);
    document.steps.push(format!(
        "Copy the manifest to another directory: `sudo cp {MANIFEST} /root/kube-apiserver.yaml.before`."
    ));
    document.steps.push(format!(
        "Add each list's items to the lists of the same name in `{MANIFEST}`. The kubelet restarts the server."
    ));
    document.steps.push(
        "Wait until the node's server is ready (`kubectl get --raw '/readyz?verbose'`) before you change the next node. If it does not start, \
         `sudo crictl ps -a --name kube-apiserver` and `sudo crictl logs` of the newest container show why."
            .to_owned(),
    );
    document.verify = guide::verify(settings);
    document.undo = vec![
        format!("`sudo cp /root/kube-apiserver.yaml.before {MANIFEST}` on every node."),
        "Keep the policy file until every server has restarted without its flag.".to_owned(),
    ];
    document
}

/// Returns the document for a manifest that already contains the settings.
pub(crate) fn patched(settings: &Settings, manifest: &str) -> Document {
    let mut document = document(settings);
    document.file_name = "kube-apiserver.yaml".to_owned();
    manifest.clone_into(&mut document.text);
    document.note = format!(
        "Your manifest with the settings; everything else is unchanged. It contains the addresses of its node: patch the manifest of each control-plane node. \
         Keep a copy of the manifest outside of its directory: the kubelet reads every file in it as a pod.{} {}",
        policy_first(settings),
        appears(settings)
    );
    document.files.insert(
        0,
        File {
            path: MANIFEST.to_owned(),
            text: manifest.to_owned(),
            mode: "0600",
        },
    );
    if let Some(step) = document
        .steps
        .iter_mut()
        .find(|step| step.starts_with("Add each"))
    {
        *step = format!(
            "Save this as `{MANIFEST}` on the node that it belongs to. The kubelet restarts the server."
        );
    }
    document
}

fn text(settings: &Settings) -> String {
    let mut out = String::from("spec:\n  containers:\n    - name: kube-apiserver\n");
    out.push_str("      command:\n        - kube-apiserver\n");
    out.push_str("        # in addition to the existing flags\n");
    out.push_str(&manifest::arguments(settings, "        "));
    let _ = write!(out, "{}", manifest::pod_volumes(settings));
    out
}
