//! Compression ratio of a log, measured on a sample.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::source::Source;

/// Number of evenly spread parts of the sample.
const SAMPLES: u64 = 4;

/// Size of each part in bytes.
const SAMPLE_BYTES: u64 = 65_536;

/// Result of a measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CompressionSample {
    /// Compressed size divided by the original size, with gzip.
    pub(crate) ratio: f64,
    /// Size of the sample in bytes.
    pub(crate) bytes: usize,
}

/// Compresses a sample of a log. Returns `None` if the log is empty or can no longer be read.
pub(crate) fn measure(source: &Source, length: u64) -> Option<CompressionSample> {
    let opened = source.open()?;
    let each = SAMPLE_BYTES.min(length / SAMPLES);
    let mut sample = Vec::new();
    for index in 0..SAMPLES {
        let middle = length / SAMPLES * index + length / SAMPLES / 2;
        let start = middle.saturating_sub(each / 2);
        sample.extend(opened.read(start, each)?);
    }
    compress(&sample)
}

fn compress(sample: &[u8]) -> Option<CompressionSample> {
    // The server compresses at the default level.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(sample).ok()?;
    let compressed = encoder.finish().ok()?;
    (!sample.is_empty()).then(|| CompressionSample {
        ratio: compressed.len() as f64 / sample.len() as f64,
        bytes: sample.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitive_logs_compress_well_and_empty_ones_are_not_measured() {
        let line = b"{\"kind\":\"Event\",\"level\":\"Metadata\"}\n".repeat(500);
        let sample = measure(&Source::Text(line.clone()), line.len() as u64).unwrap();
        assert!(sample.ratio > 0.0 && sample.ratio < 0.1, "{sample:?}");
        assert_eq!(sample.bytes, line.len() / 4 * 4);
        assert_eq!(measure(&Source::Text(Vec::new()), 0), None);
        assert_eq!(measure(&Source::Text(b"ab".to_vec()), 2), None);
    }
}
