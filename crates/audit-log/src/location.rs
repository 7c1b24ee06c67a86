//! Positions in a file.

/// Position of an event or a problem in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Location {
    /// Offset in bytes from the start of the file.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
    /// Line of its first byte, from 1.
    pub line: u64,
}
