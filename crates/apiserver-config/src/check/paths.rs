//! Paths that a server or its container cannot live with.

use audit_policy::Severity;

use super::{LOG, POLICY, SettingFinding, WEBHOOK, say};
use crate::paths::{components, is_within, shown};
use crate::platforms::KUBEADM_DIRECTORIES;
use crate::settings::Settings;

/// Directories that the image of kube-apiserver or its runtime has: a mount over one of them hides it.
const OF_THE_IMAGE: [&str; 13] = [
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/go-runner",
    "/lib",
    "/proc",
    "/sbin",
    "/sys",
    "/usr",
    "/usr/bin",
    "/usr/local/bin",
];

/// Directories that do not outlast a restart of the node.
const FLEETING: [&str; 4] = ["/tmp", "/run", "/var/run", "/dev/shm"];

/// Where kubeadm has the kubelet look for static pods.
const MANIFESTS: &str = "/etc/kubernetes/manifests";

/// What is wrong with a path taken by itself.
pub(super) fn path(flag: &'static str, path: &str, findings: &mut Vec<SettingFinding>) {
    let shown = shown(path);
    let fault = if path.chars().any(char::is_control) {
        Some((
            "has a line break or another control character in it",
            "write the path on one line, of printable characters",
        ))
    } else if !path.starts_with('/') {
        Some((
            "is not absolute",
            "start it with `/`: the server looks for a relative path in its working directory, and no volume can be mounted there",
        ))
    } else if path.split('/').any(|part| part == "..") {
        Some((
            "goes up with `..`",
            "write the path that is meant: Kubernetes refuses a volume whose path has `..` in it",
        ))
    } else if path.ends_with('/') || path.ends_with("/.") {
        Some(("is a directory", "name the file in it"))
    } else {
        None
    };
    if let Some((what, help)) = fault {
        findings.push(say(
            "AE003",
            Severity::Error,
            flag,
            format!("the path `{shown}` {what}"),
            help,
        ));
    } else if path.contains(':') {
        findings.push(say(
            "AE003",
            Severity::Warning,
            flag,
            format!("the path `{shown}` has a `:` in it"),
            "container runtimes separate the two ends of a mount with it: take another name",
        ));
    }
    lookalikes(flag, path, findings);
    if is_within(path, MANIFESTS) {
        findings.push(say(
            "AE006",
            Severity::Warning,
            flag,
            format!("the path `{shown}` is in the directory of static pods"),
            "the kubelet reads every file in there as a pod: take another directory",
        ));
    }
}

/// Characters that look like others, or like nothing.
fn lookalikes(flag: &'static str, path: &str, findings: &mut Vec<SettingFinding>) {
    let confusable = |c: char| {
        (c.is_whitespace() && c != ' ')
            || matches!(
                c,
                '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}' | '\u{feff}'
            )
    };
    if path.trim() != path || path.chars().any(|c| !c.is_control() && confusable(c)) {
        findings.push(say(
            "AE007",
            Severity::Warning,
            flag,
            format!("the path `{}` has a space, dash or invisible character that looks like another one or like nothing", shown(path)),
            "type it again by hand: text copied from a formatted page often has these",
        ));
    }
}

/// A file that is gone after the node restarts, so that the server does not come back.
pub(super) fn fleeting(flag: &'static str, path: &str, findings: &mut Vec<SettingFinding>) {
    if FLEETING.iter().any(|directory| is_within(path, directory)) {
        findings.push(say(
            "AE014",
            Severity::Warning,
            flag,
            format!("the path `{}` is emptied when the node restarts", shown(path)),
            "the file is then missing, and the server does not start: take a directory that lasts, such as `/etc/kubernetes`",
        ));
    }
}

/// Files that stand in each other's way.
pub(super) fn collisions(settings: &Settings, findings: &mut Vec<SettingFinding>) {
    let policy = ("policy", POLICY, settings.policy_path.as_str());
    let webhook = (
        "webhook's configuration",
        WEBHOOK,
        settings.webhook.config_path.as_str(),
    );
    if !settings.log.is_stdout() {
        for read in [policy, webhook] {
            log_collides(read, &settings.log.path, findings);
        }
    }
    let (one, other) = (components(policy.2), components(webhook.2));
    if !one.is_empty() && !other.is_empty() && (one.starts_with(&other) || other.starts_with(&one))
    {
        findings.push(say(
            "AE004",
            Severity::Error,
            WEBHOOK,
            format!("the webhook's configuration `{}` and the policy cannot both lie where they are said to", shown(webhook.2)),
            "they are two files: give each a path of its own",
        ));
    }
}

/// A file that the server reads, and the log that it writes.
fn log_collides(
    (what, flag, path): (&str, &'static str, &str),
    log_path: &str,
    findings: &mut Vec<SettingFinding>,
) {
    let (read, log) = (components(path), components(log_path));
    if read.is_empty() || log.is_empty() {
        return;
    }
    let fault = if read == log {
        (
            LOG,
            format!("the log has the path of the {what}"),
            format!(
                "the server would write its log into its {what}: take another file in a directory of its own"
            ),
        )
    } else if log.starts_with(&read) {
        (
            LOG,
            format!(
                "the log lies below `{}`, which is mounted as the {what} file",
                shown(path)
            ),
            "a file cannot hold the log's directory: take another path for one of them".to_owned(),
        )
    } else if read.starts_with(&log) {
        (
            flag,
            format!(
                "the {what} lies below `{}`, which is the log file",
                shown(log_path)
            ),
            format!("a file cannot hold the {what}: take another path for one of them"),
        )
    } else {
        return;
    };
    findings.push(say("AE004", Severity::Error, fault.0, fault.1, fault.2));
}

/// What the mount of the log's directory hides.
pub(super) fn mount(settings: &Settings, findings: &mut Vec<SettingFinding>) {
    let Some(directory) = settings.log_directory() else {
        return;
    };
    let mounted = components(directory);
    let is = |known: &&str| components(known) == mounted;
    if OF_THE_IMAGE.iter().any(&is) {
        findings.push(say(
            "AE005",
            Severity::Error,
            LOG,
            format!(
                "mounting the log's directory `{}` hides what the container has there",
                shown(directory)
            ),
            if directory == "/dev" {
                "for standard output write `-`, which needs no mount"
            } else {
                "take a directory of its own, such as `/var/log/kubernetes/audit`"
            },
        ));
    } else if KUBEADM_DIRECTORIES.iter().any(is) {
        findings.push(say(
            "AE005",
            Severity::Error,
            LOG,
            format!("kubeadm mounts `{}` into the server already", shown(directory)),
            "two mounts at one path make the pod invalid: take a directory of its own, such as `/var/log/kubernetes/audit`",
        ));
    } else if components("/etc/kubernetes").starts_with(&mounted)
        || KUBEADM_DIRECTORIES
            .iter()
            .any(|known| mounted.starts_with(&components(known)))
    {
        findings.push(say(
            "AE005",
            Severity::Warning,
            LOG,
            format!("the log's directory `{}` holds the cluster's configuration and keys, and is mounted writable", shown(directory)),
            "take a directory of its own, such as `/var/log/kubernetes/audit`",
        ));
    }
}
