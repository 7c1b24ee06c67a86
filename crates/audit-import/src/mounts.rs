//! Checks that the mounts of a pasted text are those that its flags need.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use std::collections::{HashMap, HashSet};

use apiserver_config::Settings;
use apiserver_config::paths::components;
use apiserver_config::{FileRole, HostPathType, MountedPath, check_mount, placeholder};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::finding::{LineFinding, finding};
use crate::input_format::InputFormat;
use crate::parsed_input::ParsedInput;
use crate::volumes::{Volume, VolumeMount, VolumeSource, deepest};

/// A file of the server, and the line of its flag.
struct RequiredFile<'s> {
    role: FileRole,
    path: &'s str,
    line: usize,
}

/// Checks the mounts for these settings.
pub(crate) fn check(settings: &Settings, found: &ParsedInput) -> Vec<LineFinding> {
    let mut findings = Vec::new();
    let volumes: HashMap<&str, &Volume> = found
        .volumes
        .iter()
        .map(|volume| (volume.name.as_str(), volume))
        .collect();
    let knows_any = found.has_all_mounts || !found.mounts.is_empty();
    if knows_any {
        let is_written = |needed: &RequiredFile<'_>| {
            needed.role != FileRole::Log && found.written.iter().any(|file| file == needed.path)
        };
        let files = required_files(settings, found).into_iter();
        for needed in files.filter(|needed| !is_written(needed)) {
            check_file(&needed, found, &volumes, &mut findings);
        }
    }
    check_pairs(settings, found, &volumes, &mut findings);
    findings
}

fn required_files<'s>(settings: &'s Settings, found: &ParsedInput) -> Vec<RequiredFile<'s>> {
    let line = |name: &str| {
        let flag = format!("--{name}");
        let is_flag = |text: &str| text.replace('_', "-").starts_with(&flag);
        let word = found.words.iter().rfind(|word| is_flag(&word.text));
        word.map_or(1, |word| word.line)
    };
    let log = &settings.log;
    let log_path = if log.is_file() { &log.path } else { "" };
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
    .filter(|(_, path, _)| !path.is_empty() && placeholder(path).is_none())
    .map(|(role, path, flag)| RequiredFile {
        role,
        path,
        line: line(flag),
    })
    .collect()
}

fn check_file(
    needed: &RequiredFile<'_>,
    found: &ParsedInput,
    volumes: &HashMap<&str, &Volume>,
    findings: &mut Vec<LineFinding>,
) {
    let RequiredFile { role, path, .. } = *needed;
    let Some(mount) = deepest(path, &found.mounts) else {
        findings.extend(check_unmounted(needed, found));
        return;
    };
    let volume = volumes.get(mount.name.as_str()).copied();
    let (host, kind) = match volume.map(|volume| &volume.source) {
        Some(VolumeSource::Host { path, kind }) => (Some(path.as_str()), *kind),
        Some(from) => {
            check_volume_source(needed, mount, from, found.is_static, findings);
            return;
        }
        // A missing volume is reported by `check_pairs`; the mount itself can still be wrong.
        None => (None, HostPathType::File),
    };
    if mount.sub_path.is_some() {
        findings.push(check_sub_path(needed, mount));
    } else {
        let is_whole_file = components(&mount.path) == components(path);
        // The log needs a directory at its own directory; without a volume nothing is known about it.
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
            findings.push(finding(
                fault.code,
                fault.severity,
                line,
                fault.message,
                fault.help,
            ));
        }
    }
    findings.extend(check_writable(needed, mount));
    // In Talos, files can only be written below `/var`, so the paths differ as a rule.
    if let Some(host) = host
        && found.format != InputFormat::Talos
    {
        findings.extend(check_node_path(needed, mount, host));
    }
}

/// Reports a file that is in no mount. If the path of a mount is a variable, it may be in that one.
fn check_unmounted(needed: &RequiredFile<'_>, found: &ParsedInput) -> Option<LineFinding> {
    let RequiredFile { role, path, line } = *needed;
    let mut paths = found.mounts.iter().map(|mount| mount.path.as_str());
    if !found.has_all_mounts || paths.any(|path| placeholder(path).is_some()) {
        return None;
    }
    let fault = check_mount(role, path, None)?;
    let help = match found.format {
        InputFormat::Talos => talos_help(role, path),
        _ => fault.help.to_owned(),
    };
    Some(finding(
        fault.code,
        fault.severity,
        line,
        fault.message,
        help,
    ))
}

/// Returns the lines that mount a file in Talos, on one line.
fn talos_help(role: FileRole, path: &str) -> String {
    let directory = path
        .rsplit_once('/')
        .map_or(path, |(directory, _)| directory);
    let (path, read_only) = match role {
        FileRole::Log => (directory, false),
        _ => (path, true),
    };
    let path = excerpt(path);
    format!(
        "Talos only mounts its own log directory `/var/log/audit/kube` and what `extraVolumes` says: add `extraVolumes: [{{hostPath: {path}, mountPath: {path}, readonly: {read_only}}}]` to `cluster.apiServer`"
    )
}

