//! A ClusterDeployment of k0rdent. Source: k0rdent's pages "Deploying a Cluster" and "Enabling Audit Logging", its type `ClusterDeployment`, and the
//! values and the control plane of its cluster templates (`k0s.api.extraArgs`, `k0s.files`; read of `aws-standalone-cp`).
//!
//! The templates create the log's directory, and give it to the server's user, only for a `ClusterAuditPolicy`, of which there is a second file. Its
//! settings and those of `extraArgs` become keys of one map, so only one of the two can be used.

use std::fmt::Write;

use apiserver_config::Settings;
use audit_text::quote::{self, yaml};

use super::k0s;
use crate::document::{Document, File};
use crate::guide;
use crate::manifest;
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::K0rdent, "k0rdent-cluster.yaml", text(settings));
    document.note = "Merge this into the ClusterDeployment in the management cluster: k0rdent replaces every control-plane node with one that has the files and \
                     the flags. Its templates pass `config.k0s` on to k0s."
        .to_owned();
    document.files = vec![File {
        path: "k0rdent-policy.yaml".to_owned(),
        text: audit_policy(settings),
        mode: "0600",
    }];
    document.steps = vec![
        "In the management cluster, `kubectl get clusterdeployment NAME -n NAMESPACE -o yaml > before.yaml` saves the current object.".to_owned(),
        "Check that the values of the template contain `k0s.files` and `k0s.api.extraArgs`: `kubectl get clustertemplate TEMPLATE -n NAMESPACE -o yaml`. Those of hosted control \
         planes have no files."
            .to_owned(),
    ];
    if settings.log_directory().is_some() {
        document.steps.push(
            "The log's directory must belong to the user `kube-apiserver` before the server starts, and the templates do not create it: use `-` for the log, or a machine image that \
             has the directory."
                .to_owned(),
        );
    }
    document.steps.push(
        "Releases with `ClusterAuditPolicy` have another way: apply the second file instead, set `spec.auditPolicy: my-policy`, and only the path, age, number and size of the log, \
         as `logPath`, `logMaxAge`, `logMaxBackup` and `logMaxSize` of `spec.config.audit`. The template then creates the directory. Do not use both."
            .to_owned(),
    );
    if settings.webhook.is_enabled() {
        document.steps.push(
            "Put the real certificate and credentials into the webhook's file. The object contains them, so restrict who can read it."
                .to_owned(),
        );
    }
    document.steps.push(
        "`kubectl edit clusterdeployment NAME -n NAMESPACE`, and merge this into it. A change replaces the control-plane machines: a cluster that was created with only one can lose etcd \
         meanwhile."
            .to_owned(),
    );
    document.verify = k0s::verify(settings);
    document.undo =
        vec!["`kubectl apply -f before.yaml`: the machines are replaced again.".to_owned()];
    document
}

fn text(settings: &Settings) -> String {
    let mut out = String::from(
        "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterDeployment\nmetadata:\n  name: my-cluster\n  namespace: kcm-system\nspec:\n  config:\n    k0s:\n      api:\n",
    );
    out.push_str(&manifest::extra_args_map(&settings.flags(), "        "));
    let files = guide::files(settings);
    if !files.is_empty() {
        out.push_str("      files:\n");
    }
    for file in files {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "        - path: {}\n          permissions: \"0644\"\n          content: {}\n",
            yaml(&file.path),
            quote::block(&file.text, "            ")
        );
    }
    out
}

/// Returns a ClusterAuditPolicy. Its type has the policy's own fields, without version and kind.
fn audit_policy(settings: &Settings) -> String {
    let mut out = String::from(
        "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuditPolicy\nmetadata:\n  name: my-policy\n  namespace: kcm-system\nspec:\n",
    );
    match manifest::embedded_policy(settings, "    ") {
        Ok(policy) if policy.lines().any(|line| line.starts_with("    rules:")) => {
            out.push_str("  policy:\n");
            let is_type = |line: &str| {
                line.starts_with("    apiVersion:") || line.starts_with("    kind:")
            };
            for line in policy.lines().filter(|line| !is_type(line)) {
                out.push_str(line);
                out.push('\n');
            }
        }
        Ok(_) => out.push_str("  # insert the fields of the policy here, without `apiVersion` and `kind`\n  policy: {}\n"),
        Err(why) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "  # {}\n  policy: {{}}\n", guide::one_line(&why));
        }
    }
    out
}
