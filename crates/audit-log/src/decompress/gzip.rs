//! gzip (RFC 1952).
//!
//! One decoder reads all members of a file: it is reset between them, because a new one costs more than a small member.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::decompress::error::DecompressErrorKind;

/// Size of the window of DEFLATE.
const WINDOW_BYTES: usize = 32 << 10;

/// Decoded bytes from which on they are emitted before the step has ended.
const ENOUGH_BYTES: usize = 64 << 10;

/// Maximum length of a file name or comment.
const MAX_FIELD_BYTES: usize = 65_535;

/// First bytes of a member: gzip, with the method DEFLATE.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// Length of the part of a header that every member has, and of the checksum and length after its data.
const START_BYTES: usize = 10;
const TRAILER_BYTES: usize = 8;

/// Flags of the optional fields of a header, and flags without a meaning.
const HAS_CHECK: u8 = 1 << 1;
const HAS_EXTRA: u8 = 1 << 2;
const HAS_NAME: u8 = 1 << 3;
const HAS_COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

/// Part of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Start,
    ExtraLength,
    /// An extra field with the number of bytes that are left.
    Extra(usize),
    /// A name or comment, which ends with a NUL byte, with the number of bytes so far.
    Text(usize),
    HeaderCheck,
    Data,
    Trailer,
}

/// A gzip file with any number of members.
pub(super) struct Gzip {
    part: Part,
    /// Bytes so far of a part of a fixed length.
    bytes: Vec<u8>,
    /// Flags of the optional fields that have not been read.
    fields: u8,
    header_check: Crc,
    decoder: Decompress,
    check: Crc,
    window: Vec<u8>,
    /// Decoded bytes that were not emitted yet.
    text: Vec<u8>,
}

type Result<T> = std::result::Result<T, DecompressErrorKind>;

