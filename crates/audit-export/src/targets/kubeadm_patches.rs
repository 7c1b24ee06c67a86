//! A directory of patches for static pods that kubeadm creates. Source: "Customizing components with the kubeadm API" of the Kubernetes
//! documentation (`patches.directory`, names of the form `target[suffix][+patchtype].extension`), and the reference of `kubeadm upgrade apply`.
//!
//! A strategic merge replaces `command` as a whole, so the flags are appended by a JSON patch; volumes merge by name, mounts by path.

use std::fmt::Write;

use apiserver_config::Settings;
use audit_text::quote::yaml;

use crate::document::{Document, File};
use crate::guide::{self, appears};
use crate::manifest;
use crate::target::Target;

/// Usual path of the directory.
const DIRECTORY: &str = "/etc/kubernetes/patches";

pub(crate) fn document(settings: &Settings) -> Document {
    let name = "kube-apiserver0+json.yaml";
    let mut document = Document::new(Target::KubeadmPatches, name, flags_patch(settings));
    document.note = format!(
        "Patches that kubeadm applies whenever it writes the manifest of kube-apiserver. The same directory is needed on every control-plane node, \
         and each `init`, `join` and `upgrade` needs `--patches {DIRECTORY}`: the cluster does not store the patches. {}",
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
    document.steps = guide::copy_files(settings);
    document.steps.push(format!(
        "On every control-plane node, save this as `{DIRECTORY}/{name}`, and the patch of the volumes next to it."
    ));
    document.steps.push(format!(
        "New cluster: `kubeadm init --patches {DIRECTORY}`, and `kubeadm join --patches {DIRECTORY}` for each further control-plane node \
         (or `patches.directory` in InitConfiguration and JoinConfiguration)."
    ));
    document.steps.push(format!(
        "Existing cluster: `kubeadm upgrade apply VERSION --patches {DIRECTORY}` on the first node and `kubeadm upgrade node --patches {DIRECTORY}` \
         on the others, for this and every later upgrade."
    ));
    document.steps.push(
        "`--patches` cannot be combined with `--config`: if you use a configuration, set the directory in it.".to_owned(),
    );
    document.verify = guide::verify(settings);
    document.undo = vec![
        format!(
            "Remove the two files from `{DIRECTORY}` on every node, and remove their flags and mounts from the manifest, or upgrade again without them."
        ),
        "Keep the policy file until every server has restarted without its flag.".to_owned(),
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
