//! What the server's files need mounted: a mount that serves a file stays, one of ours that does not is mended, what is missing is added.

use audit_policy::document::Node;

use super::fields::{Value, add, key, set};
use super::list;
use super::sheet::Sheet;
use super::{Manifest, PatchError};
use crate::found::{Found, Lines};
use crate::mounts::{From, Volume, VolumeMount, deepest};
use crate::{Source, pod, shown};
use apiserver_config::Settings;
use apiserver_config::paths::components;
use apiserver_config::{FileRole, HostPathType, Mount};

/// The pod's mounts and volumes, and what is to be added.
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
    sheet: &mut Sheet,
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
            "this is a container, not a pod: its volumes have no place here",
            "paste the whole manifest of kube-apiserver",
        ));
    };
    let mut pod = read(*manifest, spec, lines);
    for mount in &wanted {
        let (need, path) = match mount.name {
            "audit-policy" => (FileRole::Policy, &settings.policy_path),
            "audit-webhook" => (FileRole::WebhookConfig, &settings.webhook.config_path),
            _ => (FileRole::Log, &settings.log.path),
        };
        pod.serve(sheet, need, path, mount)?;
    }
    let mounts: Vec<Vec<(&str, Value)>> = pod.new_mounts.iter().map(NewMount::fields).collect();
    let volumes: Vec<Vec<(&str, Value)>> = pod.new_volumes.iter().map(NewVolume::fields).collect();
    let container = manifest.server.container;
    add(sheet, manifest, container, "volumeMounts", &mounts)?;
    add(sheet, manifest, spec, "volumes", &volumes)
}

