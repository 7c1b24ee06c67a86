//! Whether the server's container sees the files that its flags name.

use audit_policy::Severity;

use super::{LOG, POLICY, SettingFinding, WEBHOOK, say};
use crate::mounts::{HostPathType, Mount};
use crate::paths::{components, shown};
use crate::settings::Settings;

/// A file that the server reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRole {
    /// The policy file, which the server reads.
    Policy,
    /// The webhook's kubeconfig, which the server reads.
    WebhookConfig,
    /// The log, which the server writes.
    Log,
}

impl FileRole {
    /// What it is, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::WebhookConfig => "webhook's configuration",
            Self::Log => "log",
        }
    }

    const fn flag(self) -> &'static str {
        match self {
            Self::Policy => POLICY,
            Self::WebhookConfig => WEBHOOK,
            Self::Log => LOG,
        }
    }
}

/// A path of the node in the container.
#[derive(Debug, Clone, Copy)]
pub struct MountedPath<'m> {
    /// Path in the container.
    pub path: &'m str,
    /// Whether the mount is read-only.
    pub read_only: bool,
    /// What the kubelet requires at the node's path.
    pub path_type: HostPathType,
}

/// Problem of a file's mount, or of its absence.
#[derive(Debug)]
pub struct MountFault {
    /// Code of the finding.
    pub code: &'static str,
    /// Severity of the finding.
    pub severity: Severity,
    /// The problem in one sentence.
    pub message: String,
    /// The remedy.
    pub help: &'static str,
    /// Whether the volume is at fault, not the mount.
    pub is_of_volume: bool,
}

/// What is wrong with these settings in a container that has these mounts, each at the same path as on the node: a file that lies outside of them,
/// a log that cannot be written, a mount that keeps the pod from starting.
pub fn check_mounts(settings: &Settings, mounts: &[Mount]) -> Vec<SettingFinding> {
    let log = &settings.log;
    let log_path = if log.is_stdout() { "" } else { &log.path };
    [
        (FileRole::Policy, settings.policy_path.as_str()),
        (
            FileRole::WebhookConfig,
            settings.webhook.config_path.as_str(),
        ),
        (FileRole::Log, log_path),
    ]
    .into_iter()
    .filter(|(_, path)| !path.is_empty())
    .filter_map(|(role, path)| {
        let mount = mount_of(path, mounts).map(|mount| MountedPath {
            path: &mount.path,
            read_only: mount.read_only,
            path_type: mount.path_type,
        });
        let fault = check_mount(role, path, mount)?;
        Some(say(
            fault.code,
            fault.severity,
            role.flag(),
            fault.message,
            fault.help,
        ))
    })
    .collect()
}

/// The mount that decides what lies at a path: the deepest one that it is in.
fn mount_of<'m>(path: &str, mounts: &'m [Mount]) -> Option<&'m Mount> {
    let wanted = components(path);
    mounts
        .iter()
        .filter(|mount| wanted.starts_with(&components(&mount.path)))
        .max_by_key(|mount| components(&mount.path).len())
}

/// What is wrong with the mount that decides what lies at a path.
pub fn check_mount(
    role: FileRole,
    path: &str,
    mount: Option<MountedPath<'_>>,
) -> Option<MountFault> {
    let is_itself = mount.is_some_and(|mount| components(mount.path) == components(path));
    match (role, mount) {
        (FileRole::Log, None) => Some(of_mount(
            "AE011",
            format!("the directory of the log `{}` is not mounted", shown(path)),
            "the log stays in the container and is gone with it: mount its directory, writable",
        )),
        (_, None) => Some(of_mount(
            "AE011",
            format!(
                "the {} `{}` lies in no mount of the container",
                role.name(),
                shown(path)
            ),
            "the server does not find it and does not start: mount it, or take a path within a mount",
        )),
        (FileRole::Log, Some(mount)) => written(path, mount, is_itself),
        (_, Some(mount)) => read(role, path, mount, is_itself),
    }
}

fn of_mount(code: &'static str, message: String, help: &'static str) -> MountFault {
    MountFault {
        code,
        severity: Severity::Error,
        message,
        help,
        is_of_volume: false,
    }
}

fn read(role: FileRole, path: &str, mount: MountedPath<'_>, is_itself: bool) -> Option<MountFault> {
    let (what, path) = (role.name(), shown(path));
    let (severity, message, help) = match (is_itself, mount.path_type) {
        (true, HostPathType::File) => return None,
        (true, HostPathType::FileOrCreate) => (
            Severity::Warning,
            format!("the {what} `{path}` is created empty where it is missing"),
            "the server does not start with an empty one: mount it with `type: File`, which says what is missing",
        ),
        (true, HostPathType::Unset) => (
            Severity::Warning,
            format!("the {what} `{path}` is mounted without a type"),
            "where the file is missing, an empty directory takes its place and the server does not start: mount it with `type: File`",
        ),
        (true, _) => (
            Severity::Error,
            format!("the {what} `{path}` is mounted as a directory"),
            "where the file is missing, an empty directory takes its place and the server does not start: mount it with `type: File`",
        ),
        (false, path_type) if path_type.is_not_directory() => (
            Severity::Error,
            format!("the {what} `{path}` lies below a mount that is no directory"),
            "the server does not find it: mount its directory, or the file itself",
        ),
        (false, _) => return None,
    };
    Some(MountFault {
        code: "AE014",
        severity,
        message,
        help,
        is_of_volume: true,
    })
}

fn written(path: &str, mount: MountedPath<'_>, is_itself: bool) -> Option<MountFault> {
    let shown = shown(path);
    if mount.read_only {
        return Some(of_mount(
            "AE011",
            format!("the log `{shown}` lies in a mount that is read-only"),
            "the server cannot create it: mount its directory with `readOnly: false`",
        ));
    }
    if is_itself {
        let help = if mount.path_type == HostPathType::FileOrCreate {
            "rotation cannot rename a mounted file, and once the log has reached its size nothing more is written: mount the directory with \
             `type: DirectoryOrCreate`"
        } else {
            "before the first start the file may not exist, and `type: File` then keeps the pod from starting; rotation cannot rename a mounted file: \
             mount the directory with `type: DirectoryOrCreate`"
        };
        let message = format!("the log `{shown}` itself is mounted, not its directory");
        return Some(of_mount("AE014", message, help));
    }
    mount.path_type.is_not_directory().then(|| MountFault {
        is_of_volume: true,
        ..of_mount(
            "AE014",
            format!("the log `{shown}` lies below a mount that is no directory"),
            "the pod does not start with it: mount the log's directory with `type: DirectoryOrCreate`",
        )
    })
}
