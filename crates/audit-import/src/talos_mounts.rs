//! Mounts of kube-apiserver in Talos: its own directories, and `extraVolumes`.
//!
//! From Talos' source (`ControlPlaneStaticPodController`). Its volumes have no type.

use apiserver_config::HostPathType;
use apiserver_config::paths::components;
use apiserver_config::platforms::TALOS_DIRECTORIES;
use audit_policy::document::Node;

use crate::kubeadm;
use crate::parsed_input::{Lines, ParsedInput};
use crate::volumes::{Volume, VolumeMount, VolumeSource};

/// Reads all mounts of the server.
pub(crate) fn read(server: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    if let Some(volumes) = server.get("extraVolumes") {
        kubeadm::extra_volumes(volumes, lines, found);
    }
    set_types(found);
    let line = lines.of(server);
    for (path, is_writable) in TALOS_DIRECTORIES {
        let name = format!("talos:{path}");
        found.mounts.push(VolumeMount {
            name: name.clone(),
            path: path.to_owned(),
            read_only: !is_writable,
            sub_path: None,
            line,
        });
        found.volumes.push(Volume {
            name,
            source: VolumeSource::Host {
                path: path.to_owned(),
                kind: HostPathType::DirectoryOrCreate,
            },
            line,
        });
    }
    found.has_all_mounts = true;
    found.has_all_volumes = true;
}

/// Gives each volume the type of what is mounted: Talos cannot say it, so its absence is not a fault.
fn set_types(found: &mut ParsedInput) {
    let files: Vec<Vec<&str>> = found
        .words
        .iter()
        .filter_map(|word| {
            let (name, path) = word.text.split_once('=')?;
            matches!(name, "--audit-policy-file" | "--audit-webhook-config-file").then_some(path)
        })
        .map(components)
        .collect();
    for (mount, volume) in found.mounts.iter().zip(&mut found.volumes) {
        if let VolumeSource::Host { kind, .. } = &mut volume.source
            && *kind == HostPathType::Unset
        {
            let is_file = files.contains(&components(&mount.path));
            *kind = if is_file {
                HostPathType::File
            } else {
                HostPathType::DirectoryOrCreate
            };
        }
    }
}
