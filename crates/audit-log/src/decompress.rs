//! Packed logs: gzip, as the server packs rotated files (`--audit-log-compress`), and zstd. And logs saved as UTF-16, packed or not.
//!
//! Bytes in any pieces in, bytes in pieces out; no more than a window of them is held. Several members or frames, one after another,
//! are one log.

use std::fmt;
use std::io::{self, Read, Write};

use flate2::write::MultiGzDecoder;
use ruzstd::decoding::FrameDecoder;

use crate::utf16;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// Not packed, but not UTF-8 either.
    Utf16,
}

impl Compression {
    /// By the first four bytes of a file; none where it is not packed so.
    pub fn detect(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"\x1f\x8b") {
            Some(Self::Gzip)
        } else if head.starts_with(ZSTD_MAGIC) {
            Some(Self::Zstd)
        } else {
            utf16::order(head).map(|_| Self::Utf16)
        }
    }

    /// The name of the format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Utf16 => "UTF-16",
        }
    }
}

const ZSTD_MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";

/// Why a packed file cannot be unpacked further; what came out before holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecompressError {
    compression: Compression,
    /// Bytes of the packed file that were taken before.
    pub offset: u64,
    reason: String,
}

impl fmt::Display for DecompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the {} file is damaged or cut off after {} bytes ({}): what came before is kept",
            self.compression.name(),
            self.offset,
            self.reason
        )
    }
}

impl std::error::Error for DecompressError {}

/// Unpacks one file.
///
/// ```
/// use audit_log::decompress::{Compression, Decompressor};
///
/// // The gzip format's way to say "hi" without packing it.
/// let packed = [
///     0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, // header
///     1, 2, 0, 253, 255, b'h', b'i', // one stored block
///     0xac, 0x2a, 0x93, 0xd8, 2, 0, 0, 0, // checksum and length
/// ];
/// let mut decompressor = Decompressor::new(Compression::detect(&compressed).unwrap());
/// let mut text = Vec::new();
/// decompressor.push(&compressed, &mut |bytes| text.extend_from_slice(bytes)).unwrap();
/// decompressor.finish(&mut |bytes| text.extend_from_slice(bytes)).unwrap();
/// assert_eq!(text, b"hi");
/// ```
pub struct Decompressor {
    compression: Compression,
    taken: u64,
    kind: DecoderState,
    text: TextDecoder,
}

enum DecoderState {
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zstd(Box<Zstd>),
    /// Not packed.
    Plain,
    /// Something was wrong; nothing more comes.
    Failed,
}

impl fmt::Debug for Decompressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decompressor")
            .field("compression", &self.compression)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

/// So much is unpacked at a time: gzip makes at most about a thousand times as much of it.
const STEP_BYTES: usize = 16 << 10;

/// The largest window of a zstd frame: what `zstd --long` asks for.
const MAX_WINDOW_BYTES: u64 = 128 << 20;

impl Decompressor {
    /// At the start of a file.
    pub fn new(compression: Compression) -> Self {
        let kind = match compression {
            Compression::Gzip => DecoderState::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Compression::Zstd => DecoderState::Zstd(Box::default()),
            Compression::Utf16 => DecoderState::Plain,
        };
        Self {
            compression,
            taken: 0,
            kind,
            text: TextDecoder::default(),
        }
    }

