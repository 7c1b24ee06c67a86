//! A directory of patches for the static pods that kubeadm writes. Source: "Customizing components with the kubeadm API" of the Kubernetes
//! documentation (`patches.directory`, names of the form `target[suffix][+patchtype].extension`), and the reference of `kubeadm upgrade apply`.
//!
//! A strategic merge replaces `command` as a whole, so the flags are appended by a JSON patch; volumes merge by name, mounts by path.

use std::fmt::Write;

use crate::document::{Document, File};
use crate::guide::{self, appears};
use crate::manifest;
use crate::target::Target;
use apiserver_config::Settings;
use audit_text::quote::yaml;

/// Where the directory lies by custom.
const DIRECTORY: &str = "/etc/kubernetes/patches";

pub(crate) fn document(settings: &Settings) -> Document {
    let name = "kube-apiserver0+json.yaml";
    let mut document = Document::new(Target::KubeadmPatches, name, flags_patch(settings));
    document.note = format!(
        "Patches that kubeadm applies whenever it writes the manifest of kube-apiserver. They need the same directory on every control-plane \
         node, and `--patches {DIRECTORY}` at each `init`, `join` and `upgrade`: the cluster does not remember them. {}",
        appears(settings)
    );
    if !settings.mounts().is_empty() {
        document.files.push(File {
            path: format!("{DIRECTORY}/kube-apiserver1+strategic.yaml"),
            text: volumes_patch(settings),
            mode: "0600",
        });
    }
    document.files.extend(guide::files(settings));
    document.steps = guide::place(settings);
    document.steps.push(format!(
        "On every control-plane node, save this as `{DIRECTORY}/{name}`, and the volumes' patch beside it."
    ));
    document.steps.push(format!(
        "New cluster: `kubeadm init --patches {DIRECTORY}`, and `kubeadm join --patches {DIRECTORY}` for each further control-plane node \
         (or `patches.directory` in InitConfiguration and JoinConfiguration)."
    ));
    document.steps.push(format!(
        "Cluster that runs: `kubeadm upgrade apply VERSION --patches {DIRECTORY}` on the first node and `kubeadm upgrade node --patches {DIRECTORY}` \
         on the others, at this upgrade and each one after it."
    ));
    document.steps.push(
        "`--patches` does not go together with `--config`: where there is a configuration, name the directory in it.".to_owned(),
    );
    document.verify = guide::verify(settings);
    document.undo = vec![
        format!(
            "Remove the two files from `{DIRECTORY}` on every node, and take their flags and mounts out of the manifest, or upgrade again without them."
        ),
        "Leave the policy file until every server is back without its flag.".to_owned(),
    ];
    document
}

fn flags_patch(settings: &Settings) -> String {
    let mut out = String::new();
    for flag in settings.flags() {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "- op: add\n  path: /spec/containers/0/command/-\n  value: {}\n",
            yaml(&flag.argument())
        );
    }
    if out.is_empty() {
        out.push_str("[]\n");
    }
    out
}

fn volumes_patch(settings: &Settings) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-apiserver\n  namespace: kube-system\nspec:\n  containers:\n    - name: kube-apiserver\n{}",
        manifest::pod_volumes(settings)
    )
}
