//! Packed logs: gzip, as the server packs rotated files (`--audit-log-compress`), and zstd.
//!
//! Bytes in any pieces in, bytes in pieces out; no more than a window of them is held. Several members or frames, one after another,
//! are one log.

use std::fmt;
use std::io::{self, Read, Write};

use flate2::write::MultiGzDecoder;
use ruzstd::decoding::FrameDecoder;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Packing {
    /// By the first four bytes of a file; none where it is not packed so.
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"\x1f\x8b") {
            Some(Self::Gzip)
        } else if head.starts_with(ZSTD_MAGIC) {
            Some(Self::Zstd)
        } else {
            None
        }
    }

    /// The name of the format.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

const ZSTD_MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";

/// Why a packed file cannot be unpacked further; what came out before holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnpackError {
    packing: Packing,
    /// Bytes of the packed file that were taken before.
    pub offset: u64,
    reason: String,
}

impl fmt::Display for UnpackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the {} file is damaged or cut off after {} bytes ({}): what came before is kept",
            self.packing.name(),
            self.offset,
            self.reason
        )
    }
}

impl std::error::Error for UnpackError {}

/// Unpacks one file.
///
/// ```
/// use audit_log::unpack::{Packing, Unpacker};
///
/// // The gzip format's way to say "hi" without packing it.
/// let packed = [
///     0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, // header
///     1, 2, 0, 253, 255, b'h', b'i', // one stored block
///     0xac, 0x2a, 0x93, 0xd8, 2, 0, 0, 0, // checksum and length
/// ];
/// let mut unpacker = Unpacker::new(Packing::of(&packed).unwrap());
/// let mut text = Vec::new();
/// unpacker.push(&packed, &mut |bytes| text.extend_from_slice(bytes)).unwrap();
/// unpacker.finish(&mut |bytes| text.extend_from_slice(bytes)).unwrap();
/// assert_eq!(text, b"hi");
/// ```
pub struct Unpacker {
    packing: Packing,
    taken: u64,
    kind: Kind,
}

enum Kind {
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zstd(Box<Zstd>),
    /// Something was wrong; nothing more comes.
    Failed,
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacker")
            .field("packing", &self.packing)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

/// So much is unpacked at a time: gzip makes at most about a thousand times as much of it.
const STEP: usize = 16 << 10;

/// The largest window of a zstd frame: what `zstd --long` asks for.
const MAX_WINDOW_BYTES: u64 = 128 << 20;

impl Unpacker {
    /// At the start of a file.
    pub fn new(packing: Packing) -> Self {
        let kind = match packing {
            Packing::Gzip => Kind::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Packing::Zstd => Kind::Zstd(Box::default()),
        };
        Self {
            packing,
            taken: 0,
            kind,
        }
    }

    /// Takes the next bytes of the packed file.
    ///
    /// # Errors
    /// Where the file is damaged; nothing comes of it any more.
    pub fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) -> Result<(), UnpackError> {
        for step in bytes.chunks(STEP) {
            let result = match &mut self.kind {
                Kind::Gzip(decoder) => gunzip(decoder, step, out),
                Kind::Zstd(zstd) => zstd.push(step, out),
                Kind::Failed => return Ok(()),
            };
            result.map_err(|reason| self.fail(reason))?;
            self.taken += step.len() as u64;
        }
        Ok(())
    }

    /// Says that the packed file has ended.
    ///
    /// # Errors
    /// Where it ends too early.
    pub fn finish(mut self, out: &mut impl FnMut(&[u8])) -> Result<(), UnpackError> {
        let result = match &mut self.kind {
            Kind::Gzip(decoder) => {
                let result = decoder.try_finish();
                out(decoder.get_ref());
                result.map_err(|error| spoken(&error))
            }
            Kind::Zstd(zstd) => zstd.finish(out),
            Kind::Failed => Ok(()),
        };
        result.map_err(|reason| self.fail(reason))
    }

    fn fail(&mut self, reason: String) -> UnpackError {
        self.kind = Kind::Failed;
        UnpackError {
            packing: self.packing,
            offset: self.taken,
            reason,
        }
    }
}

fn spoken(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        "it ends too early".to_owned()
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
    let text = decoder.get_mut();
    if !text.is_empty() {
        out(text);
        text.clear();
    }
    written.map_err(|error| spoken(&error))
}

