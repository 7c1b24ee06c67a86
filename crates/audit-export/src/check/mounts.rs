//! Whether the server's container sees the files that its flags name.

use audit_policy::Severity;

use super::paths::{parts, shown};
use super::{LOG, POLICY, SettingFinding, WEBHOOK, say};
use crate::manifest::{Mount, PathType};
use crate::settings::Settings;

/// What is wrong with these settings in a container that has these mounts, each at the same path as on the node: a file that lies outside of them,
/// a log that cannot be written, a mount that keeps the pod from starting.
pub fn check_mounts(settings: &Settings, mounts: &[Mount]) -> Vec<SettingFinding> {
    let mut findings = Vec::new();
    if !settings.policy_path.is_empty() {
        read(
            "policy",
            POLICY,
            &settings.policy_path,
            mounts,
            &mut findings,
        );
    }
    if settings.webhook.is_enabled() {
        let path = &settings.webhook.config_path;
        read(
            "webhook's configuration",
            WEBHOOK,
            path,
            mounts,
            &mut findings,
        );
    }
    if settings.log.is_enabled() && !settings.log.is_stdout() {
        written(&settings.log.path, mounts, &mut findings);
    }
    findings
}

/// The mount that decides what lies at a path: the deepest one that it is in.
fn mount_of<'m>(path: &str, mounts: &'m [Mount]) -> Option<&'m Mount> {
    let wanted = parts(path);
    mounts
        .iter()
        .filter(|mount| wanted.starts_with(&parts(&mount.path)))
        .max_by_key(|mount| parts(&mount.path).len())
}

fn read(
    what: &str,
    flag: &'static str,
    path: &str,
    mounts: &[Mount],
    findings: &mut Vec<SettingFinding>,
) {
    let Some(mount) = mount_of(path, mounts) else {
        findings.push(say(
            "AE011",
            Severity::Error,
            flag,
            format!("the {what} `{}` lies in no mount of the container", shown(path)),
            "the server does not find it and does not start: mount it, or take a path within a mount",
        ));
        return;
    };
    if parts(&mount.path) == parts(path) && mount.path_type != PathType::File {
        findings.push(say(
            "AE014",
            Severity::Error,
            flag,
            format!("the {what} `{}` is mounted as a directory", shown(path)),
            "where the file is missing, an empty directory takes its place and the server does not start: mount it with `type: File`",
        ));
    }
}

fn written(path: &str, mounts: &[Mount], findings: &mut Vec<SettingFinding>) {
    let Some(mount) = mount_of(path, mounts) else {
        findings.push(say(
            "AE011",
            Severity::Error,
            LOG,
            format!("the directory of the log `{}` is not mounted", shown(path)),
            "the log stays in the container and is gone with it: mount its directory, writable",
        ));
        return;
    };
    if mount.read_only {
        findings.push(say(
            "AE011",
            Severity::Error,
            LOG,
            format!(
                "the log `{}` lies in a mount that is read-only",
                shown(path)
            ),
            "the server cannot create it: mount its directory with `readOnly: false`",
        ));
    } else if parts(&mount.path) == parts(path) {
        findings.push(say(
            "AE014",
            Severity::Error,
            LOG,
            format!("the log `{}` itself is mounted, not its directory", shown(path)),
            "before the first start the file may not exist, and `type: File` then keeps the pod from starting; rotation cannot rename a mounted file: \
             mount the directory with `type: DirectoryOrCreate`",
        ));
    }
}
