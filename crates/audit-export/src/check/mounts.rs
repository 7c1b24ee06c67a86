//! Whether the server's container sees the files that its flags name.

use audit_policy::Severity;

use super::paths::{parts, shown};
use super::{LOG, POLICY, SettingFinding, WEBHOOK, say};
use crate::import::HostType;
use crate::manifest::{Mount, PathType};
use crate::settings::Settings;

/// A file that the server reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Policy,
    Webhook,
    Log,
}

impl Need {
    /// What it is, for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Webhook => "webhook's configuration",
            Self::Log => "log",
        }
    }

    const fn flag(self) -> &'static str {
        match self {
            Self::Policy => POLICY,
            Self::Webhook => WEBHOOK,
            Self::Log => LOG,
        }
    }
}

/// A path of the node in the container.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mounted<'m> {
    /// Where the container sees it.
    pub(crate) path: &'m str,
    pub(crate) read_only: bool,
    pub(crate) kind: HostType,
}

/// What a mount, or that there is none, does to a file.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) help: &'static str,
    /// Whether it is the volume's fault and not the mount's.
    pub(crate) is_of_volume: bool,
}

/// What is wrong with these settings in a container that has these mounts, each at the same path as on the node: a file that lies outside of them,
/// a log that cannot be written, a mount that keeps the pod from starting.
pub fn check_mounts(settings: &Settings, mounts: &[Mount]) -> Vec<SettingFinding> {
    let log = &settings.log;
    let log_path = if log.is_stdout() { "" } else { &log.path };
    [
        (Need::Policy, settings.policy_path.as_str()),
        (Need::Webhook, settings.webhook.config_path.as_str()),
        (Need::Log, log_path),
    ]
    .into_iter()
    .filter(|(_, path)| !path.is_empty())
    .filter_map(|(need, path)| {
        let mount = mount_of(path, mounts).map(|mount| Mounted {
            path: &mount.path,
            read_only: mount.read_only,
            kind: match mount.path_type {
                PathType::File => HostType::File,
                PathType::DirectoryOrCreate => HostType::DirectoryOrCreate,
            },
        });
        let fault = fault(need, path, mount)?;
        Some(say(
            fault.code,
            fault.severity,
            need.flag(),
            fault.message,
            fault.help,
        ))
    })
    .collect()
}

/// The mount that decides what lies at a path: the deepest one that it is in.
fn mount_of<'m>(path: &str, mounts: &'m [Mount]) -> Option<&'m Mount> {
    let wanted = parts(path);
    mounts
        .iter()
        .filter(|mount| wanted.starts_with(&parts(&mount.path)))
        .max_by_key(|mount| parts(&mount.path).len())
}

/// What is wrong with the mount that decides what lies at a path.
pub(crate) fn fault(need: Need, path: &str, mount: Option<Mounted<'_>>) -> Option<Fault> {
    let is_itself = mount.is_some_and(|mount| parts(mount.path) == parts(path));
    match (need, mount) {
        (Need::Log, None) => Some(of_mount(
            "AE011",
            format!("the directory of the log `{}` is not mounted", shown(path)),
            "the log stays in the container and is gone with it: mount its directory, writable",
        )),
        (_, None) => Some(of_mount(
            "AE011",
            format!(
                "the {} `{}` lies in no mount of the container",
                need.name(),
                shown(path)
            ),
            "the server does not find it and does not start: mount it, or take a path within a mount",
        )),
        (Need::Log, Some(mount)) => written(path, mount, is_itself),
        (_, Some(mount)) => read(need, path, mount, is_itself),
    }
}

fn of_mount(code: &'static str, message: String, help: &'static str) -> Fault {
    Fault {
        code,
        severity: Severity::Error,
        message,
        help,
        is_of_volume: false,
    }
}

fn read(need: Need, path: &str, mount: Mounted<'_>, is_itself: bool) -> Option<Fault> {
    let (what, path) = (need.name(), shown(path));
    let (severity, message, help) = match (is_itself, mount.kind) {
        (true, HostType::File) => return None,
        (true, HostType::FileOrCreate) => (
            Severity::Warning,
            format!("the {what} `{path}` is created empty where it is missing"),
            "the server does not start with an empty one: mount it with `type: File`, which says what is missing",
        ),
        (true, HostType::Unset) => (
            Severity::Warning,
            format!("the {what} `{path}` is mounted without a type"),
            "where the file is missing, an empty directory takes its place and the server does not start: mount it with `type: File`",
        ),
        (true, _) => (
            Severity::Error,
            format!("the {what} `{path}` is mounted as a directory"),
            "where the file is missing, an empty directory takes its place and the server does not start: mount it with `type: File`",
        ),
        (false, HostType::File | HostType::FileOrCreate | HostType::Other) => (
            Severity::Error,
            format!("the {what} `{path}` lies below a mount that is no directory"),
            "the server does not find it: mount its directory, or the file itself",
        ),
        (false, _) => return None,
    };
    Some(Fault {
        code: "AE014",
        severity,
        message,
        help,
        is_of_volume: true,
    })
}

fn written(path: &str, mount: Mounted<'_>, is_itself: bool) -> Option<Fault> {
    let shown = shown(path);
    if mount.read_only {
        return Some(of_mount(
            "AE011",
            format!("the log `{shown}` lies in a mount that is read-only"),
            "the server cannot create it: mount its directory with `readOnly: false`",
        ));
    }
    if is_itself {
        let help = if mount.kind == HostType::FileOrCreate {
            "rotation cannot rename a mounted file, and once the log has reached its size nothing more is written: mount the directory with \
             `type: DirectoryOrCreate`"
        } else {
            "before the first start the file may not exist, and `type: File` then keeps the pod from starting; rotation cannot rename a mounted file: \
             mount the directory with `type: DirectoryOrCreate`"
        };
        let message = format!("the log `{shown}` itself is mounted, not its directory");
        return Some(of_mount("AE014", message, help));
    }
    let is_no_directory = matches!(
        mount.kind,
        HostType::File | HostType::FileOrCreate | HostType::Other
    );
    is_no_directory.then(|| Fault {
        is_of_volume: true,
        ..of_mount(
            "AE014",
            format!("the log `{shown}` lies below a mount that is no directory"),
            "the pod does not start with it: mount the log's directory with `type: DirectoryOrCreate`",
        )
    })
}
