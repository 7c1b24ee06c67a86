//! Flags as a shell command. Source: the reference page of kube-apiserver in the Kubernetes documentation.

use apiserver_config::Settings;
use audit_text::quote;

use crate::document::Document;
use crate::guide;
use crate::target::Target;

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
        "The command line of kube-apiserver, for a server that does not run in a pod; add its other flags. Use the same one on \
         every control-plane node. {}",
        guide::appears(settings)
    );
    document.files = guide::files(settings);
    document.steps = guide::copy_files(settings);
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
