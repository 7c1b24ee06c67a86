//! Checks that the server's container can access the files that its flags name.

use crate::codes::SettingCode;
use audit_types::{Diagnostic, Severity};

use crate::finding::{LOG, POLICY, WEBHOOK, flag_finding};
use crate::mounts::{HostPathType, Mount};
use crate::paths::components;
use crate::placeholders::placeholder;
use crate::settings::Settings;
use audit_types::excerpt::excerpt;

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
    /// Returns the name as messages have it.
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
    /// `true` if the mount is read-only.
    pub read_only: bool,
    /// Type that the kubelet requires of the node's path.
    pub path_type: HostPathType,
}

/// Problem of a file's mount, or of its absence.
#[derive(Debug)]
pub struct MountFault {
    /// Code of the finding.
    pub code: SettingCode,
    /// Severity of the finding.
    pub severity: Severity,
    /// The problem in one sentence.
    pub message: String,
    /// The remedy.
    pub help: &'static str,
    /// `true` if the volume is at fault, not the mount.
    pub is_of_volume: bool,
}

/// Checks the settings' files in a container with these mounts, each at the same path as on the node. Reports files outside of all mounts,
/// a log that cannot be written, and mounts with which the pod does not start.
pub fn check_mounts(settings: &Settings, mounts: &[Mount]) -> Vec<Diagnostic> {
    let log = &settings.log;
    let log_path = if log.is_file() { &log.path } else { "" };
    [
        (FileRole::Policy, settings.policy_path.as_str()),
        (
            FileRole::WebhookConfig,
            settings.webhook.config_path.as_str(),
        ),
        (FileRole::Log, log_path),
    ]
    .into_iter()
    .filter(|(_, path)| !path.is_empty() && placeholder(path).is_none())
    .filter_map(|(role, path)| {
        let mount = deepest_mount(path, mounts).map(|mount| MountedPath {
            path: &mount.path,
            read_only: mount.read_only,
            path_type: mount.path_type,
        });
        let fault = check_mount(role, path, mount)?;
        Some(flag_finding(
            fault.code,
            fault.severity,
            role.flag(),
            fault.message,
            fault.help,
        ))
    })
    .collect()
}

/// Returns the mount that a path is in: the deepest one.
fn deepest_mount<'m>(path: &str, mounts: &'m [Mount]) -> Option<&'m Mount> {
    let wanted = components(path);
    mounts
        .iter()
        .filter(|mount| wanted.starts_with(&components(&mount.path)))
        .max_by_key(|mount| components(&mount.path).len())
}

/// Checks the mount that a file's path is in. `None` if nothing is wrong with it.
pub fn check_mount(
    role: FileRole,
    path: &str,
    mount: Option<MountedPath<'_>>,
) -> Option<MountFault> {
    let is_mount_point = mount.is_some_and(|mount| components(mount.path) == components(path));
    match (role, mount) {
        // The server starts, and records until the container is replaced.
        (FileRole::Log, None) => Some(MountFault {
            severity: Severity::Warning,
            ..mount_error(
                SettingCode::OutsideMounts,
                format!(
                    "the directory of the log `{}` is not mounted",
                    excerpt(path)
                ),
                "the log stays in the container and is lost with it: mount its directory with `readOnly: false`",
            )
        }),
        (_, None) => Some(mount_error(
            SettingCode::OutsideMounts,
            format!(
                "the {} `{}` is not inside any volume mount of the container",
                role.name(),
                excerpt(path)
            ),
            "the server cannot find the file and does not start: mount it, or use a path inside a mount",
        )),
        (FileRole::Log, Some(mount)) => check_log(path, mount, is_mount_point),
        (_, Some(mount)) => check_read_file(role, path, mount, is_mount_point),
    }
}

fn mount_error(code: SettingCode, message: String, help: &'static str) -> MountFault {
    MountFault {
        code,
        severity: Severity::Error,
        message,
        help,
        is_of_volume: false,
    }
}

fn check_read_file(
    role: FileRole,
    path: &str,
    mount: MountedPath<'_>,
    is_mount_point: bool,
) -> Option<MountFault> {
    let (what, path) = (role.name(), excerpt(path));
    let (severity, message, help) = match (is_mount_point, mount.path_type) {
        (true, HostPathType::File) => return None,
        (true, HostPathType::FileOrCreate) => (
            Severity::Warning,
            format!("the {what} `{path}` is created as an empty file if it does not exist"),
            "the server does not start with an empty file: mount it with `type: File`, which reports a missing file",
        ),
        (true, HostPathType::Unset) => (
            Severity::Warning,
            format!("the {what} `{path}` is mounted without a type"),
            "if the file does not exist, an empty directory is created instead and the server does not start: mount it with `type: File`",
        ),
        (true, _) => (
            Severity::Error,
            format!("the {what} `{path}` is mounted as a directory"),
            "if the file does not exist, an empty directory is created instead and the server does not start: mount it with `type: File`",
        ),
        (false, path_type) if path_type.is_not_directory() => (
            Severity::Error,
            format!("the {what} `{path}` is below a mount that is not a directory"),
            "the server cannot find the file: mount its directory, or the file itself",
        ),
        (false, _) => return None,
    };
    Some(MountFault {
        code: SettingCode::MissingFile,
        severity,
        message,
        help,
        is_of_volume: true,
    })
}

fn check_log(path: &str, mount: MountedPath<'_>, is_mount_point: bool) -> Option<MountFault> {
    let path_excerpt = excerpt(path);
    if mount.read_only {
        return Some(mount_error(
            SettingCode::OutsideMounts,
            format!("the log `{path_excerpt}` is in a read-only mount"),
            "the server cannot create the log: mount its directory with `readOnly: false`",
        ));
    }
    if is_mount_point {
        let help = if mount.path_type == HostPathType::FileOrCreate {
            "rotation cannot rename a mounted file, and nothing more is written once the log has reached its size: mount the directory with \
             `type: DirectoryOrCreate`"
        } else {
            "if the file does not exist yet, the pod does not start with `type: File`; rotation cannot rename a mounted file: \
             mount the directory with `type: DirectoryOrCreate`"
        };
        let message = format!("the log file `{path_excerpt}` is mounted instead of its directory");
        return Some(mount_error(SettingCode::MissingFile, message, help));
    }
    mount.path_type.is_not_directory().then(|| MountFault {
        is_of_volume: true,
        ..mount_error(
            SettingCode::MissingFile,
            format!("the log `{path_excerpt}` is below a mount that is not a directory"),
            "the pod does not start: mount the log's directory with `type: DirectoryOrCreate`",
        )
    })
}