    /// Takes the next bytes of the packed file.
    ///
    /// # Errors
    /// Where the file is damaged; nothing comes of it any more.
    pub fn push(
        &mut self,
        bytes: &[u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), DecompressError> {
        let Self { kind, text, .. } = self;
        for step in bytes.chunks(STEP_BYTES) {
            let mut out = |bytes: &[u8]| text.push(bytes, out);
            let result = match kind {
                DecoderState::Gzip(decoder) => gunzip(decoder, step, &mut out),
                DecoderState::Zstd(zstd) => zstd.push(step, &mut out),
                DecoderState::Plain => {
                    out(step);
                    Ok(())
                }
                DecoderState::Failed => return Ok(()),
            };
            if let Err(reason) = result {
                // What came out before the damage is given out whole.
                return Err(self.fail(reason));
            }
            self.taken += step.len() as u64;
        }
        Ok(())
    }

    /// Says that the packed file has ended.
    ///
    /// # Errors
    /// Where it ends too early.
    pub fn finish(mut self, out: &mut impl FnMut(&[u8])) -> Result<(), DecompressError> {
        let Self { kind, text, .. } = &mut self;
        let mut decompressed = |bytes: &[u8]| text.push(bytes, out);
        let result = match kind {
            DecoderState::Gzip(decoder) => {
                let result = decoder.try_finish();
                decompressed(decoder.get_ref());
                result.map_err(|error| describe(&error))
            }
            DecoderState::Zstd(zstd) => zstd.finish(&mut decompressed),
            DecoderState::Plain | DecoderState::Failed => Ok(()),
        };
        let is_failed = matches!(kind, DecoderState::Failed);
        let is_whole = text.finish(out);
        result
            .and_then(|()| {
                let is_cut = !is_whole && !is_failed;
                if is_cut {
                    Err(TOO_EARLY.to_owned())
                } else {
                    Ok(())
                }
            })
            .map_err(|reason| self.fail(reason))
    }

    fn fail(&mut self, reason: String) -> DecompressError {
        self.kind = DecoderState::Failed;
        DecompressError {
            compression: self.compression,
            offset: self.taken,
            reason,
        }
    }
}

const TOO_EARLY: &str = "it ends too early";

/// What comes out, as UTF-8.
#[derive(Debug, Default)]
struct TextDecoder {
    /// The first bytes, until they tell.
    head: Vec<u8>,
    is_detected: bool,
    utf16: Option<utf16::Decoder>,
}

/// So many bytes tell.
const HEAD_BYTES: usize = 4;

impl TextDecoder {
    fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        if self.is_detected {
            return self.give(bytes, out);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() >= HEAD_BYTES {
            self.detect(out);
        }
    }

    fn detect(&mut self, out: &mut impl FnMut(&[u8])) {
        self.is_detected = true;
        let head = std::mem::take(&mut self.head);
        self.utf16 = utf16::order(&head).map(utf16::Decoder::new);
        if !head.is_empty() {
            self.give(&head, out);
        }
    }

    fn give(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        match &mut self.utf16 {
            Some(decoder) => decoder.push(bytes, out),
            None => out(bytes),
        }
    }

    /// Gives out what is left; false where it ends inside a character.
    fn finish(&mut self, out: &mut impl FnMut(&[u8])) -> bool {
        if !self.is_detected {
            self.detect(out);
        }
        self.utf16
            .as_mut()
            .is_none_or(|decoder| decoder.finish(out))
    }
}

fn describe(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        TOO_EARLY.to_owned()
    } else {
        error.to_string()
    }
}

fn gunzip(
    decoder: &mut MultiGzDecoder<Vec<u8>>,
    bytes: &[u8],
    out: &mut impl FnMut(&[u8]),
) -> Result<(), String> {
    let written = decoder.write_all(bytes).and_then(|()| decoder.flush());
    if written.is_err() {
        // What came out before the damage is still in its buffer; that it does not end well is known.
        let _ = decoder.try_finish();
    }
    let text = decoder.get_mut();
    if !text.is_empty() {
        out(text);
        text.clear();
    }
    written.map_err(|error| describe(&error))
}

/// A zstd file: frames, one after another, some of which may be for other programs.
struct Zstd {
    decoder: FrameDecoder,
    /// What was not taken yet: less than a block.
    string_with_placeholders: Vec<u8>,
    target: Vec<u8>,
    at: ZstdState,
}

/// What comes next in a zstd file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ZstdState {
    Frame,
    Block,
    Checksum,
    /// So many bytes for other programs.
    Skip(usize),
}

impl Default for Zstd {
    fn default() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW_BYTES);
        Self {
            decoder,
            string_with_placeholders: Vec::new(),
            target: vec![0; 128 << 10],
            at: ZstdState::Frame,
        }
    }
}

/// A frame's header has at most so many bytes.
const MAX_HEADER_BYTES: usize = 18;

