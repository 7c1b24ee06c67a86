//! The configuration of an RKE2 server. Source: the page "Server Configuration Reference" and the CIS hardening guide of RKE2's documentation
//! (`audit-policy-file`, `kube-apiserver-arg`), and for what RKE2 adds by itself its static pod executor.
//!
//! With a policy RKE2 sets the three rotation flags itself (30 days, 10 files, 100 MB), so these are always written out. It mounts the log's
//! directory and every file that a flag names; a further mount of the same path would make the pod invalid.

use std::fmt::Write;

use apiserver_config::Settings;
use apiserver_config::platforms::ROTATION_FLAGS;
use audit_text::quote::{self, yaml};

use super::k3s;
use crate::document::Document;
use crate::guide::{self, one_line};
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Rke2, "rke2-config.yaml", text(settings));
    document.note = "Add this to `/etc/rancher/rke2/config.yaml` on every control-plane node and restart RKE2. RKE2 has a separate key for the \
                     policy, and mounts the files and the log's directory itself."
        .to_owned();
    document.files = guide::files(settings);
    document.steps = guide::copy_files(settings);
    document.steps.push(
        "Check that the policy file exists: if it is missing, RKE2 silently writes a policy that records nothing.".to_owned(),
    );
    document.steps.push(
        "Add the keys to `/etc/rancher/rke2/config.yaml`; add the items of `kube-apiserver-arg` to the existing list.".to_owned(),
    );
    document
        .steps
        .push("Run `sudo systemctl restart rke2-server`, one node at a time.".to_owned());
    if !settings.log.is_enabled() && !settings.policy_path.is_empty() {
        document.steps.push(
            "With a policy, RKE2 always writes a log: by default `/var/lib/rancher/rke2/server/logs/audit.log`.".to_owned(),
        );
    }
    document.verify = guide::verify(settings);
    document.undo = vec![
        "Remove the keys and run `sudo systemctl restart rke2-server`. A node with a CIS `profile` then uses the profile's policy."
            .to_owned(),
    ];
    if settings.log.is_enabled() && !settings.log.is_stdout() {
        document.undo.push(format!(
            "The recorded log is kept: `sudo ls -l {}`.",
            quote::shell(&one_line(&settings.log.path))
        ));
    }
    document
}

fn text(settings: &Settings) -> String {
    let mut out = String::new();
    if !settings.policy_path.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "audit-policy-file: {}", yaml(&settings.policy_path));
    }
    let flags: Vec<_> = settings
        .flags_including(&ROTATION_FLAGS.map(|(name, _)| name))
        .into_iter()
        .filter(|flag| flag.name != "audit-policy-file")
        .collect();
    out.push_str(&k3s::arguments(&flags));
    out
}
