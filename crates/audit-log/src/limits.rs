//! Size limits.

/// The longest value that is kept; a longer one is reported and skipped.
pub const MAX_FRAME_BYTES: usize = 256 << 20;

/// A value longer than this is read as a document of many, where it is one, without waiting for its end.
pub const MAX_WHOLE_BYTES: usize = 8 << 20;
