//! The configuration of an RKE2 server. Source: the page "Server Configuration Reference" and the CIS hardening guide of RKE2's documentation
//! (`audit-policy-file`, `kube-apiserver-arg`), and for what RKE2 adds by itself its static pod executor.
//!
//! With a policy RKE2 sets the three rotation flags itself (30 days, 10 files, 100 MB), so these are always written out. It mounts the log's
//! directory and every file that a flag names; a further mount of the same path would make the pod invalid.

use std::fmt::Write;

use super::k3s;
use crate::document::Document;
use crate::guide::{self, one_line};
use crate::target::Target;
use apiserver_config::Settings;
use apiserver_config::platforms::ROTATION_FLAGS;
use audit_text::quote::{self, yaml};

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Rke2, "rke2-config.yaml", text(settings));
    document.note = "Add this to `/etc/rancher/rke2/config.yaml` on every control-plane node and restart RKE2 there. RKE2 has a key of its own for the \
                     policy, and mounts the files and the log's directory by itself."
        .to_owned();
    document.files = guide::files(settings);
    document.steps = guide::place(settings);
    document.steps.push(
        "Look that the policy is really there: where it is missing, RKE2 writes one that records nothing, and says no word.".to_owned(),
    );
    document.steps.push(
        "Add the keys to `/etc/rancher/rke2/config.yaml`; items of `kube-apiserver-arg` go into the list that is there.".to_owned(),
    );
    document
        .steps
        .push("`sudo systemctl restart rke2-server`, on one node after the other.".to_owned());
    if !settings.log.is_enabled() && !settings.policy_path.is_empty() {
        document.steps.push(
            "With a policy RKE2 writes a log in any case: without a path of yours, `/var/lib/rancher/rke2/server/logs/audit.log`.".to_owned(),
        );
    }
    document.verify = guide::verify(settings);
    document.undo = vec![
        "Take the keys out again and `sudo systemctl restart rke2-server`. A node with a CIS `profile` then records with the profile's own policy."
            .to_owned(),
    ];
    if settings.log.is_enabled() && !settings.log.is_stdout() {
        document.undo.push(format!(
            "What was recorded stays: `sudo ls -l {}`.",
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
