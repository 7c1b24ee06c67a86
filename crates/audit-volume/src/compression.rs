//! Compression of written lines, as measured on a sample.

use serde::Serialize;

/// Compression that a sample of written lines gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compression {
    /// Events of the sample.
    pub sample_events: usize,
    /// Bytes of their lines.
    pub sample_bytes: usize,
    /// Bytes of the same lines as gzip.
    #[serde(rename = "packedBytes")]
    pub compressed_bytes: usize,
    /// Compressed bytes per original byte.
    pub ratio: f64,
}
