//! The backend that writes a file, and the defaults of its flags.

use audit_policy::KubernetesVersion;
use serde::{Deserialize, Serialize};

use super::backend::{API_VERSION, Batch, Format, Mode, Truncate};

/// The backend that writes a file. Numbers are signed because the server's flags are: it rejects negative ones itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LogBackend {
    /// File that the server writes. `-` is standard output, which is never rotated; if empty, the backend is off.
    pub path: String,
    /// Days to keep rotated files; 0 means no limit.
    pub max_age_days: i64,
    /// Number of rotated files to keep; 0 means no limit.
    pub max_backups: i64,
    /// Size in MiB at which the file is rotated. 0 means 100 before 1.36, and no rotation since.
    pub max_size_mb: i64,
    /// `true` if rotated files are compressed with gzip.
    pub compress: bool,
    /// Format of a line.
    pub format: Format,
    /// Mode of writing: requests may wait for it.
    pub mode: Mode,
    /// API version of the events.
    pub api_version: String,
    /// The queue; only used in batch mode.
    pub batch: Batch,
    /// Truncation of large events.
    pub truncate: Truncate,
}

impl Default for LogBackend {
    /// Returns the log of the Kubernetes documentation: its path, kept for 30 days and in 10 files of 100 MiB.
    fn default() -> Self {
        Self {
            path: "/var/log/kubernetes/audit/audit.log".to_owned(),
            max_age_days: 30,
            max_backups: 10,
            max_size_mb: 100,
            ..Self::server_default(KubernetesVersion::NEWEST)
        }
    }
}

impl LogBackend {
    /// Returns the server's defaults: what applies if no flag is given.
    pub fn server_default(version: KubernetesVersion) -> Self {
        let (max_age_days, max_backups, max_size_mb) = if version.at_least(36) {
            (366, 100, 100)
        } else {
            (0, 0, 0)
        };
        Self {
            path: String::new(),
            max_age_days,
            max_backups,
            max_size_mb,
            compress: false,
            format: Format::Json,
            mode: Mode::Blocking,
            api_version: API_VERSION.to_owned(),
            batch: Batch::log_default(),
            truncate: Truncate::default(),
        }
    }

    /// Returns whether the backend is on.
    pub fn is_enabled(&self) -> bool {
        !self.path.is_empty()
    }

    /// Returns whether lines go to standard output.
    pub fn is_stdout(&self) -> bool {
        self.path == "-"
    }

    /// Returns whether the path is a device or a stream of the process, such as `/dev/stdout`, which the server nevertheless rotates like a file.
    pub(crate) fn is_device(&self) -> bool {
        let path = self.path.as_str();
        let is_stream = path.starts_with("/proc/") && path.contains("/fd/");
        is_stream || (path.starts_with("/dev/") && !path.starts_with("/dev/shm/"))
    }

    /// Returns whether lines go to a file in a directory.
    pub fn is_file(&self) -> bool {
        self.is_enabled() && !self.is_stdout() && !self.is_device()
    }

    /// Size in MiB at which the file is rotated in this version. `None` if it never is.
    pub fn rotates_at_mb(&self, version: KubernetesVersion) -> Option<i64> {
        match self.max_size_mb {
            _ if self.is_stdout() => None,
            0 if version.at_least(36) => None,
            0 => Some(100),
            size => Some(size),
        }
    }
}