/// A zstd file: frames, one after another, some of which may be for other programs.
struct Zstd {
    decoder: FrameDecoder,
    /// What was not taken yet: less than a block.
    held: Vec<u8>,
    target: Vec<u8>,
    at: At,
}

/// What comes next in a zstd file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
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
            held: Vec::new(),
            target: vec![0; 128 << 10],
            at: At::Frame,
        }
    }
}

/// A frame's header has at most so many bytes.
const MOST_HEADER: usize = 18;

impl Zstd {
    fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) -> Result<(), String> {
        let mut held = std::mem::take(&mut self.held);
        held.extend_from_slice(bytes);
        let taken = self.take(&held, false, out);
        held.drain(..*taken.as_ref().unwrap_or(&0));
        self.held = held;
        taken.map(|_| ())
    }

    fn finish(&mut self, out: &mut impl FnMut(&[u8])) -> Result<(), String> {
        let held = std::mem::take(&mut self.held);
        let taken = self.take(&held, true, out)?;
        if taken < held.len() || self.at != At::Frame {
            return Err("it ends too early".to_owned());
        }
        Ok(())
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
                At::Skip(length) => length.min(rest.len()),
                At::Checksum => CHECKSUM_BYTES,
                At::Block => match block_length(rest) {
                    Some(length) => length,
                    None => break,
                },
                At::Frame if rest.len() < MOST_HEADER && !at_end => break,
                At::Frame => MOST_HEADER.min(rest.len()),
            };
            let Some(piece) = rest.get(..length) else {
                break;
            };
            taken += match self.at {
                At::Frame => self.begin(piece)?,
                At::Skip(left) => {
                    self.at = if left > length {
                        At::Skip(left - length)
                    } else {
                        At::Frame
                    };
                    length
                }
                At::Block | At::Checksum => {
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
            self.at = At::Skip(length);
            return Ok(0);
        }
        let mut source = bytes;
        self.decoder
            .reset(&mut source)
            .map_err(|error| error.to_string())?;
        self.at = At::Block;
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
        let was_last = self.at == At::Block && bytes.first().is_some_and(|byte| byte & 1 == 1);
        if self.decoder.is_finished() {
            self.at = At::Frame;
        } else if was_last {
            self.at = At::Checksum;
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
    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn unpacked(packed: &[u8], piece: usize) -> (Vec<u8>, Option<UnpackError>) {
        let mut text = Vec::new();
        let mut unpacker = Unpacker::new(Packing::of(packed).unwrap());
        let mut error = None;
        for bytes in packed.chunks(piece) {
            let result = unpacker.push(bytes, &mut |bytes| text.extend_from_slice(bytes));
            error = error.or(result.err());
        }
        let last = unpacker.finish(&mut |bytes| text.extend_from_slice(bytes));
        (text, error.or(last.err()))
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
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
            for packed in [pack(&text), several] {
                for piece in [1, 7, 1000, 1 << 20] {
                    let (found, error) = unpacked(&packed, piece);
                    assert_eq!(error, None);
                    assert!(found == text, "in pieces of {piece}");
                }
            }
        }
    }

    #[test]
    fn a_frame_for_other_programs_is_passed_by() {
        let mut packed = zstd(b"one\n");
        packed.extend_from_slice(b"\x5a\x2a\x4d\x18\x03\0\0\0abc");
        packed.extend(zstd(b"two\n"));
        for piece in [1, 3, 100] {
            assert_eq!(unpacked(&packed, piece), (b"one\ntwo\n".to_vec(), None));
        }
    }

    #[test]
    fn what_is_cut_off_or_damaged_keeps_what_came_before() {
        let text = text();
        for pack in [gzip, zstd] {
            let packed = pack(&text);
            for cut in [5, packed.len() / 2, packed.len() - 1] {
                let (found, error) = unpacked(&packed[..cut], 512);
                let sentence = error.unwrap().to_string();
                assert!(sentence.contains("damaged or cut off"), "{sentence}");
                assert!(text.starts_with(&found));
            }
            let mut damaged = packed;
            let middle = damaged.len() / 2;
            for byte in &mut damaged[middle..middle + 40] {
                *byte = !*byte;
            }
            // Whatever comes out of it, it comes to an end.
            let _ = unpacked(&damaged, 512);
        }
    }

    #[test]
    fn plain_files_are_not_packed() {
        for head in [&b"{\"ki"[..], b"", b"\x1f", b"\x28\xb5\x2f"] {
            assert_eq!(Packing::of(head), None);
        }
    }
}
