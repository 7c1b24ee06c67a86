//! The configuration of a k3s server. Source: the pages "Configuration Options" and "CIS Hardening Guide" of k3s' documentation
//! (`kube-apiserver-arg`, flags without dashes).
//!
//! The API server is a part of the k3s process, so nothing is mounted: paths are the node's.

use std::fmt::Write;

use crate::document::Document;
use crate::guide;
use crate::target::Target;
use apiserver_config::Flag;
use apiserver_config::Settings;
use audit_text::quote::{self, yaml};

pub(crate) fn document(settings: &Settings) -> Document {
    let text = arguments(&settings.flags());
    let mut document = Document::new(Target::K3s, "k3s-config.yaml", text);
    document.note = "Add this to `/etc/rancher/k3s/config.yaml` on every control-plane node (those that run `k3s server`) and restart k3s there. The \
                     API server is a part of k3s itself: nothing needs to be mounted."
        .to_owned();
    document.files = guide::files(settings);
    document.steps = guide::place(settings);
    if let Some(directory) = settings.log_directory() {
        document.steps.push(format!(
            "`sudo mkdir -p -m 700 {}` on each of them.",
            quote::shell(&guide::one_line(directory))
        ));
    }
    document.steps.push(
        "Add the items to `kube-apiserver-arg` in `/etc/rancher/k3s/config.yaml`; a list of that name in `config.yaml.d` replaces it, unless its key is \
         `kube-apiserver-arg+`."
            .to_owned(),
    );
    document
        .steps
        .push("`sudo systemctl restart k3s`, on one node after the other.".to_owned());
    document.verify = guide::metrics();
    document.verify.extend(log_line(settings, "k3s"));
    document.verify.extend(guide::receives(settings));
    document.undo = vec![
        "Take the items out of `kube-apiserver-arg` again and `sudo systemctl restart k3s`.".to_owned(),
        "Leave the policy file until no server names it any more: a server that misses it does not start.".to_owned(),
    ];
    document
}

/// The list of flags, without dashes.
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

fn log_line(settings: &Settings, unit: &str) -> Option<String> {
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
