//! The `cluster.yml` of RKE1. Source: the page "Audit Log" of RKE's documentation, its type `AuditLogConfig`, and for what it passes to the server and
//! mounts, its plan of the container (`BuildKubeAPIProcess`).
//!
//! The policy is a part of the configuration, without a path of its own. The container has `/etc/kubernetes` and, if the audit log is on, `/var/log/kube-audit`;
//! other directories need `extra_binds`. Flags without a field go to `extra_args`, whose values are strings.

use std::fmt::Write;

use apiserver_config::Settings;
use apiserver_config::paths::components;
use apiserver_config::platforms::{RKE1_LOG_DIRECTORY, RKE1_POLICY};
use audit_text::quote::yaml;

use crate::document::Document;
use crate::guide::{self, one_line};
use crate::manifest;
use crate::target::Target;

/// Flags that have fields, or that RKE1 sets.
const OWN: [&str; 6] = [
    "audit-policy-file",
    "audit-log-path",
    "audit-log-maxage",
    "audit-log-maxbackup",
    "audit-log-maxsize",
    "audit-log-format",
];

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Rke1, "rke1-audit.yml", text(settings));
    document.note = format!(
        "Merge this into `cluster.yml`, or in Rancher into the cluster's YAML below `rancher_kubernetes_engine_config`: RKE1 saves the policy as `{RKE1_POLICY}` on every \
         control-plane node and sets the flags. RKE1 has reached its end of life, in July 2025."
    );
    document.files = guide::files(settings);
    document
        .files
        .retain(|file| file.path != settings.policy_path);
    document.steps = guide::copy_webhook_file(settings).into_iter().collect();
    if !settings.log.is_enabled() && !settings.policy_path.is_empty() {
        document.steps.push(
            "With a policy, RKE1 always writes a log: by default `/var/log/kube-audit/audit-log.json`.".to_owned(),
        );
    }
    document.steps.push(
        "Merge the fields into `services.kube-api`: add the items to `extra_args` and `extra_binds`, if these exist. An entry of `extra_args` replaces the field of \
         the same flag."
            .to_owned(),
    );
    document.steps.push(
        "Run `rke up --config cluster.yml`, or save the cluster in Rancher: kube-apiserver is restarted on one node after the other.".to_owned(),
    );
    document.verify = guide::metrics();
    if settings.log.is_stdout() {
        document.verify.push(
            "`sudo docker logs --tail 100 kube-apiserver 2>&1 | grep audit.k8s.io` on the node shows events.".to_owned(),
        );
    } else if settings.log.is_enabled() {
        document.verify.push(format!(
            "`sudo tail -n 5 {}` on the node shows events.",
            audit_text::quote::shell(&one_line(&settings.log.path))
        ));
    }
    document.verify.extend(guide::receives(settings));
    document.undo = vec![
        "Set `audit_log.enabled` to `false`, remove the items of `extra_args` and `extra_binds`, and run `rke up` again. Without `audit_log`, RKE1 1.1 and newer record the metadata \
         of every request."
            .to_owned(),
    ];
    document
}

/// Returns the directories that RKE1 must mount in addition to its own.
fn binds(settings: &Settings) -> Vec<String> {
    let is_in = |path: &str, directory: &str| components(path).starts_with(&components(directory));
    let mut binds = Vec::new();
    if let Some(directory) = settings.log_directory()
        && !is_in(directory, RKE1_LOG_DIRECTORY)
        && !is_in(directory, "/etc/kubernetes")
    {
        binds.push(format!("{directory}:{directory}:z"));
    }
    let webhook = &settings.webhook;
    if webhook.is_enabled() && !is_in(&webhook.config_path, "/etc/kubernetes") {
        let path = &webhook.config_path;
        binds.push(format!("{path}:{path}:ro,z"));
    }
    binds
}

fn text(settings: &Settings) -> String {
    let mut out = String::from("services:\n  kube-api:\n    audit_log:\n");
    if settings.policy_path.is_empty() {
        out.push_str("      enabled: false\n");
    } else {
        out.push_str("      enabled: true\n      configuration:\n");
        out.push_str(&configuration(settings));
    }
    let mut flags = settings.flags();
    flags.retain(|flag| !OWN.contains(&flag.name.as_str()));
    if !flags.is_empty() {
        out.push_str("    extra_args:\n");
    }
    for flag in flags {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "      {}: {}", flag.name, yaml(&flag.value));
    }
    let binds = binds(settings);
    if !binds.is_empty() {
        out.push_str("    extra_binds:\n");
    }
    for bind in binds {
        let _ = writeln!(out, "      - {}", yaml(&bind));
    }
    out
}

/// Returns the fields of the log, always written since RKE1 has its own defaults, and the policy.
fn configuration(settings: &Settings) -> String {
    let log = &settings.log;
    let mut out = String::new();
    if log.is_enabled() {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "        path: {}\n        max_age: {}\n        max_backup: {}\n        max_size: {}\n        format: {}\n",
            yaml(&log.path),
            log.max_age_days,
            log.max_backups,
            log.max_size_mb,
            log.format.name()
        );
    }
    match manifest::embedded_policy(settings, "          ") {
        Ok(policy) => {
            let _ = write!(out, "        policy:\n{policy}");
        }
        Err(why) => {
            let _ = write!(out, "        # {}\n        policy: {{}}\n", one_line(&why));
        }
    }
    out
}
