//! Settings as YAML: what the container needs mounted, and the documents that say so.

use std::fmt::Write;

use crate::quote::yaml;
use crate::settings::Settings;

/// What the kubelet checks of a host path before it starts the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathType {
    /// The file must exist; without this type a missing one would be created as a directory, and the server would not start.
    File,
    /// A directory, created (0755, root) where it is missing.
    DirectoryOrCreate,
}

impl PathType {
    /// The name in manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::DirectoryOrCreate => "DirectoryOrCreate",
        }
    }
}

/// A path of the node that the server's container needs, mounted at the same path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The volume's name.
    pub name: &'static str,
    /// The path, on the node and in the container.
    pub path: String,
    /// Whether the container may only read it.
    pub read_only: bool,
    /// What must be there.
    pub path_type: PathType,
}

impl Settings {
    /// What the container needs mounted: the policy file, the webhook's configuration, and the directory of the log (rotation renames files in it, so the file
    /// alone would not do). Standard output needs none.
    pub fn mounts(&self) -> Vec<Mount> {
        let mut mounts = Vec::new();
        if !self.policy_path.is_empty() {
            mounts.push(Mount {
                name: "audit-policy",
                path: self.policy_path.clone(),
                read_only: true,
                path_type: PathType::File,
            });
        }
        if self.webhook.is_enabled() {
            mounts.push(Mount {
                name: "audit-webhook",
                path: self.webhook.config_path.clone(),
                read_only: true,
                path_type: PathType::File,
            });
        }
        if let Some(directory) = self.log_directory() {
            mounts.push(Mount {
                name: "audit-log",
                path: directory.to_owned(),
                read_only: false,
                path_type: PathType::DirectoryOrCreate,
            });
        }
        mounts
    }

    /// The directory of the log; none where there is no file, or its path has no directory.
    pub(crate) fn log_directory(&self) -> Option<&str> {
        if self.log.is_stdout() {
            return None;
        }
        let (directory, _) = self.log.path.rsplit_once('/')?;
        Some(match directory.trim_end_matches('/') {
            "" => "/",
            directory => directory,
        })
    }
}

/// The flags as items of a YAML list.
pub(crate) fn arguments(settings: &Settings, indent: &str) -> String {
    settings
        .flags()
        .iter()
        .map(|flag| format!("{indent}- {}\n", yaml(&flag.argument())))
        .collect()
}

/// What to add to the manifest of kube-apiserver's static pod.
pub(crate) fn static_pod(settings: &Settings) -> String {
    let mut out = String::from("spec:\n  containers:\n    - name: kube-apiserver\n");
    out.push_str("      command:\n        - kube-apiserver\n");
    out.push_str("        # beside the flags that are there already\n");
    out.push_str(&arguments(settings, "        "));
    let mounts = settings.mounts();
    if mounts.is_empty() {
        return out;
    }
    out.push_str("      volumeMounts:\n");
    for mount in &mounts {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "        - name: {}\n          mountPath: {}\n          readOnly: {}\n",
            mount.name,
            yaml(&mount.path),
            mount.read_only
        );
    }
    out.push_str("  volumes:\n");
    for mount in &mounts {
        let _ = write!(
            out,
            "    - name: {}\n      hostPath:\n        path: {}\n        type: {}\n",
            mount.name,
            yaml(&mount.path),
            mount.path_type.name()
        );
    }
    out
}

/// A kubeadm ClusterConfiguration, in which `extraArgs` is a list since v1beta4.
pub(crate) fn kubeadm_v1beta4(settings: &Settings) -> String {
    let mut out = String::from(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n",
    );
    let flags = settings.flags();
    out.push_str(if flags.is_empty() {
        "  extraArgs: []\n"
    } else {
        "  extraArgs:\n"
    });
    for flag in flags {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "    - name: {}\n      value: {}\n",
            flag.name,
            yaml(&flag.value)
        );
    }
    let mounts = settings.mounts();
    if !mounts.is_empty() {
        out.push_str("  extraVolumes:\n");
    }
    for mount in mounts {
        let _ = write!(
            out,
            "    - name: {}\n      hostPath: {path}\n      mountPath: {path}\n      readOnly: {}\n      pathType: {}\n",
            mount.name,
            mount.read_only,
            mount.path_type.name(),
            path = yaml(&mount.path),
        );
    }
    out
}