fn read<'d>(manifest: Manifest<'d>, spec: Node<'d>, lines: &Lines<'_>) -> Pod<'d> {
    let list = |node: Node<'d>, name: &str| {
        node.get(name)
            .into_iter()
            .flat_map(Node::items)
            .collect::<Vec<_>>()
    };
    let mount_nodes = list(manifest.server.container, "volumeMounts");
    let volume_nodes = list(spec, "volumes");
    let mut found = Found::new(Source::Manifest);
    let volumes = volume_nodes.iter().map(|node| Volume {
        name: pod::text_of(*node, "name"),
        from: pod::volume_source(*node, lines, &mut found),
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

/// What a mount does for a file.
enum Verdict {
    Serves,
    /// Another one, deeper, is needed.
    Deeper,
    Mend,
}

impl Pod<'_> {
    fn serve(
        &mut self,
        sheet: &mut Sheet,
        need: FileRole,
        file: &str,
        wanted: &Mount,
    ) -> Result<(), PatchError> {
        let place = deepest(file, &self.mounts)
            .and_then(|mount| self.mounts.iter().position(|other| other == mount));
        let Some(place) = place else {
            self.add(wanted);
            return Ok(());
        };
        let volume = self.mounts.get(place).and_then(|mount| {
            self.volumes
                .iter()
                .position(|volume| volume.name == mount.name)
        });
        match self.verdict(need, file, wanted, place, volume) {
            Verdict::Serves => Ok(()),
            Verdict::Deeper => {
                self.add(wanted);
                Ok(())
            }
            Verdict::Mend => self.mend(sheet, need, wanted, place, volume),
        }
    }

    fn verdict(
        &self,
        need: FileRole,
        file: &str,
        wanted: &Mount,
        place: usize,
        volume: Option<usize>,
    ) -> Verdict {
        let Some(mount) = self.mounts.get(place) else {
            return Verdict::Deeper;
        };
        let is_ours = components(&mount.path) == components(&wanted.path);
        let is_file = components(&mount.path) == components(file);
        let kind = match volume
            .and_then(|volume| self.volumes.get(volume))
            .map(|volume| &volume.from)
        {
            Some(From::Host { kind, .. }) => *kind,
            Some(From::Other) => return Verdict::Serves,
            Some(From::Empty | From::Api(_)) | None => {
                return if is_ours || is_file || volume.is_none() {
                    Verdict::Mend
                } else {
                    Verdict::Deeper
                };
            }
        };
        let is_no_directory = kind.is_not_directory();
        let is_right = match need {
            FileRole::Log if mount.sub_path.is_some() => !is_file && !mount.read_only,
            FileRole::Log => !is_file && !mount.read_only && !is_no_directory,
            _ if mount.sub_path.is_some() => true,
            _ if is_file => kind == HostPathType::File && mount.read_only,
            _ => !is_no_directory,
        };
        match is_right {
            true => Verdict::Serves,
            false if is_ours || is_file => Verdict::Mend,
            false => Verdict::Deeper,
        }
    }

    /// Makes a mount, and the volume that it is of, what the file needs.
    fn mend(
        &mut self,
        sheet: &mut Sheet,
        need: FileRole,
        wanted: &Mount,
        place: usize,
        volume: Option<usize>,
    ) -> Result<(), PatchError> {
        let (Some(mount), Some(node)) = (self.mounts.get(place), self.mount_nodes.get(place))
        else {
            return Ok(());
        };
        let (mount, node) = (mount.clone(), *node);
        let is_json = self.manifest.is_json;
        let moves = need == FileRole::Log && components(&mount.path) != components(&wanted.path);
        if moves && mount.sub_path.is_some() {
            return Err(PatchError::new(
                Some(mount.line),
                format!(
                    "the log `{}` itself is mounted by `subPath`",
                    shown(&mount.path)
                ),
                "mount the log's directory without `subPath`",
            ));
        }
        list::own(sheet, node, self.manifest.server.container)?;
        if mount.read_only != wanted.read_only && mount.sub_path.is_none() {
            set(
                sheet,
                node,
                "readOnly",
                Value::Bool(wanted.read_only),
                is_json,
            )?;
        }
        if moves {
            set(
                sheet,
                node,
                "mountPath",
                Value::Text(wanted.path.clone()),
                is_json,
            )?;
        }
        let Some((place, volume)) = volume.and_then(|at| Some((at, self.volumes.get(at)?.clone())))
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
        let Some(node) = self.volume_nodes.get(place).copied() else {
            return Ok(());
        };
        list::own(sheet, node, self.spec)?;
        self.mend_volume(sheet, node, &volume, wanted, moves)
    }

    fn mend_volume(
        &self,
        sheet: &mut Sheet,
        node: Node<'_>,
        volume: &Volume,
        wanted: &Mount,
        moves: bool,
    ) -> Result<(), PatchError> {
        let is_json = self.manifest.is_json;
        let is_right = match (&volume.from, wanted.path_type) {
            (From::Host { kind, .. }, HostPathType::File) => *kind == HostPathType::File,
            (From::Host { kind, .. }, HostPathType::DirectoryOrCreate) => matches!(
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
                    "the volume `{}` is mounted in more than one place",
                    shown(&volume.name)
                ),
                "give the audit files a volume of their own, of kind `hostPath`",
            ));
        }
        let (From::Host { path, .. }, Some(host)) = (&volume.from, node.get("hostPath")) else {
            return self.make_host(sheet, node, wanted, volume.line);
        };
        list::own(sheet, host, node)?;
        if moves {
            set(sheet, host, "path", Value::Text(directory(path)), is_json)?;
        }
        let name = wanted.path_type.name();
        set(sheet, host, "type", Value::Name(name.into()), is_json)
    }

    /// Makes a path of the node of a volume that is none.
    fn make_host(
        &self,
        sheet: &mut Sheet,
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
                "this volume has no source that is known",
                "make it a `hostPath`",
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
        sheet.replace(field.key.to(field.value.span()), text);
        Ok(())
    }

    /// Adds a mount and its volume, with a name that is free.
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
        // Of so many names one is free; each that is not costs a look at all.
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

/// The directory of a file.
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
