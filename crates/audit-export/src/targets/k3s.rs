//! The configuration of a k3s server. Source: the pages "Configuration Options" and "CIS Hardening Guide" of k3s' documentation
//! (`kube-apiserver-arg`, flags without dashes).
//!
//! The API server is a part of the k3s process, so nothing is mounted: paths are the node's.

use std::fmt::Write;

use apiserver_config::Flag;
use apiserver_config::Settings;
use audit_text::quote::{self, yaml};

use crate::document::Document;
use crate::guide;
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let text = arguments(&settings.flags());
    let mut document = Document::new(Target::K3s, "k3s-config.yaml", text);
    document.note = "Add this to `/etc/rancher/k3s/config.yaml` on every control-plane node (those that run `k3s server`) and restart k3s. The \
                     API server is part of k3s, so nothing needs to be mounted."
        .to_owned();
    document.files = guide::files(settings);
    document.steps = guide::copy_files(settings);
    if let Some(directory) = settings.log_directory() {
        document.steps.push(format!(
            "Run `sudo mkdir -p -m 700 {}` on each node.",
            quote::shell(&guide::one_line(directory))
        ));
    }
    document.steps.push(
        "Add the items to `kube-apiserver-arg` in `/etc/rancher/k3s/config.yaml`; a list with this name in `config.yaml.d` replaces it, unless its key is \
         `kube-apiserver-arg+`."
            .to_owned(),
    );
    document
        .steps
        .push("Run `sudo systemctl restart k3s`, one node at a time.".to_owned());
    document.verify = guide::metrics();
    document.verify.extend(log_line(settings, "k3s"));
    document.verify.extend(guide::receives(settings));
    document.undo = vec![
        "Remove the items from `kube-apiserver-arg` and run `sudo systemctl restart k3s`."
            .to_owned(),
        "Keep the policy file until no server refers to it: a server does not start without it."
            .to_owned(),
    ];
    document
}

/// Returns the list of flags, without dashes.
pub(crate) fn arguments(flags: &[Flag]) -> String {
    if flags.is_empty() {
        return "kube-apiserver-arg: []\n".to_owned();
    }
    let mut out = String::from("kube-apiserver-arg:\n");
    for flag in flags {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "  - {}",
            yaml(&format!("{}={}", flag.name, flag.value))
        );
    }
    out
}

/// Returns the step that shows events on the node: of the log, or of the unit's journal. `None` without a log.
pub(crate) fn log_line(settings: &Settings, unit: &str) -> Option<String> {
    if settings.log.is_stdout() {
        Some(format!(
            "`sudo journalctl -u {unit} | grep audit.k8s.io` shows events."
        ))
    } else {
        settings.log.is_enabled().then(|| {
            format!(
                "`sudo tail -n 5 {}` on the node shows events.",
                quote::shell(&guide::one_line(&settings.log.path))
            )
        })
    }
}
