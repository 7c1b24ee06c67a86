//! The configuration of a k0s controller. Source: the page "Configuration options" of k0s' documentation (`spec.api.extraArgs`, a map of strings;
//! `spec.installConfig.users`; restarting after a change), its type `APISpec`, and its component that starts the server.
//!
//! k0s starts kube-apiserver as a process of the node, as the user `kube-apiserver`: nothing is mounted, paths are the node's, and that user must be
//! able to read the files and to write in the log's directory (issues 3738 and 6377 of k0s).

use apiserver_config::Settings;
use apiserver_config::platforms::K0S_USER;
use audit_text::quote;

use super::k3s;
use crate::document::Document;
use crate::guide::{self, one_line};
use crate::manifest;
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::K0s, "k0s-audit.yaml", text(settings));
    document.note = format!(
        "Merge this into `/etc/k0s/k0s.yaml` on every control-plane node (in k0s, a controller) and restart k0s. kube-apiserver is a process of the node: \
         nothing is mounted, and the user `{K0S_USER}` must be able to access the files."
    );
    document.files = guide::files(settings);
    document.steps = access(settings);
    document.steps.push(
        "Merge `extraArgs` into `/etc/k0s/k0s.yaml` on each controller: values are strings. `spec.api` always comes from this file, also with \
         `--enable-dynamic-config`. `sudo k0s config validate --config /etc/k0s/k0s.yaml` checks it."
            .to_owned(),
    );
    document
        .steps
        .push("Run `sudo k0s stop` and `sudo k0s start`, one controller at a time.".to_owned());
    document.verify = verify(settings);
    document.undo = vec![
        "Remove the flags from `extraArgs`, and run `sudo k0s stop` and `sudo k0s start` on each controller.".to_owned(),
        "Keep the policy file until no server refers to it: a server does not start without it."
            .to_owned(),
    ];
    document
}

/// Returns the steps that save the files and create the log's directory, so that the server's user can access them.
fn access(settings: &Settings) -> Vec<String> {
    let mut steps = Vec::new();
    if !settings.policy_path.is_empty() {
        steps.push(format!(
            "On every controller, save the policy as `{}`. Every controller needs the same file.",
            one_line(&settings.policy_path)
        ));
    }
    if settings.webhook.is_enabled() {
        steps.push(format!(
            "On every controller, save the webhook's kubeconfig as `{}`, with the real certificate and credentials instead of the placeholders in \
             capitals, and with the mode 600.",
            one_line(&settings.webhook.config_path)
        ));
    }
    let files: Vec<_> = guide::files(settings)
        .iter()
        .map(|file| quote::shell(&one_line(&file.path)))
        .collect();
    if !files.is_empty() {
        steps.push(format!(
            "Run `sudo chown {K0S_USER} {}` on each controller: k0s runs the server as this user, which `k0s install` creates.",
            files.join(" ")
        ));
    }
    steps.extend(settings.log_directory().map(|directory| {
        format!(
            "Run `sudo install -d -m 700 -o {K0S_USER} {}` on each controller: k0s does not create the directory, and the server does not start if it \
             cannot open the log.",
            quote::shell(&one_line(directory))
        )
    }));
    steps
}

/// Returns the steps that verify that a server of k0s audits.
pub(crate) fn verify(settings: &Settings) -> Vec<String> {
    let mut verify = guide::metrics();
    verify.extend(k3s::log_line(settings, "k0scontroller"));
    verify.extend(guide::receives(settings));
    verify
}

fn text(settings: &Settings) -> String {
    format!(
        "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nmetadata:\n  name: k0s\nspec:\n  api:\n{}",
        manifest::extra_args_map(&settings.flags(), "    ")
    )
}
