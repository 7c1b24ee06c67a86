//! The configuration of k0sctl. Source: the README of k0sctl (`spec.hosts[].files`, `spec.k0s.config`), its type `UploadFile`, and for the order of
//! its steps its command `apply`.
//!
//! k0sctl uploads files before it installs k0s, which creates the server's user. So files cannot belong to that user on a new cluster, and the policy
//! is readable by everyone instead.

use std::fmt::Write;

use apiserver_config::Settings;
use apiserver_config::platforms::K0S_USER;
use audit_text::quote::{self, yaml};

use super::k0s;
use crate::document::{Document, File};
use crate::guide::{self, one_line};
use crate::manifest;
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::K0sctl, "k0sctl-audit.yaml", text(settings));
    document.note = "Merge this into `k0sctl.yaml`: k0sctl uploads the files to every control-plane node (in k0s, a controller) and sets the flags. Repeat \
                     `files` for each controller in `hosts`."
        .to_owned();
    document.steps = vec![
        "Add the items of `files` to every host with the role `controller`, `controller+worker` or `single`. Add `extraArgs` to the existing \
         `spec.k0s.config.spec.api`."
            .to_owned(),
    ];
    if settings.webhook.is_enabled() {
        document.steps.push(
            "Put the real certificate and credentials into the webhook's file. It is readable by everyone on the node, because k0sctl uploads it before its \
             owner exists: if the cluster is running, set `user: kube-apiserver` and `perm: \"0600\"`."
                .to_owned(),
        );
    }
    document.steps.extend(settings.log_directory().map(|directory| {
        let directory = quote::shell(&one_line(directory));
        format!(
            "On each controller, run `sudo install -d -m 700 -o {K0S_USER} {directory}` before the server starts. On a new node, create the user first: `sudo useradd \
             --system --no-create-home --shell /usr/sbin/nologin {K0S_USER}`."
        )
    }));
    document
        .steps
        .push("Run `k0sctl apply --config k0sctl.yaml`.".to_owned());
    document.verify = k0s::verify(settings);
    document.undo = vec![
        "Remove the flags from `extraArgs` and run `k0sctl apply` again; then remove the items of `files`, which stay on the nodes.".to_owned(),
    ];
    document
}

fn text(settings: &Settings) -> String {
    let mut out = String::from(
        "apiVersion: k0sctl.k0sproject.io/v1beta1\nkind: Cluster\nmetadata:\n  name: k0s-cluster\nspec:\n",
    );
    let files = guide::files(settings);
    if !files.is_empty() {
        out.push_str("  hosts:\n    - role: controller\n      files:\n");
    }
    for file in files {
        let File { path, text, .. } = file;
        let name = if path == settings.policy_path {
            "audit-policy"
        } else {
            "audit-webhook"
        };
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "        - name: {name}\n          dst: {}\n          perm: \"0644\"\n          data: {}\n",
            yaml(&path),
            quote::block(&text, "            ")
        );
    }
    let _ = write!(
        out,
        "  k0s:\n    config:\n      apiVersion: k0s.k0sproject.io/v1beta1\n      kind: ClusterConfig\n      metadata:\n        name: k0s\n      spec:\n        api:\n{}",
        manifest::extra_args_map(&settings.flags(), "          ")
    );
    out
}
