//! Flags, one per line. Source: the reference page of kube-apiserver in the Kubernetes documentation.

use apiserver_config::Settings;
use audit_text::quote;

use crate::document::Document;
use crate::guide::{self, appears};
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let text: String = settings
        .flags()
        .iter()
        .map(|flag| quote::shell(&flag.argument()) + "\n")
        .collect();
    let mut document = Document::new(Target::Flags, "kube-apiserver-audit.flags", text);
    let left_out = if settings.include_defaults {
        String::new()
    } else {
        format!(
            " Flags with the default values of {} are omitted.",
            settings.version
        )
    };
    document.note = format!(
        "Add these to the command of kube-apiserver on every control-plane node; they are quoted for a shell.{left_out} {}",
        appears(settings)
    );
    document.files = guide::files(settings);
    document.steps = guide::copy_files(settings);
    document.steps.push(
        "Add the flags to the command of kube-apiserver, and restart it, on one control-plane node after the other.".to_owned(),
    );
    document.verify = guide::verify(settings);
    document.undo = guide::undo("restart the server.");
    document
}
