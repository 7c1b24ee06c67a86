//! Patches mounts and volumes: a mount that works for a file stays, one of ours that does not is fixed, a missing one is added.

use apiserver_config::Settings;
use apiserver_config::paths::components;
use apiserver_config::{FileRole, HostPathType, Mount};
use audit_policy::document::Node;
use audit_types::excerpt::excerpt;

use super::error::PatchError;
use super::fields::{Value, add, key, set};
use super::list;
use super::manifest::Manifest;
use super::text_edits::TextEdits;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput};
use crate::pod;
use crate::volumes::{Volume, VolumeMount, VolumeSource, deepest};

/// The pod's mounts and volumes, and those to add.
struct Pod<'d> {
    manifest: Manifest<'d>,
    spec: Node<'d>,
    mounts: Vec<VolumeMount>,
    mount_nodes: Vec<Node<'d>>,
    volumes: Vec<Volume>,
    volume_nodes: Vec<Node<'d>>,
    new_mounts: Vec<NewMount>,
    new_volumes: Vec<NewVolume>,
}

struct NewMount {
    name: String,
    path: String,
    read_only: bool,
}

struct NewVolume {
    name: String,
    path: String,
    kind: HostPathType,
}

/// Edits the mounts and volumes.
pub(super) fn edit(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    settings: &Settings,
    lines: &Lines<'_>,
) -> Result<(), PatchError> {
    let wanted = settings.mounts();
    if wanted.is_empty() {
        return Ok(());
    }
    let Some(spec) = manifest.server.spec else {
        return Err(PatchError::new(
            None,
            "this is a container, not a pod, so it cannot contain volumes",
            "use the whole manifest of kube-apiserver",
        ));
    };
    let mut pod = read_pod(*manifest, spec, lines);
    for mount in &wanted {
        let (role, path) = match mount.name {
            "audit-policy" => (FileRole::Policy, &settings.policy_path),
            "audit-webhook" => (FileRole::WebhookConfig, &settings.webhook.config_path),
            _ => (FileRole::Log, &settings.log.path),
        };
        pod.ensure_mounted(edits, role, path, mount)?;
    }
    let mounts: Vec<Vec<(&str, Value)>> = pod.new_mounts.iter().map(NewMount::fields).collect();
    let volumes: Vec<Vec<(&str, Value)>> = pod.new_volumes.iter().map(NewVolume::fields).collect();
    let container = manifest.server.container;
    add(edits, manifest, container, "volumeMounts", &mounts)?;
    add(edits, manifest, spec, "volumes", &volumes)
}

/// Reads the pod's mounts and volumes.
fn read_pod<'d>(manifest: Manifest<'d>, spec: Node<'d>, lines: &Lines<'_>) -> Pod<'d> {
    let list = |node: Node<'d>, name: &str| {
        node.get(name)
            .into_iter()
            .flat_map(Node::items)
            .collect::<Vec<_>>()
    };
    let mount_nodes = list(manifest.server.container, "volumeMounts");
    let volume_nodes = list(spec, "volumes");
    let mut found = ParsedInput::new(InputFormat::Manifest);
    let volumes = volume_nodes.iter().map(|node| Volume {
        name: pod::text_of(*node, "name"),
        source: pod::volume_source(*node, lines, &mut found),
        line: lines.of(*node),
    });
    Pod {
        manifest,
        spec,
        mounts: mount_nodes
            .iter()
            .map(|node| pod::volume_mount(*node, lines))
            .collect(),
        volumes: volumes.collect(),
        mount_nodes,
        volume_nodes,
        new_mounts: Vec::new(),
        new_volumes: Vec::new(),
    }
}

/// Result of checking the mount that a file is in.
enum MountFit {
    Works,
    /// The file needs another mount, at a deeper path.
    NeedsDeeper,
    NeedsFix,
}

