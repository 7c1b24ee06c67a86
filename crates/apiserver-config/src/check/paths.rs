//! Checks paths: those that the server or its container cannot use, and those that collide.

use crate::codes::SettingCode;
use audit_types::{Diagnostic, ServerPlace, Severity};

use crate::finding::{LOG, POLICY, WEBHOOK, flag_finding};
use crate::paths::{components, is_within};
use crate::platforms::{KUBEADM_DIRECTORIES, MANIFEST_DIRECTORIES};
use crate::settings::Settings;
use audit_types::excerpt::excerpt;

/// Directories of kube-apiserver's image or of the container runtime. A mount at one of them hides its contents.
const IMAGE_DIRECTORIES: [&str; 13] = [
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

/// Directories that are emptied when the node restarts.
const VOLATILE_DIRECTORIES: [&str; 4] = ["/tmp", "/run", "/var/run", "/dev/shm"];

/// Directory in which the kubelet of a kubeadm node looks for static pods.
const MANIFESTS: &str = "/etc/kubernetes/manifests";

/// Checks one path on its own.
pub(super) fn check_path(
    flag: &'static str,
    path: &str,
    place: ServerPlace,
    findings: &mut Vec<Diagnostic>,
) {
    let is_mounted = place != ServerPlace::Host;
    let path_excerpt = excerpt(path);
    let fault = if path.chars().any(char::is_control) {
        Some((
            "contains a line break or another control character",
            "write the path on one line, with printable characters only",
        ))
    } else if !path.starts_with('/') {
        Some((
            "is not absolute",
            if is_mounted {
                "start it with `/`: the server resolves a relative path in its working directory, where no volume can be mounted"
            } else {
                "start it with `/`: the server resolves a relative path in its working directory, which is not in its flags"
            },
        ))
    } else if path.split('/').any(|part| part == "..") {
        Some((
            "contains `..`",
            if is_mounted {
                "write the resolved path: Kubernetes rejects a volume whose path contains `..`"
            } else {
                "write the resolved path, which is the same for every process"
            },
        ))
    } else if path.ends_with('/') || path.ends_with("/.") {
        Some(("is a directory", "add the name of the file"))
    } else {
        None
    };
    if let Some((what, help)) = fault {
        findings.push(flag_finding(
            SettingCode::UnusablePath,
            Severity::Error,
            flag,
            format!("the path `{path_excerpt}` {what}"),
            help,
        ));
    } else if path.contains(':') && is_mounted {
        findings.push(flag_finding(
            SettingCode::UnusablePath,
            Severity::Warning,
            flag,
            format!("the path `{path_excerpt}` contains `:`"),
            "container runtimes separate the two paths of a mount with `:`; use another name",
        ));
    }
    check_lookalikes(flag, path, findings);
    check_manifests(flag, path, findings);
}

/// Reports a file in a directory whose files are read as pods, or applied to the cluster.
fn check_manifests(flag: &'static str, path: &str, findings: &mut Vec<Diagnostic>) {
    let path_excerpt = excerpt(path);
    if is_within(path, MANIFESTS) {
        findings.push(flag_finding(
            SettingCode::StaticPodDirectory,
            Severity::Warning,
            flag,
            format!("the path `{path_excerpt}` is in the directory for static pod manifests"),
            "the kubelet reads every file in it as a pod: use another directory",
        ));
    }
    let extension = path.rsplit('.').next().unwrap_or_default();
    let is_applied = MANIFEST_DIRECTORIES
        .iter()
        .any(|directory| is_within(path, directory));
    if is_applied && matches!(extension, "yaml" | "yml" | "json") {
        findings.push(flag_finding(
            SettingCode::ManifestDirectory,
            Severity::Warning,
            flag,
            format!("the path `{path_excerpt}` is in a directory whose files are applied to the cluster"),
            "k3s and RKE2 try to create an object from each YAML file in it, and fail: use another directory",
        ));
    }
}

/// Reports characters that look like others, or are invisible.
fn check_lookalikes(flag: &'static str, path: &str, findings: &mut Vec<Diagnostic>) {
    let confusable = |c: char| {
        (c.is_whitespace() && c != ' ')
            || matches!(
                c,
                '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}' | '\u{feff}'
            )
    };
    if path.trim() != path || path.chars().any(|c| !c.is_control() && confusable(c)) {
        findings.push(flag_finding(
            SettingCode::LookalikeCharacters,
            Severity::Warning,
            flag,
            format!("the path `{}` contains a space, dash or invisible character that is not what it looks like", excerpt(path)),
            "type it again: text copied from a formatted page often contains such characters",
        ));
    }
}

/// Reports a file that does not survive a restart of the node, so that the server cannot start again.
pub(super) fn check_volatile(flag: &'static str, path: &str, findings: &mut Vec<Diagnostic>) {
    if VOLATILE_DIRECTORIES
        .iter()
        .any(|directory| is_within(path, directory))
    {
        findings.push(flag_finding(
            SettingCode::MissingFile,
            Severity::Warning,
            flag,
            format!("the path `{}` is in a directory that is emptied when the node restarts", excerpt(path)),
            "without the file the server does not start: use a persistent directory, such as `/etc/kubernetes`",
        ));
    }
}

/// Reports files with the same path, or one below the other.
pub(super) fn check_collisions(settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let policy = ("policy", POLICY, settings.policy_path.as_str());
    let webhook = (
        "webhook's configuration",
        WEBHOOK,
        settings.webhook.config_path.as_str(),
    );
    if !settings.log.is_stdout() {
        for read in [policy, webhook] {
            check_log_collision(read, &settings.log.path, findings);
        }
    }
    let (one, other) = (components(policy.2), components(webhook.2));
    if !one.is_empty() && !other.is_empty() && (one.starts_with(&other) || other.starts_with(&one))
    {
        findings.push(flag_finding(
            SettingCode::CollidingPaths,
            Severity::Error,
            WEBHOOK,
            format!(
                "the webhook's configuration `{}` and the policy cannot both have their paths",
                excerpt(webhook.2)
            ),
            "give each file its own path",
        ));
    }
}

/// Reports a collision of a file that the server reads with the log.
fn check_log_collision(
    (what, flag, path): (&str, &'static str, &str),
    log_path: &str,
    findings: &mut Vec<Diagnostic>,
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
                "the server would write the log into the {what}: use another file in its own directory"
            ),
        )
    } else if log.starts_with(&read) {
        (
            LOG,
            format!(
                "the log is below `{}`, which is the {what} file",
                excerpt(path)
            ),
            "a file cannot contain the log's directory: use another path for one of them"
                .to_owned(),
        )
    } else if read.starts_with(&log) {
        (
            flag,
            format!(
                "the {what} is below `{}`, which is the log file",
                excerpt(log_path)
            ),
            format!("a file cannot contain the {what}: use another path for one of them"),
        )
    } else {
        return;
    };
    findings.push(flag_finding(
        SettingCode::CollidingPaths,
        Severity::Error,
        fault.0,
        fault.1,
        fault.2,
    ));
}

