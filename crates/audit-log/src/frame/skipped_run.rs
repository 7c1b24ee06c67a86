//! Bytes that are skipped and reported as one frame.

use crate::frame::types::{Frame, FrameState};

/// Longest sample that is kept of skipped bytes.
const SAMPLE_BYTES: usize = 4096;

/// Bytes that are reported together and not kept.
#[derive(Debug)]
pub(super) struct SkippedRun {
    offset: u64,
    line: u64,
    length: u64,
    sample: Vec<u8>,
    /// NUL bytes; otherwise the rest of a line that is too long.
    pub(super) is_nul: bool,
}

impl SkippedRun {
    pub(super) const fn new(offset: u64, line: u64, is_nul: bool) -> Self {
        Self {
            offset,
            line,
            length: 0,
            sample: Vec::new(),
            is_nul,
        }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        let room = SAMPLE_BYTES.saturating_sub(self.sample.len());
        self.sample.extend(bytes.iter().take(room));
        self.length += bytes.len() as u64;
    }

    /// Offset of the byte after the last one.
    pub(super) const fn end(&self) -> u64 {
        self.offset + self.length
    }

    /// Returns the frame that reports the bytes.
    pub(super) fn frame(&self) -> Frame<'_> {
        Frame {
            offset: self.offset,
            line: self.line,
            bytes: &self.sample,
            length: self.length,
            state: if self.is_nul {
                FrameState::Whole
            } else {
                FrameState::TooLong
            },
            context: None,
        }
    }
}