impl Pod<'_> {
    fn ensure_mounted(
        &mut self,
        edits: &mut TextEdits,
        role: FileRole,
        file: &str,
        wanted: &Mount,
    ) -> Result<(), PatchError> {
        let index = deepest(file, &self.mounts)
            .and_then(|mount| self.mounts.iter().position(|other| other == mount));
        let Some(index) = index else {
            self.add(wanted);
            return Ok(());
        };
        let volume = self.mounts.get(index).and_then(|mount| {
            self.volumes
                .iter()
                .position(|volume| volume.name == mount.name)
        });
        match self.fit(role, file, wanted, index, volume) {
            MountFit::Works => Ok(()),
            MountFit::NeedsDeeper => {
                self.add(wanted);
                Ok(())
            }
            MountFit::NeedsFix => self.fix(edits, role, wanted, index, volume),
        }
    }

    fn fit(
        &self,
        role: FileRole,
        file: &str,
        wanted: &Mount,
        index: usize,
        volume: Option<usize>,
    ) -> MountFit {
        let Some(mount) = self.mounts.get(index) else {
            return MountFit::NeedsDeeper;
        };
        let is_ours = components(&mount.path) == components(&wanted.path);
        let is_file = components(&mount.path) == components(file);
        let kind = match volume
            .and_then(|volume| self.volumes.get(volume))
            .map(|volume| &volume.source)
        {
            Some(VolumeSource::Host { kind, .. }) => *kind,
            Some(VolumeSource::Other) => return MountFit::Works,
            Some(VolumeSource::Empty | VolumeSource::Filled | VolumeSource::Api(_)) | None => {
                return if is_ours || is_file || volume.is_none() {
                    MountFit::NeedsFix
                } else {
                    MountFit::NeedsDeeper
                };
            }
        };
        let is_not_directory = kind.is_not_directory();
        let is_right = match role {
            FileRole::Log if mount.sub_path.is_some() => !is_file && !mount.read_only,
            FileRole::Log => !is_file && !mount.read_only && !is_not_directory,
            _ if mount.sub_path.is_some() => true,
            _ if is_file => kind == HostPathType::File && mount.read_only,
            _ => !is_not_directory,
        };
        match is_right {
            true => MountFit::Works,
            false if is_ours || is_file => MountFit::NeedsFix,
            false => MountFit::NeedsDeeper,
        }
    }

    /// Changes a mount and its volume to what the file needs.
    fn fix(
        &mut self,
        edits: &mut TextEdits,
        role: FileRole,
        wanted: &Mount,
        index: usize,
        volume: Option<usize>,
    ) -> Result<(), PatchError> {
        let (Some(mount), Some(node)) = (self.mounts.get(index), self.mount_nodes.get(index))
        else {
            return Ok(());
        };
        let (mount, node) = (mount.clone(), *node);
        let is_json = self.manifest.is_json;
        let moves = role == FileRole::Log && components(&mount.path) != components(&wanted.path);
        if moves && mount.sub_path.is_some() {
            return Err(PatchError::new(
                Some(mount.line),
                format!(
                    "the log file `{}` is mounted by `subPath`",
                    excerpt(&mount.path)
                ),
                "mount the log's directory without `subPath`",
            ));
        }
        list::check_editable(edits, node, self.manifest.server.container)?;
        if mount.read_only != wanted.read_only && mount.sub_path.is_none() {
            let value = Value::Bool(wanted.read_only);
            set(edits, node, "readOnly", value, is_json)?;
        }
        if moves {
            let value = Value::Text(wanted.path.clone());
            set(edits, node, "mountPath", value, is_json)?;
        }
        let Some((index, volume)) = volume.and_then(|at| Some((at, self.volumes.get(at)?.clone())))
        else {
            self.new_volumes.push(NewVolume {
                name: mount.name,
                path: if moves {
                    wanted.path.clone()
                } else {
                    mount.path
                },
                kind: wanted.path_type,
            });
            return Ok(());
        };
        let Some(node) = self.volume_nodes.get(index).copied() else {
            return Ok(());
        };
        list::check_editable(edits, node, self.spec)?;
        self.fix_volume(edits, node, &volume, wanted, moves)
    }

    fn fix_volume(
        &self,
        edits: &mut TextEdits,
        node: Node<'_>,
        volume: &Volume,
        wanted: &Mount,
        moves: bool,
    ) -> Result<(), PatchError> {
        let is_json = self.manifest.is_json;
        let is_right = match (&volume.source, wanted.path_type) {
            (VolumeSource::Host { kind, .. }, HostPathType::File) => *kind == HostPathType::File,
            (VolumeSource::Host { kind, .. }, HostPathType::DirectoryOrCreate) => matches!(
                kind,
                HostPathType::Unset | HostPathType::Directory | HostPathType::DirectoryOrCreate
            ),
            _ => false,
        };
        if is_right && !moves {
            return Ok(());
        }
        let users = self.mounts.iter().filter(|other| other.name == volume.name);
        if users.count() > 1 {
            return Err(PatchError::new(
                Some(volume.line),
                format!(
                    "the volume `{}` is mounted more than once",
                    excerpt(&volume.name)
                ),
                "use a separate `hostPath` volume for the audit files",
            ));
        }
        let (VolumeSource::Host { path, .. }, Some(host)) = (&volume.source, node.get("hostPath"))
        else {
            return self.set_host_path(edits, node, wanted, volume.line);
        };
        list::check_editable(edits, host, node)?;
        if moves {
            set(edits, host, "path", Value::Text(directory(path)), is_json)?;
        }
        let name = wanted.path_type.name();
        set(edits, host, "type", Value::Name(name.into()), is_json)
    }

    /// Replaces another source of a volume by a path of the node.
    fn set_host_path(
        &self,
        edits: &mut TextEdits,
        node: Node<'_>,
        wanted: &Mount,
        line: usize,
    ) -> Result<(), PatchError> {
        let is_source = |name: &str| {
            [
                "emptyDir",
                "configMap",
                "secret",
                "projected",
                "persistentVolumeClaim",
            ]
            .contains(&name)
        };
        let Some(field) = node.fields().find(|field| is_source(field.name)) else {
            return Err(PatchError::new(
                Some(line),
                "the source of this volume is unknown",
                "change it to a `hostPath` volume",
            ));
        };
        let value = Value::Object(vec![
            ("path", Value::Text(wanted.path.clone())),
            ("type", Value::Name(wanted.path_type.name().into())),
        ]);
        let text = format!(
            "{}: {}",
            key("hostPath", self.manifest.is_json),
            value.flow(self.manifest.is_json)
        );
        edits.replace(field.key.to(field.value.span()), text);
        Ok(())
    }

    /// Adds a mount and its volume, with an unused name.
    fn add(&mut self, wanted: &Mount) {
        if self
            .new_mounts
            .iter()
            .any(|mount| mount.path == wanted.path)
        {
            return;
        }
        let taken = |name: &str| {
            self.volumes.iter().any(|volume| volume.name == name)
                || self.mounts.iter().any(|mount| mount.name == name)
                || self.new_volumes.iter().any(|volume| volume.name == name)
        };
        let mut name = wanted.name.to_owned();
        // Each name that is taken costs a scan of all of them, so the number of tries is limited.
        let mut number = 2;
        while taken(&name) && number < 1_000 {
            name = format!("{}-{number}", wanted.name);
            number += 1;
        }
        self.new_mounts.push(NewMount {
            name: name.clone(),
            path: wanted.path.clone(),
            read_only: wanted.read_only,
        });
        self.new_volumes.push(NewVolume {
            name,
            path: wanted.path.clone(),
            kind: wanted.path_type,
        });
    }
}

/// Returns the directory of a file.
fn directory(path: &str) -> String {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) | None => "/".to_owned(),
        Some((directory, _)) => directory.to_owned(),
    }
}

impl NewMount {
    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("name", Value::name(&self.name)),
            ("mountPath", Value::Text(self.path.clone())),
            ("readOnly", Value::Bool(self.read_only)),
        ]
    }
}

impl NewVolume {
    fn fields(&self) -> Vec<(&'static str, Value)> {
        let host = vec![
            ("path", Value::Text(self.path.clone())),
            ("type", Value::Name(self.kind.name().into())),
        ];
        vec![
            ("name", Value::name(&self.name)),
            ("hostPath", Value::Object(host)),
        ]
    }
}
