//! A patch of Talos' machine configuration. Source: the reference of Talos' `v1alpha1` configuration (`cluster.apiServer.auditPolicy`,
//! `extraArgs`, `extraVolumes` with `readonly`, `machine.files`), the reference of `KubeAuditPolicyConfig`, and for the paths and values that
//! Talos gives the server its controller of static pods.
//!
//! The policy lies within the configuration, its path and that of the log are Talos' own. Talos sets the three rotation flags itself, so these are
//! always written out.

use std::fmt::Write;

use super::rke2::OF_RKE2;
use crate::document::{Document, File};
use crate::guide::{self, one_line};
use crate::manifest;
use crate::quote::{self, yaml};
use crate::settings::Settings;
use crate::target::Target;

/// The log that Talos mounts a directory for.
pub(crate) const LOG: &str = "/var/log/audit/kube/kube-apiserver.log";
/// Where Talos lays the policy for the server.
pub(crate) const POLICY: &str = "/system/config/kubernetes/kube-apiserver/auditpolicy.yaml";
/// Where the webhook's file lies on the node: of what Talos lets be written, this is kept.
const WEBHOOK: &str = "/var/lib/kube-audit/webhook.yaml";

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Talos, "talos-audit.yaml", text(settings));
    document.note = format!(
        "A patch of the machine configuration, for every control-plane node: `talosctl patch machineconfig --patch @talos-audit.yaml`. The policy \
         lies within it, and Talos itself decides where it and the log lie on the node: events appear in `{LOG}`."
    );
    document.files.push(File {
        path: "talos-audit-policy.yaml".to_owned(),
        text: format!(
            "apiVersion: v1alpha1\nkind: KubeAuditPolicyConfig\n{}",
            policy(settings, "configuration", "")
        ),
        mode: "0600",
    });
    document.steps = vec![
        "`talosctl -n NODE get machineconfig v1alpha1 -o jsonpath='{.spec}' > before.yaml` keeps what to go back to; it holds secrets.".to_owned(),
        "`talosctl -n NODE patch machineconfig --patch @talos-audit.yaml --mode=auto` for every control-plane node, one after the other. The patch replaces \
         the policy that is there, and adds to `extraArgs`."
            .to_owned(),
        "Where the configuration is made of documents of their own (Talos 1.14 and newer), the policy goes into `KubeAuditPolicyConfig`, the second \
         file, and `auditPolicy` comes out: Talos refuses both at once."
            .to_owned(),
    ];
    if settings.webhook.is_enabled() {
        document.steps.insert(
            0,
            "Put the real certificate and credentials into the webhook's file, in place of the words in capitals. The server does not run as root on \
             Talos, so the file must be readable by all."
                .to_owned(),
        );
    }
    document.verify = guide::metrics();
    if settings.log.is_enabled() && !settings.log.is_stdout() {
        document
            .verify
            .push(format!("`talosctl -n NODE read {LOG}` shows events."));
    } else if settings.log.is_stdout() {
        document.verify.push(
            "`kubectl -n kube-system logs -l k8s-app=kube-apiserver | grep audit.k8s.io` shows events.".to_owned(),
        );
    }
    document.verify.extend(guide::receives(settings));
    document.undo = vec![
        "`talosctl -n NODE apply-config -f before.yaml` for every control-plane node.".to_owned(),
        "Without `auditPolicy` Talos records every request at level Metadata: auditing is never off.".to_owned(),
    ];
    document
}

fn text(settings: &Settings) -> String {
    let mut out = String::from("cluster:\n  apiServer:\n");
    out.push_str(&policy(settings, "auditPolicy", "    "));
    let stdout = settings.log.is_stdout();
    let flags: Vec<_> = settings
        .flags_and(&OF_RKE2)
        .into_iter()
        .filter(|flag| {
            flag.name != "audit-policy-file" && (stdout || flag.name != "audit-log-path")
        })
        .collect();
    out.push_str(&manifest::extra_args_map(&flags, "    "));
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
        quote::block(
            &super::webhook::kubeconfig(settings, settings.webhook.auth),
            "        "
        )
    );
    out
}

/// The policy as a mapping below a key; a policy that the server rejects is named and left out.
fn policy(settings: &Settings, key: &str, indent: &str) -> String {
    match manifest::embedded_policy(settings, &format!("{indent}  ")) {
        Ok(text) => format!("{indent}{key}:\n{text}"),
        Err(why) => format!("{indent}# {}\n{indent}{key}: {{}}\n", one_line(&why)),
    }
}
