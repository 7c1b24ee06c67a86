//! A MicroK8s node. Source: MicroK8s' issues 3699 and 4215 (the file `args/kube-apiserver`, restarting), its default arguments, the snap's description, and
//! the page "Environment variables" of snapcraft (`SNAP_DATA`, `SNAP_COMMON`).
//!
//! MicroK8s is a snap, and kube-apiserver a part of its process `kubelite`. Under strict confinement it can only access the snap's own directories, so
//! other paths are replaced by ones there. The log is in the directory that all revisions share, since a refresh copies the other one.

use apiserver_config::Settings;
use apiserver_config::paths::components;
use apiserver_config::platforms::{MICROK8S_COMMON, MICROK8S_DATA, MICROK8S_SNAP};
use audit_text::quote;

use super::{k3s, policy};
use crate::document::Document;
use crate::guide::{self, one_line};
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let here = in_snap(settings);
    let text: String = here
        .flags()
        .iter()
        .map(|flag| quote::shell(&flag.argument()) + "\n")
        .collect();
    let mut document = Document::new(Target::Microk8s, "microk8s-kube-apiserver.txt", text);
    document.note = format!(
        "Add these lines to `{MICROK8S_DATA}/args/kube-apiserver` on every control-plane node and restart MicroK8s. MicroK8s is a snap: all files are in its own \
         directories, the only ones that it can access under strict confinement."
    );
    document.files = guide::files(&here);
    document.steps = guide::copy_files(&here);
    document.steps.extend(here.log_directory().map(|directory| {
        format!(
            "Run `sudo mkdir -p -m 700 {}` on each node.",
            quote::shell(&one_line(directory))
        )
    }));
    document.steps.push(format!(
        "Add the lines to `{MICROK8S_DATA}/args/kube-apiserver` on each node, one flag per line. Not to `args/kubelite`, which rejects them."
    ));
    document.steps.push(
        "Run `sudo snap restart microk8s.daemon-kubelite` (before 1.21: `microk8s.daemon-apiserver`), one node at a time."
            .to_owned(),
    );
    document.verify = guide::metrics();
    document
        .verify
        .extend(k3s::log_line(&here, "snap.microk8s.daemon-kubelite"));
    document.verify.extend(guide::receives(&here));
    document.undo = vec![
        "Remove the lines and run `sudo snap restart microk8s.daemon-kubelite` on each node."
            .to_owned(),
        "Keep the policy file until no server refers to it: a server does not start without it."
            .to_owned(),
    ];
    document
}

/// Returns the settings with paths in the snap's directories.
pub(crate) fn in_snap(settings: &Settings) -> Settings {
    let mut here = settings.clone();
    if is_outside(&here.policy_path) {
        here.policy_path = format!("{MICROK8S_DATA}/args/{}", policy::file_name(settings));
    }
    if here.log.is_enabled() && !here.log.is_stdout() && is_outside(&here.log.path) {
        here.log.path = format!("{MICROK8S_COMMON}/var/log/kube-apiserver/audit.log");
    }
    if here.webhook.is_enabled() && is_outside(&here.webhook.config_path) {
        here.webhook.config_path = format!("{MICROK8S_DATA}/args/audit-webhook.yaml");
    }
    here
}

/// Returns whether a path is given and not in a directory of the snap.
pub(crate) fn is_outside(path: &str) -> bool {
    !path.is_empty() && !components(path).starts_with(&components(MICROK8S_SNAP))
}
