//! Sizes that depend on policy or version, of an event in the server's own form.

/// Sizes of an event whose text is byte for byte as the server writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Canonical {
    /// Bytes of managed fields in the request body.
    pub request_managed_bytes: u32,
    /// Bytes of managed fields in the response body.
    pub response_managed_bytes: u32,
    /// Creation timestamps in the request body.
    pub request_timestamps: CreationTimestamps,
    /// Creation timestamps in the response body.
    pub response_timestamps: CreationTimestamps,
    /// `true` if an annotation contains a webhook's patch, the latency of the request, or the note that bodies were left out.
    pub has_special_annotations: bool,
}

/// `creationTimestamp` fields in the metadata of objects and templates of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CreationTimestamps {
    /// Bytes of the fields that are null, each with a comma.
    pub null_bytes: u32,
    /// Number of `metadata` objects.
    pub metadata: u32,
    /// Number of `metadata` objects with a `creationTimestamp`, null or not.
    pub with_timestamp: u32,
}
