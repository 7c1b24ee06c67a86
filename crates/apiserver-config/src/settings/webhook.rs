//! The backend that sends events to an HTTP server, and the defaults of its flags.

use audit_policy::KubernetesVersion;
use serde::{Deserialize, Deserializer, Serialize};

use super::backend::{API_VERSION, Batch, Mode, Truncate};

/// The backend that sends lists of events to an HTTP server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct WebhookBackend {
    /// Path of a kubeconfig file with the address and the credentials; if empty, the backend is off.
    pub config_path: String,
    /// URL that events are sent to. It is part of the kubeconfig file; there is no flag for it.
    pub server: String,
    /// Credentials of the server; part of the kubeconfig file too.
    pub auth: WebhookAuth,
    /// Mode of sending: requests may wait for the response.
    pub mode: Mode,
    /// Milliseconds before the first retry; each further wait is 1.5 times as long.
    pub initial_backoff_ms: u64,
    /// API version of the events.
    pub api_version: String,
    /// The queue; only used in batch mode.
    #[serde(deserialize_with = "read_batch")]
    pub batch: Batch,
    /// Truncation of large events.
    pub truncate: Truncate,
}

impl Default for WebhookBackend {
    /// Returns the server's defaults: off.
    fn default() -> Self {
        Self::server_default(KubernetesVersion::NEWEST)
    }
}

impl WebhookBackend {
    /// Returns the server's defaults, which are the same in every known version.
    pub fn server_default(_version: KubernetesVersion) -> Self {
        Self {
            config_path: String::new(),
            server: "https://audit.example.com/events".to_owned(),
            auth: WebhookAuth::Token,
            mode: Mode::Batch,
            initial_backoff_ms: 10_000,
            api_version: API_VERSION.to_owned(),
            batch: Batch::webhook_default(),
            truncate: Truncate::default(),
        }
    }

    /// Returns whether the backend is on.
    pub fn is_enabled(&self) -> bool {
        !self.config_path.is_empty()
    }
}

/// Credentials with which kube-apiserver authenticates to the webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookAuth {
    /// A bearer token.
    #[default]
    Token,
    /// A TLS client certificate.
    ClientCertificate,
}

/// A [`Batch`] of which some settings may be absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PartialBatch {
    buffer_size: Option<i64>,
    max_size: Option<i64>,
    max_wait_ms: Option<u64>,
    throttle_enable: Option<bool>,
    throttle_qps: Option<f32>,
    throttle_burst: Option<i64>,
}

/// Reads a queue; absent settings get the webhook's defaults, which differ from the log's.
fn read_batch<'de, D: Deserializer<'de>>(from: D) -> Result<Batch, D::Error> {
    let read = PartialBatch::deserialize(from)?;
    let default = Batch::webhook_default();
    Ok(Batch {
        buffer_size: read.buffer_size.unwrap_or(default.buffer_size),
        max_size: read.max_size.unwrap_or(default.max_size),
        max_wait_ms: read.max_wait_ms.unwrap_or(default.max_wait_ms),
        throttle_enable: read.throttle_enable.unwrap_or(default.throttle_enable),
        throttle_qps: read.throttle_qps.unwrap_or(default.throttle_qps),
        throttle_burst: read.throttle_burst.unwrap_or(default.throttle_burst),
    })
}

#[cfg(test)]
mod tests {
    use crate::settings::{Batch, Settings};

    #[test]
    fn an_absent_webhook_is_off_and_a_partial_queue_gets_the_webhooks_defaults() {
        let old: Settings = serde_json::from_str(r#"{"log":{"path":"-"}}"#).unwrap();
        assert!(!old.webhook.is_enabled() && !old.include_defaults);
        let read: Settings =
            serde_json::from_str(r#"{"webhook":{"configPath":"/w","batch":{"maxSize":7}}}"#)
                .unwrap();
        assert!(read.webhook.is_enabled());
        let expected = Batch {
            max_size: 7,
            ..Batch::webhook_default()
        };
        assert_eq!(read.webhook.batch, expected);
        let text = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), read);
        let error = serde_json::from_str::<Settings>(r#"{"webhook":{"batch":{"size":7}}}"#);
        assert!(error.is_err());
    }
}
