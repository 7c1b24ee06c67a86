//! The configuration of a k3d cluster. Source: the pages "Using Config Files" (variables are expanded in the whole file) and "Concepts" (node filters) of
//! k3d's documentation, and its type `SimpleConfig`.
//!
//! A node of k3d is a container that runs k3s, of which the API server is a part. Arguments for an agent node stop it, so each has a node filter.

use std::fmt::Write;

use apiserver_config::Settings;
use audit_text::quote::{self, yaml};

use super::policy;
use crate::document::{Document, File};
use crate::guide::{self, one_line};
use crate::target::Target;

/// Name of the webhook's file next to the configuration.
const WEBHOOK_FILE: &str = "audit-webhook.yaml";

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::K3d, "k3d-audit.yaml", text(settings));
    document.note = "The audit settings of a k3d cluster can only be set when it is created. k3d mounts the files into every control-plane node (`server:*`), which \
                     is a container, and passes the flags on to k3s."
        .to_owned();
    document.files = files(settings);
    document.steps = vec![format!(
        "Save the policy as `{}` in the directory where you run k3d.",
        policy::file_name(settings)
    )];
    if settings.webhook.is_enabled() {
        document.steps.push(format!(
            "Save the webhook's kubeconfig as `{WEBHOOK_FILE}` there, with the real certificate and credentials."
        ));
    }
    document.steps.push(
        "`k3d cluster create --config k3d-audit.yaml`. k3d replaces `$NAME` in the file by variables of the environment before it reads it."
            .to_owned(),
    );
    document.verify = guide::metrics();
    if settings.log.is_stdout() {
        document.verify.push(
            "`docker logs k3d-audit-server-0 2>&1 | grep audit.k8s.io` shows events.".to_owned(),
        );
    } else if settings.log.is_enabled() {
        document.verify.push(format!(
            "`docker exec k3d-audit-server-0 tail -n 5 {}` shows events. The log is deleted with the node, unless you mount its directory in `volumes`, too.",
            quote::shell(&one_line(&settings.log.path))
        ));
    }
    document.verify.extend(guide::receives(settings));
    document.undo = vec![
        "`k3d cluster delete audit`, and create it again without `volumes` and `extraArgs`."
            .to_owned(),
    ];
    document
}

/// Returns the files with their paths next to the configuration.
fn files(settings: &Settings) -> Vec<File> {
    let mut files = guide::files(settings);
    for file in &mut files {
        let name = local_name(settings, &file.path);
        file.path = format!("./{name}");
    }
    files
}

fn local_name(settings: &Settings, path: &str) -> String {
    if path == settings.policy_path {
        policy::file_name(settings)
    } else {
        WEBHOOK_FILE.to_owned()
    }
}

fn text(settings: &Settings) -> String {
    let mut out =
        String::from("apiVersion: k3d.io/v1alpha5\nkind: Simple\nmetadata:\n  name: audit\n");
    let files = guide::files(settings);
    if !files.is_empty() {
        out.push_str("volumes:\n");
    }
    for file in files {
        let volume = format!(
            "${{PWD}}/{}:{}",
            local_name(settings, &file.path),
            file.path
        );
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "  - volume: {}\n    nodeFilters:\n      - server:*\n",
            yaml(&volume)
        );
    }
    let flags = settings.flags();
    if flags.is_empty() {
        out.push_str("options:\n  k3s:\n    extraArgs: []\n");
        return out;
    }
    out.push_str("options:\n  k3s:\n    extraArgs:\n");
    for flag in flags {
        let argument = format!("--kube-apiserver-arg={}={}", flag.name, flag.value);
        let _ = write!(
            out,
            "      - arg: {}\n        nodeFilters:\n          - server:*\n",
            yaml(&argument)
        );
    }
    out
}
