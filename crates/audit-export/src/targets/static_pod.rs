//! What to add to the manifest of the server's static pod. Source: the API of the v1 Pod (`hostPath`, `volumeMounts`), and the log backend's
//! example on the page "Auditing" of the Kubernetes documentation.

use std::fmt::Write;

use crate::document::{Document, File};
use crate::guide::{self, appears, policy_first};
use crate::manifest;
use crate::target::Target;
use apiserver_config::Settings;

/// Where kubeadm has the manifest.
const MANIFEST: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(
        Target::StaticPod,
        "kube-apiserver-audit-snippet.yaml",
        text(settings),
    );
    document.note = format!(
        "Add each list's items to `{MANIFEST}` on every control-plane node, one node after the other. \
         Keep a copy of the manifest outside that directory, in which the kubelet takes every file for a pod.{} {}",
        policy_first(settings),
        appears(settings)
    );
    document.files = guide::files(settings);
    document.steps = guide::place(settings);
    document.steps.push(format!(
        "Copy the manifest out of its directory: `sudo cp {MANIFEST} /root/kube-apiserver.yaml.before`."
    ));
    document.steps.push(format!(
        "Add each list's items to the lists of the same name in `{MANIFEST}`. The kubelet restarts the server by itself."
    ));
    document.steps.push(
        "Wait until the node's server is ready (`kubectl get --raw '/readyz?verbose'`) before the next node. If it does not come back, \
         `sudo crictl ps -a --name kube-apiserver` and `sudo crictl logs` of the newest show why."
            .to_owned(),
    );
    document.verify = guide::verify(settings);
    document.undo = vec![
        format!("`sudo cp /root/kube-apiserver.yaml.before {MANIFEST}` on every node."),
        "Leave the policy file until every server is back without its flag.".to_owned(),
    ];
    document
}

/// The reader's own manifest, in place of what is to be added to it.
pub(crate) fn patched(settings: &Settings, manifest: &str) -> Document {
    let mut document = document(settings);
    document.file_name = "kube-apiserver.yaml".to_owned();
    manifest.clone_into(&mut document.text);
    document.note = format!(
        "Your manifest with the settings in it, and all else as it was. It holds its node's own addresses: patch each control-plane node's own. \
         Keep a copy of the manifest outside its directory, in which the kubelet takes every file for a pod.{} {}",
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
            "Save this as `{MANIFEST}` on the node that it came from. The kubelet restarts the server by itself."
        );
    }
    document
}

fn text(settings: &Settings) -> String {
    let mut out = String::from("spec:\n  containers:\n    - name: kube-apiserver\n");
    out.push_str("      command:\n        - kube-apiserver\n");
    out.push_str("        # beside the flags that are there already\n");
    out.push_str(&manifest::arguments(settings, "        "));
    let _ = write!(out, "{}", manifest::pod_volumes(settings));
    out
}
