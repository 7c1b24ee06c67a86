//! zstd.

use std::fmt::Display;
use std::io::Read;

use ruzstd::decoding::FrameDecoder;

use crate::decompress::error::DecompressErrorKind;

/// Largest window of a frame that is accepted: that of `zstd --long`.
const MAX_WINDOW_BYTES: u64 = 128 << 20;

/// A zstd file: any number of frames, including skippable ones.
pub(super) struct Zstd {
    decoder: FrameDecoder,
    /// Compressed bytes that are not consumed yet: less than a block.
    pending: Vec<u8>,
    target: Vec<u8>,
    next: Next,
}

/// Next part of a zstd file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Frame,
    Block,
    Checksum,
    /// Bytes to skip.
    Skip(usize),
}

impl Default for Zstd {
    fn default() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW_BYTES);
        Self {
            decoder,
            pending: Vec::new(),
            target: vec![0; 128 << 10],
            next: Next::Frame,
        }
    }
}

/// Longest header of a frame.
const MAX_HEADER_BYTES: usize = 18;

impl Zstd {
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), DecompressErrorKind> {
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend_from_slice(bytes);
        let consumed = self.consume(&pending, false, out);
        if consumed.is_err() {
            self.drain_window(out);
        }
        pending.drain(..*consumed.as_ref().unwrap_or(&0));
        self.pending = pending;
        consumed.map(|_| ())
    }

    pub(super) fn finish(
        &mut self,
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), DecompressErrorKind> {
        let pending = std::mem::take(&mut self.pending);
        let consumed = self.consume(&pending, true, out);
        if !matches!(consumed, Ok(consumed) if consumed == pending.len())
            || self.next != Next::Frame
        {
            self.drain_window(out);
        }
        if consumed? < pending.len() || self.next != Next::Frame {
            return Err(DecompressErrorKind::Truncated);
        }
        Ok(())
    }

    /// Emits decoded data that the decoder keeps because later blocks may refer to it.
    fn drain_window(&mut self, out: &mut impl FnMut(&[u8])) {
        const LAST_EMPTY_BLOCK: [u8; 3] = [1, 0, 0];
        let mut rest: &[u8] = &LAST_EMPTY_BLOCK;
        while let Ok((_, written)) = self.decoder.decode_from_to(rest, &mut self.target)
            && written > 0
        {
            out(self.target.get(..written).unwrap_or_default());
            rest = &[];
        }
    }

    /// Decodes complete blocks, one at a time because a block can expand a thousandfold, and returns the number of bytes consumed.
    fn consume(
        &mut self,
        bytes: &[u8],
        at_end: bool,
        out: &mut impl FnMut(&[u8]),
    ) -> Result<usize, DecompressErrorKind> {
        let mut consumed = 0;
        while let Some(rest) = bytes.get(consumed..).filter(|rest| !rest.is_empty()) {
            let length = match self.next {
                Next::Skip(length) => length.min(rest.len()),
                Next::Checksum => CHECKSUM_BYTES,
                Next::Block => match block_length(rest) {
                    Some(length) => length,
                    None => break,
                },
                Next::Frame if rest.len() < MAX_HEADER_BYTES && !at_end => break,
                Next::Frame => MAX_HEADER_BYTES.min(rest.len()),
            };
            let Some(part) = rest.get(..length) else {
                break;
            };
            consumed += match self.next {
                Next::Frame => self.begin(part)?,
                Next::Skip(left) => {
                    self.next = if left > length {
                        Next::Skip(left - length)
                    } else {
                        Next::Frame
                    };
                    length
                }
                Next::Block | Next::Checksum => {
                    self.decode(part, out)?;
                    length
                }
            };
        }
        Ok(consumed)
    }

    /// Begins a frame and returns the length of its header.
    fn begin(&mut self, bytes: &[u8]) -> Result<usize, DecompressErrorKind> {
        if let Some(length) = skippable(bytes) {
            self.next = Next::Skip(length);
            return Ok(0);
        }
        let mut source = bytes;
        self.decoder.reset(&mut source).map_err(corrupt)?;
        self.next = Next::Block;
        Ok(bytes.len() - source.len())
    }

    /// Decodes a block, or the checksum after the last one.
    fn decode(
        &mut self,
        bytes: &[u8],
        out: &mut impl FnMut(&[u8]),
    ) -> Result<(), DecompressErrorKind> {
        let decoded = self.decoder.decode_from_to(bytes, &mut self.target);
        let (_, mut written) = decoded.map_err(corrupt)?;
        while written > 0 {
            out(self.target.get(..written).unwrap_or_default());
            written = self.decoder.read(&mut self.target).map_err(corrupt)?;
        }
        let was_last = self.next == Next::Block && bytes.first().is_some_and(|byte| byte & 1 == 1);
        if self.decoder.is_finished() {
            self.next = Next::Frame;
        } else if was_last {
            self.next = Next::Checksum;
        }
        Ok(())
    }
}

const CHECKSUM_BYTES: usize = 4;

/// Length of a block including its header. `None` if the header is incomplete.
fn block_length(bytes: &[u8]) -> Option<usize> {
    let [low, middle, high, ..] = bytes else {
        return None;
    };
    let header = u32::from_le_bytes([*low, *middle, *high, 0]);
    let is_run = header >> 1 & 3 == 1;
    let content = if is_run { 1 } else { header >> 3 };
    Some(3 + content as usize)
}

/// Length of a skippable frame including its header. `None` for other frames.
fn skippable(bytes: &[u8]) -> Option<usize> {
    let (header, _) = bytes.split_at_checked(8)?;
    let (magic, length) = header.split_at(4);
    let is_skippable = matches!(magic, [0x50..=0x5f, 0x2a, 0x4d, 0x18]);
    let length = u32::from_le_bytes(length.try_into().ok()?);
    is_skippable.then_some(length as usize + 8)
}

fn corrupt(error: impl Display) -> DecompressErrorKind {
    DecompressErrorKind::Corrupt(error.to_string())
}
