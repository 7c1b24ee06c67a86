//! Flags as items of a YAML list. Source: the reference page of kube-apiserver and the API of the v1 Pod.

use apiserver_config::Settings;

use crate::document::Document;
use crate::guide;
use crate::manifest;
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let text = manifest::arguments(settings, "");
    let mut document = Document::new(Target::Args, "kube-apiserver-audit-args.yaml", text);
    document.note =
        "Add these to the arguments of kube-apiserver on every control-plane node. In a pod, the policy file and the log's \
         directory must be mounted too: see the static pod target."
            .to_owned();
    document.files = guide::files(settings);
    document.steps = guide::copy_files(settings);
    document.steps.push(
        "Mount the files that the server reads and writes into its container; the static pod target lists the volumes.".to_owned(),
    );
    document
        .steps
        .push("Add the items to the list of arguments on every control-plane node.".to_owned());
    document.verify = guide::verify(settings);
    document.undo = guide::undo("restart the pod.");
    document
}
