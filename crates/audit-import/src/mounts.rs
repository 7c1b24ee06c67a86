//! What the pasted text mounts into the server's container, and whether that is what its flags role.

use std::collections::{HashMap, HashSet};

use audit_policy::Severity;

use crate::found::Found;
use crate::{ImportFinding, say, shown};
use apiserver_config::Settings;
use apiserver_config::paths::components;
use apiserver_config::{FileRole, HostPathType, MountedPath, check_mount};

/// An item of `volumeMounts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VolumeMount {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) read_only: bool,
    pub(crate) sub_path: Option<String>,
    pub(crate) line: usize,
}

/// An item of `volumes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Volume {
    pub(crate) name: String,
    pub(crate) from: From,
    pub(crate) line: usize,
}

/// Where a volume comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum From {
    /// A path of the node.
    Host { path: String, kind: HostPathType },
    /// A directory that goes with the pod.
    Empty,
    /// An object of the API, by its kind of volume.
    Api(String),
    /// Something else.
    Other,
}

/// Mounts of a container that are looked at.
const MAX_MOUNTS: usize = 10_000;

/// A file of the server, and where its flag stands.
struct Needed<'s> {
    role: FileRole,
    path: &'s str,
    line: usize,
}

/// What is wrong with the mounts, for these settings.
pub(crate) fn check(settings: &Settings, found: &Found) -> Vec<ImportFinding> {
    let mut findings = Vec::new();
    let volumes: HashMap<&str, &Volume> = found
        .volumes
        .iter()
        .map(|volume| (volume.name.as_str(), volume))
        .collect();
    let knows_any = found.has_all_mounts || !found.mounts.is_empty();
    if knows_any {
        for needed in needed(settings, found) {
            one(&needed, found, &volumes, &mut findings);
        }
    }
    pairs(settings, found, &volumes, &mut findings);
    findings
}

fn needed<'s>(settings: &'s Settings, found: &Found) -> Vec<Needed<'s>> {
    let line = |name: &str| {
        let flag = format!("--{name}");
        let is_flag = |text: &str| text.replace('_', "-").starts_with(&flag);
        let word = found.words.iter().rfind(|word| is_flag(&word.text));
        word.map_or(1, |word| word.line)
    };
    let log = &settings.log;
    let log_path = if log.is_stdout() { "" } else { &log.path };
    [
        (
            FileRole::Policy,
            settings.policy_path.as_str(),
            "audit-policy-file",
        ),
        (
            FileRole::WebhookConfig,
            settings.webhook.config_path.as_str(),
            "audit-webhook-config-file",
        ),
        (FileRole::Log, log_path, "audit-log-path"),
    ]
    .into_iter()
    .filter(|(_, path, _)| !path.is_empty())
    .map(|(role, path, flag)| Needed {
        role,
        path,
        line: line(flag),
    })
    .collect()
}

/// The mount that decides what lies at a path: the deepest one that it is in.
pub(crate) fn deepest<'m>(path: &str, mounts: &'m [VolumeMount]) -> Option<&'m VolumeMount> {
    let wanted = components(path);
    mounts
        .iter()
        .take(MAX_MOUNTS)
        .filter(|mount| !mount.path.is_empty() && wanted.starts_with(&components(&mount.path)))
        .max_by_key(|mount| components(&mount.path).len())
}

fn one(
    needed: &Needed<'_>,
    found: &Found,
    volumes: &HashMap<&str, &Volume>,
    findings: &mut Vec<ImportFinding>,
) {
    let Needed { role, path, line } = *needed;
    let Some(mount) = deepest(path, &found.mounts) else {
        if found.has_all_mounts
            && let Some(fault) = check_mount(role, path, None)
        {
            findings.push(say(
                fault.code,
                Severity::Error,
                line,
                fault.message,
                fault.help,
            ));
        }
        return;
    };
    let volume = volumes.get(mount.name.as_str()).copied();
    let (host, kind) = match volume.map(|volume| &volume.from) {
        Some(From::Host { path, kind }) => (Some(path.as_str()), *kind),
        Some(from) => {
            foreign(needed, mount, from, found.is_static, findings);
            return;
        }
        // What is not there is said with the pairs; the mount itself can still be wrong.
        None => (None, HostPathType::File),
    };
    if mount.sub_path.is_some() {
        findings.push(sub_path(needed, mount));
    } else {
        let is_whole_file = components(&mount.path) == components(path);
        // A directory at the log's own directory is what the log needs; without a volume nothing is known of it.
        let kind = match (volume, role, is_whole_file) {
            (None, FileRole::Log, _) => HostPathType::DirectoryOrCreate,
            _ => kind,
        };
        let seen = MountedPath {
            path: &mount.path,
            read_only: mount.read_only,
            path_type: kind,
        };
        if let Some(fault) = check_mount(role, path, Some(seen)) {
            let line = if fault.is_of_volume {
                volume.map_or(mount.line, |volume| volume.line)
            } else {
                mount.line
            };
            findings.push(say(
                fault.code,
                fault.severity,
                line,
                fault.message,
                fault.help,
            ));
        }
    }
    findings.extend(writable(needed, mount));
    if let Some(host) = host {
        findings.extend(elsewhere(needed, mount, host));
    }
}

