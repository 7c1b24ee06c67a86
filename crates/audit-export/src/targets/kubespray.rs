//! Variables of kubespray. Source: the page on configurable parameters of kubespray's documentation (`kubernetes_audit` and what follows it), and
//! the templates of its control-plane role for the policy, the webhook's file and the mounts.
//!
//! kubespray writes the policy file itself, from a list of rules: there is no variable for the policy's other fields. It has its own defaults for rotation and
//! the webhook's batches, so these are always written.

use std::fmt::Write;

use apiserver_config::{Flag, go_duration};
use apiserver_config::{Mode, Settings};
use audit_text::quote::{self, yaml};

use crate::document::Document;
use crate::guide::{self, one_line};
use crate::manifest;
use crate::target::Target;

/// Flags that have their own variables.
const OWN: [&str; 9] = [
    "audit-policy-file",
    "audit-log-path",
    "audit-log-maxage",
    "audit-log-maxbackup",
    "audit-log-maxsize",
    "audit-webhook-config-file",
    "audit-webhook-mode",
    "audit-webhook-batch-max-size",
    "audit-webhook-batch-max-wait",
];

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Kubespray, "kubespray-audit.yml", text(settings));
    document.note = "Add these to `group_vars/k8s_cluster/k8s-cluster.yml` of the inventory: kubespray writes the files on every control-plane node and \
                     mounts them. It creates the policy from the list of rules only."
        .to_owned();
    document.steps = vec![
        "Use a separate directory for the policy, such as `/etc/kubernetes/audit-policy`: kubespray mounts the whole directory.".to_owned(),
        "Add the variables to `group_vars/k8s_cluster/k8s-cluster.yml`.".to_owned(),
        "kubespray's policy only has rules: add the policy-wide `omitStages` and `omitManagedFields` to each rule.".to_owned(),
        "New cluster: `ansible-playbook -i INVENTORY -b cluster.yml`. Existing cluster: the same with `-e upgrade_cluster_setup=true`.".to_owned(),
    ];
    document.steps.push(
        "On an existing cluster, check that the flags are in `/etc/kubernetes/manifests/kube-apiserver.yaml` on every control-plane node: some releases of 2024 and \
         2025 do not change it (issue 11552). If so, run `sudo kubeadm init phase control-plane apiserver --config /etc/kubernetes/kubeadm-config.yaml` \
         to write it."
            .to_owned(),
    );
    if settings.webhook.is_enabled() {
        document.steps.push(format!(
            "kubespray writes the webhook's file without credentials. For a token or a client certificate, put your own file next to the policy on \
             every control-plane node and set `audit_webhook_config_file` (now `{}`) to its path: only the policy's directory is mounted.",
            one_line(&settings.webhook.config_path)
        ));
    }
    document.verify = guide::verify(settings);
    document.undo = vec![
        "Set `kubernetes_audit` and `kubernetes_audit_webhook` to `false` and run the playbook again.".to_owned(),
    ];
    document
}

fn text(settings: &Settings) -> String {
    let mut out = format!("kubernetes_audit: {}\n", settings.log.is_enabled());
    // Writing to a string cannot fail.
    if !settings.policy_path.is_empty() {
        let _ = writeln!(
            out,
            "audit_policy_file: {}",
            jinja(yaml(&settings.policy_path))
        );
    }
    match manifest::policy_rules(settings) {
        Ok(rules) => {
            let block = quote::block(&rules, "  ");
            let _ = writeln!(out, "audit_policy_custom_rules: {}", jinja(block));
        }
        Err(why) => {
            let _ = writeln!(out, "# {}", one_line(&why));
        }
    }
    if settings.log.is_enabled() {
        let log = &settings.log;
        let _ = writeln!(out, "audit_log_path: {}", jinja(yaml(&log.path)));
        if let Some(directory) = settings.log_directory() {
            let _ = writeln!(out, "audit_log_hostpath: {}", jinja(yaml(directory)));
        }
        let _ = writeln!(out, "audit_log_maxage: {}", log.max_age_days);
        let _ = writeln!(out, "audit_log_maxbackups: {}", log.max_backups);
        let _ = writeln!(out, "audit_log_maxsize: {}", log.max_size_mb);
    }
    out.push_str(&webhook(settings));
    let extra: Vec<_> = settings
        .flags()
        .into_iter()
        .filter(|flag| !OWN.contains(&flag.name.as_str()))
        .collect();
    if !extra.is_empty() {
        out.push_str(&extra_args(&extra));
    }
    out
}

fn webhook(settings: &Settings) -> String {
    let webhook = &settings.webhook;
    if !webhook.is_enabled() {
        return String::new();
    }
    let mut out = format!(
        "kubernetes_audit_webhook: true\naudit_webhook_config_file: {}\naudit_webhook_server_url: {}\naudit_webhook_mode: {}\n",
        jinja(yaml(&webhook.config_path)),
        jinja(yaml(&webhook.server)),
        webhook.mode.name()
    );
    if webhook.mode == Mode::Batch {
        let _ = write!(
            out,
            "audit_webhook_batch_max_size: {}\naudit_webhook_batch_max_wait: {}\n",
            webhook.batch.max_size,
            yaml(&go_duration(webhook.batch.max_wait_ms))
        );
    }
    out
}

fn extra_args(flags: &[Flag]) -> String {
    let mut out = String::from("kube_kubeadm_apiserver_extra_args:\n");
    for flag in flags {
        let _ = writeln!(out, "  {}: {}", flag.name, jinja(yaml(&flag.value)));
    }
    out
}

/// Marks a value that contains template syntax, so that Ansible does not evaluate it.
fn jinja(value: String) -> String {
    if ["{{", "{%", "{#"].iter().any(|sign| value.contains(sign)) {
        format!("!unsafe {value}")
    } else {
        value
    }
}
