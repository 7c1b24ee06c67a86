//! Splits a stream of bytes, in chunks of any size, into the texts of its values. Each byte is examined a bounded number of times.
//!
//! In a file of lines, each line is a frame. The consumer of frames reports whether a line is the start of a value that continues on the
//! next lines. In other files, values are delimited by parsing ([`ValueSplitter`]), and long documents with many records are read record by
//! record ([`EnvelopeScanner`]). After damage, both continue where the next record starts.

mod bytes;
mod documents;
mod journal_export;
mod skipped_run;
mod skipping;
mod types;

use memchr::{memchr, memrchr};

use crate::layout::LayoutDetector;
use bytes::{commas, count_lines, is_separator, row_frame, slice, starts_lines};
use documents::Documents;
use journal_export::{JournalExport, LENGTH_BYTES, SizedValue};
use skipped_run::SkippedRun;
use types::NextFrame;
pub use types::{Frame, FrameState, FrameStatus};

use crate::csv::RowSplitter;
use crate::extract::envelope::{RecordContext, ScanStep};
pub use crate::layout::Layout;
use crate::limits::{MAX_FRAME_BYTES, MAX_WHOLE_BYTES};
use crate::recovery::{Segment, SplitStep, ValueSplitter};

/// Splits the bytes of one file into frames.
#[derive(Debug)]
pub struct Framer {
    layout: Option<Layout>,
    detector: LayoutDetector,
    /// Start of a value that is not complete.
    carry: Vec<u8>,
    /// Number of bytes of `carry` that were searched for a line feed.
    searched: usize,
    /// Offset and line of the first byte of `carry`, or of the next chunk if `carry` is empty.
    offset: u64,
    line: u64,
    values: ValueSplitter,
    rows: RowSplitter,
    /// In a file of lines: a value of several lines is in progress.
    is_open: bool,
    /// In a file of lines: state of parsing a journal export.
    export: JournalExport,
    /// Bytes that are being skipped.
    run: Option<SkippedRun>,
    /// Lines may contain only commas and brackets, because the file began as an array.
    has_separators: bool,
    /// Documents that are read record by record.
    documents: Documents,
}

impl Default for Framer {
    fn default() -> Self {
        Self::new()
    }
}

impl Framer {
    /// Creates a framer for a file that is at its start.
    pub fn new() -> Self {
        Self::with_limit(MAX_WHOLE_BYTES)
    }

    /// Creates a framer that reads documents record by record from a length on.
    pub(crate) fn with_limit(max_whole: usize) -> Self {
        Self {
            layout: None,
            detector: LayoutDetector::new(),
            carry: Vec::new(),
            searched: 0,
            offset: 0,
            line: 1,
            values: ValueSplitter::default(),
            rows: RowSplitter::default(),
            is_open: false,
            export: JournalExport::default(),
            run: None,
            has_separators: false,
            documents: Documents::new(max_whole),
        }
    }

    /// Creates a framer for a part of a file whose layout is known. The file may have begun as an array.
    pub(crate) fn with_layout(layout: Layout) -> Self {
        let mut framer = Self::new();
        framer.layout = Some(layout);
        framer.has_separators = true;
        framer.export = JournalExport::without_fields();
        framer
    }

    /// Layout of the file. `None` until it is detected.
    pub const fn layout(&self) -> Option<Layout> {
        self.layout
    }

    /// Returns `true` if values are items of an array.
    pub const fn saw_array(&self) -> bool {
        self.values.saw_array
    }

    /// Returns `true` if a document was read record by record, even if none of its records could be read.
    pub const fn saw_document(&self) -> bool {
        self.documents.found_any
    }

    /// Returns `true` if such a document was an audit `EventList`.
    pub const fn saw_event_list(&self) -> bool {
        self.documents.found_event_list
    }

    /// Returns `true` if the next byte starts a line that does not continue a value.
    pub const fn is_between_lines(&self) -> bool {
        matches!(self.layout, Some(Layout::Lines))
            && self.carry.is_empty()
            && !self.is_open
            && !self.export.is_sized()
            && self.run.is_none()
    }

    /// Offset of the next byte.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Number of lines before the current one.
    pub const fn lines_before(&self) -> u64 {
        self.line - 1
    }

