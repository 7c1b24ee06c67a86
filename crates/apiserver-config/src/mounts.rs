//! Host paths that the server's container needs mounted.

use crate::settings::Settings;

/// `type` of a `hostPath` volume: what the kubelet requires at the path before it starts the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostPathType {
    /// No type: the kubelet checks nothing. The container runtime creates a missing path as an empty directory.
    Unset,
    /// A file, which must exist.
    File,
    /// A file, created empty if it does not exist.
    FileOrCreate,
    /// A directory, which must exist.
    Directory,
    /// A directory, created (0755, root) if it does not exist.
    DirectoryOrCreate,
    /// A UNIX socket, which must exist.
    Socket,
    /// A character device, which must exist.
    CharDevice,
    /// A block device, which must exist.
    BlockDevice,
}

impl HostPathType {
    const ALL: [Self; 8] = [
        Self::Unset,
        Self::File,
        Self::FileOrCreate,
        Self::Directory,
        Self::DirectoryOrCreate,
        Self::Socket,
        Self::CharDevice,
        Self::BlockDevice,
    ];

    /// Value in manifests; empty for [`Unset`](Self::Unset).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unset => "",
            Self::File => "File",
            Self::FileOrCreate => "FileOrCreate",
            Self::Directory => "Directory",
            Self::DirectoryOrCreate => "DirectoryOrCreate",
            Self::Socket => "Socket",
            Self::CharDevice => "CharDevice",
            Self::BlockDevice => "BlockDevice",
        }
    }

    /// Reads the value in manifests, which is case-sensitive. `None` if there is no such type.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns whether something other than a directory is at the path.
    pub const fn is_not_directory(self) -> bool {
        !matches!(
            self,
            Self::Unset | Self::Directory | Self::DirectoryOrCreate
        )
    }
}

/// A path of the node, mounted into the server's container at the same path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Name of the volume.
    pub name: &'static str,
    /// The path, on the node and in the container.
    pub path: String,
    /// `true` if the mount is read-only.
    pub read_only: bool,
    /// Type that the kubelet requires of the path.
    pub path_type: HostPathType,
}

impl Settings {
    /// Mounts that the container needs: the policy file, the webhook's configuration, and the directory of the log (rotation renames files in it, so
    /// mounting the file alone does not work). Standard output needs none.
    pub fn mounts(&self) -> Vec<Mount> {
        let mut mounts = Vec::new();
        if !self.policy_path.is_empty() {
            mounts.push(Mount {
                name: "audit-policy",
                path: self.policy_path.clone(),
                read_only: true,
                path_type: HostPathType::File,
            });
        }
        if self.webhook.is_enabled() {
            mounts.push(Mount {
                name: "audit-webhook",
                path: self.webhook.config_path.clone(),
                read_only: true,
                path_type: HostPathType::File,
            });
        }
        if let Some(directory) = self.log_directory() {
            mounts.push(Mount {
                name: "audit-log",
                path: directory.to_owned(),
                read_only: false,
                path_type: HostPathType::DirectoryOrCreate,
            });
        }
        mounts
    }

    /// Directory of the log. `None` if the log is standard output, another stream or off, or its path has no directory.
    pub fn log_directory(&self) -> Option<&str> {
        if !self.log.is_file() {
            return None;
        }
        let (directory, _) = self.log.path.rsplit_once('/')?;
        Some(match directory.trim_end_matches('/') {
            "" => "/",
            directory => directory,
        })
    }
}
