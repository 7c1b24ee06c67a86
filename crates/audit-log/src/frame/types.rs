//! Input and output types of the framer.

use crate::extract::envelope::RecordContext;
use crate::json::JsonError;

/// Text of a value and its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Offset in the file.
    pub offset: u64,
    /// Line of its first byte, from 1.
    pub line: u64,
    /// The text, or its first bytes if `length` is larger.
    pub bytes: &'a [u8],
    /// Length in the file.
    pub length: u64,
    /// State of the value.
    pub state: FrameState,
    /// Document that the record belongs to, if that is read record by record.
    pub context: Option<RecordContext>,
}

impl Frame<'_> {
    /// Creates the frame that reports a document that was not closed.
    pub(super) const fn unclosed(offset: u64, line: u64) -> Self {
        Self {
            offset,
            line,
            bytes: &[],
            length: 0,
            state: FrameState::Truncated,
            context: Some(RecordContext::UNKNOWN),
        }
    }
}

/// State of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameState {
    /// A complete value, or the last line.
    Whole,
    /// A line that is followed by others. It may be the start of a value that continues on them.
    Line,
    /// A row of a CSV file with this separator.
    Row(u8),
    /// A damaged row of a CSV file.
    BrokenRow,
    /// Not JSON; ends where the next record starts.
    Damaged(JsonError),
    /// The file ends inside a list of records.
    Truncated,
    /// Longer than the limit.
    TooLong,
    /// A field of a journal export, which contains no event.
    Field,
}

/// Response of the consumer of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameStatus {
    /// The frame was consumed.
    Consumed,
    /// The frame, a [`FrameState::Line`], starts a value that continues: pass it again together with the next lines.
    Incomplete,
}

/// Next frame in the buffered bytes.
pub(super) enum NextFrame {
    Frame {
        from: usize,
        to: usize,
        state: FrameState,
        context: Option<RecordContext>,
    },
    Nuls {
        from: usize,
        to: usize,
    },
    /// No value before `to`.
    Nothing {
        to: usize,
    },
    /// A document that was not closed ends at `to`.
    Unclosed {
        to: usize,
    },
    NeedsMore {
        from: usize,
    },
}