    /// Skips whole lines.
    pub const fn skip(&mut self, bytes: u64, lines: u64) {
        self.offset += bytes;
        self.line += lines;
    }

    /// Adds the next bytes of the file and emits every frame that they complete.
    pub fn push(&mut self, chunk: &[u8], sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus) {
        let chunk = self.skip_long_line(chunk, sink);
        if self.is_between_lines() {
            let whole = memrchr(b'\n', chunk).map_or(0, |at| at + 1);
            let taken = self.lines(chunk.get(..whole).unwrap_or_default(), false, sink);
            let rest = chunk.get(taken..).unwrap_or_default();
            self.carry.extend_from_slice(rest);
            if !self.is_open && !self.export.is_sized() && !rest.starts_with(b"\0") {
                self.searched = rest.len();
                return;
            }
        } else {
            self.carry.extend_from_slice(chunk);
        }
        self.drain(false, sink);
        if self.carry.len() > MAX_FRAME_BYTES {
            self.end_run(sink);
            self.give_up();
        }
    }

    /// Ends the file and emits the remaining frames.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus) {
        self.drain(true, sink);
        self.end_run(sink);
    }

    fn drain(&mut self, at_end: bool, sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus) {
        let carry = std::mem::take(&mut self.carry);
        let mut start = 0;
        while self.drain_step(&carry, &mut start, at_end, sink) {}
        self.values.discard(start);
        self.rows.discard(start);
        if let Some(scanner) = &mut self.documents.scanner {
            scanner.discard(start);
        }
        self.searched = self.searched.saturating_sub(start);
        self.carry = carry;
        self.carry.drain(..start);
    }

    /// Advances from `start` by one step. Returns `false` if more bytes are needed.
    fn drain_step(
        &mut self,
        carry: &[u8],
        start: &mut usize,
        at_end: bool,
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) -> bool {
        let rest = slice(carry, *start, carry.len());
        match self.layout {
            None => self.drain_head(rest, start, at_end, sink),
            Some(Layout::Rows(separator)) => {
                self.drain_row(carry, start, (separator, at_end), sink)
            }
            Some(Layout::Lines) if self.export.is_sized() => {
                self.drain_sized(carry, start, at_end, sink)
            }
            Some(Layout::Lines) if !self.is_open => {
                let nuls = self.nuls(rest, sink);
                if nuls > 0 {
                    *start += nuls;
                    return true;
                }
                let from = self.searched.max(*start);
                let newline = memrchr(b'\n', slice(carry, from, carry.len()));
                self.searched = carry.len();
                let whole = match newline {
                    _ if at_end => carry.len(),
                    Some(at) => from + at + 1,
                    None => return false,
                };
                *start += self.lines(slice(carry, *start, whole), at_end, sink);
                if self.is_open {
                    self.values.restart(*start, true);
                }
                self.is_open || self.export.is_sized()
            }
            Some(_) => self.drain_values(carry, start, at_end, sink),
        }
    }

    /// Advances before the layout is known.
    fn drain_head(
        &mut self,
        rest: &[u8],
        start: &mut usize,
        at_end: bool,
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) -> bool {
        let space = rest.len() - rest.trim_ascii_start().len();
        if space > 0 {
            self.end_run(sink);
            self.advance(slice(rest, 0, space));
            *start += space;
            return true;
        }
        let nuls = self.nuls(rest, sink);
        if nuls > 0 {
            *start += nuls;
            return true;
        }
        self.layout = self.detector.layout(rest, self.documents.max_whole, at_end);
        self.values.restart(*start, true);
        self.rows.restart(*start);
        self.layout.is_some()
    }

    /// Emits the next row of a CSV file. Returns `false` if more bytes are needed.
    fn drain_row(
        &mut self,
        carry: &[u8],
        start: &mut usize,
        (separator, at_end): (u8, bool),
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) -> bool {
        let nuls = self.nuls(slice(carry, *start, carry.len()), sink);
        if nuls > 0 {
            *start += nuls;
            self.rows.restart(*start);
            return true;
        }
        let Some(step) = self.rows.next(carry, (*start, separator), at_end) else {
            return false;
        };
        let row = slice(carry, *start, step.end());
        if let Some(frame) = row_frame(row, (self.offset, self.line), (step, separator)) {
            sink(frame);
        }
        self.advance(row);
        *start = step.end();
        true
    }

    /// Emits complete lines and returns the number of bytes consumed. Stops at a line that starts a value of several lines.
    fn lines(
        &mut self,
        bytes: &[u8],
        at_end: bool,
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) -> usize {
        let mut taken = 0;
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            let nuls = self.nuls(rest, sink);
            if nuls > 0 {
                taken += nuls;
                continue;
            }
            let newline = memchr(b'\n', rest);
            let (line, _) = rest.split_at(newline.map_or(rest.len(), |at| at + 1));
            let state = if newline.is_some() && !(at_end && line.len() == rest.len()) {
                FrameState::Line
            } else {
                FrameState::Whole
            };
            let is_field = self.export.skips(line);
            let state = if is_field { FrameState::Field } else { state };
            let is_passed = !is_field && self.has_separators && is_separator(line);
            if !is_passed && self.emit(line, (0, state), None, sink) == FrameStatus::Incomplete {
                self.is_open = true;
                return taken;
            }
            taken += line.len();
            self.offset += line.len() as u64;
            self.line += u64::from(newline.is_some());
            if self.export.is_sized() {
                break;
            }
        }
        taken
    }

    /// Reads a value whose length comes first. Returns `false` if more bytes are needed.
    fn drain_sized(
        &mut self,
        carry: &[u8],
        start: &mut usize,
        at_end: bool,
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) -> bool {
        let rest = slice(carry, *start, carry.len());
        match self.export.sized_value(rest, at_end) {
            SizedValue::Incomplete => return false,
            SizedValue::Complete { end, is_message } => {
                if is_message {
                    let before = (LENGTH_BYTES, FrameState::Whole);
                    self.emit(slice(rest, 0, end), before, None, sink);
                }
                self.advance(slice(rest, 0, end + 1));
                *start += end + 1;
            }
            SizedValue::Invalid => {}
        }
        self.export.reset();
        self.searched = *start;
        true
    }

    fn drain_values(
        &mut self,
        carry: &[u8],
        start: &mut usize,
        at_end: bool,
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) -> bool {
        let next = self.next_frame(carry, at_end);
        if !matches!(next, NextFrame::Nuls { .. } | NextFrame::NeedsMore { .. }) {
            self.end_run(sink);
        }
        match next {
            NextFrame::Frame {
                from,
                to,
                state,
                context,
            } => {
                self.emit_next(carry, start, (from, to), (state, context), sink);
                true
            }
            NextFrame::Nuls { from, to } => {
                self.advance(slice(carry, *start, from));
                self.skip_nuls(slice(carry, from, to), sink);
                *start = to;
                true
            }
            NextFrame::Nothing { to } => {
                self.advance(slice(carry, *start, to));
                *start = to;
                self.settle(carry, to, false);
                true
            }
            NextFrame::Unclosed { to } => {
                self.advance(slice(carry, *start, to));
                *start = to;
                self.unclosed(sink);
                self.settle(carry, to, false);
                true
            }
            NextFrame::NeedsMore { from } => {
                self.advance(slice(carry, *start, from));
                *start = from;
                // If something is damaged, the end of the list may be in the damage.
                if at_end
                    && self
                        .documents
                        .scanner
                        .take()
                        .is_some_and(|scanner| !scanner.is_damaged())
                {
                    self.unclosed(sink);
                }
                false
            }
        }
    }

    /// Emits the frame from `from` to `to` and advances to its end.
    fn emit_next(
        &mut self,
        carry: &[u8],
        start: &mut usize,
        (from, to): (usize, usize),
        (state, context): (FrameState, Option<RecordContext>),
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) {
        let before = from - *start;
        let is_damage = matches!(state, FrameState::Damaged(_));
        // Damage inside a value. Stray text is invalid at its first byte.
        let is_damaged = matches!(&state, FrameState::Damaged(error) if error.offset > 0);
        self.emit(slice(carry, *start, to), (before, state), context, sink);
        self.advance(slice(carry, *start, to));
        *start = to;
        if self.documents.scanner.is_some() {
            return;
        }
        if self.is_open && is_damage {
            // The comma after damage is part of it.
            let commas = commas(slice(carry, to, carry.len()));
            self.offset += commas as u64;
            *start += commas;
        }
        self.settle(carry, *start, is_damaged);
    }

    /// After a value or damage, decides whether the following lines are read as lines.
    fn settle(&mut self, carry: &[u8], at: usize, is_damaged: bool) {
        if self.is_open {
            self.is_open = false;
            self.searched = at;
            return;
        }
        if !is_damaged {
            return;
        }
        if starts_lines(slice(carry, at, carry.len()), self.values.saw_array) {
            self.layout = Some(Layout::Lines);
            self.has_separators = true;
            self.searched = at;
        }
    }

    /// Reports that the document was not closed although its records are complete.
    fn unclosed(&self, sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus) {
        sink(Frame::unclosed(self.offset, self.line));
    }

    fn advance(&mut self, bytes: &[u8]) {
        self.line += count_lines(bytes);
        self.offset += bytes.len() as u64;
    }

    /// Returns the next value, or the next record of a document that is read record by record.
    fn next_frame(&mut self, bytes: &[u8], at_end: bool) -> NextFrame {
        loop {
            if let Some(step) = self.documents.next(bytes, at_end) {
                return match step {
                    ScanStep::Record(from, to, context) => NextFrame::Frame {
                        from,
                        to,
                        state: FrameState::Whole,
                        context: Some(context),
                    },
                    ScanStep::Damage(from, to, error) => NextFrame::Frame {
                        from,
                        to,
                        state: FrameState::Damaged(error),
                        context: None,
                    },
                    ScanStep::NeedsMore(from) => NextFrame::NeedsMore { from },
                    step @ (ScanStep::Unclosed(to) | ScanStep::Done(to)) => {
                        self.values.restart(to, false);
                        match step {
                            ScanStep::Done(_) => NextFrame::Nothing { to },
                            _ => NextFrame::Unclosed { to },
                        }
                    }
                };
            }
            let value = self.values.value_start();
            let split = self.values.advance(bytes, at_end);
            let signature = &self.values.signature;
            if self.documents.begin_again(bytes, split.as_ref(), signature) {
                continue;
            }
            let start = value.or(self.values.value_start());
            if let Some(start) = start
                && split.is_none()
                && !self.documents.is_checked
                && self
                    .values
                    .error_offset(start)
                    .is_some_and(|error| error <= self.documents.max_whole)
            {
                match self.values.is_cut_line(bytes, at_end) {
                    None => return NextFrame::NeedsMore { from: start },
                    Some(is_cut) => self.documents.is_checked = is_cut,
                }
            }
            if let Some(start) = start {
                let error = self.values.error_offset(start);
                if self.documents.begin(bytes, start, split.as_ref(), error) {
                    continue;
                }
            }
            let split = split.unwrap_or_else(|| self.values.recover(bytes, at_end));
            return self.split(split);
        }
    }

    fn split(&mut self, split: SplitStep) -> NextFrame {
        let (from, to, state) = match split {
            SplitStep::NeedsMore(from) => return NextFrame::NeedsMore { from },
            SplitStep::Nuls(from, to) => return NextFrame::Nuls { from, to },
            SplitStep::Line(from, to) | SplitStep::Segment(Segment::Record(from, to)) => {
                (from, to, FrameState::Whole)
            }
            SplitStep::Segment(Segment::Damage(from, to, error)) => {
                (from, to, FrameState::Damaged(error))
            }
        };
        self.documents.is_checked = false;
        NextFrame::Frame {
            from,
            to,
            state,
            context: None,
        }
    }

    /// Emits a text without surrounding whitespace. The first `before` bytes precede it.
    fn emit(
        &self,
        bytes: &[u8],
        (before, state): (usize, FrameState),
        context: Option<RecordContext>,
        sink: &mut dyn FnMut(Frame<'_>) -> FrameStatus,
    ) -> FrameStatus {
        let text = slice(bytes, before, bytes.len());
        let start = before + text.len() - text.trim_ascii_start().len();
        let text = text.trim_ascii();
        if text.is_empty() {
            return FrameStatus::Consumed;
        }
        sink(Frame {
            offset: self.offset + start as u64,
            line: self.line + count_lines(slice(bytes, 0, start)),
            bytes: text,
            length: text.len() as u64,
            state,
            context,
        })
    }
}

#[cfg(test)]
mod tests;
