//! Flags as one command of a shell. Source: the reference page of kube-apiserver in the Kubernetes documentation.

use crate::document::Document;
use crate::guide;
use crate::target::Target;
use apiserver_config::Settings;
use audit_text::quote;

pub(crate) fn document(settings: &Settings) -> Document {
    let flags: String = settings
        .flags()
        .iter()
        .map(|flag| format!(" {}", quote::shell(&flag.argument())))
        .collect();
    let mut document = Document::new(
        Target::Shell,
        "kube-apiserver-audit.sh",
        format!("kube-apiserver{flags}"),
    );
    document.note = format!(
        "The command line of kube-apiserver, to which its other flags belong as well, for a server that runs without a pod. The same on \
         every control-plane node. {}",
        guide::appears(settings)
    );
    document.files = guide::files(settings);
    document.steps = guide::place(settings);
    document.steps.push(
        "Add the flags to the server's command, as in `ExecStart` of its systemd unit, on one control-plane node after the other.".to_owned(),
    );
    document
        .steps
        .push("`systemctl daemon-reload && systemctl restart kube-apiserver`.".to_owned());
    document.verify = guide::verify(settings);
    document.undo = guide::undo("restart the server.");
    document
}