/// A file that the server only reads, in a mount that it could write.
fn writable(needed: &Needed<'_>, mount: &VolumeMount) -> Option<ImportFinding> {
    (needed.role != FileRole::Log && !mount.read_only).then(|| {
        let what = needed.role.name();
        say(
            "AE011",
            Severity::Info,
            mount.line,
            format!("the {what} `{}` is mounted writable", shown(needed.path)),
            "the server only reads it: `readOnly: true`",
        )
    })
}

/// A volume that is no path of the node.
fn foreign(
    needed: &Needed<'_>,
    mount: &VolumeMount,
    from: &From,
    is_static: bool,
    findings: &mut Vec<ImportFinding>,
) {
    let what = needed.role.name();
    let path = shown(needed.path);
    match from {
        From::Api(kind) if is_static => findings.push(say(
            "AE021",
            Severity::Error,
            mount.line,
            format!("the {what} `{path}` comes from a volume of kind `{}`, which a static pod cannot have", shown(kind)),
            "the kubelet refuses static pods that refer to objects of the API: lay the file on the node and mount it with `hostPath`",
        )),
        From::Api(kind) if needed.role == FileRole::Log => findings.push(say(
            "AE021",
            Severity::Error,
            mount.line,
            format!("the log `{path}` lies in a volume of kind `{}`, which is read-only", shown(kind)),
            "the server cannot create it: mount a directory of the node with `hostPath`",
        )),
        From::Empty if needed.role == FileRole::Log => findings.push(say(
            "AE021",
            Severity::Warning,
            mount.line,
            format!("the log `{path}` lies in an `emptyDir`"),
            "the log is gone with the pod, at each change of the manifest too: mount a directory of the node with `hostPath`",
        )),
        From::Empty => findings.push(say(
            "AE021",
            Severity::Error,
            mount.line,
            format!("the {what} `{path}` lies in an `emptyDir`, which is empty when the server starts"),
            "the server does not start without it: lay the file on the node and mount it with `hostPath`",
        )),
        From::Api(_) | From::Other | From::Host { .. } => {}
    }
}

fn sub_path(needed: &Needed<'_>, mount: &VolumeMount) -> ImportFinding {
    let path = shown(needed.path);
    let is_file = components(&mount.path) == components(needed.path);
    if needed.role == FileRole::Log && is_file {
        return say(
            "AE021",
            Severity::Error,
            mount.line,
            format!("the log `{path}` itself is mounted, by `subPath`"),
            "rotation cannot rename a mounted file, and where it is missing a directory takes its place: mount the log's directory",
        );
    }
    say(
        "AE021",
        Severity::Warning,
        mount.line,
        format!(
            "the {} `{path}` is mounted by `subPath`",
            needed.role.name()
        ),
        "where nothing lies there an empty directory is made, and a file that is replaced on the node stays the old one until the pod is made anew: \
         mount the path itself",
    )
}

/// A file that lies elsewhere on the node than its flag says.
fn elsewhere(needed: &Needed<'_>, mount: &VolumeMount, host: &str) -> Option<ImportFinding> {
    let (inner, outer) = (components(&mount.path), components(host));
    let sub: Vec<&str> = mount
        .sub_path
        .as_deref()
        .map(components)
        .unwrap_or_default();
    let file = components(needed.path);
    let rest = file.get(inner.len()..).unwrap_or_default();
    let on_node = [outer.as_slice(), &sub, rest].concat();
    (on_node != file).then(|| {
        say(
            "AE024",
            Severity::Info,
            mount.line,
            format!(
                "the {} `{}` is `/{}` on the node",
                needed.role.name(),
                shown(needed.path),
                shown(&on_node.join("/"))
            ),
            "the flag says where the container sees it; on the node it must lie where the volume says",
        )
    })
}

/// Mounts and volumes about auditing of which the other half is missing.
fn pairs(
    settings: &Settings,
    found: &Found,
    volumes: &HashMap<&str, &Volume>,
    findings: &mut Vec<ImportFinding>,
) {
    let files = [
        components(&settings.policy_path),
        components(&settings.webhook.config_path),
        components(&settings.log.path),
    ];
    let is_ours = |name: &str, path: &str| {
        let path = components(path);
        name.contains("audit")
            || path.iter().any(|part| part.contains("audit"))
            || (!path.is_empty() && files.iter().any(|file| file.starts_with(&path)))
    };
    let mounted: HashSet<&str> = found
        .mounts
        .iter()
        .map(|mount| mount.name.as_str())
        .collect();
    if found.has_all_volumes || !found.volumes.is_empty() {
        for mount in &found.mounts {
            if is_ours(&mount.name, &mount.path) && !volumes.contains_key(mount.name.as_str()) {
                findings.push(say(
                    "AE020",
                    Severity::Error,
                    mount.line,
                    format!(
                        "no volume has the name `{}` that this mount asks for",
                        shown(&mount.name)
                    ),
                    "a pod with such a mount is refused: add the volume, or correct the name",
                ));
            }
        }
    }
    if found.has_all_mounts || !found.mounts.is_empty() {
        for volume in &found.volumes {
            let path = match &volume.from {
                From::Host { path, .. } => path.as_str(),
                _ => "",
            };
            if is_ours(&volume.name, path) && !mounted.contains(volume.name.as_str()) {
                findings.push(say(
                    "AE020",
                    Severity::Warning,
                    volume.line,
                    format!(
                        "the volume `{}` is not mounted into the server",
                        shown(&volume.name)
                    ),
                    "the container does not see it: add it to `volumeMounts` of the container",
                ));
            }
        }
    }
}
