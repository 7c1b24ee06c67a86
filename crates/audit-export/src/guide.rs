//! Instructions that several targets share: where files go, how to verify that a server audits, how to undo.

use apiserver_config::Settings;
use audit_text::quote;

use crate::document::File;
use crate::kubeconfig::kubeconfig;

/// Returns a sentence about the file that a node needs before its server gets the flags; empty without a policy.
pub(crate) fn policy_first(settings: &Settings) -> String {
    if settings.policy_path.is_empty() {
        return String::new();
    }
    format!(
        " The policy must be at `{}` on each node first; the server does not start without it.",
        one_line(&settings.policy_path)
    )
}

/// Returns a sentence about where events appear.
pub(crate) fn appears(settings: &Settings) -> String {
    if settings.log.is_stdout() {
        "Events appear in the server's standard output: `kubectl -n kube-system logs` of its pod."
            .to_owned()
    } else if settings.log.is_enabled() || !settings.webhook.is_enabled() {
        format!(
            "Events appear in `{}` on each node.",
            one_line(&settings.log.path)
        )
    } else {
        "Events are sent to the webhook.".to_owned()
    }
}

/// Returns the files that the server reads, at their paths in the settings.
pub(crate) fn files(settings: &Settings) -> Vec<File> {
    let mut files = Vec::new();
    if !settings.policy_path.is_empty() {
        files.push(File {
            path: settings.policy_path.clone(),
            text: crate::document::end_line(settings.policy.clone()),
            mode: "0600",
        });
    }
    if settings.webhook.is_enabled() {
        files.push(File {
            path: settings.webhook.config_path.clone(),
            text: kubeconfig(settings, settings.webhook.auth),
            mode: "0600",
        });
    }
    files
}

/// Returns the steps that copy the files to the nodes.
pub(crate) fn copy_files(settings: &Settings) -> Vec<String> {
    let mut steps = Vec::new();
    if !settings.policy_path.is_empty() {
        steps.push(format!(
            "On every control-plane node, save the policy as `{}`, readable by root only (`chmod 600`). Every node needs the same file.",
            one_line(&settings.policy_path)
        ));
    }
    steps.extend(copy_webhook_file(settings));
    steps
}

/// Returns the step that copies the webhook's file to the nodes. `None` without a webhook.
pub(crate) fn copy_webhook_file(settings: &Settings) -> Option<String> {
    settings.webhook.is_enabled().then(|| {
        format!(
            "On every control-plane node, save the webhook's kubeconfig as `{}`, readable by root only, with the real certificate and \
             credentials instead of the placeholders in capitals.",
            one_line(&settings.webhook.config_path)
        )
    })
}

/// Returns the steps that verify that a server audits.
pub(crate) fn verify(settings: &Settings) -> Vec<String> {
    let mut verify = metrics();
    if settings.log.is_stdout() {
        verify.push(
            "`kubectl -n kube-system logs -l component=kube-apiserver --tail=20 | grep audit.k8s.io` shows events in the server's standard output."
                .to_owned(),
        );
    } else if settings.log.is_enabled() {
        verify.push(format!(
            "`kubectl get namespaces` creates an event, which is among the last lines of the log: run `sudo tail -n 20 {}` on the node whose server handled the request.",
            quote::shell(&one_line(&settings.log.path))
        ));
    }
    verify.extend(receives(settings));
    verify
}

/// Returns the steps that check the metrics of generated and lost events.
pub(crate) fn metrics() -> Vec<String> {
    vec![
        "`kubectl get --raw /metrics | grep apiserver_audit_event_total` shows a number above 0 that increases from one call to the next."
            .to_owned(),
        "`kubectl get --raw /metrics | grep apiserver_audit_error_total` shows nothing, or a number that does not change. Each server has its own \
         counter: behind a load balancer, query each one."
            .to_owned(),
    ]
}

/// Returns the step that checks the webhook's receiver. `None` without a webhook.
pub(crate) fn receives(settings: &Settings) -> Option<String> {
    settings.webhook.is_enabled().then(|| {
        "The webhook receives a POST request with an `EventList` within the queue's maximum wait."
            .to_owned()
    })
}

/// Returns the steps that undo a change of a configuration.
pub(crate) fn undo(restart: &str) -> Vec<String> {
    vec![
        format!("Remove the flags and mounts again, or restore the copy, and {restart}"),
        "Keep the policy file until no server refers to it: a server does not start without it."
            .to_owned(),
    ]
}

/// Returns a path for a code span in a sentence: control characters and backticks are replaced by U+FFFD.
pub(crate) fn one_line(path: &str) -> String {
    path.chars()
        .map(|c| {
            if c.is_control() || c == '`' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