impl Gzip {
    pub(super) fn new() -> Self {
        Self {
            part: Part::Start,
            bytes: Vec::new(),
            fields: 0,
            header_check: Crc::new(),
            decoder: Decompress::new(false),
            check: Crc::new(),
            window: vec![0; WINDOW_BYTES],
            text: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) -> Result<()> {
        let result = self.read(bytes, out);
        self.emit(out);
        result
    }

    /// Ends the file.
    pub(super) fn finish(&self) -> Result<()> {
        if self.part == Part::Start && self.bytes.is_empty() {
            Ok(())
        } else {
            Err(DecompressErrorKind::Truncated)
        }
    }

    fn emit(&mut self, out: &mut impl FnMut(&[u8])) {
        if !self.text.is_empty() {
            out(&self.text);
            self.text.clear();
        }
    }

    fn read(&mut self, mut bytes: &[u8], out: &mut impl FnMut(&[u8])) -> Result<()> {
        while !bytes.is_empty() {
            let length = match self.part {
                Part::Start => self.start(bytes)?,
                Part::ExtraLength => self.extra_length(bytes),
                Part::Extra(left) => self.extra(bytes, left),
                Part::Text(length) => self.field(bytes, length)?,
                Part::HeaderCheck => self.header_check(bytes)?,
                Part::Data => self.data(bytes, out)?,
                Part::Trailer => self.trailer(bytes)?,
            };
            bytes = bytes.get(length..).unwrap_or_default();
        }
        Ok(())
    }

    /// Adds bytes to a part of a fixed length, and returns their number, and the part if it is complete.
    fn fixed<const LENGTH: usize>(&mut self, bytes: &[u8]) -> (usize, Option<[u8; LENGTH]>) {
        let missing = LENGTH.saturating_sub(self.bytes.len()).min(bytes.len());
        self.bytes.extend(bytes.iter().take(missing));
        let whole = self.bytes.first_chunk().copied();
        if whole.is_some() {
            self.bytes.clear();
        }
        (missing, whole)
    }

    fn start(&mut self, bytes: &[u8]) -> Result<usize> {
        let (length, start) = self.fixed::<START_BYTES>(bytes);
        let Some(start) = start else {
            return Ok(length);
        };
        let [first, second, method, flags, ..] = start;
        if [first, second, method] != MAGIC || flags & RESERVED != 0 {
            return Err(corrupt("invalid gzip header"));
        }
        self.fields = flags & (HAS_CHECK | HAS_EXTRA | HAS_NAME | HAS_COMMENT);
        self.header_check.reset();
        self.header_check.update(&start);
        self.next_field();
        Ok(length)
    }

    /// Begins with the next optional field of the header, or the data.
    fn next_field(&mut self) {
        let fields = [
            (HAS_EXTRA, Part::ExtraLength),
            (HAS_NAME, Part::Text(0)),
            (HAS_COMMENT, Part::Text(0)),
            (HAS_CHECK, Part::HeaderCheck),
        ];
        let next = fields.into_iter().find(|(flag, _)| self.fields & flag != 0);
        let Some((flag, part)) = next else {
            self.decoder.reset(false);
            self.check.reset();
            self.part = Part::Data;
            return;
        };
        self.fields &= !flag;
        self.part = part;
    }

    fn extra_length(&mut self, bytes: &[u8]) -> usize {
        let (length, extra) = self.fixed::<2>(bytes);
        if let Some(extra) = extra {
            self.header_check.update(&extra);
            self.extra(&[], usize::from(u16::from_le_bytes(extra)));
        }
        length
    }

    fn extra(&mut self, bytes: &[u8], left: usize) -> usize {
        let bytes = bytes.get(..left).unwrap_or(bytes);
        self.header_check.update(bytes);
        self.part = Part::Extra(left - bytes.len());
        if left == bytes.len() {
            self.next_field();
        }
        bytes.len()
    }

    fn field(&mut self, bytes: &[u8], before: usize) -> Result<usize> {
        let end = memchr::memchr(0, bytes);
        let length = end.unwrap_or(bytes.len());
        if before + length > MAX_FIELD_BYTES {
            return Err(corrupt("gzip header field too long"));
        }
        let length = end.map_or(length, |end| end + 1);
        self.header_check
            .update(bytes.get(..length).unwrap_or_default());
        self.part = Part::Text(before + length);
        if end.is_some() {
            self.next_field();
        }
        Ok(length)
    }

    fn header_check(&mut self, bytes: &[u8]) -> Result<usize> {
        let (length, check) = self.fixed::<2>(bytes);
        if let Some(check) = check {
            // The lower half of the checksum.
            if u32::from(u16::from_le_bytes(check)) != self.header_check.sum() & 0xffff {
                return Err(wrong_checksum());
            }
            self.next_field();
        }
        Ok(length)
    }

    /// Decodes data and returns the number of bytes consumed.
    fn data(&mut self, bytes: &[u8], out: &mut impl FnMut(&[u8])) -> Result<usize> {
        let mut consumed = 0;
        loop {
            let (read, written) = (self.decoder.total_in(), self.decoder.total_out());
            // The output ends where the decoder's window does: otherwise the decoder may keep data that it has decoded before damage.
            let start = usize::try_from(written % WINDOW_BYTES as u64).unwrap_or_default();
            let room = self.window.get_mut(start..).unwrap_or_default();
            let size = room.len();
            let rest = bytes.get(consumed..).unwrap_or_default();
            let result = self.decoder.decompress(rest, room, FlushDecompress::Sync);
            let read = usize::try_from(self.decoder.total_in() - read).unwrap_or_default();
            let length = usize::try_from(self.decoder.total_out() - written).unwrap_or_default();
            consumed += read;
            let text = self.window.get(start..start + length).unwrap_or_default();
            self.check.update(text);
            self.text.extend_from_slice(text);
            if self.text.len() >= ENOUGH_BYTES {
                self.emit(out);
            }
            match result {
                Err(error) => return Err(corrupt(&error.to_string())),
                Ok(Status::StreamEnd) => {
                    self.part = Part::Trailer;
                    return Ok(consumed);
                }
                // The decoder may have more data than there was room for.
                Ok(_) if length == size => {}
                Ok(_) if consumed == bytes.len() => return Ok(consumed),
                Ok(_) if read == 0 && length == 0 => return Err(corrupt("invalid deflate data")),
                Ok(_) => {}
            }
        }
    }

    fn trailer(&mut self, bytes: &[u8]) -> Result<usize> {
        let (length, trailer) = self.fixed::<TRAILER_BYTES>(bytes);
        if let Some(trailer) = trailer {
            let sums = u64::from(self.check.amount()) << 32 | u64::from(self.check.sum());
            if u64::from_le_bytes(trailer) != sums {
                return Err(wrong_checksum());
            }
            self.part = Part::Start;
        }
        Ok(length)
    }
}

fn corrupt(reason: &str) -> DecompressErrorKind {
    DecompressErrorKind::Corrupt(reason.to_owned())
}

fn wrong_checksum() -> DecompressErrorKind {
    corrupt("corrupt gzip stream does not have a matching checksum")
}