impl Zstd {
    fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) -> Result<(), String> {
        let mut string_with_placeholders = std::mem::take(&mut self.string_with_placeholders);
        string_with_placeholders.extend_from_slice(bytes);
        let taken = self.take(&string_with_placeholders, false, out);
        if taken.is_err() {
            self.give_up(out);
        }
        string_with_placeholders.drain(..*taken.as_ref().unwrap_or(&0));
        self.string_with_placeholders = string_with_placeholders;
        taken.map(|_| ())
    }

    fn finish(&mut self, out: &mut impl FnMut(&[u8])) -> Result<(), String> {
        let string_with_placeholders = std::mem::take(&mut self.string_with_placeholders);
        let taken = self.take(&string_with_placeholders, true, out);
        if !matches!(taken, Ok(taken) if taken == string_with_placeholders.len())
            || self.at != ZstdState::Frame
        {
            self.give_up(out);
        }
        if taken? < string_with_placeholders.len() || self.at != ZstdState::Frame {
            return Err(TOO_EARLY.to_owned());
        }
        Ok(())
    }

    /// Gives out what was unpacked and held back: later blocks may refer to it, and none will come.
    fn give_up(&mut self, out: &mut impl FnMut(&[u8])) {
        const LAST_AND_EMPTY: [u8; 3] = [1, 0, 0];
        let mut rest: &[u8] = &LAST_AND_EMPTY;
        while let Ok((_, written)) = self.decoder.decode_from_to(rest, &mut self.target)
            && written > 0
        {
            out(self.target.get(..written).unwrap_or_default());
            rest = &[];
        }
    }

    /// Takes what is whole; how many bytes that is. One block at a time: it may be a thousand times as long when it comes out.
    fn take(
        &mut self,
        bytes: &[u8],
        at_end: bool,
        out: &mut impl FnMut(&[u8]),
    ) -> Result<usize, String> {
        let mut taken = 0;
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            let length = match self.at {
                ZstdState::Skip(length) => length.min(rest.len()),
                ZstdState::Checksum => CHECKSUM_BYTES,
                ZstdState::Block => match block_length(rest) {
                    Some(length) => length,
                    None => break,
                },
                ZstdState::Frame if rest.len() < MAX_HEADER_BYTES && !at_end => break,
                ZstdState::Frame => MAX_HEADER_BYTES.min(rest.len()),
            };
            let Some(piece) = rest.get(..length) else {
                break;
            };
            taken += match self.at {
                ZstdState::Frame => self.begin(piece)?,
                ZstdState::Skip(left) => {
                    self.at = if left > length {
                        ZstdState::Skip(left - length)
                    } else {
                        ZstdState::Frame
                    };
                    length
                }
                ZstdState::Block | ZstdState::Checksum => {
                    self.decode(piece, out)?;
                    length
                }
            };
        }
        Ok(taken)
    }

    /// Begins a frame; how many bytes of these are its header.
    fn begin(&mut self, bytes: &[u8]) -> Result<usize, String> {
        if let Some(length) = skippable(bytes) {
            self.at = ZstdState::Skip(length);
            return Ok(0);
        }
        let mut source = bytes;
        self.decoder
            .reset(&mut source)
            .map_err(|error| error.to_string())?;
        self.at = ZstdState::Block;
        Ok(bytes.len() - source.len())
    }

    /// Takes a block, or the checksum behind the last.
    fn decode(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) -> Result<(), String> {
        let decoded = self.decoder.decode_from_to(bytes, &mut self.target);
        let (_, mut written) = decoded.map_err(|error| error.to_string())?;
        while written > 0 {
            out(self.target.get(..written).unwrap_or_default());
            written = self
                .decoder
                .read(&mut self.target)
                .map_err(|error| error.to_string())?;
        }
        let was_last =
            self.at == ZstdState::Block && bytes.first().is_some_and(|byte| byte & 1 == 1);
        if self.decoder.is_finished() {
            self.at = ZstdState::Frame;
        } else if was_last {
            self.at = ZstdState::Checksum;
        }
        Ok(())
    }
}

