//! Error of the decoder.

/// Error of the decoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// Message of the decoder.
    pub(crate) text: String,
    /// Number of bytes of JSON that were read before it.
    pub(crate) read: usize,
}
