//! How well a log packs: measured on a sample of it.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::source::Source;

/// How many stretches the sample has, evenly spread, and how long each is.
const STRETCHES: u64 = 4;
const STRETCH_BYTES: u64 = 65_536;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Packed {
    /// Bytes that a byte takes once packed with gzip.
    pub(crate) ratio: f64,
    /// The length of the sample.
    pub(crate) bytes: usize,
}

/// Packs a sample of a log; none of one that is empty or can no longer be read.
pub(crate) fn measure(source: &Source, length: u64) -> Option<Packed> {
    let opened = source.open()?;
    let each = STRETCH_BYTES.min(length / STRETCHES);
    let mut sample = Vec::new();
    for stretch in 0..STRETCHES {
        let middle = length / STRETCHES * stretch + length / STRETCHES / 2;
        let start = middle.saturating_sub(each / 2);
        sample.extend(opened.read(start, each)?);
    }
    packed(&sample)
}

fn packed(sample: &[u8]) -> Option<Packed> {
    // As the server packs: at the usual level.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(sample).ok()?;
    let out = encoder.finish().ok()?;
    (!sample.is_empty()).then(|| Packed {
        ratio: out.len() as f64 / sample.len() as f64,
        bytes: sample.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_packs_well_and_what_is_empty_not_at_all() {
        let line = b"{\"kind\":\"Event\",\"level\":\"Metadata\"}\n".repeat(500);
        let packed = measure(&Source::Text(line.clone()), line.len() as u64).unwrap();
        assert!(packed.ratio > 0.0 && packed.ratio < 0.1, "{packed:?}");
        assert_eq!(packed.bytes, line.len() / 4 * 4);
        assert_eq!(measure(&Source::Text(Vec::new()), 0), None);
        assert_eq!(measure(&Source::Text(b"ab".to_vec()), 2), None);
    }
}
