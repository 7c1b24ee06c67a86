//! A kOps cluster. Source: the pages "Cluster spec" (`kubeAPIServer`, `fileAssets`) of kOps' documentation, the type `KubeAPIServerConfig` of its
//! API, its validation, and for what it mounts its model of the server's pod.
//!
//! kOps mounts the whole directory of the policy, and rejects a webhook's file in another directory, or without a policy. It has fields for a part
//! of the flags only. The role of file assets is not converted, so it must be the version's own name.

use std::fmt::Write;

use apiserver_config::Flag;
use apiserver_config::Settings;
use audit_text::quote::{self, yaml};

use crate::document::Document;
use crate::guide::{self, one_line};
use crate::target::Target;

/// Flags, kOps' fields for them, and whether the value is a string.
const FIELDS: [(&str, &str, bool); 15] = [
    ("audit-policy-file", "auditPolicyFile", true),
    ("audit-log-path", "auditLogPath", true),
    ("audit-log-maxage", "auditLogMaxAge", false),
    ("audit-log-maxbackup", "auditLogMaxBackups", false),
    ("audit-log-maxsize", "auditLogMaxSize", false),
    ("audit-log-format", "auditLogFormat", true),
    ("audit-webhook-config-file", "auditWebhookConfigFile", true),
    (
        "audit-webhook-initial-backoff",
        "auditWebhookInitialBackoff",
        true,
    ),
    ("audit-webhook-mode", "auditWebhookMode", true),
    (
        "audit-webhook-batch-buffer-size",
        "auditWebhookBatchBufferSize",
        false,
    ),
    (
        "audit-webhook-batch-max-size",
        "auditWebhookBatchMaxSize",
        false,
    ),
    (
        "audit-webhook-batch-max-wait",
        "auditWebhookBatchMaxWait",
        true,
    ),
    (
        "audit-webhook-batch-throttle-enable",
        "auditWebhookBatchThrottleEnable",
        false,
    ),
    (
        "audit-webhook-batch-throttle-qps",
        "auditWebhookBatchThrottleQps",
        true,
    ),
    (
        "audit-webhook-batch-throttle-burst",
        "auditWebhookBatchThrottleBurst",
        false,
    ),
];

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Kops, "kops-audit.yaml", text(settings));
    document.note = "Add this to the cluster's spec: kOps writes the files on every control-plane node and replaces the nodes one by one. It \
                     mounts the policy's whole directory, so use a separate one, such as `/srv/kubernetes/audit`."
        .to_owned();
    let (_, role) = roles(settings);
    document.steps = vec![
        "`kops get cluster -o yaml > before.yaml` saves the current spec.".to_owned(),
        "`kops edit cluster`, and add the two parts to `spec`.".to_owned(),
        format!(
            "`kops update cluster --yes`, then `kops rolling-update cluster --instance-group-roles={role} --yes`."
        ),
    ];
    if settings.webhook.is_enabled() {
        document.steps.insert(
            0,
            "Put the real certificate and credentials into the webhook's file. It must be in the policy's directory, the only one that kOps mounts. \
             The spec is saved in the state store, including the credentials."
                .to_owned(),
        );
    }
    let left: Vec<_> = unsupported(settings)
        .iter()
        .map(|flag| format!("`{}`", one_line(&flag.argument())))
        .collect();
    if !left.is_empty() {
        document.steps.push(format!(
            "kOps has no field for these flags, so the server uses its defaults: {}.",
            left.join(", ")
        ));
    }
    document.verify = guide::verify(settings);
    document.undo = vec![
        "`kops replace -f before.yaml`, then run the update and rolling update as above."
            .to_owned(),
    ];
    document
}

/// Returns the role of control-plane nodes in the spec and on the command line; kOps 1.26 renamed it.
fn roles(settings: &Settings) -> (&'static str, &'static str) {
    if settings.version.at_least(26) {
        ("ControlPlane", "control-plane")
    } else {
        ("Master", "master")
    }
}

/// Returns the flags that kOps cannot set.
pub(crate) fn unsupported(settings: &Settings) -> Vec<Flag> {
    let known = |flag: &Flag| FIELDS.iter().any(|(name, _, _)| *name == flag.name);
    let mut flags = settings.flags();
    flags.retain(|flag| !known(flag));
    flags
}

fn text(settings: &Settings) -> String {
    let mut out = String::from("spec:\n");
    let files = guide::files(settings);
    if !files.is_empty() {
        out.push_str("  fileAssets:\n");
    }
    let (role, _) = roles(settings);
    for file in files {
        let name = if file.path == settings.policy_path {
            "audit-policy"
        } else {
            "audit-webhook"
        };
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "    - name: {name}\n      path: {}\n      mode: \"{}\"\n      roles:\n        - {role}\n      content: {}\n",
            yaml(&file.path),
            file.mode,
            quote::block(&file.text, "        ")
        );
    }
    let flags = settings.flags();
    let fields: Vec<_> = flags
        .iter()
        .filter_map(|flag| {
            let (_, field, is_text) = FIELDS.iter().find(|(name, _, _)| *name == flag.name)?;
            let value = if *is_text {
                yaml(&flag.value)
            } else {
                flag.value.clone()
            };
            Some(format!("    {field}: {value}\n"))
        })
        .collect();
    out.push_str(if fields.is_empty() {
        "  kubeAPIServer: {}\n"
    } else {
        "  kubeAPIServer:\n"
    });
    out.extend(fields);
    out
}