const CHECKSUM_BYTES: usize = 4;

/// The length of a block with its header; none where that is not whole.
fn block_length(bytes: &[u8]) -> Option<usize> {
    let [low, middle, high, ..] = bytes else {
        return None;
    };
    let header = u32::from_le_bytes([*low, *middle, *high, 0]);
    let is_run = header >> 1 & 3 == 1;
    let content = if is_run { 1 } else { header >> 3 };
    Some(3 + content as usize)
}

/// The length of a frame that holds nothing for us, its header included; none for other frames.
fn skippable(bytes: &[u8]) -> Option<usize> {
    let (header, _) = bytes.split_at_checked(8)?;
    let (magic, length) = header.split_at(4);
    let is_skippable = matches!(magic, [0x50..=0x5f, 0x2a, 0x4d, 0x18]);
    let length = u32::from_le_bytes(length.try_into().ok()?);
    is_skippable.then_some(length as usize + 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::write::GzEncoder;

    fn decompressed(compressed: &[u8], piece: usize) -> (Vec<u8>, Option<DecompressError>) {
        let mut text = Vec::new();
        let mut decompressor = Decompressor::new(Compression::detect(compressed).unwrap());
        let mut error = None;
        for bytes in compressed.chunks(piece) {
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
    fn packed_files_come_out_whole_in_pieces_of_any_size() {
        let text = text();
        for pack in [gzip, zstd] {
            let (one, two) = text.split_at(100_000);
            let several = [pack(one), pack(b""), pack(two)].concat();
            for compressed in [pack(&text), several] {
                for piece in [1, 7, 1000, 1 << 20] {
                    let (found, error) = decompressed(&compressed, piece);
                    assert_eq!(error, None);
                    assert!(found == text, "in pieces of {piece}");
                }
            }
        }
    }

    #[test]
    fn a_frame_for_other_programs_is_passed_by() {
        let mut compressed = zstd(b"one\n");
        compressed.extend_from_slice(b"\x5a\x2a\x4d\x18\x03\0\0\0abc");
        compressed.extend(zstd(b"two\n"));
        for piece in [1, 3, 100] {
            assert_eq!(
                decompressed(&compressed, piece),
                (b"one\ntwo\n".to_vec(), None)
            );
        }
    }

    #[test]
    fn what_is_cut_off_or_damaged_keeps_what_came_before() {
        let text = text();
        for pack in [gzip, zstd] {
            let compressed = pack(&text);
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
            // Whatever comes out of it, it comes to an end.
            let _ = decompressed(&damaged, 512);
        }
    }

    /// What a gzip file holds before it is damaged, given out byte by byte.
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
    fn all_that_comes_before_damage_is_given_out() {
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
        // A block of zstd comes out whole or not at all; the first is of 128 KiB here, and the window is longer.
        let compressed = zstd(&text);
        let (found, error) = decompressed(&compressed[..compressed.len() * 2 / 3], 1 << 20);
        assert!(error.is_some());
        assert!(text.starts_with(&found));
        assert!(found.len() >= 128 << 10, "{}", found.len());
    }

    #[test]
    fn utf_16_is_read_packed_or_not() {
        let text = "{\"auditID\":\"é\"}\r\n".repeat(9000);
        let units: Vec<u16> = format!("\u{feff}{text}").encode_utf16().collect();
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        for compressed in [bytes.clone(), gzip(&bytes), zstd(&bytes)] {
            for piece in [1, 1 << 20] {
                let (found, error) = decompressed(&compressed, piece);
                assert_eq!(error, None);
                assert!(found == text.as_bytes());
            }
        }
        assert_eq!(Compression::detect(&bytes), Some(Compression::Utf16));
        let error = decompressed(&bytes[..bytes.len() - 1], 7).1.unwrap();
        assert!(error.to_string().contains("UTF-16"), "{error}");
    }

    #[test]
    fn plain_files_are_not_packed() {
        for head in [&b"{\"ki"[..], b"", b"\x1f", b"\x28\xb5\x2f"] {
            assert_eq!(Compression::detect(head), None);
        }
    }
}
