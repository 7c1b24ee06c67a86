//! Positions in a file.

/// Where an event or a problem stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Location {
    /// Bytes before it.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// The line it starts on, from 1.
    pub line: u64,
}