/// Reports a file that the server only reads, in a writable mount.
fn check_writable(needed: &RequiredFile<'_>, mount: &VolumeMount) -> Option<LineFinding> {
    (needed.role != FileRole::Log && !mount.read_only).then(|| {
        let what = needed.role.name();
        finding(
            SettingCode::OutsideMounts,
            Severity::Info,
            mount.line,
            format!("the {what} `{}` is mounted writable", excerpt(needed.path)),
            "the server only reads it: set `readOnly: true`",
        )
    })
}

/// Reports a volume that is not a path of the node.
fn check_volume_source(
    needed: &RequiredFile<'_>,
    mount: &VolumeMount,
    from: &VolumeSource,
    is_static: bool,
    findings: &mut Vec<LineFinding>,
) {
    let what = needed.role.name();
    let path = excerpt(needed.path);
    match from {
        VolumeSource::Api(kind) if is_static => findings.push(finding(
            ImportCode::UnsuitableVolume,
            Severity::Error,
            mount.line,
            format!("the {what} `{path}` is in a `{}` volume, which a static pod cannot have", excerpt(kind)),
            "the kubelet rejects static pods that refer to API objects: put the file on the node and mount it with `hostPath`",
        )),
        VolumeSource::Api(kind) if needed.role == FileRole::Log => findings.push(finding(
            ImportCode::UnsuitableVolume,
            Severity::Error,
            mount.line,
            format!("the log `{path}` is in a `{}` volume, which is read-only", excerpt(kind)),
            "the server cannot create the log: mount a directory of the node with `hostPath`",
        )),
        VolumeSource::Empty | VolumeSource::Filled if needed.role == FileRole::Log => findings.push(finding(
            ImportCode::UnsuitableVolume,
            Severity::Warning,
            mount.line,
            format!("the log `{path}` is in an `emptyDir` volume"),
            "the log is deleted with the pod, also when the manifest changes: mount a directory of the node with `hostPath`",
        )),
        VolumeSource::Empty => findings.push(finding(
            ImportCode::UnsuitableVolume,
            Severity::Error,
            mount.line,
            format!("the {what} `{path}` is in an `emptyDir` volume, which is empty when the server starts"),
            "the server does not start without the file: put it on the node and mount it with `hostPath`",
        )),
        VolumeSource::Api(_)
        | VolumeSource::Filled
        | VolumeSource::Other
        | VolumeSource::Host { .. } => {}
    }
}

fn check_sub_path(needed: &RequiredFile<'_>, mount: &VolumeMount) -> LineFinding {
    let path = excerpt(needed.path);
    let is_file = components(&mount.path) == components(needed.path);
    if needed.role == FileRole::Log && is_file {
        return finding(
            ImportCode::UnsuitableVolume,
            Severity::Error,
            mount.line,
            format!("the log file `{path}` is mounted by `subPath` instead of its directory"),
            "rotation cannot rename a mounted file, and a missing file is created as a directory: mount the log's directory",
        );
    }
    finding(
        ImportCode::UnsuitableVolume,
        Severity::Warning,
        mount.line,
        format!(
            "the {} `{path}` is mounted by `subPath`",
            needed.role.name()
        ),
        "a missing file is created as an empty directory, and a file replaced on the node is not seen until the pod is recreated: \
         mount the path itself",
    )
}

/// Reports a file that has another path on the node than in the container.
fn check_node_path(
    needed: &RequiredFile<'_>,
    mount: &VolumeMount,
    host: &str,
) -> Option<LineFinding> {
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
        finding(
            ImportCode::OtherNodePath,
            Severity::Info,
            mount.line,
            format!(
                "the {} `{}` has the path `/{}` on the node",
                needed.role.name(),
                excerpt(needed.path),
                excerpt(&on_node.join("/"))
            ),
            "the flag has the path in the container; on the node, put the file at the volume's path",
        )
    })
}

/// Reports mounts without a volume and volumes without a mount, if they are about auditing.
fn check_pairs(
    settings: &Settings,
    found: &ParsedInput,
    volumes: &HashMap<&str, &Volume>,
    findings: &mut Vec<LineFinding>,
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
                findings.push(finding(
                    ImportCode::UnpairedMount,
                    Severity::Error,
                    mount.line,
                    format!(
                        "no volume is named `{}`, which this mount refers to",
                        excerpt(&mount.name)
                    ),
                    "the API rejects a pod with such a mount: add the volume, or correct the name",
                ));
            }
        }
    }
    if found.has_all_mounts || !found.mounts.is_empty() {
        for volume in &found.volumes {
            let path = match &volume.source {
                VolumeSource::Host { path, .. } => path.as_str(),
                _ => "",
            };
            if is_ours(&volume.name, path) && !mounted.contains(volume.name.as_str()) {
                findings.push(finding(
                    ImportCode::UnpairedMount,
                    Severity::Warning,
                    volume.line,
                    format!(
                        "the volume `{}` is not mounted into the server",
                        excerpt(&volume.name)
                    ),
                    "the container cannot access it: add it to the container's `volumeMounts`",
                ));
            }
        }
    }
}
