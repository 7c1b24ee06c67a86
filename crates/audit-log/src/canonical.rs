//! Sizes that depend on policy or version, of an event in the server's own form.

/// What holds of an event whose text is the server's own, byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Canonical {
    /// Bytes that managed fields take in the request body.
    pub request_managed_bytes: u32,
    /// Bytes that managed fields take in the response body.
    pub response_managed_bytes: u32,
    /// Times of creation in the request body.
    pub request_timestamps: CreationTimestamps,
    /// Times of creation in the response body.
    pub response_timestamps: CreationTimestamps,
    /// Some annotation quotes a webhook's patch, says how long the request took, or says that bodies were left out.
    pub has_special_annotations: bool,
}

/// Times of creation in a body, wherever it has metadata of an object or of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CreationTimestamps {
    /// Bytes of those that are null, each with a comma.
    pub null_bytes: u32,
    /// How many `metadata` objects there are.
    pub metadata: u32,
    /// How many of them have a `creationTimestamp`, null or not.
    pub with_timestamp: u32,
}
