//! A KubeadmControlPlane of Cluster API. Source: the API reference of `controlplane.cluster.x-k8s.io` v1beta2 and v1beta1
//! (`kubeadmConfigSpec.clusterConfiguration.apiServer`, `kubeadmConfigSpec.files`). `extraArgs` is a list in v1beta2, a map in v1beta1.
//!
//! v1beta2 rejects empty lists and objects, so these are omitted. Both versions reject a file's `content` above a length.

use std::fmt::Write;

use apiserver_config::Settings;
use audit_text::quote::{self, yaml};

use crate::document::{Document, File};
use crate::guide::{self, appears};
use crate::manifest;
use crate::target::Target;

/// Maximum number of characters of `files[].content`.
const MAX_CONTENT_CHARS: usize = 10_240;

pub(crate) fn document(settings: &Settings) -> Document {
    let list = manifest::extra_args_list(&settings.flags(), "        ");
    let map = manifest::extra_args_map(&settings.flags(), "        ");
    let text = text(settings, "v1beta2", &list);
    let mut document = Document::new(Target::ClusterApi, "kubeadm-control-plane-audit.yaml", text);
    document.note = format!(
        "Merge this into the KubeadmControlPlane of the management cluster. Cluster API then replaces every control-plane node, one by one, \
         each with the same files. {}",
        appears(settings)
    );
    document.files = vec![File {
        path: "kubeadm-control-plane-audit-v1beta1.yaml".to_owned(),
        text: self::text(settings, "v1beta1", &map),
        mode: "0600",
    }];
    document.steps = vec![
        "In the management cluster, `kubectl get kubeadmcontrolplane NAME -o yaml > before.yaml` saves the current object.".to_owned(),
        "`kubectl edit kubeadmcontrolplane NAME`, and merge this into it: add the items to the lists `files`, `extraArgs` and `extraVolumes`. \
         If the management cluster only serves v1beta1, use the second file, in which `extraArgs` is a map. If the cluster has a ClusterClass, \
         change that instead."
            .to_owned(),
    ];
    let too_long = |file: &File| file.text.chars().count() > MAX_CONTENT_CHARS;
    if guide::files(settings).iter().any(too_long) {
        document.steps.push(format!(
            "The policy is too long for `content`, which is limited to {MAX_CONTENT_CHARS} characters: put it into a Secret and use `contentFrom.secret` \
             instead."
        ));
    }
    if settings.webhook.is_enabled() {
        document.steps.push(
            "Keep the webhook's credentials in a Secret: use `contentFrom.secret` of the file instead of `content`.".to_owned(),
        );
    }
    document.steps.push(
        "Watch `kubectl get machines`: if the first new machine does not become ready, the rollout stops.".to_owned(),
    );
    document.verify = guide::verify(settings);
    document.undo =
        vec!["`kubectl apply -f before.yaml`: the nodes are replaced again.".to_owned()];
    document
}

fn text(settings: &Settings, version: &str, arguments: &str) -> String {
    let mut out = format!(
        "apiVersion: controlplane.cluster.x-k8s.io/{version}\nkind: KubeadmControlPlane\nmetadata:\n  name: my-control-plane\n"
    );
    if settings.flags().is_empty() {
        out.push_str("spec: {}\n");
        return out;
    }
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "spec:\n  kubeadmConfigSpec:\n    clusterConfiguration:\n      apiServer:\n{arguments}{}",
        manifest::extra_volumes(settings, "        ")
    );
    let files = guide::files(settings);
    if !files.is_empty() {
        out.push_str("    files:\n");
    }
    for file in files {
        let _ = write!(
            out,
            "      - path: {}\n        owner: root:root\n        permissions: \"{}\"\n",
            yaml(&file.path),
            file.mode,
        );
        if !file.text.is_empty() {
            let content = quote::block(&file.text, "          ");
            let _ = writeln!(out, "        content: {content}");
        }
    }
    out
}
