//! What a framer gives out, and what it is told.

use crate::extract::envelope::RecordContext;
use crate::json::JsonError;

/// A value's text, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Bytes before it in the file.
    pub offset: u64,
    /// The line it starts on, from 1.
    pub line: u64,
    /// The text; its first bytes only where it is longer than `length` says.
    pub bytes: &'a [u8],
    /// Its length in the file.
    pub length: u64,
    /// How it ended.
    pub state: FrameState,
    /// Of which document it is a record, where that is read piece by piece.
    pub context: Option<RecordContext>,
}

/// How a frame ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameState {
    /// It is a whole value, or a whole line.
    Whole,
    /// A line with more behind it: it may be the start of a value that goes on below.
    Line,
    /// It is not JSON, for this reason, and ends where the next record starts.
    Damaged(JsonError),
    /// The file ends inside a list of records.
    Truncated,
    /// It is longer than [`MAX_FRAME_BYTES`](crate::frame::MAX_FRAME_BYTES); these are its first bytes.
    TooLong,
}

/// What a frame's reader makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameStatus {
    /// It is done with.
    Consumed,
    /// It is the start of a value: give it again with what follows. Only of a [`FrameState::Line`].
    Incomplete,
}

/// What comes next in the bytes at hand.
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
    /// No value up to here.
    Nothing {
        to: usize,
    },
    /// A document that was not closed ends here.
    Unclosed {
        to: usize,
    },
    NeedsMore {
        from: usize,
    },
}
