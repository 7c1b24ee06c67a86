//! Settings that both backends have.

use serde::{Deserialize, Serialize};

/// API version of events that every known server writes by default.
pub(crate) const API_VERSION: &str = "audit.k8s.io/v1";

/// Format of a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON event per line.
    #[default]
    Json,
    /// The text format, one line per event, without bodies.
    Legacy,
}

impl Format {
    /// Value of the flag.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Legacy => "legacy",
        }
    }
}

/// Mode of a backend: requests may wait for their audit events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Events are queued; a full queue drops the new event.
    Batch,
    /// The request waits for the write; a failed write is only counted.
    Blocking,
    /// As blocking, but a failed write at stage RequestReceived fails the request.
    BlockingStrict,
}

impl Mode {
    /// Value of the flag.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Blocking => "blocking",
            Self::BlockingStrict => "blocking-strict",
        }
    }
}

/// Queue of events in front of a backend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Batch {
    /// Capacity of the queue, in events.
    pub buffer_size: i64,
    /// Maximum number of events per write.
    pub max_size: i64,
    /// Milliseconds after which a batch is written even if it is not full.
    pub max_wait_ms: u64,
    /// `true` if the writes are throttled.
    pub throttle_enable: bool,
    /// Average number of batches per second.
    pub throttle_qps: f32,
    /// Number of batches that may be written at once before throttling starts.
    pub throttle_burst: i64,
}

impl Batch {
    /// Defaults of the log backend: each event is written immediately and on its own.
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

    /// Defaults of the webhook backend: lists of up to 400 events or 30 seconds, ten per second.
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

/// Truncation of large events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Truncate {
    /// `true` if truncation is on.
    pub enabled: bool,
    /// Maximum size of a batch in bytes; larger ones are split.
    pub max_batch_size: i64,
    /// Maximum size of an encoded event in bytes, with its line end; larger ones lose their bodies.
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