/// Reports a log directory whose mount hides other files of the container.
pub(super) fn check_log_mount(settings: &Settings, findings: &mut Vec<Diagnostic>) {
    let Some(directory) = settings.log_directory() else {
        return;
    };
    let mounted = components(directory);
    let is = |known: &&str| components(known) == mounted;
    if IMAGE_DIRECTORIES.iter().any(&is) {
        findings.push(flag_finding(
            SettingCode::HidingMount,
            Severity::Error,
            LOG,
            format!(
                "mounting the log's directory `{}` hides the container's own files there",
                excerpt(directory)
            ),
            if directory == "/dev" {
                "use `-` for standard output, which needs no mount"
            } else {
                "use a separate directory, such as `/var/log/kubernetes/audit`"
            },
        ));
    } else if KUBEADM_DIRECTORIES.iter().any(is) {
        findings.push(flag_finding(
            SettingCode::HidingMount,
            Severity::Error,
            LOG,
            format!("kubeadm already mounts `{}` into the server", excerpt(directory)),
            "two mounts at one path make the pod invalid: use a separate directory, such as `/var/log/kubernetes/audit`",
        ));
    } else if components("/etc/kubernetes").starts_with(&mounted)
        || KUBEADM_DIRECTORIES
            .iter()
            .any(|known| mounted.starts_with(&components(known)))
    {
        findings.push(flag_finding(
            SettingCode::HidingMount,
            Severity::Warning,
            LOG,
            format!("the log's directory `{}` contains the cluster's configuration and keys, and would be mounted writable", excerpt(directory)),
            "use a separate directory, such as `/var/log/kubernetes/audit`",
        ));
    }
}
