//! A patch of Talos' machine configuration. Source: the reference of Talos' `v1alpha1` configuration (`cluster.apiServer.auditPolicy`,
//! `extraArgs`, `extraVolumes` with `readonly`, `machine.files`), the types `KubeAuditPolicyConfig` and `KubeAPIServerConfig`, and for the paths
//! and values that Talos gives the server its controller of static pods.
//!
//! Since 1.14 the server has separate documents, which Talos rejects in combination with `cluster.apiServer`. They have no volumes, so the webhook's
//! file cannot be mounted with them.
//!
//! The policy is part of the configuration, and Talos sets its path and that of the log. Talos has its own defaults for the three rotation flags, so these
//! are always written.

use std::fmt::Write;

use apiserver_config::Flag;
use apiserver_config::Settings;
use apiserver_config::platforms::{ROTATION_FLAGS, TALOS_LOG};
use audit_text::quote::{self, yaml};

use crate::document::{Document, File};
use crate::guide::{self, one_line};
use crate::kubeconfig::kubeconfig;
use crate::manifest;
use crate::target::Target;

/// Path of the webhook's file on the node, in a directory that is writable and persistent on Talos.
const WEBHOOK: &str = "/var/lib/kube-audit/webhook.yaml";

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Talos, "talos-audit.yaml", text(settings));
    let appears = if settings.log.is_stdout() {
        "the server's standard output".to_owned()
    } else {
        format!("`{TALOS_LOG}`")
    };
    document.note = format!(
        "A patch of the machine configuration, for every control-plane node: `talosctl patch machineconfig --patch @talos-audit.yaml`. It contains \
         the policy, and Talos sets the paths of policy and log on the node: events appear in {appears}."
    );
    document.files = documents(settings);
    document.steps = steps(settings);
    document.verify = guide::metrics();
    if settings.log.is_enabled() && !settings.log.is_stdout() {
        document
            .verify
            .push(format!("`talosctl -n NODE read {TALOS_LOG}` shows events."));
    } else if settings.log.is_stdout() {
        document.verify.push(
            "`kubectl -n kube-system logs -l k8s-app=kube-apiserver | grep audit.k8s.io` shows events.".to_owned(),
        );
    }
    document.verify.extend(guide::receives(settings));
    document.undo = vec![
        "`talosctl -n NODE apply-config -f before.yaml` for every control-plane node.".to_owned(),
        "Without `auditPolicy`, Talos records every request at level Metadata: auditing is never off.".to_owned(),
    ];
    document
}

/// Returns the documents to use instead of the patch if the configuration consists of such documents.
fn documents(settings: &Settings) -> Vec<File> {
    let mut without_webhook = settings.clone();
    without_webhook.webhook.config_path.clear();
    let policy = policy(settings, "configuration", "");
    let arguments = manifest::extra_args_map(&flags(&without_webhook), "");
    [
        ("talos-audit-policy.yaml", "KubeAuditPolicyConfig", policy),
        ("talos-audit-server.yaml", "KubeAPIServerConfig", arguments),
    ]
    .into_iter()
    .map(|(path, kind, text)| File {
        path: path.to_owned(),
        text: format!("apiVersion: v1alpha1\nkind: {kind}\n{text}"),
        mode: "0600",
    })
    .collect()
}

fn steps(settings: &Settings) -> Vec<String> {
    let webhook = settings.webhook.is_enabled();
    let mut steps = Vec::new();
    if webhook {
        steps.push(
            "Put the real certificate and credentials into the webhook's file, instead of the placeholders in capitals. The server does not run as root on \
             Talos, so the file must be world-readable."
                .to_owned(),
        );
    }
    steps.push(
        "`talosctl -n NODE get machineconfig v1alpha1 -o jsonpath='{.spec}' > before.yaml` saves the current configuration, which contains secrets.".to_owned(),
    );
    let (mode, then) = if webhook {
        (
            "staged",
            " Then `talosctl -n NODE reboot`: Talos writes the webhook's file when it boots.",
        )
    } else {
        ("auto", "")
    };
    steps.push(format!(
        "`talosctl -n NODE patch machineconfig --patch @talos-audit.yaml --mode={mode}` for every control-plane node, one by one. The patch replaces \
         the existing policy and adds to `extraArgs`.{then}"
    ));
    let without = if webhook {
        " They have no volumes: the webhook needs a configuration with `cluster.apiServer`."
    } else {
        ""
    };
    steps.push(format!(
        "If the configuration has a document `KubeAPIServerConfig` (Talos 1.14 and newer), patch it with the other two files instead: Talos rejects \
         `cluster.apiServer` in combination with it.{without}"
    ));
    steps
}

/// Returns the flags that users of Talos can set.
fn flags(settings: &Settings) -> Vec<Flag> {
    let stdout = settings.log.is_stdout();
    let mut flags = settings.flags_including(&ROTATION_FLAGS.map(|(name, _)| name));
    flags.retain(|flag| {
        flag.name != "audit-policy-file" && (stdout || flag.name != "audit-log-path")
    });
    flags
}

fn text(settings: &Settings) -> String {
    let mut out = String::from("cluster:\n  apiServer:\n");
    out.push_str(&policy(settings, "auditPolicy", "    "));
    out.push_str(&manifest::extra_args_map(&flags(settings), "    "));
    if !settings.webhook.is_enabled() {
        return out;
    }
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "    extraVolumes:\n      - hostPath: {WEBHOOK}\n        mountPath: {}\n        readonly: true\n",
        yaml(&settings.webhook.config_path)
    );
    let _ = write!(
        out,
        "machine:\n  files:\n    - path: {WEBHOOK}\n      permissions: 0o644\n      op: create\n      content: {}\n",
        quote::block(&kubeconfig(settings, settings.webhook.auth), "        ")
    );
    out
}

/// Returns the policy as a mapping below a key; a policy that the server rejects is replaced by a comment.
fn policy(settings: &Settings, key: &str, indent: &str) -> String {
    match manifest::embedded_policy(settings, &format!("{indent}  ")) {
        Ok(text) => format!("{indent}{key}:\n{text}"),
        Err(why) => format!("{indent}# {}\n{indent}{key}: {{}}\n", one_line(&why)),
    }
}
