//! Size limits.

/// Maximum length of a value. A longer one is reported and skipped.
pub const MAX_FRAME_BYTES: usize = 256 << 20;

/// Length from which a document with many records is read record by record.
pub const MAX_WHOLE_BYTES: usize = 8 << 20;
