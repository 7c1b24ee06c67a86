//! Compressed files, whole, damaged and truncated.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use std::io::Write;

use flate2::write::GzEncoder;

fn decompressed(compressed: &[u8], chunk: usize) -> (Vec<u8>, Option<DecompressError>) {
    let mut text = Vec::new();
    let mut decompressor = Decompressor::new(Compression::detect(compressed).unwrap());
    let mut error = None;
    for bytes in compressed.chunks(chunk) {
        let result = decompressor.push(bytes, &mut |bytes| text.extend_from_slice(bytes));
        error = error.or(result.err());
    }
    let last = decompressor.finish(&mut |bytes| text.extend_from_slice(bytes));
    (text, error.or(last.err()))
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zstd(text: &[u8]) -> Vec<u8> {
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    ruzstd::encoding::compress_to_vec(text, level)
}

fn text() -> Vec<u8> {
    (0..40_000_u32)
        .flat_map(|number| format!("line {}\n", number * number % 977).into_bytes())
        .collect()
}

#[test]
fn compressed_files_are_decompressed_in_chunks_of_any_size() {
    let text = text();
    for compress in [gzip, zstd] {
        let (one, two) = text.split_at(100_000);
        let several = [compress(one), compress(b""), compress(two)].concat();
        for compressed in [compress(&text), several] {
            for chunk in [1, 7, 1000, 1 << 20] {
                let (found, error) = decompressed(&compressed, chunk);
                assert_eq!(error, None);
                assert!(found == text, "in chunks of {chunk}");
            }
        }
    }
}

#[test]
fn skippable_frames_are_skipped() {
    let mut compressed = zstd(b"one\n");
    compressed.extend_from_slice(b"\x5a\x2a\x4d\x18\x03\0\0\0abc");
    compressed.extend(zstd(b"two\n"));
    for chunk in [1, 3, 100] {
        assert_eq!(
            decompressed(&compressed, chunk),
            (b"one\ntwo\n".to_vec(), None)
        );
    }
}

#[test]
fn data_before_damage_is_a_prefix_of_the_original() {
    let text = text();
    for compress in [gzip, zstd] {
        let compressed = compress(&text);
        for cut in [5, compressed.len() / 2, compressed.len() - 1] {
            let (found, error) = decompressed(&compressed[..cut], 512);
            let sentence = error.unwrap().to_string();
            assert!(sentence.contains("damaged or cut off"), "{sentence}");
            assert!(text.starts_with(&found));
        }
        let mut damaged = compressed;
        let middle = damaged.len() / 2;
        for byte in &mut damaged[middle..middle + 40] {
            *byte = !*byte;
        }
        // The output is unspecified, but decompression terminates.
        let _ = decompressed(&damaged, 512);
    }
}

/// Inflates a damaged gzip file byte by byte, up to the damage.
fn gunzipped(compressed: &[u8]) -> Vec<u8> {
    let mut inflater = flate2::Decompress::new(false);
    let mut text = Vec::with_capacity(1 << 20);
    for byte in &compressed[10..] {
        let flush = flate2::FlushDecompress::Sync;
        let result = inflater.decompress_vec(&[*byte], &mut text, flush);
        if !matches!(result, Ok(flate2::Status::Ok | flate2::Status::BufError)) {
            break;
        }
    }
    text
}

#[test]
fn all_data_before_damage_is_emitted() {
    let text = text();
    let compressed = gzip(&text);
    let middle = compressed.len() / 2;
    let mut damaged = compressed.clone();
    damaged[middle..middle + 400].fill(0xff);
    for (broken, least) in [(&compressed[..middle], 30_000), (&damaged, 30_000)] {
        let (found, error) = decompressed(broken, 1 << 20);
        assert!(error.is_some());
        let expected = gunzipped(broken);
        assert!(expected.len() > least, "{}", expected.len());
        assert!(found == expected, "{} of {}", found.len(), expected.len());
    }
    // zstd decodes whole blocks. The first one is 128 KiB here, shorter than the window.
    let compressed = zstd(&text);
    let (found, error) = decompressed(&compressed[..compressed.len() * 2 / 3], 1 << 20);
    assert!(error.is_some());
    assert!(text.starts_with(&found));
    assert!(found.len() >= 128 << 10, "{}", found.len());
}

#[test]
fn utf_16_is_read_compressed_or_not() {
    let text = "{\"auditID\":\"é\"}\r\n".repeat(9000);
    let units: Vec<u16> = format!("\u{feff}{text}").encode_utf16().collect();
    let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    for compressed in [bytes.clone(), gzip(&bytes), zstd(&bytes)] {
        for chunk in [1, 1 << 20] {
            let (found, error) = decompressed(&compressed, chunk);
            assert_eq!(error, None);
            assert!(found == text.as_bytes());
        }
    }
    assert_eq!(Compression::detect(&bytes), Some(Compression::Utf16));
    let error = decompressed(&bytes[..bytes.len() - 1], 7).1.unwrap();
    assert!(error.to_string().contains("UTF-16"), "{error}");
}

#[test]
fn plain_files_are_not_compressed() {
    for head in [&b"{\"ki"[..], b"", b"\x1f", b"\x28\xb5\x2f"] {
        assert_eq!(Compression::detect(head), None);
    }
}
