//! The settings of auditing as kube-apiserver has them, and the defaults of its flags by version.

mod webhook;

use audit_policy::KubernetesVersion;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use webhook::{WebhookAuth, WebhookBackend};

/// The API version of events that every known server writes by itself.
pub(crate) const API_VERSION: &str = "audit.k8s.io/v1";

/// Everything that an export is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Settings {
    /// The version whose defaults and checks count. Written as `1.36`.
    #[serde(serialize_with = "write_version", deserialize_with = "read_version")]
    pub version: KubernetesVersion,
    /// The policy's text, carried into the documents unchanged.
    pub policy: String,
    /// Where the policy file lies, on the node and in the container alike. Empty: no policy, and nothing is recorded.
    pub policy_path: String,
    /// Whether flags that equal the version's defaults are written out as well.
    pub include_defaults: bool,
    /// The log backend.
    pub log: LogBackend,
    /// The webhook backend; off unless it has a configuration file.
    pub webhook: WebhookBackend,
}

impl Settings {
    /// Settings for a policy with the usual paths: those of the Kubernetes documentation.
    pub fn new(policy: impl Into<String>) -> Self {
        Self {
            policy: policy.into(),
            ..Self::default()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: KubernetesVersion::NEWEST,
            policy: String::new(),
            policy_path: "/etc/kubernetes/audit/policy.yaml".to_owned(),
            include_defaults: false,
            log: LogBackend::default(),
            webhook: WebhookBackend::default(),
        }
    }
}

/// The backend that writes a file. The numbers are signed because the server's flags are: it refuses negative ones itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LogBackend {
    /// The file that the server writes. `-` is standard output, which is never rotated; empty turns the backend off.
    pub path: String,
    /// Days to keep rotated files; 0 keeps them whatever their age.
    pub max_age_days: i64,
    /// Rotated files to keep; 0 keeps any number.
    pub max_backups: i64,
    /// Size in megabytes (1,048,576 bytes) at which the file is rotated. 0 is 100 before 1.36 and "never" since.
    pub max_size_mb: i64,
    /// Whether rotated files are compressed with gzip.
    pub compress: bool,
    /// What a line looks like.
    pub format: Format,
    /// Whether requests wait for the write.
    pub mode: Mode,
    /// The API version of the events.
    pub api_version: String,
    /// Queueing; counts in batch mode only.
    pub batch: Batch,
    /// Cutting of large events.
    pub truncate: Truncate,
}

impl Default for LogBackend {
    /// The documentation's path, and a retention of 30 days and 10 files of 100 MB.
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
    /// What the server has where no flag is given.
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

    /// Whether the server has this backend at all.
    pub fn is_enabled(&self) -> bool {
        !self.path.is_empty()
    }

    /// Whether lines go to standard output.
    pub fn is_stdout(&self) -> bool {
        self.path == "-"
    }

    /// The size in megabytes at which the file is really rotated; none where it never is.
    pub fn rotates_at_mb(&self, version: KubernetesVersion) -> Option<i64> {
        match self.max_size_mb {
            _ if self.is_stdout() => None,
            0 if version.at_least(36) => None,
            0 => Some(100),
            size => Some(size),
        }
    }

    /// The most that the files take on the disk in megabytes, uncompressed; none where nothing bounds them.
    pub fn disk_ceiling_mb(&self, version: KubernetesVersion) -> Option<i64> {
        let size = self.rotates_at_mb(version)?;
        if self.max_backups < 1 {
            return None;
        }
        self.max_backups.checked_add(1)?.checked_mul(size)
    }
}

/// What a line of the log looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON event a line.
    #[default]
    Json,
    /// The one-line text format without bodies.
    Legacy,
}

impl Format {
    /// The flag's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Legacy => "legacy",
        }
    }
}

/// Whether requests wait for their audit events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Events are queued; a full queue drops the new event.
    Batch,
    /// The request waits for the write; a failed write is only counted.
    Blocking,
    /// As blocking, and a failure at RequestReceived fails the request.
    BlockingStrict,
}

impl Mode {
    /// The flag's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Blocking => "blocking",
            Self::BlockingStrict => "blocking-strict",
        }
    }
}

/// Queueing of events before a backend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Batch {
    /// Events that the queue holds.
    pub buffer_size: i64,
    /// Events in one write.
    pub max_size: i64,
    /// Milliseconds after which a batch is written though it is not full.
    pub max_wait_ms: u64,
    /// Whether the writes are throttled.
    pub throttle_enable: bool,
    /// Batches a second, on average.
    pub throttle_qps: f32,
    /// Batches at once, before throttling begins.
    pub throttle_burst: i64,
}

impl Batch {
    /// The log backend's: every event is written by itself and at once.
    pub const fn log_default() -> Self {
        Self {
            buffer_size: 10_000,
            max_size: 1,
            max_wait_ms: 0,
            throttle_enable: false,
            throttle_qps: 0.0,
            throttle_burst: 0,
        }
    }

    /// The webhook backend's: lists of 400 events or of 30 seconds, ten a second.
    pub const fn webhook_default() -> Self {
        Self {
            buffer_size: 10_000,
            max_size: 400,
            max_wait_ms: 30_000,
            throttle_enable: true,
            throttle_qps: 10.0,
            throttle_burst: 15,
        }
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::log_default()
    }
}

/// Cutting of events that are too large.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Truncate {
    /// Whether it is on.
    pub enabled: bool,
    /// Bytes of a batch before it is split.
    pub max_batch_size: i64,
    /// Bytes of an encoded event, line end included, before its bodies are dropped.
    pub max_event_size: i64,
}

impl Default for Truncate {
    fn default() -> Self {
        Self {
            enabled: false,
            max_batch_size: 10_485_760,
            max_event_size: 102_400,
        }
    }
}

fn write_version<S: Serializer>(version: &KubernetesVersion, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(version)
}

fn read_version<'de, D: Deserializer<'de>>(from: D) -> Result<KubernetesVersion, D::Error> {
    String::deserialize(from)?
        .parse()
        .map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_json() {
        let mut settings = Settings::new("rules: []");
        settings.version = "1.29".parse().unwrap();
        settings.log.mode = Mode::BlockingStrict;
        let text = serde_json::to_string(&settings).unwrap();
        assert!(text.contains(r#""version":"1.29""#), "{text}");
        assert!(text.contains(r#""mode":"blocking-strict""#), "{text}");
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
    }

    #[test]
    fn absent_settings_are_the_usual_ones_and_unknown_ones_are_refused() {
        assert_eq!(
            serde_json::from_str::<Settings>("{}").unwrap(),
            Settings::default()
        );
        let error = serde_json::from_str::<Settings>(r#"{"log":{"maxAge":1}}"#).unwrap_err();
        assert!(error.to_string().contains("`maxAge`"), "{error}");
    }

    #[test]
    fn the_disk_ceiling_is_the_files_kept_and_the_one_being_written() {
        let newest = KubernetesVersion::NEWEST;
        let before = KubernetesVersion::from_minor(35).unwrap();
        for (backups, size, version, ceiling) in [
            (10, 100, newest, Some(1100)),
            (10, 0, newest, None),
            (10, 0, before, Some(1100)),
            (0, 100, newest, None),
            (i64::MAX, 100, newest, None),
        ] {
            let log = LogBackend {
                max_backups: backups,
                max_size_mb: size,
                ..LogBackend::default()
            };
            assert_eq!(
                log.disk_ceiling_mb(version),
                ceiling,
                "{backups} of {size} MB on {version}"
            );
        }
    }
}
