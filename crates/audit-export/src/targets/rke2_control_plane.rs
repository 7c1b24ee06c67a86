//! An RKE2ControlPlane of Cluster API. Source: the types `RKE2ControlPlane` and `RKE2Config` of the RKE2 provider (v1beta1), and for the path and the key of
//! the policy the part that writes RKE2's configuration.
//!
//! The policy is in a Secret, under the key `audit-policy.yaml`, and its path is fixed. RKE2 sets the rotation flags itself, so these are always written.

use std::fmt::Write;

use apiserver_config::Settings;
use apiserver_config::platforms::{RKE2_CONTROL_PLANE_POLICY, ROTATION_FLAGS};
use audit_text::quote::{self, yaml};

use crate::document::{Document, File};
use crate::guide;
use crate::target::Target;

/// Key in the Secret that the provider reads.
const KEY: &str = "audit-policy.yaml";

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(
        Target::Rke2ControlPlane,
        "rke2-control-plane.yaml",
        text(settings),
    );
    document.note = format!(
        "Merge this into the RKE2ControlPlane of the management cluster: Cluster API replaces every control-plane node, one by one. The provider saves the policy of the Secret as \
         `{RKE2_CONTROL_PLANE_POLICY}` on each."
    );
    document.files = vec![File {
        path: "rke2-policy-secret.yaml".to_owned(),
        text: secret(settings),
        mode: "0600",
    }];
    document.steps = vec![
        "In the management cluster, `kubectl get rke2controlplane NAME -n NAMESPACE -o yaml > before.yaml` saves the current object.".to_owned(),
        format!(
            "`kubectl apply -f rke2-policy-secret.yaml`, in the namespace of the cluster: the provider reads its key `{KEY}`, and creates no node without it."
        ),
    ];
    if settings.webhook.is_enabled() {
        document.steps.push(
            "Keep the webhook's credentials in a Secret: use `contentFrom.secret` of the file instead of `content`.".to_owned(),
        );
    }
    document.steps.push(
        "`kubectl edit rke2controlplane NAME -n NAMESPACE`, and merge this into it: add the items to the lists `extraArgs` and `files`. A later change of the Secret alone does not \
         replace nodes."
            .to_owned(),
    );
    document.steps.push(
        "Watch `kubectl get machines -A`: if the first new machine does not become ready, the rollout stops.".to_owned(),
    );
    document.verify = guide::verify(settings);
    document.undo =
        vec!["`kubectl apply -f before.yaml`: the nodes are replaced again.".to_owned()];
    document
}

fn secret(settings: &Settings) -> String {
    let policy = crate::document::end_line(settings.policy.clone());
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: kube-audit\n  namespace: default\ntype: Opaque\nstringData:\n  {KEY}: {}\n",
        quote::block(&policy, "    ")
    )
}

fn text(settings: &Settings) -> String {
    let mut out = String::from(
        "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: RKE2ControlPlane\nmetadata:\n  name: my-control-plane\n  namespace: default\nspec:\n  serverConfig:\n",
    );
    if !settings.policy_path.is_empty() {
        out.push_str("    auditPolicySecret:\n      name: kube-audit\n      namespace: default\n");
    }
    let mut flags = settings.flags_including(&ROTATION_FLAGS.map(|(name, _)| name));
    flags.retain(|flag| flag.name != "audit-policy-file");
    out.push_str(if flags.is_empty() {
        "    kubeAPIServer:\n      extraArgs: []\n"
    } else {
        "    kubeAPIServer:\n      extraArgs:\n"
    });
    for flag in flags {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "        - {}",
            yaml(&format!("{}={}", flag.name, flag.value))
        );
    }
    let mut files = guide::files(settings);
    files.retain(|file| file.path != settings.policy_path);
    if !files.is_empty() {
        out.push_str("  files:\n");
    }
    for file in files {
        let _ = write!(
            out,
            "    - path: {}\n      owner: root:root\n      permissions: \"{}\"\n      content: {}\n",
            yaml(&file.path),
            file.mode,
            quote::block(&file.text, "        ")
        );
    }
    out
}
