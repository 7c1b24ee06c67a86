//! kube-apiserver's audit settings and, by version, the defaults of its flags.

mod backend;
mod log;
mod webhook;

use audit_policy::KubernetesVersion;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use backend::{Batch, Format, Mode, Truncate};
pub use log::LogBackend;
pub use webhook::{WebhookAuth, WebhookBackend};

/// Audit settings of one kube-apiserver, and the policy that they refer to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Settings {
    /// Kubernetes version that defaults and checks follow. Serialized as `1.36`.
    #[serde(serialize_with = "write_version", deserialize_with = "read_version")]
    pub version: KubernetesVersion,
    /// Text of the policy, exported unchanged.
    pub policy: String,
    /// Path of the policy file, the same on the node and in the container. If empty, the server has no policy and records nothing.
    pub policy_path: String,
    /// `true` if flags with the version's default value are written too.
    pub include_defaults: bool,
    /// The log backend.
    pub log: LogBackend,
    /// The webhook backend; off without a configuration file.
    pub webhook: WebhookBackend,
}

impl Settings {
    /// Creates settings for a policy, with the paths of the Kubernetes documentation.
    pub fn new(policy: impl Into<String>) -> Self {
        Self {
            policy: policy.into(),
            ..Self::default()
        }
    }

    /// Returns the settings of a server without audit flags: nothing is recorded, and everything else is the version's default.
    pub fn server_default(version: KubernetesVersion) -> Self {
        Self {
            version,
            policy_path: String::new(),
            log: LogBackend::server_default(version),
            webhook: WebhookBackend::server_default(version),
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
    fn absent_settings_get_defaults_and_unknown_ones_are_rejected() {
        assert_eq!(
            serde_json::from_str::<Settings>("{}").unwrap(),
            Settings::default()
        );
        let error = serde_json::from_str::<Settings>(r#"{"log":{"maxAge":1}}"#).unwrap_err();
        assert!(error.to_string().contains("`maxAge`"), "{error}");
    }

    #[test]
    fn files_of_size_0_are_rotated_before_1_36_only() {
        let newest = KubernetesVersion::NEWEST;
        let before = KubernetesVersion::from_minor(35).unwrap();
        for (size, version, rotates_at) in [
            (10, newest, Some(10)),
            (0, newest, None),
            (0, before, Some(100)),
        ] {
            let log = LogBackend {
                max_size_mb: size,
                ..LogBackend::default()
            };
            assert_eq!(
                log.rotates_at_mb(version),
                rotates_at,
                "{size} on {version}"
            );
        }
    }
}
