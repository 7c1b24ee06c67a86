//! A cluster that Rancher provisions, with RKE2 or k3s. Source: the page "Enabling the API Audit Log in Downstream Clusters" of Rancher's documentation
//! (`machineGlobalConfig`, `machineSelectorFiles`), and the types `RKEConfig` and `RKEProvisioningFiles`.
//!
//! On RKE2, the value of `audit-policy-file` is the policy itself, which Rancher saves on each server. On k3s, and for the webhook's file, a Secret is
//! delivered to the control-plane nodes. As on an RKE2 node, the rotation flags are always written, since RKE2 has its own defaults.

use std::fmt::Write;

use apiserver_config::Settings;
use apiserver_config::platforms::ROTATION_FLAGS;
use audit_text::quote::{self, yaml};

use crate::document::{Document, File};
use crate::guide::{self, one_line};
use crate::target::Target;

/// Name of the Secret with the files.
const SECRET: &str = "audit-files";

pub(crate) fn document(settings: &Settings) -> Document {
    let text = cluster(settings, true);
    let mut document = Document::new(Target::RancherCluster, "rancher-cluster.yaml", text);
    document.note = "Merge this into the Cluster in the namespace `fleet-default` of Rancher's cluster: Rancher delivers the files to every control-plane node and restarts the \
                     servers. This is for RKE2; the file for k3s takes the policy from a Secret, too."
        .to_owned();
    document.files = files(settings);
    document.steps = vec![
        "`kubectl get clusters.provisioning.cattle.io NAME -n fleet-default -o yaml > before.yaml` saves the current object.".to_owned(),
    ];
    if settings.webhook.is_enabled() {
        document
            .steps
            .push("Put the real certificate and credentials into the Secret.".to_owned());
    }
    document.steps.push(format!(
        "For k3s, or with a webhook, apply the Secret `{SECRET}` first: it must be in the namespace of the Cluster, and its annotation must name the Cluster. Its files are delivered by \
         Rancher 2.7.2 and newer."
    ));
    document.steps.push(
        "`kubectl edit clusters.provisioning.cattle.io NAME -n fleet-default`, and merge the fields, or edit the YAML in Rancher. Add the items to the existing `kube-apiserver-arg` and \
         `machineSelectorFiles`: an item of `machineSelectorConfig` with the same key replaces the list."
            .to_owned(),
    );
    document.verify = guide::verify(settings);
    document.undo = vec!["`kubectl apply -f before.yaml`. The files stay on the nodes.".to_owned()];
    document
}

/// Returns the Secret and the Cluster for k3s.
fn files(settings: &Settings) -> Vec<File> {
    let mut secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {SECRET}\n  namespace: fleet-default\n  annotations:\n    rke.cattle.io/object-authorized-for-clusters: my-cluster\ntype: Opaque\n"
    );
    let files = guide::files(settings);
    if !files.is_empty() {
        secret.push_str("stringData:\n");
    }
    for file in files {
        // Writing to a string cannot fail.
        let _ = writeln!(
            secret,
            "  {}: {}",
            key(settings, &file.path),
            quote::block(&file.text, "    ")
        );
    }
    vec![
        File {
            path: "rancher-secret.yaml".to_owned(),
            text: secret,
            mode: "0600",
        },
        File {
            path: "rancher-cluster-k3s.yaml".to_owned(),
            text: cluster(settings, false),
            mode: "0600",
        },
    ]
}

/// Returns the key of a file in the Secret.
fn key(settings: &Settings, path: &str) -> &'static str {
    if path == settings.policy_path {
        "policy"
    } else {
        "webhook"
    }
}

fn cluster(settings: &Settings, is_rke2: bool) -> String {
    let mut out = String::from(
        "apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nmetadata:\n  name: my-cluster\n  namespace: fleet-default\nspec:\n  rkeConfig:\n    machineGlobalConfig:\n",
    );
    let inline = is_rke2 && !settings.policy_path.is_empty();
    if inline {
        let policy = crate::document::end_line(settings.policy.clone());
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "      audit-policy-file: {}",
            quote::block(&policy, "        ")
        );
    }
    let always: &[&str] = if is_rke2 {
        &ROTATION_FLAGS.map(|(name, _)| name)
    } else {
        &[]
    };
    let mut flags = settings.flags_including(always);
    flags.retain(|flag| !inline || flag.name != "audit-policy-file");
    out.push_str(if flags.is_empty() {
        "      kube-apiserver-arg: []\n"
    } else {
        "      kube-apiserver-arg:\n"
    });
    for flag in flags {
        let _ = writeln!(
            out,
            "        - {}",
            yaml(&format!("{}={}", flag.name, flag.value))
        );
    }
    let mut files = guide::files(settings);
    files.retain(|file| !inline || file.path != settings.policy_path);
    if files.is_empty() {
        return out;
    }
    let _ = write!(
        out,
        "    machineSelectorFiles:\n      - machineLabelSelector:\n          matchLabels:\n            rke.cattle.io/control-plane-role: \"true\"\n        fileSources:\n          - \
         secret:\n              name: {SECRET}\n              items:\n"
    );
    for file in files {
        let _ = write!(
            out,
            "                - key: {}\n                  path: {}\n                  permissions: \"{}\"\n",
            key(settings, &file.path),
            yaml(&one_line(&file.path)),
            file.mode
        );
    }
    out
}
