//! Checks files that the servers of k0s, k0rdent and MicroK8s cannot access, and settings that k3d changes or Gardener omits.

use apiserver_config::paths::components;
use apiserver_config::platforms::K0S_USER;
use apiserver_config::{SettingCode, Settings, flag_finding};
use audit_types::excerpt::excerpt;
use audit_types::{Diagnostic, Severity};

use crate::targets::microk8s::in_snap;

/// Directory that only root may enter.
const HOME_OF_ROOT: &str = "/root";

/// Returns the flags with paths, and the paths that are given.
fn paths(settings: &Settings) -> Vec<(&'static str, &str)> {
    let log = &settings.log;
    let log_path = if log.is_stdout() { "" } else { &log.path };
    [
        ("audit-policy-file", settings.policy_path.as_str()),
        ("audit-log-path", log_path),
        (
            "audit-webhook-config-file",
            settings.webhook.config_path.as_str(),
        ),
    ]
    .into_iter()
    .filter(|(_, path)| !path.is_empty())
    .collect()
}

/// Reports files in a directory that the server's user cannot enter.
pub(super) fn k0s(settings: &Settings) -> Vec<Diagnostic> {
    let is_of_root = |path: &str| components(path).starts_with(&components(HOME_OF_ROOT));
    paths(settings)
        .into_iter()
        .filter(|(_, path)| is_of_root(path))
        .map(|(flag, path)| {
            flag_finding(
                SettingCode::InaccessibleFile,
                Severity::Warning,
                flag,
                format!(
                    "k0s runs kube-apiserver as the user `{K0S_USER}`, which cannot access `{}`",
                    excerpt(path)
                ),
                "only root can enter `/root`: use another directory",
            )
        })
        .collect()
}

/// Reports a log file, whose directory the templates of k0rdent do not create.
pub(super) fn k0rdent(settings: &Settings) -> Vec<Diagnostic> {
    let mut findings = k0s(settings);
    if let Some(directory) = settings.log_directory() {
        findings.push(flag_finding(
            SettingCode::InaccessibleFile,
            Severity::Warning,
            "audit-log-path",
            format!(
                "k0rdent's templates do not create `{}` for the server's user",
                excerpt(directory)
            ),
            "the server does not start if it cannot open the log: use `-`, an image that has the directory, or a `ClusterAuditPolicy`",
        ));
    }
    findings
}

/// Reports paths that are replaced by ones in the snap's directories.
pub(super) fn microk8s(settings: &Settings) -> Vec<Diagnostic> {
    let here = in_snap(settings);
    let replaced = paths(settings).into_iter().zip(paths(&here));
    replaced
        .filter(|((_, before), (_, after))| before != after)
        .map(|((flag, before), (_, after))| {
            flag_finding(
                SettingCode::InaccessibleFile,
                Severity::Info,
                flag,
                format!("`{}` is outside of the MicroK8s snap", excerpt(before)),
                format!(
                    "under strict confinement the server cannot access it, so `{after}` is exported"
                ),
            )
        })
        .collect()
}

/// Reports paths that k3d changes, since it expands variables in the whole file.
pub(super) fn k3d(settings: &Settings) -> Vec<Diagnostic> {
    paths(settings)
        .into_iter()
        .filter(|(_, path)| path.contains('$'))
        .map(|(flag, path)| {
            flag_finding(
                SettingCode::UnusablePath,
                Severity::Warning,
                flag,
                format!("k3d replaces a variable in the path `{}`", excerpt(path)),
                "it expands `$NAME` everywhere in its file: use a path without `$`",
            )
        })
        .collect()
}

/// Reports a webhook, which users of Gardener cannot set.
pub(super) fn gardener(settings: &Settings) -> Vec<Diagnostic> {
    if !settings.webhook.is_enabled() {
        return Vec::new();
    }
    vec![flag_finding(
        SettingCode::Unsupported,
        Severity::Warning,
        "audit-webhook-config-file",
        "a Shoot has no field for an audit webhook, so it is omitted",
        "ask the operators of the landscape for an extension that ships the log",
    )]
}
