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
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// Not packed, but not UTF-8 either.
    Utf16,
}

impl Packing {
    /// By the first four bytes of a file; none where it is not packed so.
    pub fn of(head: &[u8]) -> Option<Self> {
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
    text: Text,
}

enum Kind {
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zstd(Box<Zstd>),
    /// Not packed.
    Plain,
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
            Packing::Utf16 => Kind::Plain,
        };
        Self {
            packing,
            taken: 0,
            kind,
            text: Text::default(),
        }
    }

    /// Takes the next bytes of the packed file.
    ///
    /// # Errors
    /// Where the file is damaged; nothing comes of it any more.
    pub fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) -> Result<(), UnpackError> {
        let Self { kind, text, .. } = self;
        for step in bytes.chunks(STEP) {
            let mut out = |bytes: &[u8]| text.push(bytes, out);
            let result = match kind {
                Kind::Gzip(decoder) => gunzip(decoder, step, &mut out),
                Kind::Zstd(zstd) => zstd.push(step, &mut out),
                Kind::Plain => {
                    out(step);
                    Ok(())
                }
                Kind::Failed => return Ok(()),
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
    pub fn finish(mut self, out: &mut impl FnMut(&[u8])) -> Result<(), UnpackError> {
        let Self { kind, text, .. } = &mut self;
        let mut unpacked = |bytes: &[u8]| text.push(bytes, out);
        let result = match kind {
            Kind::Gzip(decoder) => {
                let result = decoder.try_finish();
                unpacked(decoder.get_ref());
                result.map_err(|error| spoken(&error))
            }
            Kind::Zstd(zstd) => zstd.finish(&mut unpacked),
            Kind::Plain | Kind::Failed => Ok(()),
        };
        let is_failed = matches!(kind, Kind::Failed);
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

    fn fail(&mut self, reason: String) -> UnpackError {
        self.kind = Kind::Failed;
        UnpackError {
            packing: self.packing,
            offset: self.taken,
            reason,
        }
    }
}

const TOO_EARLY: &str = "it ends too early";

/// What comes out, as UTF-8.
#[derive(Debug, Default)]
struct Text {
    /// The first bytes, until they tell.
    head: Vec<u8>,
    is_told: bool,
    utf16: Option<utf16::Decoder>,
}

/// So many bytes tell.
const HEAD_BYTES: usize = 4;

impl Text {
    fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) {
        if self.is_told {
            return self.give(bytes, out);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() >= HEAD_BYTES {
            self.tell(out);
        }
    }

    fn tell(&mut self, out: &mut impl FnMut(&[u8])) {
        self.is_told = true;
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
        if !self.is_told {
            self.tell(out);
        }
        self.utf16
            .as_mut()
            .is_none_or(|decoder| decoder.finish(out))
    }
}

fn spoken(error: &io::Error) -> String {
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
        if taken.is_err() {
            self.give_up(out);
        }
        held.drain(..*taken.as_ref().unwrap_or(&0));
        self.held = held;
        taken.map(|_| ())
    }

    fn finish(&mut self, out: &mut impl FnMut(&[u8])) -> Result<(), String> {
        let held = std::mem::take(&mut self.held);
        let taken = self.take(&held, true, out);
        if !matches!(taken, Ok(taken) if taken == held.len()) || self.at != At::Frame {
            self.give_up(out);
        }
        if taken? < held.len() || self.at != At::Frame {
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

    /// What a gzip file holds before it is damaged, given out byte by byte.
    fn gunzipped(packed: &[u8]) -> Vec<u8> {
        let mut inflater = flate2::Decompress::new(false);
        let mut text = Vec::with_capacity(1 << 20);
        for byte in &packed[10..] {
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
        let packed = gzip(&text);
        let middle = packed.len() / 2;
        let mut damaged = packed.clone();
        damaged[middle..middle + 400].fill(0xff);
        for (broken, least) in [(&packed[..middle], 30_000), (&damaged, 30_000)] {
            let (found, error) = unpacked(broken, 1 << 20);
            assert!(error.is_some());
            let expected = gunzipped(broken);
            assert!(expected.len() > least, "{}", expected.len());
            assert!(found == expected, "{} of {}", found.len(), expected.len());
        }
        // A block of zstd comes out whole or not at all; the first is of 128 KiB here, and the window is longer.
        let packed = zstd(&text);
        let (found, error) = unpacked(&packed[..packed.len() * 2 / 3], 1 << 20);
        assert!(error.is_some());
        assert!(text.starts_with(&found));
        assert!(found.len() >= 128 << 10, "{}", found.len());
    }

    #[test]
    fn utf_16_is_read_packed_or_not() {
        let text = "{\"auditID\":\"é\"}\r\n".repeat(9000);
        let units: Vec<u16> = format!("\u{feff}{text}").encode_utf16().collect();
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        for packed in [bytes.clone(), gzip(&bytes), zstd(&bytes)] {
            for piece in [1, 1 << 20] {
                let (found, error) = unpacked(&packed, piece);
                assert_eq!(error, None);
                assert!(found == text.as_bytes());
            }
        }
        assert_eq!(Packing::of(&bytes), Some(Packing::Utf16));
        let error = unpacked(&bytes[..bytes.len() - 1], 7).1.unwrap();
        assert!(error.to_string().contains("UTF-16"), "{error}");
    }

    #[test]
    fn plain_files_are_not_packed() {
        for head in [&b"{\"ki"[..], b"", b"\x1f", b"\x28\xb5\x2f"] {
            assert_eq!(Packing::of(head), None);
        }
    }
}
