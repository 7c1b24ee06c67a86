//! A kind cluster. Source: the pages "Auditing" and "Configuration" of kind's documentation (`kubeadmConfigPatches`, `extraMounts`).
//!
//! kind writes the kubeadm configuration itself (v1beta4 for nodes of 1.36 and newer, v1beta3 from 1.23 on, v1beta2 before), and applies a patch
//! only where kind and, if given, version agree. So where kubeadm knows both versions there are two patches, of which one applies; before, one
//! without a version. A merge replaces lists as a whole, but in v1beta4 kind merges `extraArgs` by name.

use std::fmt::Write;

use apiserver_config::Settings;
use audit_text::quote::{self, yaml};

use super::{kubeadm_v1beta3, kubeadm_v1beta4, policy};
use crate::document::{Document, File};
use crate::guide;
use crate::target::Target;

/// Path of the webhook's file, next to the configuration.
const WEBHOOK_FILE: &str = "./audit-webhook.yaml";

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Kind, "kind-audit.yaml", text(settings));
    let policy_file = policy_file(settings);
    document.note = format!(
        "The audit settings of a kind cluster can only be set when it is created. Save the policy as `{policy_file}` in the directory where you run kind: it is mounted into \
         the node, and from there into the server. If there are several, every control-plane node in `nodes` needs the same `extraMounts`."
    );
    document.files = files(settings);
    document.steps = vec![
        format!("Save the policy as `{policy_file}` next to this file."),
        "Repeat `extraMounts` for every control-plane node in `nodes`.".to_owned(),
        "`kind create cluster --config kind-audit.yaml`. If it does not start, `kind create cluster --retain` keeps the node, and \
         `kind export logs` saves its logs."
            .to_owned(),
    ];
    if settings.webhook.is_enabled() {
        document.steps.insert(
            1,
            format!("Save the webhook's kubeconfig as `{WEBHOOK_FILE}`, with the real certificate and credentials."),
        );
    }
    document.verify = guide::metrics();
    if settings.log.is_stdout() {
        document.verify.push(
            "`kubectl -n kube-system logs kube-apiserver-kind-control-plane | grep audit.k8s.io` shows events.".to_owned(),
        );
    } else if settings.log.is_enabled() {
        document.verify.push(format!(
            "`docker exec kind-control-plane tail -n 5 {}` shows events.",
            quote::shell(&guide::one_line(&settings.log.path))
        ));
    }
    document.verify.extend(guide::receives(settings));
    document.undo =
        vec!["`kind delete cluster`, and create it again without the two parts.".to_owned()];
    document
}

fn policy_file(settings: &Settings) -> String {
    format!("./{}", policy::file_name(settings))
}

/// Returns the two files with their paths next to the configuration.
fn files(settings: &Settings) -> Vec<File> {
    let mut files = guide::files(settings);
    for file in &mut files {
        file.path = if file.path == settings.policy_path {
            policy_file(settings)
        } else {
            WEBHOOK_FILE.to_owned()
        };
    }
    files
}

fn text(settings: &Settings) -> String {
    let mut out = String::from(
        "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n  - role: control-plane\n",
    );
    let mut mounts = Vec::new();
    if !settings.policy_path.is_empty() {
        mounts.push((policy_file(settings), &settings.policy_path));
    }
    if settings.webhook.is_enabled() {
        mounts.push((WEBHOOK_FILE.to_owned(), &settings.webhook.config_path));
    }
    if !mounts.is_empty() {
        out.push_str("    extraMounts:\n");
    }
    for (host, container) in mounts {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "      - hostPath: {}\n        containerPath: {}\n        readOnly: true\n",
            yaml(&host),
            yaml(container)
        );
    }
    out.push_str("    kubeadmConfigPatches:\n");
    let map = kubeadm_v1beta3::cluster_configuration(settings);
    if settings.version.at_least(31) {
        out.push_str(&patch(&kubeadm_v1beta4::cluster_configuration(settings)));
        out.push_str(&patch(&format!(
            "apiVersion: kubeadm.k8s.io/v1beta3\n{map}"
        )));
    } else {
        out.push_str(&patch(&map));
    }
    out
}

fn patch(text: &str) -> String {
    let mut out = String::from("      - |\n");
    for line in text.lines() {
        let _ = writeln!(out, "        {line}");
    }
    out
}
