//! Skipping of NUL bytes, and of lines and values that are too long.

use memchr::memchr;

use crate::frame::Framer;
use crate::frame::bytes::slice;
use crate::frame::skipped_run::SkippedRun;
use crate::frame::types::{Frame, FrameStatus};
use crate::layout::Layout;

impl Framer {
    /// Skips leading NUL bytes and returns their number. Any other byte ends their run.
    pub(super) fn nuls(
        &mut self,
        bytes: &[u8],
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) -> usize {
        let nuls = bytes.iter().take_while(|byte| **byte == 0).count();
        if nuls > 0 {
            self.skip_nuls(slice(bytes, 0, nuls), sink);
        } else if !bytes.is_empty() {
            self.end_run(sink);
        }
        nuls
    }

    /// Skips NUL bytes. They are reported together with those directly before them.
    pub(super) fn skip_nuls(
        &mut self,
        bytes: &[u8],
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) {
        if self
            .run
            .as_ref()
            .is_some_and(|run| run.end() != self.offset)
        {
            self.end_run(sink);
        }
        self.skip_bytes(bytes, true);
    }

    /// Skips bytes that are reported together.
    fn skip_bytes(&mut self, bytes: &[u8], is_nul: bool) {
        let (offset, line) = (self.offset, self.line);
        let run = self
            .run
            .get_or_insert_with(|| SkippedRun::new(offset, line, is_nul));
        run.add(bytes);
        self.advance(bytes);
    }

    pub(super) fn end_run(&mut self, sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus) {
        if let Some(run) = self.run.take() {
            sink(run.frame());
        }
    }

    /// Skips the rest of a line that is too long and returns the bytes after it.
    pub(super) fn skip_long_line<'c>(
        &mut self,
        chunk: &'c [u8],
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) -> &'c [u8] {
        if self.run.as_ref().is_none_or(|run| run.is_nul) {
            return chunk;
        }
        let newline = memchr(b'\n', chunk);
        let (line, rest) = chunk.split_at(newline.map_or(chunk.len(), |at| at + 1));
        self.skip_bytes(line, false);
        if newline.is_some() {
            self.end_run(sink);
        }
        rest
    }

    /// Gives up on a value that is too long: skips it up to the end of the line.
    pub(super) fn give_up(&mut self) {
        let carry = std::mem::take(&mut self.carry);
        self.skip_bytes(&carry, false);
        self.documents.scanner = None;
        self.is_open = false;
        self.export.reset();
        self.searched = 0;
        self.layout = self.layout.or(Some(Layout::Lines));
        self.values.restart(0, true);
        self.rows.restart(0);
    }
}
