//! Sentences that several targets share: where files lie, what shows that a server audits, how to go back.

use crate::document::File;
use crate::targets::webhook;
use apiserver_config::Settings;
use audit_text::quote;

/// What must lie on a node before its server gets the flags, as a sentence of a note; nothing where no policy is named.
pub(crate) fn policy_first(settings: &Settings) -> String {
    if settings.policy_path.is_empty() {
        return String::new();
    }
    format!(
        " The policy must lie at `{}` on each node first: without it the server does not start.",
        one_line(&settings.policy_path)
    )
}

/// Where events are to be looked for, as a sentence of a note.
pub(crate) fn appears(settings: &Settings) -> String {
    if settings.log.is_stdout() {
        "Events appear in the server's own output: `kubectl -n kube-system logs` of its pod."
            .to_owned()
    } else if settings.log.is_enabled() || !settings.webhook.is_enabled() {
        format!(
            "Events appear in `{}` on each node.",
            one_line(&settings.log.path)
        )
    } else {
        "Events arrive at the webhook.".to_owned()
    }
}

/// The files that the server reads, each where the settings have it.
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
            text: webhook::kubeconfig(settings, settings.webhook.auth),
            mode: "0600",
        });
    }
    files
}

/// Steps that bring the files to the nodes.
pub(crate) fn place(settings: &Settings) -> Vec<String> {
    let mut steps = Vec::new();
    if !settings.policy_path.is_empty() {
        steps.push(format!(
            "On every control-plane node, save the policy as `{}`, readable by root only (`chmod 600`). Every node needs the same file.",
            one_line(&settings.policy_path)
        ));
    }
    steps.extend(place_webhook(settings));
    steps
}

/// The step that brings the webhook's file to the nodes, where there is one.
pub(crate) fn place_webhook(settings: &Settings) -> Option<String> {
    settings.webhook.is_enabled().then(|| {
        format!(
            "On every control-plane node, save the webhook's kubeconfig as `{}`, readable by root only, with the real certificate and \
             credentials in place of the words in capitals.",
            one_line(&settings.webhook.config_path)
        )
    })
}

/// How to see that a server audits.
pub(crate) fn verify(settings: &Settings) -> Vec<String> {
    let mut verify = metrics();
    if settings.log.is_stdout() {
        verify.push(
            "`kubectl -n kube-system logs -l component=kube-apiserver --tail=20 | grep audit.k8s.io` shows events in the server's own output."
                .to_owned(),
        );
    } else if settings.log.is_enabled() {
        verify.push(format!(
            "`kubectl get namespaces` makes an event, which is among the last lines of the log: `sudo tail -n 20 {}` on the node that answered.",
            quote::shell(&one_line(&settings.log.path))
        ));
    }
    verify.extend(receives(settings));
    verify
}

/// The two metrics that tell whether events are made and lost.
pub(crate) fn metrics() -> Vec<String> {
    vec![
        "`kubectl get --raw /metrics | grep apiserver_audit_event_total` shows a number above 0 that rises from one call to the next."
            .to_owned(),
        "`kubectl get --raw /metrics | grep apiserver_audit_error_total` shows nothing, or a number that stays as it is. Each server counts \
         for itself: behind a load balancer, ask each."
            .to_owned(),
    ]
}

/// What the webhook's end sees.
pub(crate) fn receives(settings: &Settings) -> Option<String> {
    settings.webhook.is_enabled().then(|| {
        "The webhook gets a POST with a list of kind `EventList` within its longest wait."
            .to_owned()
    })
}

/// How to go back where flags stand in a configuration.
pub(crate) fn undo(restart: &str) -> Vec<String> {
    vec![
        format!("Take the flags and the mounts out again, or put the copy of before back, and {restart}"),
        "Leave the policy file until no server names it any more: a server that misses it does not start.".to_owned(),
    ]
}

/// A path within a sentence: without line breaks and backticks.
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
