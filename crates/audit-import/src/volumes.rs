//! Volumes of a pod and their mounts in the server's container.

use apiserver_config::HostPathType;
use apiserver_config::paths::components;

/// Maximum number of mounts of a container that are checked.
const MAX_MOUNTS: usize = 10_000;

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
    pub(crate) source: VolumeSource,
    pub(crate) line: usize,
}

/// Source of a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum VolumeSource {
    /// A path of the node (`hostPath`).
    Host { path: String, kind: HostPathType },
    /// An empty directory that is deleted with the pod (`emptyDir`).
    Empty,
    /// As [`Self::Empty`], with contents that an init container of the pod may write.
    Filled,
    /// An object of the API, by the field's name.
    Api(String),
    /// Another source.
    Other,
}

/// Returns the mount that a path is in: the deepest one.
pub(crate) fn deepest<'m>(path: &str, mounts: &'m [VolumeMount]) -> Option<&'m VolumeMount> {
    let wanted = components(path);
    mounts
        .iter()
        .take(MAX_MOUNTS)
        .filter(|mount| !mount.path.is_empty() && wanted.starts_with(&components(&mount.path)))
        .max_by_key(|mount| components(&mount.path).len())
}
